"""Gives the octets of a mail's attachments, one at a time, to whoever stores, scans or passes them on."""

from __future__ import annotations

from collections.abc import Iterator

from daemon.mail.letter.message import Attachment
from daemon.mail.letter.parse import read_letter


def attachment_contents(raw: bytes) -> Iterator[tuple[Attachment, bytes]]:
    """Yield every attachment of `parse(raw)` in its order, with its octets, transfer encoding undone.

    One attachment is decoded at a time. An enclosed mail comes as its source, S/MIME, PGP and TNEF
    wrappers as the files they are. Never raises: what cannot be decoded comes as it stands in the mail.
    """
    try:
        letter = read_letter(raw)[1]
    except Exception:  # noqa: BLE001 - as in `parse`, which lists no attachments then
        return
    for attachment, place in zip(letter.attachments, letter.places, strict=True):
        yield attachment, place.octets()
