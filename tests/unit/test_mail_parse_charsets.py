"""Octets -> text where labels lie or letters were scrambled on the way."""

from __future__ import annotations

import pytest

from daemon.mail.letter.charsets import decode
from daemon.mail.letter.mojibake import unscrambled
from daemon.mail.letter.parse import parse

TEXT = "السلام عليكم، شكوى بخصوص طلب رقم 12345"


def read_as(text: str, codec: str) -> str:
    """What a program that takes UTF-8 for `codec` writes on."""
    return "".join(
        chr(octet)
        if octet in (0x81, 0x8D, 0x8F, 0x90, 0x9D) and codec == "cp1252"
        else bytes((octet,)).decode(codec)
        for octet in text.encode()
    )


@pytest.mark.parametrize("codec", ["cp1252", "latin_1", "cp1256"])
def test_arabic_read_in_a_wrong_charset_and_written_on_is_put_right(codec: str) -> None:
    assert decode(read_as(TEXT, codec).encode(), "utf-8") == (TEXT, True)


def test_windows_arabic_written_on_as_accents_is_put_right() -> None:
    scrambled = "ÇáÓáÇã Úáíßã\nαβγ"

    assert unscrambled(scrambled) == "السلام عليكم\nαβγ"


@pytest.mark.parametrize(
    "text",
    [
        "Ça déçoit, où êtes-vous né ? À bientôt, Zoë",
        "Ångström, Øresund, SØREN – «ÆØÅ»",
        "ظ§ ط و ظ قال الطالب: ظلم",
        "پەیام: گرفتم، چرا؟",
        "日本語のテキスト — “quoted”",
        "Müßig: ÄÖÜ ÜÖÄ, groß",
    ],
)
def test_other_letters_are_left_as_they_are(text: str) -> None:
    assert unscrambled(text) == text


def test_a_raw_latin_name_is_not_taken_for_arabic() -> None:
    raw = "From: Formação do João <a@b.sa>\nSubject: Verão à bênção\n\nx".encode("latin_1")

    found = parse(raw)

    assert found.sender is not None
    assert (found.sender.name, found.subject) == ("Formação do João", "Verão à bênção")


def test_lines_pasted_in_another_charset_are_read_by_line() -> None:
    octets = "السلام عليكم ورحمة الله".encode() + b"\n\n" + "وزارة البلديات والإسكان".encode("cp1256")

    assert decode(octets, "utf-8")[0] == "السلام عليكم ورحمة الله\n\nوزارة البلديات والإسكان"


def test_a_text_cut_in_the_middle_of_a_character_is_still_utf8_and_says_so() -> None:
    assert decode("شكوى عاجلة".encode()[:-1], "windows-1256")[0] == "شكوى عاجل\ufffd"


@pytest.mark.parametrize("label", ["utf-16", "utf-16le", None])
def test_utf16_is_read_with_or_without_its_mark(label: str | None) -> None:
    octets = TEXT.encode("utf-16-le")

    assert decode(octets if label else b"\xff\xfe" + octets, label)[0] == TEXT


@pytest.mark.parametrize("label", ["utf-16", "utf-7", "iso-2022-jp", "hz-gb-2312"])
def test_a_label_that_the_octets_cannot_have_is_not_believed(label: str) -> None:
    assert decode(TEXT.encode(), label)[0] == TEXT


@pytest.mark.parametrize(
    "label, codec",
    [
        ("cp720", "cp720"),
        ("dos-720", "cp720"),
        ("asmo-708", "iso8859_6"),
        ("iso-8859-6-e", "iso8859_6"),
        ("x-mac-arabic", "mac_arabic"),
        ("windows-1254", "cp1256"),
        ("iso-8859-15", "cp1256"),
    ],
)
def test_the_arabic_code_pages_are_known_under_their_names(label: str, codec: str) -> None:
    text = "السلام عليكم، شكوى" if codec not in ("cp720",) else "السلام عليكم شكوى"

    assert decode(text.encode(codec), label)[0] == text


def test_joined_letter_shapes_become_letters() -> None:
    assert decode(bytes((0xD3, 0x9E, 0xEF)), "ibm864")[0] == "سلام"


def test_a_short_word_that_is_valid_utf8_by_accident_is_read_as_labelled() -> None:
    assert decode("联通".encode("gbk"), "gb2312")[0] == "联通"


@pytest.mark.parametrize("label", ["windows-1256", "iso-8859-6"])
@pytest.mark.parametrize("codec", ["cp1256", "iso8859_6"])
def test_the_two_arabic_layouts_are_told_apart_where_both_give_only_letters(codec: str, label: str) -> None:
    assert decode("السلام السلام".encode(codec), label)[0] == "السلام السلام"


@pytest.mark.parametrize("text", ["тест тест", "Здравствуйте, как дела", "Привет"])
@pytest.mark.parametrize("codec", ["koi8_r", "cp1251"])
def test_unlabelled_russian_is_not_taken_for_arabic(codec: str, text: str) -> None:
    assert decode(text.encode(codec))[0] == text


@pytest.mark.parametrize("text", ["شكوى", "صحة", "طلب رخصة", "غش تجاري", "ضوضاء", "تأخر", "إزعاج الجيران"])
def test_unlabelled_arabic_is_not_taken_for_russian(text: str) -> None:
    assert decode(text.encode("cp1256"))[0] == text


def test_unlabelled_chinese_is_read_in_spite_of_a_bad_octet() -> None:
    octets = "您好，请问您的申请怎么样了。谢谢您的回复，再见".encode("gbk") + b" \xff x"

    assert decode(octets)[0].startswith("您好，请问您的申请怎么样了")


@pytest.mark.parametrize("label", ["iso-8859-15", "iso-8859-2", "utf-8"])
def test_signs_of_windows_under_another_label_are_read(label: str) -> None:
    octets = b"\x93so\x94 \x80" if label != "utf-8" else "\x93so\x94 \x80".encode()

    assert decode(octets, label)[0] == "“so” €"
