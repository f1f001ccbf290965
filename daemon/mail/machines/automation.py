"""Owns texts that call themselves automatic, and receipts of help desks, none with a header saying so."""

from __future__ import annotations

import re
from typing import Final

from daemon.mail.machines.persons import speaks_for_self
from daemon.mail.machines.signs import Signs, one_of

_TAIL_CHARS: Final = 300
_START: Final = r"(?:^|[.\n*!(\[_-])\W*(?:please note:? ?|note: ?)?"
_SAYS_SO: Final = re.compile(
    _START
    + one_of(
        r"this (?:is|was) an? (?:automat(?:ed|ic|ically generated)|auto[- ]?(?:generated)?"
        r"|system[- ]generated|computer[- ]generated)[- ]?(?:[\w-]{1,20} ){0,2}(?:message|reply|response"
        r"|e-?mail|mail|notification|acknowledge?ment|receipt|answer|notice|confirmation)",
        r"this (?:e-?mail|message|reply|response|mail|notification) (?:is|was"
        r"|has been) (?:an? )?auto(?:matic(?:ally)?)?[ -]?(?:generated|sent|created|reply|response)",
        r"(?:automated|automatic|auto)[- ](?:reply|response|message|acknowledge?ment)\s*(?:[:.\n*-]|$)",
        r"dies(?:e|es)? (?:ist eine |e-?mail |nachricht )?[^.\n]{0,30}automatisch",
        r"ceci est une? (?:message|r[eé]ponse|e-?mail|courriel) automatique",
        r"est[ea] es? (?:una? )?(?:mensaje|respuesta|correo)[^.\n]{0,20}autom",
        r"esta [eé] uma (?:mensagem|resposta)[^.\n]{0,20}autom|questo [eè] un messaggio automatico",
        r"dit is een automatisch|to jest (?:automatyczna|wiadomość (?:automatyczna|wygenerowana))",
        r"это автоматическ|detta [aä]r ett automat|dette er en? automat|bu (?:bir )?otomatik",
        r"これは自動|このメールは(?:自動|システム)|本メールは自動",
        r"此(?:邮件|郵件|信)[^\n]{0,10}(?:自动|自動|系统|系統)",
        # «هذه رسالة آلية», not «هذه الرسالة الآلية …», which people say of ours
        r"(?:هذه رساله|هذا رد|هذا بريد|هذا اشعار|هذا ايميل)[^.\n]{0,20}(?:تلقائي|الي|اوتوماتيك)\w{0,3}",
        r"(?:تم ارسال|ارسلت|انشيت|صدرت|تم انشاء) (?:هذه الرساله|هذا البريد)[^.\n]{0,10}(?:تلقائيا|اليا)",
        r"هذه الرساله (?:ارسلت|مرسله|تم ارسالها|تم انشاوها|صدرت)[^.\n]{0,10} (?:تلقائيا|اليا|بشكل تلقائي"
        r"|بشكل الي)",
        r"اين (?:يك )?(?:پيام|ايميل) خودكار|يہ (?:ايك )?خودكار",
    ),
    re.MULTILINE,
)
_FORBIDS: Final = re.compile(
    _START
    + one_of(
        r"(?:please )?do not (?:reply|respond) (?:directly )?to this (?:automated )?(?:e-?mail|message"
        r"|mail)(?=\s*(?:$|[.,;:!()*-]|as |because |since |this |the ))",
        r"bitte antworten sie nicht|merci de ne pas r[eé]pondre|no responda a este|n[aã]o responda a est",
        r"(?:الرجاء |يرجي |نرجو |فضلا )?(?:عدم الرد|لا ترد|لا تقم بالرد) علي (?:هذه|هذا)",
    ),
    re.MULTILINE,
)
_RECEIPT: Final = re.compile(
    one_of(
        r"thank(?:s| you) (?:very much )?for (?:your|contacting|e-?mailing|writing|getting in touch"
        r"|submitting|reaching)",
        r"(?:we|i) (?:have )?(?:received|got) your",
        r"your (?:e-?mail|message|enquiry|inquiry|request|mail|ticket|case)[^.\n]{0,30} (?:has been|was|is"
        r"|have been) (?:successfully )?(?:received|delivered|forwarded|logged|registered|opened|created)",
        r"will (?:be (?:answered|processed|dealt|reviewed)|respond|reply|get back|contact you|be in touch)",
        r"we aim to|ticket (?:number|id|#)|case (?:number|id)|reference (?:number|no)",
        r"vielen dank|wir haben ihre|haben wir erhalten|merci (?:de|pour)|nous avons bien re[cç]u",
        r"gracias por|hemos recibido|obrigad|recebemos|grazie|abbiamo ricevuto|bedankt|hebben uw",
        r"dziękujemy|otrzymali|спасибо|благодарим|получено|tack för|tak for|takk for|kiitos",
        r"ありがとう|受け付け|感谢|感謝|收到|te[sş]ekk[uü]r",
        r"dear (?:customer|sender|user)\b|عزيز(?:نا|ي|تي) (?:العميل|المستفيد|المراجع)",
        r"شكرا (?:ل|علي)|نشكر|تم (?:استلام|استقبال|تسجيل|فتح)|استلمنا|وصلتنا رسال"
        r"|سيتم (?:الرد|التواصل|مراجعه)",
    )
)
_RECEIPT_SUBJECT: Final = re.compile(
    one_of(
        r"(?:we (?:have )?received|thank you for|thanks for) (?:your|contacting)",
        r"your (?:request|ticket|case|enquiry|inquiry|message|e-?mail)\b.{0,60}(?:received|created"
        r"|registered|opened|logged)",
        r"(?:acknowledge?ment|receipt|confirmation) of (?:your |receipt)",
        r"[\[(]?(?:ticket|case|request)[ #:-].{0,60}(?:received|created|opened)",
        r"تم (?:استلام|تسجيل|فتح|استقبال) (?:طلبكم|طلبك|رسالتكم|رسالتك|بلاغكم|شكواكم|تذكره|التذكره)"
        r"(?!.{0,80}(?<!\w)(?:ولم|ولا|لكن|دون|بدون|منذ)(?!\w))",
        r"eingangsbest[aä]tigung|accus[eé] de r[eé]ception|acuse de recibo|ontvangstbevestiging",
    )
)
_ROLE: Final = re.compile(
    one_of(
        r"info|support|help|helpdesk|service|customer\w{0,20}|contact|office|admin|sales|feedback",
        r"(?:e|i)nquir\w{0,6}|notification\w{0,3}|alert\w{0,3}|system|webmaster|team|care|desk"
        r"|ticket\w{0,8}",
        r"billing|news\w{0,10}|foi|servicedesk|complaints?",
    )
    + r"\b"
)
_STEMS: Final = (
    *("auto", "not reply", "not respond", "system", "computer", "otomatik", "автомат", "خودكار"),
    *("antworten sie nicht", "ne pas r", "responda", "自動", "自动", "系统", "系統", "システム"),
    *("هذه رساله", "هذا رد", "هذا بريد", "هذا اشعار", "هذا ايميل", "هذه الرساله", "هذا البريد"),
    *("عدم الرد", "لا ترد", "لا تقم"),
)
"""A cheap look before the costly patterns."""


def recognise(signs: Signs) -> str:
    """A text that calls itself automatic, with a second sign: a role's address, or a receipt's phrases. To
    forbid an answer is less: that takes two.
    """
    if not _has_stem(signs) or speaks_for_self(signs.own):
        return ""
    if says_automatic(signs):
        is_machine = _is_role(signs) or opens_as_receipt(signs) or _receipts(signs) >= 2
    else:
        wanted = 1 if _is_role(signs) else 2
        is_machine = _stands_in(_FORBIDS, signs) and _receipts(signs) + opens_as_receipt(signs) >= wanted
    return "body_wording:automatic" if is_machine else ""


def says_automatic(signs: Signs) -> bool:
    """The first or last lines call the text automatic."""
    return _has_stem(signs) and _stands_in(_SAYS_SO, signs)


def opens_as_receipt(signs: Signs) -> bool:
    """The text or the subject begins as receipts do: with thanks for the letter."""
    if _RECEIPT.match(signs.own_head.lstrip(" \n*-!.,")):
        return True
    return not signs.is_answer and _RECEIPT_SUBJECT.match(signs.subject) is not None


def _has_stem(signs: Signs) -> bool:
    return any(stem in signs.body for stem in _STEMS) and signs.is_short


def _stands_in(pattern: re.Pattern[str], signs: Signs) -> bool:
    return bool(pattern.search(signs.own_head) or pattern.search(signs.own[-_TAIL_CHARS:]))


def _receipts(signs: Signs) -> int:
    return len(_RECEIPT.findall(signs.own))


def _is_role(signs: Signs) -> bool:
    return _ROLE.match(signs.local) is not None
