"""People are heard, whatever they write about: machines, absences, bounces, or out of a machine's mouth."""

from __future__ import annotations

import pytest

from daemon.mail.letter.parse import parse
from daemon.mail.machines.classifier import classify
from daemon.workflow.ticket_number import format_number
from tests.each import each
from tests.unit.test_mail_automatic_machines import STANDARD_SIGNS

OWN = frozenset({"infocs@momah.gov.sa"})


def judged(subject: str, body: str, sender: str = "Huda <huda@example.sa>", headers: str = "") -> str:
    raw = f"From: {sender}\nTo: infocs@momah.gov.sa\nSubject: {subject}\n{headers}\n{body}"
    result = classify(parse(raw.encode()), OWN)
    return f"{result.kind}:{result.reason}"


ABOUT_ANSWERS = [
    ("شكوى", "السلام عليكم\nكلما أرسلت لكم يصلني رد تلقائي ولا أحد يحل مشكلتي. رقم الطلب 12345"),
    ("رد تلقائي", "وصلني منكم رد تلقائي فقط ولم يتم الرد على شكواي."),
    ("رد آلي: هل هناك موظف حقيقي؟", "أريد التواصل مع موظف، فالردود الآلية لا تنفع."),
    ("الردود الآلية", "هذا رد آلي كما قال الموظف، وأنا أطلب ردا من مسؤول عن طلبي 99812"),
    ("لا ترد على هذه الرسالة", "كتبتم «لا ترد على هذه الرسالة» فكيف أتواصل معكم بخصوص معاملتي؟"),
    ("Out of office: nobody answers", "I called three times and the officer is always out of the office."),
    (
        "Why is everyone out of office",
        "I have been waiting for two months. Is anybody working on request 5521?",
    ),
    ("Automatic reply", "I got an automatic reply, I want an answer from a person."),
    ("Auto-reply to my complaint", "Please stop the auto replies. My complaint 4411 is still open."),
    ("Your automated message", "This is an automated message, you wrote. I want my permit, not robots."),
    ("Absence of any answer", "There is no answer to my request since March."),
    ("Away from my home because of your decision", "The municipality closed my shop and I need help."),
    ("OOO", "I wrote to you on Sunday and received only an out of office note. Who handles my request?"),
    ("Leave", "My annual leave ends and the building licence is still not issued. I need my permit."),
    ("Keine Antwort", "Ich bekomme nur eine automatische Antwort. Meine Beschwerde ist noch offen."),
    ("Réponse automatique", "J'ai reçu une réponse automatique. Ma demande 4512 est toujours sans réponse."),
]


@each("subject, body", ABOUT_ANSWERS)
def test_a_complaint_about_automatic_answers_is_a_persons(subject: str, body: str) -> None:
    assert judged(subject, body) == "human:no_machine_sign"


AWAY = [
    ("شكوى", "أنا خارج المملكة حاليا ومعاملتي متوقفة منذ شهرين، يرجى التواصل معي على 0501234567"),
    ("تأخر طلب", "أنا حالياً في إجازة وسأعود الأحد القادم، وأرجو أن أجد طلبي رقم 55231 قد انتهى"),
    ("متابعة", "حاليا خارج المدينة. لا أستطيع مراجعة البلدية، أرغب في إنهاء الطلب إلكترونيا"),
    ("إجازة العيد", "قدمت الطلب قبل إجازة العيد ولم يرد علي أحد حتى الآن"),
    ("في إجازة", "الموظف المسؤول في إجازة منذ أسبوعين ولا بديل عنه، ومعاملتي معطلة"),
    ("خارج المكتب", "ذهبت إلى البلدية والموظف خارج المكتب دائما. أشكو من ذلك."),
    ("بإجازة بناء", "تقدمت بطلب إجازة بناء ولم تصدر"),
    ("Request 4411", "I am currently travelling. Please contact me at huda@example.sa about my request."),
    ("Help", "I am out of the country until June and my permit expires. Please call me on +966501234567."),
    (
        "Licence",
        "I'm on maternity leave and cannot visit you. Can you update me about my application by e-mail?",
    ),
    ("Office closed", "The office is closed every day at noon. I tried five times. My file is still there."),
    ("Staff", "The engineer is no longer with the municipality and nobody took over my case."),
]


@each("subject, body", AWAY)
def test_somebody_who_is_away_still_has_a_request(subject: str, body: str) -> None:
    assert judged(subject, body) == "human:no_machine_sign"


ABOUT_BOUNCES = [
    (
        "Mail delivery failed",
        "Hello,\nI wrote to the branch and it came back:\n\n550 5.1.1 <b@example.sa>: unknown user\n\nHuda",
    ),
    (
        "Undelivered Mail Returned to Sender",
        "I sent the documents twice and got this back. What is the right address?\n\n"
        "This is the mail system at host mx.example.sa.\n550 5.2.2 mailbox full",
    ),
    (
        "Fwd: Undelivered Mail Returned to Sender",
        "---------- Forwarded message ---------\nFrom: Mail Delivery System <MAILER-DAEMON@mx.example.sa>\n"
        "Subject: Undelivered Mail Returned to Sender\n\nThis is the mail system at host mx.example.sa.\n"
        "<office@example.sa>: host mx said: 550 5.1.1 unknown user",
    ),
    (
        "تعذر تسليم رسالتي",
        "السلام عليكم، أرسلت لكم المستندات وعادت إلي الرسالة:\n550 5.7.1 message rejected\nأرجو الإفادة",
    ),
    ("رد: لم يتم تسليم البريد", "لم يتم التسليم إلى عنواني، وأنا أتابع طلبي 77120"),
    (
        "Delivery failed",
        "The courier says the delivery of the permit to my address has failed, error 553 - no street",
    ),
    (
        "Returned mail",
        "Your letter was returned to the post office because the address does not exist. I moved.",
    ),
    (
        "Virus found",
        "Your site says virus found when I upload the plan of my building. It has been rejected.",
    ),
]


@pytest.mark.parametrize("subject, body", ABOUT_BOUNCES)
def test_a_person_may_forward_or_quote_a_bounce(subject: str, body: str) -> None:
    assert judged(subject, body) == "human:no_machine_sign"


QUOTING = [
    "شكرا لكم، ما زلت أنتظر.\n\nفي الأحد 3 مايو 2026 كتب وزارة البلديات <infocs@momah.gov.sa>:\n"
    "> هذه رسالة آلية، لا ترد على هذه الرسالة\n> شكرا لتواصلكم",
    "مرفق الصك.\n\n________________________________\nمن: وزارة البلديات <infocs@momah.gov.sa>\n"
    "تم الإرسال: الأحد 3 مايو 2026 10:00\nإلى: هدى\nالموضوع: استلام\n\n"
    "هذه رسالة تلقائية، شكرا لتواصلكم، تم استلام طلبكم",
    "See the attached deed.\n\n-----Original Message-----\nFrom: Ministry <infocs@momah.gov.sa>\n"
    "Sent: Sunday, May 3, 2026 10:00 AM\nTo: Huda\nSubject: Received\n\n"
    "This is an automated message. Thank you for contacting us. We have received your request.",
    "Noted.\n\nOn Sun, 3 May 2026 at 10:00, Ministry <infocs@momah.gov.sa> wrote:\n\n"
    "> I am out of the office until Sunday.\n> For urgent matters call 123.",
]


@pytest.mark.parametrize("body", QUOTING)
@pytest.mark.parametrize("sender", ["huda@example.sa", "Info <info@example.sa>"])
def test_what_somebody_quotes_of_a_machine_makes_them_none(body: str, sender: str) -> None:
    assert judged("Re: استلام", body, sender) == "human:no_machine_sign"


@each(
    "sender",
    [
        "System Administrator <ali@example.sa>",
        "Mail Administrator <it@example.sa>",
        "Delivery <delivery@example.sa>",
        "Cars <auto@example.sa>",
        "The Mailer <mailer@example.sa>",
        "MTA Contracting <mta@example.sa>",
        "Post Office <postoffice@example.sa>",
        "info@example.sa",
        "support@example.sa",
        "Noreen Plyler <noreen.plyler@example.sa>",
        "notary@example.sa",
        "automotive@example.sa",
        "cronin@example.sa",
    ],
)
@each(
    "body",
    [
        "نشكو من تأخر الطلب 12345. لم يصل أي رد.",
        "Our record does not exist in your system any more. Please correct it.",
        "Kindly note the licence was rejected by the system with error 550 and we object.",
    ],
)
def test_a_role_or_an_administrator_may_complain(sender: str, body: str) -> None:
    assert judged("Request 12345", body, sender) == "human:no_machine_sign"


@pytest.mark.parametrize(
    "footer",
    [
        "This e-mail has been automatically scanned for viruses.",
        "This message has been automatically archived by Example Ltd.",
        "Please do not reply to this email with confidential information.",
        "تم فحص هذه الرسالة آليا من الفيروسات.",
        "To unsubscribe from our newsletter visit https://example.sa",
    ],
)
def test_a_companys_footer_does_not_make_its_people_machines(footer: str) -> None:
    body = f"We submitted the application two months ago and nothing happened.\n\nRegards\nHuda\n\n{footer}"

    assert judged("Application 4411", body, "Info <info@example.sa>") == "human:no_machine_sign"


@each(
    "subject, body",
    [
        ("Confirmation of my request", "Please confirm that you are processing my request and tell me when."),
        (
            "Verification required by the bank",
            "The bank asks to verify my licence. Please reply to confirm it.",
        ),
        ("تأكيد الإرسال", "أرسلت المستندات أمس، أرجو تأكيد وصولها"),
        ("Read: the law says ten days", "Your platform was read by my lawyer. I want my request closed."),
        ("Accepted: but nothing came", "The request was accepted in March and I am still waiting."),
        ("مرفوض: طلب 12345", "تم رفض الطلب دون سبب وأعترض على ذلك"),
        ("Ticket 4411", "Your ticket number 4411 was closed. Thank you for nothing. I object."),
        ("Failure to deliver the service", "The municipality did not deliver. I complained twice."),
        ("Warning", "This is a warning: I will sue if my plot is not returned to me."),
        ("Status of delivery", "What is the status of my delivery permit?"),
        ("Mail", ""),
        ("", "12345"),
    ],
)
def test_words_that_machines_use_too_are_peoples_words(subject: str, body: str) -> None:
    assert judged(subject, body) == "human:no_machine_sign"


TRICKY = [
    (
        "شكوى عاجلة",
        "السلام عليكم\nنظام المنصة يرسل رسالة تلقائية بالرفض . نرجو مراجعة الطلب رقم 88123 من موظف مختص.",
    ),
    ("اعتراض", "تم رفض الطلب آليا. هذا رد آلي وليس قرار لجنة. نطلب إعادة النظر"),
    ("تأخر", "المسؤول عن الطلب خارج المكتب حتى نهاية الشهر كما أفادت البلدية. من البديل؟"),
    ("استفسار", "هل الدوام خلال إجازة عيد الأضحى مستمر؟ وهل تتوقف المهلة؟"),
    ("إجازة استثمارية", "نحتاج إلى إجازة استثمار للموقع رقم 5 وقد تأخرت"),
    ("اشعار استلام", "لم يصلنا إشعار استلام للطلب رقم 5521"),
    ("اشعار استلام", "مرفق إشعار استلام الموقع للمشروع"),
    ("رسالة تلقائية", "وصلت رسالة تلقائية بإغلاق الطلب قبل المعالجة"),
    ("خارج أوقات العمل", "الاتصال بكم خارج أوقات العمل لا يعمل. نريد حلا"),
    ("غير متواجد", "الموظف غير متواجد في البلدية منذ أسبوع والمعاملة معطلة. للتواصل 0501234567"),
    (
        "شكوى",
        "المهندس في إجازة من 1 محرم حتى 15 محرم ولا يوجد بديل، يرجى التواصل مع إدارة الفرع ومعالجة الطلب",
    ),
    ("شكوى", "نحن خارج المملكة ونرجو الرد بالبريد. رقم الطلب 5521"),
    ("شكوى", "نحن حاليا في سفر ولا نستطيع الحضور، للضرورة التواصل مع وكيلنا على الرقم 0501234567"),
    ("طلب", "شكرا لتواصلكم، لكن لم يتم حل المشكلة. هذه الرسالة الآلية لا تكفي."),
    ("رد: الشكوى", "شكرا لكم على الرد. وصلتنا رسالتكم. لم نتسلم القرار."),
    ("رد: الشكوى FRS", "لا"),
    ("نعم", "نعم"),
    (
        "Follow up",
        "Thank you for your e-mail. We received your message but the request is open. Please escalate.",
    ),
    ("Re: your message", "Thank you for contacting us. The number is 88123. Regards, Huda"),
    (
        "Complaint",
        "The system generated message says closed. This is a system generated rejection and we disagree.",
    ),
    ("System", "system-generated letters do not help"),
    (
        "Vacation rental licence",
        "We want to register a vacation rental on the platform. It fails with error 500.",
    ),
    (
        "Holiday homes",
        "On holiday homes: the licence page returned an error. Contact Ahmed on 0501234567 for details.",
    ),
    (
        "Travel office licence",
        "The office is closed since the licence was rejected. For urgent matters call 0501234567.",
    ),
    (
        "Urgent",
        "Our office is closed by your inspectors. For urgent contact: 0501234567. We demand reopening.",
    ),
    ("Leave to appeal", "We are on leave to appeal until Monday. Kindly advise."),
    ("Auto: licence for car workshop", "The auto workshop licence is delayed"),
    ("Auto repair", "auto repair licence renewal fails"),
    ("Out of town investor", "We are an out of town investor and wish to apply."),
    ("Away team stadium", "The away team stadium plot was cancelled."),
    ("Returned: documents", "The documents were returned to us. Please explain why."),
    ("Delivered: documents", "The documents were delivered on Sunday. No reply since."),
    ("Undeliverable promises", "The promises are undeliverable. The site could not be reached."),
    ("Failure of the platform", "The message could not be sent through your website: error 550. Please fix."),
    (
        "Message not delivered",
        "Your SMS was not delivered to the number we gave. The following number has changed: 0501234567",
    ),
    ("mailbox full", "Your mailbox is full, it says. How can we send the documents?"),
    ("Virus", "The platform says a virus was found in the PDF."),
    ("Blocked message", "Your firewall blocked message with the plan. Please whitelist."),
    ("Confirm", "Please confirm receipt. Click on the link to confirm is not working."),
    (
        "Verification link",
        "The link to verify does not work: click to verify says expired. Please verify we are listed.",
    ),
    (
        "Challenge to the decision",
        "We challenge the decision. Follow the attached instructions to verify the boundaries.",
    ),
    ("Read receipt", "The notice was read. No action."),
    ("Newsletter", "unsubscribe me from the newsletter please"),
    ("إلغاء الاشتراك", "أرجو إلغاء الاشتراك من رسائلكم"),
    (
        "Beschwerde",
        "Ich bin nicht einverstanden. Die Nachricht wurde automatisch erstellt. Dringend.",
    ),
    ("Urlaub", "Ich bin im Urlaub und brauche trotzdem meine Genehmigung. Bitte antworten Sie per E-Mail."),
    ("Plainte", "Je suis absent de Riyad. En cas d'urgence appelez mon avocat. Ma demande 4512 attend."),
    ("Queja", "Estoy fuera del país. En caso de urgencia llamen. Mi solicitud 5521 sigue abierta."),
    ("Жалоба", "Я в отпуске, срочно нужен ответ по моей заявке 5521."),
    ("شکایت", "درخواست من هنوز پاسخ داده نشده. من در مرخصی هستم، تماس بگیرید."),
    ("投诉", "我在外出差，请联系我处理我的申请 5521。"),
    ("苦情", "休暇中ですが、私の申請 5521 について返信をください。"),
    ("Talep", "Otomatik yanıt geldi ama talebim çözülmedi."),
    (
        "Ticket",
        "the ticket number 5521 was closed. This is an automated closing and wrong. thanks",
    ),
    (
        "Question",
        "Please do not reply to this address, use huda2@example.sa instead. When will the permit be issued?",
    ),
    ("Question", "Do not reply to this email. Call 0501234567. The permit 5521 is late."),
    ("طلب", "الرجاء عدم الرد على هذا البريد والرد على huda2@example.sa. متى يصدر الترخيص؟"),
    (
        "Delivery Status Notification (Failure)",
        "We tried to send documents to branch@momah.gov.sa but the message could not be delivered. What now?",
    ),
    (
        "Undelivered Mail Returned to Sender",
        "Dear team, the mail to the branch came back as undeliverable. Request 5521.",
    ),
    ("failure notice", "The contractor received a failure notice. It was rejected by the engineer."),
    ("Mail delivery failed", "the post office says mail delivery failed; our P.O. box is 550 - Riyadh"),
    (
        "Returned mail: see transcript for details",
        "See the transcript. Our letter was returned to us unopened.",
    ),
    ("الردود", "كل ردودكم جاهزة ولا يوجد فيها حل، أين المسؤول؟"),
    ("رد تلقائي: متى تنتهي المهلة", "متى تنتهي مهلة السداد؟ الرد التلقائي لا يذكرها"),
    ("رد آلي", "كل ما نحصل عليه رد آلي من المنصة"),
    ("إجازة رسمية", "هل يوم التأسيس إجازة رسمية عند احتساب الأيام؟"),
    ("في إجازة", "هل تتوقف المهلة ونحن في إجازة العيد؟"),
    ("مهمة عمل", "أنا في مهمة عمل بالرياض وأود زيارة الفرع، هل هناك موعد؟"),
    ("السفر", "أنا في سفر إلى الأحد، هل يمكن تمديد المهلة؟"),
    ("تفويض", "أنا خارج المملكة ووكلت أخي، بياناته مرفقة، يرجى التواصل معه على 0501234567"),
    (
        "موعد",
        "سأعود من السفر يوم الأحد، والموعد المحدد يوم السبت، نأمل التأجيل. للتواصل مع الوكيل 0501234567",
    ),
    ("عدم الاستلام", "أرسلنا الملف عبر البريد وعاد برسالة تعذر التسليم"),
    ("تعذر التسليم", "تعذر تسليم الموقع للمستثمر بسبب وجود تعديات"),
    ("تم استلام الطلب", "تم استلام الطلب من قبلكم ولم يعالج. رقم التذكرة 4411"),
    ("رقم التذكرة 4411", "شكرا على سرعة الرد. تم فتح التذكرة ولكن المشكلة قائمة"),
    ("مرفوض", "مرفوض: هذا ما كتب النظام"),
    ("للعلم", "تم إغلاق المنصة في وجهي بسبب خطأ، هل من حل؟"),
    ("Extension", "I am travelling on business until Sunday. Could the deadline be extended?"),
    ("Deadline during holiday", "We are away for Eid. Does the deadline stop?"),
    ("Vacation", "Does annual leave of the clerk stop the ten days?"),
    ("Automatic rejection", "The platform gave an automatic rejection without reason."),
    ("Auto-generated letter", "The auto-generated letter has a wrong plot number."),
    ("Automated message wrong", "This automated message is wrong: it names another investor."),
    ("Out of office hours", "Your phone line does not work out of office hours."),
    ("Out of office", "Every officer seems out of office. Who decides?"),
    ("out of the office until", "The officer has been out of the office until today. What is the status?"),
    (
        "Delegation",
        "I am out of the Kingdom; my brother is my agent, contact him on 0501234567 or ali@example.sa",
    ),
    ("Agent", "While I'm away please contact my agent Ali at ali@example.sa."),
    ("Absence of inspector", "The inspector was absent. The visit failed."),
    ("Thank you for your reply", "Thank you for your reply. It does not answer the question about plot 12."),
    ("Thank you", "thank you"),
    ("Received", "We have received your letter. It says the licence is cancelled. Why?"),
    (
        "your request has been received",
        "The text says 'your request has been received' and then silence for a month.",
    ),
    ("Mail returned", "Registered mail returned by the post, address incomplete."),
    ("Error 550", "Sending to inspection@momah.gov.sa gives 550 5.1.1. Is there another address?"),
    ("message rejected", "message rejected by your server: 550 5.7.1 spam. Please allow huda@example.sa"),
    ("Undeliverable: plans", "Undeliverable: plans. The platform does not accept files over 10 MB."),
    ("Delivery delayed", "Delivery of the licence delayed again. This is the third delay."),
    ("Mail delivery failed: returning message to sender", "I keep getting this when I write to you. Fix it."),
    ("Delivery Status Notification (Failure)", "What does this mean? I sent the plan to plans@momah.gov.sa"),
    ("Please confirm", "Please confirm that the message reached you. Reply to this message to confirm."),
    ("Action required", "Action required: the wall collapsed. Please send an inspector to verify."),
    ("Verification", "Visit the site to verify the boundaries; the mail from the notary is pending."),
    ("no reply", "no reply from you since March"),
    ("noreply", "why does noreply@momah.gov.sa exist if nobody reads it"),
    ("Unsubscribe", "unsubscribe"),
    ("Read: again", "Was read, not answered."),
    ("تمت القراءة", "تمت القراءة ولم يصل حل"),
    ("Accepted", "Accepted, thank you"),
    ("Automatische Ablehnung", "Die automatische Ablehnung ist falsch. Bitte prüfen."),
    ("Abwesenheit des Prüfers", "Der Prüfer war abwesend. Wann kommt er wieder?"),
    ("Absence", "L'absence de réponse dure depuis un mois."),
    ("Automatique", "Le rejet automatique est injuste. Merci de vérifier."),
    ("Ausencia", "La ausencia de respuesta dura un mes."),
    ("不在", "担当者が不在で手続きが進みません。"),
    ("自动拒绝", "系统自动拒绝了我的申请"),
    ("دفتر", "دفتر بلدیہ بند ہے، میری درخواست کا کیا ہوا؟"),
    (
        "شكوى بخصوص الرد الآلي",
        "تواصلت مع الشات وكل ما يأتيني رد آلي لا يفيد، أطلب تحويلي لموظف. رقم الطلب 3345112",
    ),
    ("تأخير", "الموظفة في إجازة أمومة ولم يكلف أحد بمعاملتنا"),
    ("رد: رد: شكوى", "تمام شكرا"),
    ("رد تلقائي", "السلام عليكم، لماذا يصل هذا الرد؟"),
    ("Re: رد تلقائي", "المشكلة لم تنته"),
    ("خارج المكتب", "المندوب خارج المكتب طول الوقت والمكتب مغلق"),
    ("إجازة عيد الفطر", "نرجو توضيح مواعيد العمل خلال إجازة عيد الفطر ومتى ينتهي احتساب المدة"),
    ("اجازة", "طلب إجازة نشاط تجاري"),
    ("غياب", "غياب المراقب أدى لتأخير التسليم"),
    ("إشعار", "وصل إشعار برفض الطلب آليا بدون سبب"),
    ("رسالة آلية", "رسالة آلية تصل يوميا برقم طلب لا يخصنا"),
    ("لا ترد", "الجهة لا ترد على الاتصالات"),
    ("عدم الرد على هذه الشكوى", "عدم الرد على هذه الشكوى أكثر من شهر مخالف للنظام"),
    ("شكرا", "شكرا لتواصلكم وسرعة الرد، المشكلة انتهت"),
    ("شكرا", "شكرا على المتابعة. تم استلام القرار."),
    ("تم", "تم استلام المبلغ"),
    ("استفسار", "نشكركم على جهودكم. هل تم استلام طلبنا المؤرخ 1/5؟"),
    ("متابعة", "وصلتنا رسالتكم وسيتم تزويدكم بالمستندات يوم الأحد"),
    ("إفادة", "سيتم الرد على ملاحظاتكم بعد عودة المهندس من الإجازة يوم الأحد، للتواصل 0501234567"),
    ("مستندات", "المستندات مع المهندس وهو في إجازة حتى الأحد، سيتم إرسالها عند عودته"),
    ("رد على طلب البيانات", "أنا حاليا خارج الرياض وسأرسل صورة الصك عند عودتي يوم الأحد"),
    ("رد على طلب البيانات", "I am out of town and will send the deed when I return on Sunday."),
    ("Re: [FRS-2027-000012-3]", "I am on leave this week, will send the papers on Sunday."),
    ("Re: info", "I'm travelling, back on Monday, then I will provide the number."),
    (
        "Fwd: Automatic reply",
        "See below, this is what the branch answers every time.\n\nFrom: Branch\nSubject: Automatic "
        "reply\n\nI am out of office",
    ),
    ("Out of office again", "Out of office again. Nobody decides."),
    ("Auto reply", "Auto reply again and again!"),
    ("System error", "This is a system generated error we cannot pass: code 42."),
    ("Licence", "The licence officer is no longer with you, and the new one has not been named."),
    ("Mailbox", "The mailbox inspections@momah.gov.sa is full and mails are returned."),
    ("Bounce", "mails to branch bounce: 550 5.2.2 mailbox full"),
    ("Return to sender", "The parcel with the plans was returned to sender. Where is your office?"),
    ("Undelivered parcel", "Undelivered parcel with plans"),
    ("Delivery problem", "There is a problem with delivery of waste containers in the street."),
    ("Mail problem", "mail problem: cannot attach the file"),
    ("Message status", "What is the status of message 4411?"),
    ("Error in the permit", "Error in the permit: name is wrong"),
    ("Notification error", "The platform shows a notification error when submitting."),
    ("Warning signs", "Warning signs are missing at the site."),
    ("Failed inspection", "Failed inspection, want a second one."),
    ("Rejected", "The application was rejected for the following reason: address not found. It exists."),
    ("Address not found", "Address not found, says the map of the platform."),
    ("Unknown user", "Unknown user when I log in to the platform."),
    ("Invalid address", "Invalid address shown on the licence."),
    ("Quota", "quota exceeded for attachments"),
    ("Spam", "Your SMS goes to spam."),
    ("Account", "My account has been disabled."),
    ("User unknown", "the site says user unknown, account does not exist"),
    ("Confirm appointment", "please confirm the appointment on Sunday"),
    ("Verify", "please verify the area: 500 m2"),
    ("Newsletter", "The newsletter has a wrong number"),
    ("عطل", "المنصة لا تعمل خارج أوقات الدوام"),
    ("Antwort", "Wann bekomme ich eine Antwort? Ihre automatische Antwort hilft nicht."),
    ("Demande", "Votre réponse automatique ne répond pas à la question."),
    ("Consulta", "La respuesta automática no sirve."),
    ("Şikayet", "Otomatik cevap istemiyorum"),
    ("رد على طلب بيانات", "رقم الطلب 4455123، أعتذر عن التأخر كنت في إجازة"),
    ("Re: FRS", "I was on holiday, sorry. The number is 4455123"),
    ("رد: استكمال", "أنا في إجازة ولا أملك الرقم الآن، سيصلكم يوم الأحد"),
    ("رد: استكمال", "أنا خارج المكتب الآن، الرقم 4455123"),
    ("رد: استكمال", "خارج المكتب حاليا، الرقم هو 4455123"),
    ("Re: data", "Out of office now, the number is 4455123"),
    ("Re: data", "I am out of office now and my assistant will call you. Number 4455123"),
    ("Re: data", "I'm away from my desk, number is 4455123, call me on 0501234567"),
    ("Re: data", "On leave. Number 4455123. Thanks"),
    ("استفسار", "هل يمكن تمديد المهلة؟ نحن في إجازة حتى الأحد، ويمكن التواصل مع المكتب الهندسي"),
    ("شكوى", "المكتب الهندسي في إجازة، يرجى التواصل مع المالك مباشرة 0501234567"),
    ("شكوى", "أفيدكم بأني في مهمة خارج المدينة، ويرجى التواصل مع شريكي أحمد 0501234567 لاستلام الموقع"),
    (
        "Handover",
        "I am on a business trip; for the handover please contact the site engineer Ali 0501234567.",
    ),
    (
        "Handover",
        "We are out of office until Sunday due to Eid, please contact the guard at the site for the key "
        "0501234567.",
    ),
    ("اعتذار عن الحضور", "أعتذر عن حضور الاجتماع لكوني في إجازة، وسيحضر بدلا عني المهندس فهد"),
    ("Meeting", "I will be on leave on Sunday, Fahd will attend instead of me."),
    ("تفويض بالمراجعة", "سأكون خارج المملكة من 1 إلى 10 مايو وفي حال الحاجة التواصل مع المفوض صالح"),
]


@each("subject, body", TRICKY)
def test_a_letter_that_borrows_a_machines_words_is_a_persons(subject: str, body: str) -> None:
    for sender in ("Huda <huda@example.sa>", "Support <support@company.sa>"):
        assert judged(subject, body, sender) == "human:no_machine_sign"


def test_a_bounce_forwarded_as_an_attachment_is_a_persons() -> None:
    headers = 'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="b"\n'
    body = (
        "--b\nContent-Type: text/plain\n\nThis came back when I wrote to the branch. Please help.\n"
        "--b\nContent-Type: message/rfc822\n\nFrom: MAILER-DAEMON@mx.example.sa\nSubject: failure notice\n"
        "Return-Path: <>\nAuto-Submitted: auto-replied\n\nHi. This is the qmail-send program.\n--b--\n"
    )

    assert judged("Fwd: failure notice", body, headers=headers) == "human:no_machine_sign"
    assert judged("failure notice", body, headers=headers) == "human:no_machine_sign"


def test_a_report_taken_apart_by_a_persons_program_is_forwarded_by_a_person() -> None:
    headers = 'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="b"\n'
    body = (
        "--b\nContent-Type: text/plain\n\nThis came back.\n\nBegin forwarded message:\n\nThe mail system.\n"
        "--b\nContent-Type: message/delivery-status\n\nFinal-Recipient: x\nAction: failed\n--b--\n"
    )

    assert (
        judged("Fwd: Undelivered Mail Returned to Sender", body, headers=headers) == "human:no_machine_sign"
    )
    assert judged("Undelivered Mail Returned to Sender", body, headers=headers) == "bounce:dsn"


@each(
    "header",
    [
        "X-Auto-Response-Suppress: All",
        "X-Auto-Response-Suppress: DR, OOF, AutoReply",
        "Auto-Submitted: no",
        "Disposition-Notification-To: huda@example.sa",
        "Return-Receipt-To: huda@example.sa",
        "Precedence: normal",
        "X-Priority: 1",
        "X-PMRQC: 1",
        "Return-Path:",
        "Return-Path:  ",
        "Return-Path: <huda@example.sa>",
        "X-Mailer: Microsoft Outlook 16.0",
        "Feedback-ID: x:y:z",
        "Content-Type: text/calendar; method=REQUEST",
    ],
)
def test_a_header_that_peoples_programs_write_is_no_sign(header: str) -> None:
    assert judged("شكوى", "لم يصلني رد على طلبي", headers=header + "\n") == "human:no_machine_sign"


@pytest.mark.parametrize(
    "sender",
    [
        *("villa-owner@example.sa", "permit-request@example.sa", "owner-farm7@example.sa"),
        "البلدية لا ترد علي <huda@example.sa>",
        "تظلم من عدم الرد <huda@example.sa>",
        "عدم الرد على البلاغات <huda@example.sa>",
        "سئمت الرد الآلي <huda@example.sa>",
        "Two months and still no reply <huda@example.sa>",
        "They do not reply <huda@example.sa>",
    ],
)
def test_an_owner_and_somebody_without_an_answer_are_people(sender: str) -> None:
    assert judged("إفادة", "القرار لم يصل بعد", sender) == "human:no_machine_sign"


@pytest.mark.parametrize(
    "body",
    [
        "قدمت بطلب لإلغاء الرخصة ولم يصل شيء.",
        "كيف لإلغاء الترخيص من سبيل؟",
        "I want my plot back.\n\nTo unsubscribe from our offers click here.",
    ],
)
def test_the_marketing_of_a_company_may_complain(body: str) -> None:
    assert judged("شكوى", body, "Example <marketing@example.sa>") == "human:no_machine_sign"


NUMBER = format_number(2027, 31)
NAMED = [
    (
        "Licence",
        "I am out of the country with limited access to the phone. Request no. 4400123 is late again.",
    ),
    ("Re: data", "We are on leave, with no access to e-mail after noon.\nRequest number: 4400123"),
    (
        "مهلة",
        "نحن في إجازة حتى الأحد، للضرورة الاتصال على الرقم 0501234567. الطلب رقم ٤٤٠٠١٢٣ لا يزال معلقا.",
    ),
    ("إفادة", f"أنا خارج المملكة، وللحالات الطارئة 0501234567. هذا ما حدث في {NUMBER} حتى اليوم."),
    ("تعذر التسليم", "عند رفع الملف ظهر الرمز 550 5.7.1 وتعذر تسليم الملف للطلب رقم 4400123"),
    ("Message rejected", "The message was rejected by the portal, 550 5.7.1, for application 4400123."),
    ("التحقق من هويتك", "أضغط هنا فلا شيء: اضغط للتحقق. رسالتك معلقة! المعاملة رقم 4400123"),
    ("رد تلقائي: فقط", "الطلب رقم 4400123 متوقف من أسبوع"),
    ("تم استلام طلبكم ولم يبدأ", "هذه رسالة آلية لا غير، والطلب رقم 4400123 على حاله"),
    (
        "System",
        "This is an automated message, again. Request number 4400123 is still open. Thanks for your letter",
    ),
]


@pytest.mark.parametrize("subject, body", NAMED)
def test_somebody_who_names_a_matter_with_us_is_a_person(subject: str, body: str) -> None:
    assert judged(subject, body) == "human:no_machine_sign"


def test_no_number_overrules_a_header() -> None:
    for header in STANDARD_SIGNS:
        for subject, body in NAMED:
            assert not judged(subject, body, headers=header + "\n").startswith("human"), header
