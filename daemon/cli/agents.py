"""The commands of an agent at the phone: `tickets open`, `add`, `escalate`, `note`, `close`, `merge`.

The desk's counter (`casework.counter`) decides what is said, at once, like a call of the intake API.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable
from datetime import datetime, time
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection

from daemon.cli.context import (
    CommandFailed,
    Context,
    WrongUse,
    account,
    print_json,
    print_line,
    tell,
    ticket_number,
)
from daemon.clock import SystemClock
from daemon.config import EMAIL
from daemon.front_desk import (
    LONGEST_AGO,
    MAX_TEXT,
    Answer,
    Caller,
    Complaint,
    Said,
    UnknownTicket,
    handle_of,
    request_number_of,
)
from daemon.store.audit import Deed, recorded
from daemon.workflow.vocabulary import (
    IN_CHANNEL,
    Act,
)

if TYPE_CHECKING:
    from daemon.casework.counter import Counter
    from daemon.casework.orders import Ordered, Orders
    from daemon.store.database import Database
    from daemon.templating.words import Words

AGENT = Caller("agent", is_staff=True)
MAX_NAME = 200

P = ParamSpec("P")
T = TypeVar("T")
Work = Callable[Concatenate[Connection, P], T]


def open_ticket(context: Context, arguments: argparse.Namespace) -> int:
    spoke = _instant(context, arguments, "contacted")
    answered = _instant(context, arguments, "first_response_at")
    if spoke and answered and spoke > answered:
        raise CommandFailed("--contacted lies after --first-response-at")
    _check_age("--contacted", spoke)
    _check_age("--first-response-at", answered)
    complaint = Complaint(
        channel=arguments.channel,
        text=_text(arguments.text, required=True),
        name=_line(arguments.name, "--name", MAX_NAME),
        phone=_phone(arguments.phone),
        email=_email(arguments.email),
        handle=_handle(arguments.handle),
        request_number=_request(arguments.request),
        category=arguments.category,
        contacted_at=spoke,
        first_response_at=answered,
        language=arguments.language,
    )
    if not (complaint.phone or complaint.email or complaint.handle):
        raise CommandFailed("give --phone or --email, or --handle: a name alone reaches nobody")
    with context.database() as database:
        opening = _told_of_answer("ticket_opened", _counter(context, database).open_now)
        answer = database.transact_now(opening, complaint, AGENT)
    _print(context, answer, as_json=arguments.json)
    return 0


def say(context: Context, arguments: argparse.Namespace) -> int:
    number = ticket_number(arguments.number)
    said = Said(arguments.kind, _text(arguments.text, required=False), _request(arguments.request))
    if said.kind in ("information", "objection") and not (said.text or said.request_number):
        raise WrongUse(f"--kind {said.kind} needs --text (or --request)")
    with context.database() as database:
        try:
            act: Act = "ticket_escalated" if said.kind == "escalation" else "ticket_added_to"
            saying = _told_of_answer(act, _counter(context, database).say_now, kind=said.kind)
            answer = database.transact_now(saying, number, said, AGENT)
        except UnknownTicket:
            raise CommandFailed(f"there is no ticket {number}") from None
    _print(context, answer, as_json=arguments.json)
    return 0


def note(context: Context, arguments: argparse.Namespace) -> int:
    from daemon.workflow.commands import Note

    return _order(context, arguments, Note(_text(arguments.text, required=True)), "ticket_noted")


def close(context: Context, arguments: argparse.Namespace) -> int:
    from daemon.workflow.commands import Close

    command = Close(arguments.reason, _text(arguments.text, required=False))
    return _order(context, arguments, command, "ticket_closed", reason=arguments.reason)


def merge(context: Context, arguments: argparse.Namespace) -> int:
    number, into = ticket_number(arguments.number), ticket_number(arguments.into)
    with context.database() as database:
        try:
            merging = _told_of_order("ticket_merged", number, _orders(context, database).merge, into=into)
            outcome = database.transact_now(merging, number, into)
        except UnknownTicket as error:
            raise CommandFailed(f"there is no ticket {error}") from None
        if outcome.refused:
            raise CommandFailed(f"not merged: {outcome.refused.replace('_', ' ')}")
        said = _english(context, database).lines(outcome.lines)
    tell(arguments, f"{number}: {said}", number=number, into=into, done=said)
    return 0


def _told_of_answer(act: Act, work: Work[P, Answer], **detail: str) -> Work[P, Answer]:
    """`work`, audited."""

    def deed(answer: Answer) -> Deed:
        return Deed(account(), act, f"ticket {answer.standing.number}", {"outcome": answer.outcome, **detail})

    return recorded(work, deed, SystemClock().now())


def _told_of_order(act: Act, number: str, work: Work[P, Ordered], **detail: str) -> Work[P, Ordered]:
    """`work`, audited where it was not refused."""

    def deed(ordered: Ordered) -> Deed | None:
        return None if ordered.refused else Deed(account(), act, f"ticket {number}", detail)

    return recorded(work, deed, SystemClock().now())


def _order(context: Context, arguments: argparse.Namespace, command: Any, act: Act, **detail: str) -> int:
    number = ticket_number(arguments.number)
    with context.database() as database:
        try:
            ordering = _told_of_order(act, number, _orders(context, database).order, **detail)
            outcome = database.transact_now(ordering, number, command)
        except UnknownTicket:
            raise CommandFailed(f"there is no ticket {number}") from None
        if outcome.refused:
            raise CommandFailed(f"not done: {outcome.refused.replace('_', ' ')}")
        said = _english(context, database).lines(outcome.lines)
    tell(arguments, f"{number}: {said}", number=number, done=said)
    return 0


def _english(context: Context, database: Database) -> Words:
    from daemon.cli.english import english

    return database.read_now(english, context.config.service.templates_dir)


def _counter(context: Context, database: Database) -> Counter:
    from daemon.assembly import counter_of
    from daemon.rulebook import desk_rules

    return counter_of(database, desk_rules(context.config), SystemClock())


def _orders(context: Context, database: Database) -> Orders:
    from daemon.casework.case import Cases
    from daemon.casework.orders import Orders
    from daemon.rulebook import desk_rules

    rules = desk_rules(context.config)
    return Orders(Cases(rules.policy, rules.stationery), SystemClock())


def _print(context: Context, answer: Answer, *, as_json: bool) -> None:
    standing = answer.standing
    possible = context.stamp(standing.escalation_possible_at)
    if as_json:
        print_json(
            {
                "number": standing.number,
                "state": standing.state,
                "missing": list(standing.missing),
                "status_url": standing.status_url,
                "outcome": answer.outcome,
                "may_escalate": standing.may_escalate,
                "escalation_possible_at": possible,
            }
        )
        return
    print_line(f"{standing.number}  {standing.state}  ({answer.outcome})")
    if standing.missing:
        print_line(f"  missing         {', '.join(standing.missing)}")
    if standing.escalation:
        print_line(f"  escalation      {standing.escalation}")
    elif possible:
        print_line(f"  may be escalated from {possible}")
    print_line(f"  status page     {standing.status_url}")


# --- what an agent types ------------------------------------------------------------------------------


def _text(given: str, *, required: bool) -> str:
    text = (sys.stdin.read() if given == "-" else given).replace("\0", "").strip()
    if required and not text:
        raise CommandFailed("the text is empty")
    if len(text) > MAX_TEXT:
        raise CommandFailed(f"the text has {len(text)} characters; at most {MAX_TEXT} are taken")
    return text


def _line(given: str, option: str, most: int) -> str:
    if len(given) > most or any(ord(character) < 32 for character in given):
        raise CommandFailed(f"{option} must be one line of at most {most} characters")
    return given.strip()


def _phone(given: str | None) -> str | None:
    from daemon.sms.numbers import mobile

    if given is None:
        return None
    phone = mobile(given)
    if phone is None:
        raise CommandFailed(f"{given!r} is not a Saudi mobile number, nor a mobile of another country with +")
    return phone


def _handle(given: str | None) -> str | None:
    if given is None:
        return None
    handle = handle_of(given)
    if handle is None:
        raise CommandFailed(f"{given!r} is not an account on X")
    return handle


def _email(given: str | None) -> str | None:
    if given is not None and not EMAIL.fullmatch(given):
        raise CommandFailed(f"{given!r} is not an e-mail address")
    return given


def _request(given: str | None) -> str | None:
    if given is None:
        return None
    number = request_number_of(given)
    if number is None:
        raise CommandFailed(f"{given!r} is not a request number")
    return number


def _instant(context: Context, arguments: argparse.Namespace, name: str) -> datetime | None:
    """The time given for `name`: an instant, or a clock time of today in the desk's own zone."""
    given, option, now = getattr(arguments, name), f"--{name.replace('_', '-')}", SystemClock().now()
    if given is None:
        return None
    if arguments.channel not in IN_CHANNEL:
        raise CommandFailed(f"{option} belongs to channels answered in themselves: {', '.join(IN_CHANNEL)}")
    try:
        if _CLOCK_TIME.fullmatch(given):
            today = now.astimezone(context.config.service.timezone)
            instant = datetime.combine(today.date(), time.fromisoformat(given), today.tzinfo)
        else:
            instant = datetime.fromisoformat(given)
    except ValueError:
        raise CommandFailed(f"{option}: {given!r} is not a time like 2026-11-22T10:00:00+03:00") from None
    if instant.tzinfo is None:
        raise CommandFailed(f"{option}: {given!r} has no offset: write 2026-11-22T10:00:00+03:00, or 10:00")
    if instant > now:
        raise CommandFailed(f"{option} lies in the future")
    return instant


def _check_age(option: str, instant: datetime | None) -> None:
    if instant is not None and instant < SystemClock().now() - LONGEST_AGO:
        raise CommandFailed(f"{option} lies more than {LONGEST_AGO.days} days ago: is the date right?")


_CLOCK_TIME = re.compile(r"[0-2][0-9]:[0-5][0-9](:[0-5][0-9])?", re.ASCII)
