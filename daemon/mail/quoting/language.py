"""Owns the shape of one language's words around quotations: what each field means."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Language:
    """What one language calls the pieces of a quotation's introduction; "" where nothing is known."""

    begins: str = ""
    """What stands before the date: "on", "am", «في»."""
    wrote: str = ""
    """The verb after the name: "On DATE, NAME wrote:"."""
    wrote_before: str = ""
    """The verb before the name: "Am DATE schrieb NAME:"."""
    sender: str = ""
    sent: str = ""
    """Labels that only a mail program writes, like "Sent" and «تم الإرسال»."""
    date: str = ""
    """Labels of a date that a person may write too."""
    addressee: str = ""
    subject: str = ""
    original: str = ""
    """Titles between dashes above a quotation: "Original Message"."""
    forwarded: str = ""
    """Titles above a forwarded mail."""
