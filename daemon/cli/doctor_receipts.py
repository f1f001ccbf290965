"""What `doctor` says of delivery reports: whether they can come in, and when the last one did."""

from __future__ import annotations

from datetime import datetime

from daemon.cli.doctor_mail import NeedsAPerson
from daemon.config import Config
from daemon.opening import open_database
from daemon.sms.receipts import TELLING
from daemon.store import receipts as rows


async def receipts(config: Config) -> str:
    """Of the gateway that is used and its fallback. Raises StoreError."""
    used = [name for name in (config.sms.gateway, config.sms.fallback) if name in TELLING]
    if not used:
        return "no gateway that reports by webhook is used"
    if not config.web.enabled:
        return NeedsAPerson(f"{_asked(config)}: [web] is not enabled, so no report can come in")
    silent = [name for name in used if name not in config.sms.told_by]
    if silent:
        keys = " and ".join(f"[sms.{name}] receipt_secret" for name in silent)
        return NeedsAPerson(f"{_asked(config)}: {keys} is not set, so no report can come in")
    database = open_database(config)
    try:
        last = {name: database.read_now(rows.last_heard, name) for name in used}
    finally:
        database.close()
    told = "; ".join(f"{name}: {_told(config, at)}" for name, at in last.items())
    return told if all(last.values()) else NeedsAPerson(told)


def _asked(config: Config) -> str:
    hours = ", ".join(map(str, config.sms.ask_after_hours))
    return f"gateways are asked after {hours} h" if hours else "nobody is asked what became of an SMS"


def _told(config: Config, at: datetime | None) -> str:
    if at is None:
        address = f"{config.service.public_url}/hooks/sms/…/…"
        return f"no report has ever come in; is {address} set up there?"
    return f"the last report came at {at.astimezone(config.service.timezone):%Y-%m-%d %H:%M}"
