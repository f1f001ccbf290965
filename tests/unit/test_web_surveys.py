"""/s/TOKEN: one question, answered once, by a person and not by a scanner."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from daemon.front_desk import MAX_COMMENT
from daemon.store.database import StoreUnavailable
from tests.web_desk import NUMBER, SURVEY_TOKEN, FakeDesk, app_of, caller_of

PAGE = f"/s/{SURVEY_TOKEN}"


@pytest.fixture
def desk() -> FakeDesk:
    desk = FakeDesk()
    desk.place_survey()
    return desk


async def test_looking_at_the_survey_records_nothing(desk: FakeDesk) -> None:
    async with caller_of(app_of(desk)) as caller:
        shown = await caller.get(PAGE)
        head = await caller.head(PAGE)
        tempted = await caller.get(f"{PAGE}?score=1&comment=x")

    assert [one.status_code for one in (shown, head, tempted)] == [200, 200, 200]
    assert not desk.has_written
    assert shown.text.replace('value="1" id="score"', 'value="1" id="score" checked') == tempted.text
    assert f'<bdi dir="ltr" class="number">{NUMBER}</bdi>' in shown.text
    assert shown.text.count('type="radio"') == 5
    assert " checked>" not in shown.text
    assert "الأحد 6\N{NO-BREAK SPACE}ديسمبر 2026، 12:00\N{NO-BREAK SPACE}م" in shown.text


@pytest.mark.parametrize("score, chosen", [("3", "3"), ("٤", "4"), ("6", ""), ("<b>", ""), ("", "")])
async def test_a_link_of_the_mail_chooses_a_score_and_sends_none(
    desk: FakeDesk, score: str, chosen: str
) -> None:
    async with caller_of(app_of(desk)) as caller:
        shown = await caller.get(PAGE, params={"score": score})

    assert "".join(re.findall('value="(.)"[^>]* checked>', shown.text)) == chosen
    assert not desk.has_written


@pytest.mark.parametrize("score", [1, 2, 3, 5])
async def test_after_a_low_score_the_way_goes_on(desk: FakeDesk, score: int) -> None:
    page = "https://shakwa.momah.gov.sa/c/tok1"
    desk.place_survey(status_url=page)

    async with caller_of(app_of(desk)) as caller:
        thanked = await caller.post(PAGE, data={"score": str(score)})

    assert (f'href="{page}?objection#text"' in thanked.text) == (score <= 2)
    assert ("وإن رغبتم في إعادة فتح الشكوى" in thanked.text) == (score <= 2)


async def test_where_the_page_is_not_theirs_a_low_score_leads_to_the_telephone(desk: FakeDesk) -> None:
    async with caller_of(app_of(desk)) as caller:
        thanked = await caller.post(PAGE, data={"score": "1"})

    assert "/c/" not in thanked.text
    assert thanked.text.count('href="tel:199040"') == 2


async def test_a_post_records_once_and_says_thank_you(desk: FakeDesk) -> None:
    async with caller_of(app_of(desk)) as caller:
        first = await caller.post(PAGE, data={"score": "4", "comment": " خدمة جيدة\r\nشكرًا "})
        second = await caller.post(PAGE, data={"score": "1"})
        reload = await caller.get(PAGE)

    assert (first.status_code, second.status_code, reload.status_code) == (200, 200, 200)
    assert desk.ratings == {SURVEY_TOKEN: (4, "خدمة جيدة\nشكرًا")}
    assert "<h1>شكرًا لكم</h1>" in first.text
    assert "<bdi>4</bdi> من 5" in first.text
    assert "<h1>سبق تسجيل تقييمكم</h1>" in second.text
    assert "<bdi>4</bdi> من 5" in second.text
    assert second.text == reload.text


@pytest.mark.parametrize("score", ["", "0", "6", "3.5", "-1", "٣٣", "five", None])
async def test_without_a_score_the_form_comes_again_with_the_comment(
    desk: FakeDesk, score: str | None
) -> None:
    typed = {"comment": '</textarea>"تعليق" <b>'} | ({} if score is None else {"score": score})

    async with caller_of(app_of(desk)) as caller:
        answer = await caller.post(PAGE, data=typed)

    assert answer.status_code == 422
    assert not desk.has_written
    assert "<title>خطأ: " in answer.text
    assert '<a href="#score">نأمل اختيار درجة' in answer.text
    assert re.findall("<[^>]* autofocus[^>]*>", answer.text) == [
        '<input type="radio" name="score" value="1" id="score" autofocus>'
    ]
    assert 'aria-invalid="true" aria-describedby=" score-mistake"' in answer.text
    assert "&lt;/textarea&gt;&#34;تعليق&#34; &lt;b&gt;</textarea>" in answer.text


async def test_a_comment_that_is_too_long_is_refused_and_kept_with_the_score(desk: FakeDesk) -> None:
    comment = "ط" * (MAX_COMMENT + 1)

    async with caller_of(app_of(desk)) as caller:
        answer = await caller.post(PAGE, data={"score": "5", "comment": comment})

    assert answer.status_code == 422
    assert not desk.has_written
    assert comment in answer.text
    assert 'value="5" checked' in answer.text


async def test_an_over_survey_says_so(desk: FakeDesk) -> None:
    desk.clock.advance(days=14)

    async with caller_of(app_of(desk)) as caller:
        shown = await caller.get(PAGE)
        posted = await caller.post(PAGE, data={"score": "4"})

    assert (shown.status_code, posted.status_code) == (410, 410)
    assert "<h1>انتهت مدة التقييم</h1>" in shown.text
    assert not desk.has_written


@pytest.mark.parametrize("token", ["unknown", "x" * 300, "%D8%B4", "a%00b", "a b", SURVEY_TOKEN.upper()])
async def test_a_link_that_is_not_ours_names_the_unified_number(desk: FakeDesk, token: str) -> None:
    async with caller_of(app_of(desk, unified_number="199 040")) as caller:
        shown = await caller.get(f"/s/{token}")
        posted = await caller.post(f"/s/{token}", data={"score": "4"})

    assert (shown.status_code, posted.status_code) == (404, 404)
    assert "غير صالح أو انتهت مدته" in shown.text
    assert '<a href="tel:199040"><bdi dir="ltr" class="number">199 040</bdi></a>' in shown.text


async def test_what_a_mail_program_took_into_the_link_is_dropped(desk: FakeDesk) -> None:
    async with caller_of(app_of(desk)) as caller:
        for tail in (".", "%E2%81%A9", "%D8%8C", ")."):
            assert (await caller.get(PAGE + tail)).status_code == 200, tail


async def test_an_outage_keeps_what_was_typed(desk: FakeDesk) -> None:
    desk.fault = StoreUnavailable("no")

    async with caller_of(app_of(desk)) as caller:
        shown = await caller.get(PAGE)
        posted = await caller.post(PAGE, data={"score": "2", "comment": "بطيء"})
        desk.fault = None
        again = await caller.post(PAGE, data={"score": "2", "comment": "بطيء"})

    assert (shown.status_code, posted.status_code, again.status_code) == (503, 503, 200)
    assert int(posted.headers["retry-after"]) > 0
    assert "بطيء</textarea>" in posted.text
    assert 'name="score"' in posted.text
    assert f'action="{PAGE}"' in posted.text
    assert desk.ratings == {SURVEY_TOKEN: (2, "بطيء")}


async def test_a_score_may_be_typed_in_arabic_digits(desk: FakeDesk) -> None:
    async with caller_of(app_of(desk)) as caller:
        answer = await caller.post(PAGE, data={"score": "٤"})

    assert answer.status_code == 200
    assert desk.ratings == {SURVEY_TOKEN: (4, "")}


async def test_an_english_desk_asks_in_english() -> None:
    desk = FakeDesk()
    desk.place_survey(closes_at=desk.clock.now() + timedelta(hours=1))

    async with caller_of(app_of(desk, language="en")) as caller:
        shown = await caller.get(PAGE)

    assert '<html lang="en" dir="ltr">' in shown.text
    assert "Sunday 22\N{NO-BREAK SPACE}November 2026, 1:00\N{NO-BREAK SPACE}PM" in shown.text
    assert not any("\u0600" <= sign <= "\u06ff" for sign in shown.text)
