"""/c/TOKEN: how the complaint stands in plain words, and what can be said there."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from daemon.front_desk import MAX_TEXT, Step
from daemon.store.database import StoreUnavailable
from daemon.templating.catalogue import NOTIFICATIONS
from daemon.templating.page_words import Shelf
from daemon.web.callers import Gate
from daemon.web.throttle import Throttle
from daemon.workflow.ticket_number import format_number
from tests.web_desk import NOW, NUMBER, PUBLIC_URL, TOKEN, FakeDesk, app_of, caller_of

PAGE = f"/c/{TOKEN}"


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()


async def shown(desk: FakeDesk, path: str = PAGE, **changes: Any) -> str:
    async with caller_of(app_of(desk, **changes)) as caller:
        answer = await caller.get(path)
    assert answer.status_code == 200
    return answer.text


async def test_the_page_says_number_state_opening_and_request(desk: FakeDesk) -> None:
    desk.place()

    page = await shown(desk)

    assert '<html lang="ar" dir="rtl">' in page
    assert f'<h1>شكواكم رقم <bdi dir="ltr" class="number">{NUMBER}</bdi></h1>' in page
    assert "قيد المعالجة، ومتوسط وقت المعالجة 10\N{NO-BREAK SPACE}أيام عمل." in page
    [moment] = re.findall(r'<dd><time datetime="2026-11-22T12:00\+03:00">(.*?)</time></dd>', page)
    assert moment.replace("\N{NO-BREAK SPACE}", " ") == (
        "الأحد 22 نوفمبر 2026م، الموافق 12 جمادى الآخرة 1448هـ، الساعة 12:00 م"
    )
    assert '<bdi dir="ltr" class="number">44012345</bdi>' in page
    assert not desk.has_written


@pytest.mark.parametrize(
    "state, reason, words",
    [
        ("awaiting_info", None, "بانتظار استكمال بياناتها. ونباشر معالجتها بعد وصول البيانات المطلوبة"),
        ("resolved", None, "عولجت الشكوى، وأُرسلت إليكم النتيجة."),
        ("closed", "resolved", "أُغلقت الشكوى بعد معالجتها."),
        ("closed", "no_response", "أُغلقت الشكوى لعدم تلقي ردكم"),
        ("closed", "not_admitted", "أُغلقت الشكوى لعدم استيفائها شروط"),
        ("closed", "duplicate", "أُغلقت الشكوى لتكرارها"),
        ("closed", "withdrawn", "أُغلقت الشكوى بناءً على طلبكم سحبها."),
        ("closed", "spam", "<p>الشكوى مغلقة.</p>"),
    ],
)
async def test_each_state_has_plain_words(desk: FakeDesk, state: str, reason: str | None, words: str) -> None:
    desk.place(state=state, close_reason=reason)

    assert words in await shown(desk)


@pytest.mark.parametrize(
    "state, changes, told",
    [
        (
            "open",
            {},
            "ومتوسط وقت المعالجة 10 أيام عمل، والمتوقع أن تكتمل يوم DAY أو قريبًا منه. وسنفيدكم بالنتيجة.",
        ),
        ("open", {"is_late": True}, "وقد تجاوزت الوقت المتوقع، ونعتذر عن ذلك."),
        (
            "open",
            {"answer_by": NOW + timedelta(days=14)},
            "ونتوقع أن يصلكم رد من موظفينا في موعد أقصاه يوم DAY.",
        ),
        ("awaiting_info", {}, "وتُغلق الشكوى يوم DAY إن لم يصلنا ردكم."),
        ("resolved", {}, "وتُغلق الشكوى يوم DAY إن لم يصلنا اعتراضكم."),
        ("closed", {}, "ويمكنكم إعادة فتحها من هذه الصفحة، أو بالرد على رسالتنا، حتى يوم DAY."),
    ],
)
async def test_what_is_next_has_its_day_in_both_calendars(
    desk: FakeDesk, state: str, changes: dict[str, Any], told: str
) -> None:
    desk.place(state=state, next_by=NOW + timedelta(days=14), **changes)

    page = (await shown(desk)).replace("\N{NO-BREAK SPACE}", " ")

    day = '<time datetime="2026-12-06">الأحد 6 ديسمبر 2026م، الموافق 26 جمادى الآخرة 1448هـ</time>'
    assert told.replace("DAY", day) in page


@pytest.mark.parametrize(
    "changes", [{}, {"may_add": False, "state": "closed"}, {"answer_by": NOW - timedelta(hours=1)}]
)
async def test_no_day_is_told_that_is_not_known_or_over(desk: FakeDesk, changes: dict[str, Any]) -> None:
    desk.place(**({"next_by": NOW} if "state" in changes else {}) | changes)

    page = await shown(desk)

    assert '<time datetime="2026-11-22">' not in page
    assert "حتى يوم" not in page


@pytest.mark.parametrize(
    "state, reason, stages",
    [
        ("awaiting_info", None, ["=مسجلة", " قيد المعالجة", " عولجت", " أُغلقت"]),
        ("open", None, ["+مسجلة", "=قيد المعالجة", " عولجت", " أُغلقت"]),
        ("resolved", None, ["+مسجلة", "+قيد المعالجة", "=عولجت", " أُغلقت"]),
        ("closed", "resolved", ["+مسجلة", "+قيد المعالجة", "+عولجت", "=أُغلقت"]),
        ("closed", "no_response", ["+مسجلة", "=أُغلقت"]),
        ("closed", "withdrawn", ["+مسجلة", "=أُغلقت"]),
    ],
)
async def test_the_way_is_shown_with_what_is_done_and_where_it_is(
    desk: FakeDesk, state: str, reason: str | None, stages: list[str]
) -> None:
    desk.place(state=state, close_reason=reason)

    page = await shown(desk)

    found = re.findall(
        r'<li( aria-current="step"| class="past"|)>([^<]+)(<span class="unseen"> \(اكتملت\))?', page
    )
    assert [{"": " ", ' class="past"': "+"}.get(mark, "=") + name for mark, name, _ in found] == stages
    assert all(bool(past) == ("past" in mark) for mark, _, past in found)


async def test_what_is_missing_is_named_and_the_number_can_be_typed(desk: FakeDesk) -> None:
    desk.place(state="awaiting_info", request_number=None, missing=("request_number", "ground", "mobile"))

    page = await shown(desk)

    assert page.index("رقم الطلب المرفوع") < page.index("مشكلة تقنية") < page.index("رقم جوال سعودي")
    assert "وتبدأ معالجة الشكوى بعد وصول رقم الطلب." in page
    assert '<label class="label" for="request_number">' in page
    assert 'id="request_number" name="request_number"' in page


async def test_the_number_is_not_asked_for_where_it_is_known(desk: FakeDesk) -> None:
    desk.place(missing=("ground",))

    page = await shown(desk)

    assert 'name="request_number"' not in page
    assert "علمًا بأن معالجة الشكوى لا تتوقف على ذلك." in page


@pytest.mark.parametrize("language", ["ar", "en"])
async def test_every_word_to_a_citizen_has_its_line_and_no_other_has(desk: FakeDesk, language: str) -> None:
    said = [name for name, one in NOTIFICATIONS.items() if one.audience == "citizen"]
    names = ["customer_wrote", *said, "staff_new", "status_page_v2", "<b>"]
    desk.place(steps=tuple(Step(NOW + timedelta(minutes=n), name) for n, name in enumerate(names)))

    page = await shown(desk, language=language)

    lines = re.findall(r"<li><time.*?</time>(.*?)\n", page)
    assert len(said) >= 18
    known = names[len(said) :: -1]  # the newest first
    words = Shelf().words(language, "complaint")
    assert lines == [words.say(f"step_{name}") for name in known]


async def test_what_staff_wrote_can_be_read_there_the_latest_first_and_each_once(desk: FakeDesk) -> None:
    reply, outcome = "عالجنا <b>الطلب</b>\n\nshukran\u202e", "الطلب REQ-44012345، والرابط https://a.sa/x-1"
    desk.place(steps=(Step(NOW, "reply", reply), Step(NOW, "resolved", outcome), Step(NOW, "customer_wrote")))

    page = await shown(desk)

    said = re.findall(r'<div class="said" dir="auto">(.*?)</div>', page, re.DOTALL)
    number = '<bdi dir="ltr" class="number">REQ-44012345</bdi>'
    assert said == [
        f"الطلب {number}، والرابط https://a.sa/x-1",
        "عالجنا &lt;b&gt;الطلب&lt;/b&gt;\n\nshukran",
    ]
    assert page.index(said[0]) < page.index("<form") < page.index(said[1])


@pytest.mark.parametrize(
    "changes, words, button",
    [
        ({"may_escalate": True}, "يمكنكم الآن طلب تصعيد الشكوى", "طلب تصعيد الشكوى"),
        ({}, "ابتداءً من <time datetime=", "تسجيل الرغبة في التصعيد"),
        ({"escalation_possible_at": None}, "في إحدى الحالتين الآتيتين", "تسجيل الرغبة في التصعيد"),
        (
            {"escalation_possible_at": NOW - timedelta(days=1)},
            "في إحدى الحالتين الآتيتين",
            "تسجيل الرغبة في التصعيد",
        ),
    ],
)
async def test_the_page_says_when_escalation_is_possible(
    desk: FakeDesk, changes: dict[str, Any], words: str, button: str
) -> None:
    desk.place(**changes)

    page = await shown(desk)

    assert words in page
    assert f'class="second">{button}</button>' in page


@pytest.mark.parametrize(
    ("escalation", "words"),
    [("raised", "ويدرسه الفريق المختص."), ("accepted", "ويتابعه الفريق المختص.")],
)
async def test_an_escalation_under_way_needs_no_button(desk: FakeDesk, escalation: str, words: str) -> None:
    desk.place(escalation=escalation)

    page = await shown(desk)

    assert words in page
    assert f'action="{PAGE}/escalation"' not in page


async def test_information_is_said_once_and_a_reload_says_nothing(desk: FakeDesk) -> None:
    desk.place(state="awaiting_info", request_number=None, missing=("request_number",))

    async with caller_of(app_of(desk)) as caller:
        posted = await caller.post(
            f"{PAGE}/information", data={"text": "هذا الرقم", "request_number": " ٤٤٠١٢٣٤٥ "}
        )
        after = await caller.get(posted.headers["location"])
        await caller.get(posted.headers["location"])

    assert posted.status_code == 303
    assert posted.headers["location"] == f"{PAGE}?done=added"
    assert 'role="status"' in after.text
    assert "استلمنا ما أرسلتموه" in after.text
    [(number, said)] = desk.said
    assert (number, said.kind, said.text, said.request_number) == (
        NUMBER,
        "information",
        "هذا الرقم",
        "44012345",
    )


@pytest.mark.parametrize(
    "typed, found",
    [
        ({"phone": "٠٥٠ ١٢٣ ٤٥٦٧"}, (None, "+966501234567", None)),
        ({"category": "technical"}, (None, None, "technical")),
        (
            {"request_number": "44012345", "phone": "+966501234567", "category": "sla_exceeded"},
            ("44012345", "+966501234567", "sla_exceeded"),
        ),
    ],
)
async def test_what_is_missing_has_a_field_of_its_own_and_each_is_enough(
    desk: FakeDesk, typed: dict[str, str], found: tuple[str | None, str | None, str | None]
) -> None:
    desk.place(state="awaiting_info", request_number=None, missing=("request_number", "ground", "mobile"))

    page = await shown(desk)
    async with caller_of(app_of(desk)) as caller:
        posted = await caller.post(f"{PAGE}/information", data=typed)

    assert [name in page for name in ('id="request_number"', 'type="radio"', 'type="tel"')] == [True] * 3
    assert posted.status_code == 303
    [(_, said)] = desk.said
    assert (said.request_number, said.phone, said.category) == found
    assert said.text == ""


async def test_forms_are_folded_until_they_are_wanted(desk: FakeDesk) -> None:
    for state, unfolded in (("awaiting_info", 1), ("open", 0), ("resolved", 0)):
        desk.place(state=state, missing=("ground",))

        page = await shown(desk)

        assert page.count("<form") == page.count("<details") == page.count("<summary><h2>")
        assert page.count("<details open>") == unfolded, state
        assert "autofocus" not in page


async def test_a_number_alone_is_enough(desk: FakeDesk) -> None:
    desk.place(state="awaiting_info", request_number=None, missing=("request_number",))

    async with caller_of(app_of(desk)) as caller:
        posted = await caller.post(f"{PAGE}/information", data={"text": "", "request_number": "44012345"})

    assert posted.status_code == 303
    assert desk.standings[NUMBER].state == "open"


@pytest.mark.parametrize("state, reason", [("resolved", None), ("closed", "resolved")])
async def test_words_after_the_outcome_object_and_reopen(
    desk: FakeDesk, state: str, reason: str | None
) -> None:
    desk.place(state=state, close_reason=reason)

    before = await shown(desk)
    async with caller_of(app_of(desk)) as caller:
        # The form of another state, kept open in a browser, says the same thing.
        posted = await caller.post(f"{PAGE}/information", data={"text": "لم يُحل", "kind": "information"})
        after = await caller.get(posted.headers["location"])

    assert "سبب الاعتراض. إرساله يعيد فتح الشكوى." in before
    assert posted.headers["location"] == f"{PAGE}?done=reopened"
    assert [said.kind for _, said in desk.said] == ["objection"]
    assert "وأُعيد فتح الشكوى لمتابعتها." in after.text


async def test_a_complaint_closed_for_good_takes_nothing_more_and_leads_to_a_new_one(desk: FakeDesk) -> None:
    desk.place(state="closed", close_reason="resolved", may_add=False)

    page = await shown(desk)
    async with caller_of(app_of(desk)) as caller:
        posted = await caller.post(f"{PAGE}/information", data={"text": "من نافذة قديمة"})

    assert f'action="{PAGE}/information"' not in page
    assert "لم تعد هذه الشكوى تستقبل إضافات." in page
    assert posted.headers["location"] == f"{PUBLIC_URL}/c/tok{2:022d}?done=opened"
    assert format_number(2026, 2) in desk.standings


@pytest.mark.parametrize("may_escalate, outcome", [(True, "escalated"), (False, "wished")])
async def test_a_wish_to_escalate_is_always_taken(desk: FakeDesk, may_escalate: bool, outcome: str) -> None:
    desk.place(may_escalate=may_escalate)

    async with caller_of(app_of(desk)) as caller:
        posted = await caller.post(f"{PAGE}/escalation", data={"text": "تأخرتم"})
        after = await caller.get(posted.headers["location"])

    assert posted.status_code == 303
    assert posted.headers["location"] == f"{PAGE}?done={outcome}"
    assert [(said.kind, said.text) for _, said in desk.said] == [("escalation", "تأخرتم")]
    assert Shelf().words("ar", "complaint").say(f"done_{outcome}") in after.text


@pytest.mark.parametrize(
    "path", ["", "/information", "/escalation", "?done=reopened", "?kind=escalation&text=x"]
)
async def test_no_get_changes_anything(desk: FakeDesk, path: str) -> None:
    desk.place(may_escalate=True)

    async with caller_of(app_of(desk)) as caller:
        await caller.get(PAGE + path)
        await caller.head(PAGE + path)

    assert not desk.has_written


async def test_an_unknown_outcome_in_the_address_is_not_shown(desk: FakeDesk) -> None:
    desk.place()

    assert await shown(desk, f"{PAGE}?done=<script>") == await shown(desk)
    assert await shown(desk, f"{PAGE}?done=title") == await shown(desk)


@pytest.mark.parametrize(
    "state, typed, field, words",
    [
        ("open", {"text": " \r\n "}, "text", "نأمل كتابة معلومة واحدة على الأقل"),
        ("resolved", {"text": ""}, "text", "نأمل كتابة النص"),
        ("resolved", {"request_number": "44012345"}, "text", "نأمل كتابة النص"),
        ("open", {"text": "ط" * (MAX_TEXT + 1)}, "text", "النص أطول من"),
        ("open", {"request_number": "4" * 41}, "request_number", "نأمل كتابة رقم الطلب وحده"),
        ("open", {"request_number": "44\n55"}, "request_number", "نأمل كتابة رقم الطلب وحده"),
        ("open", {"phone": "0112345678", "text": "هذا"}, "phone", "نأمل كتابة رقم جوال سعودي صحيح"),
        ("open", {"phone": "+44 7911 123456", "category": "technical"}, "phone", "نأمل كتابة رقم جوال"),
        ("open", {"category": "sla_exceeded<b>"}, "text", "نأمل كتابة معلومة واحدة على الأقل"),
    ],
)
async def test_a_mistake_is_explained_at_its_field_and_nothing_typed_is_lost(
    desk: FakeDesk, state: str, typed: dict[str, str], field: str, words: str
) -> None:
    desk.place(state=state, missing=("request_number", "ground", "mobile"))

    async with caller_of(app_of(desk)) as caller:
        answer = await caller.post(f"{PAGE}/information", data=typed)

    assert answer.status_code == 422
    assert not desk.has_written
    assert f'<a href="#{field}">{words}' in answer.text
    assert f'id="{field}-mistake">{words}' in answer.text
    [focused] = re.findall("<[^>]* autofocus[^>]*>", answer.text)
    assert f'id="{field}"' in focused
    assert "<details open>" in answer.text
    assert typed.get("phone", "") in answer.text
    assert ('value="technical" checked' in answer.text) == (typed.get("category") == "technical")
    assert typed.get("text", "").strip() in answer.text


async def test_the_longest_text_passes_in_arabic_and_in_emoji(desk: FakeDesk) -> None:
    desk.place()

    async with caller_of(app_of(desk)) as caller:
        for sign in "ط🙏":
            posted = await caller.post(f"{PAGE}/information", data={"text": sign * MAX_TEXT})
            assert posted.status_code == 303, sign

    assert [len(said.text) for _, said in desk.said] == [MAX_TEXT, MAX_TEXT]


async def test_a_reason_that_is_too_long_is_refused_at_its_own_field(desk: FakeDesk) -> None:
    desk.place()

    async with caller_of(app_of(desk)) as caller:
        answer = await caller.post(f"{PAGE}/escalation", data={"text": "ط" * (MAX_TEXT + 1)})

    assert answer.status_code == 422
    assert '<a href="#reason">' in answer.text
    assert answer.text.count("<details open>") == 1
    assert re.search('<textarea id="reason"[^>]* autofocus', answer.text)
    assert not desk.has_written


async def test_what_people_wrote_stays_text(desk: FakeDesk) -> None:
    desk.place(request_number="<script>alert(1)</script>\u202e", missing=("request_number",))

    async with caller_of(app_of(desk)) as caller:
        answer = await caller.post(
            f"{PAGE}/information", data={"text": "</textarea><script>", "request_number": '"><b>' * 9}
        )

    assert answer.status_code == 422
    assert "<script" not in answer.text
    assert "\u202e" not in answer.text
    assert "&#34;&gt;&lt;b&gt;" in answer.text


@pytest.mark.parametrize("what", ["information", "escalation"])
async def test_an_outage_gives_the_words_back_to_send_again(desk: FakeDesk, what: str) -> None:
    desk.place()
    desk.fault = StoreUnavailable("no")

    async with caller_of(app_of(desk)) as caller:
        answer = await caller.post(f"{PAGE}/{what}", data={"text": "كلام طويل"})

    assert answer.status_code == 503
    assert "retry-after" in answer.headers
    assert "كلام طويل</textarea>" in answer.text
    assert f'action="{PAGE}/{what}"' in answer.text


async def test_an_outage_gives_every_field_back(desk: FakeDesk) -> None:
    desk.fault = StoreUnavailable("no")
    typed = {"request_number": "44012345", "category": "technical", "phone": "0501234567"}

    async with caller_of(app_of(desk)) as caller:
        answer = await caller.post(f"{PAGE}/information", data=typed)

    for name, value in typed.items():
        assert re.search(f'<input [^>]*name="{name}"[^>]* value="{value}">', answer.text), name


@pytest.mark.parametrize("what", ["information", "escalation"])
async def test_posting_too_often_is_put_off_and_not_lost(desk: FakeDesk, what: str) -> None:
    desk.place()
    now = [0.0]
    gate = Gate(Throttle(2, 30.0, lambda: now[0]), Throttle(100, 1.0, lambda: now[0]))

    async with caller_of(app_of(desk, gate=gate)) as caller:
        statuses = [(await caller.post(f"{PAGE}/{what}", data={"text": "x"})).status_code for _ in range(2)]
        late = await caller.post(f"{PAGE}/{what}", data={"text": "الثالثة"})
        now[0] = 31.0
        later = await caller.post(f"{PAGE}/{what}", data={"text": "الثالثة"})

    assert (statuses, late.status_code, later.status_code) == ([303, 303], 429, 303)
    assert late.headers["retry-after"] == "30"
    assert "الثالثة</textarea>" in late.text
    assert len(desk.said) == 3


async def test_one_line_may_not_try_many_links(desk: FakeDesk) -> None:
    gate = Gate(Throttle(100, 1.0, lambda: 0.0), Throttle(3, 1.0, lambda: 0.0))

    async with caller_of(app_of(desk, gate=gate)) as caller:
        statuses = [
            (await caller.post(f"/c/guess{n}/escalation", data={"text": ""})).status_code for n in range(5)
        ]

    assert statuses == [404, 404, 404, 429, 429]


async def test_below_a_path_every_address_carries_it(desk: FakeDesk) -> None:
    desk.place()
    public_url = "https://momah.gov.sa/shakwa/"

    page = await shown(desk, public_url=public_url)
    async with caller_of(app_of(desk, public_url=public_url)) as caller:
        posted = await caller.post(f"{PAGE}/information", data={"text": "x"})

    assert f'action="/shakwa{PAGE}/information"' in page
    assert posted.headers["location"] == f"/shakwa{PAGE}?done=added"


async def test_of_a_message_that_did_not_arrive_the_page_does_not_say_that_it_did(desk: FakeDesk) -> None:
    desk.place(state="resolved", is_held=True, steps=(Step(NOW, "resolved", "النتيجة"),))

    page = await shown(desk)

    assert "تعذر إيصال رسالتنا إليكم. وتجدون النتيجة في هذه الصفحة" in page
    assert "أُرسلت إليكم النتيجة" not in page
    assert ">النتيجة</div>" in page


@pytest.mark.parametrize("query, is_open", [("", False), ("?objection", True), ("?objection=1&done=x", True)])
async def test_who_comes_to_object_finds_the_form_unfolded(desk: FakeDesk, query: str, is_open: bool) -> None:
    desk.place(state="closed", close_reason="resolved")

    async with caller_of(app_of(desk)) as caller:
        page = (await caller.get(f"{PAGE}{query}")).text

    assert ("<details open>" in page) is is_open
