"""Every entry of the language files is reached: the function that uses it knows a text made from it.

And each frame around it is not known with a word that is in no language, so the entry decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import pytest

from daemon.mail.languages import lexicon
from daemon.mail.languages.notation import expression
from daemon.mail.languages.schema import TABLES
from daemon.mail.languages.tables import FOLDER, BadLanguageFile, read_tables
from daemon.mail.letter.message import Address, IncomingMail
from daemon.mail.machines import (
    absence,
    automation,
    bounce_report,
    bounces,
    challenges,
    lists,
    persons,
    receipts,
    senders,
)
from daemon.mail.machines.signs import Signs
from daemon.mail.meaning.gratitude import is_thanks
from daemon.mail.meaning.staff_signature import without_signature
from daemon.mail.meaning.subjects import is_forward, without_prefixes
from daemon.mail.meaning.written_language import written_in
from daemon.mail.quoting.candidate import TIME, Start, start_of
from daemon.mail.quoting.footers import is_mobile_footer
from daemon.mail.quoting.new_text import folded, new_text
from tests.each import each
from tests.unit.samples import samples

NOBODYS = "blip"
HOUSES = "We are the contractor for"


def signs(
    subject: str = "x",
    text: str = "",
    sender: str = "ali@example.com",
    name: str = "",
    headers: tuple[tuple[str, str], ...] = (),
    **more: object,
) -> Signs:
    shown = f'"{name}" <{sender}>' if name else sender
    return Signs(
        IncomingMail(
            subject=subject,
            text=text,
            sender=Address(name, sender),
            headers=(("from", shown), *headers),
            **more,  # type: ignore[arg-type]
        )
    )


def how(text: str) -> str:
    return new_text(text, "").how


def kept(text: str) -> str:
    return new_text(text, "").text


NULL_PATH = (("return-path", "<>"),)
SILENCE = (("x-auto-response-suppress", "OOF"),)
AWAY = "I am out of the office."
Probe = Callable[[str], object]


def bounced(text: str) -> bounce_report.Report:
    return bounce_report.read(signs(text=text), "bounce_text")


def is_absent(text: str) -> bool:
    return absence.says_absent(signs(text=text))


def is_automatic(text: str) -> bool:
    return bool(automation.recognise(signs(text=text, sender="support@example.com")))


def subject_of_absence(subject: str) -> bool:
    return bool(absence.recognise(signs(subject, headers=SILENCE)))


PROBES: dict[tuple[str, str], list[Probe]] = {
    ("quotation", "begins"): [lambda s: start_of(f"{s} 3/3/2024") is Start.PREPOSITION],
    ("quotation", "begins_joined"): [lambda s: start_of(f"{s}3/3/2024") is Start.PREPOSITION],
    ("quotation", "hours"): [lambda s: TIME.search(f"11 {s}")],
    ("quotation", "wrote"): [lambda s: how(f"x\n\nAli Omar <ali@example.com> {s}:\ny") == "attribution"],
    ("quotation", "wrote_before"): [
        lambda s: how(f"x\n\n{s} Ali Omar <ali@example.com>:\ny") == "attribution"
    ],
    ("quotation", "after_verb"): [
        lambda s: how(f"x\n\nAli Omar <ali@example.com> wrote {s}:\ny") == "attribution"
    ],
    ("quotation", "after_address"): [
        lambda s: how(f"x\n\nAli Omar <ali@example.com> {s}:\ny") == "attribution"
    ],
    ("quotation", "closing_verbs"): [
        lambda s: how(f"x\n\nOn 3/3/2024 11:22 Ali <ali@example.com> {s}\ny") == "attribution"
    ],
    ("quotation", "closing_verbs_alone"): [
        lambda s: how(f"x\n\nOn 3/3/2024 11:22 Ali {s}\n> y") == "attribution"
    ],
    ("quotation", "only_programs"): [
        lambda s: how(f"x\nOn 3/3/2024 11:22 {s} Ali Omar:\ny") == "attribution",
        lambda s: how(f"x\nOn 3/3/2024 11:22 Ali Omar {s}:\ny") == "attribution",
        lambda s: how(f"x\nOp 3/3/2024 11:22 {s}:\ny") == "attribution",
        lambda s: how(f"x\nOn Sunday, November 29, 2026 {s}ali75 wrote:\ny") == "attribution",
    ],
    ("quotation", "tells"): [
        lambda s: how(f"x\n\nOn 3/3/2024 11:22 {s} wrote:\n> y") != "attribution",
        lambda s: how(f"x\n\n{s} wrote:\n> y") != "attribution",
    ],
    ("quotation", "articles"): [
        lambda s: how(f"x\n\nOn Tue, 3/3/2024 at 11:22 {s.title()} Man wrote:\n\ny") != "attribution"
    ],
    ("quotation", "sender"): [
        lambda s: kept(f"x\n\n{s}: Ali <ali@example.com>\nSent: 3/3/2024 11:22\nSubject: y\n\nz") == "x"
    ],
    ("quotation", "sent"): [
        lambda s: kept(f"x\n\nFrom: Ali <ali@example.com>\n{s}: 3/3/2024 11:22\nSubject: y\n\nz") == "x"
    ],
    ("quotation", "date"): [
        lambda s: kept(f"x\n\nFrom: Ali <ali@example.com>\n{s}: 3/3/2024 11:22\nSubject: y\n\nz") == "x"
    ],
    ("quotation", "addressee"): [
        lambda s: kept(f"x\n\nFrom: Ali\nSent: 3/3/2024 11:22\n{s}: ali@example.com\n\nz") == "x"
    ],
    ("quotation", "subject"): [lambda s: kept(f"x\n\nFrom: Ali\nSent: 3/3/2024 11:22\n{s}: y\n\nz") == "x"],
    ("quotation", "original"): [lambda s: how(f"x\n\n-----{s}-----\ny") == "original_message"],
    ("quotation", "forwarded"): [lambda s: how(f"x\n\n{s}:\ny") == "forward"],
    ("quotation", "reply_above"): [lambda s: how(f"x\n\n{s}\n\ny") == "reply_above"],
    ("quotation", "previous"): [lambda s: how(f"x\n\n*{s}*\ny") == "reply_above"],
    ("footers", "from_device"): [
        *(
            lambda s, device=device: is_mobile_footer(f"{s} {device}")  # type: ignore[misc]
            for device in ("iPhone", "Outlook for iOS", "ال iPhone")
        ),
    ],
    ("footers", "device_sent"): [is_mobile_footer],
    ("footers", "sent_from_my"): [lambda s: is_mobile_footer(f"{s}zork")],
    ("footers", "devices"): [
        lambda s: is_mobile_footer(f"Sent from {s}"),
        lambda s: is_mobile_footer(f"Sent from {s}ج"),
    ],
    ("footers", "device_words"): [lambda s: is_mobile_footer(f"Sent from {s} iPhone")],
    ("footers", "small_words"): [lambda s: is_mobile_footer(f"Sent from {s} iPhone")],
    ("footers", "politely"): [lambda s: is_mobile_footer(f"Sent from my iPhone, {s}excuse typos")],
    ("footers", "excuses"): [lambda s: is_mobile_footer(f"Sent from my iPhone, {s} typos")],
    ("footers", "no_signature"): [lambda s: kept(f"x\n\n--\nAli\n{s} y") != "x"],
    ("footers", "contacts"): [lambda s: kept(f"x\n\n--\nعلي\n{s}") == "x"],
    ("footers", "list_footers"): [lambda s: kept(f"x\n\n____\n{s}") == "x"],
    ("subjects", "replies"): [lambda s: without_prefixes(f"{s}: x") == "x"],
    ("subjects", "forwards"): [
        lambda s: without_prefixes(f"{s}: x") == "x" and is_forward(f"{s}: x"),
    ],
    ("subjects", "marks"): [lambda s: signs(f"{s}: x").is_answer],
    ("absence", "subjects"): [lambda s: absence.recognise(signs(f"{s}: x"))],
    ("absence", "before_title"): [lambda s: subject_of_absence(f"{s} vacation reply: x")],
    ("absence", "after_title"): [lambda s: subject_of_absence(f"vacation reply {s} x")],
    ("absence", "title_goes_on"): [lambda s: subject_of_absence(f"vacation reply {s} x")],
    ("absence", "weak_subjects"): [lambda s: absence.recognise(signs(s, AWAY, headers=SILENCE))],
    ("absence", "anywhere"): [subject_of_absence, lambda s: subject_of_absence(f"Ali {s}")],
    ("absence", "sayings"): [
        lambda s: is_absent(f"{s}\nlimited access"),
        lambda s: is_absent(f"{s} x\nlimited access"),
        lambda s: is_absent(f"{s} x\nlimited access to the office"),
    ],
    ("absence", "silences"): [lambda s: is_absent(f"{AWAY} {s} x")],
    ("absence", "returns"): [lambda s: is_absent(f"{AWAY} {s} x. Bereikbaar.")],
    ("absence", "substitutes"): [lambda s: is_absent(f"{AWAY} Tilbage. {s} x")],
    ("automation", "asides"): [lambda s: is_automatic(f"{s}this is an automated message")],
    ("automation", "says_so"): [
        lambda s: automation.says_automatic(signs(text=s)),
        lambda s: automation.says_automatic(signs(text=f"{s} x by the system")),
    ],
    ("automation", "forbids"): [
        lambda s: is_automatic(f"{s}\nwe aim to"),
        lambda s: is_automatic(f"{s} x we aim to"),
    ],
    ("automation", "receipts"): [lambda s: automation.opens_as_receipt(signs(text=f"{s} x"))],
    ("automation", "receipt_subjects"): [lambda s: automation.opens_as_receipt(signs(f"{s} x"))],
    ("bounces", "subjects"): [lambda s: bounces.recognise(signs(f"{s} x", headers=NULL_PATH))],
    ("bounces", "labels"): [lambda s: bounces.recognise(signs(f"{s}: delivery failed", headers=NULL_PATH))],
    ("bounces", "fixed_subjects"): [lambda s: bounces.recognise(signs(s, "ali@example.com: user unknown"))],
    ("bounces", "tails"): [
        lambda s: bounces.recognise(signs(f"x{s}", "Your message was not delivered to: a@b.example"))
    ],
    ("bounces", "texts"): [
        lambda s: bounces.recognise(signs(text=s, headers=NULL_PATH)),
        lambda s: bounces.recognise(signs(text=f"{s} x", headers=NULL_PATH)),
    ],
    ("bounces", "openings"): [lambda s: bounces.recognise(signs(text=f"{s} x\n\n550 5.1.1 y"))],
    ("bounces", "delivered_to"): [lambda s: bounces.recognise(signs("delivery failed", f"{s} a@b.example"))],
    ("bounces", "technical"): [lambda s: bounces.looks_technical(signs(text=s))],
    ("bounces", "delays"): [lambda s: bounced(f"{s}x").action == "delayed"],
    ("bounces", "copies"): [
        lambda s: bounced(f"x\n{s}\nb@c.example\nTo: d@e.example").recipient == "d@e.example"
    ],
    ("bounces", "verdicts"): [lambda s: bounced(f"a@b.example\n{s} c@d.example").recipient == "c@d.example"],
    ("bounces", "complaints"): [
        lambda s: bounces.recognise(signs(s, original_headers=(("to", "a@b.example"),)))
    ],
    ("receipts", "read_subjects"): [
        lambda s: receipts.recognise_receipt_wording(signs(f"{s}: x", "return receipt"))
    ],
    ("receipts", "read_texts"): [lambda s: receipts.recognise_receipt_wording(signs("Read: x", s))],
    ("receipts", "calendar_subjects"): [
        lambda s: receipts.recognise_calendar(signs(f"{s}: x", content_type="text/calendar"))
    ],
    ("challenges", "subjects"): [lambda s: challenges.recognise(signs(s, "approved sender"))],
    ("challenges", "asking"): [lambda s: challenges.recognise(signs("challenge", f"{s}. whitelist"))],
    ("challenges", "held"): [lambda s: challenges.recognise(signs("challenge", f"one-time step. {s}"))],
    ("newsletters", "leave"): [lambda s: lists.recognise_newsletter(signs(text=s, sender="news@b.example"))],
    ("newsletters", "managed"): [
        lambda s: senders.reads_no_answers(signs(text=s, sender="x-owner@b.example"))
    ],
    ("senders", "no_reply"): [lambda s: senders.reads_no_answers(signs(sender=f"{s}@b.example"))],
    ("senders", "no_reply_titles"): [lambda s: senders.reads_no_answers(signs(name=s))],
    ("senders", "no_reply_openings"): [lambda s: senders.reads_no_answers(signs(name=s))],
    ("senders", "no_reply_names"): [
        lambda s: senders.reads_no_answers(signs(name=s)),
        lambda s: senders.reads_no_answers(signs(name=f"x{s}")),
    ],
    ("senders", "mail_systems"): [
        lambda s: senders.is_mail_system(signs(name=s)),
        lambda s: senders.is_mail_system(Signs(IncomingMail(headers=(("from", s),)))),
    ],
    ("senders", "perhaps_mail_systems"): [lambda s: senders.is_perhaps_mail_system(signs(name=s))],
    ("persons", "speaks"): [persons.speaks_for_self, lambda s: persons.speaks_for_self(f"{s}\n")],
    ("persons", "greetings"): [persons.greets],
    ("signatures", "formulas"): [lambda s: without_signature(f"x\n\n{s}\nAli") == "x"],
    ("signatures", "greetings"): [lambda s: without_signature(f"x\n\n{s}\nAli") == "x"],
    ("signatures", "from_whom"): [lambda s: without_signature(f"x\n\n{s}الإدارة\nAli") == "x"],
    ("signatures", "disclaimers"): [lambda s: without_signature(f"x\n\n{s}: y") == "x"],
    ("signatures", "postscripts"): [lambda s: without_signature(f"x\n\nregards\n{s} y") != "x"],
    ("courtesies", "thanks"): [is_thanks],
    ("courtesies", "beside_thanks"): [lambda s: is_thanks(f"thanks {s}")],
    ("writing", "small"): [
        lambda s: written_in("", f"{s} {s} {s}") == "en",
        lambda s: written_in("", f"{s} {s} {s} please help") is None,
    ],
    ("writing", "common"): [lambda s: written_in("", f"{s} {s}") == "en"],
    ("writing", "in_latin"): [lambda s: written_in("", f"{s} {s} {s} please help") is None],
    ("writing", "names"): [lambda s: written_in("", f"{HOUSES} {s} الرياض and it is late") == "en"],
    ("writing", "in_sentences"): [
        lambda s: written_in("", f"{HOUSES} أمانة الرياض {s} and it is late") == "ar"
    ],
    ("writing", "appended"): [
        lambda s: written_in("شكوى", f"{s} and you are to help us with it since this is not all") == "ar"
    ],
}
"""What recognises the entries of a key; a text of each must be known to one of the functions."""

STEMS = {
    ("quotation", "reply_above_stems"): [("quotation", "reply_above")],
    ("absence", "stems"): [("absence", "sayings")],
    ("automation", "stems"): [("automation", "says_so"), ("automation", "forbids")],
}
"""Cheap looks before costly patterns: the keys whose every text holds one."""

ENTRIES = [
    (language.code, table, key.name, text)
    for language in lexicon.languages()
    for table, keys in TABLES.items()
    for key in fields(keys)  # type: ignore[arg-type]
    for text in language.expressions(table, key.name)
]


def test_every_key_is_proved_to_be_used_and_has_words() -> None:
    keys = {(table, key.name) for table, keys in TABLES.items() for key in fields(keys)}  # type: ignore[arg-type]

    assert keys == PROBES.keys() | STEMS.keys()
    assert {(table, key) for _, table, key, _ in ENTRIES} == keys


@each("table, key", sorted(PROBES), ids="-".join)
def test_a_word_of_no_language_is_not_taken_for_one(table: str, key: str) -> None:
    assert not any(probe(NOBODYS) for probe in PROBES[table, key])


@each("language", [language.code for language in lexicon.languages()])
def test_every_entry_of_a_language_is_reached(language: str) -> None:
    dead = [
        (table, key, sample)
        for code, table, key, text in ENTRIES
        if code == language and (table, key) in PROBES
        for sample in samples(text)
        if not any(probe(sample) for probe in PROBES[table, key])
    ]

    assert dead == []


@pytest.mark.parametrize("table, key", sorted(STEMS), ids="-".join)
def test_a_cheap_look_sees_what_the_costly_one_would_find(table: str, key: str) -> None:
    texts = [
        sample
        for _, its_table, its_key, text in ENTRIES
        if (its_table, its_key) in STEMS[table, key]
        for sample in samples(text)
    ]

    assert [stem for stem in lexicon.phrases(table, key) if not any(stem in text for text in texts)] == []


SEARCHED = [
    *(("bounces", key) for key in ("texts", "delays", "verdicts")),
    *(("absence", key) for key in ("sayings", "silences", "returns", "substitutes")),
    *(("challenges", "asking"), ("challenges", "held"), ("receipts", "read_texts"), ("persons", "speaks")),
    *(("footers", "devices"), ("footers", "contacts"), ("footers", "no_signature")),
    *(("newsletters", "leave"), ("newsletters", "managed"), ("senders", "mail_systems")),
]
"""Keys whose entries are looked for anywhere, so that a longer phrase says nothing beside a piece of it."""


@each("table, key", SEARCHED, ids="-".join)
def test_no_phrase_hides_behind_a_piece_of_it(table: str, key: str) -> None:
    plain = {
        text for _, *its, text in ENTRIES if its == [table, key] and not set(text) & set(r"\[](){}?*+.^$")
    }

    assert [(text, piece) for text in plain for piece in plain if piece != text and piece in text] == []


def test_an_entry_has_its_alternatives_in_brackets() -> None:
    assert [text for *_, text in ENTRIES if "|" in without_groups(text)] == []


def without_groups(text: str) -> str:
    bare = re.sub(r"\\.|\[\^?\]?[^\]]*\]", "", text)
    while bare != (bare := re.sub(r"\([^()]*\)", "", bare)):
        pass
    return bare


def test_an_entry_is_written_as_text_is_folded() -> None:
    as_written = {"signatures", "courtesies", "subjects"}

    assert [
        (table, key, sample)
        for _, table, key, text in ENTRIES
        if table not in as_written
        for sample in samples(text)
        if folded(sample) != sample
    ] == []


@pytest.mark.parametrize(
    "content, told",
    [
        ("[quotation]\nwrotte = ['x']", "[quotation] wrotte"),
        ("[quotations]\nwrote = ['x']", "[quotations]"),
        ("wrote = ['x']", "[wrote]"),
        ("[quotation]\nwrote = []", "[quotation] wrote"),
        ("[quotation]\nwrote = ['x', ' ']", "[quotation] wrote"),
        ("[quotation]\nwrote = ['x', 'x']", "[quotation] wrote"),
        ("[quotation]\nwrote = 'x'", "[quotation] wrote"),
        ("[quotation]\nwrote = [3]", "[quotation] wrote"),
        ("[quotation]\nwrote = [[['']]]", "[quotation] wrote"),
        ("[quotation]\nwrote = [", "xx.toml"),
    ],
)
def test_a_file_that_nobody_could_read_is_refused_by_table_and_key(
    tmp_path: Path, content: str, told: str
) -> None:
    path = tmp_path / "xx.toml"
    path.write_text(content, "utf-8")

    with pytest.raises(BadLanguageFile) as refused:
        read_tables(path, TABLES)

    assert "xx.toml" in str(refused.value)
    assert told in str(refused.value)


def test_an_entry_may_be_a_phrase_or_parts_with_alternatives() -> None:
    assert expression("urspr[uü]ngliche (nachricht|mail)") == "urspr[uü]ngliche (?:nachricht|mail)"
    assert expression(["هذا ", ["رد", "بريد"], "{…20}", r"\("]) == r"هذا (?:رد|بريد)[^.\n]{0,20}\("
    assert expression(r"[(]\((?!x)") == r"[(]\((?!x)"


def test_the_file_names_are_codes_of_languages() -> None:
    names = {path.stem for path in FOLDER.glob("*.toml")}

    assert {language.code for language in lexicon.languages()} == names - {"furas"}


def test_the_papers_count_the_languages_right() -> None:
    docs = Path(__file__).resolve().parents[2] / "docs"
    languages = lexicon.languages()
    with_subjects = [language for language in languages if language.entries("absence", "subjects")]

    assert f"({len(languages)} languages)" in (docs / "QUOTING.md").read_text("utf-8")
    assert f"in {len(with_subjects)} languages" in (docs / "MACHINES.md").read_text("utf-8")
