"""Every column of text or octets says what an erasure makes of a person's data in it."""

from __future__ import annotations

from collections import Counter
from typing import Final

from sqlalchemy import JSON, LargeBinary, Text

from daemon.store.personal import SWEPT
from daemon.store.schema import metadata

GOES: Final[dict[str, str]] = {
    # In a row of the person's own the value goes, with the row or alone. In everybody else's rows whatever
    # names the person is masked.
    "addresses": "email",
    "attachments": "name filename declared_type media_type sha256 detail",
    "blocked_senders": "pattern",
    "idempotency_keys": "client key request_hash answer",
    "inbox": "sha256 message_id payload released_as explanation last_error sender_key",
    "messages": "sender_email sender_name message_id subject text new_text attachments thread_index",
    "outbox": "idempotency_key cause recipient reference values thread limit_key limit_domain limit_sender "
    "frozen peer_id last_error",
    "outbox_acts": "why",
    "participants": "email",
    "privacy_holds": "value why released_why",
    "raw_mails": "raw",
    "receipts": "content peer_id word code",
    "ticket_threads": "message_id",
    "ticket_words": "word",
    "tickets": "requester_name requester_email requester_email_shown requester_phone requester_handle "
    "request_number subject info_text rating_comment",
}
MASKED: Final[dict[str, str]] = {
    # Nobody's own row; a person may be named in it all the same.
    "audit": "detail",
    "history": "lines",
    "outbox_holds": "why released_why",
    "reconciliations": "found",
}
STAYS: Final[dict[str, str]] = {
    # Codes, numbers, times, names of staff, our own words; nothing of a requester. `inbox.fingerprint` is
    # a SHA-256 over a whole mail with its Message-ID, date and body, which nobody finds by trying, and
    # without it a second reading of the mailbox would bring the mail back.
    "admin_sessions": "token_hash admin way fingerprint",
    "attachments": "verdict",
    "audit": "who act about salt digest link",
    "blocked_senders": "blocked_by",
    "canaries": "outcome",
    "compositions": "id parts",
    "counted_tickets": "counted",
    "counters": "name",
    "deadlines": "kind",
    "departures": "peer",
    "figures": "key span shape channel category team member counts",
    "gateway_errors": "gateway",
    "gateway_shares": "first second why",
    "mailbox_starts": "folder left_uids",
    "schema_floor": "revision oldest",
    "history": "event state",
    "inbox": "source fingerprint state claimed_by kind outcome reason proof",
    "mailbox_uids": "folder moved_to",
    "monthly_reports": "sha256 month about content",
    "outbox": "notification channel audience limit_total state claimed_by sender template_revision "
    "composition gateway delivery_state",
    "outbox_acts": "act by",
    "outbox_holds": "scope value held_by released_by",
    "privacy_holds": "scope held_by released_by",
    "receipts": "source gateway state",
    "reconciliations": "folders",
    "said_before": "mark reference",  # a keyed digest, and our own Message-ID
    "switches": "notification by why",
    "text_files": "place path sha256 by problems",
    "texts": "path revision content by why door state approved_by",
    "tickets": "number state close_reason channel category language team assignee reminded escalation "
    "linked_to",
}


def named(route: dict[str, str]) -> list[str]:
    return [f"{table}.{column}" for table, columns in route.items() for column in columns.split()]


def test_every_column_of_text_says_what_becomes_of_a_person_in_it() -> None:
    columns = {
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, Text | JSON | LargeBinary)
    }
    told = Counter([*named(GOES), *named(MASKED), *named(STAYS)])

    assert columns - set(told) == set(), (
        "personal? Then store/erasing.py takes it away (GOES), or SWEPT has it read through (MASKED)"
    )
    assert set(told) - columns == set(), "there is no such column any more"
    assert [name for name, times in told.items() if times > 1] == []


def test_what_is_masked_is_read_through() -> None:
    swept = {f"{table}.{column}" for table, columns in SWEPT.items() for column in columns}

    assert set(named(MASKED)) <= swept
    assert swept <= {*named(MASKED), *named(GOES)}
