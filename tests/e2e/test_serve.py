"""The daemon's life from outside: it ends in order, shares a mailbox, and is followed within seconds."""

from __future__ import annotations

import json
import signal
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from daemon.store import inbox, migrations, outbox
from daemon.store.database import Database
from tests.e2e.conftest import Forge, Run, RunPy
from tests.e2e.test_crash import Lineage, Workshop, empty_sqlite, workshop
from tests.integration.office import TEAM, mail
from tests.servers import free_port, wait_until
from tests.servers.postgres import Postgres

__all__ = ["empty_sqlite", "workshop"]  # fixtures


def complaints(count: int, first: int = 0) -> list[bytes]:
    return [
        mail(f"c{n}@example.sa", text=f"رقم الطلب: {800000 + n} متأخر\n", message_id=f"<{n}@x>")
        for n in range(first, first + count)
    ]


def serve(forge: Forge, lineage: Lineage) -> Run:
    run = forge.start(*lineage.arguments("serve"))
    wait_until(lambda: "started" in run.said or run.ended.is_set(), 20, "start")
    assert not run.ended.is_set(), run.said
    return run


def ends_within(run: Run, seconds: float) -> int:
    asked_at = time.monotonic()
    run.send(signal.SIGTERM)
    code = run.wait(seconds + 5)
    assert time.monotonic() - asked_at < seconds
    assert "Traceback" not in run.said
    return code


def test_sigterm_during_delivery_drains_and_repeats_nothing(forge: Forge, workshop: Workshop) -> None:
    with workshop.lineage(mails=complaints(30)) as lineage:
        lineage.smtp.delay_data_s = 0.05
        daemon = serve(forge, lineage)
        lineage.smtp.wait_for(6)

        code = ends_within(daemon, 10)
        taken_in_time = len(lineage.smtp.taken)
        forge.run(*lineage.arguments("once"))

        assert code == 0, daemon.said
        assert "stopped" in daemon.said
        assert taken_in_time < 60, "it was in the middle of its work"
        assert set(lineage.taken().values()) == {1}
        assert len(lineage.smtp.taken) == 60
        assert {row.state for row in lineage.rows()} == {"sent"}


def test_sigterm_while_the_relay_hangs_leaves_within_ten_seconds(forge: Forge, workshop: Workshop) -> None:
    with workshop.lineage(mails=complaints(8)) as lineage:
        lineage.smtp.delay_data_s = 60
        daemon = serve(forge, lineage)
        wait_until(lambda: lineage.smtp.commands.count("DATA") >= 4, 20, "four messages under way")

        code = ends_within(daemon, 10)
        lineage.smtp.delay_data_s = 0
        forge.run(*lineage.arguments("once"))

        assert code == 0, daemon.said
        assert {row.state for row in lineage.rows()} == {"sent"}
        assert len(lineage.taken()) == 16


def test_an_idle_daemon_leaves_at_once(forge: Forge, workshop: Workshop) -> None:
    with workshop.lineage(mails=complaints(1)) as lineage:
        daemon = serve(forge, lineage)
        wait_until(lambda: lineage.folders()["Processed"] == 1, 20, "the first mail")

        assert ends_within(daemon, 3) == 0


def test_a_mail_that_arrives_is_answered_without_waiting_for_the_poll(
    forge: Forge, workshop: Workshop
) -> None:
    with workshop.lineage(mails=[], mailbox={"poll_seconds": 3600}) as lineage:
        daemon = serve(forge, lineage)
        wait_until(lambda: "the mailbox is ours" in daemon.said, 20, "the mailbox")

        for number in range(3):
            lineage.box.drop(complaints(1, number), user=lineage.user)
            lineage.smtp.wait_for(2 * number + 2, 15)

        wait_until(lambda: lineage.folders()["Processed"] == 3, 10, "filing")
        assert ends_within(daemon, 10) == 0


def test_once_beside_a_daemon_says_so_does_the_rest_and_exits_0(forge: Forge, workshop: Workshop) -> None:
    with workshop.lineage(mails=[]) as lineage:
        daemon = serve(forge, lineage)
        wait_until(lambda: "the mailbox is ours" in daemon.said, 20, "the mailbox")

        run = forge.run(*lineage.arguments("once"))

        assert run.code == 0, run.said
        assert "another process holds the mailbox" in run.said
        assert ends_within(daemon, 10) == 0


def test_another_daemon_takes_over_within_seconds_of_a_kill_and_doubles_nothing(
    forge: Forge, workshop: Workshop, postgres_server: Postgres
) -> None:
    with workshop.lineage(postgres_server.create_database(), mails=complaints(20)) as lineage:
        first = serve(forge, lineage)
        wait_until(lambda: "the mailbox is ours" in first.said, 20, "the mailbox")
        second = serve(forge, lineage)
        lineage.smtp.wait_for(3)
        held_by_second = "the mailbox is ours" in second.said

        first.send(signal.SIGKILL)
        first.wait()
        killed_at = time.monotonic()
        lineage.box.drop(complaints(20, 20), user=lineage.user)
        wait_until(lambda: "the mailbox is ours" in second.said, 15, "takeover")
        taken_over_after_s = time.monotonic() - killed_at
        # Forty answers and forty notices. What the killed one had under way may come again.
        wait_until(
            lambda: (
                lineage.folders()["Processed"] == 40 and {row.state for row in lineage.rows()} == {"sent"}
            ),
            40,
            "everything",
        )
        code = ends_within(second, 10)

        assert not held_by_second
        assert taken_over_after_s < 10
        assert code == 0, second.said
        rows = lineage.rows()
        assert len(rows) == 80
        assert len(lineage.database.read_now(inbox.walk)) == 40
        taken = lineage.taken()
        assert set(taken) == {row.reference for row in rows}
        assert max(taken.values()) <= 2
        assert sum(taken.values()) <= 80 + 4, "no more than what was under way came twice"


def test_a_daemon_outlives_the_loss_of_every_database_session(
    forge: Forge, workshop: Workshop, postgres_server: Postgres
) -> None:
    url = postgres_server.create_database()
    with workshop.lineage(url, mails=complaints(3)) as lineage:
        daemon = serve(forge, lineage)
        lineage.smtp.wait_for(6)
        wait_until(lambda: lineage.folders()["Processed"] == 3, 20, "filing")

        postgres_server.cut_connections(url)
        lineage.database.engine.dispose()
        lineage.box.drop(complaints(3, 3), user=lineage.user)
        lineage.smtp.wait_for(12, 30)
        wait_until(lambda: lineage.folders()["Processed"] == 6, 20, "filing after the cut")

        assert ends_within(daemon, 10) == 0
        assert set(lineage.taken().values()) == {1}


def test_a_daemon_outlives_its_servers(forge: Forge, workshop: Workshop) -> None:
    port = free_port()
    with workshop.lineage(mails=complaints(2), smtp={"port": port}) as lineage:
        daemon = serve(forge, lineage)
        wait_until(lambda: lineage.folders()["Processed"] == 2, 20, "intake without a relay")
        lineage.box.stop()
        lineage.box.start()
        lineage.box.drop(complaints(1, 2), user=lineage.user)

        wait_until(lambda: lineage.folders()["Processed"] == 3, 30, "intake after the restart")
        assert {row.state for row in lineage.rows()} <= {"queued", "claimed"}
        assert ends_within(daemon, 10) == 0


# --- what a person at the terminal sees -------------------------------------------------------------------


def changed(lineage: Lineage, replace: Callable[[str], str]) -> Path:
    path = lineage.config.with_name("changed.toml")
    path.write_text(replace(lineage.config.read_text()))
    return path


def lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


def test_a_configuration_with_five_mistakes_gives_five_lines(run_py: RunPy, workshop: Workshop) -> None:
    with workshop.lineage(mails=[]) as lineage:
        path = changed(
            lineage,
            lambda text: (
                text.replace("[mailbox]", "[mailbox]\ncolour = 1")
                .replace('security = "none"', 'security = "maybe"', 1)
                .replace("public_url", "publik_url")
                .replace('gateway = "unifonic"', 'gateway = "pigeon"')
                .replace(f"port = {lineage.smtp.port}", "port = 700000")
            ),
        )
        # `publik_url` is two: an unknown key, and the required one is missing.
        for command in (["once"], ["serve"], ["tickets", "list"], ["doctor"]):
            run = run_py(*command, config=path)

            assert run.returncode == 1, command
            assert len(lines(run.stderr)) == 6, run.stderr
            assert "Traceback" not in run.stderr


def test_servers_that_are_not_there_put_everything_off(forge: Forge, workshop: Workshop) -> None:
    nowhere = {"smtp": {"port": free_port()}, "sms.unifonic": {"url": f"http://127.0.0.1:{free_port()}/m"}}
    with workshop.lineage(mails=[mail()], **nowhere) as lineage:
        run = forge.run(*lineage.arguments("once"))

        assert run.code == 0, run.said
        assert {row.state for row in lineage.rows()} == {"queued"}
        assert lineage.folders()["Processed"] == 1


@pytest.mark.parametrize("what", ["password", "port"])
def test_a_mailbox_that_cannot_be_entered_is_one_line_and_the_rest_is_done(
    forge: Forge, workshop: Workshop, what: str
) -> None:
    with workshop.lineage(mails=complaints(1)) as lineage:
        lineage.smtp.rcpt["*"] = ["450 4.2.1 later"] * 9
        forge.run(*lineage.arguments("once"))
        for row in lineage.rows():
            lineage.database.transact_now(outbox.retry, row.id, row.created_at)
        lineage.smtp.rcpt.clear()
        wrong = f"port = {lineage.box.port}" if what == "port" else f'password = "{lineage.box.password}"'
        right = f"port = {free_port()}" if what == "port" else 'password = "wrong"'
        path = changed(lineage, lambda text: text.replace(wrong, right))

        run = forge.run("--config", str(path), "once")

        assert run.code == 1
        assert [line for line in lines(run.said) if line.startswith("run.py: the mailbox cannot be read")]
        assert "Traceback" not in run.said
        assert len(lineage.smtp.messages_to(TEAM)) == 1, "what waited was sent all the same"


def test_wrong_numbers_and_wrong_use_have_their_exit_codes(run_py: RunPy, workshop: Workshop) -> None:
    with workshop.lineage(mails=[]) as lineage:
        for argv, code in (
            (["tickets", "show", "FRS-2026-000001-7"], 1),
            (["tickets", "show", "FRS-2026-000001-8"], 1),
            (["tickets", "show", "hello"], 1),
            (["tickets", "shwo", "x"], 2),
            (["outbox", "show", "seven"], 2),
            ([], 2),
        ):
            run = run_py(*argv, config=lineage.config)

            assert run.returncode == code, (argv, run.stderr)
            assert "Traceback" not in run.stderr
            assert code == 2 or len(lines(run.stderr)) == 1
            assert run.stdout == ""


def test_no_configuration_and_a_missing_one_are_one_line(run_py: RunPy, tmp_path: Path) -> None:
    for config in (None, tmp_path / "nowhere.toml", tmp_path):
        run = run_py("tickets", "list", config=config)

        assert run.returncode == (2 if config is None else 1), "wrong use, or a file that cannot be read"
        assert len(lines(run.stderr)) == 1, run.stderr


def test_a_database_that_cannot_be_used_is_one_line(run_py: RunPy, workshop: Workshop) -> None:
    with workshop.lineage(mails=[]) as lineage:
        dead = changed(
            lineage,
            lambda text: text.replace(
                lineage.database.url, f"postgresql://nobody@127.0.0.1:{free_port()}/nowhere"
            ),
        )
        lineage.database.engine.dispose()
        path = lineage.database.path
        assert path is not None
        with sqlite3.connect(path) as raw:
            raw.execute("UPDATE alembic_version SET version_num = '9999'")
        raw.close()

        runs = [run_py("once", config=dead), run_py("tickets", "list", config=lineage.config)]

        for run in runs:
            assert run.returncode == 1
            assert len(lines(run.stderr)) == 1, run.stderr
        assert "newer version (9999)" in runs[1].stderr


def test_run_py_takes_a_complaint_from_the_mailbox_to_its_answer(run_py: RunPy, workshop: Workshop) -> None:
    with workshop.lineage(mails=[mail()]) as lineage:
        once = run_py("once", config=lineage.config)
        listed = run_py("tickets", "list", "--json", config=lineage.config)

        assert once.returncode == 0, once.stderr
        (ticket,) = json.loads(listed.stdout)
        assert (ticket["state"], ticket["requester"]["phone"]) == ("open", "+966501234567")
        assert len(lineage.smtp.taken) == 2
        assert len(lineage.sms.sent) == 1


def test_tables_of_an_empty_postgresql_are_made_at_the_first_start(
    forge: Forge, workshop: Workshop, postgres_server: Postgres
) -> None:
    url = postgres_server.create_database()
    with workshop.lineage(url, mails=[mail()]) as lineage:
        run = forge.run(*lineage.arguments("once"))

        assert run.code == 0, run.said
        database = Database(url)
        assert database.read_now(migrations.current) == migrations.HEAD
        database.close()
        assert len(lineage.smtp.taken) == 2
