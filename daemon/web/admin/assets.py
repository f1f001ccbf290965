"""Gives out the style and the script of the admins' pages, with an ETag. Anybody may read them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from daemon import resources
from daemon.web import static
from daemon.web.pages import STYLE

_FOLDER = resources.pages() / "admin"
_TOKENS = re.compile(r":root \{[^}]*\}|@media \(prefers-color-scheme: dark\) \{\s*:root \{[^}]*\}\s*\}")
"""The colours, light and dark, stand in the citizen's style, and only there."""
_FACES = re.compile(r"@font-face \{[^}]*\}")


@dataclass(frozen=True, slots=True)
class Asset:
    content: bytes
    media_type: str

    @property
    def version(self) -> str:
        return hashlib.sha256(self.content).hexdigest()[:16]


def _style() -> bytes:
    tokens = _TOKENS.findall(STYLE)
    assert len(tokens) == 2, "style.css names its colours twice: light and dark"
    figures = resources.report_page().parent / "report.css"
    sheets = [path.read_text("utf-8") for path in (_FOLDER / "admin.css", figures)]
    # Relative to the address of this sheet, so that a path in public_url stands before it as well.
    faces = [static.shipped().placed(one, "../..") for one in _FACES.findall(STYLE)]
    return "\n".join([*faces, *tokens, *sheets]).encode()


ASSETS: Mapping[str, Asset] = {
    "admin.css": Asset(_style(), "text/css; charset=utf-8"),
    "texts.css": Asset((_FOLDER / "texts.css").read_bytes(), "text/css; charset=utf-8"),
    "texts.js": Asset((_FOLDER / "texts.js").read_bytes(), "text/javascript; charset=utf-8"),
    "admin.js": Asset((_FOLDER / "admin.js").read_bytes(), "text/javascript; charset=utf-8"),
}


async def give(request: Request) -> Response:
    """Raises HTTPException 404."""
    asset = ASSETS.get(request.path_params["name"])
    if asset is None:
        raise HTTPException(404)
    tag = f'"{asset.version}"'
    is_named = request.query_params.get("v") == asset.version
    kept = "public, max-age=31536000, immutable" if is_named else "no-cache"
    headers = {"ETag": tag, "Cache-Control": kept}
    if request.headers.get("if-none-match") == tag:
        return Response(None, 304, headers)
    return Response(asset.content, 200, headers, asset.media_type)
