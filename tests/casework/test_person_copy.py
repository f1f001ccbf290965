"""`privacy export`: all of one person's data in a form they can read, and nobody else's."""

from __future__ import annotations

import json
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from daemon.cli.main import main
from daemon.store import audit
from tests.casework.conftest import OpenOffice
from tests.casework.test_erasure import KHALID, SARA, lived
from tests.casework.test_whole_life import NOURA, STAFF
from tests.integration.office import TEAM


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    monkeypatch.setattr("getpass.getuser", lambda: "root")
    return lambda *words: main(["--config", str(tmp_path / "shakwa.toml"), *words])


async def test_the_archive_holds_all_of_theirs_and_nothing_of_others(
    open_office: OpenOffice, run: Callable[..., int], tmp_path: Path
) -> None:
    async with open_office(**STAFF) as office:
        await lived(office)
        output = tmp_path / "khalid.zip"

        assert run("privacy", "export", "KHALID@example.sa", "--output", str(output)) == 0

        assert stat.S_IMODE(output.stat().st_mode) == 0o600
        with zipfile.ZipFile(output) as archive:
            names = archive.namelist()
            data = json.loads(archive.read("data.json"))
            page = archive.read("data.html").decode()
            everything = b"\n".join(archive.read(name) for name in names).decode("utf-8", "replace")
        [complaint] = data["complaints"]
        assert (complaint["email"], complaint["phone"]) == (KHALID, "+966541987650")
        assert complaint["request_number"] == "202612345"
        assert [one["channel"] for one in complaint["told"]].count("sms") >= 1
        assert any("نعمل على طلبكم" in one["text"] for one in complaint["told"])
        assert not any("نعمل على طلبكم" in one["text"] for one in complaint["said"]), "what staff wrote"
        assert [name for name in names if name.startswith("files/")] != []
        assert sum(name.endswith(".eml") for name in names) == 1
        assert [one["file"] for one in data["mails"]].count(None) == 1, "what nothing proves to be theirs"
        assert 'dir="rtl"' in page
        assert "استرداد مبلغ الضمان" in page
        for other in (SARA, NOURA, TEAM, "نورة", "سارة"):
            assert other not in everything


async def test_the_record_says_what_and_not_whose(
    open_office: OpenOffice, run: Callable[..., int], tmp_path: Path
) -> None:
    async with open_office(**STAFF) as office:
        await lived(office)

        assert run("privacy", "export", KHALID, "-o", str(tmp_path / "a.zip")) == 0

        newest = office.system.database.read_now(audit.latest)[0]
        assert (newest.act, newest.about) == ("person_exported", "")
        assert KHALID not in (newest.detail or "")


async def test_nothing_is_written_over_or_for_a_dry_run_or_of_nobody(
    open_office: OpenOffice,
    run: Callable[..., int],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (here := tmp_path / "here").mkdir()
    monkeypatch.chdir(here)
    async with open_office(**STAFF) as office:
        await lived(office)
        there = tmp_path / "there.zip"
        there.write_bytes(b"mine")

        assert run("privacy", "export", KHALID, "--output", str(there)) == 1
        assert there.read_bytes() == b"mine"
        assert run("privacy", "export", KHALID, "--dry-run", "--json") == 0
        assert json.loads(capsys.readouterr().out)["exported"] is False
        assert run("privacy", "export", "nobody@example.sa", "--output", str(tmp_path / "n.zip")) == 1
        assert not (tmp_path / "n.zip").exists()
        assert not list(here.iterdir())
        assert run("privacy", "export", KHALID) == 0
        (made,) = here.iterdir()
        assert made.name.startswith("export-"), "a name that is nobody's"
        assert made.stat().st_mode & 0o777 == 0o600
