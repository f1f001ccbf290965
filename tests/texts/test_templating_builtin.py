"""The words that remain when no template can serve: what a citizen must hear is in them all the same."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from daemon.templating import builtin, sample_values, samples
from daemon.templating.catalogue import LANGUAGES, NOTIFICATIONS
from daemon.templating.source import segments
from daemon.templating.telling import told
from daemon.templating.values import Value, Values
from daemon.templating.words import shipped as words_of
from daemon.workflow.notices import of

CITIZENS = [name for name, notification in NOTIFICATIONS.items() if notification.audience == "citizen"]


def _samples(language: str) -> Iterator[tuple[str, Values]]:
    for name in CITIZENS:
        for label, values in samples.contexts(NOTIFICATIONS[name]):
            if label not in ("long", "mixed", "markup", "breaks"):
                yield name, told(NOTIFICATIONS[name], values, words_of(language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_builtin_sms_has_two_parts_at_most_and_brings_the_longest_link(language: str) -> None:
    for name, values in _samples(language):
        for address in ("survey_url", "status_url"):
            if values.get(address):
                values = {**values, address: sample_values.LONGEST_URL}
        said = builtin.sms(name, language, values)
        assert segments(said) <= 2, (name, said)
        holds_page = of(name).holds_page and not values.get("is_escalated")
        link = values.get("survey_url") or (values.get("status_url") if holds_page else "")
        assert not link or said.endswith(str(link)), (name, said)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_builtin_words_hold_what_staff_wrote_to_the_citizen_and_the_other_number(language: str) -> None:
    for name, values in _samples(language):
        body = "\n\n".join(builtin.paragraphs(name, language, values))
        for key in ("text", "other_ticket"):
            if key in NOTIFICATIONS[name].given:
                assert str(values.get(key, "")) in body, (name, key)


VARIANTS: dict[str, list[tuple[str, dict[str, Value], str, str]]] = {
    "ar": [
        ("info_requested", {"text": "ما رقم الرخصة؟", "missing": []}, "بيانات إضافية", "بتسجيل"),
        ("closed", {"close_reason": "duplicate"}, "لتكرارها", "بعد معالجتها"),
        ("closed", {"close_reason": "withdrawn"}, "بناءً على طلبكم", "بعد معالجتها"),
        ("closed", {"close_reason": "duplicate", "other_ticket": "FRS-2026-000077-1"}, "بضم", "إغلاق"),
        ("escalation_outcome", {"outcome": "declined"}, "بتعذر قبول", "بقبول"),
        ("escalation_outcome", {"by_staff": True}, "بإحالة", "طلب تصعيد"),
        ("escalation_outcome", {"by_staff": True, "outcome": "declined"}, "اطلع", "تصعيد"),
        ("processing_delayed", {"is_escalated": True}, "ويتابع الفريق المختص", "ويمكنكم"),
        ("escalation_too_early", {}, "من الاثنين 7 ديسمبر 2026", "أُعيد فتح"),
        ("escalation_too_early", {"is_reopened": True}, "أُعيد فتح", "رغبتكم"),
        ("escalation_too_early", {"possible_at": ""}, "إن تجاوزت وقتها المتوقع", " من "),
        ("escalation_too_early", {"possible_at": "no time"}, "no time", "{"),
        ("status", {"is_late": True}, "ويمكنكم طلب تصعيدها", "عولجت"),
        ("status", {"is_late": True, "escalation": "raised"}, "ويدرسه الفريق المختص", "ويمكنكم"),
        ("info_warning", {"missing": ["request_number"]}, "البيانات المطلوبة: رقم الطلب", "{"),
        ("survey", {}, "خلال 14 يومًا", "{"),
    ],
    "en": [
        ("info_requested", {"text": "Which licence?", "missing": []}, "more details", "is registered"),
        ("closed", {"close_reason": "duplicate"}, "repeats another", "after processing"),
        ("closed", {"close_reason": "withdrawn"}, "as you asked", "after processing"),
        ("closed", {"close_reason": "duplicate", "other_ticket": "FRS-2026-000077-1"}, "joined", "closed"),
        ("escalation_outcome", {"outcome": "declined"}, "could not be accepted", "is accepted"),
        ("escalation_outcome", {"by_staff": True}, "is with the specialised team", "escalation"),
        ("escalation_outcome", {"by_staff": True, "outcome": "declined"}, "looked at", "escalation"),
        ("processing_delayed", {"is_escalated": True}, "is following up", "You can ask"),
        ("escalation_too_early", {}, "Monday 7 December 2026", "open again"),
        ("escalation_too_early", {"is_reopened": True}, "open again", "wish"),
        ("escalation_too_early", {"possible_at": ""}, "longer than expected", "from "),
        ("status", {"is_late": True}, "You can ask for its escalation", "is processed"),
        ("status", {"is_late": True, "escalation": "raised"}, "is examining it", "You can"),
    ],
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_builtin_words_are_those_of_the_variant_that_is_said(language: str) -> None:
    for name, values, said, unsaid in VARIANTS[language]:
        full = told(NOTIFICATIONS[name], {**samples.usual(NOTIFICATIONS[name]), **values}, words_of(language))
        body = "\n\n".join(builtin.paragraphs(name, language, full)[1:-1])
        assert said in body, (name, values, body)
        assert unsaid not in body, (name, values, body)
