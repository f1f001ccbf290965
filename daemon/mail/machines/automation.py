"""Texts that call themselves automatic, and receipts of help desks, none with a header saying so."""

from __future__ import annotations

import re
from typing import Final

from daemon.mail.languages import lexicon
from daemon.mail.languages.notation import lazy
from daemon.mail.machines.persons import speaks_for_self
from daemon.mail.machines.signs import Signs, one_of

_TAIL_CHARS: Final = 300
_START: Final = r"(?:^|[.\n*!(\[_-])\W*"
_SAYS_SO: Final = lazy(lambda: f"{_START}{_words('asides')}?{_words('says_so')}", re.MULTILINE)
_FORBIDS: Final = lazy(lambda: f"{_START}{_words('asides')}?{_words('forbids')}", re.MULTILINE)
_RECEIPT: Final = lazy(lambda: _words("receipts"))
_RECEIPT_SUBJECT: Final = lazy(lambda: _words("receipt_subjects"))
# Local parts of addresses: they are English everywhere.
_ROLE: Final = re.compile(
    one_of(
        r"info|support|help|helpdesk|service|customer\w{0,20}|contact|office|admin|sales|feedback",
        r"(?:e|i)nquir\w{0,6}|notification\w{0,3}|alert\w{0,3}|system|webmaster|team|care|desk"
        r"|ticket\w{0,8}",
        r"billing|news\w{0,10}|foi|servicedesk|complaints?",
    )
    + r"\b"
)


def recognise(signs: Signs) -> str:
    """A text that calls itself automatic, with a second sign: a role's address, or a receipt's phrases. To
    forbid an answer is less: that takes two.
    """
    if not _has_stem(signs) or speaks_for_self(signs.own):
        return ""
    if says_automatic(signs):
        is_machine = _is_role(signs) or opens_as_receipt(signs) or _receipts(signs) >= 2
    else:
        wanted = 1 if _is_role(signs) else 2
        is_machine = _stands_in(_FORBIDS, signs) and _receipts(signs) + opens_as_receipt(signs) >= wanted
    return "body_wording:automatic" if is_machine else ""


def says_automatic(signs: Signs) -> bool:
    """The first or last lines call the text automatic."""
    return _has_stem(signs) and _stands_in(_SAYS_SO, signs)


def opens_as_receipt(signs: Signs) -> bool:
    """The text or the subject begins as receipts do: with thanks for the letter."""
    if _RECEIPT.match(signs.own_head.lstrip(" \n*-!.,")):
        return True
    return not signs.is_answer and _RECEIPT_SUBJECT.match(signs.subject) is not None


def _has_stem(signs: Signs) -> bool:
    return any(stem in signs.body for stem in lexicon.phrases("automation", "stems")) and signs.is_short


def _words(key: str) -> str:
    return lexicon.words("automation", key)


def _stands_in(pattern: re.Pattern[str], signs: Signs) -> bool:
    return bool(pattern.search(signs.own_head) or pattern.search(signs.own[-_TAIL_CHARS:]))


def _receipts(signs: Signs) -> int:
    return len(_RECEIPT.findall(signs.own))


def _is_role(signs: Signs) -> bool:
    return _ROLE.match(signs.local) is not None
