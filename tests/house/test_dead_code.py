"""Nothing stands in the program that the program does not use."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.house.trees import nodes_of, tree_of

ROOT = Path(__file__).resolve().parents[2] / "daemon"
CALLED_BY_LIBRARIES = {
    *("process_bind_param", "process_result_value"),  # sqlalchemy
    *("nullable_schema", "field_title_should_be_set", "default_schema"),  # pydantic
    *("handle_EHLO", "handle_RCPT", "handle_DATA"),  # aiosmtpd
    *("pause_writing", "resume_writing", "eof_received"),  # asyncio
    *("handle_starttag", "handle_endtag", "handle_data", "handle_entityref", "handle_charref"),  # html.parser
    "writelines",  # of a text stream
}
READ_BY_TESTS = {
    "TRIED_VERSION",  # the pin of aioimaplib
    "ALARMS",  # each is said somewhere
    "is_valid",  # the contract's form of a number, beside `normalise`, which forgives
}
NAME = re.compile(r"[A-Za-z_]\w*")


def defined(path: Path) -> Iterator[str]:
    """The functions, classes, methods and constants of a module."""
    for node in nodes_of(path):
        is_definition = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        if is_definition and not node.decorator_list:  # a framework may call what is decorated
            yield node.name
    for node in tree_of(path).body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        targets = [node.target] if isinstance(node, ast.AnnAssign) else targets
        yield from (target.id for target in targets if isinstance(target, ast.Name))


def test_what_is_defined_is_used() -> None:
    sources = {
        path: path.read_text("utf-8") for path in sorted(ROOT.rglob("*.py")) if "versions" not in path.parts
    }
    named = Counter(name for source in sources.values() for name in NAME.findall(source))

    unused = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in sources
        for name in defined(path)
        if named[name] == 1 and not name.startswith("__") and name not in CALLED_BY_LIBRARIES | READ_BY_TESTS
    ]

    assert unused == []
