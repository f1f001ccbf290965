"""An honest label is believed, whatever letter stands last and however short the text is; and a label that
whole words contradict is not."""

from __future__ import annotations

import base64

import pytest

from daemon.mail.letter.charsets import decode
from daemon.mail.letter.parse import parse

WESTERN = [
    *(
        "iso-8859-1",
        "windows-1252",
        "iso-8859-15",
        "iso-8859-2",
        "windows-1250",
        "iso-8859-4",
        "windows-1257",
    ),
    *("iso-8859-3", "iso-8859-9", "windows-1254", "iso-8859-10", "iso-8859-13", "iso-8859-14", "iso-8859-16"),
    *("cp437", "cp850", "mac-roman", "utf-8"),
]
ARABIC = ["windows-1256", "iso-8859-6", "utf-8"]
LENGTHS = (1, 2, 3, 4, 9, 70)


def letters(charset: str) -> list[str]:
    if charset == "utf-8":
        return [*"éÅøßžğ", *"اةىيشپ"]
    octets = (bytes((octet,)).decode(charset, "ignore") for octet in range(0x80, 0x100))
    return [letter for letter in octets if letter and letter.isalpha()]


@pytest.mark.parametrize(
    "charset, words",
    [(charset, ["", "Andr", "My name is Zo"]) for charset in WESTERN]
    + [(charset, ["", "محم", "السلام عليكم ورحمة "]) for charset in ARABIC],
)
def test_whatever_letter_ends_a_text_it_is_read_as_labelled(charset: str, words: list[str]) -> None:
    texts = [word + letter * length for word in words for letter in letters(charset) for length in LENGTHS]

    assert [text for text in texts if decode(text.encode(charset), charset)[0] != text] == []


@pytest.mark.parametrize("charset", ["iso-8859-1", "windows-1252"])
def test_a_western_name_without_a_label_is_neither_chinese_nor_arabic(charset: str) -> None:
    texts = [word + letter for word in ("Andr", "Caf", "Jos") for letter in letters(charset)]

    assert [text for text in texts if decode(text.encode(charset))[0] != text] == []


@pytest.mark.parametrize(
    "text", ["æøå", "ééé", "ÆØÅ", "åäö", "VERÃO", "Zoë", "À", "naïve Müßiggänger", "Ærø"]
)
@pytest.mark.parametrize("label", ["iso-8859-1", "windows-1252", "utf-8", None])
def test_scandinavian_and_french_letters_are_no_arabic(text: str, label: str | None) -> None:
    octets = text.encode(label or "latin_1")

    expected = "едц" if label is None and text == "åäö" else text  # which of the two, nobody can tell

    assert decode(octets, label)[0] == expected


@pytest.mark.parametrize("charset", ["windows-1256", "iso-8859-6"])
@pytest.mark.parametrize("label", ["iso-8859-1", "us-ascii", "utf-8", None])
def test_arabic_under_a_western_label_is_still_arabic(charset: str, label: str | None) -> None:
    text = "شكوى بخصوص طلب"

    assert decode(text.encode(charset), label)[0] == text


@pytest.mark.parametrize(
    "octets, label, text",
    [(b"Caf\xc3\xa9", "iso-8859-1", "Café"), (b"ORA\xc3\xaaEL", "iso-8859-2", "ORAĂŞEL")],
)
def test_a_pair_that_is_valid_utf8_is_read_as_what_makes_a_word(octets: bytes, label: str, text: str) -> None:
    assert decode(octets, label)[0] == text


@pytest.mark.parametrize("name", ["André", "José", "Zoë", "Café", "Ségolène", "محمد"])
@pytest.mark.parametrize("encoding", ["Q", "B"])
def test_a_name_in_an_encoded_word_keeps_its_last_letter(name: str, encoding: str) -> None:
    charset = "windows-1256" if name == "محمد" else "iso-8859-1"
    octets = name.encode(charset)
    payload = (
        base64.b64encode(octets).decode() if encoding == "B" else "".join(f"={octet:02X}" for octet in octets)
    )
    word = f"=?{charset}?{encoding}?{payload}?="
    body = base64.b64encode(octets).decode()

    found = parse(
        f"From: {word} <a@b.sa>\nSubject: {word}\nContent-Type: text/plain; charset={charset}\n"
        f"Content-Transfer-Encoding: base64\n\n{body}\n".encode()
    )

    assert found.sender is not None
    assert (found.sender.name, found.subject, found.text.strip()) == (name, name, name)


def test_no_octet_is_dropped_without_a_sign() -> None:
    for octets in (
        b"Andr\xe9",
        "نص".encode() + b"\xd9",
        b"\xe9",
        b"a\xff\xfeb",
        "جملة عربية ".encode() + b"\xe2\x80",
    ):
        for label in ("utf-8", "us-ascii", "windows-1256", None):
            text, _ = decode(octets, label)
            assert len(text.encode()) >= len(octets), (octets, label, text)


@pytest.mark.parametrize(
    "text", ["نعم", "طلب", "رقم", "لا", "لم", "تم", "متى", "كيف", "وصل", "هل", "رد", "رد: تم"]
)
@pytest.mark.parametrize("label", ["windows-1252", "us-ascii", None])
def test_a_common_arabic_word_is_read_however_short_it_is(text: str, label: str | None) -> None:
    assert decode(text.encode("cp1256"), label)[0] == text


@pytest.mark.parametrize("text", ["متوقف", "كيف", "وصل"])
def test_octets_that_a_label_does_not_have_contradict_it(text: str) -> None:
    assert decode(text.encode("cp1256"), "iso-8859-6")[0] == text
