"""The mails for the measurements: mixed Arabic complaints, the same for the same seed.

Each opens a ticket and is answered: its own writer and request number, a mobile, and domains so many that
no hourly limit is met. What a real mailbox holds besides (bounces, replies, lists) costs less: left out.
"""

from __future__ import annotations

import base64
import quopri
import random
from collections.abc import Callable, Iterator
from email.header import Header
from typing import Literal

ADDRESS = "infocs@momah.gov.sa"
AUTHSERV_ID = "mx.momah.gov.sa"
SEED = 1447
WRITERS_PER_DOMAIN = 200

Sizes = Literal["mixed", "small"]

_OPENINGS = (
    "السلام عليكم ورحمة الله وبركاته",
    "تحية طيبة وبعد،",
    "سعادة مدير خدمة العملاء الموقر",
    "مساء الخير",
)
_GROUNDS = (
    "تجاوزت المعاملة المدة المحددة ولم يتم اتخاذ أي إجراء عليها حتى الآن.",
    "يظهر لي خطأ تقني عند رفع المستندات ولا أستطيع إكمال الطلب في المنصة.",
    "مضى على تقديم الطلب أكثر من شهر دون أي رد أو إفادة من الجهة المختصة.",
    "تتوقف الصفحة عند الدفع وتظهر رسالة خطأ ثم أعود إلى البداية في كل مرة.",
)
_SENTENCES = (
    "قمت بمتابعة الموضوع عدة مرات عبر القنوات المتاحة ولم أحصل على إجابة واضحة.",
    "الموقع الاستثماري في حي النرجس شمال مدينة الرياض ومساحته قرابة ٤٥٠٠ متر مربع.",
    "أرفقت جميع المستندات المطلوبة بما فيها السجل التجاري ورخصة البناء والمخطط المعتمد.",
    "نأمل منكم التكرم بالنظر في الموضوع وإفادتنا بما يتم حياله في أقرب وقت ممكن.",
    "تأخر الإجراء تسبب في خسائر للمنشأة، وتكاليف إضافية على العقود المبرمة مع الموردين.",
    "تم إشعارنا سابقاً بأن المعاملة تحت الدراسة، ثم لم يصلنا أي تحديث بعد ذلك.",
    "نحن منشأة صغيرة تعمل في قطاع التجزئة، ونعتمد على هذا الموقع في توسيع نشاطنا.",
    "حاولت الدخول من أكثر من متصفح ومن الجوال كذلك، والنتيجة نفسها في كل محاولة.",
)
_NAMES = (
    "خالد العتيبي",
    "نورة القحطاني",
    "فهد الدوسري",
    "سارة الشهري",
    "مؤسسة أفق النماء",
    "Abdullah Al-Harbi",
)
_SUBJECTS = (
    "شكوى على تأخر طلب",
    "استفسار عن معاملة متأخرة",
    "مشكلة في رفع المستندات",
    "شكوى",
    "تأخر الرد على الطلب",
)
_MOBILES = ("050", "053", "054", "055", "056", "059")
_EASTERN = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
_WESTERN = str.maketrans("٠١٢٣٤٥٦٧٨٩", "0123456789")  # windows-1256 has no others


def mails(count: int, *, first: int = 0, sizes: Sizes = "mixed", seed: int = SEED) -> Iterator[bytes]:
    """The mails numbered `first` to `first + count - 1`; each depends on its number and the seed alone."""
    for number in range(first, first + count):
        yield mail(number, sizes=sizes, seed=seed)


def writer(number: int, *, total: int = 20_000) -> str:
    """The address that mail `number` is from."""
    domain = number % max(1, total // WRITERS_PER_DOMAIN)
    return f"writer{number}@company{domain}.example"


def mail(number: int, *, sizes: Sizes = "mixed", seed: int = SEED) -> bytes:
    """One mail: mostly 2 to 15 kB on the wire, one in twelve with an attachment of 20 to 150 kB (up to
    200 kB in base64); `small` is without attachments and at most about 6 kB."""
    dice = random.Random(seed * 1_000_003 + number)
    text = _text(dice, number, _text_octets(dice, sizes))
    kind = dice.choices(_KINDS, _WEIGHTS if sizes == "mixed" else _SMALL_WEIGHTS)[0]
    return _head(dice, number) + kind(dice, text)


def large_mail(number: int, megabytes: int) -> bytes:
    """A complaint whose attachment makes it `megabytes` MB on the wire."""
    dice = random.Random(SEED + number)
    octets = megabytes * 1024 * 1024 * 3 // 4 * 76 // 78
    return _head(dice, number) + _with_attachment(dice, _text(dice, number, 1500), dice.randbytes(octets))


# --- the words -------------------------------------------------------------------------------------


def _text_octets(dice: random.Random, sizes: Sizes) -> int:
    """Of UTF-8: an Arabic letter has two, and base64 adds a third."""
    return dice.randint(300, 1500) if sizes == "small" else int(dice.triangular(700, 7000, 1500))


def _text(dice: random.Random, number: int, octets: int) -> str:
    # Not ten digits from 1 or 2, which may be a valid national ID.
    request, mobile = f"26{number:06d}", f"{dice.choice(_MOBILES)}{dice.randint(1, 9)}{number:06d}"
    if dice.random() < 0.4:
        request, mobile = request.translate(_EASTERN), mobile.translate(_EASTERN)
    lines = [
        dice.choice(_OPENINGS),
        "",
        f"أتقدم إليكم بشكوى بخصوص رقم الطلب: {request}",
        dice.choice(_GROUNDS),
        "",
    ]
    closing = ["", "مع الشكر والتقدير،", dice.choice(_NAMES), f"جوال: {mobile}"]
    used = sum(len(line.encode()) for line in lines + closing)
    while used < octets:
        sentence = dice.choice(_SENTENCES)
        used += len(sentence.encode())
        lines.append(sentence)
    return "\r\n".join(lines + closing) + "\r\n"


def _html(text: str) -> str:
    paragraphs = "\r\n".join(
        f'<p class="MsoNormal" dir="RTL" style="text-align:right"><span lang="AR-SA">{line}</span></p>'
        for line in text.split("\r\n")
    )
    return (
        '<html lang="ar" dir="rtl"><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8">'
        "<style>p.MsoNormal{margin:0;font-size:12pt;font-family:Arial,sans-serif}</style></head>\r\n"
        f"<body>{paragraphs}</body></html>\r\n"
    )


# --- the header ------------------------------------------------------------------------------------


def _head(dice: random.Random, number: int) -> bytes:
    address = writer(number)
    domain = address.rpartition("@")[2]
    name = Header(dice.choice(_NAMES), dice.choice(("utf-8", "windows-1256"))).encode()
    subject = Header(f"{dice.choice(_SUBJECTS)} {number}", "utf-8").encode(linesep="\r\n")
    verdict = "pass" if dice.random() < 0.7 else "none"
    signature = base64.b64encode(dice.randbytes(256)).decode()
    lines = [
        f"Received: from mx.{domain} (mx.{domain} [203.0.113.{number % 250}])",
        f"\tby {AUTHSERV_ID} with ESMTPS id {dice.getrandbits(64):016X}; Mon, 23 Nov 2026 10:00:00 +0300",
        f"Authentication-Results: {AUTHSERV_ID}; spf=pass smtp.mailfrom={domain};",
        f"\tdkim={verdict} header.d={domain}; dmarc={verdict} header.from={domain}",
        f"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d={domain}; s=s1;",
        "\th=from:to:subject:date:message-id:mime-version:content-type;",
        *(f"\t{'b=' if at == 0 else ''}{signature[at : at + 70]}" for at in range(0, len(signature), 70)),
        f"Received: from [192.0.2.{number % 250}] by mx.{domain} with ESMTP; Mon, 23 Nov 2026 09:59:58 +0300",
        f"From: {name} <{address}>",
        f"To: {ADDRESS}",
        f"Subject: {subject}",
        f"Date: Mon, 23 Nov 2026 09:{number // 60 % 60:02d}:{number % 60:02d} +0300",
        f"Message-ID: <{dice.getrandbits(96):024x}.{number}@{domain}>",
        "X-Mailer: Microsoft Outlook 16.0",
        "Accept-Language: ar-SA, en-US",
        "MIME-Version: 1.0",
    ]
    return ("\r\n".join(lines) + "\r\n").encode("ascii")


# --- the bodies ------------------------------------------------------------------------------------

_Coding = Literal["base64", "quoted-printable", "8bit"]


def _leaf(content: str, subtype: str, charset: str, coding: _Coding) -> bytes:
    octets = (content.translate(_WESTERN) if charset == "windows-1256" else content).encode(charset)
    if coding == "base64":
        octets = base64.encodebytes(octets).replace(b"\n", b"\r\n")
    elif coding == "quoted-printable":
        octets = quopri.encodestring(octets.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n")
    head = f'Content-Type: text/{subtype}; charset="{charset}"\r\nContent-Transfer-Encoding: {coding}\r\n\r\n'
    return head.encode("ascii") + octets


def _multipart(dice: random.Random, subtype: str, parts: list[bytes]) -> bytes:
    boundary = f"_000_{dice.getrandbits(80):020x}_".encode()
    head = b'Content-Type: multipart/%s;\r\n\tboundary="%s"\r\n\r\n' % (subtype.encode(), boundary)
    body = b"".join(b"--%s\r\n%s\r\n" % (boundary, part) for part in parts)
    return head + body + b"--%s--\r\n" % boundary


def _alternative(dice: random.Random, text: str) -> bytes:
    coding: _Coding = dice.choice(("base64", "quoted-printable"))
    plain, html = _leaf(text, "plain", "utf-8", "base64"), _leaf(_html(text), "html", "utf-8", coding)
    return _multipart(dice, "alternative", [plain, html])


def _with_attachment(dice: random.Random, text: str, octets: bytes | None = None) -> bytes:
    octets = octets or dice.randbytes(dice.randint(20_000, 145_000))
    name = Header(dice.choice(("مستند الطلب.pdf", "السجل التجاري.pdf", "صورة الشاشة.png")), "utf-8").encode()
    attachment = (
        f'Content-Type: application/octet-stream; name="{name}"\r\nContent-Transfer-Encoding: base64\r\n'
        f'Content-Disposition: attachment; filename="{name}"\r\n\r\n'
    ).encode("ascii") + base64.encodebytes(octets).replace(b"\n", b"\r\n")
    return _multipart(dice, "mixed", [_leaf(text, "plain", "utf-8", "base64"), attachment])


_Kind = Callable[[random.Random, str], bytes]
_MIX: tuple[tuple[int, _Kind], ...] = (
    (24, lambda _, text: _leaf(text, "plain", "utf-8", "base64")),
    (10, lambda _, text: _leaf(text, "plain", "utf-8", "8bit")),
    (8, lambda _, text: _leaf(text, "plain", "utf-8", "quoted-printable")),
    (9, lambda _, text: _leaf(text, "plain", "windows-1256", "8bit")),
    (4, lambda _, text: _leaf(text, "plain", "windows-1256", "quoted-printable")),
    (3, lambda _, text: _leaf(text, "plain", "windows-1256", "base64")),
    (26, _alternative),
    (8, lambda _, text: _leaf(_html(text), "html", "utf-8", "quoted-printable")),
    (8, _with_attachment),
)
_KINDS = [kind for _, kind in _MIX]
_WEIGHTS = [weight for weight, _ in _MIX]
_SMALL_WEIGHTS = [*_WEIGHTS[:-1], 0]
