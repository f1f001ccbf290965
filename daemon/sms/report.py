"""What a gateway reports of one SMS after it accepted it: delivered or not, when, and why not.

A report is a claim from outside. Whether it is believed, and what follows, is decided elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from urllib.parse import parse_qsl

from daemon.sms.wire.answer import Json, code_of, identifier, objects, parsed, text_of
from daemon.workflow.vocabulary import DeliveryState

RIYADH = timezone(timedelta(hours=3))
"""Gateways write local time without an offset; the country has no summer time."""
MOST_OCTETS = 64 * 1024
MOST_FIELDS = 100
_YEARS = range(2000, 2100)
_SLASHED = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})([ T].*)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Report:
    """`peer_id` is the gateway's identifier of the message, as its acceptance named it. `segment` counts from
    1 where the gateway speaks of one part; `at` is its own time; `code` its code of an error."""

    peer_id: str
    state: DeliveryState
    segment: int | None = None
    at: datetime | None = None
    code: str = ""


STATES: Mapping[str, DeliveryState] = {
    **dict.fromkeys(("delivered", "delivrd", "deliveredtohandset"), "delivered"),
    **dict.fromkeys(
        (
            *("undelivered", "undeliverable", "undeliv", "notdelivered", "failed", "failure", "rejected"),
            *("rejectd", "blocked", "blacklisted", "deleted", "error"),
        ),
        "undelivered",
    ),
    **dict.fromkeys(("expired", "validityexpired"), "expired"),
    **dict.fromkeys(
        (
            *("accepted", "acceptd", "queued", "pending", "submitted", "sent", "enroute", "buffered"),
            *("scheduled", "processing", "inprogress"),
        ),
        "accepted",
    ),
}
"""Words of states, without spaces, hyphens and case (3GPP TS 23.040, 9.2.3.15, and SMPP 3.4, 5.2.28, as the
gateways write them). Any other word, "delivery not confirmed" among them, is unknown."""


@dataclass(frozen=True, slots=True)
class Fields:
    """Under which names a gateway's reports say what: the first that is there counts. Names are compared
    without case, hyphens and underlines. `states` come before the words that all use."""

    peer_ids: tuple[str, ...]
    states_at: tuple[str, ...] = ("status",)
    times: tuple[str, ...] = ()
    codes: tuple[str, ...] = ("errorCode",)
    segments: tuple[str, ...] = ()
    states: Mapping[str, DeliveryState] = field(default_factory=dict)


def payload_of(content: bytes, content_type: str) -> Json:
    """What a gateway posted, JSON or a form; None where it is neither, or longer than MOST_OCTETS."""
    if len(content) > MOST_OCTETS:
        return None
    text = content.decode("utf-8", "replace")
    if "form" in content_type.lower():
        try:
            return dict(parse_qsl(text, max_num_fields=MOST_FIELDS))
        except ValueError:
            return None
    return parsed(text)


def reports_in(payload: Json, fields: Fields) -> tuple[Report, ...]:
    """Every report in `payload`, alone or in a list under any name, in its order. What names no message or
    no state is no report."""
    return tuple(_reports(payload, fields))


def _reports(payload: Json, fields: Fields) -> Iterator[Report]:
    for one in objects(payload):
        known = {_plain(name): value for name, value in one.items()}
        peer_id = identifier(_first(known, fields.peer_ids))
        state = text_of(_first(known, fields.states_at))
        if peer_id and state:
            yield Report(
                peer_id,
                state_of(state, fields.states),
                segment=_segment(_first(known, fields.segments)),
                at=time_of(_first(known, fields.times)),
                code=_code(_first(known, fields.codes)),
            )


def state_of(text: str, known: Mapping[str, DeliveryState]) -> DeliveryState:
    word = _plain(text)
    own = {_plain(name): state for name, state in known.items()}
    return own.get(word) or STATES.get(word, "unknown")


def time_of(value: Json) -> datetime | None:
    """An instant in any usual writing: ISO 8601, "2022-09-06 14:06:25.979", seconds or milliseconds since
    1970. None for anything else, or a year that cannot be."""
    text = text_of(value)
    try:
        found = _since_1970(text) or datetime.fromisoformat(_day_last(text))
    except (ValueError, OverflowError, OSError):
        return None
    return (found if found.tzinfo else found.replace(tzinfo=RIYADH)) if found.year in _YEARS else None


def _since_1970(text: str) -> datetime | None:
    if not re.fullmatch(r"\d{10}(\d{3})?(\.\d+)?", text, re.ASCII):
        return None
    seconds = float(text)
    return datetime.fromtimestamp(seconds / 1000 if seconds > 1e11 else seconds, UTC)


def _day_last(text: str) -> str:
    """23-08-2021 and 23/08/2021, as Taqnyat writes days, with the year first."""
    found = _SLASHED.fullmatch(text)
    if found is None:
        return text
    return f"{found[3]}-{int(found[2]):02}-{int(found[1]):02}{found[4] or ''}"


def _segment(value: Json) -> int | None:
    text = text_of(value)
    return int(text) if re.fullmatch(r"[1-9]\d{0,2}", text, re.ASCII) else None


def _code(value: Json) -> str:
    code = code_of(value)
    return "" if code in ("0", "00", "000") else code


def _first(known: Mapping[str, Json], names: tuple[str, ...]) -> Json:
    return next((value for name in names if (value := known.get(_plain(name))) not in (None, "")), None)


@lru_cache(1024)  # the names and words of a gateway are few, and the same in each report
def _plain(name: str) -> str:
    return re.sub(r"[\s_-]+", "", name).lower()
