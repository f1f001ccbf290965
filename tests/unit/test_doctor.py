"""What `doctor` says of the interpreter, and by which word each line begins."""

from __future__ import annotations

from pathlib import Path

import pytest

from daemon.cli import doctor, doctor_python
from daemon.cli.doctor import Part, examined
from daemon.cli.doctor_mail import NeedsAPerson, Unwell
from daemon.reading.process import WorkersUnavailable
from tests.unit.test_doctor_mail import config


@pytest.mark.parametrize(
    ("found", "part"),
    [
        ("all is well", Part("border", "ok", "all is well")),
        (NeedsAPerson("look here"), Part("border", "WARN", "look here")),
        (Unwell("mend this"), Part("border", "FAIL", "mend this")),
    ],
)
async def test_what_needs_a_person_is_a_warning_and_no_failure(found: str | Unwell, part: Part) -> None:
    async def check() -> str:
        if isinstance(found, Unwell):
            raise found
        return found

    assert await examined("border", check) == part


class Pool:
    """A pool whose workers start, with or without a filter of system calls."""

    def __init__(self, is_filtered: bool) -> None:
        self.is_filtered = is_filtered
        self.places = 2
        self.limits = type("Limits", (), {"memory_bytes": 2**28, "cpu_s": 2.0, "time_s": 60.0})

    def check(self) -> bool:
        return self.is_filtered

    def close(self) -> None:
        pass


@pytest.mark.parametrize(
    "holes, unknown, is_filtered, needs_a_person",
    [
        ([], [], True, False),
        (["CVE-2025-8194 in tarfile"], [], True, True),
        ([], ["cannot tell whether it has a hole"], True, False),
        ([], [], False, True),
    ],
)
async def test_known_holes_and_a_missing_filter_are_warnings_and_a_doubt_is_only_said(
    holes: list[str],
    unknown: list[str],
    is_filtered: bool,
    needs_a_person: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("daemon.rulebook.pool_of", lambda config: Pool(is_filtered))
    monkeypatch.setattr(doctor_python, "doubts", lambda: (holes, unknown))

    found = await doctor._reading(config(tmp_path))

    assert isinstance(found, NeedsAPerson) is needs_a_person
    assert all(one in found for one in (*holes, *unknown))


async def test_workers_that_do_not_start_are_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = Pool(True)

    def check() -> bool:
        raise WorkersUnavailable("no memory")

    monkeypatch.setattr(pool, "check", check)
    monkeypatch.setattr("daemon.rulebook.pool_of", lambda config: pool)

    with pytest.raises(Unwell, match="worker_memory_mb"):
        await doctor._reading(config(tmp_path))


async def test_no_scanner_no_team_and_links_of_this_machine_are_warnings(tmp_path: Path) -> None:
    found = config(tmp_path)
    alone = found.model_copy(update={"teams": []})

    assert isinstance(await doctor._scanner(found), NeedsAPerson)
    assert isinstance(await doctor._staff(alone), NeedsAPerson)
    assert not isinstance(await doctor._staff(found), NeedsAPerson)
