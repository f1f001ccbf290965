"""A notification is one entry in `workflow.notices` and its texts, and nobody else keeps a list of them."""

from __future__ import annotations

from pathlib import Path

import daemon
from daemon.loops.desk import Desk
from daemon.loops.fetch import Fetch
from daemon.loops.troubles import LOOP_DOWN
from daemon.templating.catalogue import LANGUAGES, NOTIFICATIONS
from daemon.templating.keys import TextKey
from daemon.templating.samples import usual
from daemon.workflow import notices, vocabulary
from daemon.workflow.notices import NOTICES, Notice, of
from tests.each import each
from tests.unit.transition_table import rows

DAEMON = Path(daemon.__file__).parent
TEMPLATES = DAEMON.parent / "templates"
DESIGN = {
    # DESIGN §2, Notifications.
    "both": "received info_requested info_warning closed closed_no_response closed_not_admitted"
    " escalation_outcome survey",
    "either": "in_progress reply resolved reopened joined escalation_received escalation_too_early"
    " processing_delayed survey_reminder status too_large",
}
OUTSIDE_THE_TABLE = {
    "too_large": "a mail over the limit is not decided on",
    "staff_digest": "the time of day says it, no event",
    "staff_report": "the first business day of a month says it, no event",
    "staff_command_error": "a refused order changes nothing",
    "staff_quarantine": "no ticket",
    "staff_judged": "no ticket",
    "staff_done": "an answer to its writer",
    "staff_help": "an answer to its writer",
    "staff_status": "an answer to its writer",
    "operator_alert": "no ticket",
}


@each("notice", NOTICES.values(), ids=lambda notice: notice.name)
def test_a_notice_has_its_templates_and_sample_values(notice: Notice) -> None:
    for language in LANGUAGES:
        for channel in vocabulary.DELIVERY_CHANNELS:
            is_there = (TEMPLATES / TextKey(notice.name, "", channel, language).path).is_file()
            assert is_there == (channel in notice.channels), (language, channel)

    declared = NOTIFICATIONS[notice.name]
    assert set(usual(declared)) == set(declared.given)
    assert not notice.essential or notice.essential in declared.variables


def test_the_templates_are_of_notices_and_of_nothing_else() -> None:
    assert set(NOTIFICATIONS) == set(NOTICES)
    for language in LANGUAGES:
        mails = {path.name.partition(".")[0] for path in (TEMPLATES / language).glob("*.email.md")}
        assert mails == set(NOTICES)


def test_a_notice_goes_the_way_that_the_design_gives_it() -> None:
    for way, names in DESIGN.items():
        assert {notice.name for notice in NOTICES.values() if notice.way == way} == set(names.split())
    for notice in NOTICES.values():
        assert (notice.way == "email") == (notice.audience != "requester") == notices.is_internal(notice.name)


def test_a_notice_appears_in_the_transition_table_or_is_named_as_said_elsewhere() -> None:
    in_table = {name for row in rows() for name in (*row.citizen, *row.staff)}

    assert set(NOTICES) == in_table | set(OUTSIDE_THE_TABLE)
    assert not in_table & set(OUTSIDE_THE_TABLE)


def test_what_follows_from_a_notice_fits_its_audience() -> None:
    for notice in NOTICES.values():
        is_inside = notice.is_relayed or notice.carries_files or notice.answers_writer
        is_outside = notice.is_copied or notice.is_personal or notice.quotes_staff or notice.starts_clock
        is_outside = is_outside or notice.is_survey or notice.gives_way or bool(notice.essential)

        assert not (is_inside and notice.audience != "staff"), notice
        assert not (is_outside and notice.audience != "requester"), notice


def test_an_unheard_of_name_is_told_by_its_beginning_and_has_no_consequence() -> None:
    assert of("staff_of_old") == Notice("staff_of_old", "staff", "either")
    assert of("farewell") == Notice("farewell", "requester", "either")


def test_each_loop_that_can_be_out_has_its_code() -> None:
    channels = {f"delivery-{channel}" for channel in vocabulary.DELIVERY_CHANNELS}

    assert set(LOOP_DOWN) == {Fetch.name, Desk.name} | channels
