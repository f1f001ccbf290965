"""Finds once, in one mail, what several rules look at. The rules say what a sign means.

Text is folded (`quoting.lines.folded`) and cut, so that no rule's cost depends on how long a mail is.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import Final

from daemon.mail.languages import lexicon
from daemon.mail.languages.notation import lazy
from daemon.mail.letter.message import IncomingMail
from daemon.mail.quoting.new_text import folded, new_text

HEAD_CHARS: Final = 400
"""What counts as the start of a text: a greeting line, and the sentence that matters."""
SHORT_CHARS: Final = 2_000
"""An absence notice with a company's disclaimer stays under it; complaints may be longer."""
_OWN_CHARS: Final = 8_000
_VALUE_CHARS: Final = 1_000
_STATUS_TYPES: Final = ("message/delivery-status", "message/global-delivery-status")
# RFC 5321, section 4.5.5; some servers write who they are instead. An empty header says nothing.
_NULL_PATH: Final = re.compile(r"\s*(?:<\s*>|<?mailer[-_.]?daemon(?:@|>|\s*$))", re.IGNORECASE)
_ANSWER: Final = lazy(lambda: rf"\W*{lexicon.words('subjects', 'marks')}\W{{0,2}}(?:\[?\d+\]?)?\s*[:：]")


class Signs:
    """The evidence of one mail. `headers` holds the first value of each header, in lower case."""

    def __init__(self, mail: IncomingMail) -> None:
        self.mail = mail
        self.headers = {name: value[:_VALUE_CHARS].lower() for name, value in reversed(mail.headers)}
        self.subject = folded(mail.subject[:_VALUE_CHARS]).strip()
        self.from_value = folded((mail.header("from") or "")[:500])
        address = mail.sender or (mail.from_addresses[0] if mail.from_addresses else None)
        self.local = folded(address.email[:320]).rpartition("@")[0] if address else ""
        self.body = folded(mail.text[:SHORT_CHARS]).strip()
        self.head = self.body[:HEAD_CHARS]
        self.is_null_path = mail.return_path == "" or any(
            _NULL_PATH.match(value) for value in mail.all_headers("return-path")
        )
        self.has_status = any(kind in mail.part_types for kind in _STATUS_TYPES)
        self.is_answer = _ANSWER.match(self.subject) is not None
        """The subject says "Re:" or "Fwd:", which people's programs write and mail systems do not."""

    @cached_property
    def own(self) -> str:
        """What was written now, without quotations: what a person quotes of a machine makes them none."""
        text = self.mail.text[:_OWN_CHARS]
        if text.lstrip().startswith(">"):
            return ""
        return folded(new_text(text, "").text).partition("\n>")[0].strip()

    @cached_property
    def own_head(self) -> str:
        return self.own[:HEAD_CHARS]

    @property
    def is_short(self) -> bool:
        return len(self.own) <= SHORT_CHARS

    def header(self, name: str) -> str:
        return self.headers.get(name, "")

    @cached_property
    def precedences(self) -> frozenset[str]:
        """Every Precedence that was given: a relay may add one to the writer's own."""
        values = (*self.mail.all_headers("precedence"), *self.mail.all_headers("x-precedence"))
        return frozenset(re.split(r"[\s;,(]", value.strip().lower()[:60])[0] for value in values)


def one_of(*phrases: str) -> str:
    """Phrases as one group of a regular expression."""
    return "(?:" + "|".join(phrases) + ")"
