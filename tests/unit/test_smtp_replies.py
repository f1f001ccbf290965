"""Which answer of a mail server means what, and how content stands on the wire (RFC 5321)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.courier import PermanentFailure, TemporaryFailure
from daemon.mail.wire.smtp.content import on_the_wire
from daemon.mail.wire.smtp.replies import Stage, classify, closing, tidy


@pytest.mark.parametrize(
    "code, text, stage, kind, outage",
    [
        (450, "4.2.1 busy", "rcpt", TemporaryFailure, False),
        (432, "4.3.2 Concurrent connections limit exceeded", "mail", TemporaryFailure, False),
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
    assert failure.retry_after == timedelta(seconds=30)
    assert "@" not in failure.reason
