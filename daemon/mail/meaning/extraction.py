"""Finds, in what a citizen wrote, what a complaint needs: request number, mobile, ground, name.

What is missing and what follows from that is decided in `workflow`; the words that count stand in
`languages/furas.toml`. Text is compared folded (`languages.folding`), and so are the patterns.

How a request number of Furas looks is not public. So what makes a number one is the words around it, and
a list of things that it never is: a phone number, a national ID, a ticket number of ours, a date, an
amount.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain
from typing import Final

from daemon.mail.languages import furas
from daemon.mail.languages.folding import clean, fold, fold_letters
from daemon.mail.languages.notation import lazy
from daemon.mail.languages.phrases import Phrases, compile_folded
from daemon.mail.meaning import extraction_words as words_of
from daemon.mail.meaning.extraction_policy import ExtractionPolicy
from daemon.mail.meaning.mobile import saudi_mobile
from daemon.mail.meaning.person_name import person_name, signed_name
from daemon.workflow.ticket_number import PREFIX
from daemon.workflow.vocabulary import CATEGORIES, Category


@dataclass(frozen=True, slots=True)
class Extracted:
    """What was found; None where nothing was, or nothing certain."""

    request_number: str | None = None
    """ASCII digits, upper-case letters, «-», «/» or «_» between them, no spaces."""
    phone: str | None = None
    """A Saudi mobile in E.164: "+9665" and eight digits."""
    category: Category | None = None
    name: str | None = None
    """Two to five words of letters, as written, at most 80 characters."""


def extract(subject: str, new_text: str, policy: ExtractionPolicy) -> Extracted:
    """What a complaint says about itself. Never raises for any text; linear in the scanned text.

    `new_text` is what the person wrote, without quotations. The request number comes from it or, failing
    that, from the subject; the mobile and the name from it alone (DESIGN §2). A value that reads as a Saudi
    phone number or a valid national ID is no request number even after «رقم الطلب»: one in ten numbers of
    ten digits that begin with 1 or 2, and all of nine that begin with 5 as a mobile does, so staff have
    `#طلب`.

    The category is the ground with more different phrases in subject and text; where both have as many,
    the one named first. Staff can change it. Raises `re.error` for a bad pattern in `policy`.
    """
    return extract_both(subject, new_text, policy)[0]


def extract_answer(new_text: str, policy: ExtractionPolicy) -> Extracted:
    """As `extract`, for the answer to our request for data, which may be just the number.

    A number without a label counts if it is the only candidate, nothing says that it is another thing, and
    it stands alone on its line, after «الرقم», or (from six digits) in a text of at most twelve words.
    """
    found, number = extract_both("", new_text, policy)
    return replace(found, request_number=number)


def extract_both(subject: str, new_text: str, policy: ExtractionPolicy) -> tuple[Extracted, str | None]:
    """What `extract` finds, and the request number in the same text read as an answer: as `extract_answer`
    has it, unless the text or the subject has a labelled one. The text is folded once for both."""
    rules = _rules(policy)
    # Cut twice: a presentation form may stand for eighteen letters.
    cleaned = clean(new_text[: policy.scanned_characters])[: policy.scanned_characters]
    text = fold_letters(cleaned)
    folded_subject = fold(subject[:_MAX_SUBJECT])[:_MAX_SUBJECT]
    number = rules.request_number(text) or rules.request_number(folded_subject)
    category = rules.category(f"{folded_subject}\n{text}")
    found = Extracted(
        number, saudi_mobile(text), category, person_name(cleaned, text) or signed_name(cleaned, text)
    )
    return found, number or rules.lone_number(text)


_MAX_SUBJECT = 1_000


@lru_cache(maxsize=8)
def _rules(policy: ExtractionPolicy) -> _Rules:
    return _Rules(policy)


class _Rules:
    """An `ExtractionPolicy`, compiled."""

    def __init__(self, policy: ExtractionPolicy) -> None:
        self._digits = range(policy.request_number_digits[0], policy.request_number_digits[1] + 1)
        self._request_numbers = [
            compile_folded(p) for p in policy.request_number_patterns or words_of.request_number_patterns()
        ]
        is_ours = not policy.request_number_patterns
        self._apart = [compile_folded(p) for p in words_of.patterns_apart()] if is_ours else []
        self._grounds = Phrases(
            {
                "sla_exceeded": policy.sla_exceeded_patterns or words_of.sla_exceeded_patterns(),
                "technical": policy.technical_patterns or words_of.technical_patterns(),
                "hint": furas.phrases("grounds", "sla_exceeded_hints"),
                "none": furas.phrases("grounds", "none"),
            }
        )

    def request_number(self, text: str) -> str | None:
        """The first labelled request number in folded `text`."""
        if _DIGIT.search(text) is None:
            return None
        found: list[tuple[int, str]] = []
        for pattern in self._request_numbers:
            group: str | int = "number" if "number" in pattern.groupindex else min(1, pattern.groups)
            for match in pattern.finditer(text):
                number = self._accepted(match[group] or "")
                if number is not None and _UNIT_AFTER.match(text, match.end(group)) is None:
                    found.append((match.start(group), number))
                    break
        return min(found)[1] if found else self._number_apart(text)

    def _number_apart(self, text: str) -> str | None:
        """The first number of the sentence that tells of a request, where it is said to be a number and of
        nothing else."""
        for match in chain.from_iterable(pattern.finditer(text) for pattern in self._apart):
            number = self._accepted(match["number"])
            if number is None or len(number) < _LONG_ENOUGH or _PLAIN_DATE.fullmatch(number):
                continue
            before = text[max(0, match.start("number") - 60) : match.start("number")]
            is_other = _OTHER_LABEL.search(before) or _OTHER_THING.search(before)
            if not is_other and not _UNIT_AFTER.match(text, match.end("number")):
                return number
        return None

    def lone_number(self, text: str) -> str | None:
        """The one unlabelled number in a folded answer, if it can be nothing else."""
        if _DIGIT.search(text) is None:
            return None
        few_words = len(text[:1_000].split()) <= _FEW_WORDS
        found: set[str] = set()
        for match in _LONE.finditer(text):
            number = self._accepted(match[0])
            if number is None or _PLAIN_DATE.fullmatch(number) or _REGISTRATION.fullmatch(number):
                continue
            line = text[max(0, match.start() - 60) : match.start()].rpartition("\n")[2]
            after = text[match.end() : match.end() + 20]
            if _OTHER_LABEL.search(line) or _UNIT_AFTER.match(after):
                continue
            is_alone = not line.strip(_AROUND_LONE) and not after.partition("\n")[0].strip(_AROUND_LONE)
            if is_alone or _NUMBER_WORD.search(line) or (few_words and len(number) >= _LONG_ENOUGH):
                found.add(number)
        return found.pop() if len(found) == 1 else None

    def _accepted(self, written: str) -> str | None:
        """`written` as it is kept, or None if it is something that is never a request number."""
        number = "".join(written.split()).upper()
        digits = "".join(filter(str.isdecimal, number))
        if len(digits) not in self._digits or not digits.isascii() or number.startswith(PREFIX):
            return None
        if _DATE.fullmatch(number) or _DATE.fullmatch("/".join(written.split())):
            return None
        has_letters = any(char.isalpha() for char in number)
        if not has_letters and (_PHONE.fullmatch(digits) or _is_national_id(digits)):
            return None
        return number

    def category(self, text: str) -> Category | None:
        hits = self._grounds.find(text)
        if not hits:
            return None
        silenced = {at for hit in hits if hit.label == "none" for at in range(hit.at, hit.at + hit.length)}
        grounds: dict[Category, list[int]] = {}
        for category in CATEGORIES:
            own = {hit.phrase: hit.at for hit in reversed(hits) if hit.label == category}
            places = {at for at in own.values() if at not in silenced}
            if places:
                grounds[category] = [-len(places), min(places)]
        if grounds:
            return min(grounds, key=lambda category: grounds[category])
        return "sla_exceeded" if any(hit.label == "hint" and hit.at not in silenced for hit in hits) else None


_DIGIT = re.compile("[0-9]")
_FEW_WORDS = 12
_LONG_ENOUGH = 6
"""Characters from which a number within a short sentence is no postal code."""
_AROUND_LONE = " \t\r.،,-*:#()[]\"'"
_LONE = re.compile(rf"(?<![\d\-/.+@a-z_])(?:{words_of.GROUPED}|{words_of.IDENTIFIER})(?![a-z@_])")
_OTHER_LABEL: Final = lazy(words_of.other_label)
_OTHER_THING: Final = lazy(words_of.other_thing)
_NUMBER_WORD: Final = lazy(words_of.number_word)
_UNIT_AFTER: Final = lazy(words_of.unit_after)

_PHONE = re.compile(
    # Mobile, in every way of writing it; landline; unified and free numbers; abroad; the ministry's own.
    r"(?:00)?(?:966)?0?5[0-9]{8}|(?:00966|966|0)1[1-7][0-9]{7}|9200[0-9]{5}|800[0-9]{7}|00[1-9][0-9]{8,12}|199040"
)


def _is_national_id(digits: str) -> bool:
    """A national ID (1…) or Iqama (2…): ten digits that pass Luhn. One in ten others passes too."""
    if len(digits) != 10 or digits[0] not in "12":
        return False
    doubled = (int(d) * 2 for d in digits[0::2])
    return (sum(d - 9 if d > 9 else d for d in doubled) + sum(map(int, digits[1::2]))) % 10 == 0


_YEAR, _MONTH, _DAY = "(?:1[34]|19|20)[0-9]{2}", "(?:0?[1-9]|1[0-2])", "(?:0?[1-9]|[12][0-9]|3[01])"
_DATE = re.compile(
    # 5/12/2026, 1448-06-13, 12/5/48, 2026/2027, 5/2026; also American 12/25/2026.
    rf"{_DAY}[-/]{_DAY}[-/](?:{_YEAR}|[0-9]{{2}})|{_YEAR}[-/]{_DAY}[-/]{_DAY}|{_YEAR}[-/]{_YEAR}|{_MONTH}[-/]{_YEAR}"
)
_PLAIN_DATE = re.compile(rf"{_YEAR}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])")
_REGISTRATION = re.compile(
    # Commercial registrations begin with their city's number (1010 Riyadh, 4030 Jeddah, 2050 Dammam …);
    # the unified number of an establishment with 7. Ten digits either way.
    r"(?:101[01]|112[0-9]|113[01]|205[0-5]|225[0-9]|335[0-9]|345[0-9]|355[0-9]|403[0-2]|46[05][0-9]|470[0-9]"
    r"|585[0-9]|590[0-9]|595[0-9]|7[0-9]{3})[0-9]{6}"
)
