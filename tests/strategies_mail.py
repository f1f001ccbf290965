"""Hypothesis strategies for mail: well-formed Arabic mail with its words, mail with faults, hostile mail.

`well_formed` gives (octets, words): a reader must find every word. The others promise nothing but octets.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from hypothesis import strategies as st

SENTENCE = (
    "شكوى السلام عليكم بخصوص الطلب المتأخر عن الرخصة التجارية أرجو الإفادة وشكرا جزيلا لكم لم يتم الرد على"
    " المعاملة رقم منصة فرص البلدية الأمانة تحديث عقد استثمار لوحة إعلانية"
)
WORDS = SENTENCE.split()
CHARSETS = ("utf-8", "cp1256", "iso8859_6", "utf-16")
LABELS = {
    "utf-8": ("utf-8", "UTF8", '"utf-8"', "windows-1256", "us-ascii", "x-unknown"),
    "cp1256": ("windows-1256", "cp-1256", "iso-8859-6", "iso-8859-1", "us-ascii", "utf-8"),
    "iso8859_6": ("iso-8859-6", "ISO-8859-6-i", "asmo-708", "windows-1256"),
    "utf-16": ("utf-16",),
}


@dataclass(frozen=True)
class Written:
    """A mail, and what its writer put into it."""

    raw: bytes
    words: tuple[str, ...]
    subject: str
    sender: str


def sentences(least: int = 6) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(WORDS), min_size=least, max_size=14)


@st.composite
def text_parts(draw: st.DrawFn, words: list[str]) -> bytes:
    """One text part, headers and body, in a charset with a right or a wrong label, in any encoding."""
    charset = draw(st.sampled_from(CHARSETS))
    label = draw(st.sampled_from(LABELS[charset]))
    is_html = draw(st.booleans())
    lines = [" ".join(words[at : at + 5]) for at in range(0, len(words), 5)]
    text = "<br>".join(f"<b>{line}</b>" for line in lines) if is_html else "\n".join(lines)
    octets = text.encode(charset)
    encodings = (
        ("base64", "quoted-printable") if charset == "utf-16" else ("base64", "quoted-printable", "8bit")
    )
    encoding = draw(st.sampled_from(encodings))
    body = {
        "base64": base64.encodebytes,
        "quoted-printable": lambda plain: binascii.b2a_qp(plain, istext=charset != "utf-16"),
        "8bit": bytes,
    }[encoding](octets)
    subtype = "html" if is_html else "plain"
    header = f"Content-Type: text/{subtype}; charset={label}\nContent-Transfer-Encoding: {encoding}\n\n"
    return header.encode() + body


def encoded_word(text: str, size: int) -> str:
    """`text` in words of `size` octets each, cut anywhere, also within a character."""
    octets = text.encode()
    pieces = [octets[at : at + size] for at in range(0, len(octets), size)]
    return "\n ".join(f"=?utf-8?B?{base64.b64encode(piece).decode()}?=" for piece in pieces)


@st.composite
def well_formed(draw: st.DrawFn) -> Written:
    """A mail that a person might have sent: subject, sender, Arabic text, perhaps an attachment."""
    words, subject = draw(sentences()), " ".join(draw(sentences(2)))
    sender = f"{draw(st.sampled_from(('ali', 'o.saleh', 'info+x')))}@example.sa"
    part = draw(text_parts(words))
    if draw(st.booleans()):
        file = b"Content-Type: application/pdf; name=a.pdf\nContent-Transfer-Encoding: base64\n\nJVBERg==\n"
        part = b"Content-Type: multipart/mixed; boundary=b\n\n--b\n" + part + b"\n--b\n" + file + b"--b--\n"
    written = encoded_word(subject, draw(st.integers(5, 40))) if draw(st.booleans()) else subject
    raw = (
        f"From: {draw(st.sampled_from(('', 'Saleh, Omar ')))}<{sender}>\nSubject: {written}\n".encode() + part
    )
    line_end = draw(st.sampled_from((b"\n", b"\r\n")))
    return Written(raw.replace(b"\n", line_end), tuple(words), subject, sender)


_FIELDS = st.sampled_from(
    b"From: a@b.sa|From: <<a@b|From: a, b, <c@d.sa>|From: =?utf-8?Q?=D8?= <a@b.sa>|Subject: =?x?B?\xff?="
    b"|Subject:"
    b"|Content-Type: multipart/mixed; boundary=b"
    b'|Content-Type: multipart/alternative; boundary="b"; boundary=c'
    b"|Content-Type: text/html; charset=\xff|Content-Type: message/rfc822|Content-Type: ;;="
    b"|Content-Type: text"
    b"|Content-Transfer-Encoding: base64|Content-Transfer-Encoding: x-uuencode"
    b"|Content-Disposition: attachment"
    b"|Content-Type: application/pkcs7-mime|Content-Type: text/plain; format=flowed; name*0*=u'%d8;name*1=x"
    b"| folded|\tfolded|junk line|From x@y Mon|: empty|X-\xd8: y|Date: 32 Foo 99999 25:61".split(b"|")
)
_BODIES = st.sampled_from(
    b"--b|--b--|--c|hello|<p>x<!--|begin 644 a|#86)C|`|end|=D8=B4=|2LTZg9mI2YkucGRm|\xd8\xb4\xff|\xc7\xe1"
    b"|+2AA-"
    b"|\x1b$B|> quoted |-- |&#x110000;|<a b='|\x00\x00|\xff\xfe\x00".split(b"|")
)
_LINE_ENDS = st.sampled_from((b"\n", b"\r\n", b"\r", b"\r\r\n"))


@st.composite
def faulty(draw: st.DrawFn) -> bytes:
    """Headers and multiparts with every fault the field has shown, in any order."""
    entities = draw(
        st.lists(
            st.tuples(st.lists(_FIELDS, max_size=5), st.lists(_BODIES, max_size=6)), min_size=1, max_size=4
        )
    )
    lines = [line for fields, body in entities for line in (*fields, b"", *body)]
    return draw(_LINE_ENDS).join(lines)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A well-formed mail with some octets changed, cut out or doubled."""
    raw = bytearray(draw(well_formed()).raw)
    for _ in range(draw(st.integers(1, 8))):
        at = draw(st.integers(0, max(0, len(raw) - 1)))
        change = draw(st.sampled_from(("set", "cut", "double")))
        if change == "set":
            raw[at : at + 1] = draw(st.binary(min_size=1, max_size=3))
        elif change == "cut":
            del raw[at : at + draw(st.integers(1, 40))]
        else:
            raw[at:at] = raw[at : at + draw(st.integers(1, 40))]
    return bytes(raw)


@dataclass(frozen=True)
class Flood:
    """A short unit behind plausible headers, to be repeated as often as wanted."""

    before: bytes
    unit: bytes
    after: bytes = b""

    def octets(self, times: int) -> bytes:
        return self.before + self.unit * times + self.after


@st.composite
def floods(draw: st.DrawFn) -> Flood:
    """What finds loops that look twice, when it is repeated."""
    unit = draw(_BODIES) + draw(st.sampled_from((b"", b"\n", b" ", b"<", b"(", b'"', b",", b"=?utf-8?q?")))
    field = draw(_FIELDS)
    beside = draw(st.sampled_from(((field + b"\n\n", b""), (field, b""), (b"From: ", b"\n\nx"))))
    return Flood(beside[0], unit or b"x", beside[1])


def hostile() -> st.SearchStrategy[bytes]:
    """A short unit repeated a thousand times and more."""
    return st.builds(Flood.octets, floods(), st.integers(1_000, 3_000))


anything = st.one_of(faulty(), mutated(), hostile(), st.binary(max_size=500))
