"""Understands one mail before any look-up: asks the rooms of `mail` in order, and gives a `Reading`.

A worker process runs it (`pool`), outside every transaction: a hostile mail may take a while.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from daemon.mail.languages import folding as arabic
from daemon.mail.letter.message import Address, IncomingMail
from daemon.mail.letter.parse import parse
from daemon.mail.machines import classifier as automatic
from daemon.mail.machines.classifier import Classification
from daemon.mail.meaning import citizen_words, routing
from daemon.mail.meaning.citizen_words import SurveyAnswer
from daemon.mail.meaning.extraction import Extracted, extract_both
from daemon.mail.meaning.extraction_policy import ExtractionPolicy
from daemon.mail.meaning.extraction_words import thanks
from daemon.mail.meaning.gratitude import is_thanks
from daemon.mail.meaning.privacy_wish import privacy_wish
from daemon.mail.meaning.routing import Candidates
from daemon.mail.meaning.subjects import is_forward
from daemon.mail.meaning.written_language import written_in
from daemon.mail.quoting import new_text as quoting
from daemon.mail.quoting.new_text import NewText
from daemon.mail.trust import authenticity
from daemon.mail.trust.authenticity import Authenticity
from daemon.reading.attachments import Judged
from daemon.reading.rules import ReadingRules
from daemon.workflow.vocabulary import Language, PrivacyWish


@dataclass(frozen=True, slots=True)
class Reading:
    """One mail as understood. `answer_number` is what would count as a request number in an answer."""

    mail: IncomingMail
    classification: Classification
    authenticity: Authenticity
    candidates: Candidates
    new_text: NewText
    extracted: Extracted
    answer_number: str | None
    is_thanks: bool
    wants_escalation: bool
    asks_status: bool
    privacy_wish: PrivacyWish
    survey_answer: SurveyAnswer | None
    """As in an answer to the survey; whether it is one, the mail that it answers says."""
    staff_member: str | None
    language: Language | None
    """Of what was written now; None where it is one that we do not answer in."""
    judged: tuple[Judged, ...] = ()
    """Its attachments, once they were filed (`casework.filing`)."""

    @property
    def sender_email(self) -> str:
        return self.mail.sender.email if self.mail.sender else ""


SOMEBODY_ELSES = frozenset({"forward", "whole"})
"""How a text was found that may be somebody else's: passed on, or all where nothing else was left."""


def read(raw: bytes, rules: ReadingRules) -> Reading:
    """Understand `raw` as far as it can be. Raises nothing on purpose: each step is total."""
    mail = parse(raw)
    own = frozenset({rules.mailbox_address.lower()})
    classified = automatic.classify(mail, own)
    verdict = authenticity.judge(
        mail, rules.authserv_id, rules.internal_header, rules.spam_header, rules.border
    )
    if _is_form(mail, classified, verdict, rules):
        mail, classified, verdict = _through_form(mail, verdict, own)
    new = quoting.new_text(mail.text, rules.marker, *rules.other_markers)
    found, answer = extract_both(mail.subject, new.text, rules.extraction)
    is_own = not mail.is_text_attached and new.how not in SOMEBODY_ELSES
    if not is_own:
        found = replace(found, phone=None, name=None)
    if is_forward(mail.subject):
        found = _with_forwarded(found, mail, rules.extraction)
    sender = mail.sender.email.lower() if mail.sender else ""
    phrases = rules.thanks or thanks()
    return Reading(
        mail=mail,
        classification=classified,
        authenticity=verdict,
        candidates=routing.candidates(mail, rules.mailbox_address, new.text),
        new_text=new,
        extracted=found,
        answer_number=answer,
        is_thanks=is_thanks(new.text, phrases),
        wants_escalation=is_own and citizen_words.wants_escalation(new.text),
        asks_status=citizen_words.is_status_request(new.text),
        privacy_wish=privacy_wish(mail.subject, new.text) if is_own else "",
        survey_answer=citizen_words.survey_answer(new.text, phrases),
        staff_member=rules.roster.get(sender),
        language=written_in(mail.subject, new.text),
    )


# --- who wrote it, where From does not say so ---------------------------------------------------------

FORM = Classification("human", "form_sender")
NAMED = Classification("human", "named_writer")
UNFORMED = frozenset({"human", "auto"})
"""What a form's mail may look like: its sender reads no answers, or says that a program sent it."""


def _is_form(
    mail: IncomingMail, classified: Classification, verdict: Authenticity, rules: ReadingRules
) -> bool:
    """Whether it came through a web form that the configuration names, which proved its own address."""
    email = mail.sender.email.lower() if mail.sender else ""
    return email in rules.form_senders and verdict.authenticated and classified.kind in UNFORMED


def _through_form(
    mail: IncomingMail, verdict: Authenticity, own: frozenset[str]
) -> tuple[IncomingMail, Classification, Authenticity]:
    """The mail as that of whoever filled in the form: the one address of Reply-To, which nobody proved. With
    none, or several, it has no usable sender."""
    form = mail.sender.email.lower() if mail.sender else ""
    found = {one.email.lower(): one for one in mail.reply_to}
    writer = next(iter(found.values())) if len(found) == 1 else None
    if writer and writer.email.lower() in {form, *own}:
        writer = None
    verdict = replace(verdict, authenticated=False, why="web_form", proof="")
    return replace(mail, sender=writer), FORM, verdict


def written_by(reading: Reading, email: str) -> Reading:
    """`reading` as a mail of `email`, because a person says so: nothing proves it, and they are no staff."""
    proved = reading.authenticity
    verdict = replace(proved, authenticated=False, dmarc="none", why="named_by_person", proof="")
    mail = replace(reading.mail, sender=Address("", email))
    return replace(reading, mail=mail, classification=NAMED, authenticity=verdict, staff_member=None)


def _with_forwarded(found: Extracted, mail: IncomingMail, policy: ExtractionPolicy) -> Extracted:
    """Somebody who forwards a mail of Furas's («للعلم») complains about the request that it names. Only the
    number and the ground are taken: a mobile or a name in it is anybody's (DESIGN §2, States)."""
    whole, _ = extract_both(mail.subject, mail.text, policy)
    return replace(
        found,
        request_number=found.request_number or whole.request_number,
        category=found.category or whole.category,
    )


def display_name(reading: Reading) -> str:
    """The requester's name: as the mail says it, else as the writer signed it."""
    sender = reading.mail.sender
    name = sender.name if sender else ""
    return arabic.strip_bidi(name or reading.extracted.name or "")[:200]
