"""The configuration: every mistake at once, in clear lines; secrets from files; nothing unknown."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from daemon.config import Config, ConfigError, check, load

EXAMPLE = Path(__file__).resolve().parents[2] / "config" / "shakwa.toml"


def minimal() -> dict[str, Any]:
    return {
        "service": {"public_url": "https://s.example", "data_dir": ".", "secret_key": "0123456789abcdef"},
        "mailbox": {"address": "infocs@momah.gov.sa", "host": "127.0.0.1", "security": "none"},
        "smtp": {"host": "127.0.0.1", "security": "none"},
    }


def mistakes(document: dict[str, Any], base: Path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        check(document, base)
    return caught.value.mistakes


def test_what_is_required_is_enough(tmp_path: Path) -> None:
    config = check(minimal(), tmp_path)

    assert isinstance(config, Config)
    assert config.database_url == f"sqlite:///{tmp_path}/shakwa.db"
    assert (config.mailbox.port, config.smtp.port, config.smtp.connections) == (143, 25, 4)
    assert config.sms.gateway == "none"
    assert config.calendar.weekend == frozenset({4, 5})


def test_five_mistakes_get_five_lines(tmp_path: Path) -> None:
    document = minimal()
    document["service"]["langage"] = "ar"
    document["mailbox"]["port"] = "143"
    document["smtp"]["security"] = "ssl"
    document["teams"] = [{"name": "care"}]
    document["sms"] = {"gateway": "pigeon"}

    lines = mistakes(document, tmp_path)

    assert len(lines) == 5
    for place in ("service.langage", "mailbox.port", "smtp.security", "teams[1].address", "sms.gateway"):
        assert sum(line.startswith(place) for line in lines) == 1, lines


@pytest.mark.parametrize(
    ("section", "key", "value", "expected"),
    [
        ("service", "public_url", "ftp://x", "service.public_url"),
        ("service", "secret_key", "short", "service.secret_key"),
        ("service", "previous_secret_key", "short", "service.previous_secret_key"),
        ("service", "timezone", "Mars/Olympus", "service.timezone"),
        ("service", "operator", "nobody", "service.operator"),
        ("mailbox", "address", "not an address", "mailbox.address"),
        ("mailbox", "host", "imap.example.com", "mailbox.security"),
        ("mailbox", "processed", "inbox", "mailbox.folder"),
        ("mailbox", "spam_header", "X Spam: YES", "mailbox.spam_header"),
        ("mailbox", "internal_header", "X-MS-Exchange-Organization-AuthAs", "mailbox.internal_header"),
        ("mailbox", "poll_seconds", True, "mailbox.poll_seconds"),
        ("smtp", "auth", "xoauth2", "smtp.username"),
        ("smtp", "from_name", "a\r\nBcc: x@y.z", "smtp.from_name"),
        ("database", "url", "mysql://x", "database.url"),
        ("workflow", "speaks_from", "8 am", "workflow.speaks_from"),
        ("workflow", "speaks_until", "07:00", "workflow.speaks_until"),
        ("limits", "message_mb", 0, "limits.message_mb"),
        ("limits", "attachment_mb", 0, "limits.attachment_mb"),
        ("limits", "attachment_blocked", ["exe", "*.js"], "limits.attachment_blocked"),
        ("clamav", "socket", "clamd.ctl", "clamav.socket"),
        ("clamav", "socket", "127.0.0.1:x", "clamav.socket"),
        ("clamav", "socket", "10.0.0.1:3310", "clamav.socket"),
        ("clamav", "fail_closed", True, "clamav.fail_closed"),
        ("calendar", "weekend", ["someday"], "calendar.weekend"),
        ("calendar", "extra_holidays", ["soon"], "calendar.extra_holidays"),
        ("workflow", "technical_patterns", ["("], "workflow.technical_patterns"),
        ("unheard_of", "x", 1, "[unheard_of]"),
    ],
)
def test_each_mistake_is_named_by_its_place(
    section: str, key: str, value: object, expected: str, tmp_path: Path
) -> None:
    document = minimal()
    document.setdefault(section, {})[key] = value

    assert any(line.startswith(expected) for line in mistakes(document, tmp_path))


def test_no_tls_is_allowed_towards_loopback_only(tmp_path: Path) -> None:
    for host in ("127.0.0.1", "::1", "localhost", "127.8.9.1"):
        document = minimal()
        document["smtp"]["host"] = host
        check(document, tmp_path)
    document["smtp"]["host"] = "10.0.0.1"
    assert any("loopback" in line for line in mistakes(document, tmp_path))


def test_a_secret_may_stand_in_a_file_beside_the_data(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("0123456789abcdef-from-file\n")
    document = minimal()
    document["service"] = document["service"] | {"secret_key_file": "key"}

    assert any("not both" in line for line in mistakes(document, tmp_path))
    del document["service"]["secret_key"]
    assert check(document, tmp_path).service.secret_key == b"0123456789abcdef-from-file"
    document["service"]["secret_key_file"] = "absent"
    assert any("cannot be read" in line for line in mistakes(document, tmp_path))


def test_the_scanner_listens_on_a_unix_socket_or_on_loopback(tmp_path: Path) -> None:
    found = {}
    for socket in ("", "/run/clamav/clamd.ctl", "127.0.0.1:3310", "[::1]:3310"):
        clamav = check(minimal() | {"clamav": {"socket": socket}}, tmp_path).clamav
        found[socket] = (clamav.is_used, clamav.path, clamav.host, clamav.port)

    assert found == {
        "": (False, "", "", 0),
        "/run/clamav/clamd.ctl": (True, "/run/clamav/clamd.ctl", "", 0),
        "127.0.0.1:3310": (True, "", "127.0.0.1", 3310),
        "[::1]:3310": (True, "", "::1", 3310),
    }


def test_a_team_at_the_mailbox_itself_is_refused(tmp_path: Path) -> None:
    document = minimal() | {"teams": [{"name": "care", "address": "InfoCS@momah.gov.sa"}]}

    assert any("mailbox itself" in line for line in mistakes(document, tmp_path))


def test_staff_of_no_team_and_doubled_addresses_are_refused(tmp_path: Path) -> None:
    document = minimal() | {
        "staff": [
            {"name": "a", "email": "a@x.sa", "teams": ["ghosts"]},
            {"name": "b", "email": "b@x.sa", "aliases": ["A@x.sa"]},
        ]
    }

    lines = mistakes(document, tmp_path)

    assert any("no team 'ghosts'" in line for line in lines)
    assert any("more than once" in line for line in lines)


def test_a_gateway_that_is_not_built_is_refused_plainly(tmp_path: Path) -> None:
    document = minimal() | {"sms": {"gateway": "taqnyat"}}

    assert any("not built in this version" in line for line in mistakes(document, tmp_path))


def test_no_secret_prints(tmp_path: Path) -> None:
    document = minimal()
    document["mailbox"]["password"] = "hunter2-imap"
    document["sms"] = {
        "gateway": "unifonic",
        "unifonic": {"url": "https://u.example/x", "app_sid": "hunter2-sid"},
    }
    document["database"] = {"url": "postgresql://shakwa:hunter2-db@localhost/shakwa"}

    printed = repr(check(document, tmp_path))

    assert "hunter2" not in printed
    assert "0123456789abcdef" not in printed


@pytest.mark.parametrize(
    ("content", "expected"),
    [(b"[service", "not valid TOML"), (b"\xff\xfe", "not UTF-8"), (None, "cannot be read")],
)
def test_a_file_that_is_no_configuration_is_one_clear_line(
    content: bytes | None, expected: str, tmp_path: Path
) -> None:
    path = tmp_path / "x.toml"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(ConfigError, match=expected):
        load(path)


def test_the_annotated_example_is_valid_and_names_every_key(tmp_path: Path) -> None:
    text = EXAMPLE.read_text("utf-8")
    for name in ("secret_key", "imap_password", "smtp_password"):
        (tmp_path / name).write_text("0123456789abcdef")
    document = tomllib.loads(text)
    document["service"]["data_dir"] = str(tmp_path)

    config = check(document, tmp_path)

    assert config.teams[0].name == "care"
    source = (EXAMPLE.parents[1] / "daemon" / "config.py").read_text("utf-8")
    taken = set(
        re.findall(
            r'\.(?:text|optional|number|flag|choice|texts|email|header|patterns|dates|clock|secret)\(\s*"(\w+)"',
            source,
        )
    )
    for key in taken:
        assert re.search(rf"^#?\s*{key}(_file)? = ", text, re.MULTILINE), f"{key} is not explained"
