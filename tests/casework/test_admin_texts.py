"""The texts on /admin/: found, changed, checked, shown, published, agreed on, brought back, switched off."""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest

from daemon import resources
from daemon.clock import ManualClock
from daemon.courier import TemporaryFailure
from daemon.dispatch.trial import Trials
from daemon.store import switches, texts
from daemon.store.database import Database
from daemon.store.texts import Save
from daemon.templating import shipped, words
from daemon.templating.content import revision_of
from daemon.templating.engine import TemplateSet
from daemon.templating.errors import Problem
from daemon.templating.rendered import RenderedEmail, RenderedSms
from daemon.templating.setting import Setting
from daemon.web.admin.people import Admin
from daemon.web.admin.texts import past
from daemon.web.admin.texts.editor import Editor
from daemon.web.admin.texts.fields import fields_of
from daemon.web.admin.texts.section import texts_section
from daemon.web.admin.visits import Visit
from daemon.web.settings import WebSettings
from daemon.wording import advice, checking, library
from daemon.wording.desk import TextsDesk
from daemon.wording.file_door import FileDoor
from daemon.wording.library import Library
from daemon.wording.revisions import Rules, SamePerson
from tests.admin_house import HASH, NOURA, NOW, URL, AdminHouse, Visitor, admin_house

MAIL, SMS = "ar/info_warning.email.md", "ar/received.sms.txt"
SARA = Admin("سارة", HASH, "")
FIGURES = Admin("فهد", HASH, "fahd@momah.gov.sa", frozenset({"figures"}))


class MemoryTrials(Trials):
    """Keeps the tests that it would send."""

    def __init__(self, *, has_sms: bool = True, fails: bool = False) -> None:
        self.has_sms = has_sms
        self.fails = fails
        self.sent: list[tuple[str, str]] = []

    async def send_mail(self, to: str, shown: RenderedEmail | RenderedSms, language: str) -> None:
        if self.fails:
            raise TemporaryFailure("the server does not answer")
        self.sent.append((to, shown.text))

    async def send_sms(self, to: str, shown: RenderedSms) -> None:
        self.sent.append((to, shown.text))


class Desk:
    """The section over a database, as one daemon has it."""

    def __init__(self, database: Database, folder: Path, *, second_person: bool = False) -> None:
        self.clock = ManualClock(NOW)
        setting = Setting(URL, ())
        self.library = Library(
            database, self.clock, resources.templates(), folder, Rules(second_person, setting)
        )
        self.library.open()
        self.trials = MemoryTrials()
        desk, zone = TextsDesk(self.library, 0.05), ZoneInfo("Asia/Riyadh")
        section = texts_section(desk, self.trials, zone, WebSettings(URL))
        self.house: AdminHouse = admin_house(database, [section], admins=(NOURA, SARA, FIGURES))


OpenDesk = Callable[..., Desk]


@pytest.fixture
def open_desk(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OpenDesk:
    def problems(self: Library, path: str, content: str) -> list[Problem]:
        return checking.problems_of(path, content, self, apart=False)

    monkeypatch.setattr(library.Library, "problems", problems)
    # Spelling is tests/texts/test_wording_advice.py's: to start the dictionary takes a quarter of a second.
    monkeypatch.setattr(advice, "_looked_up", lambda *_: {})
    (tmp_path / "ar").mkdir()
    return lambda **given: Desk(database, tmp_path, **given)


def read(page: httpx.Response) -> str:
    """What stands on the page, without its marks."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


def form_of(page: httpx.Response) -> dict[str, str]:
    """The fields of the editor as the page holds them."""
    found = dict(re.findall(r'<input[^>]*name="(\w+)"[^>]*?value="([^"]*)"', page.text))
    found |= dict(re.findall(r'<textarea[^>]*name="(\w+)"[^>]*>\n(.*?)</textarea>', page.text, re.DOTALL))
    return {name: html.unescape(value) for name, value in found.items() if name != "q"}


async def edit(visitor: Visitor, path: str = MAIL) -> dict[str, str]:
    page = await visitor.get(f"/admin/texts/edit/{path}")
    assert page.status_code == 200
    return form_of(page)


async def act(
    visitor: Visitor, what: str, form: dict[str, str], path: str = MAIL, **changed: str
) -> httpx.Response:
    """As a browser posts the form of the editor."""
    return await visitor.post(f"/admin/texts/{what}/{path}", data={**form, **changed})


def test_every_mail_that_the_program_comes_with_is_a_form_and_stays_what_it_is() -> None:
    folder = resources.templates()
    mails = [path for path in shipped.files(folder) if path.endswith(".email.md") and "pieces" not in path]
    assert len(mails) > 60

    for path in mails:
        content = (folder / path).read_text("utf-8")
        found = fields_of(content)
        assert (found.content, found.subject is None) == (content, False), path


async def test_the_list_tells_of_each_text_its_state_and_last_change(open_desk: OpenDesk) -> None:
    visitor = await open_desk().house.signed_in()

    page = await visitor.get("/admin/texts", params={"q": "info_warning"})

    assert page.status_code == 200
    assert f'href="/admin/texts/edit/{MAIL}"' in page.text
    assert "سارٍ" in read(page)
    assert "closed_no_response" not in page.text


async def test_a_text_is_found_by_words_that_stand_in_it(open_desk: OpenDesk) -> None:
    visitor = await open_desk().house.signed_in()

    page = await visitor.get("/admin/texts", params={"q": "نود  تذكيركم"})
    others = await visitor.get("/admin/texts", params={"q": "نود تذكيركم", "audience": "operator"})

    assert f'href="/admin/texts/edit/{MAIL}"' in page.text
    assert "/admin/texts/edit/ar/received.email.md" not in page.text
    assert "/admin/texts/edit/" not in others.text


async def test_a_mistake_names_its_line_by_how_it_begins(open_desk: OpenDesk) -> None:
    """The field shows no numbers of lines."""
    visitor = await open_desk().house.signed_in()
    form = await edit(visitor)

    page = await act(visitor, "preview", form, body=form["body"].replace("((رقم الطلب))", "((رقم الطلبات))"))

    assert re.search(r"«إشارةً إلى طلبنا [^«»]*…»", read(page))


async def test_the_usual_sample_needs_no_name(open_desk: OpenDesk) -> None:
    visitor = await open_desk().house.signed_in()

    page = await act(visitor, "preview", await edit(visitor), body="نص")

    assert "لا يظهر رقم الشكوى" in read(page)
    assert "usual" not in read(page)


async def test_what_changed_names_the_subject_as_the_form_does(open_desk: OpenDesk) -> None:
    visitor = await open_desk().house.signed_in()
    form = await edit(visitor)
    await act(visitor, "save", form, body=form["body"] + "\nمع التحية", why="ألطف")

    page = await visitor.get(f"/admin/texts/history/{MAIL}")

    assert "الموضوع: نأمل" in read(page)
    assert "subject:" not in page.text


async def test_who_has_not_the_role_of_words_is_not_let_in(open_desk: OpenDesk) -> None:
    visitor = await open_desk().house.signed_in(FIGURES)

    for path in ("", f"/edit/{MAIL}", f"/history/{MAIL}", "/switch/joined"):
        assert (await visitor.get(f"/admin/texts{path}")).status_code == 403
    for act in ("save", "preview", "test", "restore", "review"):
        assert (await visitor.post(f"/admin/texts/{act}/{MAIL}", data={"body": "x"})).status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "edit/ar/nothing.email.md",
        "edit/../../etc/passwd",
        "history/ar/x.sms.txt",
        "seen/99999",
        "switch/survey",
    ],
)
async def test_what_there_is_not_is_no_page(open_desk: OpenDesk, path: str) -> None:
    visitor = await open_desk().house.signed_in()

    assert (await visitor.get(f"/admin/texts/{path}")).status_code == 404


async def test_a_changed_sentence_is_in_force_audited_and_said(open_desk: OpenDesk) -> None:
    desk = open_desk()
    visitor = await desk.house.signed_in()
    form = await edit(visitor)

    saved = await act(visitor, "save", form, body=form["body"] + "\nشكرًا لكم.\n", why="تحية")

    assert (saved.status_code, saved.headers["location"]) == (
        303,
        f"/admin/texts/edit/{MAIL}?done=in_force",
    )
    assert "شكرًا لكم." in desk.library.read(MAIL)
    now = desk.library.database.read_now(texts.in_force_of, MAIL)
    assert now is not None
    assert (now.by, now.why, now.door) == (NOURA.name, "تحية", "browser")
    deed = desk.house.audited()[0]
    assert (deed.who, deed.act, deed.about) == (NOURA.name, "text_saved", f"text {MAIL}")
    assert "حُفظ النص" in read(await visitor.get(saved.headers["location"]))


async def test_a_mistyped_name_is_told_at_its_line_with_the_name_that_was_meant(
    open_desk: OpenDesk,
) -> None:
    desk = open_desk()
    visitor = await desk.house.signed_in()
    form = await edit(visitor)
    before = desk.library.read(MAIL)
    body = form["body"].replace("((رقم الشكوى))", "((رقم الشكوة))", 1)
    line = body[: body.index("((رقم الشكوة))")].count("\n") + 1

    page = await act(visitor, "save", form, body=body, why="x", confirmed="yes")

    assert page.status_code == 422
    assert "هل تقصدون: ((رقم الشكوى))؟" in read(page)
    assert re.search(rf"السطر\s+{line}\s*:", read(page))
    assert form_of(page)["body"] == body, "what was written is not lost"
    assert desk.library.read(MAIL) == before


async def test_a_wrong_subject_is_told_at_the_subject(open_desk: OpenDesk) -> None:
    visitor = await open_desk().house.signed_in()
    form = await edit(visitor)

    page = await act(visitor, "save", form, subject="((رقم الشكوى)", why="x", confirmed="yes")

    assert '<a href="#subject">الموضوع:' in page.text.replace("\n", "")


async def test_why_is_asked_and_nothing_is_saved_without_it(open_desk: OpenDesk) -> None:
    desk = open_desk()
    visitor = await desk.house.signed_in()
    form = await edit(visitor)

    page = await act(visitor, "save", form, body=form["body"] + "\nx\n")

    assert (page.status_code, "نأمل كتابة السبب" in read(page)) == (422, True)
    assert desk.library.is_as_shipped(MAIL)


async def test_a_value_that_comes_or_goes_stops_the_save_until_it_is_meant(open_desk: OpenDesk) -> None:
    desk = open_desk()
    visitor = await desk.house.signed_in()
    form = await edit(visitor)
    given = {**form, "body": form["body"] + "\nالرقم الموحد: ((الرقم الموحد))\n", "why": "الهاتف"}
    if "((الرقم الموحد))" in form["body"]:
        given["body"] = form["body"] + "\n((بريد الشكاوى))\n"

    stopped = await visitor.post(f"/admin/texts/save/{MAIL}", data=given)

    assert stopped.status_code == 422
    assert "أُضيفت هذه القيم" in read(stopped)
    assert desk.library.is_as_shipped(MAIL)
    back = await visitor.post(f"/admin/texts/edit/{MAIL}", data=form_of(stopped))
    assert form_of(back)["body"] == given["body"]
    confirmed = await act(visitor, "save", form_of(stopped), confirmed="yes")
    assert confirmed.status_code == 303
    assert desk.library.read(MAIL).endswith(given["body"])


async def test_the_later_of_two_admins_is_shown_what_the_earlier_one_saved(open_desk: OpenDesk) -> None:
    desk = open_desk()
    noura, sara = await desk.house.signed_in(NOURA), await desk.house.signed_in(SARA)
    first, second = await edit(noura), await edit(sara)

    await noura.post(
        f"/admin/texts/save/{MAIL}", data={**first, "body": first["body"] + "\nمن نورة.\n", "why": "أ"}
    )
    page = await act(sara, "save", second, body=second["body"] + "\nمن سارة.\n", why="ب")

    assert page.status_code == 422
    assert NOURA.name in read(page)
    assert re.search(r"<del>[^<]*نورة", page.text)
    assert re.search(r"<ins>[^<]*سارة", page.text)
    assert "من نورة." in desk.library.read(MAIL)
    over = await act(sara, "save", form_of(page), confirmed="yes")
    assert over.status_code == 303
    assert "من سارة." in desk.library.read(MAIL)


async def test_with_a_second_person_another_admin_sees_it_and_agrees(open_desk: OpenDesk) -> None:
    desk = open_desk(second_person=True)
    noura, sara = await desk.house.signed_in(NOURA), await desk.house.signed_in(SARA)
    form = await edit(noura)
    await noura.post(
        f"/admin/texts/save/{MAIL}", data={**form, "body": form["body"] + "\nجديد.\n", "why": "أ"}
    )
    assert desk.library.is_as_shipped(MAIL)
    own = await noura.get(f"/admin/texts/review/{MAIL}")
    assert "كتبتم هذا النص" in read(own)
    revision = desk.library.database.read_now(texts.head, MAIL)
    assert revision is not None
    await noura.post(f"/admin/texts/review/{MAIL}", data={"revision": revision.revision})
    assert desk.library.is_as_shipped(MAIL), "nobody agrees with themselves"

    assert f"/admin/texts/review/{MAIL}" in (await sara.get("/admin/texts")).text
    page = await sara.get(f"/admin/texts/review/{MAIL}")
    assert re.search(r"<ins>[^<]*جديد", page.text)
    done = await sara.post(f"/admin/texts/review/{MAIL}", data={"revision": revision.revision})

    assert done.headers["location"] == "/admin/texts?done=approved_in_force"
    assert "جديد." in desk.library.read(MAIL)
    assert desk.house.audited()[0].act == "text_approved"


async def test_a_text_is_published_at_a_time_of_the_desks_own_zone(open_desk: OpenDesk) -> None:
    desk = open_desk()
    visitor = await desk.house.signed_in()
    form = await edit(visitor)

    await act(visitor, "save", form, body=form["body"] + "\nلاحقًا.\n", why="أ", publish_at="2026-11-22T14:00")

    assert desk.library.is_as_shipped(MAIL)
    desk.clock.advance(hours=2)  # 14:00 in Riyadh
    desk.library.follow()
    assert "لاحقًا." in desk.library.read(MAIL)


async def test_the_preview_shows_the_mail_in_a_frame_where_nothing_runs(open_desk: OpenDesk) -> None:
    visitor = await open_desk().house.signed_in()
    form = await edit(visitor)

    page = await act(visitor, "preview", form, body=form["body"] + "\nجملة جديدة.\n", look="outlook")

    assert page.status_code == 200
    frame = re.search(r'<iframe class="mail desktop" sandbox [^>]*srcdoc="([^"]*)"', page.text)
    assert frame is not None
    assert "جملة جديدة." in html.unescape(frame[1])
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "النص سليم" in read(page)


@pytest.mark.parametrize("look", ["phone", "desktop", "outlook", "gmail", "dark", "nothing"])
async def test_every_look_shows_something(open_desk: OpenDesk, look: str) -> None:
    visitor = await open_desk().house.signed_in()

    page = await act(visitor, "preview", await edit(visitor), look=look)

    assert "srcdoc=" in page.text
    assert ("prefers-color-scheme: dark" in page.text) is False


async def test_an_sms_is_a_bubble_with_its_price_in_a_sentence(open_desk: OpenDesk) -> None:
    visitor = await open_desk().house.signed_in()

    page = await visitor.post(f"/admin/texts/preview/{SMS}", data=await edit(visitor, SMS))

    assert 'class="bubble"' in page.text
    assert re.search(r"تُحسب .+، وكلفتها 0\.\d\d ريال لكل مستلم", read(page))


async def test_a_shared_piece_is_shown_in_a_text_that_says_it(open_desk: OpenDesk) -> None:
    visitor = await open_desk().house.signed_in()
    path = "ar/pieces/greeting.unnamed.md"
    form = await edit(visitor, path)

    page = await visitor.post(f"/admin/texts/preview/{path}", data={"body": "تحية لم يعرفها أحد،\n"})

    assert form["body"].strip()
    assert "تحية لم يعرفها أحد" in html.unescape(page.text)


async def test_a_test_goes_to_oneself_by_mail_and_by_sms(open_desk: OpenDesk) -> None:
    desk = open_desk()
    visitor = await desk.house.signed_in()

    mailed = await visitor.post(f"/admin/texts/test/{MAIL}", data=await edit(visitor))
    texted = await act(visitor, "test", await edit(visitor, SMS), SMS, mobile="0501234567")

    assert [to for to, _ in desk.trials.sent] == [NOURA.email, "+966501234567"]
    assert NOURA.email in read(mailed)
    assert "أُرسلت التجربة" in read(texted)
    assert [entry.act for entry in desk.house.audited()[:2]] == ["text_test_sent", "text_test_sent"]


async def test_a_test_that_cannot_go_says_why(open_desk: OpenDesk) -> None:
    desk = open_desk()
    sara, noura = await desk.house.signed_in(SARA), await desk.house.signed_in(NOURA)
    form = await edit(sara)

    nowhere = await sara.post(f"/admin/texts/test/{MAIL}", data=form)
    broken = await act(noura, "test", form, body="((لا شيء))")
    desk.trials.fails = True
    failed = await noura.post(f"/admin/texts/test/{MAIL}", data=form)

    assert "ليس لكم عنوان بريد" in read(nowhere)
    assert "لم تُرسل التجربة" in read(broken)
    assert "does not answer" in read(failed)
    assert desk.trials.sent == []


async def test_nobody_sends_more_tests_than_a_few(open_desk: OpenDesk) -> None:
    desk = open_desk()
    visitor = await desk.house.signed_in()
    form = await edit(visitor, SMS)

    pages = [await visitor.post(f"/admin/texts/test/{SMS}", data=form) for _ in range(32)]

    assert len(desk.trials.sent) == 30
    assert "كثرت التجارب" in read(pages[-1])


async def test_the_history_shows_revisions_as_they_were_seen_and_brings_one_back(
    open_desk: OpenDesk,
) -> None:
    desk = open_desk()
    visitor = await desk.house.signed_in()
    form = await edit(visitor)
    old = desk.library.read(MAIL)
    await act(visitor, "save", form, body=form["body"] + "\nجديد.\n", why="تجربة السجل")
    desk.clock.advance(minutes=1)
    piece = "ar/pieces/greeting.named.md"
    desk.library.save(Save(piece, revision_of("تحية أخرى"), "تحية أخرى", "x", "", "browser"))

    page = await visitor.get(f"/admin/texts/history/{MAIL}")

    assert re.search(r"<ins>[^<]*جديد", page.text)
    assert "تجربة السجل" in read(page)
    ids = [int(one) for one in re.findall(r"/admin/texts/seen/(\d+)", page.text)]
    seen = html.unescape((await visitor.get(f"/admin/texts/seen/{ids[-1]}")).text)
    assert "جديد." not in seen
    assert "تحية أخرى" not in seen, "as the pieces were then"
    refused = await visitor.post(f"/admin/texts/restore/{MAIL}", data={"revision": revision_of(old)})
    assert refused.headers["location"].endswith("mistake=why_missing")
    wanted = {"revision": revision_of(old), "why": "رجوع"}
    back = await visitor.post(f"/admin/texts/restore/{MAIL}", data=wanted)
    assert back.headers["location"].endswith("done=restored")
    assert desk.library.read(MAIL) == old
    assert desk.house.audited()[0].act == "text_rolled_back"


async def test_words_of_a_new_version_are_offered_and_declined(
    open_desk: OpenDesk, database: Database
) -> None:
    desk = open_desk()
    visitor = await desk.house.signed_in()
    form = await edit(visitor)
    own = form["body"] + "\nلنا.\n"
    await act(visitor, "save", form, body=own, why="أ")
    offered = desk.library.read(MAIL).replace("لنا.", "للإصدار الجديد.")
    new = Save(MAIL, revision_of(offered), offered, "shakwa 9", "", "shipped")
    database.transact_now(texts.add, new, "offered", NOW)

    page = await visitor.get(f"/admin/texts/edit/{MAIL}")
    assert re.search(r"<ins>[^<]*للإصدار", page.text)
    in_force = revision_of(desk.library.read(MAIL))
    await visitor.post(f"/admin/texts/restore/{MAIL}", data={"revision": in_force, "why": "نصنا"})

    assert "لنا." in desk.library.read(MAIL)
    assert "إصدار جديد" not in read(await visitor.get(f"/admin/texts/edit/{MAIL}"))


async def test_a_notification_that_nobody_demands_is_switched_off_with_a_reason(
    open_desk: OpenDesk, database: Database
) -> None:
    desk = open_desk()
    visitor = await desk.house.signed_in()

    without = await visitor.post("/admin/texts/switch/joined", data={"off": "yes"})
    assert without.status_code == 422
    done = await visitor.post("/admin/texts/switch/joined", data={"off": "yes", "why": "يكفي البيان"})

    assert done.headers["location"] == "/admin/texts?done=switched_off"
    assert database.read_now(switches.off)["joined"].by == NOURA.name
    assert (
        await visitor.post("/admin/texts/switch/survey", data={"off": "yes", "why": "x"})
    ).status_code == 404
    assert "موقوف" in read(await visitor.get("/admin/texts", params={"q": "joined"}))
    assert desk.house.audited()[0].act == "notification_switched"


async def test_a_broken_file_is_told_and_the_last_good_words_stay_after_a_restart(
    open_desk: OpenDesk, tmp_path: Path
) -> None:
    desk = open_desk()
    visitor = await desk.house.signed_in()
    form = await edit(visitor)
    await act(visitor, "save", form, body=form["body"] + "\nالأخير.\n", why="أ")
    (tmp_path / MAIL).write_text("{% for x in y %}", "utf-8")
    FileDoor(desk.library).look()

    again = open_desk()  # after a SIGKILL
    FileDoor(again.library).look()

    assert "الأخير." in again.library.read(MAIL)
    mail = TemplateSet(again.library, "ar").render_email("info_warning", {})
    assert mail.fallback in ("", "builtin")
    page = await (await again.house.signed_in()).get(f"/admin/texts/edit/{MAIL}")
    assert "في المجلد ملف لم يُقبل" in read(page)


async def test_what_was_typed_is_never_markup_on_our_pages(open_desk: OpenDesk) -> None:
    visitor = await open_desk().house.signed_in()
    evil = "</textarea><script>alert(1)</script>"
    form = {**await edit(visitor), "body": evil, "subject": f'"{evil}', "why": f'">{evil}'}

    for what in ("save", "preview", "test", "edit"):
        assert "<script>alert" not in (await act(visitor, what, form)).text
    assert "<script>alert" not in (await visitor.get("/admin/texts", params={"q": f'">{evil}'})).text


async def test_what_comes_from_another_site_changes_nothing(open_desk: OpenDesk) -> None:
    desk = open_desk()
    visitor = await desk.house.signed_in()
    form = {**await edit(visitor), "why": "x", "body": "x"}

    page = await visitor.post(
        f"/admin/texts/save/{MAIL}", data=form, headers={"Sec-Fetch-Site": "cross-site"}
    )

    assert page.status_code == 403
    assert desk.library.is_as_shipped(MAIL)


# --- what a hostile or hasty admin does --------------------------------------------------------------


async def test_the_list_reads_the_names_of_notifications_once(
    open_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Each reading takes ten milliseconds of the loop, and a list has hundreds of names.
    visitor, read = await open_desk().house.signed_in(), []
    await visitor.get("/admin/texts")
    whole = words.read
    monkeypatch.setattr(words, "read", lambda *given: read.append(given) or whole(*given))

    assert (await visitor.get("/admin/texts")).status_code == 200
    await visitor.get(f"/admin/texts/edit/{MAIL}")

    assert len(read) <= 2


async def test_two_previews_at_a_time_leave_room_for_the_others(
    open_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor, waiting, may_go_on = await open_desk().house.signed_in(), asyncio.Semaphore(0), asyncio.Event()
    form = await edit(visitor)
    whole = Editor._standing

    in_turn = asyncio.Lock()  # the tests' database has one connection

    async def slow(self: Editor, visit: Visit) -> object:
        waiting.release()
        await may_go_on.wait()
        async with in_turn:
            return await whole(self, visit)

    monkeypatch.setattr(Editor, "_standing", slow)
    first = []
    for _ in range(2):
        first.append(asyncio.ensure_future(act(visitor, "preview", form)))
        await waiting.acquire()

    others = [await act(visitor, what, form) for what in ("preview", "test", "preview")]
    home = await visitor.get("/admin/")
    may_go_on.set()

    assert [one.status_code for one in others] == [503] * 3
    assert "آخرون يعاينون" in read(others[0])
    assert home.status_code == 200
    assert [(await one).status_code for one in first] == [200, 200]
    assert (await act(visitor, "preview", form)).status_code == 200


@pytest.mark.parametrize(
    "at", ["2026-11-22T11:59", "0001-01-01T00:00", "9999-12-31T23:59", "2028-01-01T00:00"]
)
async def test_a_time_that_is_over_or_far_away_publishes_nothing(open_desk: OpenDesk, at: str) -> None:
    desk = open_desk()
    visitor = await desk.house.signed_in()
    form = await edit(visitor)

    page = await act(visitor, "save", form, body=form["body"] + "\nلاحقًا.\n", why="أ", publish_at=at)

    assert page.status_code == 422
    assert 'href="#publish_at"' in page.text
    assert "لاحقًا." in page.text
    assert desk.library.is_as_shipped(MAIL)


async def test_who_goes_back_is_shown_what_another_saved_meanwhile(open_desk: OpenDesk) -> None:
    desk = open_desk()
    noura, sara = await desk.house.signed_in(NOURA), await desk.house.signed_in(SARA)
    form = await edit(noura)
    await act(noura, "save", form, body=form["body"] + "\nمن نورة.\n", why="أ")
    page = await noura.get(f"/admin/texts/history/{MAIL}")
    fields = dict(re.findall(r'name="(revision|began_from)" value="([0-9a-f]*)"', page.text))
    form = await edit(sara)
    await act(sara, "save", form, body=form["body"] + "\nمن سارة.\n", why="ب")

    over = await noura.post(f"/admin/texts/restore/{MAIL}", data={**fields, "why": "خطأ"})
    told = await noura.get(over.headers["location"])

    assert "حفظ شخص آخر" in read(told)
    assert "من سارة." in desk.library.read(MAIL)


async def test_a_second_space_makes_no_second_person(open_desk: OpenDesk) -> None:
    desk = open_desk(second_person=True)
    noura = await desk.house.signed_in()
    form = await edit(noura)
    await act(noura, "save", form, body=form["body"] + "\nجديد.\n", why="أ")
    revision = desk.library.database.read_now(texts.head, MAIL)
    assert revision is not None

    with pytest.raises(SamePerson):
        desk.library.approve(MAIL, revision.revision, f" {NOURA.name.replace(' ', '  ')}")


async def test_a_history_comes_page_by_page(open_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(past, "ON_A_PAGE", 2)
    desk = open_desk()
    visitor = await desk.house.signed_in()
    for number in range(4):
        form = await edit(visitor)
        await act(visitor, "save", form, body=f"{form['body']}\nسطر {number}.\n", why="أ")

    first = await visitor.get(f"/admin/texts/history/{MAIL}")
    [older] = re.findall(r'href="[^"]*(\?before=[0-9]+)"', first.text)
    second = await visitor.get(f"/admin/texts/history/{MAIL}{older}")

    assert [page.text.count('<li class="card">') for page in (first, second)] == [2, 2]
    assert re.search(r"<ins>[^<]*سطر 3", first.text)
    assert re.search(r"<ins>[^<]*سطر 1", second.text)
    assert (await visitor.get(f"/admin/texts/history/{MAIL}?before=1")).status_code == 404


async def test_whom_a_test_reached_is_known_also_where_it_failed(open_desk: OpenDesk) -> None:
    # It says what its admin wrote, in the ministry's name, to a mobile that they typed.
    desk = open_desk()
    desk.trials.fails = True
    visitor = await desk.house.signed_in()

    await act(visitor, "test", await edit(visitor, SMS), SMS, mobile="0501234567")
    await act(visitor, "test", await edit(visitor))

    told = [entry.detail or "" for entry in desk.house.audited() if entry.act == "text_test_sent"]
    assert NOURA.email in told[0]
    assert "+966501234567" in told[1]


@pytest.mark.parametrize("path", ["texts", f"texts/edit/{MAIL}", f"texts/history/{MAIL}"])
async def test_an_address_that_says_what_was_done_may_say_anything(open_desk: OpenDesk, path: str) -> None:
    visitor = await open_desk().house.signed_in()

    page = await visitor.get(f"/admin/{path}", params={"done": "<b>", "mistake": "sign_out", "look": "x"})

    assert page.status_code == 200
    assert 'role="alert"' not in page.text
