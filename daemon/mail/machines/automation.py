"""Owns texts that call themselves automatic, and receipts of help desks, none with a header saying so."""

from __future__ import annotations

import re
from typing import Final

from daemon.mail.machines.persons import speaks_for_self
from daemon.mail.machines.signs import HEAD_CHARS, Signs, one_of

_TAIL_CHARS: Final = 300
_SAYS_SO: Final = re.compile(
    r"(?:^|[.\n*!(\[_-])\W*(?:please note:? ?|note: ?)?"
    + one_of(
        r"this (?:is|was) an? (?:automat(?:ed|ic|ically generated)|auto(?:mated)?[- ]?(?:generated|reply"
        r"|response)"
        r"|system[- ]generated|computer[- ]generated)[\w -]{0,30}",
        r"this (?:e-?mail|message|reply|response|mail|notification) (?:is|was"
        r"|has been) (?:an? )?auto(?:matic(?:ally)?)?[ -]?"
        r"(?:generated|sent|created|reply|response)",
        r"(?:please )?do not (?:reply|respond) (?:directly )?to this (?:automated )?(?:e-?mail|message|mail)"
        r"(?=\s*(?:$|[.,;:!()*-]|as |because |since |directly|this |the ))",
        r"(?:automated|automatic|auto)[- ](?:reply|response|message|acknowledge?ment)\s*(?:[:.\n*-]|$)",
        r"dies(?:e|es)? (?:ist eine |e-?mail |nachricht )?[^.\n]{0,30}automatisch|bitte antworten sie nicht",
        r"ceci est un(?:e)? (?:message|r[eé]ponse|e-?mail|courriel) automatique|merci de ne pas r[eé]pondre",
        r"(?:este|esta) es? (?:un|una)? ?(?:mensaje|respuesta|correo)[^.\n]{0,20}autom|no responda a este",
        r"esta [eé] uma (?:mensagem|resposta)[^.\n]{0,20}autom|n[aã]o responda a est",
        r"questo [eè] un messaggio automatico|dit is een automatisch|to jest (?:automatyczna|wiadomość)",
        r"это автоматическ|detta [aä]r ett automat|dette er en? automat|bu (?:bir )?otomatik",
        r"これは自動|このメールは(?:自動|システム)|本メールは自動|此(?:邮件|郵件|信)[^\n]{0,10}(?:自动"
        r"|自動|系统|系統)",
        r"(?:هذه|هذا) (?:ال)?(?:رساله|رد|بريد|اشعار|ايميل)[^.\n]{0,20}(?:تلقائي|الي|اوتوماتيك)\w{0,3}",
        r"(?:الرجاء |يرجي |نرجو |فضلا )(?:عدم الرد|لا ترد)[^.\n]{0,4} علي (?:هذه|هذا)|لا ترد علي (?:هذه|هذا)",
        r"اين (?:يك )?(?:پيام|ايميل) خودكار|يہ (?:ايك )?خودكار",
    ),
    re.MULTILINE,
)
_RECEIPT: Final = re.compile(
    one_of(
        r"thank(?:s| you) (?:very much )?for (?:your|contacting|e-?mailing|writing|getting in touch|the"
        r"|submitting"
        r"|reaching)",
        r"(?:we|i) (?:have )?(?:received|got) your",
        r"your (?:e-?mail|message|enquiry|inquiry|request|mail|ticket|case)[^.\n]{0,30} (?:has been|was"
        r"|is|have been) "
        r"(?:successfully )?(?:received|delivered|forwarded|logged|registered|opened|created)",
        r"will (?:be (?:answered|processed|dealt|reviewed)|respond|reply|get back|contact you|be in touch)",
        r"acknowledge|we aim to|ticket (?:number|id|#)|case (?:number|id)|reference (?:number|no)",
        r"vielen dank|wir haben ihre|haben wir erhalten|merci (?:de|pour)|nous avons bien re[cç]u",
        r"gracias por|hemos recibido|obrigad|recebemos|grazie|abbiamo ricevuto|bedankt|hebben uw",
        r"dziękujemy|otrzymali|спасибо|благодарим|получено|tack för|tak for|takk for|kiitos|ありがとう"
        r"|受け付け",
        r"感谢|感謝|收到|te[sş]ekk[uü]r",
        r"شكرا (?:ل|علي)|نشكر|تم (?:استلام|استقبال|تسجيل|فتح)|(?:لقد )?استلمنا|وصلتنا|وصلنا"
        r"|سيتم (?:الرد|التواصل|مراجعه)",
        r"do not (?:reply|respond)|unmonitored|not monitored|عدم الرد|لا ترد",
    )
)
_RECEIPT_SUBJECT: Final = re.compile(
    one_of(
        r"(?:we (?:have )?received|thank you for|thanks for) (?:your|contacting)",
        r"your (?:request|ticket|case|enquiry|inquiry|message|e-?mail)\b.{0,60}(?:received|created"
        r"|registered|opened|logged)",
        r"(?:acknowledge?ment|receipt|confirmation) of (?:your |receipt)",
        r"[\[(]?(?:ticket|case|request)[ #:-].{0,60}(?:received|created|opened)",
        r"تم (?:استلام|تسجيل|فتح|استقبال) (?:طلبكم|طلبك|رسالتكم|رسالتك|بلاغكم|شكواكم|تذكره|التذكره)",
        r"eingangsbest[aä]tigung|accus[eé] de r[eé]ception|acuse de recibo|ontvangstbevestiging",
    )
)
_ROLE: Final = re.compile(
    r"(?:info|support|help|helpdesk|service|customer\w{0,20}|contact|office|admin|sales|feedback"
    r"|enquir\w{0,6}"
    r"|inquir\w{0,6}|notification\w{0,3}|alert\w{0,3}|system|webmaster|team|care|desk|ticket\w{0,8}"
    r"|billing|news\w{0,10}"
    r"|foi|servicedesk|complaints?)\b"
)
_STEMS: Final = (
    *("auto", "not reply", "not respond", "system", "computer", "otomatik", "автомат", "خودكار"),
    *("antworten sie nicht", "ne pas r", "responda", "自動", "自动", "系统", "系統", "システム"),
    *("هذه رساله", "هذا رد", "هذا بريد", "هذا اشعار", "هذه الرساله", "هذا البريد", "هذا الايميل"),
    *("هذا ايميل", "هذا الرد", "هذا الاشعار", "عدم الرد", "لا ترد"),
)
"""A cheap look before the costly patterns."""


def recognise(signs: Signs) -> str:
    """A text that calls itself automatic, with a second sign: a role's address, or a receipt's phrases."""
    if not says_automatic(signs) or speaks_for_self(signs.own):
        return ""
    receipts = len(_RECEIPT.findall(signs.own[: HEAD_CHARS * 5]))
    if _ROLE.match(signs.local) or receipts >= 2 or _RECEIPT.match(signs.own_head.lstrip(" \n*-!.,")):
        return "body_wording:automatic"
    if not signs.is_answer and _RECEIPT_SUBJECT.match(signs.subject):
        return "body_wording:automatic"
    return ""


def says_automatic(signs: Signs) -> bool:
    """The first or last lines call the text automatic, or forbid to answer it."""
    if not any(stem in signs.body for stem in _STEMS) or not signs.is_short:
        return False
    return bool(_SAYS_SO.search(signs.own_head) or _SAYS_SO.search(signs.own[-_TAIL_CHARS:]))
