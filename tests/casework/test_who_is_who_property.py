"""Whatever a stranger does in somebody's name, and in whatever order: nothing that they did lets them read,
move or redirect what belongs to somebody proved (DESIGN §3, Who is who).

Sara proves her mails; Eve writes in Sara's name and proves nothing, gives her own mobile, telephones, and
uses every link that ever went out about a complaint that nobody had proved yet, as if she had stolen it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from daemon.front_desk import Caller, Complaint, Said, SurveyOver, UnknownTicket
from daemon.workflow.model import Ticket
from daemon.workflow.trust import standing
from tests.casework.conftest import OpenOffice
from tests.casework.test_who_is_who import EVE, EVE_MOBILE, SARA, SARA_MOBILE, SECRET, links_in
from tests.casework.test_whole_life import STAFF, staff_answer, text_of
from tests.integration.office import TEAM, Office, mail, proven

REQUESTS = ("202612345", "700000001")
WORDS = (
    "طلبي متأخر",
    *(f"رقم الطلب: {request} تجاوز المدة" for request in REQUESTS),
    *("حالة", "تصعيد", "شكرا لكم", "5", "لم تُحل المشكلة", "أضيفوا أخي"),
)
WAYS = ("new", "ours", "number", "hers", "copy")
"""How a mail leads to a ticket: not at all, by a mail of ours, by the number in its subject, by a Message-ID
that Sara used, or by bearing that Message-ID itself."""
KINDS = ("information", "objection", "escalation", "withdrawal")


@dataclass(frozen=True)
class Act:
    """One thing that happens; `which` chooses among what there is to choose from."""

    who: str
    words: str = ""
    way: str = "new"
    which: int = 0
    has_mobile: bool = False


WHICH = st.integers(0, 5)
MAILS = {"words": st.sampled_from(WORDS), "way": st.sampled_from(WAYS), "which": WHICH}
ACTS = st.one_of(
    st.builds(Act, st.just("sara"), **MAILS, has_mobile=st.booleans()),
    st.builds(Act, st.just("eve"), **MAILS, has_mobile=st.booleans()),
    st.builds(Act, st.just("eve telephones"), st.sampled_from(REQUESTS)),
    st.builds(Act, st.just("eve on the page"), st.sampled_from(KINDS), which=WHICH),
    st.builds(Act, st.just("eve rates"), which=WHICH),
    st.builds(Act, st.just("staff"), st.sampled_from(("#حل\n", "", "#بيانات\n", "#إغلاق غير_مقبولة\n"))),
    st.builds(Act, st.just("time"), which=st.sampled_from((1, 2, 21))),
)


@dataclass
class Play:
    """One run: what was written, and the links that Eve may have."""

    office: Office
    written: int = 0
    stolen: list[str] = field(default_factory=list)
    hers: list[str] = field(default_factory=list)

    def proved(self) -> dict[str, Ticket]:
        found = (ticket for ticket in self.office.tickets() if standing(ticket) == "proved")
        return {ticket.number: ticket for ticket in found}

    async def perform(self, act: Act) -> None:
        before = self.proved()
        match act.who:
            case "sara":
                await self.mail(act, is_proved=True)
            case "eve":
                await self.mail(act, is_proved=False)
            case "eve telephones":
                await self.telephone(act)
            case "eve on the page":
                await self.on_page(act)
            case "eve rates":
                await self.rate(act)
            case "staff":
                await self.as_staff(act)
            case _:
                self.office.clock.advance(days=act.which, minutes=1)
                await self.office.work()
        if act.who.startswith("eve"):
            self.assert_unmoved(before)
        await self.assert_unread()

    # --- acts ---------------------------------------------------------------------------------------------

    async def mail(self, act: Act, *, is_proved: bool) -> None:
        self.written += 1
        name = f"<{'sara' if is_proved else 'eve'}{self.written}@x>"
        answers = subject = ""
        if act.way == "ours" and (ours := self.office.mails_to(SARA)):
            answers = str(ours[act.which % len(ours)]["Message-ID"])
        elif act.way == "number" and (tickets := self.office.tickets()):
            subject = f"رد [{tickets[act.which % len(tickets)].number}]"
        elif act.way == "hers" and self.hers:
            answers = self.hers[act.which % len(self.hers)]
        elif act.way == "copy" and self.hers and not is_proved:
            name = self.hers[act.which % len(self.hers)]
        mobile = SARA_MOBILE if is_proved else EVE_MOBILE
        text = f"{act.words}\nجوالي 0{mobile[4:]}" if act.has_mobile else act.words
        headers = [proven()] if is_proved else [("Cc", EVE)]
        raw = mail(SARA, subject or "شكوى", text, message_id=name, answers=answers, headers=headers)
        if is_proved:
            self.hers.append(name)
        await self.office.handle(raw)

    async def telephone(self, act: Act) -> None:
        complaint = Complaint(
            channel="phone", text="متأخر", phone=EVE_MOBILE, email=SARA, request_number=act.words
        )
        answer = await self.office.system.counter.open(complaint, Caller("call-centre"))
        await self.office.work()
        self.stolen.append(answer.standing.status_url.rpartition("/")[2])

    async def on_page(self, act: Act) -> None:
        if self.stolen:
            said = Said(act.words, "جوالي 0555555555")  # type: ignore[arg-type]  # of KINDS
            with contextlib.suppress(UnknownTicket):
                token = self.stolen[act.which % len(self.stolen)]
                await self.office.system.counter.say_on_page(token, said)
            await self.office.work()

    async def rate(self, act: Act) -> None:
        if self.stolen:
            with contextlib.suppress(UnknownTicket, SurveyOver):
                await self.office.system.counter.rate(self.stolen[act.which % len(self.stolen)], 1, "سيئة")

    async def as_staff(self, act: Act) -> None:
        """Staff answer the last notice, with a secret only where the complaint is a proved one."""
        if notices := self.office.mails_to(TEAM):
            number = next((one for one in self.proved() if one in str(notices[-1]["Subject"])), "")
            await self.office.handle(staff_answer(notices[-1], act.words + (SECRET if number else "رد")))

    # --- what must hold ---------------------------------------------------------------------------------

    def assert_unmoved(self, before: dict[str, Ticket]) -> None:
        now = self.proved()
        for number, ticket in before.items():
            # A closure may be held, and staff reminded of that (`workflow.unproved_words`): no more.
            held = replace(
                now[number],
                held=ticket.held,
                wrote_since_asked=ticket.wrote_since_asked,
                reminded=ticket.reminded,
                told_late_at=ticket.told_late_at,
            )
            assert held == ticket, "moved"
        assert set(now) == set(before), "nobody is proved by what proves nothing"

    async def assert_unread(self) -> None:
        """Neither by SMS, nor by mail, nor on a page; and no proved complaint has her mobile."""
        proved = self.proved()
        assert not any(ticket.requester.phone == EVE_MOBILE for ticket in proved.values())
        texts = [sms.text for sms in self.office.sms_to(EVE_MOBILE)]
        assert not any(SECRET in text for text in texts)
        assert not self.office.mails_to(EVE)
        self.steal(texts)
        for token in self.stolen:
            for look in (self.office.system.counter.page, self.office.system.counter.survey):
                with contextlib.suppress(UnknownTicket, SurveyOver):
                    assert (await look(token)).number not in proved, "read"

    def steal(self, texts: list[str]) -> None:
        """The links in her SMS, and those in mails about a complaint that nobody has proved."""
        proved = self.proved()
        unproved = [
            text_of(one)
            for one in self.office.mails_to(SARA)
            if not any(number in text_of(one) + str(one["Subject"]) for number in proved)
        ]
        for token in links_in(" ".join(texts + unproved)):
            if token not in self.stolen:
                self.stolen.append(token)


FOR_ONE_STORE = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
GENERATED = [Phase.explicit, Phase.generate]
"""An example takes half a second; to shrink one that fails takes minutes."""


@settings(
    max_examples=settings.default.max_examples // 2, phases=GENERATED, suppress_health_check=FOR_ONE_STORE
)
@given(acts=st.lists(ACTS, min_size=3, max_size=12))
def test_nothing_that_a_stranger_did_reaches_what_is_proved_to_be_somebodys(
    open_new_office: Callable[[], OpenOffice], acts: list[Act]
) -> None:
    async def played() -> None:
        async with open_new_office()(**STAFF) as office:
            play = Play(office)
            for act in acts:
                await play.perform(act)

    asyncio.run(played())
