"""What staff may order by mail (DESIGN §2, Staff by e-mail). Values only; `mail.meaning` reads them."""

from __future__ import annotations

from dataclasses import dataclass

from daemon.workflow.vocabulary import Category, CloseReason, Language, Refusal


@dataclass(frozen=True, slots=True)
class Resolve:
    """#حل: the outcome, which goes to the citizen. `text` is never empty."""

    text: str


@dataclass(frozen=True, slots=True)
class Reply:
    """#رد: what a plain answer says, to the citizen whatever notice it answers. `text` is never empty."""

    text: str


@dataclass(frozen=True, slots=True)
class AskInfo:
    """#بيانات: what is asked of the citizen; the complaint waits for the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Extend:
    """#تمديد: so many business days more for staff, never for the day of escalation. `text` goes to
    the citizen, "" for none."""

    business_days: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class Close:
    """#إغلاق: closed for `reason`; `text` goes to the citizen, except of spam, "" for none. `resolved` only
    where the closing is held, and staff told the customer the outcome in another way."""

    reason: CloseReason
    text: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """#ملاحظة: stays internal."""

    text: str


@dataclass(frozen=True, slots=True)
class Assign:
    """#إسناد: to the person of that name or address on the roster."""

    name: str


@dataclass(frozen=True, slots=True)
class SetRequest:
    """#طلب: the number of the request on Furas."""

    number: str


@dataclass(frozen=True, slots=True)
class SetPhone:
    """#جوال: E.164; receives, and identifies nobody."""

    phone: str


@dataclass(frozen=True, slots=True)
class SetLanguage:
    """The requester is written to in this language from here on."""

    language: Language


@dataclass(frozen=True, slots=True)
class SetCategory:
    """#فئة."""

    category: Category


@dataclass(frozen=True, slots=True)
class Escalate:
    """#تصعيد: `text` stays internal."""

    text: str = ""


@dataclass(frozen=True, slots=True)
class Accept:
    """#قبول: the escalation team takes it on; `text` stays internal."""

    text: str = ""


@dataclass(frozen=True, slots=True)
class Decline:
    """#رفض: the reason, which goes to the citizen."""

    text: str


@dataclass(frozen=True, slots=True)
class Reopen:
    """#فتح: `text` stays internal."""

    text: str = ""


@dataclass(frozen=True, slots=True)
class Status:
    """#حالة: changes nothing."""


@dataclass(frozen=True, slots=True)
class Help:
    """#مساعدة: changes nothing."""


Command = (
    Resolve
    | Reply
    | AskInfo
    | Extend
    | Close
    | Note
    | Assign
    | SetRequest
    | SetPhone
    | SetCategory
    | SetLanguage
    | Escalate
    | Accept
    | Decline
    | Reopen
    | Status
    | Help
)
"""Everything a member of staff may order about one ticket."""

HARMLESS = (Status, Help)
"""Change nothing and answer only their writer."""
INTERNAL = (*HARMLESS, Note)
"""Change nothing, and nobody outside reads them: one proof is enough (DESIGN §2, Staff by e-mail)."""
SPOKEN = (Reply,)
"""Say something to the citizen and order nothing, as a plain answer does."""


class Refused(Exception):
    """A command cannot be carried out; `code` names why, `detail` may help its writer."""

    def __init__(self, code: Refusal, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail
