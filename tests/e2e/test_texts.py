"""What is said survives a broken file, a kill and a restart; a way back is carried by the next message."""

from __future__ import annotations

import shutil
import signal
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from daemon import resources
from daemon.store import texts
from tests.e2e.conftest import Forge, RunPy
from tests.e2e.test_crash import Lineage, Workshop, empty_sqlite, workshop
from tests.e2e.test_serve import complaints, ends_within, serve
from tests.servers import wait_until

__all__ = ["empty_sqlite", "workshop"]  # fixtures

TEXT = "ar/received.email.md"
OURS = "وصلتنا رسالتكم، وهي محل عنايتنا."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The ministry's own folder of texts."""
    copied = tmp_path / "texts"
    shutil.copytree(resources.templates(), copied)
    return copied


def reword(folder: Path) -> None:
    """An admin adds a sentence at the end."""
    with (folder / TEXT).open("a") as file:
        file.write(f"\n\n{OURS}\n")


def states(lineage: Lineage) -> list[tuple[str, str]]:
    return [(one.door, one.state) for one in lineage.database.read_now(texts.history, TEXT)]


def answers(lineage: Lineage, number: int) -> str:
    """The words of what the writer of complaint `number` got."""
    wanted = f"c{number}@example.sa"
    wait_until(lambda: any(wanted in one.rcpt_to for one in lineage.smtp.taken), 30, "the answer")
    (taken,) = (one for one in lineage.smtp.taken if wanted in one.rcpt_to)
    message = message_from_bytes(taken.content, policy=policy.default)
    body = message.get_body(("plain",))  # type: ignore[attr-defined]
    assert body is not None
    found: str = body.get_content()
    return found


def test_after_a_broken_file_a_kill_and_a_restart_the_last_good_words_go_out(
    forge: Forge, workshop: Workshop, folder: Path
) -> None:
    changed = {"service": {"templates_dir": str(folder), "operator": "operator@momah.gov.sa"}}
    with workshop.lineage(mails=complaints(1), **changed) as lineage:
        daemon = serve(forge, lineage)
        assert OURS not in answers(lineage, 0)
        reword(folder)
        wait_until(lambda: ("file", "in_force") in states(lineage), 30, "the revision")

        (folder / TEXT).write_text("---\nsubject: ((لا أحد))\n---\n[[ ((مكسور")
        wait_until(lambda: "is not used" in daemon.said, 30, "the refusal")
        daemon.send(signal.SIGKILL)
        daemon.wait()
        lineage.box.drop(complaints(1, 1), user=lineage.user)
        restarted = serve(forge, lineage)

        assert OURS in answers(lineage, 1)
        assert states(lineage) == [("shipped", "superseded"), ("file", "in_force")]
        assert ends_within(restarted, 10) == 0
        (folder / TEXT).unlink()
        lineage.box.drop(complaints(1, 2), user=lineage.user)
        assert forge.run(*lineage.arguments("once")).code == 0
        assert OURS in answers(lineage, 2), "a file that is gone takes nothing with it"


def test_a_way_back_by_command_is_carried_by_the_next_mail_of_a_running_daemon(
    forge: Forge, workshop: Workshop, folder: Path, run_py: RunPy
) -> None:
    reword(folder)
    with workshop.lineage(mails=complaints(1), service={"templates_dir": str(folder)}) as lineage:
        daemon = serve(forge, lineage)
        assert OURS in answers(lineage, 0), "what was changed before the first start counts"
        shipped = lineage.database.read_now(texts.history, TEXT)[0].revision

        done = run_py("templates", "rollback", "received", shipped, "--why", "خطأ", config=lineage.config)
        assert done.returncode == 0, done.stderr
        wait_until(lambda: daemon.said.count("texts changed") >= 2, 20, "the daemon to follow")
        lineage.box.drop(complaints(1, 1), user=lineage.user)

        assert OURS not in answers(lineage, 1)
        assert ends_within(daemon, 10) == 0
        history = run_py("templates", "history", "received", "--json", config=lineage.config)
        assert '"sent": 1' in history.stdout
