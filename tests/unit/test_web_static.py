"""What our pages load from us, and what stands on each: fonts, the privacy notice, the official strip."""

from __future__ import annotations

import re
from typing import Any

import pytest

from daemon import resources
from daemon.config.agreement import disagreements
from daemon.web import static
from tests.web_desk import TOKEN, FakeDesk, app_of, caller_of

SETTINGS: dict[str, dict[str, Any]] = {
    "at the top": {},
    "below a path": {"public_url": "https://momah.gov.sa/shakwa"},
}


@pytest.fixture
def desk() -> FakeDesk:
    made = FakeDesk()
    made.place()
    return made


@pytest.mark.parametrize("where", SETTINGS)
async def test_a_page_names_fonts_that_are_there(desk: FakeDesk, where: str) -> None:
    settings = SETTINGS[where]
    base = "/shakwa" if settings else ""

    async with caller_of(app_of(desk, **settings)) as caller:
        page = await caller.get(f"/c/{TOKEN}")
        fonts = re.findall(r"url\(([^)]*)\)", page.text)
        answers = [await caller.get(font.removeprefix(base)) for font in fonts]

    assert len(fonts) == 4
    assert all(font.startswith(f"{base}/static/plex-") for font in fonts)
    assert "font-src 'self'" in page.headers["content-security-policy"]
    assert page.text.count("font-display: swap") == 4
    for answer in answers:
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "font/woff2"
        assert answer.content.startswith(b"wOF2")


async def test_a_font_is_kept_for_a_year_and_not_sent_twice(desk: FakeDesk) -> None:
    path = static.shipped().path("plex-arabic-400.woff2")

    async with caller_of(app_of(desk)) as caller:
        first = await caller.get(path)
        again = await caller.get(path, headers={"If-None-Match": first.headers["etag"]})

    assert first.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "name", ["plex-arabic-400.woff2", "OFL.txt", "..%2fpages%2fstyle.css", "x", ".%2e/static.py"]
)
async def test_nothing_else_of_the_disk_is_served(desk: FakeDesk, name: str) -> None:
    async with caller_of(app_of(desk)) as caller:
        assert (await caller.get(f"/static/{name}")).status_code == 404


def test_the_fonts_come_with_their_licence_and_are_small() -> None:
    fonts = list(resources.static().glob("*.woff2"))

    assert len(fonts) == 4
    assert sum(font.stat().st_size for font in fonts) < 150_000
    assert "SIL OPEN FONT LICENSE Version 1.1" in (resources.static() / "OFL.txt").read_text("utf-8")


@pytest.mark.parametrize(
    "language, words",
    [
        ("ar", ("ما الذي نحتفظ به؟", "نظام حماية البيانات الشخصية")),
        ("en", ("What do we keep?", "Data Protection")),
    ],
)
async def test_every_page_leads_to_the_privacy_notice_in_its_language(
    desk: FakeDesk, language: str, words: tuple[str, ...]
) -> None:
    desk.place(language=language)

    async with caller_of(app_of(desk)) as caller:
        page = await caller.get(f"/c/{TOKEN}")
        [path] = re.findall(r'href="(/privacy[^"]*)"', page.text)
        notice = await caller.get(path)

    assert notice.status_code == 200
    assert f'lang="{language}"' in notice.text
    assert all(word in notice.text for word in words)


async def test_the_ministrys_own_notice_is_named_where_there_is_one(desk: FakeDesk) -> None:
    url = "https://momah.gov.sa/privacy"

    async with caller_of(app_of(desk)) as caller:
        without = (await caller.get("/privacy")).text
    async with caller_of(app_of(desk, privacy_notice_url=url)) as caller:
        with_one = (await caller.get("/privacy")).text

    assert f'href="{url}"' in with_one
    assert "إشعار الخصوصية الكامل للوزارة" not in without


async def test_no_language_of_a_callers_is_a_bug(desk: FakeDesk) -> None:
    async with caller_of(app_of(desk)) as caller:
        answer = await caller.get("/privacy?language=../en")

    assert (answer.status_code, 'lang="ar"' in answer.text) == (200, True)


@pytest.mark.parametrize("is_official", [True, False])
async def test_the_official_strip_stands_where_it_is_configured(desk: FakeDesk, is_official: bool) -> None:
    async with caller_of(app_of(desk, is_official=is_official)) as caller:
        page = (await caller.get(f"/c/{TOKEN}")).text

    strip = "موقع حكومي رسمي تابع لحكومة المملكة العربية السعودية"
    assert (strip in page) is is_official
    assert (".gov.sa" in page) is is_official


@pytest.mark.parametrize(
    "url, is_fine",
    [
        ("https://shakwa.momah.gov.sa", True),
        ("http://shakwa.momah.gov.sa", False),
        ("https://shakwa.example.sa", False),
        ("https://gov.sa.example.com", False),
        ("https://notgov.sa", False),
    ],
)
def test_the_strip_is_no_lie(url: str, is_fine: bool) -> None:
    document = {"service": {"public_url": url}, "web": {"official_strip": True}}

    found = [path for path, _ in disagreements(document) if path == ("web", "official_strip")]

    assert (not found) is is_fine


async def test_the_privacy_notice_names_how_long_what_is_kept(desk: FakeDesk) -> None:
    times = (("complaints", 5.0), ("raw_mails", 2.0), ("set_aside", 0.5), ("audit", 5.0))
    async with caller_of(app_of(desk, keep_years=times)) as caller:
        arabic = (await caller.get("/privacy")).text
        english = (await caller.get("/privacy?language=en")).text

    assert "بيانات الشكوى ومرفقاتها: <bdi>5 سنوات</bdi> من إغلاقها" in arabic
    assert "<bdi>سنتين</bdi>" in arabic
    assert "<bdi>6 أشهر</bdi>" in arabic
    assert "<bdi>5 years</bdi> from its closing" in english
    assert "<bdi>6 months</bdi>" in english
