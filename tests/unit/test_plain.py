"""What reaches a terminal steers nothing, whichever command prints it."""

from __future__ import annotations

import io
import json
import logging
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.cli import journal
from daemon.cli.context import print_json, print_line, print_table
from daemon.cli.output import covered, terminal, write_octets
from daemon.cli.progress import ProgressLine
from daemon.plain import one_line, visible
from daemon.sandbox.screen import Screen

HOSTILE = "\x1b]0;x\x07\x1b[2J\r\x08\x7f\x9b1m\x85\u2028\u202eexe.\u2066\ufeff\ud800\U000e0041"
STEERING = {"\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2066", "\u2067", "\u2068", "\u2069"}


def steers(text: str) -> list[str]:
    """The characters that a terminal obeys, by their class in Unicode and not by our own list."""
    return [
        one
        for one in text
        if (unicodedata.category(one) in ("Cc", "Cs", "Zl", "Zp") and one not in "\n\t")
        or one in STEERING
        or "\U000e0000" <= one <= "\U000e007f"
    ]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@given(st.text())
def test_nothing_that_steers_is_left_and_all_else_stands(text: str) -> None:
    shown = visible(text)

    assert steers(shown) == []
    assert len(one_line(text).splitlines()) <= 1
    assert visible(shown) == shown
    if not steers(text) and not any(one in text for one in "\ufeff\ufff9\ufffa\ufffb\ufffe\uffff"):
        assert shown == text


@pytest.mark.parametrize(
    "text",
    ["شكوى رقم\u200f ٤٢\u200e\u061c", "می\u200cخواهم", "👨\u200d👩\u200d👧", "a\tb\nc", "Zoë – ñ"],
)
def test_what_people_write_stands_as_it_is(text: str) -> None:
    assert visible(text) == text


@given(st.dictionaries(st.text(), st.text()))
def test_a_json_document_stays_the_same_document(document: dict[str, str]) -> None:
    shown = visible(json.dumps(document, ensure_ascii=False))

    assert steers(shown) == []
    assert json.loads(shown) == document


def terminals(monkeypatch: pytest.MonkeyPatch) -> tuple[io.StringIO, io.StringIO]:
    """Both streams of the process, as terminals."""
    out, errors = Terminal(), Terminal()
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", errors)
    return out, errors


def test_whatever_prints_is_covered(monkeypatch: pytest.MonkeyPatch) -> None:
    streams = out, _ = terminals(monkeypatch)

    with covered():
        print(HOSTILE)
        print(HOSTILE, file=sys.stderr)
        sys.stdout.write(HOSTILE)
        sys.stdout.writelines([HOSTILE])
        print_line(f"{HOSTILE}\nforged")
        print_table(("A", "B"), [(f"{HOSTILE}\nforged", 1)])
        print_json({"text": HOSTILE})
        write_octets(HOSTILE.encode("utf-8", "replace"))

    assert (sys.stdout, sys.stderr) == streams
    for stream in streams:
        assert steers(stream.getvalue()) == []
        assert "\\u001b[2J" in stream.getvalue()
    assert not any(line.startswith("forged") for line in out.getvalue().splitlines())


def test_octets_reach_a_file_as_they_are(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    with covered():
        write_octets(b"\x1b[2J\r\n\xff")

    assert capfdbinary.readouterr().out == b"\x1b[2J\r\n\xff"


def test_what_we_mean_for_the_terminal_reaches_it(monkeypatch: pytest.MonkeyPatch) -> None:
    _, errors = terminals(monkeypatch)

    with covered():
        line = ProgressLine()
        line.show(f"copying {HOSTILE}")
        line.close()
        assert terminal(sys.stderr) is errors

    written = errors.getvalue()
    assert written.startswith("\r\x1b[Kcopying \\u001b]0;x")
    assert steers(written.replace("\r\x1b[K", "")) == []


def test_the_play_paints_with_its_own_colours_alone() -> None:
    out = Terminal()
    screen = Screen(out)

    screen.title(HOSTILE)
    screen.act(HOSTILE)
    screen.step(HOSTILE, HOSTILE)
    screen.tell(HOSTILE)
    screen.quote([HOSTILE], HOSTILE)
    screen.verified(HOSTILE)
    screen.line(HOSTILE)
    screen.table([HOSTILE, "B"], [[HOSTILE, HOSTILE]])

    painted = out.getvalue()
    for code in ("\x1b[1m", "\x1b[2m", "\x1b[32m", "\x1b[36m", "\x1b[0m"):
        painted = painted.replace(code, "")
    assert steers(painted) == []


def test_a_value_makes_no_line_in_the_log() -> None:
    record = logging.makeLogRecord({"msg": "given up", "detail": f"550\nERROR forged {HOSTILE}"})

    line = journal._Fields("%(message)s").format(record)

    assert line.startswith("given up detail=550\\u000aERROR forged")
    assert steers(line) == []
