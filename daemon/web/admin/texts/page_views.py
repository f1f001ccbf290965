"""Shows the words of our pages on the very pages that say them, filled in with samples (`page_samples`).

A page stands in a frame where nothing runs: its links lead nowhere, its forms are sent nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, Final

from daemon.front_desk import MAX_COMMENT, MAX_REQUEST_NUMBER, MAX_TEXT, Standing
from daemon.templating import sample_values
from daemon.templating.keys import PageKey
from daemon.templating.page_words import PageWords, Shelf, read, sentence, shipped
from daemon.templating.person_page import PAGE as PERSON
from daemon.templating.person_page import page as person_page
from daemon.templating.report_page import Sheet, period_of
from daemon.templating.report_page import body as report_body
from daemon.templating.report_page import page as report_page
from daemon.templating.report_words import PAGE as REPORT
from daemon.templating.sources import Sources
from daemon.web.admin.figures.choice import Choice, Mistake
from daemon.web.admin.people import SignedIn
from daemon.web.admin.routes import Section
from daemon.web.admin.shell import Shell
from daemon.web.admin.texts import page_samples as invented
from daemon.web.pages import Again, Pages
from daemon.web.settings import WebSettings
from daemon.web.status import ADDED, OUTCOMES, Typing, values_of
from daemon.workflow.vocabulary import ADMIN_ROLES, CHANNELS

AUTO: Final = ""
"""The name of no view: the first one on which something changed."""
LONGEST_LABEL: Final = 70
_LEADS: Final = re.compile(r'(<a\b[^>]*?) href="(?!#)[^"]*"')


@dataclass(frozen=True, slots=True)
class View:
    """One page, known by a sentence that stands on it: `says`, which is its name as well."""

    says: str
    page: Callable[[Press], str]


@dataclass(frozen=True, slots=True)
class Seen:
    """A page as it is shown, and of which view."""

    html: str
    view: str


class Press:
    """Prints pages with the words of `texts` in one language."""

    def __init__(self, settings: WebSettings, texts: Sources, language: str) -> None:
        self.settings = replace(settings, texts=texts, language=language)
        self.language = language
        self.shelf = Shelf(texts)
        self._pages: dict[WebSettings, Pages] = {}

    def pages(self, **settings: Any) -> Pages:
        """The citizens' pages, with other settings where some are given."""
        wanted = replace(self.settings, **settings)
        if wanted not in self._pages:
            self._pages[wanted] = Pages(wanted)
        return self._pages[wanted]

    def citizens(self, template: str, **values: Any) -> str:
        return _html(self.pages().render(template, **values).body)

    def words(self, *pages: str) -> PageWords:
        return self.shelf.words(self.language, *pages)

    def admins(self, template: str, *, is_in: bool = True, **values: Any) -> str:
        """A page of /admin/, before the sign-in or after it."""
        person = invented.INVENTED[self.language].person
        admin = SignedIn(person, "", frozenset(ADMIN_ROLES), "password") if is_in else None
        return _html(Shell(self.settings, _SECTIONS).page(template, admin=admin, **values).body)


class PageViews:
    """The previews of one desk's pages."""

    def __init__(self, settings: WebSettings) -> None:
        self._settings = settings

    def labels(self, texts: Sources, key: PageKey) -> dict[str, str]:
        """What each view of these words is called, by its name: the sentence by which it is known."""
        try:
            found = read(texts.read(key.path))
        except OSError:
            found = {}
        own = shipped(key.language).get(key.name, {})
        return {view.says: _label(str(found.get(view.says, own[view.says].text))) for view in views_of(key)}

    def show(self, draft: Sources, in_force: Sources, key: PageKey, wanted: str) -> Seen | None:
        """The view of that name; the first one on which something changed where there is none of that name.
        None: these words stand on no page that can be shown."""
        views = views_of(key)
        if not views:
            return None
        now = Press(self._settings, draft, key.language)
        chosen = next((view for view in views if view.says == wanted), None)
        if chosen is None:
            before = Press(self._settings, in_force, key.language)
            chosen = next((view for view in views if view.page(now) != view.page(before)), views[0])
        return Seen(still(chosen.page(now)), chosen.says)


def still(html: str) -> str:
    """The page with links that lead nowhere but within it."""
    return _LEADS.sub(r'\1 href="#nowhere"', html)


def _label(text: str) -> str:
    words = "…".join(sentence(text).pieces[::2])
    return words if len(words) <= LONGEST_LABEL else f"{words[:LONGEST_LABEL].rpartition(' ')[0]}…"


def _html(body: bytes | memoryview) -> str:
    return bytes(body).decode()


# --- the pages of each family -----------------------------------------------------------------------------

Made = Callable[[str], Standing]


def _status(made: Made, press: Press, *, about: str = "", wrong: Mapping[str, str] | None = None) -> str:
    pages = press.pages()
    typed = dict.fromkeys((*ADDED, "reason"), "")
    if wrong:
        typed |= {"text": invented.INVENTED[press.language].typed}
    action = f"{pages.base_path}/c/{invented.TOKEN}"
    typing = Typing(typed, wrong or {}, about, press.settings.uploads, action)
    return press.citizens("status", **values_of(pages, made(press.language), invented.NOW, typing))


def _wrong(field: str, word: str, made: Made, press: Press) -> str:
    """The form came back."""
    limits = press.settings.uploads
    numbers = {
        "most": MAX_REQUEST_NUMBER if word == "number_invalid" else MAX_TEXT,
        "most_files": limits.most,
        "most_mb": limits.file_mb,
        "name": invented.FILE_NAME,
    }
    return _status(made, press, wrong={field: press.pages().say(word, **numbers)})


def _changed(made: Made, **values: Any) -> Made:
    return lambda language: replace(made(language), **values)


def _of(says: str, made: Made, **given: Any) -> View:
    return View(says, partial(_status, made, **given))


def _complaint() -> Iterator[View]:
    opened, late, waiting = invented.open_ticket, invented.late_ticket, invented.waiting_ticket
    resolved, closed = invented.resolved_ticket, invented.closed_ticket
    yield _of("next_open_by", opened)
    yield _of("next_open", _changed(opened, next_by=None))
    yield _of("next_open_late", late)
    yield _of("next_awaiting_info", waiting)
    yield _of(
        "next_awaiting_answer", _changed(waiting, missing=("ground", "mobile"), request_number="1234567")
    )
    yield _of("next_resolved_by", resolved)
    yield _of("next_resolved", _changed(resolved, next_by=None))
    yield _of("next_resolved_held", _changed(resolved, is_held=True))
    yield _of("next_closed_resolved", closed)
    for reason in ("no_response", "not_admitted", "duplicate", "withdrawn"):
        yield _of(f"next_closed_{reason}", partial(closed, reason=reason))
    yield _of("next_closed", partial(closed, reason=None))
    yield _of("no_add", _changed(closed, may_add=False, next_by=None))
    for escalation in ("raised", "accepted", "declined", "done"):
        yield _of(f"escalation_{escalation}", _changed(late, escalation=escalation, may_escalate=False))
    for outcome in OUTCOMES:
        yield _of(f"done_{outcome}", opened, about=outcome)
    told = tuple(
        name.removeprefix("step_") for name in shipped("ar")["complaint"] if name.startswith("step_")
    )
    yield _of("history_heading", partial(invented.long_history, told=told))
    for field, word in (
        *(("request_number", "number_invalid"), ("phone", "phone_invalid"), ("text", "text_too_long")),
        *(("text", "all_missing"), ("files", "files_again"), ("files", "files_too_many")),
        *(("files", "file_too_large"), ("files", "files_too_large"), ("files", "file_blocked")),
        *(("files", "file_infected"), ("files", "file_unreadable")),
    ):
        yield View(word, partial(_wrong, field, word, waiting))
    yield View("text_missing", partial(_wrong, "text", "text_missing", resolved))


def _survey(press: Press, word: str = "", field: str = "", **settings: Any) -> str:
    pages = press.pages(**settings)
    mistakes = {field: pages.say(word, most=MAX_COMMENT)} if word else {}
    return _html(
        pages.render(
            "survey",
            number=sample_values.TICKET,
            closes_at=invented.NOW,
            score=None if field == "score" else 4,
            comment="",
            mistakes=mistakes,
            most=MAX_COMMENT,
            action=f"{pages.base_path}/s/{invented.TOKEN}",
        ).body
    )


def _thanks(press: Press, score: int, page: str | None) -> str:
    return press.citizens("thanks", score=score, is_low=score < 3, page=page)


def _notice(word: str, press: Press) -> str:
    return _html(press.pages().notice(word, 200, score=4).body)


def _again(press: Press, fields: Mapping[str, str], *, has_files: bool) -> str:
    typed = {
        name: invented.INVENTED[press.language].typed if text == "" else text for name, text in fields.items()
    }
    return _html(press.pages().again("unavailable", 503, {}, Again(typed, "", has_files)).body)


def _rating() -> Iterator[View]:
    yield View("survey_title", _survey)
    yield View("score_missing", partial(_survey, word="score_missing", field="score"))
    yield View("comment_too_long", partial(_survey, word="comment_too_long", field="comment"))
    yield View("thanks_text", partial(_thanks, score=5, page=None))
    yield View("thanks_low", partial(_thanks, score=1, page="/"))
    yield View("thanks_low_over", partial(_thanks, score=1, page=None))
    yield View("rated_title", partial(_notice, "rated"))
    yield View("survey_over_title", partial(_notice, "survey_over"))


def _notices() -> Iterator[View]:
    for name in shipped("ar")["notices"]:
        if name.endswith("_title"):
            yield View(name, partial(_notice, name.removesuffix("_title")))
    yield View("again_text", partial(_again, fields={"text": ""}, has_files=True))
    yield View("again_score", partial(_again, fields={"score": "4", "comment": ""}, has_files=False))


def _privacy(press: Press, **settings: Any) -> str:
    return _html(press.pages(**settings).render("privacy").body)


def _privacy_pages() -> Iterator[View]:
    yield View("privacy_title", _privacy)
    full = partial(_privacy, keep_years=invented.KEPT, privacy_notice_url=invented.NOTICE_URL)
    yield View("privacy_keep_complaints", full)


def _common() -> Iterator[View]:
    yield View("ministry", _survey)
    yield View("correct_first", partial(_survey, word="score_missing", field="score"))
    yield View("official_strip", partial(_survey, is_official=True))


def _person(press: Press) -> str:
    words = press.words("report", PERSON)
    facts, chapters = invented.person_facts(words), invented.person_chapters(words)
    return person_page(words, facts, chapters, lambda instant: instant.strftime("%Y-%m-%d %H:%M"))


def _persons() -> Iterator[View]:
    yield View("person_title", _person)


_ROOMS: Final = ("texts", "tickets", "quarantine", "unanswered", "outbox", "figures", "audit")
_SECTIONS: Final = tuple(
    Section(name, None, (), {"audit": ("admin_audit",), "figures": (REPORT, "admin_figures")}.get(name, ()))
    for name in _ROOMS
)
"""Those of the navigation, without a handler: nobody goes there."""


def _sign_in(press: Press, mistake: str = "", done: str = "") -> str:
    given = {"name": "", "mistake": mistake, "done": done, "has_oidc": True, "next": ""}
    return press.admins("admin/sign_in.html", is_in=False, **given)


def _admin_notice(word: str, press: Press) -> str:
    words = press.words("common", "admin")
    return press.admins("admin/notice.html", title=words.say(f"{word}_title"), text=words.say(f"{word}_text"))


def _home(press: Press) -> str:
    return press.admins("admin/home.html")


def _no_section(press: Press) -> str:
    person = invented.INVENTED[press.language].person
    admin = SignedIn(person, "", frozenset(), "password")
    return _html(Shell(press.settings).page("admin/home.html", admin=admin).body)


def _ended(press: Press) -> str:
    return press.admins("admin/ended.html", is_in=False, fields={}, action="")


def _admin() -> Iterator[View]:
    yield View("welcome", _home)
    yield View("no_section", _no_section)
    yield View("sign_in_title", _sign_in)
    for word in ("empty", "wrong", "too_often", "busy"):
        yield View(f"sign_in_{word}", partial(_sign_in, mistake=f"sign_in_{word}"))
    for word in ("failed", "no_admin"):
        yield View(f"ministry_{word}", partial(_sign_in, mistake=f"ministry_{word}"))
    yield View("signed_out", partial(_sign_in, done="signed_out"))
    yield View("ended_title", _ended)
    for word in ("forbidden", "cross_site", "no_page", "not_taken", "busy"):
        yield View(f"{word}_title", partial(_admin_notice, word))


@dataclass(frozen=True, slots=True)
class _Entry:
    """What the page of the audit shows of one."""

    at: datetime
    who: str
    act: str
    about: str = ""


def _audit(press: Press, *, has_entries: bool = True) -> str:
    """Every act that there is, the first with every detail, and one that was erased."""
    words, own = press.words("common", "admin", "admin_audit"), shipped("ar")["admin_audit"]
    acts, details, values = (
        [name.removeprefix(kind) for name in own if name.startswith(kind)]
        for kind in ("act_", "detail_", "value_")
    )

    def named(kind: str, code: str) -> str:
        return words.say(f"{kind}_{code}") if words.knows(f"{kind}_{code}") else code

    sample = invented.INVENTED[press.language]
    told: list[dict[str, str] | None] = [dict.fromkeys(details, sample.typed), None]
    told += [{"outcome": value} for value in values]
    entries = [
        (_Entry(invented.NOW, sample.person if at else "", act), told[at] if at < len(told) else {})
        for at, act in enumerate(acts)
    ]
    return press.admins(
        "admin/audit/list.html",
        section="audit",
        entries=entries if has_entries else [],
        older=1,
        head="0" * 12,
        is_newest=True,
        named=partial(named, "detail"),
        valued=partial(named, "value"),
    )


def _audits() -> Iterator[View]:
    yield View("audit_intro", _audit)
    yield View("audit_none", partial(_audit, has_entries=False))


def _figures(press: Press, *, word: str = "", field: str = "") -> str:
    """The form with figures below it, or with a mistake."""
    words, counted = press.words(REPORT, "admin_figures"), invented.counted()
    sheet = Sheet(invented.policy(), words, press.settings.service_name, price=0.1)
    return press.admins(
        "admin/figures/figures.html",
        section="figures",
        chosen=Choice("2026-11"),
        mistake=Mistake(word, field) if word else None,
        periods=[("2026-q4", words.plain("figures_quarter", number=4, year=2026))],
        channels=[(name, words.plain(f"channel_{name}")) for name in CHANNELS],
        teams=[],
        query="",
        waiting=2,
        period=period_of(counted.period, words),
        body=report_body(counted, sheet),
    )


def _figures_pages() -> Iterator[View]:
    yield View("figures_title", _figures)
    for word, field in (
        *(("figures_no_period", "period"), ("figures_no_day", "from"), ("figures_turned_round", "from")),
        *(("figures_no_channel", "channel"), ("figures_no_team", "team")),
    ):
        yield View(word, partial(_figures, word=word, field=field))


def _report(press: Press) -> str:
    words = press.words(REPORT)
    sheet = Sheet(invented.policy(), words, press.settings.service_name, price=0.1)
    return report_page(invented.counted(), invented.NOW, sheet)


def _reports() -> Iterator[View]:
    """What has no case among the sample's complaints is shown as sentences alone."""
    yield View("report_title", _report)


_FAMILIES: Final[Mapping[str, Callable[[], Iterator[View]]]] = {
    "complaint": _complaint,
    "rating": _rating,
    "notices": _notices,
    "privacy": _privacy_pages,
    "common": _common,
    PERSON: _persons,
    "admin": _admin,
    "admin_audit": _audits,
    "admin_figures": _figures_pages,
    REPORT: _reports,
}


def views_of(key: PageKey) -> list[View]:
    """The pages on which words of that family stand, the usual one first; empty for what has no page of its
    own to be shown here."""
    made = _FAMILIES.get(key.name)
    return list(made()) if made else []
