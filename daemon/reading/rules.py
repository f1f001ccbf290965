"""What the reading of mails depends on, as the configuration has it."""

from __future__ import annotations

from dataclasses import dataclass, field

from daemon.mail.meaning.extraction_policy import ExtractionPolicy


@dataclass(frozen=True, slots=True)
class ReadingRules:
    """What reading depends on. Addresses are lower case; `roster` maps each staff address to the
    address of the person it belongs to."""

    mailbox_address: str
    marker: str
    authserv_id: str | None = None
    internal_header: tuple[str, str] | None = None
    spam_header: tuple[str, str] | None = None
    border: tuple[str, ...] = ()
    extraction: ExtractionPolicy = field(default_factory=ExtractionPolicy)
    thanks: tuple[str, ...] = ()
    """Phrases of thanks; empty: those of all languages."""
    roster: dict[str, str] = field(default_factory=dict)
    other_markers: tuple[str, ...] = ()
    """Of our mails in other languages."""
    form_senders: tuple[str, ...] = ()
    """Addresses of web forms: the customer is whom their Reply-To names."""
