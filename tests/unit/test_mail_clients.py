"""Thanks, objections and wishes as real mail programs send them in answer to our outcome.

Nothing of our own letter counts as the citizen's words, and nothing of theirs is lost.

The forms are those of the programs' own code and of letters that they sent; both parts are looked at.
"""

from __future__ import annotations

from collections.abc import Callable
from email.message import EmailMessage
from html import escape

import pytest

from daemon.mail.languages.folding import strip_bidi
from daemon.mail.letter.parse import parse
from daemon.mail.meaning.citizen_words import wants_escalation
from daemon.mail.meaning.gratitude import is_thanks
from daemon.mail.quoting.new_text import NewText, new_text
from daemon.templating.catalogue import NOTIFICATIONS
from daemon.templating.engine import TemplateSet
from daemon.templating.marker import MARKER
from daemon.templating.samples import usual
from tests.texts.test_templating_golden import TEMPLATES

OURS = TemplateSet(TEMPLATES, "ar").render_email("resolved", usual(NOTIFICATIONS["resolved"]))
DESK = "منصة فرص <infocs@momah.gov.sa>"
LINKS = ["tel:199040", "mailto:infocs@momah.gov.sa"]
Client = Callable[[str], tuple[str, str]]
"""What somebody wrote -> the text part and the HTML part of their answer, "" for none."""


def quoted(text: str = OURS.text, sign: str = "> ") -> str:
    return "\n".join(f"{sign}{line}".rstrip() for line in text.splitlines())


def paragraphs(text: str) -> str:
    return "".join(f"<div>{escape(line) or '<br>'}</div>" for line in text.split("\n"))


def body_of(html: str) -> str:
    """What stands in our page, as programs take it over."""
    return html.partition("<body")[2].partition(">")[2].partition("</body>")[0]


def numbered(text: str) -> str:
    """Our text as a program makes it of our HTML, with numbers for the links of its foot."""
    return text.replace("199040", "199040 [1]").replace("infocs@momah.gov.sa", "infocs@momah.gov.sa [2]")


def gmail(words: str) -> tuple[str, str]:
    head = f"\u202bفي الأحد، 29 نوفمبر 2026 في 10:05 ص تمت كتابة ما يلي بواسطة {DESK}:\u202c"
    html = (
        f'<div dir="rtl">{paragraphs(words)}</div><br><div class="gmail_quote"><div class="gmail_attr">'
        f'{escape(head)}<br></div><blockquote class="gmail_quote" style="border-right:1px solid">'
        f"{body_of(OURS.html)}</blockquote></div>"
    )
    return f"{words}\n\n{head}\n\n{quoted()}\n", html


def outlook(words: str) -> tuple[str, str]:
    fields = {
        "من": DESK,
        "تم الإرسال": "الأحد، 29 نوفمبر 2026 10:05 ص",
        "إلى": "نورة",
        "الموضوع": OURS.subject,
    }
    block = "\n".join(f"{name}: {value}" for name, value in fields.items())
    html = "".join(f"<b>{name}:</b> {escape(value)}<br>" for name, value in fields.items())
    return (
        f"{words}\n\n________________________________\n{block}\n\n{OURS.text}",
        f'<div class="WordSection1">{paragraphs(words)}<div style="border-top:solid 1.0pt"><p>{html}</p>'
        f"</div>{body_of(OURS.html)}</div>",
    )


def apple(words: str) -> tuple[str, str]:
    head = f"في ٢٩ نوفمبر ٢٠٢٦، الساعة ١٠:٠٥ ص، كتب/كتبت {DESK}:"
    html = (
        f"{paragraphs(words)}<br id='lineBreakAtBeginning'><div dir='rtl'>أُرسلت من الـ iPhone</div>"
        f"<div dir='rtl'><br><blockquote type='cite'>{escape(head)}<br><br></blockquote></div>"
        f"<blockquote type='cite'><div dir='rtl'>{body_of(OURS.html)}</div></blockquote>"
    )
    return f"{words}\n\nأُرسلت من الـ iPhone\n\n{head}\n\n{quoted()}\n", html


def yahoo(words: str) -> tuple[str, str]:
    head = f"في الأحد، نوفمبر 29، 2026 في 10:05 ص، {DESK} كتب:"
    return "", (
        f"{paragraphs(words)}<div id='ydp1' class='yahoo_quoted'><div>{escape(head)}</div>"
        f"<div>{body_of(OURS.html)}</div></div>"
    )


def thunderbird(words: str) -> tuple[str, str]:
    head = f"على 29/11/26 10:05 ص، كتب {DESK}:"
    html = (
        f"<p>{escape(words)}</p><div class='moz-cite-prefix'>{escape(head)}<br></div><blockquote type='cite'>"
    )
    return f"{words}\n\n{head}\n{quoted()}\n", f"{html}{body_of(OURS.html)}</blockquote>"


def mutt(words: str) -> tuple[str, str]:
    return f"{words}\n\nOn Sun, Nov 29, 2026 at 10:05:00AM +0300, {DESK} wrote:\n{quoted()}\n", ""


def mutt_below(words: str) -> tuple[str, str]:
    return f"On Sun, Nov 29, 2026 at 10:05:00AM +0300, منصة فرص wrote:\n{quoted()}\n\n{words}\n", ""


def s_nail(words: str) -> tuple[str, str]:
    return f"{DESK} wrote:\n{quoted(sign=' |')}\n\n{words}\n", ""


def s_nail_below(words: str) -> tuple[str, str]:
    return f"{DESK} wrote:\n{quoted(sign=chr(9))}\n\n{words}\n", ""


def s_nail_tabs(words: str) -> tuple[str, str]:
    return f"{words}\n\n{DESK} wrote:\n{quoted(sign=chr(9))}\n", ""


def roundcube(words: str) -> tuple[str, str]:
    """Text made of HTML: the links of our foot are listed below the quotation."""
    head = "On 2026-11-29 10:05, منصة فرص wrote:"
    listed = "\n".join(f"[{number}] {link}" for number, link in enumerate(LINKS, 1))
    html = (
        f"<p>{escape(words)}</p><p id='reply-intro'>{head}</p><blockquote type='cite'>"
        f"<div id='replybody1'>{body_of(OURS.html)}</div></blockquote>"
    )
    return f"{words}\n\n{head}\n\n{quoted(numbered(OURS.text))}\n \n\nLinks:\n------\n{listed}\n", html


def roundcube_plain(words: str) -> tuple[str, str]:
    return f"On 2026-11-29 10:05, منصة فرص wrote:\n\n{quoted()}\n\n{words}\n", ""


def lynx(words: str) -> tuple[str, str]:
    listed = "\n".join(f"   {number}. {link}" for number, link in enumerate(LINKS, 1))
    text = quoted(OURS.text.replace("199040", "[1]199040"))
    return f"{words}\n\nمنصة فرص wrote:\n{text}\n\nReferences\n\n   Visible links\n{listed}\n", ""


def w3m(words: str) -> tuple[str, str]:
    listed = "\n".join(f"[{number}] {link}" for number, link in enumerate(LINKS, 1))
    return f"{words}\n\nمنصة فرص wrote:\n{quoted(numbered(OURS.text))}\n\nReferences:\n\n{listed}\n", ""


def html2text(words: str) -> tuple[str, str]:
    listed = "\n".join(f"   [{number}]: {link}" for number, link in enumerate(LINKS, 1))
    return f"{words}\n\nمنصة فرص wrote:\n{quoted(numbered(OURS.text))}\n\n{listed}\n", ""


def repeating(words: str) -> tuple[str, str]:
    """A program that leaves the last lines of our letter unquoted."""
    foot = "\n".join(OURS.text.strip().splitlines()[-5:])
    return f"{words}\n\nOn 2026-11-29 10:05, منصة فرص wrote:\n{quoted()}\n\n{foot}\n", ""


def google_groups(words: str) -> tuple[str, str]:
    return f"{words}\n\nOn Sunday, November 29, 2026 at 10:05:00 AM UTC+3 furas2030 wrote:\n{quoted()}\n", ""


CLIENTS = [
    gmail,
    outlook,
    apple,
    yahoo,
    thunderbird,
    mutt,
    mutt_below,
    s_nail,
    s_nail_below,
    s_nail_tabs,
    roundcube,
]
CLIENTS += [roundcube_plain, lynx, w3m, html2text, repeating, google_groups]


def answers(client: Client, words: str) -> list[tuple[str, NewText]]:
    """What is read of each part, as if it were the only one, and of the whole mail."""
    text, html = client(words)
    found = []
    for name, parts in (("text", (text, "")), ("html", ("", html)), ("both", (text, html))):
        if not any(parts):
            continue
        made = EmailMessage()
        made["From"], made["Subject"] = "khalid@example.sa", f"Re: {OURS.subject}"
        made.set_content(parts[0] or parts[1], subtype="plain" if parts[0] else "html")
        if all(parts):
            made.add_alternative(parts[1], subtype="html")
        found.append((name, new_text(parse(made.as_bytes()).text, MARKER["ar"])))
    return found


every_client = pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.__name__)


@every_client
@pytest.mark.parametrize("words", ["شكرًا جزيلًا لكم", "شكرا", "Thank you"])
def test_thanks_are_thanks_whichever_program_sends_them(client: Client, words: str) -> None:
    for part, found in answers(client, words):
        assert is_thanks(found.text), (part, found)


@every_client
@pytest.mark.parametrize(
    "words",
    [
        "لم تُحل المشكلة بعد، وما زال الطلب مرفوضًا.",
        "أعترض على النتيجة.\nلم يتواصل معي أحد.",
        "أين النتيجة؟",
        "راجعوا https://furas.momah.gov.sa/r/4501728 فلم يتغير شيء",
    ],
)
def test_an_objection_is_read_whole_and_nothing_beside_it(client: Client, words: str) -> None:
    for part, found in answers(client, words):
        assert strip_bidi(found.text).split() == words.split(), part
        assert not is_thanks(found.text)


@every_client
def test_a_wish_to_escalate_is_one(client: Client) -> None:
    for part, found in answers(client, "تصعيد"):
        assert wants_escalation(found.text), (part, found)


QUOTE = f"في الأحد، 29 نوفمبر 2026، كتب {DESK}:\n> السلام عليكم\n> نأمل تزويدنا بالروابط [3]\n"


@pytest.mark.parametrize(
    "written",
    [
        "الروابط المطلوبة:\n1. https://a.example/1\n2. https://a.example/2",
        "[1] https://a.example/1\n[2] https://a.example/2",
        "Links:\nهذه روابط الطلب، وهي لا تعمل",
        "References\nطلب رقم 4501728",
        "1. رفعت الطلب\n2. ولم يرد أحد",
        "[2] https://a.example/2\n[3] https://a.example/3",
        "Links:\n[2] https://a.example/2\n[3] https://a.example/3",
        "السلام عليكم\nReferences",
        "راجع الصورة [1] ثم الخطاب",
        "السلام عليكم",
    ],
)
def test_a_list_that_the_citizen_wrote_stays(written: str) -> None:
    found = new_text(f"{QUOTE}\n{written}\n", MARKER["ar"])

    assert found.text.split() == written.split()


def test_a_list_of_links_without_a_quotation_stays() -> None:
    text = (
        "أرفق لكم الصفحة [1] والخطاب [2]\n\nLinks:\n------\n[1] https://a.example/1\n[2] https://a.example/2"
    )

    assert new_text(text, MARKER["ar"]).text == text


@pytest.mark.parametrize("words", ["رضاكم؟", "لدى الأمانة", "199040"])
def test_a_few_words_below_our_letter_that_stand_in_it_too_stay(words: str) -> None:
    ((_, found), *_) = answers(mutt_below, words)

    assert found.text == words
