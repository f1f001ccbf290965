"""`report --shadow`: what would have been sent, message by message, while the desk ran beside the team."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime

from daemon.store.shadow import Unsent
from daemon.workflow.period import Period

HEAD = ("at", "ticket", "channel", "notification")


def as_text(found: Sequence[Unsent], period: Period, stamp: Callable[[datetime], str | None]) -> bytes:
    lines = [f"{stamp(period.start)} to {stamp(period.end)}: what would have been sent (shadow mode)", ""]
    if not found:
        return "\n".join([*lines, "nothing", ""]).encode()
    counted = Counter((one.notification, one.channel) for one in found)
    lines += [f"{count:>6}  {name} ({channel})" for (name, channel), count in counted.most_common()]
    lines.append("")
    lines += [
        f"{stamp(one.at)}  {one.ticket or '-':<18}  {one.notification} ({one.channel})" for one in found
    ]
    return "\n".join([*lines, ""]).encode()


def as_csv(found: Sequence[Unsent], stamp: Callable[[datetime], str | None]) -> bytes:
    """For Excel too: UTF-8 with a mark, RFC 4180."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(HEAD)
    writer.writerows((stamp(one.at), one.ticket or "", one.channel, one.notification) for one in found)
    return written.getvalue().encode("utf-8-sig")


def as_json(found: Sequence[Unsent], period: Period, stamp: Callable[[datetime], str | None]) -> bytes:
    rows = [
        {"at": stamp(one.at), "ticket": one.ticket, "channel": one.channel, "notification": one.notification}
        for one in found
    ]
    document = {"from": stamp(period.start), "to": stamp(period.end), "unsent": rows}
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()
