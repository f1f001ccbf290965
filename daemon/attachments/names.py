"""Names of files: what a sender's name says, and the names that we give (LESSONS S11, S12).

A sender's name is text to be shown. It never becomes a path, and its ending is only one more reason to
refuse a file. The ending of our names says what the content is.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from daemon.attachments.types import OLE, PLAIN, UNKNOWN, ZIP, extension_of

MOST: Final = 150
"""Characters of a sender's name that are shown."""

# A name that the content neither proves nor refutes: the sender's word is taken for these, which no system
# runs.
_TAKEN: Final = {
    PLAIN: frozenset({"csv", "tsv", "ics", "vcf", "dxf", "json", "log", "asc"}),
    ZIP: frozenset({"kmz"}),
    OLE: frozenset({"docx", "xlsx", "pptx", "doc", "xls", "ppt", "pub", "vsd", "mpp"}),
    UNKNOWN: frozenset({"dwf", "dgn", "shp", "dbf", "p7s", "p7m", "gpg"}),
    "application/xml": frozenset({"kml", "gml"}),
}


def shown(filename: str) -> str:
    """A name as it may be shown: one line, no path, no control, direction or invisible characters."""
    name = unicodedata.normalize("NFKC", filename)
    name = "".join(char for char in name if unicodedata.category(char)[0] != "C")
    name = " ".join(re.split(r"[\\/]", name)[-1].split())
    return name if len(name) <= MOST else name[: MOST - 12] + "…" + name[-11:]


def ending(filename: str) -> str:
    """What a system would take for the name's extension, in lower case without the dot; "" for none.

    Windows drops dots and spaces at the end, and what follows a colon names a stream of the file. Characters
    that turn the reading direction, or are not seen at all, change what is read, not what is run.
    """
    name = shown(filename).partition(":")[0].rstrip(" .")
    stem, dot, last = name.rpartition(".")
    return last.strip().lower() if dot and (stem or last) else ""


def ours(ticket_number: str, count: int, media_type: str, filename: str) -> str:
    """Our name of a ticket's file number `count`: FRS-2026-000123-3-attachment-1.pdf. ASCII, no path."""
    extension = extension_of(media_type)
    theirs = ending(filename)
    if theirs in _TAKEN.get(media_type, ()):
        extension = theirs
    return f"{ticket_number}-attachment-{count}.{extension}"
