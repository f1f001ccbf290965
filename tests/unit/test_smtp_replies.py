"""Which answer of a mail server means what, and how content stands on the wire (RFC 5321)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.courier import PermanentFailure, TemporaryFailure
from daemon.mail.wire.smtp.content import on_the_wire
from daemon.mail.wire.smtp.replies import (
    CLOSED,
    FEWER,
    SLOWER,
    TOMORROW,
    Stage,
    classify,
    closing,
    is_about_login,
    tidy,
    wants_fewer,
    wished_wait,
)
from tests.each import each


@each(
    "code, text, stage, kind, outage",
    [
        (450, "4.2.1 busy", "rcpt", TemporaryFailure, False),
        (432, "4.3.2 Concurrent connections limit exceeded", "mail", TemporaryFailure, True),
        (550, "5.1.1 unknown", "rcpt", PermanentFailure, None),
        (553, "5.1.3 bad address", "rcpt", PermanentFailure, None),
        (552, "5.2.2 mailbox of a@b full", "rcpt", PermanentFailure, None),
        (550, "5.2.2 over quota", "rcpt", PermanentFailure, None),
        (550, "5.7.1 content rejected as spam", "content", PermanentFailure, None),
        (552, "5.3.4 message size exceeds fixed limit", "mail", PermanentFailure, None),
        (530, "5.7.0 Authentication required", "mail", TemporaryFailure, True),
        (530, "5.7.57 Client not authenticated to send mail", "mail", TemporaryFailure, True),
        (535, "5.7.8 bad credentials", "login", TemporaryFailure, True),
        (550, "5.7.30 Basic authentication is not supported", "login", TemporaryFailure, True),
        (550, "5.7.30 Basic authentication is not supported", "content", TemporaryFailure, True),
        (552, "5.5.3 too many recipients", "rcpt", TemporaryFailure, False),
        (552, "too many recipients", "data", TemporaryFailure, False),
        (554, "5.2.0 SubmissionQuotaExceededException", "content", TemporaryFailure, True),
        (554, "5.2.2 mailbox full", "content", TemporaryFailure, True),
        (554, "5.2.252 SendAsDenied", "content", TemporaryFailure, True),
        (554, "5.7.1 <x@y>: Relay access denied", "rcpt", TemporaryFailure, False),
        (550, "5.7.1 Client host [10.1.1.1] blocked using list", "rcpt", TemporaryFailure, False),
        (553, "5.7.1 <a@b>: Sender address rejected: not owned by user", "rcpt", TemporaryFailure, False),
        (550, "sender unknown", "mail", TemporaryFailure, True),
        (503, "bad sequence", "rcpt", TemporaryFailure, True),
        (554, "5.7.1 go away", "connect", TemporaryFailure, True),
    ],
)
def test_classification(
    code: int, text: str, stage: Stage, kind: type[Exception], outage: bool | None
) -> None:
    failure = classify(code, text, stage)
    assert type(failure) is kind
    assert outage is None or (isinstance(failure, TemporaryFailure) and failure.outage is outage)
    assert "@" not in failure.reason


@pytest.mark.parametrize(
    "code, text, stage, wait",
    [
        # Exchange Online
        (432, "4.3.2 Concurrent connections limit exceeded. Visit https://aka.ms/…", "mail", FEWER),
        (432, "4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded", "content", FEWER),
        (
            421,
            "4.3.2 The maximum number of concurrent server connections has exceeded",
            "mail",
            FEWER,
        ),
        (421, "4.7.66 too many concurrent connections", "connect", FEWER),
        (451, "4.7.500 Server busy. Please try again later", "mail", SLOWER),
        (450, "4.7.650 The mail server has been temporarily rate limited", "mail", SLOWER),
        (452, "4.3.1 Insufficient system resources (UsedDiskSpace)", "mail", SLOWER),
        (554, "5.2.0 SubmissionQuotaExceededException: recipient limit is exceeded", "content", TOMORROW),
        (451, "4.3.1 mail system full", "content", SLOWER),
        # Gmail
        (421, "4.7.28 Our system has detected an unusual rate of mail", "content", SLOWER),
        (550, "5.4.5 Daily user sending limit exceeded", "data", TOMORROW),
        # Postfix
        (450, "4.7.1 Error: too much mail from 10.0.0.1", "mail", SLOWER),
        (421, "4.7.0 mx.example.sa Error: too many connections from 10.0.0.1", "connect", FEWER),
        (452, "Insufficient system storage", "mail", SLOWER),
        # of one recipient, or of the message: the others go on
        (450, "4.7.1 <a@b>: Recipient address rejected: Greylisted", "rcpt", None),
        (450, "4.2.1 The user is receiving mail too quickly: rate limited", "rcpt", None),
        (452, "4.2.2 mailbox full", "rcpt", None),
        (452, "too many recipients", "rcpt", None),
        (450, "4.1.1 <a@b>: Recipient address rejected: host mx said: 432 throttled", "rcpt", None),
        (554, "5.7.1 our daily digest of spam looks like this", "content", None),
        (550, "5.7.1 too many messages like this one were spam", "content", None),
        (451, "4.3.0 try later", "content", None),
        (421, "4.3.2 Service shutting down", "mail", None),
        (250, "2.0.0 rate limited", "mail", None),
    ],
)
def test_throttling_is_told_from_what_concerns_one_recipient(
    code: int, text: str, stage: Stage, wait: timedelta | None
) -> None:
    assert wished_wait(code, text, stage) == wait
    if wait is not None:
        failure = closing(text) if code == 421 else classify(code, text, stage)
        assert isinstance(failure, TemporaryFailure)
        assert (failure.outage, failure.retry_after) == (True, wait)
        assert wants_fewer(failure) is (wait == FEWER)


@pytest.mark.parametrize(
    "code, expected",
    [
        ("530 5.7.57", True),
        ("535 5.7.3", True),
        ("530", True),
        ("550 5.7.8", True),
        ("550 5.7.60", False),
        ("554 5.7.1", False),
        ("421 4.7.0", False),
        ("", False),
    ],
)
def test_a_lost_login_is_told_from_other_refusals(code: str, expected: bool) -> None:
    assert is_about_login(code) is expected


@given(
    st.integers(-1, 999), st.text(), st.sampled_from(["connect", "login", "mail", "rcpt", "data", "content"])
)
def test_classification_is_total_and_names_nobody(code: int, text: str, stage: Stage) -> None:
    failure = classify(code, text, stage)
    assert isinstance(failure, TemporaryFailure | PermanentFailure)
    assert "@" not in failure.reason
    assert "\n" not in failure.reason
    if stage in ("connect", "login") or not 500 <= code <= 599:
        assert isinstance(failure, TemporaryFailure)


@given(st.text())
def test_tidy_keeps_no_address(text: str) -> None:
    assert "@" not in tidy(text)
    assert len(tidy(f"{text} a@b {text}")) <= 200


@given(st.binary() | st.lists(st.sampled_from([b"\r", b"\n", b".", b"a", b"\r\n"])).map(b"".join))
def test_contenton_the_wire_ends_once_and_reads_back(content: bytes) -> None:
    wire = on_the_wire(content)
    assert wire.endswith(b"\r\n.\r\n") or wire == b".\r\n"
    body = wire[: -len(b".\r\n")]
    assert b"\r\n.\r\n" not in b"\r\n" + body
    assert body.count(b"\n") == body.count(b"\r\n") == body.count(b"\r")
    undotted = b"".join(
        line[1:] if line.startswith(b".") else line for line in body.splitlines(keepends=True)
    )
    flat = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
    assert undotted in (flat, flat + b"\r\n")


def test_a_server_that_closes_is_left_alone_for_a_moment() -> None:
    failure = closing("4.3.2 mx.example closing, ask postmaster@example.sa")

    assert (failure.code, failure.outage) == ("421 4.3.2", True)
    assert failure.retry_after == CLOSED == timedelta(seconds=30)
    assert "@" not in failure.reason
