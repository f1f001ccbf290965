"""The words of our pages live as every other text: both doors, check, history, way back, last good words."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from daemon import resources
from daemon.clock import ManualClock
from daemon.store import texts
from daemon.store.database import Database
from daemon.templating.page_words import Shelf
from daemon.web.admin.texts.fields import fields_of
from daemon.web.pages import Pages
from daemon.wording import overview
from daemon.wording.desk import TextsDesk
from daemon.wording.file_door import FileDoor
from daemon.wording.library import Library
from daemon.wording.revisions import Rules
from tests.admin_house import NOURA, NOW
from tests.casework.test_admin_texts import Desk, act, read
from tests.web_desk import settings_of

PAGE, STAFF_PAGE = "ar/pages/rating.toml", "ar/pages/desk.toml"
SHIPPED = (resources.templates() / PAGE).read_text("utf-8")
OLD, NEW = "شكرًا لكم", "مع خالص الشكر"
EDITED = SHIPPED.replace(f'thanks_title = "{OLD}"', f'thanks_title = "{NEW}"')

OpenDesk = Callable[..., Desk]


@pytest.fixture
def open_desk(database: Database, tmp_path: Path) -> OpenDesk:
    (tmp_path / "ar/pages").mkdir(parents=True)
    return lambda **given: Desk(database, tmp_path, **given)


def said(library: Library) -> str:
    return str(Shelf(library, every_s=0.0).words("ar", "rating").say("thanks_title"))


def framed(page: str) -> str:
    """What stands in the frame that holds a page."""
    found = re.search(r'srcdoc="([^"]*)"', page)
    assert found is not None
    return html.unescape(found[1])


def row(library: Library, path: str = PAGE) -> overview.Row:
    rows = library.database.read_now(overview.overview, library.every_path())
    return next(one for one in rows if one.text.path == path)


def test_each_family_of_pages_is_a_text_with_a_revision(open_desk: OpenDesk) -> None:
    library = open_desk().library

    (found,) = overview.named([row(library)], "pages/rating")

    assert (found.state, found.door, found.text.channel) == ("in_force", "shipped", "page")
    assert (found.text.language, found.text.audience) == ("ar", "citizen")
    assert row(library, STAFF_PAGE).text.audience == "staff"


def test_a_changed_file_is_a_revision_and_is_shown(open_desk: OpenDesk) -> None:
    library = open_desk().library
    (library.folder / PAGE).write_text(EDITED, "utf-8")

    (change,) = FileDoor(library).look()

    assert (change.path, change.problems) == (PAGE, ())
    assert said(library) == NEW
    assert [one.door for one in library.database.read_now(texts.history, PAGE)] == ["shipped", "file"]


def test_a_broken_file_changes_nothing_also_after_a_restart(open_desk: OpenDesk) -> None:
    library = open_desk().library
    (library.folder / PAGE).write_text(EDITED, "utf-8")
    FileDoor(library).look()
    (library.folder / PAGE).write_text(EDITED.replace("((number))", "((nummer))"), "utf-8")

    (change,) = FileDoor(library).look()

    assert "القيم في السطر «survey_intro» يجب أن تكون هذه دون غيرها: ((number))" in str(change.problems[0])
    assert change.problems[0].line == SHIPPED[: SHIPPED.index("survey_intro")].count("\n") + 1
    restarted = open_desk().library
    assert FileDoor(restarted).look() == []
    assert (said(restarted), row(restarted).state) == (NEW, "refused")


def test_what_one_daemon_publishes_another_shows(database: Database, open_desk: OpenDesk) -> None:
    library = open_desk().library
    other = Library(
        database, ManualClock(NOW), resources.templates(), library.folder / "elsewhere", Rules(False)
    )
    other.open()
    pages = Pages(settings_of(texts=other))
    assert pages.say("thanks_title") == OLD
    (library.folder / PAGE).write_text(EDITED, "utf-8")
    FileDoor(library).look()

    other.follow()

    assert said(other) == NEW
    assert Pages(settings_of(texts=other)).say("thanks_title") == NEW


def test_an_address_of_another_host_is_refused(open_desk: OpenDesk) -> None:
    library = open_desk().library

    (problem,) = library.problems(PAGE, SHIPPED.replace(OLD, "شكرًا لكم https://evil.example/x"))

    assert "evil.example" in problem.message


async def test_in_the_browser_each_sentence_is_a_field_beside_the_same_in_the_other_language(
    open_desk: OpenDesk,
) -> None:
    visitor = await open_desk().house.signed_in()

    page = await visitor.get(f"/admin/texts/edit/{PAGE}")

    form = sentences(page.text)
    assert form["say.thanks_title"] == OLD
    assert "Thank you" in read(page)
    assert "يجب أن تبقى: ((number))" in read(page)
    assert 'for="say.thanks_title"' in page.text
    assert (await visitor.get(f"/admin/texts/edit/{STAFF_PAGE}")).status_code == 200


def sentences(page: str) -> dict[str, str]:
    found = re.findall(r'<textarea[^>]*name="([\w.]+)"[^>]*>\n(.*?)</textarea>', page, re.DOTALL)
    found += re.findall(r'<input[^>]*name="([\w.]+)"[^>]*?value="([^"]*)"', page)
    return {name: html.unescape(value) for name, value in found if name != "q"}


async def test_a_sentence_is_changed_saved_with_its_reason_and_brought_back(open_desk: OpenDesk) -> None:
    desk = open_desk()
    visitor = await desk.house.signed_in()
    form = sentences((await visitor.get(f"/admin/texts/edit/{PAGE}")).text)

    saved = await act(visitor, "save", form, PAGE, **{"say.thanks_title": NEW, "why": "أجمل"})

    assert saved.headers["location"] == f"/admin/texts/edit/{PAGE}?done=in_force"
    assert desk.library.read(PAGE) == EDITED, "its notes and everything else as they were"
    assert said(desk.library) == NEW
    now = desk.library.database.read_now(texts.in_force_of, PAGE)
    assert now is not None
    assert (now.by, now.why, now.door) == (NOURA.name, "أجمل", "browser")
    assert desk.house.audited()[0].act == "text_saved"
    history = await visitor.get(f"/admin/texts/history/{PAGE}")
    assert "خالص" in read(history)
    first = desk.library.database.read_now(texts.history, PAGE)[0]
    assert OLD in read(await visitor.get(f"/admin/texts/seen/{first.id}"))
    restored = await visitor.post(
        f"/admin/texts/restore/{PAGE}", data={"revision": first.revision, "why": "كما كان"}
    )
    assert restored.headers["location"].endswith("done=restored")
    assert said(desk.library) == OLD


@pytest.mark.parametrize(
    "typed, told",
    [
        ("", "السطر «thanks_title» فارغ"),
        ("شكرًا ((name))", "القيم في السطر «thanks_title»"),
        ("**شكرًا**", "العلامة «**»"),
        ("<b>شكرًا", "العلامة «<»"),
        ("شكرًا ((", "أقواس بلا نظير"),
    ],
)
async def test_a_mistake_is_told_at_its_field_and_what_was_written_stays(
    open_desk: OpenDesk, typed: str, told: str
) -> None:
    desk = open_desk()
    visitor = await desk.house.signed_in()
    form = sentences((await visitor.get(f"/admin/texts/edit/{PAGE}")).text)

    page = await act(
        visitor, "save", form, PAGE, **{"say.thanks_title": typed, "why": "x", "confirmed": "yes"}
    )

    assert page.status_code == 422
    assert told in read(page)
    assert '<a href="#say.thanks_title">' in page.text
    assert sentences(page.text)["say.thanks_title"] == typed
    assert said(desk.library) == OLD


async def test_the_preview_shows_the_sentences_with_values_and_marks_what_changed(
    open_desk: OpenDesk,
) -> None:
    visitor = await open_desk().house.signed_in()
    form = sentences((await visitor.get(f"/admin/texts/edit/{PAGE}")).text)

    page = await act(visitor, "preview", form, PAGE, **{"say.thanks_title": NEW})

    assert page.status_code == 200
    assert read(page).index("الجمل التي تغيّرت") < read(page).index(NEW)
    assert "FRS-" in read(page)
    assert "((number))" not in read(page)


async def test_the_preview_shows_the_page_that_says_the_changed_sentence(open_desk: OpenDesk) -> None:
    visitor = await open_desk().house.signed_in()
    page = await visitor.get(f"/admin/texts/edit/{PAGE}")
    form = sentences(page.text)
    assert re.findall(r'<option value="(\w*)"( selected)?>', page.text)[:2] == [
        ("", " selected"),
        ("survey_title", ""),
    ]
    assert re.findall(r'<option value="(phone|desktop|outlook|gmail|dark)"', page.text) == [
        "phone",
        "desktop",
        "dark",
    ]

    shown = await act(
        visitor, "preview", form, PAGE, **{"say.thanks_title": NEW, "sample": "", "look": "dark"}
    )
    other = await act(visitor, "preview", form, PAGE, **{"say.thanks_title": NEW, "sample": "survey_title"})

    assert f"<h1>{NEW}</h1>" in framed(shown.text)
    assert "@media all" in framed(shown.text)
    assert NEW not in framed(other.text)
    assert '<form method="post"' in framed(other.text)
    assert 'class="mail phone" sandbox title=' in shown.text


async def test_words_that_stand_on_no_page_are_shown_as_sentences(open_desk: OpenDesk) -> None:
    visitor = await open_desk().house.signed_in()
    path = "ar/pages/digest.toml"
    form = sentences((await visitor.get(f"/admin/texts/edit/{path}")).text)

    page = await act(visitor, "preview", form, path)

    assert "<iframe" not in page.text
    assert '<details class="sentences-all" open>' in page.text


async def test_a_revision_of_a_page_is_seen_on_its_page(open_desk: OpenDesk) -> None:
    desk = open_desk()
    visitor = await desk.house.signed_in()
    form = sentences((await visitor.get(f"/admin/texts/edit/{PAGE}")).text)
    await act(visitor, "save", form, PAGE, **{"say.thanks_title": NEW, "why": "أوضح"})
    (past, *_), _ = TextsDesk(desk.library).history(PAGE, None, 5)

    usual = await visitor.get(f"/admin/texts/seen/{past.revision.id}")
    thanks = await visitor.get(f"/admin/texts/seen/{past.revision.id}?sample=thanks_text")

    assert '<option value="survey_title" selected>' in usual.text
    assert f"<h1>{NEW}</h1>" in framed(thanks.text)


async def test_the_later_of_two_admins_is_shown_the_earlier_save_of_a_page(open_desk: OpenDesk) -> None:
    desk = open_desk()
    noura, writer = await desk.house.signed_in(NOURA), await desk.house.signed_in()
    first = sentences((await noura.get(f"/admin/texts/edit/{PAGE}")).text)
    await act(noura, "save", first, PAGE, **{"say.thanks_title": NEW, "why": "أ"})

    page = await act(writer, "save", first, PAGE, **{"say.dear": "الأخ العميل،", "why": "ب"})

    assert page.status_code == 422
    assert said(desk.library) == NEW
    back = await writer.post(f"/admin/texts/edit/{PAGE}", data=sentences(page.text))
    assert sentences(back.text)["say.dear"] == "الأخ العميل،"


async def test_with_a_second_person_only_what_citizens_read_waits(open_desk: OpenDesk) -> None:
    desk = open_desk(second_person=True)
    visitor = await desk.house.signed_in()
    states = {}
    for path, field in ((PAGE, "say.dear"), (STAFF_PAGE, "say.tickets_title")):
        form = sentences((await visitor.get(f"/admin/texts/edit/{path}")).text)
        field = field if field in form else next(name for name in form if name.startswith("say."))
        saved = await act(visitor, "save", form, path, **{field: f"{form[field]} الآن", "why": "x"})
        states[path] = saved.headers["location"].partition("done=")[2]

    assert states == {PAGE: "waiting_for_second", STAFF_PAGE: "in_force"}


def test_a_page_that_lacks_a_sentence_of_a_new_version_is_a_form_with_the_programs_words() -> None:
    older = SHIPPED.replace(f'thanks_title = "{OLD}"\n', "")

    found = fields_of(older, PAGE)

    assert found.sentences is not None
    assert found.sentences["thanks_title"] == OLD
    assert f'thanks_title = "{OLD}"' in found.content


@pytest.mark.parametrize("path", [PAGE, STAFF_PAGE])
async def test_words_of_pages_are_no_message_that_could_be_sent_as_a_test(
    open_desk: OpenDesk, path: str
) -> None:
    visitor = await open_desk().house.signed_in()
    form = sentences((await visitor.get(f"/admin/texts/edit/{path}")).text)

    assert (await act(visitor, "test", form, path)).status_code == 404
