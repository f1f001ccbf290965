"""What is not wrong with a text, but worth a second look: a duration typed as a number, and spelling.

Spelling is looked up by hunspell with its Arabic dictionary, where they are installed (Debian: hunspell,
hunspell-ar): it finds most mistakes and flags few good words, so it advises and refuses nothing. The desk's
own terms stand in LANGUAGE/terms.txt.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from daemon import resources
from daemon.templating.errors import Problem
from daemon.templating.keys import key_of
from daemon.templating.remarks import remark

TERMS_FILE = "terms.txt"
_DURATION = re.compile(
    r"(?<![\d./-])\d+ (?:يوم|أيام|ساعة|ساعات|أسبوع|أسابيع)[^\s.،:]*(?: عمل)?"
    r"|\b\d+ (?:business )?(?:days?|hours?|weeks?)\b"
)
_MARKS = re.compile(
    r"\(\([^()\n]{0,200}\)\)|`[^`\n]{0,200}`|https?://\S{1,500}|[*_#>\[\]]|^[^\S\n]*(?:subject|preview):",
    re.MULTILINE,
)
_WORD = re.compile(r"[\u0621-\u0652]{3,}")
_LOOKS_S = 10


def advice(contents: Mapping[str, str]) -> list[Problem]:
    """What an editor may want to look at again in these texts, by path, with line; nothing of it keeps a text
    from being in force. The dictionary is started once for all of them."""
    keys = {path: key for path in contents if (key := key_of(path)) is not None}
    doubts = _doubts([contents[path] for path, key in keys.items() if key.language == "ar"])
    found: list[Problem] = []
    for path, key in keys.items():
        found += _fixed_durations(path, contents[path], key.language)
        found += _spelling(path, contents[path], doubts) if key.language == "ar" else ()
    return found


def _fixed_durations(path: str, content: str, language: str) -> Iterator[Problem]:
    for number, line in enumerate(content.split("\n"), 1):
        for found in _DURATION.finditer(_MARKS.sub(" ", line)):
            yield Problem(path, number, remark(language, "fixed_duration", found=found[0].strip()))


def _words(line: str) -> list[str]:
    return _WORD.findall(_MARKS.sub(" ", line))


def _spelling(path: str, content: str, doubts: Mapping[str, str]) -> Iterator[Problem]:
    for number, line in enumerate(content.split("\n"), 1):
        for word in dict.fromkeys(_words(line)):
            if (near := doubts.get(_bare(word))) is not None:
                code = "spelling_near" if near else "spelling"
                yield Problem(path, number, remark("ar", code, word=word, near=near))


def _doubts(contents: Sequence[str]) -> Mapping[str, str]:
    """The words, without vowels, that the Arabic dictionary does not know, each with what was perhaps meant.
    Empty where there is no such dictionary."""
    known = terms("ar")
    words = sorted({_bare(word) for content in contents for word in _words(content)} - known)
    program = shutil.which("hunspell")
    if program is None or not words:
        return {}
    try:
        run = subprocess.run(  # noqa: S603 - a dictionary, given words
            [program, "-d", "ar", "-a", "-i", "utf-8"],
            input="\n".join(f"^{word}" for word in words),
            capture_output=True,
            text=True,
            timeout=_LOOKS_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return {}
    found: dict[str, str] = {}
    for line in run.stdout.splitlines():
        if line.startswith(("&", "#")):
            word = line.split()[1]
            near = line.partition(": ")[2].partition(",")[0] if line.startswith("&") else ""
            found[word] = near
    return found


def _bare(word: str) -> str:
    """Without vowels, which dictionaries do not have."""
    return re.sub("[\u064b-\u0652]", "", word)


@cache
def terms(language: str) -> frozenset[str]:
    """The desk's own terms, each on a line."""
    path = resources.templates() / language / TERMS_FILE
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    return frozenset(line.strip() for line in lines if line.strip() and not line.startswith("#"))
