"""Reads what a mail's trace headers prove about its From address (RFC 8601). It decides nothing about rights.

Only what our own border wrote is evidence. A sender can write any header, so a field counts only by its
authserv-id and its place: above the Received with which the border took the mail (`border`). There all fields
count, and below none. In doubt the answer is "not authenticated".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from daemon.mail.letter.message import IncomingMail
from daemon.mail.trust.results import Dmarc, dmarc_of
from daemon.workflow.vocabulary import Finding, Proof, Verdict

_GENERIC_SECOND_LEVEL = frozenset(
    [
        *("ac", "co", "com", "edu", "gov", "gob", "gouv", "go", "info", "mil", "med", "name", "ne", "net"),
        *("nom", "or", "org", "pub", "sch"),
    ]
)
"""Second-level names under which strangers register in country domains («gov.sa»). A stand-in for the
public suffix list, used only to refuse; a missing entry matters only if our own border states a
header.from that is not the domain of From."""


@dataclass(frozen=True, slots=True)
class Authenticity:
    """What the border vouches for. `why` is for `mail explain`."""

    authenticated: bool
    """The From address is proved: see DESIGN §2, "Authenticated means"."""
    dmarc: Dmarc
    """The border's verdict; "none" also where it gave none, an error, or could not be trusted."""
    is_spam: bool
    why: Finding
    proof: Proof = ""
    """By what the From address is proved."""
    verdict: Verdict = "absent"
    """What the border said of From, as its writer is told."""


def judge(
    mail: IncomingMail,
    authserv_id: str | None,
    internal_header: tuple[str, str] | None = None,
    spam_header: tuple[str, str] | None = None,
    border: Sequence[str] = (),
) -> Authenticity:
    """Say whether the From of `mail` is proved. Never raises.

    `authserv_id` is the border's own name. None trusts no Authentication-Results at all; "" is the form of
    Microsoft 365, which leaves the id out. `border` are the names that the border has in its Received, in
    lower case (`border.find`); without any they are learnt from the mail. `internal_header` and `spam_header`
    are (name, value), compared without regard to case; the border must strip the former from outside mail. A
    spam header with the value "" counts whatever it says, an internal one never: Exchange says «Anonymous» in
    the same header.

    `compauth`, Microsoft's own guess, is not evidence: a policy may make it pass where DMARC failed.
    """
    is_spam = spam_header is not None and _has_spam_header(mail, spam_header)
    said = dmarc_of(mail, authserv_id, border)
    sender_domain = _single_from_domain(mail)

    if sender_domain is None:
        return Authenticity(False, said.dmarc, is_spam, "no_single_from", "", "other")
    if said.dmarc == "fail":
        # Also against an internal header: contradicting evidence proves nothing.
        return Authenticity(False, said.dmarc, is_spam, said.why, "", said.verdict)
    if internal_header is not None and _has_internal_header(mail, internal_header):
        return Authenticity(True, said.dmarc, is_spam, "internal_header", "internal_header", "pass")
    is_passed = said.dmarc == "pass"
    if is_passed and (said.header_from is None or not _is_aligned(said.header_from, sender_domain)):
        # A border that judged From names what it judged, Microsoft's too.
        return Authenticity(False, "none", is_spam, "not_aligned", "", "other")
    return Authenticity(is_passed, said.dmarc, is_spam, said.why, "dmarc" if is_passed else "", said.verdict)


def _single_from_domain(mail: IncomingMail) -> str | None:
    """The domain of the one From address, in lower case, or None (LESSONS S8: strict, or no identity)."""
    fields = mail.all_headers("from")
    if len(mail.from_addresses) != 1 or len(fields) > 1:
        return None
    email = mail.from_addresses[0].email.strip()
    local, _, domain = email.partition("@")
    if not local or not domain or re.search(r"[\s@<>()\[\],;:\"\\]", local + domain):
        return None
    return _normal_domain(domain)


def _normal_domain(domain: str) -> str:
    lowered = domain.strip().rstrip(".").lower()
    if lowered.isascii():
        return lowered
    try:
        return lowered.encode("idna").decode("ascii")
    except UnicodeError:  # empty or over-long labels, characters that IDNA forbids
        return lowered


def _is_aligned(header_from: str, sender_domain: str) -> bool:
    """Same domain, or one lies under the other (RFC 7489, 3.1.1, relaxed), and not just under «com»."""
    stated = _normal_domain(header_from.rpartition("@")[2])
    if stated == sender_domain:
        return True
    shorter, longer = sorted((stated, sender_domain), key=len)
    return longer.endswith("." + shorter) and not _is_public_suffix(shorter)


def _is_public_suffix(domain: str) -> bool:
    labels = domain.split(".")
    if len(labels) < 2:
        return True
    return len(labels) == 2 and len(labels[1]) == 2 and labels[0] in _GENERIC_SECOND_LEVEL


def _has_internal_header(mail: IncomingMail, wanted: tuple[str, str]) -> bool:
    name, value = wanted[0].strip().lower(), wanted[1].strip().lower()
    found = [v.strip().lower() for v in mail.all_headers(name)]
    # All of them: a second one with another value came from somewhere else.
    return bool(value and found) and all(v == value for v in found) and not any(mail.are_loose(name))


def _has_spam_header(mail: IncomingMail, wanted: tuple[str, str]) -> bool:
    name, value = wanted[0].strip().lower(), wanted[1].strip().lower()
    # «Yes, score=9.1 required=5.0» counts as «Yes»: SpamAssassin's X-Spam-Status.
    return any(
        not value or v == value or (v.startswith(value) and not v[len(value)].isalnum())
        for v in (v.strip().lower() for v in mail.all_headers(name))
    )
