"""What of a staff answer may reach the citizen: never a staff address, and nothing in doubt."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.mail.letter.message import Address, IncomingMail
from daemon.mail.meaning.staff_text import Relay, relayable, without_signature
from daemon.mail.quoting.new_text import NewText, new_text
from tests.each import each

MARKER = "## الرجاء الرد أعلى هذا السطر ##"
MAILBOX = "infocs@momah.gov.sa"
TOKEN_ADDRESS = "infocs+abcdefghijklmnopqrstuvwxyz234567abcdefgh@momah.gov.sa"
SARA = "sara.otaibi@momah.gov.sa"
TEAM = "furas-care@momah.gov.sa"
HIDDEN = frozenset({SARA, TEAM, "Ali@Momah.gov.sa"})
MAIL = IncomingMail(
    from_addresses=(Address("سارة العتيبي", SARA),), sender=Address("سارة العتيبي", SARA), text=""
)
ANSWER = "نفيدكم بأن الطلب عولج، ويمكنكم إتمامه الآن."


def relay(text: str, how: str = "marker", certain: bool = True, mail: IncomingMail = MAIL) -> Relay:
    return relayable(NewText(text, certain, how), mail, how == "marker", HIDDEN, MAILBOX)


def relay_mail(body: str) -> Relay:
    found = new_text(body, MARKER)
    return relayable(found, replace(MAIL, text=body), found.how == "marker", HIDDEN, MAILBOX)


# ---- what is certain -----------------------------------------------------------------------------


def test_an_answer_above_the_marker_is_relayed() -> None:
    body = f"{ANSWER}\n\n> {MARKER}\n> الشكوى FRS-2026-000123-4\n> إلى {SARA}\n"

    assert relay_mail(body) == Relay(ANSWER, True)


def test_a_reply_without_any_quotation_is_certain() -> None:
    assert relay_mail(ANSWER) == Relay(ANSWER, True)


def test_an_outlook_quotation_without_the_marker_is_certain_where_its_head_is_plain() -> None:
    body = (
        f"{ANSWER}\n\n________________________________\nمن: شكاوى فرص <{TOKEN_ADDRESS}>\n"
        f"تم الإرسال: الأحد، 4 أكتوبر 2026 10:00 ص\nإلى: سارة <{SARA}>\nالموضوع: شكوى جديدة\n\nنص الشكوى"
    )

    assert relay_mail(body) == Relay(ANSWER, True)


@pytest.mark.parametrize(
    "attribution",
    [
        f"في الاثنين، 17 أغسطس 2026 في 3:53 م تمت كتابة ما يلي بواسطة شكاوى فرص <\n{TOKEN_ADDRESS}>:",
        f"في الأحد، ٣ مارس ٢٠١٩ ١١:٢٢ شكاوى فرص <{TOKEN_ADDRESS}> كتب:",
        f"في ٣ مارس ٢٠٢٤، الساعة ١١:٢٢ ص، كتب/كتبت شكاوى فرص <{TOKEN_ADDRESS}>:",
        f"من: شكاوى فرص <{TOKEN_ADDRESS}>\nأرسلت: الأحد، 3 مارس 2024\nإلى: سارة <{SARA}>\nالموضوع: شكوى",
        f"On Sun, Mar 3, 2024 at 11:22 AM Furas <{TOKEN_ADDRESS}> wrote:",
        "-------- الرسالة الأصلية --------",
    ],
)
def test_an_answer_is_relayed_whichever_program_quotes_and_whatever_it_did_to_the_marker(
    attribution: str,
) -> None:
    for history in (f"> نص الشكوى\n> {SARA}", f"{MARKER}\n\nنص الشكوى", "نص الشكوى بلا علامة"):
        body = f"{ANSWER}\n\nمع التحية\nسارة العتيبي\n\n{attribution}\n\n{history}\n"

        assert relay_mail(body) == Relay(ANSWER, True)


@pytest.mark.parametrize(
    "body",
    [
        # between the lines, with an attribution above
        f"في ٣ مارس ٢٠٢٤، الساعة ١١:٢٢ ص، كتب/كتبت فرص <{TOKEN_ADDRESS}>:\n> سؤال\n{ANSWER}\n> سؤال آخر\nنعم",
        f"{ANSWER}\n\nفي ٣ مارس ٢٠٢٤، الساعة ١١:٢٢ ص، كتب/كتبت فرص:\n> سؤال\nنعم\n> سؤال آخر",
        # a form that nobody has taught us, and our mail below it without ">" and without the marker
        f"{ANSWER}\n\nSmurf 3 Mac 2024 smurfte Furas <{TOKEN_ADDRESS}>:\n\nنص الشكوى",
        f"{ANSWER}\n\n3 Mac 2024 11:22, Furas smurfte:\n\nنص الشكوى",
        f"{ANSWER}\n\nFuras <{TEAM}> smurfte:\n\nنص الشكوى",
        f"{ANSWER}\n\n{TOKEN_ADDRESS}\nنص الشكوى",
        f"{ANSWER}\n\nمن: شكاوى فرص\nإلى: سارة\nالموضوع: شكوى\n\nنص الشكوى",
        # what a person may have quoted by hand
        f"{ANSWER}\n\nبتاريخ 3/3/2024 الساعة 11:20 كتب أحمد العلي:\n\nنص الشكوى",
        f"{ANSWER}\n\nOn 3 March 2024 at 11:20, the customer wrote:\n\nنص الشكوى",
        # forwarded
        f"{ANSWER}\n\nبداية الرسالة المُعاد توجيهها:\n\nمن: العميل\n\nنص الشكوى",
        f"{ANSWER}\n\n-------- رسالة ممرّرة --------\n\nنص الشكوى",
    ],
)
def test_what_may_still_hold_a_quotation_is_not_relayed(body: str) -> None:
    assert relay_mail(body) == Relay("", False)


@pytest.mark.parametrize(
    "body",
    [
        f"> {MARKER}\n> الشكوى\n\n{ANSWER}",  # answered below the quotation
        f"> نص الشكوى\n{ANSWER}\n> بقية النص\n",  # between the lines
        f"---------- Forwarded message ---------\nمن: العميل\n\n{ANSWER}",
        f"{ANSWER}\nDari: شكاوى فرص\nKe: {SARA}\nتو: x\nFrom: {TOKEN_ADDRESS}\nنص الشكوى",
        f"{ANSWER}\n*إلى:* {SARA}\nنص الشكوى",
        f"{MARKER}\nالشكوى",
        "",
    ],
)
def test_where_the_quotation_is_uncertain_nothing_goes_out(body: str) -> None:
    assert relay_mail(body) == Relay("", False)


def test_a_doubt_of_quoting_is_a_doubt_even_where_the_marker_was_found() -> None:
    assert relayable(NewText(ANSWER, False, "below_marker"), MAIL, True, HIDDEN, MAILBOX) == Relay("", False)


@pytest.mark.parametrize(
    "text", ["", "  \n ", f"مع التحية\n{SARA}", SARA, f"{SARA}\n{TOKEN_ADDRESS}", "-- \nسارة"]
)
def test_nothing_left_is_nothing_to_relay(text: str) -> None:
    assert relay(text) == Relay("", False)


# ---- addresses -----------------------------------------------------------------------------------


@each(
    ("text", "relayed"),
    [
        (f"للاستفسار {SARA} وشكرا", "للاستفسار وشكرا"),
        (f"للاستفسار: {SARA.upper()}.", "للاستفسار:."),
        (f"تواصلوا معنا (سارة <{SARA}>) اليوم", "تواصلوا معنا (سارة) اليوم"),
        (f"سارة <mailto:{SARA}>", "سارة"),
        (f"{SARA}<mailto:{SARA}> تم", "تم"),
        (f"تم\nالبريد الإلكتروني: {SARA}\nانتهى", "تم\nانتهى"),
        (f"تم\nE-mail: {SARA} <mailto:{SARA}?subject=%D8%B4>\nانتهى", "تم\nانتهى"),
        (f"تم\n{SARA}\nانتهى", "تم\nانتهى"),
        (f"راسلوا '{SARA}'", "راسلوا ''"),
        (f"راسلوا...{SARA}...", "راسلوا......"),
        (f"راسلوا بـ{SARA}وشكرا", "راسلوا بـوشكرا"),
        ("راسلوا \u200eali\u200b@momah\u200e.gov.sa\u202c غدا", "راسلوا غدا"),
        ("راسلوا ali＠momah.gov.sa غدا", "راسلوا غدا"),
        ("راسلوا ali%40momah.gov.sa غدا", "راسلوا غدا"),
        ("راسلوا ali+work@momah.gov.sa غدا", "راسلوا غدا"),
        ("راسلوا mailto:%3Cali@momah.gov.sa%3E غدا", "راسلوا غدا"),
        (f"الرد على {TOKEN_ADDRESS} فقط", "الرد على فقط"),
        ("الرد على infocs+x@momah.gov.sa فقط", "الرد على فقط"),
        ("الرد على INFOCS%2Bx@MOMAH.gov.sa فقط", "الرد على فقط"),
        (f"الرد على {TOKEN_ADDRESS.partition('@')[0]} فقط", "الرد على فقط"),
        (f"تحويلة 4521 – {SARA}", "تحويلة 4521"),
    ],
)
def test_staff_addresses_and_tokens_are_removed(text: str, relayed: str) -> None:
    assert relay(text).text == relayed


@pytest.mark.parametrize(
    "text",
    [
        "راسلونا على infocs@momah.gov.sa في أي وقت",
        "بريدكم المسجل mohali@momah.gov.sa",
        "بريدكم المسجل ali@momah.gov.example",
        "بريدكم المسجل m.ali@momah.gov.sa",
        "بريدكم المسجل ali@example.com",
        "الرقم الموحد 199040 تحويلة 4521",
        "هاتف: 0114567890 Ext. 22",
        "info+cs@momah.gov.sa",
        "@ @@ a@ @b",
        "سطر  بمسافتين ، وفاصلة",
    ],
)
def test_other_addresses_and_extension_lines_stay_as_they_are(text: str) -> None:
    assert relay(f"نفيدكم\n{text}\nبأنه") == Relay(f"نفيدكم\n{text}\nبأنه", True)


def test_the_writers_own_address_is_removed_though_it_is_not_on_the_roster() -> None:
    private = Address("سارة", "sara@private.example")
    mail = replace(
        MAIL, sender=private, from_addresses=(private,), reply_to=(Address("", "s2@private.example"),)
    )

    assert relay("أنا sara@private.example و s2@private.example هنا", mail=mail).text == "أنا و هنا"


def test_an_address_that_appears_when_another_is_removed_is_removed_too() -> None:
    assert relay(f"x 'ali{SARA}x y").text == f"x 'ali{SARA}x y"  # not at a beginning: another address
    assert relay("x ali@momah.gov.saali@momah.gov.sa y").text == "x y"
    assert "infocs+" not in relay(f"x infocs+ali@momah.gov.sa{'a' * 20}@momah.gov.sa y").text


def test_a_roster_outside_ascii_is_known_as_it_is_written() -> None:
    hidden = frozenset({"سارة@وزارة.السعودية"})

    assert relayable(
        NewText("راسلوا سارة@وزارة.السعودية غدا", True, "marker"), MAIL, True, hidden, MAILBOX
    ) == Relay("راسلوا غدا", True)


PIECES = st.sampled_from(
    [
        SARA,
        SARA.upper(),
        "ali@momah.gov.sa",
        TOKEN_ADDRESS,
        TEAM,
        "infocs",
        "+abc",
        "@momah.gov.sa",
        "ali",
        "@",
        "%40",
        ".",
        "<",
        ">",
        "mailto:",
        "\u200f",
        " ",
        "\n",
        "-- ",
        "مع التحية",
        "نفيدكم",
        ":",
        "،",
        "'",
    ]
)


@given(st.lists(PIECES, max_size=14))
def test_no_staff_address_ever_gets_through(pieces: list[str]) -> None:
    relayed = relay("".join(pieces))

    text = relayed.text.lower().replace("\u200f", "").replace("%40", "@")
    assert relayed.is_certain is bool(text)
    for secret in (SARA, TEAM, TOKEN_ADDRESS, "ali@momah.gov.sa", "infocs+abc@momah.gov.sa"):
        # With letters before it, it is somebody else's address.
        assert not re.search(rf"(?<![a-z0-9._+%-]){re.escape(secret)}", text)


@given(st.text(), st.booleans(), st.booleans())
def test_any_text_is_judged_without_an_error(text: str, certain: bool, marker_found: bool) -> None:
    relayed = relayable(NewText(text, certain, "marker"), MAIL, marker_found, HIDDEN, MAILBOX)

    assert relayed.is_certain is bool(relayed.text)
    assert certain or not relayed.is_certain


# ---- signatures ----------------------------------------------------------------------------------


@each(
    "signature",
    [
        "-- \nسارة العتيبي\nأخصائية عناية العملاء",
        "--\nسارة",
        "مع التحية",
        "مع التحية،",
        "مــع التحيّـة ،\nسارة العتيبي\nتحويلة 4521",
        "مع التحية، سارة العتيبي",
        "مع تحيات فريق العناية بالعملاء",
        "*مع خالص التحية والتقدير*\n\nسارة العتيبي\n\nوزارة البلديات والإسكان",
        "وتقبلوا فائق الاحترام والتقدير\nسارة",
        "تحياتي،\nسارة",
        "Best regards,\nSara Otaibi\nCustomer Care",
        "وتفضلوا بقبول خالص التحية،،،\n\nأ. سارة العتيبي\nأخصائية عناية العملاء | وزارة البلديات والإسكان",
        "شاكرين لكم تعاونكم\nفريق العناية بالعملاء\n199040",
        "والسلام عليكم ورحمة الله وبركاته\n\nسارة العتيبي\nجوال: 0501234567\nتحويلة: 4521",
        "مع أطيب الأمنيات،\nسارة",
        "Kind Regards",
        "________________________________\nمع التحية\nسارة",
        "سارة العتيبي\nأخصائية عناية العملاء\nهاتف 0114567890 تحويلة 4521",
        "سَارَة العتيبى",
        "مع التحية\nسارة\n\nإخلاء مسؤولية: هذه الرسالة وما فيها سرية، "
        + "وهي موجهة إلى المرسل إليه وحده. " * 5,
        "Disclaimer\n" + "This message is confidential. " * 6,
        "إخلاء المسئولية\nنص طويل",
    ],
)
def test_a_signature_at_the_end_is_removed(signature: str) -> None:
    assert without_signature(f"{ANSWER}\n\n{signature}", "سارة العتيبي") == ANSWER


@each(
    "text",
    [
        "مع التحية والتقدير نفيدكم بأن الطلب قيد المعالجة",
        "تحياتي لكم\nتم حل المشكلة",
        f"{ANSWER}\nمع التحية\nملاحظة: يرجى إرفاق صورة الهوية",
        f"{ANSWER}\nمع التحية\nهل يصلكم رمز التحقق؟",
        f"{ANSWER}\nمع التحية\n{'وهذا سطر طويل يكمل ما سبق من الشرح ' * 5}".strip(),
        "الخيار الأول\n-----\nالخيار الثاني",
        "المطلوب:\n- صورة الهوية\n- صورة السجل",
        "سارة العتيبي ستتواصل معكم غدا",
        "سارة العتيبي\nستتواصل معكم غدا",
        "شكرا لتواصلكم\nتم حل المشكلة",
        "إخلاء المسؤولية عن التأخير ليس من سياستنا",
        f"مع التحية\n{chr(10).join(['سطر'] * 20)}",
        "",
    ],
)
def test_what_may_be_meant_for_the_citizen_stays(text: str) -> None:
    assert without_signature(text, "سارة العتيبي") == text


@pytest.mark.parametrize("text", ["مع التحية\nسارة", "-- \nسارة", "Regards,\nSara", "إخلاء مسؤولية: سرية"])
def test_a_text_that_is_nothing_but_a_signature_is_empty(text: str) -> None:
    assert without_signature(text) == ""


def test_one_word_is_not_enough_for_a_name() -> None:
    assert without_signature("نعم\nسارة\nلا", "سارة") == "نعم\nسارة\nلا"


@given(st.text(), st.text(max_size=20))
def test_removing_a_signature_only_cuts_the_end(text: str, name: str) -> None:
    assert text.strip().startswith(without_signature(text, name)) or "\n" in text
