"""Understands a mail from staff: which token it carries, what it orders, what may be relayed.

It gathers proofs; `workflow.trust` and `workflow.staff_proofs` judge them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from daemon.dispatch.marks import Stationery
from daemon.mail.meaning.command_words import AS_AN_INTERNAL_ANSWER
from daemon.mail.meaning.commands import Behalf, Judge, Script, parse_commands
from daemon.mail.meaning.extraction import extract_both
from daemon.mail.meaning.extraction_policy import ExtractionPolicy
from daemon.mail.meaning.forgotten_sign import Forgotten
from daemon.mail.meaning.staff_text import relayable
from daemon.mail.meaning.subjects import without_prefixes
from daemon.mail.meaning.written_language import written_in
from daemon.mail.trust.tokens import Keyring, Purpose, Scope, holder_tag, verify
from daemon.reading.mail import Reading
from daemon.workflow.commands import AskInfo, Close, Command, Decline, Extend, Reply, Resolve
from daemon.workflow.events import MailReceived, StaffHandedIn, StaffWrote
from daemon.workflow.model import Person
from daemon.workflow.policy import Policy
from daemon.workflow.staff_orders import on_roster


@dataclass(frozen=True, slots=True)
class Tokens:
    """The reply tokens of one mail: `held` is one about a ticket that `person` may hold, `may_judge` says
    that they hold one for what was set aside; `is_stray` that a good one among the recipients is not theirs
    to hold. `of_colleague` is one among the recipients about a ticket, which was made for somebody else."""

    held: Scope | None = None
    of_colleague: Scope | None = None
    is_stray: bool = False
    may_judge: bool = False


def tokens_of(
    reading: Reading, person: Person | None, policy: Policy, stationery: Stationery, now: datetime
) -> Tokens:
    """Which tokens `reading` carries, judged for `person` (None: off the roster).

    Where the mailbox takes sub-addresses, one in a Message-ID counts for nothing: every forward carries it
    in References, and its reader is anybody (LESSONS S24).
    """
    keys = stationery.keys
    addressed = _scopes(reading.candidates.tokens, keys, now)
    if person is None or not person.is_active:
        return Tokens(is_stray=bool(addressed))
    tags = _tags(person, policy)
    answered = [] if stationery.subaddressing else _scopes(_in_message_ids(reading), keys, now)
    theirs = [scope for scope in (*addressed, *answered) if scope.holder in tags]
    return Tokens(
        held=next((scope for scope in theirs if scope.purpose == "reply"), None),
        of_colleague=next((scope for scope in addressed if scope.purpose == "reply"), None),
        is_stray=bool(addressed) and not theirs,
        may_judge=any(scope.purpose == "quarantine" for scope in theirs),
    )


PURPOSES: tuple[Purpose, ...] = ("reply", "quarantine")


def _scopes(tokens: Iterable[str], keys: Keyring, now: datetime) -> list[Scope]:
    return [scope for token in tokens for purpose in PURPOSES if (scope := verify(keys, token, now, purpose))]


def _tags(person: Person, policy: Policy) -> frozenset[str]:
    """A person may hold what was sent to them, and what was sent to a team of theirs."""
    teams = (team.address for team in policy.teams if team.name in person.teams)
    return frozenset(holder_tag(address.lower()) for address in (person.email, *teams))


def _in_message_ids(reading: Reading) -> Iterator[str]:
    """Our notices' Message-IDs begin with the token, for where no Reply-To can carry it."""
    for message_id in reading.candidates.replied_ids:
        token, dot, _ = message_id.strip("<>").partition(".")
        if dot:
            yield token


def understand(
    reading: Reading,
    person: Person,
    scope: Scope | None,
    *,
    goes_to_citizen: bool,
    policy: Policy,
    now: datetime,
) -> StaffWrote:
    """The event that this mail is. Commands and answers whose text is bound for the citizen pass
    through `staff_text`; where the quotation is uncertain nothing does, and the writer is told."""
    event = StaffWrote(
        at=now,
        writer=person,
        goes_to_citizen=goes_to_citizen,
        is_authenticated=reading.authenticity.authenticated,
        has_token=scope is not None,
        verdict=reading.authenticity.verdict,
    )
    if reading.mail.is_text_attached:
        # Who wrote it is anybody's guess: no command is read from it, and nothing of it relayed.
        return replace(event, mistake="uncertain_quotation")
    script = parse_commands(reading.new_text.text)
    if script.mistakes:
        first = script.mistakes[0]
        return replace(event, mistake=first.code, mistaken_command=first.word, mistake_detail=first.detail)
    if script.forgotten and _may_be_an_order(script, script.forgotten, event, policy):
        word, meant = script.forgotten.word, script.forgotten.meant
        return replace(event, mistake="forgotten_sign", mistaken_command=word, mistake_detail=meant)
    if not script.commands:
        return _answer(event, reading, script, policy)
    orders: list[Command] = []
    for command in script.commands:
        if isinstance(command, Behalf | Judge):
            # Taken out before (`handed_in`, `casework.quarantine`); they stand alone, with nothing else.
            return replace(event, mistake="cannot_combine", mistaken_command="نيابة")
        if isinstance(command, Resolve | Reply | AskInfo | Decline | Extend | Close) and command.text:
            text = _relayed(reading, command.text, policy)
            if text is None:
                return replace(event, mistake="uncertain_quotation")
            command = replace(command, text=text)
        orders.append(command)
    return replace(event, commands=tuple(orders))


def _may_be_an_order(script: Script, forgotten: Forgotten, event: StaffWrote, policy: Policy) -> bool:
    """Whether a command may have been meant that its writer gave no sign, and it makes a difference: to the
    citizen who would read it, or to the ticket."""
    if forgotten.person and not on_roster(forgotten.person, policy):
        return False
    reaches_citizen = event.goes_to_citizen or bool(script.commands)
    return reaches_citizen or forgotten.name not in AS_AN_INTERNAL_ANSWER


def handed_in(
    reading: Reading, person: Person, extraction: ExtractionPolicy, at: datetime
) -> StaffHandedIn | None:
    """The event of a citizen's mail that `person` forwards with #نيابة EMAIL, None for any other mail.

    All that follows the command is the complaint, the forwarded mail's header lines too: they may say what
    its text does not. A mobile in it is not taken: it may be anybody's (DESIGN §2, States).
    """
    script = Script() if reading.mail.is_text_attached else parse_commands(reading.new_text.text)
    if script.mistakes or not script.commands or not isinstance(script.commands[0], Behalf):
        return None
    # Read again whole: the forwarded mail looks like a quotation, and is none.
    whole = parse_commands(reading.mail.text)
    order = whole.commands[0] if whole.commands and not whole.mistakes else script.commands[0]
    assert isinstance(order, Behalf)
    subject = without_prefixes(reading.mail.subject)
    found, _ = extract_both(subject, order.text, extraction)
    mail = MailReceived(
        at=at,
        sender_email=order.email,
        sender_name=found.name or "",
        subject=subject,
        text=order.text,
        new_text=order.text,
        attachments=tuple(attachment.filename for attachment in reading.mail.attachments),
        request_number=found.request_number,
        category=found.category,
        language=written_in(subject, order.text),
    )
    return StaffHandedIn(person, mail, reading.authenticity.authenticated, reading.authenticity.verdict)


def _answer(event: StaffWrote, reading: Reading, script: Script, policy: Policy) -> StaffWrote:
    if not event.goes_to_citizen or not script.answer.strip():
        return replace(event, answer=script.answer)
    text = _relayed(reading, script.answer, policy)
    return replace(event, mistake="uncertain_quotation") if text is None else replace(event, answer=text)


def _relayed(reading: Reading, text: str, policy: Policy) -> str | None:
    """`text` as the citizen may read it; None where it is uncertain what was written now."""
    hidden = {person.email.lower() for person in policy.people} | {
        team.address.lower() for team in policy.teams
    }
    relay = relayable(
        replace(reading.new_text, text=text),
        reading.mail,
        reading.new_text.how == "marker",
        frozenset(hidden),
        policy.mailbox_address,
        next((person.name for person in policy.people if person.email == reading.staff_member), ""),
    )
    return relay.text if relay.is_certain else None
