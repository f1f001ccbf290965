"""Answers /admin/quarantine and /admin/unanswered: what was set aside, what caused no answer, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.responses import Response

from daemon.operator_desk import MailFile, MailLine, Mails, NotFound, OperatorDesk
from daemon.templating.values import clean
from daemon.web.admin.asking import one_of, page_of
from daemon.web.admin.desk.asked import check_sure, id_of, why_of
from daemon.web.admin.visits import Visit

KINDS: Final = ("human", "staff", "bounce", "auto", "list", "own", "broken")
DONE: Final = ("released", "blocked")
RELEASABLE: Final = ("quarantined", "done")
MAX_ADDRESS = 320
_NOTHING: Mapping[str, str] = {"as": "", "why": "", "domain": "", "sure": "", "pattern": ""}


class MailPages:
    def __init__(self, desk: OperatorDesk) -> None:
        self._desk = desk

    async def quarantined(self, visit: Visit) -> Response:
        found = await self._desk.quarantined(page_of(visit))
        done = one_of(visit, "done", DONE)
        return self._list(visit, "quarantine", found, done=done)

    async def unanswered(self, visit: Visit) -> Response:
        kind = one_of(visit, "kind", KINDS)
        found = await self._desk.unanswered(kind, page_of(visit))
        return self._list(visit, "unanswered", found, kind=kind)

    def _list(self, visit: Visit, which: str, found: Mails, kind: str = "", done: str = "") -> Response:
        def why(line: MailLine) -> Markup:
            return why_not(visit, line)

        return visit.page(
            "admin/desk/mails.html", which=which, found=found, kinds=KINDS, kind=kind, why=why, done=done
        )

    async def blocked(self, visit: Visit) -> Response:
        """Whose mail is set aside unseen, as `mail blocked`."""
        return await self._blocked(visit)

    async def _blocked(
        self, visit: Visit, typed: Mapping[str, str] = _NOTHING, mistakes: Mapping[str, Markup] | None = None
    ) -> Response:
        part = clean(visit.request.query_params.get("q", "")).strip()[:MAX_ADDRESS]
        return visit.page(
            "admin/desk/blocked.html",
            422 if mistakes else 200,
            found=await self._desk.blocked(part),
            part=part,
            typed={**_NOTHING, **typed},
            mistakes=mistakes or {},
            done=one_of(visit, "done", ("unblocked",)),
        )

    async def unblock(self, visit: Visit) -> Response:
        """As `mail unblock`."""
        form, mistakes = await visit.form(), dict[str, Markup]()
        person = why_of(visit, form, mistakes)
        if not mistakes and not await self._desk.unblock(form.get("pattern", ""), person):
            mistakes["unblock"] = visit.say("not_blocked")
        if mistakes:
            return await self._blocked(visit, form, mistakes)
        return visit.to("quarantine/blocked", done="unblocked")

    async def show(self, visit: Visit) -> Response:
        return self._page(visit, await self._mail(visit))

    async def release(self, visit: Visit) -> Response:
        """As `mail release`: by a name that the operator gives, where the mail gives none."""
        form, mail_id, mistakes = await visit.form(), id_of(visit), dict[str, Markup]()
        person = why_of(visit, form, mistakes)
        writer = form.get("as", "").strip()
        if len(writer) > MAX_ADDRESS:
            mistakes["as"] = visit.say("refused_bad_address")
        if not mistakes and (code := await self._desk.release(mail_id, writer, person)):
            mistakes["as" if code in ("bad_address", "no_sender") else "release"] = visit.say(
                f"refused_{code}"
            )
        if mistakes:
            return self._page(visit, await self._mail(visit), 422, form, mistakes)
        return visit.to("quarantine", done="released")

    async def block(self, visit: Visit) -> Response:
        """As `mail block`, of one address or a whole domain."""
        form, mail_id, mistakes = await visit.form(), id_of(visit), dict[str, Markup]()
        person = why_of(visit, form, mistakes)
        check_sure(visit, form, mistakes)
        is_whole_domain = form.get("domain") == "yes"
        if not mistakes and (
            code := await self._desk.block(mail_id, person, is_whole_domain=is_whole_domain)
        ):
            mistakes["block"] = visit.say(f"refused_{code}")
        if mistakes:
            return self._page(visit, await self._mail(visit), 422, form, mistakes, act="block")
        return visit.to("quarantine", done="blocked")

    async def _mail(self, visit: Visit) -> MailFile:
        try:
            return await self._desk.mail(id_of(visit))
        except NotFound:
            raise HTTPException(404) from None

    def _page(
        self,
        visit: Visit,
        mail: MailFile,
        status: int = 200,
        typed: Mapping[str, str] = _NOTHING,
        mistakes: Mapping[str, Markup] | None = None,
        act: str = "release",
    ) -> Response:
        return visit.page(
            "admin/desk/mail.html",
            status,
            mail=mail,
            line=mail.line,
            why=why_not(visit, mail.line),
            may_act=mail.state in RELEASABLE and not mail.line.ticket,
            typed={**_NOTHING, **typed},
            mistakes=mistakes or {},
            act=act,
        )


def why_not(visit: Visit, line: MailLine) -> Markup:
    """Why it was set aside, or not answered: the exact reason where there are words for it, else what kind
    of mail it is, else what became of it."""
    keys = (
        f"limit_{line.limit}" if line.limit else "",
        f"aside_{line.reason}" if line.reason else "",
        f"kind_why_{line.kind}" if line.kind not in ("", "human") else "",
        f"outcome_{line.outcome}" if line.outcome else "",
    )
    known = next((key for key in keys if key and visit.knows(key)), "why_unknown")
    return visit.say(known)
