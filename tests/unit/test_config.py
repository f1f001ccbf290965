"""The configuration: every mistake at once, in clear lines; secrets from files; nothing unknown."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel, ValidationError

from daemon.config import Config, ConfigError, check, example, load
from daemon.config.http_gateway import Http
from daemon.config.mistakes import table_in
from daemon.config.sms import Gateway, Sms

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


def test_an_address_that_holds_a_secret_may_stand_in_a_file_too(tmp_path: Path) -> None:
    (tmp_path / "database").write_text("postgresql://shakwa:hunter2@db/shakwa\n", "utf-8")
    (tmp_path / "ping").write_text("https://hc-ping.example/hunter2\n", "utf-8")
    document = minimal() | {"database": {"url_file": "database"}, "heartbeat": {"url_file": "ping"}}

    config = check(document, tmp_path)

    assert config.database.url == "postgresql://shakwa:hunter2@db/shakwa"
    assert config.heartbeat.url == "https://hc-ping.example/hunter2"
    assert "hunter2" not in repr(config)
    (tmp_path / "database").write_text("mysql://shakwa:hunter2@db/shakwa", "utf-8")
    assert "hunter2" not in str(mistakes(document, tmp_path))


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


def test_a_gateway_that_nobody_knows_is_refused_with_those_that_there_are(tmp_path: Path) -> None:
    document = minimal() | {"sms": {"gateway": "pigeon", "fallback": "owl"}}

    lines = mistakes(document, tmp_path)

    assert [line.split(":")[0] for line in lines] == ["sms.gateway", "sms.fallback"]
    assert all("unifonic, taqnyat, msegat, jawaly, deewan, http, console, none" in line for line in lines)


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


def test_every_mistake_is_told_whatever_else_is_wrong(tmp_path: Path) -> None:
    document = minimal()
    document["service"] |= {"public_url": "x", "secret_key_file": "absent"}
    document["mailbox"] |= {"processed": "inbox", "port": 0}
    document["smtp"] |= {"auth": "xoauth2", "connections": 65}
    document["workflow"] = {"speaks_until": "07:00", "reopen_days": -1}
    document["teams"] = [{"name": "care", "address": "infocs@momah.gov.sa", "lead": "nobody"}]
    document["staff"] = [{"name": "a", "email": "wrong", "teams": ["ghosts"]}, {"teams": "care"}]
    document["api_clients"] = [{"name": "x", "key_hash": "y", "channels": ["fax"]}]

    places = {line.split(":")[0] for line in mistakes(document, tmp_path)}

    assert places == {
        *("service.public_url", "service.secret_key", "service.secret_key_file"),
        *("mailbox.folder", "mailbox.port", "smtp.username", "smtp.connections", "[oauth2]"),
        *("workflow.speaks_until", "workflow.reopen_days", "teams[1].address", "teams[1].lead"),
        *("staff[1].email", "staff[1].teams", "staff[2].name", "staff[2].email", "staff[2].teams"),
        *("api_clients[1].key_hash", "api_clients[1].channels[1]"),
    }


@pytest.mark.parametrize(
    ("section", "key", "value", "line"),
    [
        ("mailbox", "port", "993", "mailbox.port: must be a whole number, not '993'"),
        ("mailbox", "port", 993.0, "mailbox.port: must be a whole number, not 993.0"),
        ("smtp", "connections", True, "smtp.connections: must be a whole number, not True"),
        ("smtp", "connections", 65, "smtp.connections: must be from 1 to 64, not 65"),
        ("web", "enabled", 1, "web.enabled: must be true or false, not 1"),
        ("web", "enabled", "true", "web.enabled: must be true or false, not 'true'"),
        ("service", "name", 5, "service.name: must be text, not 5"),
        ("service", "language", "fr", "service.language: must be one of ar, en, not 'fr'"),
        ("workflow", "thanks", "شكرا", "workflow.thanks: must be a list, not 'شكرا'"),
        (
            "calendar",
            "extra_holidays",
            [2027],
            "calendar.extra_holidays[1]: is not a date like 2027-03-04: 2027",
        ),
        ("oauth2", "token_url", "https://x.example/t", "oauth2.scope: is required"),
    ],
)
def test_a_mistake_is_one_plain_line(
    section: str, key: str, value: object, line: str, tmp_path: Path
) -> None:
    document = minimal()
    document.setdefault(section, {})[key] = value

    lines = mistakes(document, tmp_path)

    assert line in lines
    assert not [one for one in lines if "\n" in one or "pydantic" in one or "Input should" in one]


def test_an_unknown_key_names_the_nearest_known_one(tmp_path: Path) -> None:
    document = minimal()
    document["smtp"]["pasword_file"] = "x"
    document["mailboxes"] = {}

    section, key = mistakes(document, tmp_path)

    assert key.startswith("smtp.pasword_file: unknown key; did you mean password_file? known are auth, ")
    assert section.startswith("[mailboxes]: unknown section; did you mean mailbox? known are ")


def test_no_mistake_echoes_a_secret(tmp_path: Path) -> None:
    document = minimal()
    for wrong in ("hunter2", "hunter2\nhunter2", ["hunter2"], {"a": "hunter2"}):
        document["service"] |= {"secret_key": wrong, "previous_secret_key": wrong}
        document["mailbox"] |= {"password": wrong, "passwrd": wrong}
        document["smtp"]["password"] = wrong
        document["database"] = {"url": f"mysql://u:{wrong}@h/d"}
        document["oauth2"] = {"client_secret": wrong}
        document["sms"] = {
            "gateway": "unifonic",
            "unifonic": {"app_sid": wrong, "url": f"http://{wrong}@u.sa"},
        }
        document["admins"] = [{"password_hash": wrong}]
        document["api_clients"] = [{"key_hash": wrong}]

        with pytest.raises(ConfigError) as caught:
            check(document, tmp_path)

        assert len(caught.value.mistakes) > 8
        assert "hunter2" not in str(caught.value)
        assert caught.value.__cause__ is None


ADMIN = {"name": "نورة", "password_hash": "$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHQ$aGFzaA"}


@pytest.mark.parametrize(
    ("tables", "places"),
    [
        ({"admins": [ADMIN]}, []),
        ({"admins": [ADMIN | {"roles": ["words", "figures"], "email": "noura@momah.gov.sa"}]}, []),
        ({"admins": [ADMIN | {"roles": []}]}, ["admins[1].roles"]),
        ({"admins": [ADMIN | {"roles": ["root"]}]}, ["admins[1].roles"]),
        ({"admins": [ADMIN | {"password_hash": "secret"}]}, ["admins[1].password_hash"]),
        ({"admins": [ADMIN | {"password_hash": "$argon2id$v=19$m=4194304,t=3,p=4$x$y"}]}, ["admins[1].pass"]),
        ({"admins": [ADMIN | {"password_hash": "$argon2id$v=19$m=65536,t=900,p=4$x$y"}]}, ["admins[1].pass"]),
        ({"admins": [ADMIN, ADMIN | {"name": " نورة "}]}, ["admins.name"]),
        ({"admins": [ADMIN | {"name": "Noura"}, ADMIN | {"name": "NOURA"}]}, ["admins.name"]),
        (
            {"admins": [ADMIN | {"email": "a@b.sa"}, ADMIN | {"name": "x", "email": "A@b.sa"}]},
            ["admins.email"],
        ),
    ],
)
def test_an_admin_has_a_name_a_hash_and_roles(
    tmp_path: Path, tables: dict[str, Any], places: list[str]
) -> None:
    document = minimal() | tables

    if places:
        assert [line[: len(places[0])] for line in mistakes(document, tmp_path)] == places
    else:
        assert check(document, tmp_path).admins[0].name == "نورة"


def test_the_ministrys_sign_in_needs_no_more_of_an_admin_than_name_and_password(tmp_path: Path) -> None:
    oidc = {"issuer": "https://login.example.sa", "client_id": "x", "client_secret": "y"}
    somebody = minimal() | {"admins": [ADMIN], "oidc": oidc}
    plain = minimal() | {"admins": [ADMIN | {"email": "a@b.sa"}]} | {"oidc": oidc | {"issuer": "http://b.sa"}}

    assert [line.partition(":")[0] for line in mistakes(plain, tmp_path)] == ["oidc.issuer"]
    assert check(somebody, tmp_path).oidc is not None


def test_where_the_ministrys_sign_in_knows_admins_by_an_id_no_two_share_it(tmp_path: Path) -> None:
    oidc = {"issuer": "https://login.example.sa", "client_id": "x", "client_secret": "y", "claim": "oid"}
    somebody = minimal() | {"admins": [ADMIN | {"subject": "1-2-3"}], "oidc": oidc}
    two = minimal() | {"admins": [ADMIN | {"subject": "1"}, ADMIN | {"name": "س", "subject": "1"}]}

    assert [line.partition(":")[0] for line in mistakes(two, tmp_path)] == ["admins.subject"]
    assert check(somebody, tmp_path).admins[0].subject == "1-2-3"


@pytest.mark.parametrize("tenant", ["common", "organizations", "consumers", "Common"])
def test_an_issuer_of_every_tenant_is_refused(tmp_path: Path, tenant: str) -> None:
    oidc = {"client_id": "x", "client_secret": "y", "claim": "oid"}
    document = minimal() | {
        "admins": [ADMIN | {"subject": "1"}],
        "oidc": oidc | {"issuer": f"https://login.microsoftonline.com/{tenant}/v2.0"},
    }

    (line,) = mistakes(document, tmp_path)

    assert line.startswith("oidc.issuer: lets in every tenant")


def test_a_gateway_that_is_used_needs_its_keys_and_a_prepared_one_does_not(tmp_path: Path) -> None:
    used = minimal() | {"sms": {"gateway": "unifonic"}}
    prepared = minimal() | {"sms": {"gateway": "none", "unifonic": {}, "taqnyat": {"token": "x"}}}

    assert mistakes(used, tmp_path) == ["sms.unifonic.url: is required", "sms.unifonic.app_sid: is required"]
    assert check(prepared, tmp_path).sms.gateway == "none"


def test_what_was_checked_cannot_be_changed(tmp_path: Path) -> None:
    config = check(minimal(), tmp_path)

    with pytest.raises(ValidationError):
        config.smtp.port = 1


def test_the_annotated_file_is_the_one_that_the_models_write() -> None:
    assert EXAMPLE.read_text("utf-8") == example.text(), (
        "run: python -m daemon.config.example > config/shakwa.toml"
    )


def test_the_annotated_file_is_valid_and_names_every_key(tmp_path: Path) -> None:
    text = EXAMPLE.read_text("utf-8")
    for name in ("secret_key", "imap_password", "smtp_password"):
        (tmp_path / name).write_text("0123456789abcdef")
    document = tomllib.loads(text)
    document["service"]["data_dir"] = str(tmp_path)

    config = check(document, tmp_path)

    assert config.teams[0].name == "care"
    for table in tables():
        for key, field in table.model_fields.items():
            if table is Sms and key in get_args(Gateway):
                continue  # a table
            if table is Http and table_in(field.annotation) is not None:
                continue  # tables of the declared gateway
            assert field.description, f"{table.__name__}.{key} is not described"
            assert re.search(rf"^(# )?{key}(_file)? = ", text, re.MULTILINE), f"{key} is not explained"


def test_what_the_annotated_file_shows_as_a_comment_is_valid_too(tmp_path: Path) -> None:
    text = re.sub(r"^# (?=\[+[a-z]|[a-z_0-9]+ = )", "", EXAMPLE.read_text("utf-8"), flags=re.MULTILINE)
    document = tomllib.loads(text)
    document["service"] |= {"data_dir": str(tmp_path), "templates_dir": str(tmp_path)}
    for name in re.findall(r'^\w+_file = "(\w+)"', text, re.MULTILINE):
        (tmp_path / name).write_text("0123456789abcdef")
    (tmp_path / "admin_hash").write_text("$argon2id$v=19$…")
    (tmp_path / "metrics_hash").write_text("ab" * 32)
    (tmp_path / "call_centre_hash").write_text("0" * 64)

    config = check(document, tmp_path)

    assert config.oauth2 is not None
    assert config.sms.unifonic is not None
    assert config.api_clients[0].channels == ("phone",)
    assert config.api_clients[0].read == "own"


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ([{"name": "agent"}], "api_clients[1].name"),
        ([{"name": "Page"}], "api_clients[1].name"),
        ([{"name": "x"}, {"name": "x"}], "api_clients.name"),
        ([{"name": "x", "read": "everything"}], "api_clients[1].read"),
    ],
)
def test_a_client_has_a_name_of_its_own_and_a_scope(
    changes: list[dict[str, str]], place: str, tmp_path: Path
) -> None:
    document = minimal()
    client = {"key_hash": "0" * 64, "channels": ["x"]}
    document["api_clients"] = [client | change for change in changes]

    (mistake,) = mistakes(document, tmp_path)

    assert mistake.startswith(place), mistake


def tables(model: type[BaseModel] = Config) -> Iterator[type[BaseModel]]:
    for field in model.model_fields.values():
        inner = table_in(field.annotation)
        if inner is not None:
            yield inner
            yield from tables(inner)
