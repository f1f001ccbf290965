"""What `doctor` asks of the mail server: its word on senders, and whether a mail of its own comes back."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from daemon.config import Config
from daemon.courier import FrozenMessage
from daemon.mail.letter.fingerprint import split
from daemon.mail.letter.parse import parse
from daemon.mail.trust.results import border_of, own_fields
from daemon.opening import open_database
from daemon.store import inbox

if TYPE_CHECKING:
    from daemon.adapters import Adapters

LAST_MAILS = 50
FEW = 10
"""So many mails without a verdict may be chance; more are a border that says nothing."""
COMES_BACK_WITHIN_S = 60.0
LOOKS_EVERY_S = 1.0
HEAD_BYTES = 65_536


class Unwell(Exception):
    """A part does not work; the text says why and what to do."""


class NeedsAPerson(str):
    """What a part says of itself that is no failure, and that somebody should decide on or mend."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the last mails show: how many there are, carry a verdict of ours, and carry one only below the
    border's line; and by which servers the border took them."""

    mails: int
    judged: int
    below: int
    borders: Counter[str]


def look(heads: Sequence[bytes], authserv_id: str, border: tuple[str, ...]) -> Seen:
    """Look at the headers of mails."""
    judged = below = 0
    borders: Counter[str] = Counter()
    for head in heads:
        mail = parse(split(head)[0] + b"\r\n\r\n")
        found = own_fields(mail, authserv_id.strip().lower(), border)
        is_judged = any(field.speaks_of_dmarc for field in found.fields)
        judged += is_judged
        below += bool(found.below and not is_judged)
        line = border_of(mail, authserv_id.strip().lower(), border)
        if line is not None and line.by:
            borders[line.by] += 1
    return Seen(len(heads), judged, below, borders)


LOST = (
    "citizens get no link and no survey by SMS, none of their own words in an acknowledgement, and their "
    "mails go on with no complaint that they made by telephone"
)
"""What citizens lose where none of them can be proved."""
NOBODY = (
    "nobody's From is ever proved ([mailbox] authserv_id and internal_header are not set): whoever holds a "
    f"forwarded notice and writes in the name of staff can answer and close; {LOST}; see docs/BORDER.md"
)
ONLY_INSIDE = (
    "only the internal header proves a sender ([mailbox] authserv_id is not set), so no citizen is ever "
    f"proved: {LOST}; see docs/BORDER.md"
)


async def border(config: Config) -> str:
    """The line on the border. Raises Unwell where it says nothing of anybody."""
    box = config.mailbox
    if box.authserv_id is None:
        if box.internal_header is None:
            return NeedsAPerson(NOBODY)
        return NeedsAPerson(ONLY_INSIDE)
    database = open_database(config)
    try:
        heads = await asyncio.to_thread(database.read_now, _last_heads)
    finally:
        database.close()
    return told(look(heads, box.authserv_id, box.borders), box.authserv_id, box.borders)


def _last_heads(connection: Connection) -> list[bytes]:
    return inbox.last_heads(connection, LAST_MAILS)


def told(seen: Seen, authserv_id: str, named: tuple[str, ...]) -> str:
    """In one line. Raises Unwell."""
    who = authserv_id or "Microsoft 365 (which writes no id)"
    if not seen.mails:
        return f"no mail yet, to see what {who} says of senders"
    count = f"{seen.judged} of the last {seen.mails} mails carry a verdict of {who}"
    if named:
        where = f"the border is {', '.join(named)} ([mailbox] border)"
    elif seen.borders:
        where = f"the border is {', '.join(host for host, _ in seen.borders.most_common(3))} (learnt)"
    else:
        where = "the border was not found in them"
    if seen.below:
        where += f"; {seen.below} carry one only below that server's Received, where anybody may write one"
    if seen.judged == 0 and seen.mails >= FEW:
        told = "no sender is proved, and no answer of staff is accepted; see docs/BORDER.md"
        raise Unwell(f"{count}; {where}: {told}")
    said = f"{count}; {where}"
    return NeedsAPerson(said) if seen.below else said


async def comes_back(config: Config, adapters: Adapters) -> str:
    """Send a mail to a sub-address of the mailbox and see it come. Raises Unwell where it does not."""
    box = config.mailbox
    if not box.subaddressing:
        return "no sub-addresses ([mailbox] subaddressing = false): answers are found by Message-ID"
    local, _, domain = box.address.rpartition("@")
    message_id = f"<doctor.{secrets.token_hex(12)}@{domain}>"
    to = f"{local}+test@{domain}"
    content = _own_mail(box.address, to, message_id)
    await adapters.email.deliver(FrozenMessage(box.address, to, content, message_id))
    began = time.monotonic()
    while time.monotonic() - began < COMES_BACK_WITHIN_S:
        is_in = await asyncio.to_thread(_was_taken_in, config, message_id)
        if is_in or await _lies_there(adapters, message_id):
            return f"a mail of its own to {to} came back within {time.monotonic() - began:.0f} s"
        await asyncio.sleep(LOOKS_EVERY_S)
    raise Unwell(
        f"a mail of its own to {to} did not come within {COMES_BACK_WITHIN_S:.0f} s: answers of staff "
        "to such addresses would be lost; let the server deliver them, or set [mailbox] subaddressing = false"
    )


def _own_mail(address: str, to: str, message_id: str) -> bytes:
    made = EmailMessage(policy=policy.SMTP.clone(max_line_length=998, cte_type="7bit"))
    made["From"], made["To"], made["Message-ID"] = address, to, message_id
    made["Subject"], made["Auto-Submitted"] = "doctor: sub-addresses", "auto-generated"
    made.set_content("Sent by the command doctor to see whether this address arrives. No answer is needed.\n")
    return made.as_bytes()


def _was_taken_in(config: Config, message_id: str) -> bool:
    """Whether a running daemon has it already."""
    database = open_database(config)
    try:
        return database.read_now(lambda connection: inbox.holds_message(connection, message_id))
    finally:
        database.close()


async def _lies_there(adapters: Adapters, message_id: str) -> bool:
    """Whether it is among the last mails of the folder. It stays there; the daemon files it away."""
    await adapters.mailbox.connect()
    try:
        for uid in (await adapters.mailbox.list_uids())[-20:]:
            found = await adapters.mailbox.fetch_header(uid, HEAD_BYTES)
            if found is not None and message_id.encode() in found.raw:
                return True
        return False
    finally:
        await adapters.mailbox.close()
