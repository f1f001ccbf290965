"""The values themselves of which samples are made: usual ones, those of each notification, hostile ones."""

from __future__ import annotations

from daemon.templating.values import Value
from daemon.workflow.listed import Listed, packed

Context = dict[str, Value]
TICKET = "FRS-2026-000123-4"
REPLY_TO = "infocs+k4tzq2m7x5w3n6p4r7d2h5c8v3b9y7g6j2s5f4a@momah.gov.sa"
"""Shaped as the address of a reply token; no key signed it."""

STATUS_URL = "https://furas.momah.gov.sa/c/k7q2m4x9t5w3z8n6"
LONGEST_URL = "https://shakwa.furas.momah.gov.sa/c/k7Q2m4X9t5W3z8N6p4R7d2H5aB"
"""As long as a page's address gets (`mail.trust.tokens.mint_link`: 26 characters): the SMS limits are checked
with it."""

USUAL: Context = {
    "ticket_number": TICKET,
    "service_name": "منصة فرص",
    "unified_number": "199040",
    "mailbox_address": "infocs@momah.gov.sa",
    "requester_name": "عبدالله بن محمد القحطاني",
    "requester_email": "abdullah.q@example.com",
    "requester_phone": "+966501234567",
    "requester_handle": "abdullah_q",
    "writer_email": "partner@example.org",
    "request_number": "4501728",
    "opened_at": "2026-11-23T12:05:00+00:00",
    "joined_at": "2026-11-24T06:30:00+00:00",
    "crossed_at": "2026-11-24T06:30:00+00:00",
    "failed_at": "2026-11-23T13:40:00+00:00",
    "received_at": "2026-11-23T12:05:00+00:00",
    "since": "2026-11-23T11:55:00+00:00",
    "first_response_due": "2026-11-24T12:05:00+00:00",
    "escalation_due": "2026-12-13T10:15:00+03:00",
    "processing_due": "2026-12-07T12:05:00+00:00",
    "possible_at": "2026-12-07T12:05:00+00:00",
    "due_at": "2026-12-07T12:05:00+00:00",
    "raised_at": "2026-12-08T06:20:00+00:00",
    "day": "2026-12-07T08:00:00+03:00",
    "processing_days": 10,
    "closure_business_days": 3,
    "reopen_days": 14,
    "reopen_until": "2026-12-14T10:30:00+03:00",
    "closes_at": "2026-11-26T10:20:00+03:00",
    "first_response_days": 1,
    "valid_days": 14,
    "percent": 80,
    "open_count": 23,
    "awaiting_count": 4,
    "suppressed_count": 2,
    "suppressed": [
        "الشكوى FRS-2026-000090-3: رسالة نصية – تجاوز عدد الأرقام التي يذكرها المرسل الواحد في اليوم"
    ],
    "undelivered_count": 2,
    "silent_count": 1,
    "undelivered": ["لم يصل إشعار «التنبيه قبل الإغلاق» المرسل عبر الرسائل النصية"],
    "sending_held_at": "2026-12-07T07:30:00+03:00",
    "sending_held_why": "تحديث بوابة الرسائل النصية",
    "quarantined_count": 3,
    "audit_head": "77e77657cc42291fc95307ab9cab0ea1",
    "missing": [],
    "status_url": STATUS_URL,
    "survey_url": "https://furas.momah.gov.sa/s/h4d8r2k6v9b3y7c5",
    "size_mb": 41,
    "limit_mb": 35,
    "state": "open",
    "close_reason": "resolved",
    "category": "sla_exceeded",
    "reason": "reply",
    "subject": "تأخر الرد على طلب استثمار موقع في حي النخيل",
    "text": "السلام عليكم،\n"
    "رفعت الطلب رقم 4501728 على منصة فرص منذ شهر ولم يُتخذ أي إجراء بشأنه.\n\nشاكرًا لكم.",
    "attachments": ["صورة الطلب.pdf", "screenshot-01.png"],
    "linked_ticket": "",
    "other_ticket": "",
    "authenticated": True,
    "from_requester": True,
    "replies_go_to_citizen": True,
    "notification": "received",
    "channel": "email",
    "recipient": "abdullah.q@example.com",
    "error": "550 5.1.1 mailbox unavailable",
    "sender": "staff.member@momah.gov.sa",
    "quarantine_id": "1842",
    "what": "fetch_down",
    "writer_name": "سارة بنت خالد العتيبي",
    "team_name": "فريق الفرص الاستثمارية",
    "report_month": "نوفمبر 2026",
    "report_team": "care",
    "report_lines": [
        "شكاوى واردة: 214 – أُعيد فتحها: 6، الفترة السابقة: 198",
        "المعالجة في وقتها: 88% – الوسيط: 4.9 يوم عمل، الفترة السابقة: 84%",
    ],
    "command": "حلل",
    "due_today": [
        packed(Listed(TICKET, "تأخر الرد على طلب", "first_response", "2026-12-07T12:00:00+03:00")),
        packed(
            Listed(
                "FRS-2026-000131-5",
                "تعذر رفع المخطط",
                "processing",
                "2026-12-07T15:05:00+03:00",
                assignee="سارة بنت خالد العتيبي",
            )
        ),
    ],
    "half_used": [packed(Listed("FRS-2026-000120-7", "تأخر", "processing", "2026-12-13T15:05:00+03:00"))],
    "others": [],
    "others_first_response": [packed(Listed("FRS-2026-000131-5", due_at="2026-12-07T15:12:00+03:00"))],
    "others_processing": [],
    "cause": "unheard",
    "news": "to_citizen",
    "breached": [
        packed(
            Listed(
                "FRS-2026-000077-1",
                "طلب ترخيص لوحات إعلانية",
                "processing",
                "2026-12-03T15:05:00+03:00",
                late_days=3,
                assignee="سارة بنت خالد العتيبي",
            )
        )
    ],
    "held": [packed(Listed("FRS-2026-000081-9", "شكوى بشأن رسوم"))],
    "quarantined": [
        "1842: لم يثبت صدورها عن عنوان مرسلها – sales[@]example[.]org – «عرض خاص»"
        " – الاثنين 7 ديسمبر 2026، 2:14 ص",
        "1850: صنفها خادم البريد رسالة مزعجة – m.saleh[@]example[.]com – «شكوى»"
        " – الاثنين 7 ديسمبر 2026، 5:40 ص",
    ],
    "released": ["1850"],
    "blocked": ["1842: sales[@]example[.]org"],
    "history": [
        "الاثنين 23 نوفمبر 2026، 3:05 م – تسجيل الشكوى",
        "الثلاثاء 24 نوفمبر 2026، 9:30 ص – رد على العميل",
    ],
    "detail": "imap.example.com:993: connection refused",
}

_OUTCOME = (
    "جرت مراجعة الطلب رقم 4501728، واستُكملت إجراءاته لدى الأمانة.\n\n"
    "ويمكنكم الاطلاع على حالته في حسابكم على منصة فرص."
)

_ASKED = "نأمل تزويدنا بصورة من المخطط المعتمد."
USUAL_OF: dict[str, Context] = {
    "closed_not_admitted": {"text": "لم يتضمن ردكم رقم طلب على منصة فرص."},
    "resolved": {"text": _OUTCOME, "closure_business_days": 1},
    "reply": {"text": "الطلب قيد الدراسة لدى الإدارة المختصة.\nنأمل تزويدنا بصورة من المخطط المعتمد."},
    "escalation_outcome": {"text": "تتولى إدارة الاستثمار متابعة الطلب مع الأمانة."},
    "staff_note": {"text": "جرى التواصل مع الأمانة هاتفيًّا، وأفادت بقرب اكتمال الدراسة."},
    "staff_command_error": {"detail": "#حل"},
    "staff_done": {"done": ["سُجلت نتيجة المعالجة – عولجت"], "sent": ["resolved"]},
    "staff_escalated": {"text": "تصعيد\nمضى شهر على الشكوى ولم تصلني أي نتيجة."},
}
"""What a variable usually holds in one notification, where another uses its name for something else."""

FILES: Context = {
    "attachments_linked": [f"https://furas.momah.gov.sa/f/k7d2m9x4q8v3n6b5/{TICKET}-attachment-3.mp4"],
    "attachments_linked_names": [f"{TICKET}-attachment-3.mp4 (جولة في الموقع.mp4)"],
    "attachments_kept": [f"{TICKET}-attachment-4.mp4 (مقطع الموقع.mp4)"],
    "attachments_unscanned": [f"{TICKET}-attachment-1.pdf (صورة الطلب.pdf)"],
    "attachments_unopened": [f"{TICKET}-attachment-2.zip (صور.zip)"],
    "attachments_withheld": [f"{TICKET}-attachment-5.pdf (عقد.pdf)"],
    "attachments_infected": [f"{TICKET}-attachment-6.doc (فاتورة.doc): Win.Test.EICAR_HDB-1"],
    "attachments_blocked": [f"{TICKET}-attachment-7.exe (تقرير.pdf.exe)"],
    "attachments_too_large": [f"{TICKET}-attachment-8.mov (مقطع.mov)"],
}
"""What becomes of files of a mail that do not simply come along."""

TOGETHER: dict[str, Context] = {
    "close_reason": {"state": "closed"},
    "cause": {"kind": "standstill"},
    "is_same_address": {"linked_ticket": "FRS-2026-000077-1"},
}
"""What must hold beside a choice of a variable, or a flag, where the notification has it, for it to show."""

BY_KIND: dict[str, Value] = {
    "line": "نص",
    "lines": "سطر\nوسطر",
    "moment": "2026-11-23T12:05:00+00:00",
    "number": 7,
    "flag": True,
    "list": [],
    "url": STATUS_URL,
    "ticket": TICKET,
}

_LONG_NAME = (
    "المهندسة نورة بنت عبدالرحمن بن عبدالعزيز آل عبداللطيف الشمري"
    " - Al Abdullatif Trading & Contracting Co. Ltd."
)

_MARKUP = "**عاجل** <script>alert(1)</script> [اضغط](javascript:alert(1)) {{ ticket_number }} & 'x' \"y\" `z`"
_MIXED = "طلب (ABC-12) رقم 4501728-B/٧ \u202eمقلوب abc \u2066 بلا نهاية"
_BREAKS = "سطر\r\nBcc: victim@example.com\r\n\r\nنص\u2028آخر\u0000\u0085=?utf-8?B?2LQ=?="
HOSTILE_WORDS: dict[str, dict[str, str]] = {
    "long": {"line": _LONG_NAME, "lines": (_LONG_NAME + "\n") * 20},
    "mixed": {"line": _MIXED, "lines": f"{_MIXED}\n\u202bشكرًا\n" * 3},
    "markup": {"line": _MARKUP, "lines": f"# {_MARKUP}\n- {_MARKUP}\n---\n> {_MARKUP}"},
    "breaks": {"line": _BREAKS, "lines": _BREAKS * 3},
}

LONG_SUBJECT = "شكوى بخصوص طلب " * 66
VARIANTS_OF: dict[str, dict[str, Context]] = {
    "staff_command_error": {
        "meant-nothing": {"error": "unknown_command", "detail": ""},
        "two-texts": {"error": "cannot_combine", "detail": ""},
        "both-judged": {"error": "cannot_combine", "detail": "17", "command": "حظر", "ticket_number": ""},
        "closing-unwarned": {"error": "bad_reason", "detail": "no_response", "command": "إغلاق"},
        "closing-as-resolved": {"error": "bad_reason", "detail": "resolved", "command": "إغلاق"},
        "closed-now": {"error": "impossible_state", "detail": "closed", "command": ""},
        "escalated-now": {"error": "impossible_state", "detail": "raised", "command": ""},
        "meant-reply": {"error": "forgotten_sign", "detail": "#رد", "command": "رد"},
        "meant-note": {"error": "forgotten_sign", "detail": "#ملاحظة", "command": "ملاحظة"},
        "meant-unknown": {"error": "forgotten_sign", "detail": "", "command": ""},
    },
    "staff_breached": {
        label: {"kind": "standstill", "cause": cause, "state": state}
        for label, cause, state in (
            ("attachments", "attachments", "awaiting_info"),
            ("unproved", "unproved", "awaiting_info"),
            ("unproved-resolved", "unproved", "resolved"),
        )
    },
    "staff_delivery_failed": {
        "contradictory": {"is_undelivered": True, "is_contradictory": True, "error": "undelivered 21"},
    },
    "staff_done": {
        "crossed": {"crossed_at": "2026-11-24T06:30:00+00:00"},
        "nothing-sent": {"sent": [], "by_email": False, "by_sms": False},
    },
    "staff_digest": {
        "switched-off": {"switched_off": ["joined", "in_progress"]},
        "unsettled": {"unsettled": ["رسائل في صندوق الوارد لم يقرأها النظام (الرقم UID): INBOX 17"]},
    },
    "closed": {"merged": {"close_reason": "duplicate", "other_ticket": "FRS-2026-000077-1"}},
    "info_requested": {"by-staff-no-link": {"text": _ASKED, "missing": [], "status_url": ""}},
    "escalation_outcome": {
        "by-staff-declined": {"by_staff": True, "outcome": "declined"},
        "declined-ended": {"outcome": "declined", "is_open": False},
    },
    "status": {
        "late-escalated": {"is_late": True, "escalation": "raised"},
        "asked-by-staff": {"state": "awaiting_info", "text": _ASKED},
        "resolved-late": {"state": "resolved", "is_late": True},
        "closed-late": {"state": "closed", "close_reason": "resolved", "is_late": True},
        **{
            f"closed-{reason}": {"state": "closed", "close_reason": reason}
            for reason in ("resolved", "no_response", "not_admitted", "duplicate", "withdrawn")
        },
    },
}
"""What leads to a variant, where one choice or flag alone does not."""
