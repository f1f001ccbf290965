"""The preview beside the editor: what the check says, and the message as its reader gets it.

It is a page of its own in a frame, so that it works without JavaScript: the button of the form shows its
answer there. A mail stands in a frame of that page, where nothing runs and nothing is loaded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from daemon.templating.values import clean
from daemon.web.admin.texts.fields import Fields, Found, placed
from daemon.web.admin.texts.looks import BY_LOOK, LOOKS, Look, seen_as
from daemon.web.admin.texts.page_views import Seen as SeenPage
from daemon.web.admin.visits import Visit
from daemon.wording.desk import Checked
from daemon.wording.previewing import Line, Shown, price_of

HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src data:; "
    "font-src 'self'; frame-src 'self'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'",
    "X-Frame-Options": "SAMEORIGIN",
}
"""A mail brings its style in its elements; the frame in which it stands takes these headers over."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A message as it is shown: `html` of a mail or a page, `text` and its `price` of an SMS, `lines` of
    pages. `problem`: it could not be made. `view`: of pages, which of them."""

    look: Look
    language: str
    subject: str = ""
    html: str = ""
    text: str = ""
    price: str = ""
    problem: str = ""
    lines: tuple[Line, ...] | None = None
    view: str = ""


def seen(shown: Shown, look: str, segment_price: float | None, page: SeenPage | None = None) -> Seen:
    """The message in that look; in the first one where it is not known. `page`: the one that says the
    words of pages, where there is one."""
    chosen, language = BY_LOOK.get(look, LOOKS[0]), shown.key.language
    if shown.lines is not None:
        html, view = (seen_as(page.html, chosen), page.view) if page else ("", "")
        return Seen(chosen, language, html=html, lines=shown.lines, view=view)
    if shown.sms is not None:
        problem = shown.sms.problem if shown.sms.fallback else ""
        price = price_of(language, shown.sms, segment_price)
        return Seen(chosen, language, text=shown.sms.text, price=price, problem=problem)
    assert shown.email is not None
    email = shown.email
    problem = email.problem if email.fallback else ""
    return Seen(chosen, language, email.subject, seen_as(email.html, chosen), problem=problem)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the check says, each with its place in the form."""

    problems: tuple[Found, ...] = ()
    advice: tuple[Found, ...] = ()


def verdict(checked: Checked, path: str, fields: Fields) -> Verdict:
    return Verdict(
        tuple(placed(one, path, fields) for one in checked.problems),
        tuple(placed(one, path, fields) for one in checked.advice),
    )


def panel(visit: Visit, found: Verdict, message: Seen | None, note: str = "", status: int = 200) -> Response:
    """`note`: a sentence on top, about a test that was sent. `message` None: there is none to show."""
    return visit.page(
        "admin/texts/panel.html", status, headers=HEADERS, found=found, message=message, note=clean(note)
    )
