"""Owns what only a person says: the words of somebody with a matter of their own.

Wording makes no machine of a mail in which somebody speaks of *my* request or says what *they* did: a
complaint about automatic replies, or from somebody who is abroad, is a complaint. Headers are not overruled.
"""

from __future__ import annotations

import re
from typing import Final

from daemon.mail.machines.signs import one_of

_WORD: Final = r"(?<!\w)(?:و|ف)?"
_ARABIC: Final = one_of(
    # what is theirs
    _WORD + r"(?:ب|ل|لل)?(?:شكواي|شكوتي|بلاغي|طلبي|طلباتي|معاملتي|معاملاتي|رخصتي|مشكلتي|معاناتي|قضيتي"
    r"|اعتراضي|مشروعي|عقاري|ارضي|قطعتي|محلي|حسابي|جوالي|رقمي|منزلي|بيتي|استثماري|عقدي|فرصتي|مستحقاتي|سؤالي"
    r"|استفساري|ملاحظتي|تجربتي|حقي)(?!\w)",
    # what they did, want, or got
    _WORD + r"(?:اشكو|اشتكي|اتظلم|اعترض|اتقدم|تقدمت|قدمت|رفعت|ارسلت(?! (?:تلقائيا|اليا|بشكل))|ارسل لكم"
    r"|راسلت|راسلتكم|كتبت|تواصلت|اتصلت|حاولت|راجعت|دفعت|سددت|انتظرت|انتظر|لازلت|ما ?زلت|طلبت|سالت)(?!\w)",
    _WORD + r"(?:اريد|ابغي|ابغا|ابي|احتاج|ارغب|اطالب|اطلب|اود)(?!\w)",
    _WORD
    + r"(?:وصلني|وصلتني|يصلني|تصلني|جاءني|جاءتني|جاني|يجيني|ياتيني|ردوا علي|رد علي|لم يرد|لم يتم الرد|ما احد|"
    r"لا احد|محد)(?!\w)",
    _WORD + r"(?:سا|سن)(?:رسل|زودكم|قدم|وفر|رفق|حضر|رفع)(?!\w)",
    # whom they blame
    _WORD
    + r"(?:ب|ل|من |في |علي )?(?:منصتكم|موقعكم|موظفيكم|موظفكم|موظفينكم|بلديتكم|وزارتكم|ادارتكم|ردكم|ردودكم"
    r"|رسالتكم الاليه|نظامكم|تطبيقكم)(?!\w)",
    r"(?:التواصل|تواصلوا|الاتصال|اتصلوا|كلموني|راسلوني) (?:معي|بي|علي)(?!\w)",
    r"(?:كلموني|راسلوني|افيدوني|ساعدوني|انصفوني)",
)
_ENGLISH: Final = one_of(
    r"\bmy (?:[\w-]{1,20} ){0,2}(?:complaint|request|application|case|claim|permit|licen[cs]e|problem"
    r"|issue|plot|land|project|transaction|ticket|order|property|shop|question|building|contract|refund"
    r"|money|e-?mails?)\b",
    r"\bi(?: have|'ve| had|'d)?(?: just| already| also| still| even| always| only| never)? ?(?:sent"
    r"|submitted|applied|complain(?:ed)?|filed|tried|called|phoned|asked|paid|waited|wrote|write|keep|kept"
    r"|got|demand|object|ask|want|need|wish|received? (?:an?|the|your|this|only|nothing))\b",
    r"\b(?:i am|i'm|i have been|i've been|we are|still) (?:still )?(?:waiting|complaining|writing to"
    r"|asking|trying)\b",
    r"\b(?:nobody|no ?one|none of you|your (?:employees?|staff|officers?|clerk|website|site|platform"
    r"|system|automatic|auto|team))\b[^.\n]{0,60}(?:answer|repl|respond|help|work|is|are|was|were|has|have"
    r"|do)",
    r"\b(?:i|and)(?:'ll| will| shall| can)? (?:then )?(?:send|submit|bring|upload|attach) (?:you |the |my "
    r"|it |a |all )",
    r"\bmy (?:agent|lawyer|representative|brother|sister|son|daughter|wife|husband|partner)\b",
    r"\bplease (?:allow|whitelist|fix|help|advise|clarify|explain|escalate|extend|approve|check"
    r"|investigate)\b",
    r"\b(?:contact|call|phone|reach|e-?mail|help|answer|write|tell|inform|update) (?:to )?me\b",
)
_WE: Final = one_of(
    r"\bwe(?: have|'ve| had)?(?: just| already| also| still| only| never)? ?(?:sent|submitted|applied"
    r"|complain(?:ed)?|filed|called|phoned|asked|paid|waited|demand|object|disagree|challenge|appeal"
    r"|request(?:ed)?|tried(?! to deliver))\b",
    r"\bour (?:[\w-]{1,20} ){0,2}(?:complaint|request|application|permit|licen[cs]e|plot|documents|letter"
    r"|building|refund|contract|shop|case)\b",
    _WORD
    + r"(?:نطلب|نطالب|نحتاج|نريد|نعترض|نشكو|نشتكي|تقدمنا|قدمنا|راجعنا|حاولنا|راسلنا|طلبنا|معاملتنا|رخصتنا"
    r"|شكوانا|طلباتنا|وكيلنا|محامينا)(?!\w)",
    # what was not done for them
    r"لم (?:يتم )?(?:تحل|يحل|حل|يصدر|تصدر|اصدار|ينجز|تنجز|انجاز|تعالج|معالجه|نستلم|نتسلم|استلم|يصلنا"
    r"|يصلني)(?!\w)",
)
_OTHERS: Final = one_of(
    r"\bmein(?:e|en|er|em)? (?:bau\w{0,20}|antrag|anfrage|beschwerde|anliegen|frage|problem|genehmigung"
    r"|lizenz|fall)",
    r"\bma (?:demande|plainte|question|r[eé]clamation|licence)\b|\bmon (?:dossier|probl[eè]me|permis)\b",
    r"\bmi (?:solicitud|queja|reclamo|problema|consulta|expediente|licencia|permiso)\b",
    r"\b(?:minha|meu) (?:solicita[cç][aã]o|reclama[cç][aã]o|pedido|problema|licen[cç]a)\b",
    r"\bmijn (?:aanvraag|klacht|vraag|probleem|vergunning)\b|\bla mia (?:richiesta|domanda|licenza)\b",
    r"\bmoj[aeiąę]?(?:j|go|mu)? (?:wnios|skar|spraw|zg[lł]osz)",
    r"\bмо[а-яё]{1,2} (?:заяв|жалоб|вопрос|проблем|разрешен|лиценз)",
    r"ميري (?:درخواست|شكايت)|شكايت من|درخواست من|\b(?:taleb|şikayet|başvuru)i?mi?",
    r"我的(?:申请|申請|投诉|投訴|问题|問題|许可|許可)|私の(?:申請|苦情|質問|許可|件)|제 (?:신청|민원|질문)",
)
_SELF: Final = re.compile(f"{_ARABIC}|{_ENGLISH}|{_WE}|{_OTHERS}")
_QUESTION: Final = re.compile(r"[?؟？](?=[\s\"')»?؟!]|$)")
_GREETING: Final = re.compile(
    r"\W*(?:السلام عليكم|سلام عليكم|تحيه طيبه|مرحبا|اهلا|صباح الخير|مساء الخير|السيد|الساده|الاخوه|سعاده"
    r"|معالي|dear (?:sirs?|madam|team|all|colleagues?|support)\b"
    r"|(?:hi|hello|hey|good (?:morning|day|afternoon|evening))\b(?!\. this is))"
)


def speaks_for_self(text: str) -> bool:
    """Whether somebody speaks of a matter of their own in folded `text`."""
    return _SELF.search(text) is not None


def asks(text: str) -> bool:
    """Whether folded `text` holds a question; the mark inside an address on the web is none."""
    return _QUESTION.search(text) is not None


def greets(text: str) -> bool:
    """Whether folded `text` opens as letters of people do."""
    return _GREETING.match(text) is not None
