"""The cheat card at the foot of notices to staff: links that open a mail which begins with a command."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest

from daemon.dispatch.writer import Letterhead, Writer
from daemon.mail.letter.html_text import readable_text
from daemon.mail.meaning.commands import parse_commands
from daemon.mail.quoting.new_text import new_text
from daemon.store.outbox import Claimed
from daemon.templating import sample_values, samples
from daemon.templating.catalogue import LANGUAGES, NOTIFICATIONS
from daemon.templating.check_around import check_card
from daemon.templating.engine import MARKER, RenderedEmail, TemplateSet
from daemon.templating.pieces import NO_PIECES
from daemon.workflow.model import Ticket
from tests.each import each
from tests.texts.test_templating_golden import TEMPLATES, shipped
from tests.unit.test_decide import ticket
from tests.unit.test_decide_staff import CLOSED, OMAR, RESOLVED, order
from tests.unit.test_staff_text import relay, relay_mail

STATES: dict[str, Ticket] = {
    "open": ticket(),
    "awaiting_info": ticket("awaiting_info"),
    "resolved": RESOLVED,
    "closed": CLOSED,
}
TYPED = {"إغلاق": "مكررة", "close": "duplicate", "إسناد": "سارة القحطاني", "assign": "سارة القحطاني"}
ANSWERABLE = [
    name for name, notification in NOTIFICATIONS.items()
    if notification.audience == "staff" and "ticket_number" in notification.variables
]  # fmt: skip
TITLE = {"ar": "أوامر الشكوى", "en": "Commands for complaint"}


class Links(HTMLParser):
    """The targets of all links of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.found.append(dict(attrs)["href"] or "")


def notice(
    name: str = "staff_new",
    language: str = "ar",
    reply_to: str | None = sample_values.REPLY_TO,
    **values: Any,
) -> RenderedEmail:
    return shipped()[language].render_email(name, {**samples.usual(NOTIFICATIONS[name]), **values}, reply_to)


def cards(email: RenderedEmail) -> list[str]:
    return [link for link in Links(email.html).found if link.startswith("mailto:")]


def opened(link: str) -> tuple[str, dict[str, str]]:
    """What a mail program makes of a mailto link: the address, and its header fields (RFC 6068)."""
    parts = urlsplit(link)
    # parse_qsl would take a "+" for a space, which a mail program does not: there is none to tell apart.
    assert "+" not in link
    return unquote(parts.path), dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=True))


def finished(body: str) -> str:
    """`body` with what its writer adds: the argument on its line, or the text below."""
    word = body.strip().lstrip("#").split()[0]
    return f"{body}{TYPED[word]}" if word in TYPED else f"{body}تم ما يلزم."


@each("language", LANGUAGES)
@each("name", ANSWERABLE)
def test_a_link_opens_a_mail_to_the_reply_address_in_the_thread_of_the_notice(
    name: str, language: str
) -> None:
    email = notice(name, language)

    links = cards(email)

    assert 4 <= len(links) <= 8
    for link in links:
        address, fields = opened(link)
        assert link.isascii()
        assert address == sample_values.REPLY_TO
        assert set(fields) == {"subject", "body"}
        assert fields["subject"] == f"Re: {email.subject}"
        assert fields["body"].startswith("#")
        assert fields["body"].endswith(("\r\n", " "))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", STATES)
def test_every_command_on_a_card_is_understood_and_possible_in_the_state(state: str, language: str) -> None:
    links = cards(notice("staff_update", language, state=state))

    for link in links:
        body = opened(link)[1]["body"]
        script = parse_commands(finished(body))

        assert script.mistakes == ()
        assert order(STATES[state], *script.commands[:1]).outcome == "staff", body  # type: ignore[arg-type]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", STATES)
def test_the_card_of_an_escalation_begins_with_its_decision_and_every_command_is_possible(
    state: str, language: str
) -> None:
    links = cards(notice("staff_escalated", language, state=state))

    words = [opened(link)[1]["body"].split()[0] for link in links]
    assert words[:2] == {"ar": ["#قبول", "#رفض"], "en": ["#accept", "#decline"]}[language]
    raised = replace(STATES[state], escalation="raised")
    for link in links:
        script = parse_commands(finished(opened(link)[1]["body"]))
        decided = order(raised, *script.commands[:1], writer=OMAR)  # type: ignore[arg-type]
        assert decided.outcome == "staff", script


def test_a_command_whose_argument_or_text_was_not_written_yet_changes_nothing() -> None:
    for link in cards(notice()):
        body = opened(link)[1]["body"]
        script = parse_commands(body)
        if not script.mistakes:
            assert body.split()[0] in ("#تمديد", "#حالة", "#مساعدة")


@each("language", LANGUAGES)
@each("name", ANSWERABLE)
def test_the_text_part_lists_the_commands_and_no_address(name: str, language: str) -> None:
    email = notice(name, language)

    card = email.text[email.text.index(TITLE[language]) :].split("\n\n")[0]

    assert "mailto" not in email.text
    assert "infocs+" not in email.text
    assert card.count("#") == len(cards(email))
    assert len(card.split("\n")) <= 4
    assert all(len(line) <= 78 for line in card.split("\n"))


def test_both_languages_offer_the_same_commands() -> None:
    for name, values, reply_to in samples.answerable():
        offered = []
        for language in LANGUAGES:
            email = shipped()[language].render_email(name, values, reply_to)
            bodies = [opened(link)[1]["body"] for link in cards(email)]
            offered.append(
                [type(order) for body in bodies for order in parse_commands(finished(body)).commands]
            )
        assert offered[0] == offered[1]
        assert bool(offered[0]) is bool(reply_to)


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_subaddressing_the_card_lists_the_commands_and_links_nowhere(language: str) -> None:
    email = notice(language=language, reply_to="")

    assert cards(email) == []
    card = email.text[email.text.index(TITLE[language]) :]
    assert {"ar": "الرد على هذه الرسالة", "en": "a reply to this message"}[language] in card
    assert {"ar": "#حل", "en": "#resolve"}[language] in card
    assert {"ar": "#حل", "en": "#resolve"}[language] in email.html


def with_writer_in_subject(folder: Path, writer_name: str) -> RenderedEmail:
    """A note whose subject an admin made of a name; the shipped ones hold nothing that anybody wrote."""
    save_card(folder, (TEMPLATES / "ar/cheat_card.md").read_text("utf-8"))
    (folder / "ar/staff_note.email.md").write_text(
        "---\nsubject: N [[((اسم الكاتب))]]\n---\n((رقم الشكوى)) [[((نص الموظف))]] ((> وجهة الرد))\n"
    )
    values = {**samples.usual(NOTIFICATIONS["staff_note"]), "writer_name": writer_name}
    return TemplateSet(folder, "ar").render_email("staff_note", values, sample_values.REPLY_TO)


def test_a_subject_cannot_add_a_recipient_a_field_or_markup_to_a_link(tmp_path: Path) -> None:
    hostile = '"><script>&cc=eve@example.net&body=%0D%0A?to=eve@example.net#'

    email = with_writer_in_subject(tmp_path, hostile)

    assert email.subject == f"N {hostile}"
    assert "<script" not in email.html
    assert len(cards(email)) == 8
    for link in cards(email):
        address, fields = opened(link)
        assert address == sample_values.REPLY_TO
        assert fields["subject"] == f"Re: N {hostile}"
        assert set(fields) == {"subject", "body"}


def test_a_very_long_subject_is_cut_in_a_link(tmp_path: Path) -> None:
    email = with_writer_in_subject(tmp_path, "شكوى " * 200)

    assert len(email.subject) == 250
    # What programs on Windows take of an address.
    assert max(map(len, cards(email))) < 2_083


# ---- which notices have one ------------------------------------------------------------------------


def row(name: str, audience: str, ticket_id: int | None, thread: dict[str, Any]) -> Claimed:
    return Claimed(
        id=1,
        ticket_id=ticket_id,
        notification=name,
        channel="email",
        audience=audience,
        recipient="noura@momah.gov.sa",
        reference="<one.two@momah.gov.sa>",
        values=dict(samples.usual(NOTIFICATIONS[name])),
        thread=thread,
        attempts=0,
        is_uncertain=False,
        sender=None,
        frozen=None,
        created_at=datetime(2026, 11, 23, 12, tzinfo=UTC),
        first_tried_at=None,
    )


def written(claimed: Claimed) -> EmailMessage:
    head = Letterhead("infocs@momah.gov.sa", "العناية بالعملاء", "MOMAH", "ar")
    found = message_from_bytes(Writer(shipped(), head).write(claimed).content, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def html_of(message: EmailMessage) -> str:
    body = message.get_body(("html",))
    assert body is not None
    return str(body.get_content())


def test_the_links_lead_where_the_reply_to_leads_and_keep_the_subject_as_sent() -> None:
    message = written(row("staff_breached", "staff", 7, {"reply_to": sample_values.REPLY_TO}))

    links = [link for link in Links(html_of(message)).found if "body=" in link]

    assert message["Reply-To"] == sample_values.REPLY_TO
    assert {opened(link)[0] for link in links} == {sample_values.REPLY_TO}
    assert {opened(link)[1]["subject"] for link in links} == {f"Re: {message['Subject']}"}


def test_a_notice_whose_token_rides_in_the_message_id_has_a_card_without_links() -> None:
    html = html_of(written(row("staff_new", "staff", 7, {})))

    assert TITLE["ar"] in html
    assert Links(html).found == []


@pytest.mark.parametrize(
    ("name", "audience"),
    [
        ("staff_digest", "staff"),
        ("staff_report", "staff"),
        ("staff_quarantine", "staff"),
        ("staff_command_error", "staff"),
        ("operator_alert", "operator"),
    ],
)
def test_a_notice_about_no_ticket_has_no_card(name: str, audience: str) -> None:
    assert TITLE["ar"] not in html_of(written(row(name, audience, None, {})))


@pytest.mark.parametrize("name", ["received", "reply", "resolved", "closed"])
def test_a_citizen_never_sees_a_card(name: str) -> None:
    assert TITLE["ar"] not in html_of(written(row(name, "requester", 7, {})))


# ---- what comes back -------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_quoted_card_is_cut_with_the_notice_in_both_parts(language: str) -> None:
    email = notice(language=language)
    from_html = readable_text(email.html)
    assert TITLE[language] in from_html

    for quoted in (email.text, from_html):
        for prefix in ("> ", ""):
            below = "\n".join(f"{prefix}{line}" for line in quoted.split("\n"))
            found = new_text(f"نعمل على طلبكم.\n\n{below}\n", MARKER[language])
            assert (found.text, found.how) == ("نعمل على طلبكم.", "marker")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_card_that_stayed_in_a_text_is_no_order(language: str) -> None:
    for name in ANSWERABLE:
        for part in (notice(name, language).text, readable_text(notice(name, language).html)):
            card = part[part.index(TITLE[language]) :]
            script = parse_commands(f"شكرًا لكم.\n\n{card}")
            assert (script.mistakes, script.commands) == ((), ())


@pytest.mark.parametrize("written", ["{}", "#حل<{}> · #بيانات<{}>", "#حل [{}] · #بيانات ({})"])
def test_a_link_copied_into_an_answer_leaves_no_token_in_it(written: str) -> None:
    for link in cards(notice()):
        text = relay(f"نفيدكم بما يلي:\nالأوامر: {written.format(link, link)}\nولكم الشكر.").text
        assert "ما يلي" in text
        assert "infocs" not in text
        assert "k4tzq2m7" not in text


def test_a_mail_opened_by_a_link_has_no_quotation_and_is_certain() -> None:
    body = opened(cards(notice())[0])[1]["body"]

    relayed = relay_mail(f"{body}تمت معالجة طلبكم.".replace("\r\n", "\n").partition("\n")[2])

    assert relayed.is_certain
    assert relayed.text == "تمت معالجة طلبكم."


# ---- the file ---------------------------------------------------------------------------------------


def save_card(folder: Path, source: str) -> Path:
    (folder / "ar" / "pieces").mkdir(exist_ok=True, parents=True)
    for piece in (TEMPLATES / "ar" / "pieces").glob(
        "[cv][ai][rs][di]*.md"
    ):  # those of the card, and where a reply goes
        (folder / "ar" / "pieces" / piece.name).write_text(piece.read_text("utf-8"), "utf-8")
    path = folder / "ar/cheat_card.md"
    path.write_text(source, encoding="utf-8")
    os.utime(path, ns=(path.stat().st_mtime_ns + 10**9 * len(source),) * 2)
    (folder / "ar/staff_help.email.md").write_text(
        "---\nsubject: S\n---\n[[((رقم الشكوى))]] ((> وجهة الرد))\n"
    )
    return path


def about_card(templates: TemplateSet) -> list[str]:
    return [str(problem) for problem in templates.problems() if problem.path == "ar/cheat_card.md"]


def test_a_card_saved_broken_never_replaces_the_good_one(tmp_path: Path) -> None:
    save_card(tmp_path, "Good: ((رقم الشكوى))\n")
    templates = TemplateSet(tmp_path, "ar")
    assert about_card(templates) == []
    save_card(tmp_path, "Bad: ((رقم الشكوة))\n")

    templates.reload()

    values = samples.usual(NOTIFICATIONS["staff_help"])
    assert (
        f"Good: \u2068{sample_values.TICKET}\u2069" in templates.render_email("staff_help", values, "").text
    )
    assert about_card(templates) == [
        "ar/cheat_card.md:1: «((رقم الشكوة))» ليست قيمة معروفة في هذا النص. هل تقصدون: ((رقم الشكوى))؟"
    ]


def test_a_piece_of_the_card_that_changes_is_said_from_then_on(tmp_path: Path) -> None:
    save_card(tmp_path, (TEMPLATES / "ar/cheat_card.md").read_text("utf-8"))
    piece = tmp_path / "ar/pieces/card_how.plain.md"
    templates = TemplateSet(tmp_path, "ar")
    values = samples.usual(NOTIFICATIONS["staff_help"])
    assert "في أول سطر من الرد" in templates.render_email("staff_help", values, "").text
    piece.write_text("في السطر الأول.", encoding="utf-8")
    os.utime(piece, ns=(piece.stat().st_mtime_ns + 10**9,) * 2)

    templates.reload()

    assert "في السطر الأول." in templates.render_email("staff_help", values, "").text


def test_an_empty_card_means_none_and_a_missing_file_is_told(tmp_path: Path) -> None:
    path = save_card(tmp_path, "")
    templates = TemplateSet(tmp_path, "ar")
    values = samples.usual(NOTIFICATIONS["staff_help"])

    email = templates.render_email("staff_help", values, sample_values.REPLY_TO)

    assert about_card(templates) == []
    bare = templates.render_email("staff_help", values)
    assert replace(email, made_of=bare.made_of) == bare, "but for the card's own revision"
    path.unlink()
    templates.reload()
    assert about_card(templates) == ["ar/cheat_card.md: the file is missing"]


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("`#حل` ثم النص", "a line must not begin with a command"),
        ("**#حل**", "a line must not begin with a command"),
        ("الأوامر ((نص الموظف))", "ليست قيمة معروفة"),
        ("[حل](ftp://example.net)", "a link leads to http, https, mailto, tel or to one value"),
        (f"الأوامر\n{MARKER['ar']}", "the marker line belongs to the layout"),
        ("الأوامر \u202e", "direction marks that are not balanced"),
    ],
)
def test_a_card_that_could_do_harm_is_refused(source: str, problem: str) -> None:
    card, problems = check_card(source, "ar", NO_PIECES)

    assert card is None
    assert [problem in str(found) for found in problems] == [True]
