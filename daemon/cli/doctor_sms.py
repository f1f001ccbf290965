"""What `doctor` asks of the SMS gateways: a line each, with balance and sender where they can be asked."""

from __future__ import annotations

from daemon.cli.doctor_mail import NeedsAPerson, Unwell
from daemon.clock import SystemClock
from daemon.config import Config
from daemon.courier import NotProved

NAMELESS = ("console",)
"""Gateways that take an SMS without a registered sender name."""


async def gateway_line(config: Config, name: str) -> str:
    """Prove the gateway `name` without sending. Raises Unwell or DeliveryFailure where it stops every SMS."""
    from daemon.sms_gateways import gateway_of

    gateway = gateway_of(config.sms, name, SystemClock())
    if gateway is None:
        return NeedsAPerson(
            'no gateway ([sms] gateway = "none"): nobody gets the SMS that the guide promises'
        )
    try:
        if name not in NAMELESS and not config.sms.sender:
            raise Unwell("[sms] sender is empty: an unregistered sender name is stopped by the operators")
        line = await gateway.check()
        return NeedsAPerson(line) if isinstance(line, NotProved) else line
    finally:
        await gateway.close()
