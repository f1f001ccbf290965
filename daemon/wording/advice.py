"""What is not wrong with a text, but worth a second look: a duration or a number that is typed, and spelling.

Spelling is looked up by hunspell with its Arabic dictionary, where they are installed (Debian: hunspell,
hunspell-ar): it finds most mistakes and flags few good words, so it advises and refuses nothing. The desk's
own terms stand in LANGUAGE/terms.txt. What the program says itself in the same text is told of nobody.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from itertools import islice

from daemon import resources
from daemon.templating.errors import Problem
from daemon.templating.keys import is_text
from daemon.templating.page_words import LANGUAGES
from daemon.templating.remarks import remark
from daemon.templating.shipped import listed, sha256_of

TERMS_FILE = "terms.txt"
_COUNTED = "يوم|أيام|ساعة|ساعات|أسبوع|أسابيع|شهر|أشهر|شهور|سنة|سنوات|دقيقة|دقائق|مرة|مرات|بالمئة|بالمائة"
_ARABIC_NUMBERS = (
    "واحدة?|اثنتان|اثنتين|اثنان|اثنين|ثلاثة?|أربعة?|خمسة?|ستة?|سبعة?|ثماني|ثمانية|تسعة?|عشرة?|عشرون|عشرين|ثلاثون|ثلاثين"
    "|أربعون|أربعين|خمسون|خمسين|ستون|ستين|سبعون|سبعين|ثمانون|ثمانين|تسعون|تسعين|مئة|مائة|إحدى عشرة|أحد عشر"
    "|(?:اثنا|اثني|اثنتا|اثنتي|ثلاثة?|أربعة?|خمسة?|ستة?|سبعة?|ثماني|ثمانية|تسعة?) عشرة?"
)
_ENGLISH_NUMBERS = (
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|twenty|thirty"
    "|forty|fifty|sixty|ninety|hundred"
)
_DURATION = re.compile(
    rf"(?<![\d./-])\d+ (?:{_COUNTED})[^\s.،:]{{0,9}}(?: عمل)?(?!\w)"
    rf"|(?<!\w)[وفبلك]{{0,2}}(?:{_ARABIC_NUMBERS}) (?:{_COUNTED})[ًا]{{0,2}}(?: عمل)?(?!\w)"
    r"|(?<!\w)[وفبلك]{0,2}(?:يوم|أسبوع|شهر|سنت|ساعت|مرت)(?:ان|ين)(?!\w)"
    r"|(?<!\w)[وفبلك]{0,2}(?:يومي|يوما|أسبوعي|ساعتي|شهري) عمل(?!\w)"
    r"|(?<!\w)[وفبلك]{0,2}(?:يوم(?: عمل)? واحد|ساعة واحدة|أسبوع واحد|شهر واحد)(?!\w)"
    rf"|\b(?:\d+|{_ENGLISH_NUMBERS}) (?:more )?(?:business |working |calendar )?"
    r"(?:days?|hours?|weeks?|months?|years?|minutes?|times)\b",
    re.IGNORECASE,
)
"""A length of time, or a number of times, typed in figures of either kind or in words."""
_NUMBER = re.compile(r"(?<![\w.,/:٫-])[+]?\d{2,20}(?![\w/:٫-]|[.,]\d)")
"""A number that is no part of a date or of a word."""
_MARKS = re.compile(
    r"\(\([^()\n]{0,200}\)\)|\]\([^()\n]{0,500}\)|`[^`\n]{0,200}`|https?://\S{1,500}|[*_#>\[\]]|^[^\S\n]*(?:subject|preview):",
    re.MULTILINE,
)
_SAID = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
"""What stands between quotation marks after the name of a line: the words of a .toml file."""
_BRACED = re.compile(r"\{[a-z_]{1,40}\}")
"""A value in the words of the history."""
_WORD = re.compile(r"[\u0621-\u0652]{3,}")
LOOKS_S = 5
"""It takes a twentieth of a second for each word that it does not know, and editors wait for one another."""
LONGEST_WORD = 30
MOST_FOUND = 40
"""Of one text: who has more to look at begins with these."""


def advice(contents: Mapping[str, str]) -> list[Problem]:
    """What an editor may want to look at again in these texts, by path, with line; nothing of it keeps a text
    from being in force. The dictionary is started once for all of them."""
    lines = {path: tuple(_lines(path, contents[path])) for path in contents if _language_of(path)}
    doubts = _doubts([text for path in lines if _language_of(path) == "ar" for _, text in lines[path]])
    found: list[Problem] = []
    for path, said in lines.items():
        language = _language_of(path)
        found += islice(_fixed_numbers(path, said, language), MOST_FOUND)
        found += islice(_spelling(path, said, doubts), MOST_FOUND) if language == "ar" else ()
    return found


def _language_of(path: str) -> str:
    """Of a text that people read; "" for any other file."""
    language = path.partition("/")[0]
    return language if is_text(path) and language in LANGUAGES else ""


def _lines(path: str, content: str) -> Iterator[tuple[int, str]]:
    """The lines of a text with their numbers: of a .toml file the words in them."""
    for number, line in enumerate(content.split("\n"), 1):
        if not path.endswith(".toml"):
            yield number, line
        elif not line.lstrip().startswith("#"):
            yield number, _BRACED.sub(" ", " ".join(_SAID.findall(line.partition("=")[2])))


def _fixed_numbers(path: str, lines: Iterable[tuple[int, str]], language: str) -> Iterator[Problem]:
    own = _own_numbers(path)
    for number, line in lines:
        for code, found in _numbers(line):
            if found not in own:
                yield Problem(path, number, remark(language, code, found=found))


def _numbers(line: str) -> Iterator[tuple[str, str]]:
    """What is typed as a duration or a number, each with the name of what is said of it."""
    bare = _MARKS.sub(" ", line)
    yield from (("fixed_duration", found[0].strip()) for found in _DURATION.finditer(bare))
    yield from (("fixed_number", found[0]) for found in _NUMBER.finditer(_DURATION.sub(" ", bare)))


@cache
def _own_numbers(path: str) -> frozenset[str]:
    """Those that the program's own words of a text hold, such as a term of the law; none where its file is an
    admin's."""
    folder = resources.pristine()
    try:
        octets = (folder / path).read_bytes()
    except OSError:
        return frozenset()
    if sha256_of(octets) not in listed(folder).get(path, ()):
        return frozenset()
    lines = _lines(path, octets.decode("utf-8", "replace"))
    return frozenset(found for _, line in lines for _, found in _numbers(line))


def _words(line: str) -> list[str]:
    return _WORD.findall(_MARKS.sub(" ", line))


def _spelling(path: str, lines: Iterable[tuple[int, str]], doubts: Mapping[str, str]) -> Iterator[Problem]:
    for number, line in lines:
        for word in dict.fromkeys(_words(line)):
            if (near := doubts.get(_bare(word))) is not None:
                code = "spelling_near" if near else "spelling"
                yield Problem(path, number, remark("ar", code, word=word, near=near))


def _doubts(contents: Sequence[str]) -> Mapping[str, str]:
    """The words, without vowels, that the Arabic dictionary does not know, each with what was perhaps meant.
    Empty where there is no such dictionary."""
    known = terms("ar")
    words = {_bare(word) for content in contents for word in _words(content)} - known
    found: dict[str, str] = {}
    for line in _asked(sorted(word for word in words if len(word) <= LONGEST_WORD)):
        if line.startswith(("&", "#")):
            word = line.split()[1]
            near = line.partition(": ")[2].partition(",")[0] if line.startswith("&") else ""
            found[word] = near
    return found


def _asked(words: Sequence[str]) -> Sequence[str]:
    """What the dictionary says of the words, a line each, as far as it gets in time."""
    program = shutil.which("hunspell")
    if program is None or not words:
        return []
    try:
        return _looked_up(program, tuple(words))
    except subprocess.TimeoutExpired as late:
        so_far = late.stdout or b""  # octets, whatever `text` says
        return so_far.decode("utf-8", "replace").split("\n")[:-1]  # the last line may be half of one
    except (OSError, subprocess.SubprocessError):
        return []


@lru_cache(maxsize=32)
def _looked_up(program: str, words: tuple[str, ...]) -> Sequence[str]:
    """Takes a quarter of a second, and an editor looks again at what stayed the same. Raises OSError,
    subprocess.SubprocessError."""
    run = subprocess.run(  # noqa: S603 - a dictionary, given words
        [program, "-d", "ar", "-a", "-i", "utf-8"],
        input="\n".join(f"^{word}" for word in words),
        capture_output=True,
        text=True,
        timeout=LOOKS_S,
        check=True,
    )
    return run.stdout.splitlines()


def _bare(word: str) -> str:
    """Without vowels, which dictionaries do not have."""
    return re.sub("[\u064b-\u0652]", "", word)


@cache
def terms(language: str) -> frozenset[str]:
    """The desk's own terms, each on a line."""
    path = resources.templates() / language / TERMS_FILE
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    return frozenset(line.strip() for line in lines if line.strip() and not line.startswith("#"))
