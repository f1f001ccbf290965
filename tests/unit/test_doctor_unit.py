"""`doctor --unit` examines with the credentials that systemd hands to the unit, before its first start."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from daemon.cli import doctor, doctor_unit, unit_file
from daemon.cli.context import CommandFailed
from daemon.cli.main import main
from daemon.config import ConfigError, load
from daemon.config.loading import Config

ROOT = Path(__file__).resolve().parents[2]
UNIT = """
[Unit]
Description=LoadCredential=never:/read
[Service]
Type=notify
ExecStart=/usr/bin/shakwa --config {folder}/shakwa.toml serve
WatchdogSec=60
# LoadCredential=comment:/x
LoadCredential=secret_key:{folder}/key
LoadCredential=imap:{folder}/nowhere
DynamicUser=no
DynamicUser=yes
StateDirectory=shakwa
SystemCallFilter=@system-service
SystemCallFilter=~@privileged \\
  @resources
"""
ADDED = """
[Service]
LoadCredential=
LoadCredential=secret_key:{folder}/key
LoadCredential=imap:{folder}/imap
SetCredential=smtp:caf\\xc3\\xa9 100%%
"""
CONFIG = """
[service]
public_url = "https://shakwa.example.sa"
data_dir = "data"
secret_key_file = "/run/credentials/shakwa.service/secret_key"
operator = "operator@example.sa"
[mailbox]
address = "infocs@example.sa"
host = "imap.example.sa"
password_file = "/run/credentials/shakwa.service/imap"
[smtp]
host = "smtp.example.sa"
username = "infocs"
password_file = "/run/credentials/shakwa.service/smtp"
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    (tmp_path / "shakwa.service").write_text(UNIT.format(folder=tmp_path))
    (tmp_path / "shakwa.service.d").mkdir()
    (tmp_path / "shakwa.service.d" / "init.conf").write_text(ADDED.format(folder=tmp_path))
    (tmp_path / "shakwa.toml").write_text(CONFIG)
    (tmp_path / "key").write_text("k" * 64 + "\n")
    (tmp_path / "imap").write_text("الكلمة\n", "utf-8")
    return tmp_path


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[Config]:
    """The configurations that were examined, in place of asking real servers."""
    found: list[Config] = []

    async def examine(config: Config, show: Callable[[doctor.Part], None], *, sends: bool = False) -> int:
        found.append(config)
        show(doctor.Part("smtp", "WARN", "not encrypted"))
        return 0

    monkeypatch.setattr(doctor, "_examine", examine)
    return found


def test_the_units_secrets_are_found_though_it_never_ran(
    folder: Path, seen: list[Config], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor_unit, "SYSTEMD", folder / "not here")

    assert main(["doctor", "--unit", str(folder / "shakwa.service")]) == 0

    (config,) = seen
    assert config.service.secret_key == b"k" * 64
    assert (config.mailbox.password, config.smtp.password) == ("الكلمة", "café 100%")
    assert "WARN  unit        systemd does not run here" in capsys.readouterr().out
    assert "CREDENTIALS_DIRECTORY" not in os.environ


def test_the_findings_are_one_document_where_a_program_asks(
    folder: Path, seen: list[Config], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor_unit, "SYSTEMD", folder / "not here")

    assert main(["doctor", "--unit", str(folder / "shakwa.service"), "--json"]) == 0

    said = capsys.readouterr()
    assert json.loads(said.out) == [
        {"part": "config", "state": "ok", "text": "every key is understood"},
        {"part": "smtp", "state": "warn", "text": "not encrypted"},
    ]
    assert "systemd does not run here" in said.err


def test_without_the_unit_the_missing_secrets_name_the_command(folder: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        load(folder / "shakwa.toml")

    assert len(refused.value.mistakes) == 3
    for line in refused.value.mistakes:
        assert "No such file or directory; systemd hands it to shakwa.service while that runs" in line
        assert "`run.py doctor --unit shakwa.service`" in line


def test_a_credential_that_cannot_be_read_is_one_line(
    folder: Path, seen: list[Config], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor_unit, "SYSTEMD", folder / "not here")
    (folder / "imap").unlink()

    assert main(["doctor", "--unit", str(folder / "shakwa.service")]) == 1

    told = f"shakwa.service cannot start: its credential imap ({folder / 'imap'}) cannot be read"
    assert told in capsys.readouterr().err
    assert seen == []


def test_a_unit_that_is_not_there_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--unit", "no-such-unit"]) == 1

    assert "no-such-unit.service cannot be read: No such file" in capsys.readouterr().err


# --- where systemd runs -------------------------------------------------------------------------------

SYSTEMD_RUN = """#!/bin/sh
printf '%s\\n' "$@" >>{folder}/asked
echo --- >>{folder}/asked
case "$*" in
    */bin/true) echo "Failed to start" >&2; exit {tried};;
    *) echo "ok    config      from inside"; exit 1;;
esac
"""


@pytest.fixture
def systemd(folder: Path, monkeypatch: pytest.MonkeyPatch):
    """A systemd-run that writes down what it was asked; `tried` is what it makes of the first try."""

    def runs(tried: int) -> None:
        (folder / "bin").mkdir()
        program = folder / "bin" / "systemd-run"
        program.write_text(SYSTEMD_RUN.format(folder=folder, tried=tried))
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder / 'bin'}:{os.environ['PATH']}")
        monkeypatch.setattr(doctor_unit, "SYSTEMD", folder)
        monkeypatch.setattr(os, "geteuid", lambda: 0)

    return runs


def test_where_systemd_runs_the_examination_is_a_unit_of_the_same_settings(
    folder: Path, systemd, seen: list[Config], capfd: pytest.CaptureFixture[str]
) -> None:
    systemd(tried=0)

    assert main(["doctor", "--send", "--unit", str(folder / "shakwa.service")]) == 1

    assert seen == [], "nothing is asked from outside the unit"
    assert "from inside" in capfd.readouterr().out
    asked = (folder / "asked").read_text().split("---\n")[1].splitlines()
    given = {asked[place + 1] for place, word in enumerate(asked) if word == "-p"}
    assert {"DynamicUser=yes", "User=shakwa", "StateDirectory=shakwa"} <= given
    assert {one for one in given if one.startswith("LoadCredential")} == {
        f"LoadCredential=secret_key:{folder}/key",
        f"LoadCredential=imap:{folder}/imap",
    }
    assert not {one.partition("=")[0] for one in given} & {"Type", "ExecStart", "WatchdogSec"}
    assert asked[-4:] == ["--config", f"{folder}/shakwa.toml", "doctor", "--send"]


def test_where_systemd_refuses_it_is_told_and_asked_from_here(
    folder: Path, systemd, seen: list[Config], capsys: pytest.CaptureFixture[str]
) -> None:
    systemd(tried=243)

    assert main(["doctor", "--unit", str(folder / "shakwa.service")]) == 0

    assert "WARN  unit        systemd could not try it (Failed to start)" in capsys.readouterr().out
    assert len(seen) == 1


def test_only_root_is_handed_the_credentials(folder: Path, systemd, monkeypatch: pytest.MonkeyPatch) -> None:
    systemd(tried=0)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    with pytest.raises(CommandFailed, match="only root"):
        doctor_unit.examined(unit_file.read(str(folder / "shakwa.service")), folder / "shakwa.toml", ())


def test_every_setting_of_our_own_unit_is_kept_or_left_out_on_purpose() -> None:
    left_out = {
        *(
            "Type",
            "ExecStart",
            "WatchdogSec",
            "Restart",
            "RestartSec",
            "TimeoutStopSec",
            "KillMode",
            "OOMPolicy",
        ),
    }
    unit = unit_file.read(str(ROOT / "systemd" / "shakwa.service"))

    assert {key for key, _ in unit.settings} - doctor_unit.OF_THE_SETTING == left_out
    assert unit.config == Path("/etc/shakwa/shakwa.toml")
    assert "SystemCallFilter=~@privileged @resources" in doctor_unit.passing_unit(unit)
    assert "CapabilityBoundingSet=" in doctor_unit.passing_unit(unit), "empty, it takes every capability away"


def test_a_backups_unit_finds_its_own_credentials_under_the_daemons_name(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = folder / "given"
    given.mkdir()
    for name in ("secret_key", "imap", "smtp"):
        (given / name).write_text(f"{name} of the backup's unit")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(given))

    assert load(folder / "shakwa.toml").smtp.password == "smtp of the backup's unit"


def test_a_configuration_that_cannot_be_used_is_a_document_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "shakwa.toml"
    config.write_text('[service]\nmod = "shadow"\n', "utf-8")

    assert main(["--config", str(config), "doctor", "--json"]) == 1

    said = capsys.readouterr()
    found = json.loads(said.out)
    assert {(one["part"], one["state"]) for one in found} == {("config", "fail")}
    assert any(one["text"].startswith("service.mod: unknown key; did you mean mode?") for one in found)
    assert said.err.splitlines() == [f"config: {one['text']}" for one in found]
