"""`init` asks, judges each answer by the models of the file, and writes all or nothing."""

from __future__ import annotations

import io
import stat
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from daemon.cli import init_files
from daemon.cli.init_files import NewFile, write_all
from daemon.cli.main import main
from daemon.config import load
from daemon.config.example import text as annotated

GIVEN = (
    *("--address", "infocs@momah.gov.sa", "--public-url", "https://shakwa.momah.gov.sa"),
    *("--operator", "operator@momah.gov.sa", "--team-address", "care@momah.gov.sa"),
)
Init = Callable[..., int]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return tmp_path / "shakwa" / "shakwa.toml"


@pytest.fixture
def password(tmp_path: Path) -> str:
    path = tmp_path / "password"
    path.write_text('کلمة سر "with\\ quotes"\n', "utf-8")
    return str(path)


@pytest.fixture
def init(config: Path, monkeypatch: pytest.MonkeyPatch) -> Init:
    """Runs it with lines of the standard input; without units unless told otherwise."""

    def run(*options: str, typed: tuple[str, ...] = ()) -> int:
        monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in typed)))
        where = () if "--units" in options else ("--no-units",)
        return main(["--config", str(config), "init", *where, *options])

    return run


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_without_questions_it_writes_what_the_loader_takes(init: Init, config: Path, password: str) -> None:
    assert init("--yes", *GIVEN, "--password-file", password, "--staff", "سارة <sara@momah.gov.sa>") == 0

    read = load(config)
    assert read.mailbox.address == read.smtp.username == "infocs@momah.gov.sa"
    assert read.mailbox.host == "imap.momah.gov.sa"
    assert read.smtp.host == "smtp.momah.gov.sa"
    assert read.mailbox.password == read.smtp.password == 'کلمة سر "with\\ quotes"'
    assert [team.address for team in read.teams] == ["care@momah.gov.sa"]
    assert [(person.name, person.teams) for person in read.staff] == [("سارة", ("care",))]
    assert len(read.service.secret_key) == 64


def test_only_what_differs_stands_in_the_file_with_its_meaning(
    init: Init, config: Path, password: str
) -> None:
    assert init("--yes", *GIVEN, "--password-file", password, "--mode", "shadow", "--sms", "none") == 0

    text = config.read_text("utf-8")
    document = tomllib.loads(text)
    assert document["service"]["mode"] == "shadow"
    assert document["mailbox"].keys() == {"address", "host", "password_file"}
    assert document["smtp"].keys() == {"host", "username", "password_file"}
    assert not {"sms", "database", "web", "oauth2", "admins"} & set(document)
    for line, following in zip(text.splitlines(), text.splitlines()[1:], strict=False):
        assert not following or following.startswith(("#", "[")) or line.startswith("# "), following
    assert "# Whom alerts reach." in text
    assert "# Whom alerts reach." in annotated()


def test_secrets_are_files_of_their_own_and_stand_nowhere_else(
    init: Init, config: Path, password: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        init(
            "--yes",
            *GIVEN,
            "--password-file",
            password,
            "--web",
            "yes",
            "--admin",
            "نورة",
            "--admin-password-file",
            password,
        )
        == 0
    )

    secret, key = "کلمة سر", (config.parent / "secret_key").read_text().strip()
    assert {path.name for path in config.parent.iterdir()} == {
        "shakwa.toml",
        "imap",
        "secret_key",
        "admin_hash",
    }
    assert all(mode(path) == 0o600 for path in config.parent.iterdir())
    assert (config.parent / "admin_hash").read_text().startswith("$argon2id$")
    said = "".join(capsys.readouterr())
    for text in (config.read_text("utf-8"), said):
        assert secret not in text
        assert key not in text
    assert load(config).admins[0].name == "نورة"


def test_a_wrong_answer_is_refused_in_one_line_and_asked_again(
    init: Init, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    typed = (
        *("infocs", "infocs@momah.gov.sa", "", "pasword", "", "", "geheim", "", "maybe", "starttls", "", ""),
        *("", "ftp://momah.gov.sa", "https://shakwa.momah.gov.sa", "", "operator@momah.gov.sa", "", ""),
        *("infocs@momah.gov.sa", "care@momah.gov.sa", "", "perhaps", "no", "http", "unifonic", "", "", "sid"),
        *("MOMAH", "mysql://x", "", "", "yes", "admin", "short", "a long password"),
        *("nobody", "A <nowhere>", "Ali <ali@momah.gov.sa>", "Ali <ali@momah.gov.sa>", ""),
    )
    assert init(typed=typed) == 0

    read = load(config)
    assert read.smtp.security == "starttls"
    assert not read.teams[0].escalation
    assert (read.sms.gateway, read.sms.sender) == ("unifonic", "MOMAH")
    assert read.sms.unifonic is not None
    assert read.sms.unifonic.app_sid == "sid"
    assert [person.email for person in read.staff] == ["ali@momah.gov.sa"]
    assert [line.split(":")[0] for line in capsys.readouterr().err.splitlines()] == [
        *("mailbox.address", "mailbox.auth", "smtp.security", "service.public_url", "--operator"),
        *("teams[1].address", "--team-escalations", "--sms", "--sms-secret-file", "database.url"),
        *("--admin-password-file", "--staff", "staff[1].email", "staff.email"),
    ]


def test_microsoft_365_is_asked_for_its_application(init: Init, config: Path, password: str) -> None:
    code = init(
        *("--yes", *GIVEN, "--imap-host", "outlook.office365.com", "--client-secret-file", password),
        *("--token-url", "https://login.microsoftonline.com/t/oauth2/v2.0/token", "--client-id", "id"),
        *("--authserv-id", '""'),
    )

    assert code == 0
    read = load(config)
    assert (read.mailbox.auth, read.smtp.auth, read.smtp.security) == ("xoauth2", "xoauth2", "starttls")
    assert read.mailbox.authserv_id == ""
    assert read.oauth2 is not None
    assert read.oauth2.client_id == "id"


def test_what_is_missing_without_questions_is_told_at_once_and_nothing_is_written(
    init: Init, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert init("--yes", "--address", "infocs@momah.gov.sa") == 2

    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith("give also --password-file, --public-url, --operator, --team-address")
    assert not config.parent.exists()


def test_a_wrong_option_without_questions_is_one_line_and_nothing_is_written(
    init: Init, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert init("--yes", *GIVEN, "--smtp-security", "none") == 1

    (line,) = capsys.readouterr().err.splitlines()
    assert 'smtp.security: "none" is allowed towards loopback only' in line
    assert not config.parent.exists()


def test_answers_that_end_too_early_write_nothing(
    init: Init, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert init(typed=("infocs@momah.gov.sa", "")) == 1

    assert "nothing was written" in capsys.readouterr().err
    assert not config.parent.exists()


@pytest.mark.parametrize("name", ["shakwa.toml", "imap", "secret_key"])
def test_nothing_is_overwritten(
    init: Init, config: Path, password: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    config.parent.mkdir()
    (config.parent / name).write_text("mine")

    assert init("--yes", *GIVEN, "--password-file", password) == 1

    assert f"{config.parent / name} exists" in capsys.readouterr().err
    assert [path.name for path in config.parent.iterdir()] == [name]
    assert (config.parent / name).read_text() == "mine"


# --- systemd ------------------------------------------------------------------------------------------


def test_with_systemd_secrets_are_credentials_and_the_unit_gets_those_alone(
    init: Init, config: Path, password: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    units = tmp_path / "units"

    assert init("--yes", *GIVEN, "--password-file", password, "--units", str(units)) == 0

    document = tomllib.loads(config.read_text("utf-8"))
    assert document["mailbox"]["password_file"] == "/run/credentials/shakwa.service/imap"
    assert document["service"]["data_dir"] == "/var/lib/shakwa"
    assert (mode(config), mode(config.parent), mode(config.parent / "imap")) == (0o644, 0o755, 0o600)
    added = (units / "shakwa.service.d" / "init.conf").read_text()
    lines = [line for line in added.splitlines() if line.startswith("LoadCredential")]
    assert lines[0] == "LoadCredential="
    assert set(lines[1:]) == {
        f"LoadCredential={name}:{config.parent / name}" for name in ("secret_key", "imap")
    }
    assert f"--config {config} serve" in added
    assert "DynamicUser=yes" in (units / "shakwa.service").read_text()
    said = capsys.readouterr().out.split("Next:\n")[1].splitlines()
    assert len(said) == 3
    assert said[0].endswith("doctor --unit shakwa.service")


def test_units_that_are_there_stay_and_the_backup_gets_the_same_secrets(
    init: Init, password: str, tmp_path: Path
) -> None:
    units = tmp_path / "units"
    units.mkdir()
    for name in ("shakwa.service", "shakwa-backup.service"):
        (units / name).write_text("[Service]\n")

    assert init("--yes", *GIVEN, "--password-file", password, "--units", str(units)) == 0

    assert (units / "shakwa.service").read_text() == "[Service]\n"
    added = [(units / f"{name}.service.d" / "init.conf").read_text() for name in ("shakwa", "shakwa-backup")]
    assert added[1].splitlines()[-1].endswith("db backup")
    assert added[0].splitlines()[:-1] == added[1].splitlines()[:-1]


def test_with_systemd_no_password_stands_in_the_database_url(
    init: Init, password: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = "postgresql://shakwa:geheim@db.example/shakwa"

    code = init(
        *("--yes", *GIVEN, "--password-file", password, "--units", str(tmp_path / "units"), "--database", url)
    )

    assert code == 1
    assert "geheim" not in "".join(capsys.readouterr())


# --- all or nothing -----------------------------------------------------------------------------------


@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), KeyboardInterrupt()])
@pytest.mark.parametrize("step", ["link", "fsync"])
def test_what_fails_in_the_middle_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: BaseException, step: str
) -> None:
    real, calls = getattr(init_files.os, step), []

    def failing(*arguments: object) -> None:
        calls.append(arguments)
        if len(calls) == 2:
            raise failure
        real(*arguments)

    monkeypatch.setattr(init_files.os, step, failing)

    folder = tmp_path / "new" / "inner"
    with pytest.raises((init_files.CommandFailed, KeyboardInterrupt)):
        write_all([NewFile(folder / "one", "1"), NewFile(folder / "two", "2")])

    assert list(tmp_path.iterdir()) == []
