"""Notifications are listed in `workflow.notices` alone; what an operator is told of, in `vocabulary`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import daemon
from daemon.dispatch.handover import DOWN
from daemon.workflow import vocabulary
from daemon.workflow.budgets import ALARMING
from daemon.workflow.notices import NOTICES

DAEMON = Path(daemon.__file__).parent
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
