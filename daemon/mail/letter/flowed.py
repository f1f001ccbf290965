"""Undoes the two plain text formats that need it: format=flowed (RFC 3676) and enriched (RFC 1896)."""

from __future__ import annotations

import re


def without_enriched_tags(text: str) -> str:
    """RFC 1896, without its looks: <param> holds settings, other tags only style."""
    text = re.sub(r"<param>[^<]{0,500}</param>", "", text, flags=re.IGNORECASE)
    return re.sub(r"</?[a-zA-Z-]{1,40}>", "", text).replace("<<", "<")


def unflowed(text: str, delsp: bool = False) -> str:
    """RFC 3676, section 4: join the lines that end in a blank, keep quotation depth, undo stuffing."""
    out: list[str] = []
    paragraph: list[str] = []
    depth_before = 0

    def close() -> None:
        if paragraph:
            out.append((">" * depth_before + " " if depth_before else "") + "".join(paragraph))
            paragraph.clear()

    for line in text.split("\n"):
        body = line.lstrip(">")
        depth = len(line) - len(body)
        body = body.removeprefix(" ")
        if depth != depth_before:
            close()
            depth_before = depth
        is_flowed = body.endswith(" ") and body != "-- "
        if body == "-- ":
            close()
        paragraph.append(body[:-1] if is_flowed and delsp else body)
        if not is_flowed:
            close()
    close()
    return "\n".join(out)
