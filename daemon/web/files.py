"""Answers /f/TOKEN and /f/TOKEN/NAME: a file for staff. The browser saves it and never shows it."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from daemon.front_desk import FileDesk, FileWithheld
from daemon.web.callers import token_of
from daemon.web.pages import Pages

_HEADERS = {
    # Whatever is in it, no browser runs any of it as a page of ours.
    "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
    "X-Download-Options": "noopen",
}


class Files:
    def __init__(self, desk: FileDesk, pages: Pages) -> None:
        self._desk = desk
        self._pages = pages

    async def give(self, request: Request) -> Response:
        """Raises UnknownTicket, StoreUnavailable."""
        try:
            found = await self._desk.file(token_of(request))
        except FileWithheld:
            return self._pages.notice("file_withheld", 403)
        # The name is ours: letters, digits, hyphens, dots. What the link says after the token is not read.
        disposition = f'attachment; filename="{found.name}"'
        headers = {**_HEADERS, "Content-Disposition": disposition}
        return Response(found.content, headers=headers, media_type="application/octet-stream")
