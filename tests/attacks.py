"""Makes the texts that hurt a regular expression most, from its own pieces: every repetition in it is pumped.

A backtracking matcher costs more than its input where a repetition can begin at many places, or where two
that stand side by side, or one within the other, can share the same signs. So each repetition's own sign is
written many times, after what stands before it and before something that lets the whole fail.
"""

from __future__ import annotations

import ast
import itertools
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

MANY = 50
"""A repetition that ends at fewer times costs little."""
_CLASSES = {
    codes.CATEGORY_DIGIT: "0",
    codes.CATEGORY_NOT_DIGIT: "a",
    codes.CATEGORY_SPACE: " ",
    codes.CATEGORY_NOT_SPACE: "a",
    codes.CATEGORY_WORD: "a",
    codes.CATEGORY_NOT_WORD: "-",
}
_PROBES = "a0 \t\r\n-.<>@:,;\"'()=/_A\u0627\u200f\0"
_REPEATS = (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT)


@dataclass(frozen=True, slots=True)
class Attack:
    """`before`, then `pump` n times, then `after`."""

    before: str
    pump: str
    after: str

    def text(self, n: int) -> str:
        return self.before + self.pump * max(1, n // len(self.pump)) + self.after


def attacks_on(pattern: re.Pattern[Any]) -> list[Attack]:
    """The attacks on each repetition in the pattern, and on its beginning."""
    source = pattern.pattern
    text = source.decode("latin-1") if isinstance(source, bytes) else source
    tree = parser.parse(text, pattern.flags & ~re.UNICODE if isinstance(source, bytes) else pattern.flags)
    pumps: dict[str, str] = {}
    for before, pump in _pumps(tree, ""):
        pumps.setdefault(pump, before)
    whole = _sample(tree)
    found = [Attack(before, pump, after) for pump, before in pumps.items() for after in ("\0", "")]
    # What begins a match, again and again: each beginning looks at all that follows it.
    found += [Attack("", whole[: len(whole) - cut] or "a", "\0") for cut in (0, 1) if len(whole) > cut]
    found += [Attack(whole, sign, "\0") for sign in dict.fromkeys(itertools.chain(*pumps)) if len(sign) == 1]
    return list(dict.fromkeys(found))


def _pumps(items: Any, before: str) -> Iterator[tuple[str, str]]:
    """What stands before each repetition, and what it repeats; for two that share a sign, that sign."""
    for operation, value in items:
        if operation in _REPEATS:
            least, most, inner = value
            if most >= MANY:
                yield from ((before, one) for one in _variants(inner) if one)
            yield from _pumps(inner, before)
            before += _sample(inner) * max(1, min(least, 3)) if least else ""
        elif operation is codes.SUBPATTERN:
            yield from _pumps(value[3], before)
            before += _sample(value[3])
        elif operation is codes.ATOMIC_GROUP:
            yield from _pumps(value, before)
            before += _sample(value)
        elif operation is codes.BRANCH:
            for branch in value[1]:
                yield from _pumps(branch, before)
            before += _sample(value[1][0])
        elif operation in (codes.ASSERT, codes.ASSERT_NOT):
            yield from _pumps(value[1], before)
        else:
            before += _sign(operation, value)


def _variants(items: Any) -> list[str]:
    """Some texts that `items` match: of a class several signs, of a branch each way."""
    parts: list[list[str]] = []
    for operation, value in items:
        if operation is codes.BRANCH:
            parts.append([_sample(branch) for branch in value[1]])
        elif operation is codes.SUBPATTERN:
            parts.append(_variants(value[3]))
        elif operation in _REPEATS:
            inner = _variants(value[2])
            parts.append([one * max(value[0], 1) for one in inner] + ([""] if value[0] == 0 else []))
        else:
            parts.append(_signs(operation, value))
    return ["".join(one) for one in itertools.islice(itertools.product(*(part[:6] for part in parts)), 24)]


def _sample(items: Any) -> str:
    return "".join(_sign(operation, value) for operation, value in items)


def _sign(operation: Any, value: Any) -> str:
    if operation is codes.BRANCH:
        return _sample(value[1][0])
    if operation is codes.SUBPATTERN:
        return _sample(value[3])
    if operation is codes.ATOMIC_GROUP:
        return _sample(value)
    if operation in _REPEATS:
        return _sample(value[2]) * min(value[0], 3)
    return next(iter(_signs(operation, value)), "")


def _signs(operation: Any, value: Any) -> list[str]:
    """Signs that one element matches: of those that other elements match too, as many as there are."""
    if operation is codes.LITERAL:
        return [chr(value)]
    if operation is codes.NOT_LITERAL:
        return [one for one in _PROBES if ord(one) != value][:6]
    if operation is codes.ANY:
        return ["a", "0", " ", "\r", "<"]
    if operation is codes.IN:
        is_negated = value[0][0] is codes.NEGATE
        if is_negated:
            return [one for one in _PROBES if not _holds(value[1:], one)][:6]
        found = [one for one in _PROBES if _holds(value, one)]
        return (found or [_member(value[0])])[:6]
    return []


def _member(member: Any) -> str:
    operation, value = member
    if operation is codes.RANGE:
        return chr(value[0])
    return _CLASSES.get(value, "a") if operation is codes.CATEGORY else chr(value)


def _holds(members: Any, sign: str) -> bool:
    for operation, value in members:
        if operation is codes.LITERAL and ord(sign) == value:
            return True
        if operation is codes.RANGE and value[0] <= ord(sign) <= value[1]:
            return True
        if operation is codes.CATEGORY:
            kind = {
                codes.CATEGORY_DIGIT: sign.isdigit(),
                codes.CATEGORY_SPACE: sign.isspace(),
                codes.CATEGORY_WORD: sign.isalnum() or sign == "_",
            }
            positive = kind.get(value)
            if positive is None:
                positive = not kind[_POSITIVE[value]]
            if positive:
                return True
    return False


_POSITIVE = {
    codes.CATEGORY_NOT_DIGIT: codes.CATEGORY_DIGIT,
    codes.CATEGORY_NOT_SPACE: codes.CATEGORY_SPACE,
    codes.CATEGORY_NOT_WORD: codes.CATEGORY_WORD,
}


# --- the patterns of the program -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Compiled:
    """One pattern that a line of `daemon/` compiles, and the methods by which it is asked."""

    place: str
    pattern: re.Pattern[Any]
    methods: tuple[str, ...]


METHODS = ("search", "match", "fullmatch", "finditer", "findall", "sub", "subn", "split")
_USE = re.compile(rf"\b(\w+)\.({'|'.join(METHODS)})\(")


def compiled_by_the_program() -> list[Compiled]:
    """Every pattern that importing the program and reading the corpus compiles. In a fresh process."""
    import importlib
    import pkgutil

    import daemon

    root = Path(daemon.__file__).parent
    found: dict[tuple[Any, int], tuple[re.Pattern[Any], str, int, str]] = {}
    compile_it = re._compile  # type: ignore[attr-defined]

    def noting(pattern: Any, flags: Any) -> re.Pattern[Any]:
        made: re.Pattern[Any] = compile_it(pattern, flags)
        caller = sys._getframe(2)
        asked = ""
        if caller.f_code.co_name == "__getattr__" and caller.f_back is not None:
            # One that is compiled at its first use (`notation.lazy`): that use says how.
            asked, caller = caller.f_locals["name"], caller.f_back
        if caller.f_code.co_filename.startswith(str(root)):
            place = str(Path(caller.f_code.co_filename).relative_to(root))
            found.setdefault((made.pattern, made.flags), (made, place, caller.f_lineno, asked))
        return made

    re._compile = noting  # type: ignore[attr-defined]
    try:
        for module in pkgutil.walk_packages(daemon.__path__, "daemon."):
            if ".migrations" not in module.name:
                importlib.import_module(module.name)
        _read_the_corpus()
    finally:
        re._compile = compile_it  # type: ignore[attr-defined]
    sources = {str(path.relative_to(root)): path.read_text("utf-8") for path in root.rglob("*.py")}
    uses: dict[str, set[tuple[str, str]]] = {}
    for place, source in sources.items():
        for name, method in _USE.findall(source):
            uses.setdefault(name, set()).add((place, method))
    return [
        Compiled(f"{place}:{line}", made, (asked,) if asked else _methods(sources[place], place, line, uses))
        for made, place, line, asked in found.values()
    ]


def _methods(source: str, place: str, line: int, uses: Mapping[str, set[tuple[str, str]]]) -> tuple[str, ...]:
    """How the pattern is asked that `line` compiles: by its name there, else in any way."""
    names = [
        target.id
        for node in ast.parse(source).body
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.lineno <= line <= (node.end_lineno or line)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    ]
    told = [use for name in names for use in uses.get(name, ())]
    here = {method for where, method in told if where == place}
    anywhere = {method for _, method in told}
    # In a list it has no name: then as the module asks what it takes from lists.
    unnamed = {method for name, method in _USE.findall(source) if name.islower() and name != "re"}
    return tuple(sorted(here or anywhere or unnamed)) or ("search",)


def _read_the_corpus() -> None:
    """What is compiled at its first use."""
    from daemon.reading.mail import read
    from daemon.reading.rules import ReadingRules

    rules = ReadingRules("infocs@momah.gov.sa", "## ##")
    for path in sorted((Path(__file__).parent / "corpus").glob("*.eml")):
        read(path.read_bytes(), rules)


BOUNDED: Mapping[str, str] = {
    # Not measured: what is only asked about so much text that it cannot take long.
    "mail/languages/notation.py": "entries of our own language files",
    "mail/machines/absence.py": "the first HEAD_CHARS of a text, and a subject (`machines.signs`)",
    "mail/machines/automation.py": "the first HEAD_CHARS and the last _TAIL_CHARS of a text",
}


# --- what they cost ---------------------------------------------------------------------------------------

STEPS = (16, 20, 24, 34, 48, 68, 100, 300, 1_200)
MOST_TIMES = 9.0  # four times the text: proportional cost gives 4, quadratic cost 16
LITTLE_S = 0.001
"""What a matcher that looks at no sign twice never needs for the longest text, on the slowest machine."""
MUCH_S = 0.01
MOST_ATTACKS = 16
MOST_TURNS = 12
CLOSE = 0.6
"""Proportional (4) and quadratic (16) are farther from the bar; what is nearer is measured again."""


def too_costly(one: Compiled) -> str:
    """The attack for which the pattern costs more than in proportion, "" where there is none."""
    is_bytes = isinstance(one.pattern.pattern, bytes)

    def made(attack: Attack, n: int) -> Any:
        text = attack.text(n)
        return text.encode("utf-8", "surrogatepass") if is_bytes else text

    for method in one.methods:
        call = _asking(one.pattern, method)
        for attack in attacks_on(one.pattern)[:MOST_ATTACKS]:
            # Step by step, so that what grows without measure is seen before it takes for ever.
            for n in STEPS:
                if cpu_s(call, made(attack, n)) > MUCH_S and cpu_s(call, made(attack, n), 2) > MUCH_S:
                    break
            if cpu_s(call, made(attack, n)) <= LITTLE_S:
                continue
            large, small = compared(call, made(attack, n), made(attack, n // 4))
            if large > LITTLE_S and large > MOST_TIMES * small:
                told = f"{large / small:.0f} times at {n} signs"
                return f"{one.place}: {method} on {attack!r}: {told}, {one.pattern.pattern[:60]!r}"
    return ""


def compared(call: Callable[[Any], object], large: Any, small: Any) -> tuple[float, float]:
    """The least CPU time of each, in seconds: in turns, since a busy machine is slow for a while, and again
    and again while that may explain what was measured."""
    of_large = of_small = float("inf")
    for _ in range(MOST_TURNS):
        of_large = min(of_large, cpu_s(call, large))
        of_small = min(of_small, cpu_s(call, small, 2))
        if not CLOSE < of_large / of_small / MOST_TIMES < 1 / CLOSE:
            break
    return of_large, of_small


def _asking(pattern: re.Pattern[Any], method: str) -> Callable[[Any], object]:
    if method in ("sub", "subn"):
        empty = b"" if isinstance(pattern.pattern, bytes) else ""
        return lambda text: pattern.sub(empty, text)
    if method == "finditer":
        return lambda text: sum(1 for _ in pattern.finditer(text))
    found: Callable[[Any], object] = getattr(pattern, method)
    return found


def cpu_s(call: Callable[[Any], object], given: Any, times: int = 1) -> float:
    """The least CPU time of `times` calls, in seconds."""
    best = float("inf")
    for _ in range(times):
        began = time.thread_time()
        call(given)
        best = min(best, time.thread_time() - began)
    return max(best, 1e-7)


def main() -> None:
    """How many patterns there are, and a line for each that costs too much."""
    patterns = compiled_by_the_program()
    sys.stdout.write(f"{len(patterns)}\n")
    for one in patterns:
        if one.place.partition(":")[0] not in BOUNDED and (told := too_costly(one)):
            sys.stdout.write(f"{told}\n")


if __name__ == "__main__":
    main()
