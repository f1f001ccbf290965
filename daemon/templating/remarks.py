"""What the check of a text says to its editor: LANGUAGE/remarks.toml, a line for each code."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache

from daemon import resources

REMARKS_FILE = "remarks.toml"


def remark(language: str, code: str, **values: str) -> str:
    """What is wrong and what helps, in one line. Values of a text's own are put in «…» by the file."""
    return _remarks(language)[code].format(**values)


@cache
def _remarks(language: str) -> Mapping[str, str]:
    source = (resources.templates() / language / REMARKS_FILE).read_text("utf-8")
    return {code: str(text) for code, text in tomllib.loads(source).items()}
