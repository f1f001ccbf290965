"""Finds what may reach the citizen of a staff answer: the new text, without signature and staff addresses.

In doubt nothing does (DESIGN §2; LESSONS 12). `workflow` decides where an answer goes, `quoting` finds
what was written now. Commands are read before, by `commands`; then each text that is bound for the citizen
passes here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from daemon.mail.languages.folding import fold, strip_bidi
from daemon.mail.letter.message import IncomingMail
from daemon.mail.meaning.hidden_addresses import AddressScrubber
from daemon.mail.meaning.staff_signature import without_signature
from daemon.mail.quoting.new_text import NewText

__all__ = ["Relay", "relayable", "without_signature"]


@dataclass(frozen=True, slots=True)
class Relay:
    """`text` may be sent to the citizen as it stands; it is "" where `is_certain` is false, and then
    nothing may be sent: the writer is told why."""

    text: str
    is_certain: bool


def relayable(
    new_text: NewText,
    mail: IncomingMail,
    marker_found: bool,
    hidden_addresses: frozenset[str],
    mailbox_address: str,
    roster_name: str = "",
) -> Relay:
    """What of `new_text`, found in the staff's `mail`, the citizen may read (DESIGN §2).

    Certain is text above our marker, text above a quotation that was plainly recognised, and a mail
    without any quotation; not where quoting itself doubted, where without the marker a line still looks
    like the head of a quotation of ours, or where nothing is left. To relay the text of a command, put it
    in the place of the whole: `replace(new_text, text=command.text)`.

    Removed are the signature (`without_signature`; `roster_name` is what the roster calls the writer), every
    address of `hidden_addresses` (the roster's and the teams', in any case), the writer's own, and every
    sub-address of `mailbox_address`, which carries a token. The mailbox's plain address is public and stays;
    so do telephone and extension numbers.
    """
    own = {address.email for address in (*mail.from_addresses, *mail.reply_to)}
    writer = mail.sender
    if writer is not None:
        own.add(writer.email)
    scrub = AddressScrubber({*hidden_addresses, *own}, mailbox_address)
    if not new_text.certain or (not marker_found and _has_quotation_head(new_text.text, scrub)):
        return Relay("", False)
    names = (writer.name if writer else "", roster_name)
    text = scrub(without_signature(new_text.text, *names))
    return Relay(text, True) if strip_bidi(text).strip() else Relay("", False)


_MAY_BE_HEAD: Final = re.compile(
    # Header labels only, not «البريد:», which stands in signatures.
    r"[\s>*|]*(?:from|to|cc|sent|reply-to|de|von|an|a|da|van"
    r"|من|الي|المرسل|المستلم|نسخه|نسخه الي|الرد الي)[\s*]{0,3}:"
    # an attribution in a language that nobody has taught us
    r"|.*:\W*\Z",
    re.DOTALL,
)


def _has_quotation_head(text: str, scrub: AddressScrubber) -> bool:
    """Our mail lies below, in a form unknown to quoting: a line «إلى: infocs+…@» or "NAME <ADDRESS>:", or
    anything with a token, which nobody types."""
    return any(
        scrub.finds_token(line) or (scrub.finds(line) and _MAY_BE_HEAD.match(fold(line[:400])))
        for line in text.split("\n")
    )
