"""Answers /f/TOKEN and /f/TOKEN/NAME: a file for staff. The browser saves it and never shows it."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from daemon.front_desk import FileDesk, FileWithheld, StaffFile
from daemon.web.callers import token_of
from daemon.web.pages import Pages

_HEADERS: Final = {
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
        # What the link says after the token is not read.
        return to_save(found)


def to_save(file: StaffFile) -> Response:
    """The file for a browser to save. Its name is ours: letters, digits, hyphens, dots."""
    headers = {**_HEADERS, "Content-Disposition": f'attachment; filename="{file.name}"'}
    return Response(file.content, headers=headers, media_type="application/octet-stream")
