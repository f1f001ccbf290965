"""Owns the name under which others ask for the octets of a mail's attachments. Reading them is `parse`'s."""

from __future__ import annotations

from daemon.mail.parse import attachment_contents

__all__ = ["attachment_contents"]
