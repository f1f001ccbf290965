"""The people of the play and the letters that they write. The Arabic is what people write, not ours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime, formataddr, make_msgid

DESK = "infocs@momah.gov.sa"
TEAM = "furas-care@momah.example"
FOLLOW_UP = "furas-follow-up@momah.example"
"""The team that escalations go to."""
OPERATOR = "operator@momah.example"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the play; `mobile` as the desk writes it (E.164)."""

    first_name: str
    name: str
    address: str
    mobile: str


KHALID = Person("Khalid", "خالد العتيبي", "khalid@example.com", "+966501234567")
NOURA = Person("Noura", "نورة الحربي", "noura@example.org", "+966559876543")

FAHD = Person("Fahd", "فهد الشمري", "fahd@example.net", "+966541230987")
HUDA = Person("Huda", "هدى الزهراني", "", "+966561112233")
"""She has no e-mail address; she telephones."""

SARA = Person("Sara", "سارة القحطاني", "sara@momah.example", "")
MONA = Person("Mona", "منى الدوسري", "mona@momah.example", "")
"""Members of staff, on the roster of the sandbox's configuration; Mona follows escalations up."""

REQUEST_OF_KHALID = "202612345"
REQUEST_OF_NOURA = "202607712"
REQUEST_OF_HUDA = "202633410"

LATE_REQUEST = """\
السلام عليكم ورحمة الله وبركاته،

تقدمت على منصة فرص بطلب استثمار موقع في حي النخيل، ورقم الطلب: ٢٠٢٦١٢٣٤٥
وقد تجاوز الطلب المدة المحددة في اتفاقية مستوى الخدمة دون أي إجراء.
آمل النظر في شكواي، وجوالي ٠٥٠١٢٣٤٥٦٧

خالد العتيبي
"""

NO_NUMBER = """\
السلام عليكم،

عند رفع كراسة الشروط على المنصة تظهر رسالة خطأ، ولا أستطيع إتمام طلبي منذ أسبوع.
جوالي 0559876543

نورة الحربي
"""

THE_NUMBER = """\
وعليكم السلام، رقم الطلب هو ٢٠٢٦٠٧٧١٢
شكرًا لكم
"""

SAME_REQUEST = """\
السلام عليكم،

كتبت لكم قبل قليل، ولم يتغير شيء في الطلب رقم 202612345
أرجو الإفادة.

خالد العتيبي
"""

AN_ANSWER = """\
السيد خالد، اطلعنا على طلبكم، وخاطبنا الأمانة بشأنه، وسنفيدكم بما يستجد.

سارة القحطاني
العناية بالعملاء
"""

THE_OUTCOME = """\
#حل
اعتمدت الأمانة طلبكم اليوم، ويمكنكم استكمال إجراءاته من حسابكم على منصة فرص.

سارة القحطاني
"""

A_CALL = "تعذر علي رفع المستندات في الطلب منذ ثلاثة أيام، وتظهر رسالة خطأ."

WITHOUT_A_NUMBER = """\
السلام عليكم،

طلبي على المنصة متأخر منذ مدة ولم يصلني أي رد.
جوالي 0541230987

فهد الشمري
"""

THE_WISH_TO_ESCALATE = """\
تصعيد
أغلقتم شكواي ولم تعالجوها. رقم الطلب 202655021
"""

ACCEPTED = """\
#قبول

منى الدوسري
"""

THE_OUTCOME_OF_ESCALATION = """\
#حل
راجعنا الطلب مع الجهة المختصة، واستكمل إجراؤه اليوم.

منى الدوسري
"""

THE_RATING = """\
٥
شكرًا لكم
"""

ABSENCE = """\
شكرًا لرسالتكم. أنا في إجازة حتى نهاية الأسبوع، وسأرد عليكم عند عودتي.
"""


def letter(
    person: Person, subject: str, text: str, now: datetime, *, answers: EmailMessage | None = None
) -> EmailMessage:
    """A mail of `person` to the desk; with `answers`, a reply to where that mail wants it, which quotes it
    below, as mail programs do."""
    made = EmailMessage(policy=policy.SMTP)
    made["From"] = formataddr((person.name, person.address))
    made["To"] = str(answers["Reply-To"] or DESK) if answers is not None else DESK
    is_reply = answers is not None and not subject.lower().startswith("re:")
    made["Subject"] = f"Re: {subject}" if is_reply else subject
    made["Date"] = format_datetime(now)
    made["Message-ID"] = make_msgid(domain=person.address.rpartition("@")[2])
    if answers is not None:
        parent = str(answers["Message-ID"]).strip()
        made["In-Reply-To"] = parent
        made["References"] = f"{answers['References'] or ''} {parent}".strip()
        text += "\n" + _quoted(answers, now)
    made.set_content(text)
    return made


def absence_notice(person: Person, answers: EmailMessage, now: datetime) -> EmailMessage:
    """What a mail server says in place of its owner (RFC 3834)."""
    made = letter(person, f"رد تلقائي: {answers['Subject']}", ABSENCE, now)
    made["In-Reply-To"] = str(answers["Message-ID"]).strip()
    made["Auto-Submitted"] = "auto-replied"
    return made


def _quoted(answers: EmailMessage, now: datetime) -> str:
    part = answers.get_body(("plain",))
    lines = part.get_content().splitlines() if part else []
    head = f"في {now:%Y/%m/%d} الساعة {now:%H:%M}، كتب منصة فرص <{DESK}>:"
    return "\n".join([head, *(f"> {line}" for line in lines)]) + "\n"
