"""Makes the admins' pages: their frame, navigation by role, words, the address of everything below /admin/.

A template sees: `say(key, **values)`, `admin` (SignedIn; None before the sign-in), `sections` (those that the
admin may open), `section` (the name of the one they are in), `address(path)`, `asset(name)`, `language`,
`direction`, `platform`; and the filters `as_number`, `as_text`, `day`, `day_and_time` and
`day_and_time_in_both`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse, Response

from daemon import resources
from daemon.templating.page_words import LANGUAGES, PageWords, Shelf
from daemon.web.admin import assets
from daemon.web.pages import PLATFORM_EN, as_number, as_text, pages_of
from daemon.web.settings import WebSettings

if TYPE_CHECKING:
    from daemon.web.admin.routes import Section

ROOT = "/admin/"


class Shell:
    """The frame of all pages of one configuration. `sections` in the order of the navigation."""

    def __init__(self, settings: WebSettings, sections: Sequence[Section] = ()) -> None:
        self._settings = settings
        self.language = settings.language if settings.language in LANGUAGES else "ar"
        self._shelf = Shelf(settings.texts)
        self._sections = {one.name: one for one in sections}
        self._environment = _environment(replace(settings, texts=None))  # which it asks for nothing

    def address(self, path: str = "") -> str:
        """How a browser asks for an address below /admin/."""
        return _address(self._settings.base_path, path)

    def say(self, word: str, section: str = "", **values: object) -> Markup:
        return self._words(section).say(word, **values)

    def knows(self, word: str, section: str = "") -> bool:
        return self._words(section).knows(word)

    def _words(self, section: str) -> PageWords:
        own = self._sections[section].words if section in self._sections else ()
        return self._shelf.words(self.language, "common", "admin", *own)

    def page(
        self, template: str, status: int = 200, headers: Mapping[str, str] | None = None, **values: Any
    ) -> Response:
        """`section` and `admin` stand among the values where somebody is signed in."""
        admin, section = values.setdefault("admin", None), values.setdefault("section", "")
        values["sections"] = [one for one in self._sections.values() if admin and admin.may(one.role)]
        values["say"] = self._words(section).say
        page = self._environment.get_template(template).render(**values)
        return HTMLResponse(page, status, headers)

    def notice(self, word: str, status: int, headers: Mapping[str, str] | None = None) -> Response:
        """As `Visit.notice`, where nobody is signed in."""
        title, text = self.say(f"{word}_title"), self.say(f"{word}_text")
        return self.page("admin/notice.html", status, headers, title=title, text=text)


def _address(base: str, path: str = "") -> str:
    return f"{base}{ROOT}{path}"


def _asset(base: str, name: str) -> str:
    """The address of a file of ours; it changes with the file, so that browsers may keep it."""
    return f"{_address(base, 'assets/')}{name}?v={assets.ASSETS[name].version}"


@cache
def _environment(settings: WebSettings) -> Environment:
    """It holds nothing of a request; Jinja compiles each page once."""
    pages, is_arabic = pages_of(settings), settings.language != "en"
    environment = Environment(
        loader=FileSystemLoader(resources.pages()),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        language="ar" if is_arabic else "en",
        direction="rtl" if is_arabic else "ltr",
        platform=settings.service_name if is_arabic else PLATFORM_EN,
        address=partial(_address, settings.base_path),
        asset=partial(_asset, settings.base_path),
    )
    environment.filters.update(
        as_number=as_number,
        as_text=as_text,
        day=pages.day,
        day_and_time=pages.day_and_time,
        day_and_time_in_both=pages.day_and_time_in_both,
    )
    return environment
