"""An exported audit is verified without the database: what was changed, taken out or cut is seen."""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from daemon.cli.main import main
from daemon.store import audit
from daemon.store.audit import Deed
from daemon.store.database import Database

CONFIG = """[service]
public_url = "https://s.example"
data_dir = "."
secret_key = "0123456789abcdef"
[mailbox]
address = "infocs@momah.gov.sa"
host = "127.0.0.1"
security = "none"
[smtp]
host = "127.0.0.1"
security = "none"
"""


@pytest.fixture
def exported(tmp_path: Path, sqlite_model: Path) -> Path:
    (tmp_path / "shakwa.toml").write_text(CONFIG, "utf-8")
    shutil.copy(sqlite_model, tmp_path / "shakwa.db")
    with closing(Database(f"sqlite:///{tmp_path / 'shakwa.db'}")) as database:
        for name in ("one", "two", "three"):
            deed = Deed("sara", "ticket_opened", name, {"why": "هاتف"})
            database.transact_now(audit.record, deed, datetime(2026, 12, 1, 9, 0, 0, 123, tzinfo=UTC))
        database.transact_now(audit.erase, "two")
    path = tmp_path / "audit.jsonl"
    assert main(["--config", str(tmp_path / "shakwa.toml"), "audit", "export", "--to", str(path)]) == 0
    return path


def lines(path: Path) -> list[str]:
    return path.read_text("utf-8").splitlines(keepends=True)


def verified(path: Path, *more: str) -> int:
    return main(["audit", "verify", "--file", str(path), *more])


def test_an_export_verifies_without_a_configuration_and_tells_what_was_erased(
    exported: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    head = json.loads(lines(exported)[-1])["head"]

    assert verified(exported) == 0
    assert verified(exported, "--head", head[:32]) == 0
    assert "4 entries, 1 of them erased" in capsys.readouterr().out
    assert json.loads(lines(exported)[-2])["act"] == "audit_exported"


@pytest.mark.parametrize("row", [0, 1, 2, 3])
def test_a_row_that_was_changed_or_taken_out_is_named(
    exported: Path, row: int, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = lines(exported)
    changed = json.loads(whole[row]) | {"who": "eve"}

    exported.write_text("".join([*whole[:row], json.dumps(changed) + "\n", *whole[row + 1 :]]), "utf-8")
    assert verified(exported) == 1
    assert f"broken at {row + 1}" in capsys.readouterr().out
    exported.write_text("".join([*whole[:row], *whole[row + 1 :]]), "utf-8")
    assert verified(exported) == 1


def test_an_export_that_was_cut_is_named_also_with_its_end_made_up(exported: Path) -> None:
    whole = lines(exported)
    head = json.loads(whole[-1])["head"]
    shorter = json.loads(whole[2])["link"]

    exported.write_text("".join(whole[:3]), "utf-8")
    assert verified(exported) == 1
    exported.write_text("".join([*whole[:3], json.dumps({"head": shorter}) + "\n"]), "utf-8")
    assert verified(exported, "--head", head[:32]) == 1
    exported.write_bytes(exported.read_bytes()[:-300])
    assert verified(exported) == 1
    exported.write_text("hello", "utf-8")
    assert verified(exported) == 1


NOBODYS = {"who": "", "act": "", "about": "", "detail": None, "salt": None, "digest": "", "link": ""}


@pytest.mark.parametrize(
    "content",
    [
        "",
        "\n",
        '{"head": ""}',
        '{"head": {}}',
        "[" * 100_000,
        json.dumps({"place": 1, "at": "0001-01-01T00:00:00+23:59", **NOBODYS}),
        json.dumps({"place": 1, "at": "yesterday", **NOBODYS}),
    ],
    ids=["empty", "a line", "no head", "a strange head", "deep", "before all time", "no time"],
)
def test_what_is_no_whole_export_never_verifies_and_is_told_in_one_line(
    exported: Path, content: str, capsys: pytest.CaptureFixture[str]
) -> None:
    exported.write_text(content, "utf-8")
    capsys.readouterr()

    assert verified(exported) == 1
    told = capsys.readouterr()
    assert "cut" in told.out + told.err
    assert len((told.out + told.err).splitlines()) == 1
