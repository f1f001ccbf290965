"""`FRS-YYYY-NNNNNN-C`: making it, checking it, and finding it in what people write."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.workflow.ticket_number import check_digit, find_numbers, format_number, is_valid, normalise
from tests.each import each

NUMBER = "FRS-2026-000123-7"
DIGITS = "20260001237"
ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
PERSIAN = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
FULL_WIDTH = str.maketrans("0123456789FRS", "０１２３４５６７８９ＦＲＳ")
RLM, LRM, FSI, PDI, ALM = "\u200f", "\u200e", "\u2068", "\u2069", "\u061c"

years = st.integers(1000, 9999)
counters = st.integers(1, 999_999)


@pytest.mark.parametrize(
    ("digits", "check"),
    [
        ("0794", "5"),  # ISO/IEC 7064:2003, 10.1.2, "Example"
        ("79462", "3"),  # and numbers published elsewhere under the same scheme
        ("00200667308", "5"),
        ("8609574271", "9"),  # German tax identification number, the tax office's example
        ("3339200596", "1"),  # Croatian personal identification number
    ],
)
def test_the_check_digit_is_iso_7064_mod_11_10(digits: str, check: str) -> None:
    assert check_digit(digits) == check


@pytest.mark.parametrize("bad", ["", "12a4", "١٢٣", "-123", "1 2"])
def test_a_check_digit_is_taken_over_ascii_digits_only(bad: str) -> None:
    with pytest.raises(ValueError):
        check_digit(bad)


def test_a_number_shows_year_counter_and_check_digit() -> None:
    assert format_number(2026, 123) == NUMBER


@given(years, st.integers(1, 999_999_999))
def test_every_number_made_is_valid_and_found_again(year: int, counter: int) -> None:
    number = format_number(year, counter)

    assert is_valid(number)
    assert find_numbers(f"بخصوص الشكوى [{number}] أرجو الرد") == [number]
    assert find_numbers(number.replace("-", "")) == [number]
    assert normalise(number) == number
    assert normalise(number.removeprefix("FRS").replace("-", "")) == number


@given(years, counters, st.integers(0, 10), st.integers(1, 9))
def test_every_single_wrong_digit_is_noticed(year: int, counter: int, place: int, change: int) -> None:
    digits = [*format_number(year, counter).replace("-", "").removeprefix("FRS")]
    digits[place] = str((int(digits[place]) + change) % 10)
    wrong = "".join(digits)

    assert normalise(wrong) is None
    assert find_numbers(f"FRS{wrong}") == []


@given(years, counters, st.integers(0, 9))
def test_swapped_neighbours_are_noticed_but_for_few(year: int, counter: int, place: int) -> None:
    digits = format_number(year, counter).replace("-", "").removeprefix("FRS")
    swapped = digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :]

    # Whatever the scheme lets through, it is never read as the number that was meant.
    if swapped != digits:
        assert normalise(swapped) != format_number(year, counter)


@pytest.mark.parametrize(("year", "counter"), [(999, 1), (10_000, 1), (2026, 0), (2026, -1), (2026, 10**9)])
def test_an_impossible_year_or_counter_is_refused(year: int, counter: int) -> None:
    with pytest.raises(ValueError):
        format_number(year, counter)


def test_the_millionth_complaint_of_a_year_gets_a_longer_number() -> None:
    number = format_number(2026, 1_000_000)

    assert number.startswith("FRS-2026-1000000-")
    assert find_numbers(f"{number} 5 أيام") == [number]


@pytest.mark.parametrize(
    "number",
    [
        "",
        "FRS-2026-000123-8",
        "frs-2026-000123-7",
        "FRS-2026-123-7",
        "FRS-2026-0000123-7",
        "FRS-2026-000000-0",
        "FRS20260001237",
        " FRS-2026-000123-7",
        "FRS-2026-000123-7\n",
        "FRS-٢٠٢٦-٠٠٠١٢٣-٧",
    ],
)
def test_only_the_canonical_form_is_valid(number: str) -> None:
    assert not is_valid(number)


def test_a_counter_is_not_nought_and_not_padded_beyond_six_digits() -> None:
    for digits in ("2026000000", "20260000123"):
        number = f"FRS-2026-{digits[4:]}-{check_digit(digits)}"

        assert not is_valid(number)
        assert find_numbers(number) == []
        assert normalise(number) is None


WRITTEN = [
    NUMBER,
    NUMBER.lower(),
    "Frs-2026-000123-7",
    f"[{NUMBER}]",
    f"({NUMBER})",
    f"«{NUMBER}»",
    f"Re: شكوى [{NUMBER}]",
    f"رد: {NUMBER}: شكوى",
    f"#{NUMBER}",
    f"{NUMBER}.",
    f"{NUMBER}، وشكرا",
    f"والشكوى{NUMBER}",
    "FRS20260001237",
    "FRS 2026 000123 7",
    "FRS_2026_000123_7",
    "FRS/2026/000123/7",
    "FRS: 2026-000123-7",
    "FRS-2026000123-7",
    "FRS-20260001237",
    "FRS - 2026 - 000123 - 7",
    "FRS‐2026‐000123‐7",
    "FRS–2026—000123−7",
    "FRS\uff0d2026\uff0d000123\uff0d7",
    "FRS 2 0 2 6 0 0 0 1 2 3 7",
    "FRS-2026-000 123-7",
    "FRS\u00a02026\u202f000123\u00a07",
    "رقم الشكوى\u00a0: 20260001237",
    "إشارة للشكوى رقم 20260001237",
    "FRS-2026-\n000123-7",
    f"{NUMBER} 5 أيام",
    f"{NUMBER} 0501234567",
    NUMBER.translate(ARABIC),
    NUMBER.translate(PERSIAN),
    NUMBER.translate(FULL_WIDTH),
    "frs٢٠٢٦٠٠٠١٢٣٧",
    f"{FSI}{NUMBER}{PDI}",
    f"FRS{LRM}-{RLM}2026{RLM}-000{ALM}123-{LRM}7",
    "رقم الشكوى: ٢٠٢٦٠٠٠١٢٣٧",
    "رقم الشكوى ٢٠٢٦-٠٠٠١٢٣-٧",
    "رقم الشكوى 20260001237",
    "رقم الشكوى: FRS-2026-000123-7",
    "رقم الشكوى هو 20260001237",
    f"رقم الشكوى{RLM}: {FSI}٢٠٢٦٠٠٠١٢٣٧{PDI}",
    "رَقَم الشّكوى: 20260001237",
    "رقم الشكوي 20260001237",
    "رقم شكواي 20260001237",
    "الشكوى رقم 20260001237",
    "بخصوص الشكوى رقم (20260001237)",
    "شكوى برقم 20260001237",
    "رقم الشكوى:\n20260001237",
    "complaint number: 20260001237",
    "Complaint No. 2026 000123 7",
    "complaint #20260001237",
]


@each("text", WRITTEN)
def test_a_number_is_found_however_it_is_written(text: str) -> None:
    assert find_numbers(text) == [NUMBER]


@each(
    "text",
    [
        "",
        "لا رقم هنا",
        DIGITS,
        f"الرقم {DIGITS}",
        f"رقم الطلب {DIGITS}",
        f"رقم الهوية {DIGITS}",
        f"لدي شكوى. {DIGITS}",
        f"رقم الشكوى غير معروف، جوالي {DIGITS}",
        f"OFFRS{DIGITS}",
        "XFRS-2026-000123-7",
        "FRS",
        "FRS-2026",
        "FRS-2026-000123",
        "FRS-2026-000123-8",
        "FRS-2026-000123-77",
        "FRS-2026-000123-7999999999999999",
        "رقم الشكوى: 2026000123",
        "رقم الشكوى: 20260001238",
        "FRSA-2026-000123-7",
        "FRS-०२०२६-000123-7",
    ],
)
def test_nothing_else_is_a_number(text: str) -> None:
    assert find_numbers(text) == []


def test_several_numbers_come_in_order_and_once_each() -> None:
    other = format_number(2027, 45)

    assert find_numbers(f"{other} و{NUMBER} ثم {other.lower()}، FRS-2026-000123-8") == [other, NUMBER]


@pytest.mark.parametrize(
    "text",
    [
        NUMBER,
        f" {NUMBER} ",
        f"[{NUMBER}]",
        NUMBER.lower(),
        DIGITS,
        DIGITS.translate(ARABIC),
        "2026-000123-7",
        "2026 000123 7",
        "رقم الشكوى: ٢٠٢٦٠٠٠١٢٣٧",
        f"{RLM}{NUMBER}{RLM}",
        "#FRS-2026-000123-7",
    ],
)
def test_a_command_takes_a_number_in_any_spelling(text: str) -> None:
    assert normalise(text) == NUMBER


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "FRS-2026-000123-8",
        "FRS-2026-000123",
        f"{NUMBER} {NUMBER}",
        f"{NUMBER} 5",
        f"{NUMBER} أيام",
        "2026",
        "XYZ-2026-000123-7",
        "0" * 5000,
        NUMBER * 1000,
    ],
)
def test_a_command_takes_nothing_mistyped(text: str) -> None:
    assert normalise(text) is None


@given(st.text())
def test_any_text_is_read_without_an_error(text: str) -> None:
    assert all(is_valid(number) for number in find_numbers(text))
    assert normalise(text) is None or is_valid(normalise(text) or "")


@given(st.text(alphabet="FRSfrs0123456789٠١٢-– \u200f:رقم الشكوى", max_size=200))
def test_texts_of_the_right_letters_are_read_without_an_error(text: str) -> None:
    assert all(is_valid(number) for number in find_numbers(text))
