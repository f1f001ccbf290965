"""`init` as a process: its answers through a pipe, typed at a terminal, and broken off by Ctrl-C."""

from __future__ import annotations

import contextlib
import os
import pty
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from daemon.config import load
from tests.servers import Patience

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = [sys.executable, str(ROOT / "run.py")]
ANSWERS = (
    *("infocs@momah.gov.sa", "", "", "", "سرّ البريد", "", "", "", "", ""),
    *("https://shakwa.momah.gov.sa", "operator@momah.gov.sa", "shadow", "", "care@momah.gov.sa", "", ""),
    *("", "", "", "", "سارة <sara@momah.gov.sa>", ""),
)


def test_answers_through_a_pipe_make_a_configuration_that_the_program_takes(tmp_path: Path) -> None:
    config = tmp_path / "new" / "shakwa.toml"

    done = subprocess.run(
        [*PROGRAM, "--config", str(config), "init", "--no-units"],
        input="".join(f"{line}\n" for line in ANSWERS).encode(),
        capture_output=True,
        check=False,
        timeout=120,
    )

    assert (done.returncode, done.stderr.decode()) == (0, "")
    assert load(config).service.is_shadow
    assert "سرّ البريد" not in done.stdout.decode()
    listed = subprocess.run(
        [*PROGRAM, "--config", str(config), "tickets", "list", "--json"],
        capture_output=True,
        check=True,
        timeout=120,
    )
    assert listed.stdout == b"[]\n"


@contextmanager
def typing(config: Path) -> Iterator[tuple[int, int]]:
    """The process on a terminal of its own: its id, and the terminal."""
    child, terminal = pty.fork()
    if not child:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # a shell that runs the tests behind it ignores it
        os.execv(PROGRAM[0], [*PROGRAM, "--config", str(config), "init", "--no-units"])
    try:
        yield child, terminal
    finally:
        os.close(terminal)
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)


def read_until(terminal: int, words: str, shown: bytearray, again: bytes = b"") -> None:
    """`again` is pressed once more while nothing comes: a terminal forgets what is typed around a signal."""
    patience = Patience(20)
    start = len(shown)
    while words.encode() not in shown[start:]:
        assert not patience.is_over, shown.decode(errors="replace")
        if select.select([terminal], [], [], 0.5)[0]:
            shown += os.read(terminal, 4096)
        elif again:
            os.write(terminal, again)


def test_a_password_that_is_typed_is_not_shown_and_ctrl_c_leaves_nothing(tmp_path: Path) -> None:
    config, shown = tmp_path / "new" / "shakwa.toml", bytearray()
    with typing(config) as (child, terminal):
        steps = (
            ("citizens write to: ", "infocs@momah.gov.sa"),
            ("IMAP server", ""),
            ("lets us in", ""),
            ("Its login", ""),
            ("login's password: ", "never-shown"),
            ("mail leaves", "\x03"),
        )
        for words, answer in steps:
            read_until(terminal, words, shown)
            os.write(terminal, answer.encode() + (b"" if answer == "\x03" else b"\n"))
        read_until(terminal, "interrupted", shown, again=b"\x03")
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    assert code == 1
    assert b"never-shown" not in shown
    assert b"Traceback" not in shown
    assert list(tmp_path.iterdir()) == []
