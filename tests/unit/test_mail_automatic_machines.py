"""What machines write is never answered: each kind by its headers, then by its wording alone."""

from __future__ import annotations

import pytest

from daemon.mail.letter.parse import parse
from daemon.mail.machines.classifier import Classification, classify
from daemon.workflow.ticket_number import format_number
from daemon.workflow.trust import is_guess
from tests.each import each

OWN = frozenset({"infocs@momah.gov.sa"})


def judged(headers: str, body: str, sender: str = "Huda <huda@example.sa>") -> Classification:
    raw = f"From: {sender}\nTo: infocs@momah.gov.sa\n{headers}\n\n{body}"
    return classify(parse(raw.encode()), OWN)


ABSENCES = [
    (
        "رد تلقائي: طلبكم رقم 12",
        "أنا حالياً خارج المكتب حتى الأحد. للحالات العاجلة يرجى التواصل مع الزميل سعد.",
    ),
    ("رد: شكوى", "أنا في إجازة سنوية من 1 إلى 15 مايو، وسأعود يوم 16. للضرورة التواصل مع مكتب المدير."),
    ("خارج المكتب حتى الأحد", "شكرا لرسالتكم، سأرد عند عودتي."),
    ("إجازة", "متمتع بإجازتي السنوية. في حال الضرورة التواصل مع إدارة المشاريع على الرقم 920000000"),
    ("Out of Office", "Thank you for your mail. I will read it on Sunday."),
    (
        "Re: [FRS-2027-000012-3]",
        "I'm on annual leave until 3 May. In urgent cases please contact my colleague Sara.",
    ),
    ("Ali is out of the office (returning 03/01/2027)", "I will respond when I return."),
    ("Away", "I am away from my desk with limited access to e-mail and will be back on Monday."),
    (
        "Abwesenheitsnotiz: Ihre Nachricht",
        "Ich bin bis 5. Mai nicht im Büro. In dringenden Fällen hilft Frau Weiss.",
    ),
    ("AW: Nachricht", "Ich bin vom 1. bis 9. Mai im Urlaub. Ihre Nachricht wird nicht weitergeleitet."),
    (
        "Absence",
        "Je suis absente jusqu'au 4 mai. En cas d'urgence, voyez avec le secrétariat. De retour le 5.",
    ),
    ("Respuesta automática: consulta", "Estoy de vacaciones hasta el lunes."),
    ("Fora do escritório", "Estou de férias e retorno dia 5. Em caso de urgência fale com a Ana."),
    ("R: richiesta", "Sono in ferie fino al 10 maggio. In caso di urgenza scrivete all'ufficio."),
    ("Afwezig", "Ik ben met vakantie tot 3 mei. Voor dringende zaken is het secretariaat bereikbaar."),
    (
        "Odpowiedź automatyczna: pismo",
        "Przebywam na urlopie do 5 maja. W pilnych sprawach proszę dzwonić do biura.",
    ),
    ("Автоответ", "Я в отпуске до 5 мая. По срочным вопросам обращайтесь к коллегам."),
    ("Otomatik yanıt: talep", "İzindeyim, acil durumlarda ofisi arayın."),
    ("پاسخ خودکار: درخواست", "در مرخصی هستم. برای موارد فوری با دفتر تماس بگیرید."),
    ("خودکار جواب", "میں اتوار تک چھٹی پر ہوں۔"),
    ("自動返信", "ただいま休暇をいただいております。戻り次第ご連絡いたします。"),
    ("自动回复：投诉", "我正在休假，回来后会联系您。"),
]


@each("subject, body", ABSENCES)
def test_an_absence_notice_is_known_by_its_wording(subject: str, body: str) -> None:
    result = judged(f"Subject: {subject}", body)

    assert result.kind == "auto"
    assert "wording" in result.reason


RECEIPTS = [
    ("تم استلام رسالتكم", "هذه رسالة تلقائية. شكرا لتواصلكم معنا، تم استلام طلبكم وسيتم الرد خلال يومين."),
    ("بلاغ 5512", "نشكركم على تواصلكم. تم فتح تذكرة.\n\nالرجاء عدم الرد على هذه الرسالة، فهذه رسالة آلية"),
    ("We have received your request", "This is an automated response. Your ticket number is 4411."),
    (
        "Ticket 88",
        "Thank you for contacting us.\n\nThis e-mail was automatically generated, please do not reply.",
    ),
    (
        "Ihre Anfrage",
        "Vielen Dank, wir haben Ihre Nachricht erhalten. Dies ist eine automatisch erstellte Antwort.",
    ),
    ("Votre demande", "Merci de votre message. Ceci est un message automatique, merci de ne pas répondre."),
    ("Su consulta", "Gracias por escribirnos. Hemos recibido su mensaje. Este es un mensaje automático."),
]


@pytest.mark.parametrize("subject, body", RECEIPTS)
def test_a_help_desks_acknowledgement_is_known_by_what_it_says_of_itself(subject: str, body: str) -> None:
    assert (
        judged(f"Subject: {subject}", body, "Support <support@example.com>").reason
        == "body_wording:automatic"
    )


BOUNCES = [
    (
        "Undelivered Mail Returned to Sender",
        "The following address had permanent errors:\n<gone@example.com>: 550 5.1.1 unknown user",
    ),
    (
        "failure notice",
        "Hi. This is the qmail program.\n<gone@example.com>:\n550 5.1.1 no mailbox here by that name",
    ),
    (
        "Mail delivery failed",
        "A message that you sent could not be delivered.\n  gone@example.com\n    550 Unknown",
    ),
    (
        "Returned mail",
        "The original message was received at Sunday\n\n  ----- Transcript of session follows -----",
    ),
    ("شكوى: (delivery failed)", "Your message could not be delivered to\ngone@example.com"),
    (
        "Unzustellbar: Anfrage",
        "Ihre Nachricht konnte nicht zugestellt werden.\n\n550 5.1.1 <gone@example.com>",
    ),
    ("تعذر تسليم الرسالة", "تعذر تسليم رسالتك إلى gone@example.com\n\n550 5.1.1 RESOLVER.ADR.RecipNotFound"),
]


@pytest.mark.parametrize("subject, body", BOUNCES)
def test_a_bounce_in_plain_words_from_an_ordinary_address_is_known(subject: str, body: str) -> None:
    assert judged(f"Subject: {subject}", body, "Mail <relay@example.com>").kind == "bounce"


OTHERS = [
    ("رد تلقائي: FRS-2027-000012-3", "نشكر تواصلكم، سيتم الرد عليكم في أقرب وقت"),
    ("رد تلقائي: شكوى", "أنا حاليا خارج المكتب وسأعود يوم الأحد الموافق 5 مايو"),
    ("رد تلقائي", "أعتذر عن عدم الرد، أنا في إجازة حتى 15 شوال، للحالات الطارئة التواصل مع أ. خالد"),
    (
        "رد: استلام",
        "أنا خارج المكتب حاليا في إجازة سنوية وسوف أعود بتاريخ 1/5. للأمور العاجلة يمكنكم مراسلة "
        "sara@example.sa",
    ),
    ("إجازة سنوية", "السلام عليكم، أفيدكم بأني في إجازة سنوية من 1 الى 10 رمضان، يرجى التواصل مع الزميل سعد"),
    ("خارج المكتب", "شكرا لتواصلكم. سأرد على رسالتكم فور عودتي"),
    ("Automatic reply: Received", "Hi, I'm on leave this week."),
    ("Automatic reply: شكوى", "شكرا"),
    (
        "Out of Office Re: Complaint",
        "I will be out of the office starting 01/05 and will not return until 10/05.",
    ),
    (
        "Out of office",
        "Hello, thanks for your email. I'm currently on holiday, returning 12 May. For anything urgent "
        "contact Sam on sam@example.com",
    ),
    (
        "Re: Complaint",
        "I am currently out of the office with no access to email. If you need immediate assistance "
        "please contact Sam.",
    ),
    ("Vacation notice", "I'm away until the 5th."),
    ("On vacation", "I am on vacation until May 5 and will reply when I get back."),
    ("AutoReply", "Your mail has been received."),
    ("Auto-Response: hello", "Thank you for contacting Example support. A ticket has been opened."),
    (
        "[Ticket #4411] Received",
        "Thank you for your request. This is an automated confirmation message; an agent will contact you.",
    ),
    (
        "Your request 4411 has been received",
        "Your request has been received and is being reviewed. Do not reply to this email.",
    ),
    (
        "تم فتح تذكرة رقم 4411",
        "نشكركم على تواصلكم معنا. تم فتح تذكرة برقم 4411 وسيتم الرد عليكم. هذه الرسالة أرسلت تلقائيا",
    ),
    ("استلام", "تم إرسال هذه الرسالة آليا، تم استلام رسالتكم وسيتم التواصل معكم"),
    ("Abwesenheitsnotiz", "Ich bin ab 5. Mai wieder im Büro."),
    ("Automatische Antwort: Anfrage", "Vielen Dank für Ihre Nachricht."),
    ("Réponse automatique", "Bonjour, je suis en congés jusqu'au 5 mai."),
    ("Absence", "Je suis absent jusqu'au 5 mai, de retour le 6."),
    ("Risposta automatica: reclamo", "Sono fuori ufficio."),
    ("Autosvar: hej", "Jag är på semester"),
    ("Automatisch antwoord", "Ik ben met vakantie tot 5 mei"),
    ("Automaattinen vastaus: viesti", "Olen lomalla"),
    ("Автоматический ответ", "Меня не будет до 5 мая, по срочным вопросам пишите коллегам"),
    ("自動応答: 件名", "不在にしております。戻り次第ご連絡します。"),
    (
        "Delivery Status Notification (Failure)",
        "The message to gone@example.com could not be delivered. Address not found.",
    ),
    (
        "Undeliverable: Received",
        "Delivery has failed to these recipients or groups:\n\ngone@example.com\nThe email address you "
        "entered couldn't be found.",
    ),
    (
        "failure notice",
        "Sorry, we were unable to deliver your message to the following "
        "address.\n\n<gone@example.com>:\n550: no such user",
    ),
    (
        "Returned mail: User unknown",
        "   ----- The following addresses had permanent fatal errors -----\n<gone@example.com>\n\n   "
        "----- Transcript of session follows -----\n550 5.1.1 <gone@example.com>... User unknown",
    ),
    (
        "Warning: could not send message for past 4 hours",
        "    *** THIS IS A WARNING MESSAGE ONLY ***\nThe original message was received at Sun\n451 "
        "4.4.1 reply: read error from mx.example.com.",
    ),
    ("Read: Received", "Your message\n\nTo: X\nSubject: Received\nSent: 1 May\n\nwas read on 1 May."),
    (
        "Please verify your email to Sam",
        "Sam uses a spam filter. To deliver your message please click http://x/verify to confirm that "
        "you are a human sender.",
    ),
    ("تأكيد البريد", "لإيصال رسالتك اضغط على الرابط للتحقق من أنك لست روبوت"),
]


@each("subject, body", OTHERS)
def test_nothing_of_this_is_answered(subject: str, body: str) -> None:
    assert judged(f"Subject: {subject}", body).kind != "human"


@pytest.mark.parametrize(
    "headers, body, sender",
    [
        (
            "Subject: Please confirm",
            "Click the link to verify you are a human: https://x",
            "a@spamarrest.com",
        ),
        (
            "Subject: Verify your message",
            "Reply to this message to confirm that you are a real person.",
            "a@b.sa",
        ),
        ("Subject: hello\nX-TMDA-Fingerprint: x", "Please reply to this to release your message.", "a@b.sa"),
        (
            "Subject: Votre message",
            "Cliquez sur le lien pour valider votre message",
            "MailInBlack <b@mailinblack.com>",
        ),
        ("Subject: تأكيد المرسل", "اضغط على الرابط لتأكيد أنك إنسان وإيصال رسالتك", "a@b.sa"),
    ],
)
def test_a_challenge_is_not_taken_up(headers: str, body: str, sender: str) -> None:
    assert judged(headers, body, sender).reason in ("challenge", "challenge_wording")


def test_a_challenge_known_by_wording_alone_may_be_released() -> None:
    subject, body = (
        "Subject: Verify your message",
        "Reply to this message to confirm that you are a real person.",
    )

    assert is_guess(judged(subject, body, "a@b.sa").reason)
    assert not is_guess(judged(f"{subject}\nX-TMDA-Fingerprint: x", body, "a@b.sa").reason)


def report(
    kind: str, part: str, text: str = "Your message was displayed.", sender: str = "huda@example.sa"
) -> str:
    return judged(
        f'Subject: Read\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type={kind}; boundary="b"',
        f"--b\n\n{text}\n--b\nContent-Type: message/{part}\n\nFinal-Recipient: rfc822; a@b.sa\n--b--\n",
        sender,
    ).reason


def test_reports_are_told_apart() -> None:
    assert report("disposition-notification", "disposition-notification") == "mdn"
    assert report("delivery-status", "delivery-status") == "dsn"
    assert report("feedback-report", "feedback-report") == "feedback_report"
    assert report("vacation", "x-vacation", "I am away.") == "report"


def test_a_mail_system_that_says_deleted_by_receipt_has_not_delivered() -> None:
    kind = "disposition-notification"

    result = report(
        kind, kind, "Your message was automatically rejected: quota exceeded", "MAILER-DAEMON@b.sa"
    )

    assert result == "daemon_sender"


@pytest.mark.parametrize(
    "subject, body",
    [
        ("Read: شكوى", "Your message\n\n  To: Huda\n  Subject: شكوى\n\nwas read on Sunday."),
        ("Not read: complaint", "Your message to Huda was deleted without being read on Sunday."),
        ("تمت القراءة: شكوى", "رسالتك إلى هدى تمت قراءتها يوم الأحد"),
        ("Gelesen: Anfrage", "Ihre Nachricht wurde am Sonntag gelesen."),
    ],
)
def test_a_receipt_without_its_structure_is_known_by_two_phrases(subject: str, body: str) -> None:
    assert judged(f"Subject: {subject}", body).reason == "receipt_wording"


def invitation(subject: str, parameters: str, lines: str) -> str:
    headers = f'Subject: {subject}\nMIME-Version: 1.0\nContent-Type: multipart/alternative; boundary="b"'
    calendar = f"Content-Type: text/calendar{parameters}\n\nBEGIN:VCALENDAR\n{lines}\nEND:VCALENDAR"
    return judged(headers, f"--b\n\n\n--b\n{calendar}\n--b--\n").reason


def test_a_calendars_answer_is_known_by_its_method_inside_a_multipart() -> None:
    assert invitation("Visit", "; method=REPLY", "") == "calendar_reply"
    assert invitation("Re: Visit", '; charset=utf-8; method="COUNTER"', "") == "calendar_reply"
    assert invitation("Visit", "", "VERSION:2.0\nMETHOD:REPLY") == "calendar_reply"


def test_an_invitation_is_a_persons() -> None:
    assert invitation("Accepted: our plan", "; method=REQUEST", "METHOD:REQUEST") == "no_machine_sign"
    assert invitation("Visit", "", "METHOD:PUBLISH") == "no_machine_sign"


@pytest.mark.parametrize(
    "subject", ["Accepted: Visit", "Tentative: Visit", "مقبول: زيارة", "Zugesagt: Besuch"]
)
def test_a_calendar_that_names_no_method_answers_by_its_subject(subject: str) -> None:
    assert invitation(subject, "", "VERSION:2.0") == "calendar_reply"


@each(
    "sender",
    [
        "لا ترد على هذا البريد <info@example.sa>",
        "No Reply <system@example.sa>",
        "no_reply@example.sa",
        "alerts.noreply@example.sa",
        "do.not.reply@example.sa",
        "donotreply+x@example.sa",
        "nicht-antworten@example.de",
        "ne-pas-repondre@example.fr",
        "owner-news@example.sa",
        "news-request@example.sa",
        "autoresponder@example.sa",
        "عدم الرد <info@example.sa>",
        "بوابة المثال - لا ترد <info@example.sa>",
        "يرجى عدم الرد على هذا البريد <info@example.sa>",
        "نظام الرد الآلي <info@example.sa>",
        "Example (no reply) <info@example.sa>",
    ],
)
def test_who_reads_no_answers_gets_none(sender: str) -> None:
    assert judged("Subject: x", "شكرا", sender).reason == "no_reply_sender"


@pytest.mark.parametrize(
    "headers, body",
    [
        ("Subject: Results of your email commands", "The results of your email command are below."),
        ("Subject: Welcome", "You are now on the mailing list of the municipality."),
        ("Subject: hm\nErrors-To: <towers-owner@example.sa>", "شكرا"),
    ],
)
def test_a_list_manager_is_known_by_address_and_a_second_sign(headers: str, body: str) -> None:
    for sender in ("towers-owner@example.sa", "towers-request@example.sa", "owner-towers@example.sa"):
        assert judged(headers, body, sender).reason == "no_reply_sender"


@pytest.mark.parametrize("path", ["<>", "<MAILER-DAEMON@mx.example.sa>", "MAILER-DAEMON"])
def test_an_absence_notice_on_the_null_path_is_no_bounce(path: str) -> None:
    body = "I am out of the office until Sunday; my mailbox is full. If it is urgent please resend it."

    result = judged(f"Subject: Automatic Response\nReturn-Path: {path}\nIn-Reply-To: <1@momah.gov.sa>", body)

    assert (result.kind, result.bounced_message_id) == ("auto", None)


def test_a_receipt_on_the_null_path_that_speaks_of_failures_says_nothing_of_our_mail() -> None:
    body = "Thank you for your message. This is an automated reply. If your account does not exist, register."

    result = judged("Subject: Your request\nReturn-Path: <>\nIn-Reply-To: <1@momah.gov.sa>", body)
    other = judged(
        "Subject: Hm\nReturn-Path: <>\nIn-Reply-To: <1@momah.gov.sa>", "The record does not exist."
    )

    assert (result.kind, result.bounced_message_id) == ("auto", None)
    assert (other.kind, other.bounced_message_id) == ("bounce", None)


def test_a_newsletter_without_list_headers_is_known_by_sender_and_way_out() -> None:
    body = "Great offers this week!\n\nTo unsubscribe click here."

    assert judged("Subject: Offers", body, "News <newsletter@shop.sa>").reason == "newsletter_wording"
    assert judged("Subject: عروض", "عروض\n\nلإلغاء الاشتراك", "a <offers@shop.sa>").kind == "list"
    assert judged("Subject: Offers", "My complaint has no answer.", "News <news@shop.sa>").kind == "human"


STANDARD_SIGNS = [
    "Return-Path: <>",
    "Return-Path: <MAILER-DAEMON@example.sa>",
    "Auto-Submitted: auto-replied",
    "Auto-Submitted: auto-generated",
    "Auto-Submitted: auto-notified; owner-email=a@b.sa",
    "Auto-Submitted: Auto-Replied (vacation)",
    "Precedence: bulk",
    "Precedence: list",
    "Precedence: junk",
    "Precedence: auto_reply",
    "X-Precedence: bulk",
    "List-Id: <l.example.sa>",
    "List-Unsubscribe: <mailto:u@example.sa>",
    "List-Post: <mailto:l@example.sa>",
    "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
    "Mailing-List: contact l-help@example.sa",
    "X-BeenThere: l@example.sa",
    "X-Autoreply: yes",
    "X-Auto-Response: yes",
    "X-Autorespond: vacation",
    "X-Autoresponder: on",
    "X-AutoReply-From: a@b.sa",
    "X-Autogenerated: Reply",
    "X-Vacation: yes",
    "X-FC-MachineGenerated: true",
    "X-Loop: a@b.sa",
    "X-RT-Loop-Prevention: example",
    "X-OTRS-Loop: yes",
    "X-Failed-Recipients: gone@example.sa",
    "X-MS-Exchange-Message-Is-Ndr:",
    "X-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent",
    "X-Mailer: vacation 2.0",
    "X-POST-MessageClass: 9; Autoresponder",
    "Sender: news-bounces@example.sa",
    "Sender: owner-news@example.sa",
    "X-Mailer: MailChimp Mailer",
    "Content-Type: multipart/report; report-type=delivery-status; boundary=x",
    "Content-Type: multipart/report; boundary=x",
    "Content-Type: text/calendar; method=REPLY",
    "Content-Type: message/disposition-notification",
    "Content-Type: message/feedback-report",
]
LETTERS = [
    ("شكوى", "السلام عليكم، أشكو من تأخر طلبي رقم 12345 ولم يصلني رد."),
    ("Re: [FRS-2027-000012-3]", "I am waiting for an answer to my request."),
    ("", "12345"),
]


@each("sign", STANDARD_SIGNS)
def test_any_standard_sign_on_any_letter_makes_it_a_machines(sign: str) -> None:
    for subject, body in LETTERS:
        assert judged(f"Subject: {subject}\n{sign}", body).kind in ("auto", "bounce", "list"), subject
        assert (
            judged(f"{sign.upper() if 'boundary' not in sign else sign}\nSubject: {subject}", body).kind
            != "human"
        )
        assert judged(f"Subject: {subject}", body).kind == "human"


@each(
    "sender",
    [
        *(
            "MAILER-DAEMON@example.sa",
            "Mailer-Daemon <x@example.sa>",
            "postmaster@example.sa",
            "PostMaster@example.sa",
        ),
        *(
            "Mail Delivery Subsystem <x@example.sa>",
            "Mail Delivery System <x@example.sa>",
            "bounce@example.sa",
        ),
        *(
            "bounces+abc@example.sa",
            "MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@example.sa",
            "x-bounces@b.sa",
        ),
        *("mailer_daemon@example.sa", "maildaemon@example.sa", "noreply@example.sa", "NO-REPLY@example.sa"),
    ],
)
def test_a_mail_systems_name_on_any_letter_makes_it_a_machines(sender: str) -> None:
    for subject, body in LETTERS:
        assert judged(f"Subject: {subject}", body, sender).kind in ("auto", "bounce")


NUMBER = format_number(2027, 31)
NAMING_US = [
    (f"رد تلقائي: Re: تسجيل شكواكم رقم {NUMBER}", "أنا خارج المكتب وسأعود يوم الأحد"),
    (f"Re: حالة شكواكم رقم {NUMBER}", "أنا في إجازة، للحالات العاجلة التواصل مع سعد\n\n"
     f"> حالة شكواكم رقم {NUMBER}\n> الطلب رقم 4400123 متأخر"),
    (f"Re: [{NUMBER}]", "I am out of the office with no access to e-mail.\n\n-----Original Message-----\n"
     f"From: Desk <infocs@momah.gov.sa>\nSubject: [{NUMBER}]\n\nRequest number 4400123 is late"),
    (f"Automatic reply: [{NUMBER}]", f"Thank you for your message about {NUMBER}, not read yet."),
    ("Out of office", f"I am away with limited access to e-mail: \"Your complaint {NUMBER} is closed\"."),
    ("Undelivered Mail Returned to Sender", "This is the mail system at host mx.example.sa.\n\n"
     "<gone@example.sa>: 550 5.1.1 User unknown\n\n"
     f"Subject: {NUMBER}\nTo: gone@example.sa\n\nالطلب رقم 4400123 متأخر"),
    ("failure notice", "Hi. This is the qmail-send program at mx.\n\n<gone@example.sa>:\n550 no such user\n\n"
     f"--- Below this line is a copy of the message.\n\nRequest number 4400123 is delayed ({NUMBER})"),
    ("فشل تسليم الرسالة", f"لم يتم تسليم رسالتك {NUMBER} إلى gone@example.sa: 550 5.1.1 العنوان غير موجود"),
    ("استلام", "عزيزنا العميل، تم تسجيل الطلب رقم 4400123. هذه رسالة آلية يرجى عدم الرد عليها."),
    ("Your request 4400123 has been received", "Request number: 4400123\nThis is an automated message."),
]  # fmt: skip


@pytest.mark.parametrize("subject, body", NAMING_US)
def test_a_machine_that_names_our_number_stays_one(subject: str, body: str) -> None:
    result = judged(f"Subject: {subject}", body)

    assert result.kind != "human"
    assert is_guess(result.reason)


def test_a_shop_numbers_requests_of_its_own() -> None:
    body = "تم شحن الطلب رقم 4400123\n\nلإلغاء الاشتراك اضغط هنا"

    assert judged("Subject: طلبك", body, "Shop <updates@shop.sa>").reason == "newsletter_wording"


# --- reports about domains, and a notice in Hebrew ----------------------------------------------------------

REPORT_FILES = [
    "google.com!momah.gov.sa!1700000000!1700086399.zip",
    "yahoo.com!momah.gov.sa!1700000000!1700086400.xml.gz",
    "mx.example!momah.gov.sa!1700000000!1700086400!a1b2.xml",
    "google.com!momah.gov.sa!1700000000!1700086399!001.json.gz",
]


@pytest.mark.parametrize("name", REPORT_FILES)
def test_a_report_about_a_domain_is_known_by_its_file(name: str) -> None:
    head = f'Subject: x\nContent-Type: application/gzip; name="{name}"\nContent-Disposition: attachment'

    assert (judged(head, "").kind, judged(head, "").reason) == ("auto", "dmarc_report")


@pytest.mark.parametrize(
    "subject",
    [
        "Report domain: momah.gov.sa Submitter: google.com Report-ID: 123",
        "Report Domain: momah.gov.sa; Submitter: mail.example; Report-ID: <x@y>",
        "Dmarc Aggregate Report Domain: {momah.gov.sa}  Submitter: {Amazon SES}",
    ],
)
def test_a_report_about_a_domain_is_known_by_its_subject_and_an_answer_to_one_is_none(subject: str) -> None:
    assert judged(f"Subject: {subject}", "see attached").reason == "dmarc_report"
    assert judged(f"Subject: Re: {subject}", "هذا التقرير لا يخصنا").kind == "human"


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("הודעת היעדרות", "אני נמצא מחוץ למשרד ואחזור ב-3.12"),
        ("x", 'אני בחופשה ואשוב ב-3 בדצמבר. אין לי גישה לדוא"ל.'),
        ("x", "אני נמצאת מחוץ למשרד ואחזור ביום ראשון. במקרה דחוף ניתן לפנות לדנה."),
    ],
)
def test_a_notice_of_absence_in_hebrew_is_a_machines(subject: str, body: str) -> None:
    assert judged(f"Subject: {subject}", body).kind == "auto"


def test_a_letter_in_hebrew_from_somebody_on_leave_is_a_persons() -> None:
    assert judged("Subject: x", "אני בחופשה בריאד ולא קיבלתי תשובה על הבקשה שלי").kind == "human"
