"""For any text: nothing of the person's is lost silently, nothing raises, and time stays linear."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.mail.quoting.new_text import new_text
from tests.growth import assert_grows_linearly

MARKER = "## الرجاء الرد أعلى هذا السطر ##"

WORDS = st.sampled_from(
    re.findall(
        r"\S+",
        "السلام عليكم أرجو الإفادة عن الطلب رقم 12345 كتب كتبت لي من إلى في بتاريخ يوم الأحد"
        " 3 مارس 2024 الموضوع التاريخ تم الإرسال الموظف أرسلت جوالي ١١:٢٢"
        " please help me on Sunday wrote sent from: to: subject a@b.sa"
        " > -- --- : ، . ؟ * # | الرسالة الأصلية",
    )
)
LINES = st.lists(st.lists(WORDS, max_size=9).map(" ".join), min_size=1, max_size=8)
ATTRIBUTIONS = st.sampled_from(
    [
        "في الاثنين، 17 أغسطس 2026 في 3:53 م تمت كتابة ما يلي بواسطة فرص <infocs@momah.gov.sa>:",
        "في ٣ مارس ٢٠٢٤، الساعة ١١:٢٢ ص، كتب/كتبت فرص <infocs@momah.gov.sa>:",
        "من: فرص <infocs@momah.gov.sa>\nتم الإرسال: الأحد، 3 مارس 2024\nإلى: محمد\nالموضوع: شكوى",
        "On Sun, Mar 3, 2024 at 11:22 AM Furas <infocs@momah.gov.sa> wrote:",
        "-----Original Message-----",
        MARKER,
    ]
)
SECRET = "مقتبس-قديم"
"""A word that only the quoted history holds."""


def words(text: str) -> set[str]:
    """Letters and digits only: signs of decoration may go."""
    return set("".join(sign if sign.isalnum() else " " for sign in text).split())


@given(LINES, ATTRIBUTIONS)
def test_every_word_above_a_quotation_is_found_or_the_doubt_is_told(lines: list[str], header: str) -> None:
    written = "\n".join(lines)

    found = new_text(f"{written}\n\n{header}\n\n> {SECRET}\n> {SECRET}\n", MARKER)

    own = "\n".join(line for line in lines if not line.lstrip().startswith(">"))
    if found.certain and "--" not in own:
        assert words(own) <= words(found.text) | words(header)


@given(LINES)
def test_every_word_of_a_letter_without_a_quotation_is_found(lines: list[str]) -> None:
    written = "\n".join(line for line in lines if not line.lstrip(" *|").startswith((">", "-")))

    found = new_text(written, MARKER)

    if found.certain and found.how == "no_quotation":
        assert words(written) - words(found.text) <= words("sent from جوالي أرسلت من a b sa *")


@given(LINES, ATTRIBUTIONS)
def test_history_below_a_plain_introduction_never_counts_as_new(lines: list[str], header: str) -> None:
    found = new_text("\n".join([*lines, "", header, "", SECRET]), MARKER)

    assert SECRET not in found.text or not found.certain


@given(st.text(), st.lists(st.one_of(LINES.map("\n".join), ATTRIBUTIONS, st.text(max_size=30)), max_size=6))
def test_any_text_is_read_and_what_was_found_stays_as_it_is(text: str, pieces: list[str]) -> None:
    mail = "\n".join([text, *pieces])

    found = new_text(mail, MARKER)
    again = new_text(found.text, MARKER)

    assert bool(found.text) == bool(mail.strip())
    assert again.text == found.text


@given(st.text(alphabet=st.sampled_from("ab>:-_ \nكتب#@<1"), max_size=200))
def test_something_is_always_left_of_a_text_that_says_something(text: str) -> None:
    assert bool(new_text(text, MARKER).text) == bool(text.strip())


HOSTILE = [
    ">",
    "> ",
    "في ",
    "On ",
    "From:",
    "من: ",
    "_",
    "-- ",
    "-",
    "1",
    "1:",
    "12:34 ",
    "a@",
    "@",
    "<",
    "(",
    "كتب ",
    "wrote ",
    "on 1 ",
    "On Mon, 1 Jan 2024 11:22 a@b.c ",
    "sent from my ",
    "\u200f",
    "\u064b",
    "#",
    " ",
    "\t",
    "*",
    "في 1 11:22 ",
    "From: a@b.c Sent: 1/1/2024 ",
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_no_repetition_costs_more_than_linear_time(piece: str) -> None:
    def cut(n: int) -> None:
        for line in (f"{piece}\n", f"{piece * 40}\n", piece):
            new_text(line * (n // len(line)), MARKER)

    assert_grows_linearly(cut, lambda n: n, 1_000)


@pytest.mark.parametrize("line", ["> a\n", "On 3/3/24 11:22 a@b.c\n", "من: a@b.c\n"])
def test_more_lines_than_anybody_writes_cost_linear_time(line: str) -> None:
    assert_grows_linearly(lambda text: new_text(text, MARKER), lambda n: line * (n // len(line)), 5_000)
