"""An agent at the phone: `tickets open`, `add`, `escalate`, `note`, `close`, right and wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.conftest import RunPy
from tests.integration.office import configuration_alone


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A desk whose servers are never asked: an agent's words are decided without them."""
    return configuration_alone(tmp_path)


OPEN = ("tickets", "open", "--channel", "phone", "--text", "طلبي متأخر", "--phone", "٠٥٠ ١٢٣ ٤٥٦٧")


def test_an_agent_opens_adds_and_closes(run_py: RunPy, config: Path) -> None:
    opened = run_py(*OPEN, "--json", config=config)
    assert opened.returncode == 0, opened.stderr
    answer = json.loads(opened.stdout)
    number = answer["number"]
    assert (answer["state"], answer["missing"]) == ("awaiting_info", ["request_number"])
    assert answer["status_url"].startswith("https://shakwa.example/c/")

    added = run_py("tickets", "add", number, "--kind", "information", "--request", "٢٠٢٦١٢٣", config=config)
    assert added.returncode == 0, added.stderr
    assert "open" in added.stdout
    early = json.loads(run_py("tickets", "escalate", number, "--json", config=config).stdout)
    assert early["may_escalate"] is False
    assert early["escalation_possible_at"].endswith("+03:00")
    noted = run_py("tickets", "note", number, "--text", "اتصل العميل", config=config)
    assert noted.returncode == 0, noted.stderr
    closed = run_py(
        "tickets", "close", number, "--reason", "not_admitted", "--text", "ليس طلبا", config=config
    )
    assert closed.returncode == 0, closed.stderr

    shown = json.loads(run_py("tickets", "show", number, "--json", config=config).stdout)
    assert (shown["state"], shown["close_reason"], shown["channel"]) == ("closed", "not_admitted", "phone")
    assert shown["requester"]["phone"] == "+966501234567"
    said = [(row["notification"], row["channel"]) for row in shown["outbox"] if row["recipient"][0] == "+"]
    assert said == [
        ("info_requested", "sms"),
        ("in_progress", "sms"),
        ("escalation_too_early", "sms"),
        ("closed_not_admitted", "sms"),
    ]
    assert [message["new_text"] for message in shown["messages"]] == ["طلبي متأخر", "اتصل العميل", "ليس طلبا"]


@pytest.mark.parametrize(
    ("argv", "code", "says"),
    [
        (("tickets", "open", "--channel", "phone", "--text", "x"), 1, "--phone or --email"),
        (("tickets", "open", "--channel", "email", "--text", "x"), 2, "invalid choice"),
        (("tickets", "open", "--channel", "phone", "--text", " ", "--email", "a@b.sa"), 1, "empty"),
        (
            ("tickets", "open", "--channel", "x", "--text", "x", "--phone", "0112345678"),
            1,
            "not a Saudi mobile",
        ),
        (
            ("tickets", "open", "--channel", "x", "--text", "x", "--email", "nobody"),
            1,
            "not an e-mail address",
        ),
        ((*OPEN, "--name", "x", "--handle", "not one"), 1, "not an account on X"),
        ((*OPEN, "--contacted", "23:59:59"), 1, "future"),
        ((*OPEN, "--contacted", "10:61"), 1, "not a time"),
        (
            (
                *OPEN,
                "--contacted",
                "2025-11-22T13:01:00+03:00",
                "--first-response-at",
                "2025-11-22T10:00:00Z",
            ),
            1,
            "--contacted lies after",
        ),
        ((*OPEN, "--contacted", "1970-01-01T00:00:00+00:00"), 1, "more than 30 days ago"),
        ((*OPEN, "--first-response-at", "2020-01-01T00:00:00+00:00"), 1, "more than 30 days ago"),
        ((*OPEN, "--first-response-at", "yesterday"), 1, "not a time"),
        ((*OPEN, "--first-response-at", "2026-11-22T10:00:00"), 1, "no offset"),
        ((*OPEN, "--first-response-at", "2126-11-22T10:00:00+03:00"), 1, "future"),
        ((*OPEN, "--request", "a\nb"), 1, "not a request number"),
        ((*OPEN, "--name", "a\r\nBcc: x@y.sa"), 1, "one line"),
        (
            ("tickets", "add", "FRS-2026-000001-1", "--kind", "information", "--text", "x"),
            1,
            "not a ticket number",
        ),
        (("tickets", "add", "FRS-2026-000001-7", "--kind", "information", "--text", "x"), 1, "no ticket"),
        (("tickets", "add", "FRS-2026-000001-7", "--kind", "information"), 2, "needs --text"),
        (("tickets", "add", "FRS-2026-000001-7", "--kind", "praise", "--text", "x"), 2, "invalid choice"),
        (("tickets", "escalate", "FRS-2026-000001-7"), 1, "no ticket"),
        (("tickets", "close", "FRS-2026-000001-7", "--reason", "resolved"), 2, "invalid choice"),
        (("tickets", "note", "FRS-2026-000001-7", "--text", ""), 1, "empty"),
    ],
)
def test_a_mistake_is_one_clear_line_and_opens_nothing(
    run_here: RunPy, config: Path, argv: tuple[str, ...], code: int, says: str
) -> None:
    run = run_here(*argv, config=config)

    assert run.returncode == code, run.stderr
    assert says in run.stderr
    assert len(run.stderr.splitlines()) == 1
    assert json.loads(run_here("tickets", "list", "--json", config=config).stdout) == []


def test_a_complaint_is_not_closed_for_silence_before_its_time(run_here: RunPy, config: Path) -> None:
    number = json.loads(run_here(*OPEN, "--json", config=config).stdout)["number"]
    run = run_here("tickets", "close", number, "--reason", "no_response", config=config)
    assert (run.returncode, run.stdout) == (1, "")
    assert "not done" in run.stderr
