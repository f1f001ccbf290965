"""A notification is one entry in `workflow.notices` and its texts, and nobody else keeps a list of them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import daemon
from daemon.dispatch.handover import DOWN
from daemon.loops.desk import Desk
from daemon.loops.fetch import Fetch
from daemon.loops.troubles import LOOP_DOWN
from daemon.templating.catalogue import LANGUAGES, NOTIFICATIONS
from daemon.templating.keys import TextKey
from daemon.templating.samples import usual
from daemon.workflow import notices, vocabulary
from daemon.workflow.budgets import ALARMING
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
NO_LISTS = {
    "workflow/history.py": "codes of what happened, some of which are called like what is said of it",
    "templating/builtin.py": "the sentences that remain when no template can serve",
    "workflow/variants.py": "a table of the variants of each notice",
    "workflow/staff_variants.py": "the same of notices to staff",
    "templating/sample_values.py": "sample values",
    "mail/languages/furas.py": "tables of words that people write, some of which are called like a notice",
    "mail/meaning/command_words.py": "words of orders, some of which are called like a notice",
    "sandbox/stage.py": "what the play calls them",
}
WORDS = {
    word
    for name, words in vars(vocabulary).items()
    if name.isupper()
    for word in words
    if isinstance(word, str)
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


def collections(path: Path) -> Iterator[tuple[int, set[str]]]:
    """The line of each set, tuple, list or mapping, with the names of notices among its items or keys."""
    text = path.read_text("utf-8")
    if sum(f'"{name}"' in text or f"'{name}'" in text for name in NOTICES) < 2:
        return  # most modules name none, and to read them as a tree costs the most
    for node in ast.walk(ast.parse(text)):
        items: list[ast.expr | None] = []
        if isinstance(node, ast.Set | ast.Tuple | ast.List):
            items = list(node.elts)
        elif isinstance(node, ast.Dict):
            items = list(node.keys)
        found = {item.value for item in items if isinstance(item, ast.Constant) and item.value in NOTICES}
        yield getattr(node, "lineno", 0), found


def test_nobody_else_lists_names_of_notifications() -> None:
    for path in sorted(DAEMON.rglob("*.py")):
        if str(path.relative_to(DAEMON)) in NO_LISTS:
            continue
        for line, names in collections(path):
            # "closed" and "resolved" are states too: a list of nothing but such words may mean those.
            assert len(names) < 2 or names <= WORDS, (
                f"{path}, line {line} lists {sorted(names)}: ask workflow.notices"
            )


def test_the_search_for_lists_finds_one(tmp_path: Path) -> None:
    found = tmp_path / "listing.py"
    found.write_text('SAID = frozenset({"staff_new", "staff_update"})\n', "utf-8")

    assert {"staff_new", "staff_update"} in [names for _, names in collections(found)]


def literals_of(path: Path) -> set[str]:
    return {
        node.value
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_what_the_operator_is_told_of_is_a_code_of_a_closed_list() -> None:
    """Each is said somewhere; that nothing else is said, mypy proves."""
    sources = (path for path in DAEMON.rglob("*.py") if path.name not in ("vocabulary.py", "catalogue.py"))
    said = {word for path in sources if path.parent.name != "templating" for word in literals_of(path)}

    assert set(vocabulary.ALARMS) <= said
    assert set(ALARMING) <= set(vocabulary.ALARMS)
    assert set(DOWN) == set(vocabulary.DELIVERY_CHANNELS)


def test_each_loop_that_can_be_out_has_its_code() -> None:
    channels = {f"delivery-{channel}" for channel in vocabulary.DELIVERY_CHANNELS}

    assert set(LOOP_DOWN) == {Fetch.name, Desk.name} | channels
