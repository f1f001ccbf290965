"""Octets -> IncomingMail: charsets, names, addresses, structure, limits, and never an exception."""

from __future__ import annotations

import base64
import re
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.mail.letter import charset_labels, charsets, parse
from daemon.mail.letter.flowed import unflowed
from daemon.mail.letter.html_text import readable_text
from daemon.mail.letter.message import Address
from tests.each import each

ARABIC = "السلام عليكم، أرجو إفادتي عن حالة طلبي رقم ١٢٣٤٥ وشكرا جزيلا لكم"


def mail(headers: str, body: bytes | str = "") -> bytes:
    octets = body.encode() if isinstance(body, str) else body
    return headers.encode() + b"\n\n" + octets


def text_mail(charset: str, octets: bytes) -> str:
    return parse.parse(mail(f"From: a@b.sa\nContent-Type: text/plain; charset={charset}", octets)).text


@each(
    "label, codec",
    [
        ("utf-8", "utf-8"),
        ("windows-1256", "cp1256"),
        ("cp-1256", "cp1256"),
        ("Windows1256", "cp1256"),
        ("iso-8859-6", "iso8859_6"),
        ("iso-8859-6-i", "iso8859_6"),
        ("iso-8859-6", "cp1256"),
        ("x-mac-arabic", "mac_arabic"),
        ("utf8mb4", "utf-8"),
        ("Big5", "utf-8"),
        ("unicode-1-1-utf-7", "utf-7"),
        ("us-ascii", "cp1256"),
        ("no-such-charset", "cp1256"),
        ("no-such-charset", "utf-8"),
    ],
)
def test_arabic_text_is_read_whatever_the_label_calls_it(label: str, codec: str) -> None:
    text = ARABIC.replace("١٢٣٤٥", "12345") if codec != "utf-8" else ARABIC

    assert text_mail(label, text.encode(codec)) == text


@pytest.mark.parametrize(
    "label, codec, text",
    [
        ("iso-8859-1", "cp1252", "naïve – “café” à Zürich"),
        ("us-ascii", "cp1252", "déjà vu: où êtes-vous né?"),
        ("gb2312", "gb18030", "您好，请问您的申请怎么样了"),
        ("ks_c_5601-1987", "cp949", "안녕하세요 고객센터"),
        ("iso-8859-8-i", "iso8859_8", "שלום לכולם"),
        ("iso-2022-jp", "iso2022_jp", "お問い合わせの件"),
        ("koi8-r", "koi8_r", "Здравствуйте, как дела"),
    ],
)
def test_other_languages_keep_their_letters(label: str, codec: str, text: str) -> None:
    assert text_mail(label, text.encode(codec)) == text


def test_western_text_without_label_is_not_taken_for_arabic() -> None:
    assert charsets.decode("Ça déçoit, où êtes-vous ?".encode("cp1252"))[0] == "Ça déçoit, où êtes-vous ?"


@pytest.mark.parametrize("label", ["hex", "zlib", "unicode_escape", "idna", "punycode", "undefined", "\x00"])
def test_codecs_that_are_no_charset_are_refused(label: str) -> None:
    assert not charset_labels.is_known(label)


def test_a_character_split_between_two_encoded_words_is_joined() -> None:
    octets = "شكوى عاجلة".encode()
    words = " ".join(f"=?UTF-8?B?{base64.b64encode(octets[i : i + 3]).decode()}?=" for i in range(0, 30, 3))

    assert parse.parse(mail(f"From: a@b.sa\nSubject: {words}")).subject == "شكوى عاجلة"


def test_japanese_as_windows_writes_it_is_read() -> None:
    word = base64.b64encode(b"\x1b$B-!F|\x1b(B 1").decode()

    assert parse.parse(mail(f"Subject: =?iso-2022-jp?B?{word}?=")).subject == "①日 1"


def test_a_field_wrapped_without_indent_does_not_end_the_headers() -> None:
    raw = b"Received: by x\nfor y;\nMon\nFrom: a@b.sa\nSubject: x\n\nFrom: c\n"

    assert parse.parse(raw).sender == Address("", "a@b.sa")


def test_raw_arabic_in_headers_is_understood() -> None:
    raw = (
        b"From: \xd8\xb9\xd9\x84\xd9\x8a <a@b.sa>\nSubject: " + "شكوى بخصوص الطلب".encode("cp1256") + b"\n\n"
    )

    found = parse.parse(raw)

    assert found.sender == Address("علي", "a@b.sa")
    assert found.subject == "شكوى بخصوص الطلب"


@each(
    "value, sender",
    [
        ("a@b.sa", Address("", "a@b.sa")),
        ("Ali Omar <a@b.sa>", Address("Ali Omar", "a@b.sa")),
        ('"a@x.sa" <b@y.sa>', Address("a@x.sa", "b@y.sa")),
        ("a@x.sa <b@y.sa>", Address("a@x.sa", "b@y.sa")),
        ("Omar, Ali <a@b.sa>", Address("Omar, Ali", "a@b.sa")),
        ("a@b.sa (Ali)", Address("Ali", "a@b.sa")),
        ("Staff: a@b.sa;", Address("", "a@b.sa")),
        ("=?utf-8?B?2LnZhNmKIDxhQGIuc2E+?=", Address("علي", "a@b.sa")),
        ('"=?utf-8?B?2LnZhNmK?=" <a@b.sa>', Address("علي", "a@b.sa")),
        ("< a@b.sa >", Address("", "a@b.sa")),
        ("a@b.sa, A@B.sa", Address("", "a@b.sa")),
        ("a@b.sa, c@d.sa", None),
        ("<a@b.sa> <c@d.sa>", None),
        ("Ali <ali (office) @ momah . gov.sa>", Address("Ali", "ali@momah.gov.sa")),
        ("<<a@b.sa>>", Address("", "a@b.sa")),
        ("Ali ali @ b.sa", Address("Ali", "ali@b.sa")),
        ("\u202a\u200fعلي <\u200ea@b.sa>\u202c", Address("علي", "a@b.sa")),
        ("=?utf-8?Q?Ali=3A_=28x=29=2C_y?= <=?utf-8?Q?a=40b.sa?=>", Address("Ali: (x), y", "a@b.sa")),
        ("a@b.sa (<c@d.sa>)", Address("c@d.sa", "a@b.sa")),
        ("a@b.sa (c, <d@e.sa>)", Address("c, <d@e.sa", "a@b.sa")),
        ("a@b@c.sa", None),
        ("Ali Omar", None),
        ("undisclosed-recipients:;", None),
        ("", None),
    ],
)
def test_a_sender_is_one_address_or_none_and_never_a_guess(value: str, sender: Address | None) -> None:
    assert parse.parse(mail(f"From: {value}\nSubject: x")).sender == sender


NOURA = "noura@momah.gov.sa"


@each(
    "written, email",
    [
        ('"noura"@momah.gov.sa', NOURA),
        (r'"n\oura"@momah.gov.sa', NOURA),
        (r'"no\ur\a"@momah.gov.sa', NOURA),
        ('"noura" @ momah.gov.sa', NOURA),
        ('(x) "noura"(y)@momah.gov.sa', NOURA),
        ("=?utf-8?q?=22noura=22=40momah.gov.sa?=", NOURA),
        ('"n.al-ali+x"@momah.gov.sa', "n.al-ali+x@momah.gov.sa"),
        ('"نورة"@momah.gov.sa', "نورة@momah.gov.sa"),
        # Only quoted are these mailboxes what they are, and none of them is hers.
        ('"no ura"@momah.gov.sa', '"no ura"@momah.gov.sa'),
        (r'"no\ ura"@momah.gov.sa', '"no ura"@momah.gov.sa'),
        (r'"no\"ura\\"@momah.gov.sa', r'"no\"ura\\"@momah.gov.sa'),
        ('"noura."@momah.gov.sa', '"noura."@momah.gov.sa'),
        ('"no..ura"@momah.gov.sa', '"no..ura"@momah.gov.sa'),
        ('"nou .ra"@momah.gov.sa', '"nou .ra"@momah.gov.sa'),
        ('"noura(x)"@momah.gov.sa', '"noura(x)"@momah.gov.sa'),
        ('"(x)noura"@momah.gov.sa (y)', '"(x)noura"@momah.gov.sa'),
        ('"noura@momah.gov.sa"@evil.example', '"noura@momah.gov.sa"@evil.example'),
        ('"noura@momah.gov.sa,"@evil.example', '"noura@momah.gov.sa,"@evil.example'),
    ],
)
@each("form", ["{}", "Noura <{}>", '"a, b" <{}>'])
def test_one_mailbox_has_one_spelling(form: str, written: str, email: str) -> None:
    value = form.format(written)
    found = parse.parse(
        mail(f"From: {value}\nTo: {value}\nCc: {value}\nReply-To: {value}\nDelivered-To: {value}")
    )

    assert [address.email for address in found.from_addresses] == [email]
    assert [one.email for one in (*found.to, *found.cc, *found.reply_to)] == [email] * 3
    assert found.delivered_to == (email,)


@pytest.mark.parametrize(
    "value",
    [
        '"nou"ra@momah.gov.sa',
        '"nou"."ra"@momah.gov.sa',
        '""@momah.gov.sa',
        '"noura@momah.gov.sa',
        'noura"@momah.gov.sa',
        '5" <"nou(x).ra"@momah.gov.sa>',
    ],
)
def test_a_badly_quoted_local_part_is_nobodys_name(value: str) -> None:
    assert NOURA not in [address.email for address in parse.parse(mail(f"From: {value}")).from_addresses]


# Others («<\\», «=?») are a sender to nobody here, and their mail is set aside.
NAMES = st.text("abcdxyzABC0123456789._+-!#$%&*/^`{|}~ ,", min_size=1, max_size=40)


@given(NAMES)
def test_every_quoted_spelling_of_a_mailbox_is_read_alike(local: str) -> None:
    plain, paired = (re.sub(which, r"\\\g<0>", local) for which in (r'["\\]', "."))
    found = [parse.parse(mail(f'From: x <"{quoted}"@b.sa>')).from_addresses for quoted in (plain, paired)]

    assert found[0] == found[1]
    assert len(found[0]) == 1
    again = parse.parse(mail(f"From: x <{found[0][0].email}>")).from_addresses
    assert [one.email for one in again] == [found[0][0].email]


@pytest.mark.parametrize("written", ["", "From:\n", "From: Ali\n", "From: a@b.sa, c@d.sa\n"])
def test_without_one_from_address_a_sender_header_is_nobody(written: str) -> None:
    assert parse.parse(mail(f"{written}Sender: a@b.sa")).sender is None


def test_values_hold_no_line_break_and_no_nul() -> None:
    subject = "=?utf-8?Q?a=0D=0ABcc:_x=00=E2=80=A8y?="

    found = parse.parse(mail(f"From: =?utf-8?Q?A=0AB?= <a@b.sa>\nSubject: {subject}"))

    assert found.subject == "a Bcc: x y"
    assert found.sender == Address("A B", "a@b.sa")


def test_names_of_attachments_are_read_in_all_their_forms() -> None:
    parts = [
        'Content-Type: application/pdf; name="=?utf-8?B?2LTZg9mI2YkucGRm?="',
        "Content-Disposition: attachment; filename*=UTF-8''%D8%B4%D9%83%D9%88%D9%89.pdf",
        "Content-Disposition: attachment; filename*0*=utf-8''%D8%B4%D9;\n filename*1*=%83%D9%88%D9%89;"
        " filename*2=.pdf",
    ]
    body = "".join(f"--b\n{part}\n\nabc\n" for part in parts) + "--b--\n"

    found = parse.parse(mail("From: a@b.sa\nContent-Type: multipart/mixed; boundary=b", body))

    assert [attachment.filename for attachment in found.attachments] == ["شكوى.pdf"] * 3


@pytest.mark.parametrize(
    "plain",
    [
        " ",
        "\u200b\ufeff",
        "\xa0\n\xa0",
        "[cid:image001.png@01D9]",
        "برنامجك لا يدعم رسائل HTML",
        "No HTML support? Get one.",
    ],
)
def test_a_plain_part_that_says_nothing_gives_way_to_the_html(plain: str) -> None:
    head = "--b\nContent-Type: text/plain; charset=utf-8\n\n"
    body = f"{head}{plain}\n--b\nContent-Type: text/html\n\n<p>شكوى</p>\n--b--"

    assert parse.parse(mail("Content-Type: multipart/alternative; boundary=b", body)).text == "شكوى"


def test_a_plain_part_of_one_sign_is_an_answer() -> None:
    body = "--b\nContent-Type: text/plain\n\n👍\n--b\nContent-Type: text/html\n\n<p>x</p>\n--b--"

    assert parse.parse(mail("Content-Type: multipart/alternative; boundary=b", body)).text == "👍"


def test_an_indented_first_field_is_a_field() -> None:
    found = parse.parse(b" From: a@b.sa\nSubject: x\n\nhello")

    assert (found.sender, found.subject) == (Address("", "a@b.sa"), "x")


def test_flowed_lines_are_joined_and_the_signature_line_is_kept() -> None:
    assert unflowed("one \ntwo\n> a \n> b\n-- \nAli") == "one two\n> a b\n-- \nAli"


def test_a_uuencoded_file_is_taken_out_of_the_text() -> None:
    body = "before\nbegin 644 a.txt\n#86)C\n`\nend\nafter\n"

    found = parse.parse(mail("From: a@b.sa", body))

    assert (found.text, found.attachments[0].filename, found.attachments[0].size_bytes) == (
        "before\nafter",
        "a.txt",
        3,
    )


def test_an_enclosed_mail_is_an_attachment_and_its_headers_are_kept() -> None:
    body = (
        "--b\n\nsee below\n--b\nContent-Type: message/rfc822\n\nMessage-ID: <1@x>\nSubject: s\n\nold\n--b--"
    )

    found = parse.parse(mail("Content-Type: multipart/mixed; boundary=b", body))

    assert found.text == "see below"
    assert found.original_headers == (("message-id", "<1@x>"), ("subject", "s"))
    assert found.attachments[0].content_type == "message/rfc822"


@each("before", [b"", b"\n\r\n", b"From a@b Mon Jan  1 00:00:00 2024\n", b"\xef\xbb\xbf"])
@each("line_end", [b"\n", b"\r\n", b"\r"])
def test_what_stands_before_the_headers_and_how_lines_end_does_not_matter(
    before: bytes, line_end: bytes
) -> None:
    raw = before + b"From: a@b.sa\nSubject: x\n\nhello\nyou\n"

    found = parse.parse(raw.replace(b"\r\n", b"\n").replace(b"\n", line_end))

    assert (found.sender, found.subject, found.text) == (Address("", "a@b.sa"), "x", "hello\nyou")


def test_an_unclosed_title_swallows_nothing_and_pictured_emoji_are_shown() -> None:
    assert readable_text('<title>t<p>شكرا <img src="x" alt="😀"> جزيلا</p>') == "شكرا 😀 جزيلا"


def test_html_becomes_lines_and_quotations_are_marked() -> None:
    html = (
        "<html><head><title>t</title><style>p{}</style></head><body><!-- c --><p>شكراً&nbsp;لكم</p>"
        "<div>a<br>b &lt; c</div><table><tr><td>x</td><td>y</td></tr></table>"
        '<blockquote type="cite"><p>old</p><blockquote>older</blockquote></blockquote></body>'
    )

    assert readable_text(html) == "شكراً لكم\n\na\nb < c\nx y\n\n> old\n>\n> > older"


def test_a_large_attachment_is_not_copied() -> None:
    octets = base64.encodebytes(bytes(6_000_000))
    raw = mail(
        "From: a@b.sa\nContent-Type: multipart/mixed; boundary=b",
        b"--b\nContent-Type: application/pdf\nContent-Transfer-Encoding: base64\n\n" + octets + b"\n--b--\n",
    )
    tracemalloc.start()

    found = parse.parse(raw)

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.attachments[0].size_bytes == 6_000_000
    assert peak < 8_000_000


def test_an_encoded_word_cannot_write_results_into_our_borders_field() -> None:
    """A border quotes the envelope sender, which the sender chose, in its own Authentication-Results."""
    raw = (
        b"Authentication-Results: mx.momah.gov.sa;"
        b" spf=pass smtp.mailfrom= =?utf-8?q?x=3B_dmarc=3Dpass?= @evil\r\n"
        b"From: minister@momah.gov.sa\r\nSubject: =?utf-8?q?a=3Bb?=\r\n\r\nx"
    )

    mail = parse.parse(raw)

    assert "dmarc=pass" not in (mail.header("authentication-results") or "")
    assert mail.subject == "a;b"


@pytest.mark.parametrize(
    "head, body",
    [
        ("Content-Type: text/plain; charset=utf-8", f'<div dir="rtl">{ARABIC}</div>\n'),
        ("X-Type: none", f"<html><body><p>{ARABIC}</p>"),
        ("Content-Type: text/plain", base64.encodebytes(ARABIC.encode()).decode("ascii")),
        ("Content-Type: text/plain", "".join(f"={octet:02X}" for octet in ARABIC.encode())),
        (
            "Content-Type: text/plain",
            "".join(f"&#{ord(char)};" if char > "\x7f" else char for char in ARABIC),
        ),
    ],
    ids=["page", "document", "base64", "quoted-printable", "numbers"],
)
def test_what_is_called_plain_and_is_not_becomes_readable(head: str, body: str) -> None:
    assert parse.parse(mail(f"From: a@b.sa\n{head}", body)).text == ARABIC


@pytest.mark.parametrize(
    "body", ["<b>5 < 6</b> is what I typed", "=41=42=43 is quoted-printable", "a &#38; b"]
)
def test_plain_text_about_markup_stays_as_it_was_typed(body: str) -> None:
    assert parse.parse(mail("From: a@b.sa", body)).text == body


@pytest.mark.parametrize("charset", ["utf-7", "cp037", "utf-16", "hz", "iso-2022-jp"])
def test_a_charset_of_the_senders_choice_writes_no_result_and_no_address(charset: str) -> None:
    """What our border quotes or judged must be what we read, whatever the mail calls its charset."""
    hidden = "; dmarc=pass <minister@momah.gov.sa>".encode("utf-16-le" if charset == "utf-16" else charset)
    raw = (
        b"Authentication-Results: mx.momah.gov.sa; spf=pass smtp.mailfrom="
        + hidden.replace(b";", b"")
        + b"\nFrom: "
        + hidden.replace(b"<", b"").replace(b">", b"")
        + b"\xe1 <a@evil.com>\n"
        + b"Content-Type: text/plain; charset="
        + charset.encode()
        + b"\n\nx"
    )

    found = parse.parse(raw)

    assert "; dmarc=pass" not in (found.header("authentication-results") or "")
    assert "minister@momah.gov.sa" not in [address.email for address in found.from_addresses]


@pytest.mark.parametrize(
    "value",
    [
        "<=?utf-8?q?minister=40momah.gov.sa_=28?=@evil.com)>",
        "<=?utf-8?q?minister=40momah.gov.sa=3E?=@evil.com>",
        "+ADw-minister+AEA-momah.gov.sa+AD4-",
        "minister@momah.gov.sa .evil.com",
        "minister@momah.gov.sa(x).evil.com",
        "minister@momah.gov.sa. evil.com",
        "<minister@momah.gov.sa> <x>",
    ],
)
def test_half_an_address_is_none(value: str) -> None:
    assert parse.parse(mail(f"From: {value}\nContent-Type: text/plain; charset=utf-7")).sender is None


@pytest.mark.parametrize("written", ["multipart/*", "multipart/ mixed", "Multipart/?"])
def test_a_type_of_many_parts_that_is_no_type_has_its_parts_all_the_same(written: str) -> None:
    for boundary in ("; boundary=b", ""):
        raw = (
            f"From: a@b.sa\nContent-Type: {written}{boundary}\n\n"
            "--b\nContent-Type: text/plain\n\nالسلام عليكم\n"
            "--b\nContent-Type: image/png; name=c.png\n\n8bit\n--b--\n"
        )
        mail = parse.parse(raw.encode())

        assert mail.text == "السلام عليكم"
        assert [one.filename for one in mail.attachments] == ["c.png"]
