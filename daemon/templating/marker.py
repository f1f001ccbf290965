"""The first line of both parts of every mail, by language: what a reply says anew stands above it."""

from __future__ import annotations

from collections.abc import Mapping

MARKER: Mapping[str, str] = {
    "ar": "## الرجاء الرد أعلى هذا السطر ##",
    "en": "## Please reply above this line ##",
}
