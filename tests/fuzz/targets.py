"""What is fuzzed, and what must hold for any input. Each target takes octets and raises where it does not.

That no input is slow or large is libFuzzer's to watch (`-timeout`, `-rss_limit_mb`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from daemon.mail.letter.contents import attachment_contents
from daemon.mail.letter.message import Address, IncomingMail
from daemon.mail.letter.parse import parse
from daemon.mail.machines.classifier import classify
from daemon.mail.meaning.citizen_words import is_status_request, survey_answer, wants_escalation
from daemon.mail.meaning.commands import parse_commands
from daemon.mail.meaning.extraction import extract_both
from daemon.mail.meaning.extraction_policy import ExtractionPolicy
from daemon.mail.meaning.gratitude import is_thanks
from daemon.mail.meaning.routing import candidates
from daemon.mail.meaning.staff_text import relayable
from daemon.mail.quoting.new_text import new_text
from daemon.mail.trust.authenticity import judge

MARKER = "## الرجاء الرد أعلى هذا السطر ##"
MAILBOX = "infocs@momah.gov.sa"
OWN = frozenset({MAILBOX})
POLICY = ExtractionPolicy()
HIDDEN = frozenset({"sara@momah.gov.sa", "care@momah.gov.sa"})
WRITTEN = IncomingMail(sender=Address("سارة القحطاني", "sara@momah.gov.sa"))
KINDS = {"human", "bounce", "auto", "list", "own"}


def strings(mail: IncomingMail) -> Iterator[tuple[str, bool]]:
    """Every string of `mail`, and whether it may hold a line break."""
    yield mail.text, True
    yield mail.delivery_status, True
    one_line = [mail.subject, mail.message_id or "", mail.return_path or "", mail.content_type]
    one_line += [*mail.in_reply_to, *mail.references, *mail.part_types, *mail.delivered_to, *mail.defects]
    for address in (*mail.from_addresses, *mail.reply_to, *mail.to, *mail.cc):
        one_line += [address.name, address.email]
    for attachment in mail.attachments:
        one_line += [attachment.filename, attachment.content_type]
    for name, value in (*mail.headers, *mail.original_headers, *mail.content_parameters.items()):
        one_line += [name, value]
    yield from ((text, False) for text in one_line)


def parser(octets: bytes) -> None:
    """Total, store-safe, and the same each time; the attachments are those that it lists."""
    mail = parse(octets)
    for text, may_break in strings(mail):
        text.encode("utf-8")  # no lone surrogate
        assert "\0" not in text
        assert may_break or not set("\r\n") & set(text), repr(text)
    assert (mail.sender is None) or mail.sender.email
    assert parse(octets) == mail
    contents = list(attachment_contents(octets))
    assert [listed for listed, _ in contents] == list(mail.attachments)
    assert [len(found) for _, found in contents] == [listed.size_bytes for listed in mail.attachments]


def classifier(octets: bytes) -> None:
    """Total; no human mail stays one with a standard header of machines on top (RFC 3834, section 5)."""
    mail = parse(octets)
    assert classify(mail, OWN).kind in KINDS
    marked = classify(parse(b"Auto-Submitted: auto-replied\r\n" + octets), OWN)
    assert marked.kind != "human" or octets[:1] in b" \t\r\n", marked
    candidates(mail, MAILBOX, mail.text)
    judge(mail, "mx.momah.gov.sa", ("x-internal", "yes"), ("x-spam", "yes"))


def quoting(octets: bytes) -> None:
    """Total; the new text says nothing that the mail does not say, and is nothing but new text itself."""
    text = octets.decode("utf-8", "replace").replace("\0", "")
    found = new_text(text, MARKER)
    found.text.encode("utf-8")
    written = "".join(text.split())
    for line in found.text.split("\n"):
        assert "".join(line.split()) in written, repr(line)
    relay = relayable(found, WRITTEN, found.how == "marker", HIDDEN, MAILBOX)
    assert "sara@momah.gov.sa" not in relay.text.lower()
    assert "infocs+" not in relay.text.lower()


def commands(octets: bytes) -> None:
    """Total; a mail says commands, an answer or mistakes, and only one of these."""
    text = octets.decode("utf-8", "replace").replace("\0", "")
    script = parse_commands(text)
    assert sum(map(bool, (script.commands, script.answer, script.mistakes))) <= 1
    extract_both(text[:200], text, POLICY)
    is_thanks(text)
    wants_escalation(text)
    is_status_request(text)
    answer = survey_answer(text)
    assert answer is None or 1 <= answer.score <= 5


TARGETS: dict[str, Callable[[bytes], None]] = {
    "parser": parser,
    "classifier": classifier,
    "quoting": quoting,
    "commands": commands,
}
