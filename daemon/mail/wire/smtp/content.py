"""The content of a mail as it stands on the wire (RFC 5321, section 4.5.2). Pure."""

from __future__ import annotations

import re

_BARE_BREAK = re.compile(rb"\r(?!\n)|(?<!\r)\n")


def on_the_wire(content: bytes) -> bytes:
    """Content with lone CR and LF made CRLF (else a reader may see an end where we saw none: "SMTP
    smuggling"), dots doubled and the final dot."""
    if content.count(b"\r\n") != content.count(b"\n") or content.count(b"\r") != content.count(b"\n"):
        content = _BARE_BREAK.sub(b"\r\n", content)
    if content.startswith(b"."):
        content = b"." + content
    if b"\n." in content:
        content = content.replace(b"\n.", b"\n..")
    return content + (b".\r\n" if content.endswith(b"\r\n") else b"\r\n.\r\n")
