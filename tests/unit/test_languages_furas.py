"""Every entry of Furas' own words is reached, and each frame around it is not known without it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields

import pytest

from daemon.mail.languages import furas
from daemon.mail.languages.folding import fold
from daemon.mail.languages.notation import phrase
from daemon.mail.letter.message import IncomingMail
from daemon.mail.machines.matters import names_matter
from daemon.mail.machines.signs import Signs
from daemon.mail.meaning.citizen_words import is_status_request, survey_answer, wants_escalation
from daemon.mail.meaning.extraction import extract, extract_answer
from daemon.mail.meaning.extraction_policy import ExtractionPolicy
from daemon.mail.meaning.gratitude import is_thanks
from daemon.mail.meaning.privacy_wish import privacy_wish
from daemon.workflow.vocabulary import PRIVACY_WISHES
from tests.each import each
from tests.unit.samples import samples

POLICY = ExtractionPolicy()
NUMBER = "123456"
NOBODYS = "blip"
PROSE = " word" * 20
Probe = Callable[[str], object]


def number(text: str) -> str | None:
    return extract("", text, POLICY).request_number


def answer(text: str) -> str | None:
    return extract_answer(text, POLICY).request_number


def name(text: str) -> str | None:
    return extract("", text, POLICY).name


def mobile(text: str) -> str | None:
    return extract("", text, POLICY).phone


def matter(text: str, is_receipt: bool = False) -> bool:
    return names_matter(Signs(IncomingMail(text=text)), is_receipt)


def rated(text: str) -> bool:
    return survey_answer(text) is not None


PROBES: dict[tuple[str, str], list[Probe]] = {
    ("request_number", "patterns"): [lambda s: number(s) == NUMBER],
    ("request_number", "patterns_apart"): [lambda s: number(s) == NUMBER],
    ("request_number", "other_things"): [
        lambda s: not number(f"طلب لتاجير {s} برقم {NUMBER}"),
        lambda s: not number(f"I applied to use a {s} number {NUMBER}"),
    ],
    ("request_number", "request"): [lambda s: number(f"رقم {s} {NUMBER}")],
    ("request_number", "no_sum"): [lambda s: not number(f"{s} الطلب {NUMBER}")],
    ("request_number", "to_number"): [lambda s: number(f"رقم الطلب {s} {NUMBER}")],
    ("request_number", "to_label"): [lambda s: number(f"معاملتي {s} برقم 12345")],
    ("request_number", "other_labels"): [lambda s: not answer(f"{s} {NUMBER}")],
    ("request_number", "other_labels_latin"): [lambda s: not answer(f"{s} {NUMBER}")],
    ("request_number", "other_label_links"): [lambda s: not answer(f"جوال {s} {NUMBER}")],
    ("request_number", "number_words"): [lambda s: answer(f"x {s} {NUMBER} x{PROSE}")],
    ("request_number", "number_words_latin"): [lambda s: answer(f"x {s} {NUMBER} x{PROSE}")],
    ("request_number", "units"): [lambda s: not answer(f"x {NUMBER} {s}")],
    ("request_number", "units_latin"): [lambda s: not answer(f"x {NUMBER} {s}")],
    ("request_number", "units_words"): [lambda s: not answer(f"x {NUMBER} {s}")],
    ("name", "labels"): [lambda s: name(f"{s} علي عمر") == "علي عمر"],
    ("name", "kinds"): [lambda s: name(f"الاسم {s}: علي عمر")],
    ("name", "of_mine"): [lambda s: name(f"اسمي {s} علي عمر") == "علي عمر"],
    ("name", "given"): [
        lambda s: name(f"لم يصلني رد\n{s} العلي"),
        lambda s: name(f"No answer yet\n{s} Alali"),
    ],
    ("name", "wordlike"): [
        lambda s: (
            name(f"لم يصلني رد\n{s} التعامل") is None and name(f"لم يصلني رد\n{s} العتيبي") == f"{s} العتيبي"
        )
    ],
    ("name", "signers"): [lambda s: name(f"لم يصلني رد\n{s} نورة العلي") == "نورة العلي"],
    ("name", "stop"): [lambda s: name(f"الاسم: علي عمر {s} سعد") == "علي عمر"],
    ("mobile", "labels"): [lambda s: mobile(f"{s} 551234567")],
    ("mobile", "labels_of_others"): [lambda s: not mobile(f"{s} الموظف 0551234567")],
    ("mobile", "labels_of_others_latin"): [
        lambda s: not mobile(f"{s} of employee 0551234567"),
        lambda s: not mobile(f"employee {s} 0551234567"),
    ],
    ("mobile", "others"): [lambda s: not mobile(f"جوال {s} 0551234567")],
    ("mobile", "others_latin"): [lambda s: not mobile(f"{s} mobile 0551234567")],
    ("status", "asks"): [is_status_request],
    ("status", "beside"): [lambda s: is_status_request(f"status {s}")],
    ("survey", "labels"): [lambda s: rated(f"{s}: 3")],
    ("survey", "out_of"): [lambda s: rated(f"3 {s} 5")],
    ("survey", "objections"): [lambda s: (found := survey_answer(f"3\nx {s} x")) and found.objects],
    ("escalation", "words"): [lambda s: wants_escalation(f"I request {s}")],
    ("escalation", "wish"): [lambda s: wants_escalation(f"لا {NOBODYS} {s} التصعيد")],
    ("escalation", "wish_nouns"): [lambda s: wants_escalation(f"{s} التصعيد")],
    ("escalation", "beside"): [lambda s: wants_escalation(f"{s} التصعيد")],
    ("escalation", "reason"): [lambda s: wants_escalation(f"تصعيد الشكوى {s} {NOBODYS} تم")],
    ("escalation", "over"): [lambda s: not wants_escalation(f"تصعيد الشكوى {s}")],
    ("escalation", "not_yet"): [lambda s: not wants_escalation(f"أريد {s} التصعيد")],
    ("escalation", "passing"): [lambda s: not wants_escalation(f"أريد {s} التصعيد")],
    ("escalation", "refused"): [lambda s: not wants_escalation(f"أريد {s} التصعيد")],
    ("escalation", "instead"): [lambda s: not wants_escalation(f"أريد {s} التصعيد")],
    ("escalation", "done"): [lambda s: not wants_escalation(f"أريد {s} التصعيد")],
    ("escalation", "about"): [lambda s: not wants_escalation(f"أريد {s} التصعيد")],
    ("escalation", "needless"): [lambda s: not wants_escalation(f"أريد التصعيد غير {s}")],
    ("escalation", "ours"): [lambda s: not wants_escalation(f"أريد التصعيد {s}")],
    ("escalation", "undone"): [lambda s: not wants_escalation(f"أريد {s} التصعيد")],
    ("escalation", "only_wished"): [lambda s: not wants_escalation(s) and wants_escalation(f"like it {s}")],
    ("escalation", "who"): [lambda s: not wants_escalation(f"أطلب {s} طلب التصعيد")],
    ("escalation", "nothing_but"): [lambda s: wants_escalation(f"لا {NOBODYS} {s} التصعيد")],
    ("matters", "numbered"): [matter],
    ("matters", "header_labels"): [
        lambda s: not matter(f"{s}: my request number {NUMBER}"),
    ],
    ("matters", "enclosures"): [lambda s: not matter(f"x {s} y\nrequest number {NUMBER}")],
    ("matters", "letters"): [lambda s: not matter(f"x {s} y:\nrequest number {NUMBER}")],
    ("matters", "theirs"): [lambda s: not matter(f"{s} x request number {NUMBER}")],
    ("matters", "trouble"): [lambda s: matter(f"request number {NUMBER} {s} x", is_receipt=True)],
    ("thanks", "signs"): [is_thanks],
}
CATEGORIES = {
    "sla_exceeded": "sla_exceeded",
    "sla_exceeded_hints": "sla_exceeded",
    "technical": "technical",
}
FILLED = {
    "<end>": "",
    "<number>": NUMBER,
    "<bare_number>": NUMBER,
    "<request>": "طلب",
    "<no_sum>": "",
    "<to_number>": " ",
    "<to_label>": "",
    "<sentence>": " blip ",
    "<kinds>": "",
    "<of_mine>": "",
}


def texts(table: str, key: str) -> list[str]:
    """Texts made from the entries of one key."""
    if (table, key) == ("thanks", "signs"):
        return list(furas.phrases(table, key))
    found = []
    for pattern in furas.expressions(table, key):
        for part, text in FILLED.items():
            pattern = pattern.replace(part, text)
        found += samples(pattern.replace("<number>", NUMBER))
    return found


def phrases(entry: str) -> list[str]:
    """Texts made from a phrase of the grounds: each alternative of each word stands in one."""
    parts = [part.split("/") for part in entry.split() if part != "~"]
    most = max(map(len, parts))
    return [" ".join(part[n % len(part)].strip("=*") for part in parts) for n in range(most)]


def test_every_key_is_proved_to_be_used() -> None:
    keys = {(table, key.name) for table, values in furas.TABLES.items() for key in fields(values)}  # type: ignore[arg-type]

    assert keys == PROBES.keys() | {("grounds", key) for key in (*CATEGORIES, "none")} | {
        *(("privacy", key) for key in (*filter(None, PRIVACY_WISHES), "passing")),
        ("escalation", "stems"),
    }
    assert all(furas.entries(table, key) for table, key in keys)


@each("table, key", sorted(PROBES), ids="-".join)
def test_every_entry_is_reached(table: str, key: str) -> None:
    probes = PROBES[table, key]

    assert [text for text in texts(table, key) if not any(probe(text) for probe in probes)] == []
    assert not any(probe(NOBODYS) for probe in probes)


@pytest.mark.parametrize("key", CATEGORIES)
def test_every_phrase_of_a_ground_is_reached(key: str) -> None:
    written = [text for entry in furas.phrases("grounds", key) for text in phrases(entry)]

    assert [text for text in written if extract("", text, POLICY).category != CATEGORIES[key]] == []


def test_every_phrase_of_no_ground_silences_one() -> None:
    written = [text for entry in furas.phrases("grounds", "none") for text in phrases(entry)]

    assert [text for text in written if extract("", text, POLICY).category is not None] == []


@pytest.mark.parametrize("key", [wish for wish in PRIVACY_WISHES if wish])
def test_every_phrase_of_a_wish_about_data_is_reached(key: str) -> None:
    written = [text for entry in furas.phrases("privacy", key) for text in phrases(entry)]

    assert [text for text in written if privacy_wish("", text) != key] == []


def test_every_phrase_in_passing_silences_one() -> None:
    written = [text for entry in furas.phrases("privacy", "passing") for text in phrases(entry)]

    assert [text for text in written if privacy_wish("", f"أريد حذف بياناتي {text}")] == []


def test_the_cheap_look_sees_every_word_of_escalation() -> None:
    stems = furas.phrases("escalation", "stems")

    assert all(any(stem in fold(text) for stem in stems) for text in texts("escalation", "words"))
    assert phrase(["لم", ["يتم", "تتم"], "~"]) == "لم يتم/تتم ~"
