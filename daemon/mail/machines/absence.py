"""Absence notices and automatic answers without any header that says so.

Two mistakes weigh alike: answering a machine may loop, taking a person for one is silence. So a word alone
never decides: it must stand where programs put it, or have a second sign beside it, and where somebody
speaks of a matter of their own (`persons`), only both together count.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from daemon.mail.languages import lexicon
from daemon.mail.languages.notation import any_of, lazy
from daemon.mail.machines import automation
from daemon.mail.machines.persons import asks, speaks_for_self
from daemon.mail.machines.signs import Signs

# After what a program puts before the answered subject comes the end, a mark, or a span of time: so
# "Automatic reply does not work on your site" stays a person's.
_AFTER: Final = r"(?:\s*(?:$|[\]\[:：)(>|!,.…*–—\"']|-(?!\w)|- |{goes_on})|\s+(?:{after}\b|\d|\())"
_BEFORE: Final = r"[\[(<*\"'«.\s-]*+{before}?"
_ANY_STRONG: Final = lazy(lambda: _before() + _words("subjects") + _after())
_ALONE: Final = lazy(lambda: rf"{_before()}{_words('subjects')}[\W_]*")
_WEAK: Final = lazy(lambda: _before() + _words("weak_subjects"))
_ANYWHERE: Final = lazy(lambda: _words("anywhere"))
_ABSENCE: Final = lazy(lambda: _words("sayings"))
_SILENCE: Final = lazy(lambda: _words("silences"))
_RETURN: Final = lazy(lambda: _words("returns"))
_SUBSTITUTE: Final = lazy(lambda: _words("substitutes"))


def recognise(signs: Signs) -> str:
    """By subject, else by two phrases of the text."""
    if not signs.is_answer:
        code = _subject_code(signs.subject)
        if code and _is_confirmed(signs):
            return code
        if _WEAK.match(signs.subject) and _is_weakly_confirmed(signs):
            return "subject_wording:weak"
    return "body_wording:absence" if says_absent(signs) else ""


def says_absent(signs: Signs) -> bool:
    """The text says in its first lines that somebody is away, and goes on as such notices do: how mail fares
    meanwhile, or both when they return and whom to ask. One of these alone a citizen abroad may write.
    """
    found = _absence(signs)
    if found is None or speaks_for_self(signs.own):
        return False
    rest = signs.own[found.start() :]
    if _SILENCE.search(rest):
        return True
    return bool(_RETURN.search(rest) and _SUBSTITUTE.search(rest)) and not asks(signs.own)


def _subject_code(subject: str) -> str:
    if _ANY_STRONG.match(subject):
        return f"subject_wording:{_language(subject)}"
    return "subject_wording:any" if _ANYWHERE.search(subject) else ""


def _language(subject: str) -> str:
    """The code of the first language whose words `subject` begins with."""
    return next(code for code, pattern in _strong_by_language() if pattern.match(subject))


@cache
def _strong_by_language() -> list[tuple[str, re.Pattern[str]]]:
    return [
        (language.code, re.compile(_before() + any_of(found) + _after()))
        for language in lexicon.languages()
        if (found := language.expressions("absence", "subjects"))
    ]


def _before() -> str:
    return _BEFORE.replace("{before}", _words("before_title"))


def _after() -> str:
    goes_on, after = _words("title_goes_on"), _words("after_title")
    return _AFTER.replace("{goes_on}", goes_on).replace("{after}", after)


def _words(key: str) -> str:
    return lexicon.words("absence", key)


def _is_confirmed(signs: Signs) -> bool:
    """Before another subject only a program writes it; alone it may be what a person complains of."""
    if _has_support(signs):
        return True
    if speaks_for_self(signs.own) or asks(signs.own):
        return False
    is_alone = _ALONE.fullmatch(signs.subject) is not None
    return not is_alone or not signs.own or _fits(signs)


def _is_weakly_confirmed(signs: Signs) -> bool:
    if speaks_for_self(signs.own) or asks(signs.own):
        return False
    if _wishes_silence(signs):
        return True
    found = _absence(signs)
    rest = signs.own[found.start() :] if found else ""
    return bool(_RETURN.search(rest) or _SUBSTITUTE.search(rest))


def _fits(signs: Signs) -> bool:
    head = signs.own_head
    return automation.opens_as_receipt(signs) or bool(_SILENCE.search(head) or _RETURN.search(head))


def _has_support(signs: Signs) -> bool:
    """A wish for silence, or a text that fits."""
    return _wishes_silence(signs) or _absence(signs) is not None or automation.says_automatic(signs)


def _wishes_silence(signs: Signs) -> bool:
    """Exchange's request ([MS-OXCMAIL] 2.1.3.2.20): no proof alone, for people's mail may carry it."""
    wish = signs.header("x-auto-response-suppress")
    return "all" in wish or "oof" in wish


def _absence(signs: Signs) -> re.Match[str] | None:
    if not any(stem in signs.head for stem in lexicon.phrases("absence", "stems")) or not _ABSENCE.search(
        signs.head
    ):
        return None
    return _ABSENCE.search(signs.own_head) if signs.is_short else None
