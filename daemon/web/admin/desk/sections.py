"""The operators' four sections of /admin/, in the order of the navigation."""

from __future__ import annotations

from daemon.front_desk import FileRoom
from daemon.operator_desk import OperatorDesk
from daemon.web.admin.desk.mails import MailPages
from daemon.web.admin.desk.messages import MessagePages
from daemon.web.admin.desk.tickets import TicketPages
from daemon.web.admin.routes import Address, Section

WORDS = ("desk",)


def desk_sections(desk: OperatorDesk, files: FileRoom | None = None) -> tuple[Section, ...]:
    """`files` None: files are named and not given out."""
    tickets, mails, messages = TicketPages(desk, files), MailPages(desk), MessagePages(desk)
    post = ("POST",)
    return (
        Section(
            "tickets",
            "operator",
            (
                Address("", tickets.search),
                Address("/{number}", tickets.show),
                Address("/{number}/files/{id:row}", tickets.file),
            ),
            WORDS,
        ),
        Section(
            "quarantine",
            "operator",
            (
                Address("", mails.quarantined),
                Address("/blocked", mails.blocked),
                Address("/unblock", mails.unblock, post),
                Address("/{id:row}", mails.show),
                Address("/{id:row}/release", mails.release, post),
                Address("/{id:row}/block", mails.block, post),
            ),
            WORDS,
        ),
        Section(
            "unanswered",
            "operator",
            (Address("", mails.unanswered), Address("/{id:row}", mails.show)),
            WORDS,
        ),
        Section(
            "outbox",
            "operator",
            (
                Address("", messages.list),
                Address("/hold", messages.hold, post),
                Address("/lift", messages.lift, post),
                Address("/retry", messages.retry_failed, post),
                Address("/{id:row}", messages.show),
                Address("/{id:row}/html", messages.html),
                Address("/{id:row}/{act}", messages.act, post),
            ),
            WORDS,
        ),
    )
