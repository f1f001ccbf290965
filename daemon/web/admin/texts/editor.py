"""The editor of one text: its form, the preview, the save with what may stop it, and a test to oneself."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from starlette.exceptions import HTTPException
from starlette.responses import Response

from daemon.courier import DeliveryFailure
from daemon.dispatch.trial import Trials
from daemon.sms.numbers import saudi_mobile
from daemon.store.texts import WAITING, Save
from daemon.templating.content import revision_of
from daemon.web.admin.asking import one_of
from daemon.web.admin.texts.display import Display
from daemon.web.admin.texts.fields import Fields, fields_of, posted
from daemon.web.admin.texts.looks import LOOKS
from daemon.web.admin.texts.panel import Verdict, panel, seen, verdict
from daemon.web.admin.texts.sentences import rows_of
from daemon.web.admin.visits import MOST_FIELDS, Visit
from daemon.web.throttle import Throttle
from daemon.wording.desk import Broken, Standing, TextsDesk, is_text_of_its_own
from daemon.wording.differences import differences
from daemon.wording.mentioning import changed, mentionable
from daemon.wording.revisions import NothingToDo, Overtaken

MOST_PREVIEWS = 2
"""And tests, at a time. Each checks the words for a second or so, a test waits for a mail server besides, and
the other admins' requests need places, too (`turnstile.PLACES`)."""
LONGEST_AHEAD = timedelta(days=366)
TESTS_AT_ONCE = 30
"""Of one admin, then one each two minutes: a test goes to themselves, and costs money by SMS."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a form of the editor holds."""

    fields: Fields
    began_from: str
    why: str
    publish_at: str
    sample: str
    look: str
    is_confirmed: bool
    """The values that came and went were shown, and are meant."""

    @classmethod
    def of(cls, form: Mapping[str, str]) -> Given:
        return cls(
            posted(form, is_split="subject" in form),
            form.get("began_from", ""),
            " ".join(form.get("why", "").split())[:500],
            form.get("publish_at", "").strip(),
            form.get("sample", ""),
            form.get("look", LOOKS[0].name),
            form.get("confirmed", "") == "yes",
        )


class Editor:
    """`zone` is the desk's, in which an admin writes a time."""

    def __init__(self, desk: TextsDesk, display: Display, trials: Trials, zone: ZoneInfo) -> None:
        self._desk = desk
        self._display = display
        self._trials = trials
        self._zone = zone
        self._tests = Throttle(TESTS_AT_ONCE, 120.0)
        self._previews = 0

    async def show(self, visit: Visit) -> Response:
        standing = await self._standing(visit)
        waiting = standing.waiting
        content = waiting.content if waiting else standing.content
        head = standing.head.revision if standing.head else ""
        given = Given(fields_of(content, standing.row.text.path), head, "", "", "", LOOKS[0].name, False)
        return await self._form(visit, standing, given)

    async def again(self, visit: Visit) -> Response:
        """Back to the form with what was written, from a page that stopped it."""
        standing, given = await self._standing(visit), Given.of(await visit.form(MOST_FIELDS))
        return await self._form(visit, standing, given)

    async def preview(self, visit: Visit) -> Response:
        """Into the frame beside the form."""
        return await self._in_turn(visit, self._preview)

    async def _in_turn(self, visit: Visit, answer: Callable[[Visit], Awaitable[Response]]) -> Response:
        """What takes long, so many at a time."""
        if self._previews >= MOST_PREVIEWS:
            return panel(visit, Verdict(), None, visit.say("preview_busy").striptags(), 503)
        self._previews += 1
        try:
            return await answer(visit)
        finally:
            self._previews -= 1

    async def _preview(self, visit: Visit) -> Response:
        standing, given = await self._standing(visit), Given.of(await visit.form(MOST_FIELDS))
        path, content = standing.row.text.path, given.fields.content
        checked = await asyncio.to_thread(self._desk.check, path, content)
        message = await asyncio.to_thread(self._display.show, path, content, given.sample, given.look)
        found = verdict(checked, path, given.fields)
        return panel(visit, found, None if found.problems and message.problem else message)

    async def save(self, visit: Visit) -> Response:
        standing, given = await self._standing(visit), Given.of(await visit.form(MOST_FIELDS))
        mistakes, at = self._mistakes(given)
        if mistakes:
            return await self._form(visit, standing, given, mistakes=mistakes)
        path, content = standing.row.text.path, given.fields.content
        added, removed = changed(standing.content, content)
        if (added or removed) and not given.is_confirmed:
            checked = await asyncio.to_thread(self._desk.check, path, content)
            if not checked.problems:
                return visit.page(
                    "admin/texts/stop.html", 422, standing=standing, given=given, added=added, removed=removed
                )
        wanted = Save(path, revision_of(content), content, visit.admin.name, given.why, "browser", at)
        try:
            made = await asyncio.to_thread(self._desk.save, wanted, given.began_from)
        except Broken as refusal:
            checked = await asyncio.to_thread(self._desk.check, path, content)
            found = verdict(checked, path, given.fields)
            return await self._form(visit, standing, given, found=found if refusal.problems else Verdict())
        except Overtaken as refusal:
            parts = await asyncio.to_thread(differences, refusal.other.content, content)
            return visit.page(
                "admin/texts/overtaken.html",
                422,
                standing=standing,
                given=given,
                other=refusal.other,
                parts=parts,
            )
        except NothingToDo:
            return await self._form(visit, standing, given, mistakes={"body": "nothing_changed"})
        return visit.to(f"texts/edit/{path}", done=made.state)

    def _mistakes(self, given: Given) -> tuple[dict[str, str], datetime | None]:
        """By field, and when it is to be in force."""
        mistakes = {} if given.why else {"why": "why_missing"}
        if not given.publish_at:
            return mistakes, None
        try:
            typed = datetime.fromisoformat(given.publish_at)
            at = (typed if typed.tzinfo else typed.replace(tzinfo=self._zone)).astimezone(UTC)
        except (ValueError, OverflowError):
            return {**mistakes, "publish_at": "publish_at_wrong"}, None
        ahead = at - self._desk.now()
        if ahead < timedelta(0):  # a slip of the hand must not publish at once what was meant for later
            return {**mistakes, "publish_at": "publish_at_past"}, None
        return {**mistakes, "publish_at": "publish_at_wrong"} if ahead > LONGEST_AHEAD else mistakes, at

    async def test(self, visit: Visit) -> Response:
        """A real message to whoever asks, and what became of it into the frame."""
        return await self._in_turn(visit, self._test)

    async def _test(self, visit: Visit) -> Response:
        standing, form = await self._standing(visit), await visit.form(MOST_FIELDS)
        given, path = Given.of(form), standing.row.text.path
        if not is_text_of_its_own(path):  # no button of ours asks for it
            raise HTTPException(404)
        checked = await asyncio.to_thread(self._desk.check, path, given.fields.content)
        found = verdict(checked, path, given.fields)
        if found.problems:
            return panel(visit, found, None, visit.say("test_broken").striptags())
        if self._tests.take(visit.admin.name):
            return panel(visit, found, None, visit.say("test_too_often").striptags())
        shown = await asyncio.to_thread(self._desk.show, path, given.fields.content, given.sample)
        message = seen(shown, given.look, self._desk.segment_price)
        rendered, number = shown.email or shown.sms, saudi_mobile(form.get("mobile", ""))
        assert rendered is not None
        is_sms = shown.sms is not None and self._trials.has_sms and bool(number)
        to = number if is_sms and number else visit.admin.email
        if not to:
            return panel(visit, found, message, visit.say("test_no_address").striptags())
        # Before it leaves: whom an admin's words reached is known whatever happens then.
        await asyncio.to_thread(self._desk.note_test, path, visit.admin.name, to)
        try:
            if is_sms and shown.sms is not None:
                await self._trials.send_sms(to, shown.sms)
            else:
                await self._trials.send_mail(to, rendered, shown.key.language)
        except DeliveryFailure as failure:
            return panel(visit, found, message, visit.say("test_failed", why=failure.reason).striptags())
        return panel(visit, found, message, visit.say("test_sent", to=to).striptags())

    # --- the form

    async def _standing(self, visit: Visit) -> Standing:
        found = await asyncio.to_thread(self._desk.standing, visit.request.path_params["path"])
        if found is None:
            raise HTTPException(404)
        return found

    async def _form(
        self,
        visit: Visit,
        standing: Standing,
        given: Given,
        *,
        mistakes: Mapping[str, str] | None = None,
        found: Verdict | None = None,
    ) -> Response:
        path = standing.row.text.path
        choices = await asyncio.to_thread(
            self._display.choices, visit, path, given.fields.content, is_draft=True
        )
        key = choices.key
        wrong = dict(mistakes or {})
        offered = standing.offered
        return visit.page(
            "admin/texts/edit.html",
            422 if wrong or (found and found.problems) else 200,
            standing=standing,
            given=given,
            mistakes=wrong,
            found=found or Verdict(),
            samples=choices.samples,
            sample=choices.chosen(given.sample),
            looks=choices.looks,
            mentions=mentionable(path),
            sentences=rows_of(path, given.fields),
            offer=await asyncio.to_thread(differences, standing.content, offered.content) if offered else (),
            is_mail=key.channel == "email",
            may_test=is_text_of_its_own(path),
            asks_mobile=key.channel == "sms" and self._trials.has_sms,
            done=one_of(visit, "done", ("in_force", *WAITING)),
        )
