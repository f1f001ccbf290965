"""Reads the traces in a mail that say which ticket it may belong to. It judges none of them.

Looking tickets up, checking tokens and deciding who may touch what belong to the store and to `workflow`
(DESIGN §3, routing order). A number in a mail is a hint, never a right.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain, islice

from daemon.mail.letter.message import IncomingMail
from daemon.workflow.ticket_number import find_numbers

_MAX_TRACES = 50
"""Of each kind. A real mail has a handful; a header of 10,000 addresses must not become 10,000 look-ups."""
_MAX_TOKEN_LENGTH = 64  # RFC 5321, 4.5.3.1.1: no local part is longer
_MAX_SCANNED = 20_000
"""Characters of text searched for ticket numbers: more than a person writes."""
_MANY_DIGITS = re.compile("\\d(?:[\\W_\u0640\u30fc]*\\d){10}")
"""As many digits as a ticket number has at least, whatever signs stand between. A letter rarely has them in
a row, and this look at it costs a tenth of a search."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Each tuple without repeats, the strongest trace first, at most 50 long."""

    tokens: tuple[str, ...] = ()
    """Details of sub-addresses of the mailbox (RFC 5233) among the recipients, in lower case."""
    replied_ids: tuple[str, ...] = ()
    """Message-IDs with angle brackets: In-Reply-To, then References from the last to the first."""
    numbers: tuple[str, ...] = ()
    """Valid ticket numbers in the subject, canonical."""
    body_numbers: tuple[str, ...] = ()
    """Valid ticket numbers in the new text, not in the subject: for linking only."""


def candidates(mail: IncomingMail, mailbox_address: str, new_text: str = "") -> Candidates:
    """The traces of earlier mail in `mail`.

    `mailbox_address` is the desk's plain address; `new_text` what the person wrote, without quotations
    (a number in a quotation proves nothing, so without `new_text` there are no `body_numbers`).
    """
    numbers = _first(find_numbers(mail.subject[:_MAX_SCANNED]))
    written = new_text[:_MAX_SCANNED]
    body_numbers = find_numbers(written) if _MANY_DIGITS.search(written) else []
    return Candidates(
        tokens=_first(_details(_recipients(mail), mailbox_address)),
        replied_ids=_first(chain(mail.in_reply_to, reversed(mail.references))),
        numbers=numbers,
        body_numbers=_first(n for n in body_numbers if n not in numbers),
    )


def _first(found: Iterable[str]) -> tuple[str, ...]:
    seen: dict[str, None] = {}
    # Repeats count towards the work done, so a header of one id a million times ends too.
    for item in islice(found, _MAX_TRACES * 20):
        seen[item] = None
        if len(seen) == _MAX_TRACES:
            break
    return tuple(seen)


def _recipients(mail: IncomingMail) -> Iterable[str]:
    # Where it really went comes first: To may show an alias, and Bcc shows nothing at all.
    return chain(mail.delivered_to, (a.email for a in mail.to), (a.email for a in mail.cc))


def _details(addresses: Iterable[str], mailbox_address: str) -> Iterable[str]:
    local, _, domain = mailbox_address.strip().lower().rpartition("@")
    prefix, suffix = f"{local}+", f"@{domain}"
    for address in addresses:
        # Mail programs change the case of addresses; tokens are lower-case base32, so nothing is lost.
        lowered = address.strip().lower()
        if not (lowered.startswith(prefix) and lowered.endswith(suffix)):
            continue
        detail = lowered[len(prefix) : -len(suffix)]
        if 0 < len(detail) <= _MAX_TOKEN_LENGTH and "@" not in detail:
            yield detail
