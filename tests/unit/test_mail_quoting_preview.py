"""The hidden line above our marker comes back in replies; nobody wrote it."""

from __future__ import annotations

import pytest

from daemon.mail.letter.html_text import readable_text
from daemon.mail.quoting.new_text import new_text
from daemon.templating.engine import MARKER
from tests.each import each
from tests.texts.test_templating_golden import as_sent, contexts, shipped

WRITTEN = "شكرًا لكم، هذا رقم الطلب 4501728."
ZWNJ, CGJ, NBSP = "\u200c", "\u034f", "\xa0"


def quoted(name: str = "staff_new", language: str = "ar") -> str:
    """What a program without any introduction of its own makes of our HTML part."""
    return readable_text(as_sent(shipped()[language], name, contexts(name)["usual"]).html)


def wrapped(text: str) -> str:
    first, _, rest = text.partition("\n")
    return "\n".join([*(first[at : at + 60] for at in range(0, len(first), 60)), rest])


@each("language", ["ar", "en"])
@each("name", ["received", "info_requested", "staff_new", "staff_note"])
@each("prefix", ["", "> ", ">", "| "])
@each("shape", [str, wrapped], ids=["long", "wrapped"])
def test_our_preview_above_the_marker_is_no_word_of_the_writer(
    language: str, name: str, prefix: str, shape: type[str]
) -> None:
    below = "\n".join(f"{prefix}{line}" for line in shape(quoted(name, language)).split("\n"))

    found = new_text(f"{WRITTEN}\n\n{below}\n", MARKER[language])

    assert (found.text, found.certain, found.how) == (WRITTEN, True, "marker")


@pytest.mark.parametrize(
    "made",
    [
        lambda text: text.encode("windows-1256", "replace").decode("windows-1256"),  # no U+034F in it
        lambda text: text.encode("iso-8859-6", "replace").decode("iso-8859-6"),  # nor the other
        lambda text: text.replace(NBSP, " ").replace("  ", " "),
        lambda text: text.replace(CGJ, ""),
        lambda text: text.replace("\n", " ", 1),  # run together with the marker
    ],
    ids=["windows-1256", "iso-8859-6", "blanks", "no-joiner", "run-together"],
)
def test_it_is_known_in_what_programs_make_of_it(made: object) -> None:
    assert callable(made)

    found = new_text(f"{WRITTEN}\n\n{made(quoted())}\n", MARKER["ar"])

    assert found.text == WRITTEN


def test_what_is_written_between_it_and_the_marker_stays() -> None:
    preview, _, rest = quoted().partition("\n")

    found = new_text(f"{preview}\n{WRITTEN}\n{rest}", MARKER["ar"])

    assert found.text == WRITTEN


@pytest.mark.parametrize(
    "text",
    [
        "می\u200cخواهم درخواست\u200cهای خود را پیگیری کنم.",  # Persian joins with it
        f"نص{ZWNJ * 3} ثم كلام",
        f"{ZWNJ * 3}كلام كثير ",
        "لماذا لم يصلني الرد??? أنتظر منذ شهر ?? ?? ?? متى؟",
        "لماذا??? لم يصلني الرد" + "?" * 60,
        f"كلام {ZWNJ} {ZWNJ} {ZWNJ} {ZWNJ} {ZWNJ}",
    ],
)
def test_a_person_may_write_the_same_signs(text: str) -> None:
    found = new_text(f"{text}\n\n{MARKER['ar']}\nنص", MARKER["ar"])

    assert found.text == text.strip()
