"""What is not wrong with a text, but worth a second look: a duration typed as a number, and spelling.

Spelling is looked up by hunspell with its Arabic dictionary, where they are installed (Debian: hunspell,
hunspell-ar): it finds most mistakes and flags few good words, so it advises and refuses nothing. The desk's
own terms stand in LANGUAGE/terms.txt.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
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
    r"\(\([^()]*\)\)|`[^`\n]*`|https?://\S+|[*_#>\[\]]|^\s*(?:subject|preview):", re.MULTILINE
)
_WORD = re.compile(r"[\u0621-\u0652]{3,}")
_LOOKS_S = 10


def advice(path: str, content: str) -> list[Problem]:
    """What an editor may want to look at again, with line; nothing of it keeps a text from being in force."""
    key = key_of(path)
    if key is None:
        return []
    return [*_fixed_durations(path, content, key.language), *_spelling(path, content, key.language)]


def _fixed_durations(path: str, content: str, language: str) -> Iterator[Problem]:
    for number, line in enumerate(content.split("\n"), 1):
        for found in _DURATION.finditer(_MARKS.sub(" ", line)):
            yield Problem(path, number, remark(language, "fixed_duration", found=found[0].strip()))


def _spelling(path: str, content: str, language: str) -> Iterator[Problem]:
    program = shutil.which("hunspell") if language == "ar" else None
    if program is None:
        return
    lines = [_WORD.findall(_MARKS.sub(" ", line)) for line in content.split("\n")]
    known = terms(language)
    asked = sorted({word for line in lines for word in line if _bare(word) not in known})
    doubts = _doubts(program, asked) if asked else {}
    for number, words in enumerate(lines, 1):
        for word in dict.fromkeys(words):
            if word in doubts:
                near = doubts[word]
                code = "spelling_near" if near else "spelling"
                yield Problem(path, number, remark(language, code, word=word, near=near))


def _doubts(program: str, words: list[str]) -> dict[str, str]:
    """The words that the dictionary does not know, and what each may have been meant to be. Empty where
    there is no such dictionary."""
    try:
        run = subprocess.run(  # noqa: S603 - a dictionary, given words
            [program, "-d", "ar", "-a", "-i", "utf-8"],
            input="\n".join(f"^{_bare(word)}" for word in words),
            capture_output=True,
            text=True,
            timeout=_LOOKS_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return {}
    by_bare = {_bare(word): word for word in words}
    found: dict[str, str] = {}
    for line in run.stdout.splitlines():
        if line.startswith(("&", "#")):
            word = line.split()[1]
            near = line.partition(": ")[2].partition(",")[0] if line.startswith("&") else ""
            found[by_bare.get(word, word)] = near
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
