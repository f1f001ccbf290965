"""Makes the HTML pages: the templates beside this module, their words, the style and its hash.

No script, no picture, no cookie, nothing from elsewhere: a phone with a bad line needs one request, and shows
the ministry's font once it has come.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse

from daemon import resources
from daemon.templating import formats
from daemon.templating.page_words import LANGUAGES, PageWords, Shelf
from daemon.templating.values import clean
from daemon.web import static
from daemon.web.settings import WebSettings

_AFTER_DIGIT = re.compile(r"(?<=\d) (?=[^\W\d])")
_NUMBER = re.compile(r"(?<![\w/.:@-])([A-Za-z0-9]{1,10}(?:-[A-Za-z0-9]{1,10}){1,3})(?![\w/@-])", re.ASCII)
_FOLDER = resources.pages()
STYLE = (_FOLDER / "style.css").read_text("utf-8")
"""Its `static:NAME` are addresses of files of ours (`web.static`)."""

PLATFORM_EN = "Furas Platform"
"""The service's name is configured in Arabic; templates/layout.email.html does the same."""
TOLD_KINDS = ("complaints", "raw_mails", "messages", "set_aside", "other_mail")
"""Of what is removed after its time, what a person asks about."""
WORDS = ("common", "rating", "complaint", "notices", "privacy")
"""The files that the words stand in (`templating.page_words`)."""


@dataclass(frozen=True, slots=True)
class Again:
    """What could not be taken now: what was typed, where it goes, and whether files came with it, which their
    owner must choose once more."""

    fields: Mapping[str, str]
    action: str
    has_files: bool = False


@cache
def pages_of(settings: WebSettings) -> Pages:
    """The pages of one configuration. They hold nothing of a request; Jinja compiles each of them once."""
    return Pages(settings)


class Pages:
    """Makes pages in one language. `render` never puts a value where it could become markup."""

    def __init__(self, settings: WebSettings) -> None:
        self._settings = settings
        self.base_path = settings.base_path
        self._language = settings.language if settings.language in LANGUAGES else "ar"
        self._telephone = _telephone(settings.unified_number)
        self._shelf = Shelf(settings.texts)
        style = static.shipped().placed(STYLE, settings.base_path)
        self.style_hash = "sha256-" + base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        """What Content-Security-Policy allows: this style, inside the page, and nothing else."""
        self._environment = Environment(
            loader=FileSystemLoader(_FOLDER),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals.update(
            say=self.say,
            language=self._language,
            direction="rtl" if self._language == "ar" else "ltr",
            style=Markup(style),  # noqa: S704 - our own file
            is_official=settings.is_official,
            privacy_page=f"{settings.base_path}/privacy?language={self._language}",
            notice_url=settings.privacy_notice_url,
            kept=[
                (name, formats.years(years, self._language))
                for name, years in settings.keep_years
                if name in TOLD_KINDS
            ],
            base=settings.base_path,
            platform=settings.service_name if self._language == "ar" else PLATFORM_EN,
        )
        self._environment.filters.update(
            as_number=as_number,
            as_text=as_text,
            day=self.day,
            day_and_time=self.day_and_time,
            day_and_time_in_both=self.day_and_time_in_both,
        )
        self._days = _unbroken(formats.business_days(settings.processing_business_days, self._language))

    def in_language(self, language: str | None) -> Pages:
        """The same pages in the language of a complaint; None: in that of the service."""
        if language in (None, self._language) or language not in LANGUAGES:
            return self
        return pages_of(replace(self._settings, language=language))

    def say(self, word: str, **values: object) -> Markup:
        """The sentence named `word`, each value isolated from the text around it (UAX #9)."""
        return self._words.say(word, days=Markup(self._days), unified_number=self._telephone, **values)  # noqa: S704 - our own filter

    def knows(self, word: str) -> bool:
        return self._words.knows(word)

    @property
    def _words(self) -> PageWords:
        return self._shelf.words(self._language, *WORDS)

    def day_and_time(self, instant: datetime) -> Markup:
        """«الأحد 22 نوفمبر 2026، 3:05 م» in a <time>."""
        words = _unbroken(formats.moment(instant.isoformat(), self._language))
        local = instant.astimezone(formats.RIYADH).isoformat(timespec="minutes")
        return Markup('<time datetime="{}">{}</time>').format(local, words)

    def day(self, instant: datetime) -> Markup:
        """«الأحد 22 نوفمبر 2026م، الموافق 12 جمادى الآخرة 1448هـ» in a <time>."""
        words = _unbroken(formats.day_both(instant.isoformat(), self._language))
        local = instant.astimezone(formats.RIYADH).date().isoformat()
        return Markup('<time datetime="{}">{}</time>').format(local, words)

    def day_and_time_in_both(self, instant: datetime) -> Markup:
        """As `day`, with the time."""
        words = _unbroken(formats.both(instant.isoformat(), self._language))
        local = instant.astimezone(formats.RIYADH).isoformat(timespec="minutes")
        return Markup('<time datetime="{}">{}</time>').format(local, words)

    def render(
        self, name: str, status: int = 200, headers: Mapping[str, str] | None = None, **values: Any
    ) -> HTMLResponse:
        page = self._environment.get_template(f"{name}.html").render(**values)
        return HTMLResponse(page, status, headers)

    def notice(
        self, word: str, status: int, headers: Mapping[str, str] | None = None, **values: object
    ) -> HTMLResponse:
        """A page of one heading and one paragraph: {word}_title and {word}_text."""
        text = self.say(f"{word}_text", **values)
        return self.render("notice", status, headers, title=self.say(f"{word}_title"), text=text)

    def again(self, word: str, status: int, headers: Mapping[str, str], again: Again) -> HTMLResponse:
        """As `notice`, with what was typed, to be sent again: nobody writes it twice for our fault."""
        kept = {name: text for name, text in again.fields.items() if text}
        if not kept and not again.has_files:
            return self.notice(word, status, headers)
        title, text = self.say(f"{word}_title"), self.say(f"{word}_text")
        again = replace(again, fields=kept)
        return self.render("again", status, headers, title=title, text=text, again=again)


def as_number(value: str) -> Markup:
    """A number of letters, digits and hyphens, from left to right and in one piece."""
    return Markup('<bdi dir="ltr" class="number">{}</bdi>').format(clean(value))


def as_text(value: str) -> Markup:
    """What staff wrote: escaped, numbers such as REQ-44012345 in one piece. The style keeps its lines."""
    pieces = _NUMBER.split(clean(value))
    return Markup("").join(as_number(piece) if at % 2 else piece for at, piece in enumerate(pieces))


def _unbroken(words: str) -> str:
    """No line ends between a number and what it counts: «10 أيام», «22 نوفمبر», «3:05 م»."""
    return _AFTER_DIGIT.sub("\N{NO-BREAK SPACE}", words)


def _telephone(number: str) -> Markup:
    target = re.sub(r"[^0-9+]", "", number)
    return Markup('<a href="tel:{}">{}</a>').format(target, as_number(number))
