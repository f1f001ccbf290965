"""Judges whether a candidate is an attribution line, on evidence and never on looks.

A person writes such lines too («في 3 مارس كتب لي الموظف:»), so a date and a verb are no proof. Proof is an
address in brackets beside the verb, a quoted line below, or wording that only a program uses. What has none
of these and still looks like one is a doubt: never cut, never relayed.
"""

from __future__ import annotations

import re
from typing import Final

from daemon.mail.languages import lexicon
from daemon.mail.languages.notation import lazy
from daemon.mail.quoting.candidate import DATE, Candidate, Start

TELLS: Final = lazy(lambda: rf"\b{lexicon.words('quotation', 'tells')}\b")
"""«كتب لي الموظف», "wrote to me", "you wrote": a person tells of it."""

_VERB: Final = lazy(lambda: rf"{_words('wrote')}(?: ?{_words('after_verb')})?")
_VERB_AND_DATE: Final = lazy(
    lambda: rf"(?:(?:{_words('wrote')}|{_words('wrote_before')})\W.{{3,70}}|.{{3,70}}{_words('wrote')})"
)
_VERB_THEN_NAME: Final = lazy(
    lambda: rf"(?:^|[\s,،]){_words('wrote_before')}[\s\"'“„]+(?P<name>[^:]{{1,160}})$"
)
_NAME_THEN_VERB: Final = lazy(
    lambda: (
        rf"(?:^|[\s,،\d])(?P<name>(?:[^,،\d]|(?<=[^\W\d_])\d{{1,12}}){{1,80}}?)"
        rf"[\s\"'”“»]+{_words('wrote')}$"
    )
)
_NAME_ALONE: Final = lazy(
    lambda: (
        rf"(?P<name>[^\n:]{{1,60}}?)[\s\"'”»]+{_words('wrote')}"
        rf"|{_words('wrote_before')} (?P<then>[^:\d]{{1,60}}?)(?:[\s,،]+{_words('begins')}? ?\d.{{3,40}})?"
    )
)
_ONLY_PROGRAMS: Final = lazy(lambda: _words("only_programs"))
_AFTER_ADDRESS: Final = lazy(lambda: _words("after_address"))
_OLD_GMAIL: Final = re.compile(r"\d{4}-\d\d-\d\d \d{1,2}:\d\d gmt[+-]\d{1,2}:\d\d .{1,80}")
_SHORT_DAY: Final = re.compile(r"\W*[^\W\d]+ [^\W\d]{2,4}\.?, ")
_ARABIC: Final = re.compile("[\u0621-\u064a]")
_SENTENCE_ENDS: Final = re.compile(r"[.!?؟] ")

_MAX_WORDS: Final = 22  # before the address: date, time and a long name
_MAX_NAME: Final = 9  # words of a name with its titles


def is_attribution(found: Candidate) -> bool | None:
    """True: plainly one. False: perhaps one, a doubt. None: none, or not yet complete."""
    if found.has_address:
        return _named_before_date(found) if found.start is Start.NAME else _dated_with_address(found)
    if found.start is Start.DATE and _OLD_GMAIL.fullmatch(found.core):
        return True
    if not found.has_colon and not found.core.endswith(lexicon.phrases("quotation", "closing_verbs_alone")):
        return None
    return _name_alone(found) if found.start is Start.NAME else _dated_without_address(found)


def _words(key: str) -> str:
    return lexicon.words("quotation", key)


def has_short_name(joined: str) -> bool:
    """Is what stands between the last digit of the date and the address no more than a name?"""
    between = re.split(r"\d", joined.partition("@")[0].rpartition("<")[0])[-1]
    return 0 < len(between.split()) <= 5 and not TELLS.search(between)


def _verb_then_name(found: Candidate) -> re.Match[str] | None:
    """«كتب NAME <ADDRESS>»: verb, name and address, and nothing behind them."""
    return None if found.after else _VERB_THEN_NAME.search(found.core)


def _has_dated_verb(found: Candidate) -> bool:
    """NAME <ADDRESS>, and then verb and date: "schrieb am 3. März 2024", "3 Mar 2024 … şunu yazdı"."""
    after = found.after
    if len(after) >= 90 or DATE.search(after) is None or re.match(r".{0,30}: ", after):
        return _AFTER_ADDRESS.fullmatch(after) is not None
    return _VERB_AND_DATE.fullmatch(after) is not None


def _named_before_date(found: Candidate) -> bool | None:
    """ "NAME <ADDRESS> wrote:", «كتب NAME <ADDRESS>:», with a date or none; "NAME <ADDRESS>:" if quoted."""
    if not found.is_bracketed or not found.joined.endswith(":") or len(found.before.split()) > 8:
        return None
    is_dated_or_bare = not found.after or DATE.search(found.after) is not None
    verb_first = _VERB_THEN_NAME.match(found.before) if is_dated_or_bare else None
    if _SENTENCE_ENDS.search(found.before) or (verb_first and TELLS.match(verb_first["name"])):
        return None
    is_proved = (
        _VERB.fullmatch(found.after)
        or _has_dated_verb(found)
        or verb_first is not None
        or (not found.after and found.is_quoted_below)
    )
    return True if is_proved else None


def _dated_with_address(found: Candidate) -> bool | None:
    verb_first = _verb_then_name(found)
    if (verb_first and TELLS.match(verb_first["name"])) or len(found.before.split()) > _MAX_WORDS:
        return None
    has_verb = _VERB.fullmatch(found.after) is not None
    if not (found.has_date or found.has_time or (has_verb and found.is_bracketed)):
        return None
    is_proved = has_verb or (found.is_bracketed and (_has_dated_verb(found) or verb_first is not None))
    if found.is_closed and is_proved:
        return True
    if found.start is Start.INSIDE:
        return None
    if found.is_closed and found.is_quoted_below and len(found.after) < 40:
        return True
    return None if found.after or not found.is_bracketed else _without_verb(found)


def _without_verb(found: Candidate) -> bool | None:
    """ "DATE NAME <ADDRESS>:" Russian, Japanese, Czech and Hebrew programs write no verb, nor did old Gmail.
    Where a person may have written it, it is a doubt.
    """
    if found.is_closed:
        is_foreign = found.start is Start.DATE or not found.core[0].isascii()
        return found.has_time and is_foreign and not _ARABIC.search(found.core)
    is_old_gmail = (
        found.start is Start.DATE
        and found.core[:1].isdigit()
        and "<" in found.first_line
        and len(found.core.split()) < 12
        and (found.ends_alone or found.is_quoted_below)
    )
    return not _ARABIC.search(found.core) if is_old_gmail else None


def _name_alone(found: Candidate) -> bool | None:
    """ "NAME wrote:": only a quoted line below proves it."""
    alone = _NAME_ALONE.fullmatch(found.core)
    if alone is None or not found.is_quoted_below or len(found.core.split()) > _MAX_NAME:
        return None
    return None if TELLS.search(alone["name"] or alone["then"]) else True


def _dated_without_address(found: Candidate) -> bool | None:
    if not (found.has_date or found.has_time or found.is_quoted_below):
        return None
    named = _NAME_THEN_VERB.search(found.core) or _VERB_THEN_NAME.search(found.core)
    if named is None:
        return _in_unknown_language(found)
    name = named["name"].strip()
    if name == "you":  # Eudora's "At DATE, you wrote:"
        return found.is_quoted_below
    if len(name.split()) > _MAX_NAME or TELLS.search(name) or name.startswith("في "):
        return None
    if found.is_quoted_below or _ONLY_PROGRAMS.search(found.core):
        return True
    if found.start is Start.INSIDE:
        return None
    return _is_dated_by_program(found) and found.stands_alone and _is_display_name(name, found.written)


def _in_unknown_language(found: Candidate) -> bool | None:
    """A doubt: a dated line alone that ends with a colon, in a language that nobody has taught us."""
    is_dated = found.start.is_dated and found.has_time and found.has_date and len(found.core) < 150
    return False if is_dated and found.stands_alone and not _ARABIC.search(found.core) else None


def _is_dated_by_program(found: Candidate) -> bool:
    """The hour and a date in numbers, or with a short weekday: "On Tue, 3 Mar 2024 at 11:22"."""
    date = DATE.search(found.core)
    if date is None or not found.has_time:
        return False
    return len(date[0]) > 5 or _SHORT_DAY.match(found.core) is not None


def _is_display_name(name: str, written: str) -> bool:
    """Is `name` written with a capital, as a display name is, and short? Arabic has none: never."""
    found = name.split()
    if not 1 <= len(found) <= 5 or found[0] in lexicon.phrases("quotation", "articles"):
        return False
    at = written.lower().rfind(found[0])
    return at >= 0 and (written[at].isupper() or (len(found) == 1 and not found[0].isalpha()))
