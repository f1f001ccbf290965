"""What arrived, compared with what the database says, after each life of the daemon and at the end.

The stated window of a repeat (DESIGN §3): between the acceptance by the other side and our commit, or where
the acceptance was never heard. So in one life a message is taken and heard once at most; and what a life
ended with as `sent` is never taken again. An SMS is asked for before it is repeated: it is never taken twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from email import policy
from email.parser import BytesHeaderParser

from daemon.dispatch.envelope import from_json
from daemon.store.outbox import Kept
from tests.servers.sms_gateway import Sms
from tests.servers.smtp_sink import Taken

ENDS = {"sent", "suppressed"}
_HEADERS = BytesHeaderParser(policy=policy.default)  # a soak has tens of thousands to look at


def name_of(taken: Taken) -> str:
    return str(_HEADERS.parsebytes(taken.content)["Message-ID"])


@dataclass
class Ledger:
    """`faults` are what must not be. `repeats` counts what came again within the window."""

    faults: list[str] = field(default_factory=list)
    repeats: int = 0
    _seen: int = 0
    _ended: set[str] = field(default_factory=set)

    def after_a_life(self, taken: list[Taken], rows: Iterable[Kept], life: int) -> None:
        """Compare what was taken since the life before."""
        new, self._seen = taken[self._seen :], len(taken)
        heard = Counter(name_of(one) for one in new if one.is_heard)
        for name, times in heard.items():
            if times > 1:
                self.faults.append(f"life {life}: {name} was accepted {times} times, and heard")
        for name in {name_of(one) for one in new} & self._ended:
            self.faults.append(f"life {life}: {name} was sent already, and came again")
        self._ended |= {row.reference for row in rows if row.channel == "email" and row.state == "sent"}

    def at_the_end(self, taken: list[Taken], sms: list[Sms], rows: list[Kept]) -> None:
        """Everything arrived, and the same octets each time."""
        contents: dict[str, set[bytes]] = {}
        times = Counter[str]()
        for one in taken:
            name = name_of(one)
            times[name] += 1
            contents.setdefault(name, set()).add(one.content)
        self.repeats = sum(times.values()) - len(times)
        texts: dict[str, set[tuple[str, str]]] = {}
        for one in sms:
            texts.setdefault(one.reference, set()).add((one.to, one.text))
        count = Counter(one.reference for one in sms)
        for row in rows:
            if row.state not in ENDS:
                self.faults.append(f"message {row.id} ({row.notification}) has no end: {row.state}")
            elif row.state == "sent" and row.channel == "email":
                if not _is_as_kept(row, contents.get(row.reference, set())):
                    self.faults.append(f"message {row.id} arrived {times[row.reference]} times, not as kept")
            elif row.state == "sent":
                told = {(row.recipient.lstrip("+"), (row.frozen or b"").decode())}
                if texts.get(row.reference) != told or count[row.reference] != 1:
                    self.faults.append(f"SMS {row.id} arrived {count[row.reference]} times, or not as kept")
        known = {row.reference for row in rows}
        strange = (set(times) | set(count)) - known
        self.faults += [f"{name} arrived, and no row knows it" for name in sorted(strange)]


def _is_as_kept(row: Kept, arrived: set[bytes]) -> bool:
    """The same octets each time, and those that were frozen. Files are frozen by their hash, and put in when
    the mail is sent (the monthly report has one): then it begins with all that was frozen but its end."""
    frozen = row.frozen or b""
    if not from_json(row.thread).files:
        return arrived == {frozen}
    begins = frozen.rstrip().rpartition(b"\r\n--")[0]
    return len(arrived) == 1 and bool(begins) and next(iter(arrived)).startswith(begins)
