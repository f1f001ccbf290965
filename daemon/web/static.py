"""Serves the files beside this module's folder `static/`: fonts, and whatever sheet or script a page needs.

Each is asked for by a name that holds a part of its hash, so it may be kept for a year and never asked for
again. They are read once; all of them together are small. The fonts are IBM Plex Sans Arabic (OFL.txt), the
Arabic and the Latin subset in two weights, as @fontsource/ibm-plex-sans-arabic 5.3.0 cuts them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from daemon import resources

ROUTE: Final = "/static/{name}"
_KINDS: Final[Mapping[str, str]] = {
    ".woff2": "font/woff2",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}
_FOR_EVER: Final = "public, max-age=31536000, immutable"
_NAMED: Final = re.compile(r"static:([a-z0-9.-]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _File:
    content: bytes
    kind: str
    etag: str


class Static:
    """The files of one folder."""

    def __init__(self, folder: Path) -> None:
        self._files: dict[str, _File] = {}
        self._names: dict[str, str] = {}
        for path in sorted(folder.iterdir()):
            if path.suffix in _KINDS:
                content = path.read_bytes()
                digest = hashlib.sha256(content).hexdigest()[:16]
                name = f"{path.stem}.{digest}{path.suffix}"
                self._names[path.name] = name
                self._files[name] = _File(content, _KINDS[path.suffix], f'"{digest}"')

    def path(self, name: str) -> str:
        """Where the file is asked for, below `service.public_url`. Raises KeyError where there is none."""
        return f"/static/{self._names[name]}"

    def placed(self, source: str, base: str) -> str:
        """`source` with each `static:NAME` in it as an address; `base` is what all our paths begin with.
        Raises KeyError."""
        return _NAMED.sub(lambda found: base + self.path(found[1]), source)

    async def give(self, request: Request) -> Response:
        """The file. Raises HTTPException 404."""
        file = self._files.get(request.path_params["name"])
        if file is None:
            raise HTTPException(404)
        # The admins' preview shows a page in a frame without an origin, and fonts are asked for with one
        # (CSS Fonts 4, section 4.9). They are anybody's.
        headers = {"Cache-Control": _FOR_EVER, "ETag": file.etag, "Access-Control-Allow-Origin": "*"}
        if file.etag in request.headers.get("if-none-match", ""):
            return Response(None, 304, headers)
        return Response(file.content, headers=headers, media_type=file.kind)


@cache
def shipped() -> Static:
    """Those that the program comes with."""
    return Static(resources.static())
