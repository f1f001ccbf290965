"""A signed-in admin's request, and the few things that a handler of a section needs to answer it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from daemon.web.admin.people import SignedIn
from daemon.web.bodies import MAX_FIELDS, read_form

if TYPE_CHECKING:
    from daemon.web.admin.shell import Shell


MOST_FIELDS = 1_000
"""Of a form with a field for each sentence of a page: the operators' pages have three hundred."""


class Visit:
    """What a handler is given. `request` is Starlette's: path_params, query_params, headers."""

    def __init__(self, request: Request, admin: SignedIn, shell: Shell, section: str) -> None:
        self.request = request
        self.admin = admin
        self._shell = shell
        self._section = section

    async def form(self, most_fields: int = MAX_FIELDS) -> Mapping[str, str]:
        """The fields of a posted form: the first value of each, clean. Raises HTTPException."""
        return await read_form(self.request, most_fields)

    def page(
        self, template: str, status: int = 200, headers: Mapping[str, str] | None = None, **values: Any
    ) -> Response:
        """A page made of a template in `web/pages/`, such as "admin/texts/list.html", which extends
        "admin/shell.html". Beside `values` it sees what `shell.Shell` lists."""
        values |= {"admin": self.admin, "section": self._section}
        return self._shell.page(template, status, headers, **values)

    def notice(self, word: str, status: int = 200, **values: object) -> Response:
        """A page of one heading and one paragraph: the words {word}_title and {word}_text."""
        title = self.say(f"{word}_title", **values)
        return self.page("admin/notice.html", status, title=title, text=self.say(f"{word}_text", **values))

    def to(self, path: str, **query: str) -> Response:
        """303 to an address below /admin/, as after every post: visit.to("texts", done="saved")."""
        asked = f"?{urlencode(query)}" if query else ""
        return RedirectResponse(self.address(path) + asked, 303)

    def address(self, path: str = "") -> str:
        """How a browser asks for an address below /admin/."""
        return self._shell.address(path)

    def knows(self, word: str) -> bool:
        """Whether there is such a sentence."""
        return self._shell.knows(word, self._section)

    def say(self, word: str, **values: object) -> Markup:
        """A sentence of templates/LANGUAGE/pages/, by its key."""
        return self._shell.say(word, self._section, **values)

    @property
    def language(self) -> str:
        return self._shell.language
