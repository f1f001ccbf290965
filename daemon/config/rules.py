"""What the desk may do, when and how often: [web], [limits], [clamav], [workflow] and [calendar]."""

from __future__ import annotations

import os
import re
from datetime import time
from typing import Any

from pydantic import ValidationInfo, field_validator

from daemon.config.values import (
    NO_LIMIT,
    Dates,
    Line,
    Patterns,
    Table,
    Texts,
    TimeOfDay,
    Weekdays,
    is_loopback,
    key,
    secret,
)

BLOCKED_WORD = re.compile(r"[a-z0-9][a-z0-9+./_-]{0,99}")


class Web(Table):
    """The citizen's pages and the intake API (docs/API.md)."""

    enabled: bool = key(False, "Whether the daemon serves them.")
    host: Line = key("127.0.0.1", "The address to listen on.")
    port: int = key(8080, "The port to listen on; 0 takes any free one.", ge=0, le=65535)
    trusted_proxies: Texts = key((), "Whose X-Forwarded-For is believed.")
    metrics_key_hash: Line = secret(
        "",
        "SHA-256, hexadecimal, of the key with which /metrics is read from elsewhere, or through a proxy "
        "(docs/RUNBOOK.md). Without it /metrics answers programs on this machine alone.",
        example="metrics_hash",
        shown=False,
    )
    official_strip: bool = key(
        False,
        "true: the strip of official government sites stands above the pages; public_url must then be https "
        "and end in .gov.sa, as the strip says.",
    )

    @field_validator("metrics_key_hash")
    @classmethod
    def _hash(cls, value: str) -> str:
        if value and not re.fullmatch(r"[0-9a-fA-F]{64}", value):
            raise ValueError("must be the SHA-256 of the key, 64 hexadecimal digits")
        return value


class Limits(Table):
    """Limits on answers that incoming mail causes, and on what it brings."""

    automatic_per_address_per_hour: int = key(
        10, "Automatic e-mails to one mailbox, however it is spelt.", ge=0, le=NO_LIMIT
    )
    automatic_per_number_per_hour: int = key(5, "Automatic SMS to one number.", ge=0, le=NO_LIMIT)
    automatic_per_number_per_day: int = key(
        20, "Automatic SMS to one number within 24 hours.", ge=0, le=NO_LIMIT
    )
    automatic_mobiles_per_sender_per_day: int = key(
        3,
        "Different mobiles that the mails of one sender may have SMS sent to within 24 hours.",
        ge=0,
        le=NO_LIMIT,
    )
    automatic_per_domain_per_hour: int = key(
        500,
        "Automatic e-mails to all unauthenticated senders of one domain; over it the operator is told.",
        ge=0,
        le=NO_LIMIT,
    )
    automatic_sms_per_domain_per_hour: int = key(
        100,
        "SMS that all unauthenticated senders of one domain may cause; over it the operator is told.",
        ge=0,
        le=NO_LIMIT,
    )
    automatic_sms_per_proved_domain_per_hour: int = key(
        300,
        "SMS that all proved senders of one private domain may cause; over it the operator is told.",
        ge=0,
        le=NO_LIMIT,
    )
    automatic_sms_in_all_per_hour: int = key(
        500,
        "SMS that all unauthenticated mail, or one API client, may cause; over it the operator is told.",
        ge=0,
        le=NO_LIMIT,
    )
    notices_per_sender: int = key(
        5,
        "Notices to one team about one sender's mails in workflow.reminders_within_minutes; what comes after "
        "them goes in one.",
        ge=0,
        le=NO_LIMIT,
    )
    message_mb: int = key(35, "MB; a larger mail goes to quarantine, its writer is told.", ge=1, le=1024)
    workers: int = key(
        lambda given: max(2, os.cpu_count() or 1),
        "Mails read at once, each in a process; one more takes small mails only, two more slow ones.",
        says="one for each processor, at least 2",
        example=2,
        shown=False,
        ge=1,
        le=64,
    )
    worker_memory_mb: int = key(
        # Measured: a mail of 35 MB, its files judged, passes under 224 MB.
        lambda given: 192 + 4 * given.get("message_mb", 35),
        "MB of memory that reading one mail may take.",
        says="192 and four times message_mb",
        example=332,
        shown=False,
        ge=160,
        le=8192,
    )
    worker_cpu_seconds: int = key(
        2, "Seconds of processor time for one mail, and 0.1 more for each MB of it.", ge=1, le=600
    )
    worker_seconds: int = key(
        60, "Seconds for one mail on the wall: far more, since the machine may be busy.", ge=1, le=3600
    )
    attachment_mb: int = key(
        25, "MB; a larger file is kept in its mail alone, staff are told.", ge=1, le=1024
    )
    attachments_mb: int = key(35, "MB of all files of one mail together.", ge=1, le=1024)
    attachments_max: int = key(50, "Files of one mail that are looked at.", ge=1, le=1000)
    attachments_to_staff_mb: int = key(
        5, "MB that go with a notice to staff; the rest goes by link.", ge=0, le=100
    )
    attachment_blocked: Texts = key(
        ("default",),
        'Endings, media types, "macro", "encrypted"; "default" is the built-in list (docs/ATTACHMENTS.md); '
        "[] blocks nothing.",
    )

    @field_validator("attachment_blocked")
    @classmethod
    def _words(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        """Endings without a dot, media types, and "default" for the built-in list."""
        words = tuple(word.strip().lower().removeprefix(".") for word in values)
        for word in words:
            if not BLOCKED_WORD.fullmatch(word):
                raise ValueError(f"is neither an ending like exe nor a media type: {word!r}")
        return words


class Clamav(Table):
    """The virus scanner; none by default."""

    socket: Line = key(
        "", '"/run/clamav/clamd.ctl", or "127.0.0.1:3310" (loopback only).', says="no file is scanned"
    )
    fail_closed: bool = key(False, "true: what was not scanned is withheld until it is.")
    timeout_seconds: int = key(30, "Seconds for one file.", ge=1, le=300)

    @field_validator("socket")
    @classmethod
    def _socket(cls, value: str) -> str:
        if not value or value.startswith("/"):
            return value
        host, colon, digits = value.rpartition(":")
        if not colon or not digits.isascii() or not digits.isdigit() or not 0 < int(digits) < 65536:
            raise ValueError(f"must be the path of a Unix socket, or host:port, not {value!r}")
        if not is_loopback(_bare(host)):
            # clamd knows no login and no encryption, and what is scanned is personal data.
            raise ValueError(f"host:port is allowed towards loopback only, not {_bare(host)}")
        return value

    @field_validator("fail_closed")
    @classmethod
    def _fail_closed(cls, value: bool, info: ValidationInfo) -> bool:
        if value and not info.data.get("socket", "wrong"):
            raise ValueError("needs a socket: without a scanner no attachment would ever be passed on")
        return value

    @property
    def is_used(self) -> bool:
        return bool(self.socket)

    @property
    def path(self) -> str:
        """Of the Unix socket; empty with `host` and `port`."""
        return self.socket if self.socket.startswith("/") else ""

    @property
    def host(self) -> str:
        return "" if self.path else _bare(self.socket.rpartition(":")[0])

    @property
    def port(self) -> int:
        return 0 if self.path or not self.socket else int(self.socket.rpartition(":")[2])


def _bare(host: str) -> str:
    return host.removeprefix("[").removesuffix("]")


def _days(default: int, description: str) -> Any:
    return key(default, description, ge=1, le=365)


class Workflow(Table):
    """Every duration and pattern of the rules."""

    first_response_business_days: int = _days(1, "Business days; the guide: e-mail, one business day.")
    processing_business_days: int = _days(10, "Business days; the guide: ten business days on average.")
    info_warning_business_days: int = _days(2, "Business days after the request for missing data.")
    closure_business_days: int = _days(
        3, "Business days after a channel accepted that warning; the guide, section 3."
    )
    resolved_closure_business_days: int = _days(
        1, "Business days after which a resolved complaint closes, unless objected to."
    )
    escalation_answer_business_days: int = _days(
        1, "Business days until an escalation is accepted or declined."
    )
    escalation_business_days: int = _days(
        5, "Business days from the acceptance of an escalation until the complaint is resolved."
    )
    overdue_reminder_business_days: int = _days(
        2, "Business days between reminders of what is past its time, or waits for staff."
    )
    survey_business_days: int = _days(1, "Business days after the moment of closing as resolved.")
    survey_reminder_business_days: int = _days(3, "Business days after the survey, once.")
    survey_valid_days: int = _days(14, "Days that the survey's link is good for.")
    reminders_within_minutes: int = key(
        15, "A team's reminders so many minutes apart come in one mail.", ge=0, le=1440
    )
    speaks_from: TimeOfDay = key(
        time(8), "Deadlines that speak to a citizen do so from this time of a business day."
    )
    speaks_until: TimeOfDay = key(time(21), "And until this time; later ones wait for the next business day.")
    reopen_days: int = key(14, "A reply within so many days reopens a closed ticket.", ge=0, le=3650)
    confirm_commands: bool = key(True, "Staff hear in one line what each command of theirs did.")
    request_number_patterns: Patterns = key(
        (),
        "Regular expressions on folded text (أإآ as ا, ة as ه, no tashkeel, ASCII digits), instead of the "
        "built-in ones; each names its group: (?P<number>…).",
        says="the built-in ones",
    )
    sla_exceeded_patterns: Patterns = key(
        (), "Words of a request past its service level; as above.", says="the built-in ones"
    )
    technical_patterns: Patterns = key(
        (), "Words of a technical obstacle; as above.", says="the built-in ones"
    )
    thanks: Texts = key((), "A reply of only such words changes nothing.", says="the built-in ones")

    @field_validator("speaks_until")
    @classmethod
    def _after_the_beginning(cls, value: time, info: ValidationInfo) -> time:
        if value <= info.data.get("speaks_from", time.min):
            raise ValueError("must be later than speaks_from")
        return value


class Calendar(Table):
    """Business days; the weekend, national days and Eids are built in."""

    weekend: Weekdays = key(frozenset({4, 5}), "Days of the week that are no business days.")
    extra_holidays: Dates = key(
        frozenset(), "Further holidays: [2026-03-25]. Open deadlines follow at the next start."
    )
    working_days_instead: Dates = key(frozenset(), "Days that are worked although built in as holidays.")
