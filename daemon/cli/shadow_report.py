"""`report --shadow`: what would have been sent, message by message, while the desk ran beside the team.

With `--sent` it stands beside what the team really sent, conversation by conversation.
"""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from daemon.store.shadow import Unsent
from daemon.workflow.beside import VERDICTS, Beside, Comparison, Verdict
from daemon.workflow.period import Period

HEAD = ("at", "ticket", "channel", "notification")


BESIDE = ("conversation", "came_at", "answered_by", "team_at", "desk_at", "desk")
SAID: Mapping[Verdict, str] = {
    "both": "answered by the team, and the desk would have",
    "team": "answered by the team alone",
    "desk": "not answered by the team; the desk would have",
    "neither": "answered by neither",
}
Stamp = Callable[[datetime], str | None]


def as_text(found: Sequence[Unsent], period: Period, stamp: Stamp, beside: Comparison | None = None) -> bytes:
    lines = [f"{stamp(period.start)} to {stamp(period.end)}: what would have been sent (shadow mode)", ""]
    if beside is not None:
        lines += [*_beside(beside, stamp), ""]
    if not found:
        return "\n".join([*lines, "nothing", ""]).encode()
    counted = Counter((one.notification, one.channel) for one in found)
    lines += [f"{count:>6}  {name} ({channel})" for (name, channel), count in counted.most_common()]
    lines.append("")
    lines += [
        f"{stamp(one.at)}  {one.ticket or '-':<18}  {one.notification} ({one.channel})" for one in found
    ]
    return "\n".join([*lines, ""]).encode()


def _beside(beside: Comparison, stamp: Stamp) -> Iterator[str]:
    yield "Beside what the team really sent, by conversation:"
    yield ""
    yield from (f"{beside.count(verdict):>6}  {SAID[verdict]}" for verdict in VERDICTS)
    yield f"{beside.unrelated:>6}  mails of the team that answer none of these"
    yield ""
    for one in beside.conversations:
        came = f"came {stamp(one.came_at)}" if one.came_at else "came before"
        team = f"team {stamp(one.team[0])}{_more(one.team)}" if one.team else "team -"
        desk = f"desk {stamp(one.desk[0].at)} {_names(one)}" if one.desk else "desk -"
        yield f"{one.thread:<18}  {came}  {team}  {desk}"


def _more(instants: Sequence[datetime]) -> str:
    return f" and {len(instants) - 1} more" if len(instants) > 1 else ""


def _names(one: Beside) -> str:
    return ", ".join(dict.fromkeys(said.notification for said in one.desk))


def as_csv(found: Sequence[Unsent], stamp: Stamp, beside: Comparison | None = None) -> bytes:
    """For Excel too: UTF-8 with a mark, RFC 4180. With a comparison its conversations, a row each."""
    written = io.StringIO()
    writer = csv.writer(written)
    if beside is not None:
        writer.writerow(BESIDE)
        writer.writerows(
            (
                one.thread,
                stamp(one.came_at) if one.came_at else "",
                one.verdict,
                stamp(one.team[0]) if one.team else "",
                stamp(one.desk[0].at) if one.desk else "",
                _names(one),
            )
            for one in beside.conversations
        )
        return written.getvalue().encode("utf-8-sig")
    writer.writerow(HEAD)
    writer.writerows((stamp(one.at), one.ticket or "", one.channel, one.notification) for one in found)
    return written.getvalue().encode("utf-8-sig")


def as_json(found: Sequence[Unsent], period: Period, stamp: Stamp, beside: Comparison | None = None) -> bytes:
    rows = [
        {"at": stamp(one.at), "ticket": one.ticket, "channel": one.channel, "notification": one.notification}
        for one in found
    ]
    document: dict[str, object] = {"from": stamp(period.start), "to": stamp(period.end), "unsent": rows}
    if beside is not None:
        document["beside"] = {
            "counts": {verdict: beside.count(verdict) for verdict in VERDICTS},
            "unrelated": beside.unrelated,
            "conversations": [
                {
                    "conversation": one.thread,
                    "came_at": stamp(one.came_at) if one.came_at else None,
                    "answered_by": one.verdict,
                    "team": [stamp(at) for at in one.team],
                    "desk": [{"at": stamp(said.at), "notification": said.notification} for said in one.desk],
                }
                for one in beside.conversations
            ],
        }
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()
