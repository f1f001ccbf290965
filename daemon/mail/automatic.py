"""Owns the question whether a person wrote a mail: bounces, automatic replies, lists and our own mail.

Evidence only, from one IncomingMail; what follows from it is decided in `workflow`. Headers come first
(RFC 3834, 3464, 8098, 2369, 2919), wording last. Two mistakes are possible and weigh alike: answering a
machine may loop, and taking a person for a machine is silence. So a word alone never decides: wording must
stand where machines put it (anchored at the start of subject or text), or have a second sign beside it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from daemon.mail.message import IncomingMail
from daemon.mail.quoting import folded

Kind = Literal["human", "bounce", "auto", "list", "own"]

_HEAD_CHARS: Final = 400  # "at the start of the text": a greeting line, and the sentence that matters
_BODY_CHARS: Final = 20_000  # looked through for reply codes and enclosed headers
_SHORT_CHARS: Final = 2_000  # an absence notice with a company's disclaimer; complaints may be longer


@dataclass(frozen=True, slots=True)
class Classification:
    """What wrote this mail. `reason` is a short code for logs and `mail explain`; the rest describes a
    bounce: the Message-ID of ours that it encloses, RFC 3464 Action, recipient and RFC 3463 status.
    """

    kind: Kind
    reason: str
    bounced_message_id: str | None = None
    bounce_action: str = ""
    bounced_recipient: str | None = None
    status: str = ""


def classify(
    mail: IncomingMail, own_addresses: frozenset[str], is_own_message_id: bool = False
) -> Classification:
    """Say what wrote `mail`. `own_addresses` are lower-case addresses of this desk (a `+detail` in the
    mail's address is ignored); `is_own_message_id` says that its Message-ID is one we minted.
    """
    if is_own_message_id or _is_own(mail, own_addresses):
        return Classification("own", "own_message_id" if is_own_message_id else "own_address")
    signs = _Signs(mail)
    if reason := _challenge(signs):
        return Classification("auto", reason)
    if reason := _bounce(signs):
        return _described(mail, signs, reason)
    if reason := _automatic_headers(signs, own_addresses):
        return Classification("auto", reason)
    if reason := _list_headers(signs.headers):
        return Classification("list", reason)
    if reason := _wording(signs):
        return Classification("auto", reason)
    return Classification("human", "no_machine_sign")


def _is_own(mail: IncomingMail, own_addresses: frozenset[str]) -> bool:
    return mail.sender is not None and _without_detail(mail.sender.email) in own_addresses


def _without_detail(email: str) -> str:
    """RFC 5233: `user+detail@domain` is `user@domain`."""
    local, at, domain = email.lower().rpartition("@")
    return local.partition("+")[0] + at + domain


class _Signs:
    """What several rules look at, computed once."""

    def __init__(self, mail: IncomingMail) -> None:
        self.mail = mail
        self.headers = {name: value.lower() for name, value in reversed(mail.headers)}
        self.subject = folded(mail.subject[:1_000]).strip()
        address = mail.sender or (mail.from_addresses[0] if mail.from_addresses else None)
        self.from_value = folded((mail.header("from") or "")[:500])
        self.local = address.email.lower().rpartition("@")[0] if address else ""
        self.is_short = len(mail.text) <= _SHORT_CHARS
        self.body = folded(mail.text[:_SHORT_CHARS]).strip()
        self.head = self.body[:_HEAD_CHARS]
        self.is_null_path = mail.return_path is not None and mail.return_path.strip() in ("", "<>")
        self.is_daemon = bool(_DAEMON.search(self.local) or _DAEMON_NAME.search(self.from_value))
        self.has_status = any(kind in mail.part_types for kind in _STATUS_TYPES)


_STATUS_TYPES: Final = ("message/delivery-status", "message/global-delivery-status")

# ------------------------------------------------------------------------------------------------ bounces

_DAEMON: Final = re.compile(
    r"^(?:mailer[-_.]?daemon|mail[-_.]?daemon|mdaemon|mmdf|postmaster|post_?master|postoffice|bounces?"
    r"|bounced?-?mail"
    r"|mail[-_.]?delivery[\w.-]*|delivery[-_.]?(?:subsystem|status|failure)?|mailer|mta"
    r"|smtp[-_.]?daemon|symantec_?antivirus\w*"
    r"|microsoftexchange[0-9a-f]+|complaints?[-_.]?mail|double-?bounce|notification[-_.]?ndr|ndr)(?:$"
    r"|[-+=_.@\d])"
)
_DAEMON_NAME: Final = re.compile(
    r"mail delivery (?:sub)?system|mailer[- ]daemon|delivery subsystem|mail administrator"
    r"|system administrator|postmaster"
    r"|mail router|mail delivery service|internet mail delivery"
    r"|microsoft outlook\"? *<microsoftexchange|mail transfer agent"
    r"|\b(?:mdaemon|mail system|bounce handler)\b"
)
# The subjects that mail systems give to bounces, whole or from the start. "Re: …" never matches.
_BOUNCE_SUBJECT: Final = re.compile(
    r"(?:\[?(?:warning|notice|failure|error|bounce)\]?[:!]? *)?(?:"
    r"undeliver(?:ed|able|ed mail)\b.{0,30}|undelivered mail returned to sender|undeliverable(?: mail"
    r"| message)?\b.*"
    r"|return(?:ed|ing)? (?:mail|message|e-?mail)(?: to sender)?\b.*|mail (?:delivery"
    r"|system)? ?(?:fail(?:ed|ure)|error|problem|status"
    r"|delay(?:ed)?|notification|subsystem)\b.*|mail delivery (?:failed|failure|status|problem|system"
    r"|delayed|subsystem|error"
    r"|unsuccessful|incomplete|report)?\b.*|(?:delivery|message) (?:has )?(?:status )?(?:notification"
    r"|fail(?:ed|ure)|failure"
    r"|delayed|report|problem|error|unsuccessful|undeliverable|status)\b.*|failure (?:notice|delivery"
    r"|to deliver)\b.*"
    r"|fail(?:ed|ure) (?:mail|message|delivery)\b.*|delivery notification:? .*|nondeliverable mail\b.*"
    r"|(?:non|un)[- ]?deliver(?:y|able|ed)\b.{0,60}|message (?:delivery|not delivered"
    r"|could not be delivered|you sent blocked)\b.*"
    r"|(?:e-?)?mail (?:not |could not be |cannot be |was not )(?:be )?(?:delivered|sent)\b.*"
    r"|unable to deliver\b.*|user unknown\b.*"
    r"|unknown (?:user|address|recipient)\b.*|warning: (?:could not send|message|e?mail|returned)\b.*"
    r"|could not (?:send|deliver) (?:message|mail)\b.*"
    r"|rejected (?:mail|message|posting)\b.*|mail could not be (?:sent|delivered)\b.*|smtp (?:delivery"
    r"|transaction|error)\b.*"
    r"|delivery (?:to the following|has failed)\b.*|invalid (?:recipient|address|mailbox)\b.*"
    r"|bounced? (?:mail|message|e-?mail)\b.*"
    r"|unzustellbar\b.*|nicht zustellbar\b.*|unzustellbare?\b.*|zustell(?:ung|fehler|problem)\w*\b.*"
    r"|(?:non remis|non distribuable|echec de (?:la )?remise|échec de (?:la )?(?:remise|livraison"
    r"|distribution))\b.*"
    r"|no se puede entregar\b.*|correo (?:devuelto|no entregado)\b.*|no entregado\b.*|devuelto\b.{0,40}"
    r"|n[aã]o (?:foi poss[ií]vel|entregue|é poss[ií]vel entregar)\b.*|non recapitabile\b.*"
    r"|mancato recapito\b.*"
    r"|onbestelbaar\b.*|niet te bezorgen\b.*|nie mo[zż]na dostarczy[cć]\b.*|niedostarczon\w*\b.*"
    r"|недоставленн\w*\b.*|не удается доставить\b.*"
    r"|не доставлено\b.*|kan inte levereras\b.*|kan ikke leveres\b.*|olevererbart\b.*"
    r"|nedoručiteln[eéáý]\b.*|teslim edilemedi\b.*"
    r"|メール配信エラー.*|配信(?:不能|失敗|エラー).*|配送(?:エラー|失敗).*|無法(?:傳遞|遞送|投遞).*"
    r"|无法(?:投递|传递|送达|送信).*|系统退信.*|退信.*"
    r"|未传递.*|未送达.*|投递失败.*|전송 ?실패.*|배달 ?(?:실패|되지 않음).*|반송.*|undeliverable:.*"
    r"|(?:تعذر|لم يتم|فشل|لم يتمكن) (?:في )?(?:تسليم|ايصال|توصيل|التسليم|ارسال)\b.*|غير قابل للتسليم.*"
    r"|لا يمكن (?:تسليم|توصيل)\b.*"
    r"|spam eater.*|virus found.*|blocked (?:mail|message)\b.*|message (?:status|rejected|refused"
    r"|blocked)\b.*|mail (?:rejected|refused|blocked|returned)\b.*"
    r"|considered unsolicited bulk email.*|banned (?:file|contents?)\b.*|recipient (?:rejected"
    r"|unknown)\b.*|mailbox (?:full|unavailable|over quota)\b.*"
    r"|dsn:.*|ndn:.*|ndr:.*|(?:automatic )?delivery report\b.*|successful mail delivery report.*"
    r"|relayed:.*|delivered:.*|delivery delayed.*"
    r"|wykryto wirus.*|re: your mail (?:was|could).*|mail system error\b.*|(?:e-?)?mail delivery.*"
    r"|nachricht (?:nicht|konnte)\b.*|delayed mail.*"
    r")"
)
# First sentences of mail systems' bounces. At the start of the text they decide; elsewhere they support.
_BOUNCE_TEXT: Final = re.compile(
    r"hi\. this is the [\w .@-]{0,80}(?:qmail|mail)?-?\w* ?program|this is the (?:qmail-send"
    r"|mail system|postfix|mail delivery)"
    r"|this message was created automatically by (?:the )?(?:mail|e-?mail)"
    r"|a message that you (?:have )?sent (?:could not|was not|has not yet)"
    r"|this is an automatically generated (?:delivery status|delivery failure|nondelivery|e-?mail from)"
    r"|(?:your|the following|this|original) (?:message|e-?mail|mail)[^.]{0,200}(?:could not|was not"
    r"|wasn't|couldn't|cannot|has not been|not be"
    r"|did not reach|unable to be|can not|failed to be|has been (?:rejected|refused|blocked|returned)"
    r"|was (?:rejected|refused|blocked|undeliverable))"
    r"|(?:the )?(?:original )?message was received at|could not (?:send|deliver) (?:the )?(?:message"
    r"|mail)|delivery (?:to|of|for)[^.]{0,120}(?:fail|delay|been)"
    r"|the following (?:addresses|address(?:es)?|recipients?|recipient\(s\)|user|users"
    r"|message)[^.]{0,100}(?:had|have|has|could|cannot|can't|fail|error|problem|was|were|not|permanent"
    r"|undeliver)"
    r"|i(?:'m| am) (?:sorry|afraid)[^.]{0,60}(?:wasn't|was not|have to|could not|couldn't|unable)"
    r"|unfortunately, (?:i|we|your message)"
    r"|sorry[,:]? (?:i|we|your)[^.]{0,60}(?:couldn't|could not|wasn't|unable|not able)"
    r"|unable to deliver|undeliver(?:able|ed) (?:message|mail|to|address)"
    r"|failed to deliver|delivery has failed|mail delivery (?:failed|error)"
    r"|transcript of session follows|(?:remote )?host said|user(?:name)? unknown"
    r"|unknown (?:user|recipient)|no such (?:user|recipient|mailbox|address)|mailbox (?:is )?(?:full"
    r"|unavailable|not found|disabled|quota|size)"
    r"|recipient(?:'s)? (?:mailbox|address|e-?mail)[^.]{0,40}(?:full|reject|unknown|not found|over"
    r"|invalid)|over (?:the )?(?:quota|storage|disk)|quota exceeded"
    r"|account (?:is |has been )?(?:disabled|inactive|suspended|closed|expired|over)|does not (?:exist"
    r"|have an? account)|is no longer (?:valid|active|in use|available|with)"
    r"|permanent (?:fatal )?(?:error|failure)|reason for failure|failed recipients?|failed addresses"
    r"|error(?: message)? (?:was|is|follows)|smtp error"
    r"|\b[45]\d\d[- ][45]\.\d\.\d|\b55[0-4][ -]|#5\.\d\.\d|has exceeded|relaying denied|returned (?:to"
    r"|mail|message|unopened|by)|bounced? (?:by|back|message)"
    r"|message (?:was )?(?:blocked|rejected|refused|not delivered|undeliverable|bounced|delayed)"
    r"|rejected (?:your|by|for|the)|not (?:be )?delivered"
    r"|konnte nicht zugestellt|nicht zugestellt|konnte nicht [\w ]{0,40}zugestellt|n'a pas (?:pu|été)"
    r"|n'ont pas|no (?:se )?(?:ha )?p(?:udo|uede) (?:ser )?entrega|n[aã]o (?:foi|pode|pôde)"
    r"|non (?:è stato|e' stato|può|puo')|kon niet|nie mo[zż]e|не (?:может|удалось|было|могло)"
    r"|не доставлено|配信(?:不能|でき|され)|送信でき|届けられ|存在し(?:ない|ませ)|あて先|宛先"
    r"|无法|無法|不存在|未能|被退回|退信|전송(?:하지|할 수)|수신자|배달|تعذر|لم يتم (?:تسليم|توصيل)"
    r"|فشل (?:في )?(?:تسليم|توصيل"
    r"|ارسال)|virus|unsolicited|spam (?:filter|content|message)"
)
_BOUNCE_OPENING: Final = re.compile(
    r"\W*(?:hi\. this is the|this is the (?:mail system|mail delivery|postfix|qmail)"
    r"|this message was created automatically by"
    r"|this is an automatically generated delivery|a message that you (?:have )?sent could not be delivered"
    r"|your message (?:cannot|could not|can't) be delivered to|(?:the )?original message was received at"
    r"|message from [\w.-]+\.?\s+unable to deliver|unable to deliver message to"
    r"|delivery has failed to these recipients"
    r"|delivery to the following recipients? (?:has been|have been|failed|was|were)"
    r"|an error occurred while trying to deliver"
    r"|(?:\*\* )?(?:address not found|delivery incomplete|message blocked|message not delivered"
    r"|recipient inbox full)"
    r"|sorry, we were unable to deliver your message|sorry to have to inform you that your message"
    r"|i'm sorry to have to inform you that your message|this is a delivery failure"
    r"|this report relates to a message you sent"
    r"|-{2,} ?the following addresses had|your message\s+to:[^\n]*\n|your mail (?:could|was) not"
    r"|the user\(s\) account"
    r"|this is a permanent error|could not deliver message to|failed to deliver to"
    r"|mail to the following recipients)"
)


def _bounce(signs: _Signs) -> str:
    """RFC 3464 structure first, then the dialects of systems that never learnt it."""
    mail = signs.mail
    report = mail.content_parameters.get("report-type", "").lower()
    if mail.content_type == "multipart/report" and (
        signs.has_status or report in ("delivery-status", "feedback-report", "global-delivery-status")
    ):
        return "dsn" if report != "feedback-report" else "feedback_report"
    if "message/feedback-report" in mail.part_types:  # RFC 5965
        return "feedback_report"
    has_subject = bool(_BOUNCE_SUBJECT.fullmatch(signs.subject))
    is_suspect = has_subject or signs.is_daemon or signs.is_null_path or signs.has_status
    has_text = is_suspect and bool(_BOUNCE_TEXT.search(signs.body))
    if signs.has_status and (signs.is_daemon or signs.is_null_path or has_subject or has_text):
        return "dsn"
    if "x-failed-recipients" in signs.headers:  # Exim, Gmail
        return "x_failed_recipients"
    if "x-ms-exchange-message-is-ndr" in signs.headers or "report.ipm.note.ndr" in signs.headers.get(
        "x-messageclass", ""
    ):
        return "exchange_ndr"
    if signs.is_null_path and (has_subject or (has_text and not _absence(signs))):
        return "null_return_path"  # RFC 5321, section 4.5.5
    if signs.is_daemon and (has_subject or has_text):
        return "daemon_sender"
    if has_subject and has_text and _looks_technical(signs):
        return "bounce_subject_and_text"
    if mail.original_headers and _COMPLAINT_SUBJECT.fullmatch(signs.subject):
        return "feedback_report"
    if _BOUNCE_OPENING.match(signs.head) and (
        signs.is_null_path or signs.is_daemon or _looks_technical(signs)
    ):
        return "bounce_text"
    if signs.is_daemon and _MAILER_DAEMON.match(signs.local):
        return "daemon_sender"
    return ""


# Hotmail's junk reports enclose the mail complained about and nothing else.
_COMPLAINT_SUBJECT: Final = re.compile(r"complaint about message from [\d.:a-f]+")
_MAILER_DAEMON: Final = re.compile(r"mailer[-_.]?daemon|mail[-_.]?daemon|double-?bounce")


def _looks_technical(signs: _Signs) -> bool:
    """A reply code, an enhanced status or an enclosed mail: what people do not write into complaints."""
    return bool(signs.mail.original_headers) or bool(_TECHNICAL.search(signs.mail.text[:_BODY_CHARS]))


_TECHNICAL: Final = re.compile(
    r"\b[45]\d\d[ -]#?[45]\.\d{1,3}\.\d{1,3}\b|\b(?:55[0-4]|45[0-2]|42[12])[ -][^\n]{5}"
    r"|^received: from |^message-id: <"
    r"|^(?:remote-mta|diagnostic-code|final-recipient|reporting-mta):|transcript of session"
    r"|-{3,} ?(?:this is a copy of the|original) message"
    r"|-{3,} ?(?:failed recipients?|transcript|unsent message|original message)",
    re.MULTILINE | re.IGNORECASE,
)
_FIELD: Final = re.compile(r"^([A-Za-z-]+)[ \t]*:[ \t]*(.*)$", re.MULTILINE)
_ENCLOSED_ID: Final = re.compile(r"^[> \t]*Message-ID:\s*(<[^<>\s]{1,500}>)", re.MULTILINE | re.IGNORECASE)
_STATUS_CODE: Final = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_ADDRESS_LINE: Final = re.compile(
    r"^[ \t]*<?([^\s<>@:;,\"]+@[^\s<>@:;,\"]+\.[^\s<>@:;,\"]+?)>?[:.,]?\s*$", re.MULTILINE
)
_ANY_ADDRESS: Final = re.compile(r"<([^\s<>@]+@[^\s<>@]+\.[^\s<>@]+)>")
_DELAY: Final = re.compile(
    r"delay|warning: |will (?:be|keep|continue to) (?:re)?tr|not yet been delivered"
    r"|still (?:being )?(?:trying|queued)|no action is required"
    r"|تاخر|retry|temporar(?:y|ily) (?:failure|deferred)"
)


def _described(mail: IncomingMail, signs: _Signs, reason: str) -> Classification:
    """Read what the bounce says: which of our mails, to whom, with what outcome."""
    groups = _recipients(mail.delivery_status)
    actions = [group.get("action", "").lower().partition(";")[0].strip().split(" ")[0] for group in groups]
    chosen: dict[str, str] = {}
    action = ""
    for wanted in ("failed", "delayed", "relayed", "expanded", "delivered"):  # the worst news decides
        if wanted in actions:
            action, chosen = wanted, groups[actions.index(wanted)]
            break
    recipient = _typed(chosen.get("original-recipient", "") or chosen.get("final-recipient", ""))
    status = _STATUS_CODE.search(chosen.get("status", "") + " " + chosen.get("diagnostic-code", ""))
    if status is None and reason != "feedback_report":
        status = _STATUS_CODE.search(signs.body)
    if not action and reason != "feedback_report":
        is_delay = (status is not None and status[1] == "4") or bool(_DELAY.search(signs.subject))
        action = "delayed" if is_delay or (status is None and _DELAY.search(signs.head)) else "failed"
    return Classification(
        "bounce",
        reason,
        bounced_message_id=_enclosed_id(mail),
        bounce_action=action,
        bounced_recipient=recipient or _recipient_in_text(mail),
        status=".".join(status.groups()) if status else "",
    )


def _recipients(delivery_status: str) -> list[dict[str, str]]:
    """The groups of fields of RFC 3464, section 2; folded values joined."""
    groups: list[dict[str, str]] = []
    for block in re.split(r"\n[ \t]*\n", re.sub(r"\n[ \t]+(?=\S)", " ", delivery_status[:200_000])):
        group = {name.lower(): value.strip() for name, value in _FIELD.findall(block)}
        if group:
            groups.append(group)
    return groups


def _typed(value: str) -> str | None:
    """`rfc822; a@b` -> `a@b`."""
    address = value.rpartition(";")[2].strip().strip("<>").strip()
    return address if "@" in address and len(address) < 400 else None


def _enclosed_id(mail: IncomingMail) -> str | None:
    for name, value in mail.original_headers:
        if name == "message-id":
            match = re.search(r"<[^<>\s]+>", value)
            if match:
                return match[0]
    for text in (mail.delivery_status, mail.text[:200_000]):
        if match := _ENCLOSED_ID.search(text) or re.search(
            r"Original-Message-ID:\s*(<[^<>\s]+>)", text, re.IGNORECASE
        ):
            return match[1]
    return mail.in_reply_to[-1] if mail.in_reply_to else None  # Gmail and Exchange name it there


def _recipient_in_text(mail: IncomingMail) -> str | None:
    failed = (mail.header("x-failed-recipients") or "").partition(",")[0].strip()
    if "@" in failed:
        return failed
    text = mail.text[:5_000]
    match = _ADDRESS_LINE.search(text) or _ANY_ADDRESS.search(text)
    return match[1] if match else None


# --------------------------------------------------------------------------------- automatic replies: headers

# Any value but "no", "none" or empty: the header exists only in machines' mail.
_MACHINE_HEADERS: Final = (
    "x-autoreply",
    "x-autorespond",
    "x-autoresponder",
    "x-auto-reply",
    "x-auto-respond",
    "x-auto-response",
    "x-autoresponse",
    "x-autoreply-from",
    "x-autoreply-domain",
    "x-auto-reply-from",
    "x-mail-autoreply",
    "x-autogenerated",
    "x-auto-generated",
    "x-automatic-reply",
    "x-away",
    "x-vacation",
    "x-fc-machinegenerated",
    "x-pmrqc",
    "x-loop",
    "x-ms-exchange-generated-message-source",
    "x-oof",
    "x-out-of-office",
    "x-autosubmitted",
    "x-auto-submitted",
    "x-amazon-auto-reply",
    "x-cloudmark-autoreply",
    "x-automail",
    "x-cron-env",
    "x-nagios-notification-type",
)
_RESPONDER: Final = re.compile(
    r"vacation|auto-?(?:reply|respon)|out.?of.?office|majordomo|\bmailman\b|listserv|smartlist|cron\b"
)
_NO_REPLY: Final = re.compile(
    r"^(?:(?:.*[-_.+])?(?:no|not|dont|do[-_.]?not|never)[-_.]?(?:reply|repond|responder|respond"
    r"|antworten|answer)(?:[-_.+\d].*)?|(?:.*[-_.])?noreply\w*"
    r"|nicht[-_.]?antworten|ne[-_.]?pas[-_.]?repondre|no[-_.]?contestar|nao[-_.]?responda"
    r"|auto(?:mat)?(?:ic|ed)?[-_.]?(?:reply|responder|mailer|response|confirm)?"
    r"|autoresponder|auto-?reply|vacation|listserv|majordomo|mailman|.+-(?:owner|request|bounces?)"
    r"|owner-.+|cron|anacron|unattended)$"
)


def _automatic_headers(signs: _Signs, own_addresses: frozenset[str]) -> str:
    headers, mail = signs.headers, signs.mail
    # RFC 3834, section 5: anything but "no" was sent without a person.
    for value in mail.all_headers("auto-submitted"):
        token = value.partition(";")[0].partition("(")[0].strip().strip('"').lower()
        if token not in ("", "no"):
            return "auto_submitted"
    if "message/disposition-notification" in mail.part_types or (
        mail.content_parameters.get("report-type", "").lower() == "disposition-notification"
    ):
        return "mdn"  # RFC 8098: a receipt
    if mail.content_type == "multipart/report":
        return "report"
    for name in _MACHINE_HEADERS:
        if headers.get(name, "no").strip() not in ("", "no", "none", "false"):
            return name.replace("-", "_")
    if signs.is_null_path:
        return "null_return_path"  # RFC 3834, section 2: never answer it
    precedence = headers.get("precedence", headers.get("x-precedence", "")).strip()
    if precedence in ("auto_reply", "auto-reply", "autoreply", "vacation"):
        return "precedence"
    if precedence == "junk":  # responders' usual word; lists say bulk or list
        return "precedence"
    if _RESPONDER.search(headers.get("x-mailer", "")) or _RESPONDER.search(headers.get("user-agent", "")):
        return "responder_program"
    if "autoresponder" in headers.get("delivered-to", "") or "auto_reply" in headers.get(
        "x-pm-message-type", ""
    ):
        return "responder_program"
    if mail.content_type == "text/calendar" and mail.content_parameters.get("method", "").lower() in (
        "reply",
        "counter",
    ):
        return "calendar_reply"  # RFC 5546, section 3.2.3
    if "text/calendar" in mail.part_types and _CALENDAR_ANSWER.match(signs.subject):
        return "calendar_reply"
    if _NO_REPLY.match(signs.local):
        return "no_reply_sender"
    if signs.is_daemon:
        return "daemon_sender"
    return ""


_CALENDAR_ANSWER: Final = re.compile(
    r"(?:accepted|declined|tentative(?:ly accepted)?|new time proposed|zugesagt|abgesagt|angenommen"
    r"|abgelehnt|mit vorbehalt|accepté|refusé"
    r"|provisoire|aceptad[ao]|rechazad[ao]|aceit[oe]|recusad[ao]|accettat[oa]|rifiutat[oa]"
    r"|geaccepteerd|geweigerd|godkänt|accepteret|принято|отклонено"
    r"|تم القبول|مقبول|تم الرفض|مرفوض|قبول مبدئي|مبدئي)\s*:"
)


def _challenge(signs: _Signs) -> str:
    """Challenge-response systems ask the sender to prove being a person. We are not."""
    headers = signs.headers
    # These headers also stand in mail that was let in; only the asking is a challenge.
    has_header = any(name.startswith(_CHALLENGE_HEADERS) for name in headers)
    if has_header and _CHALLENGE_TEXT.search(signs.body):
        return "challenge"
    if _CHALLENGE_SENDER.search(signs.from_value) or _CHALLENGE_SENDER.search(headers.get("return-path", "")):
        return "challenge"
    if _CHALLENGE_SUBJECT.search(signs.subject) and _CHALLENGE_TEXT.search(signs.body):
        return "challenge"
    return ""


_CHALLENGE_HEADERS: Final = ("x-tmda", "x-spamarrest", "x-boxbe", "x-bluebottle", "x-uol-antispam")
_CHALLENGE_SENDER: Final = re.compile(
    r"@(?:[\w-]+\.)*(?:boxbe\.com|spamarrest\.com|mailblocks\.com|bluebottle\.com|0spam\.com"
    r"|choicemail|sendio)|antispam@(?:uol|bol)\.|-confirm\+|tmda"
)
_CHALLENGE_SUBJECT: Final = re.compile(
    r"(?:please )?(?:confirm|verify|verification|authenticate|validate)\b|\(?(?:action required"
    r"|confirmation (?:required|request)|verification required)"
    r"|your (?:e-?mail|message) (?:requires|to .* requires)|anti-?spam|challenge"
)
_CHALLENGE_TEXT: Final = re.compile(
    r"(?:click|visit|follow|reply|type|enter)[^.]{0,120}(?:to (?:verify|confirm|prove|release|complete"
    r"|deliver|be added|have)|the (?:word|code|number))"
    r"|(?:verify|confirm|prove)[^.]{0,80}(?:you(?:'re| are)|human|real person|sender|not (?:a )?spam"
    r"|this (?:e-?mail|message))|approved sender|guest list|one-time"
)


# ------------------------------------------------------------------------------------------- mailing lists


def _list_headers(headers: dict[str, str]) -> str:
    """RFC 2919 and 2369 headers, and RFC 3834 section 2's Precedence."""
    for name in (
        "list-id",
        "list-post",
        "list-unsubscribe",
        "list-help",
        "list-subscribe",
        "list-archive",
        "list-owner",
    ):
        if headers.get(name):
            return "list_id" if name == "list-id" else "list_headers"
    for name in (
        "mailing-list",
        "x-mailing-list",
        "x-mailman-version",
        "x-beenthere",
        "x-listname",
        "x-list",
    ):
        if headers.get(name):
            return "list_headers"
    if headers.get("precedence", "").strip() in ("bulk", "list"):
        return "precedence"
    return ""


# ------------------------------------------------------------------------------------------------ wording

# What responders put at the start of a subject, by language. After it must come the end, a mark, or the
# subject of the mail that was answered; so "Automatic reply does not work on your site" stays a person's.
_ABSENCE_SUBJECTS: Final[tuple[tuple[str, str], ...]] = (
    (
        "ar",
        r"(?:ال)?رد (?:ال)?(?:تلقائي|الي|اوتوماتيكي)|رساله (?:رد )?(?:تلقائيه|اليه)|خارج (?:المكتب"
        r"|اوقات العمل|الدوام)|(?:انا )?(?:في|ب) ?اجازه(?: \w+)?"
        r"|اجازه (?:سنويه|رسميه|مرضيه)|اشعار (?:غياب|اجازه|استلام)|غير متواجد(?: في المكتب)?"
        r"|اجابه تلقائيه|استجابه تلقائيه|ارسال تلقائي",
    ),
    (
        "en",
        r"auto(?:matic|mated|matically generated)?[- ]?(?:reply|response|responder|respond|answer"
        r"|acknowledge?ment|e-?mail reply)"
        r"|out[- ]of[- ](?:the[- ])?office(?:[- ](?:auto[- ]?reply|reply|message|response|notice"
        r"|notification|notify|assistant|alert))?|ooo|oof"
        r"|(?:i(?:'m| am| will be)|we are) (?:currently )?(?:out of (?:the )?(?:office|town)"
        r"|on (?:vacation|holiday|leave|annual leave)|away(?: from .{0,30})?)"
        r"|on (?:vacation|holiday|annual leave|maternity leave)|away (?:message|notice|from (?:my"
        r"|the) (?:office|desk|mail|e-?mail|computer))"
        r"|vacation (?:reply|message|notice|notification|response|auto[- ]?reply|alert)"
        r"|absence (?:notice|notification|message)|absent from (?:the )?office"
        r"|not in (?:the )?office|holiday (?:message|notice|reply)|annual leave|maternity leave|away",
    ),
    (
        "de",
        r"abwesenheits?(?:notiz|nachricht|benachrichtigung|meldung|info|assistent|mail|antwort"
        r"|mitteilung)?|automatische (?:antwort|e-?mail|r[uü]ckantwort|nachricht|eingangsbest[aä]tigung)"
        r"|auto(?:matische)?[- ]?antwort|nicht im (?:b[uü]ro|haus[e]?)|ich bin (?:nicht im|im urlaub"
        r"|au[sß]er|derzeit|momentan|zurzeit).{0,40}|au[sß](?:er|ser) haus|urlaubs(?:notiz|meldung"
        r"|vertretung|benachrichtigung)"
        r"|abwesend|nicht anwesend|automatisch generierte (?:antwort|nachricht|e-?mail)"
        r"|eingangsbest[aä]tigung",
    ),
    (
        "fr",
        r"r[eé]ponse (?:automatique|d'absence)|absence(?: du bureau)?|absent(?:e)?(?: du bureau)?"
        r"|message (?:automatique|d'absence)|hors du bureau|en cong[eé]s?|notification d'absence"
        r"|accus[eé] (?:de )?r[eé]ception automatique|r[eé]pondeur automatique",
    ),
    (
        "es",
        r"respuesta (?:autom[aá]tica|de ausencia)|auto-?respuesta|contestaci[oó]n autom[aá]tica"
        r"|fuera de (?:la )?oficina|ausente|ausencia|de vacaciones|mensaje autom[aá]tico",
    ),
    (
        "pt",
        r"resposta autom[aá]tica|fora do escrit[oó]rio|aus[eê]ncia(?: tempor[aá]ria)?|ausente"
        r"|de f[eé]rias|mensagem autom[aá]tica|aviso de (?:aus[eê]ncia|f[eé]rias)",
    ),
    (
        "it",
        r"risposta automatica|fuori (?:sede|ufficio)|assen(?:te|za)(?: (?:dall')?ufficio)?"
        r"|non in ufficio|messaggio automatico|in ferie",
    ),
    (
        "nl",
        r"automatisch(?:e)? (?:antwoord|reactie|bericht|beantwoording)|afwezig(?:heid)?(?:s?(?:melding"
        r"|bericht|assistent))?|niet aanwezig|buiten kantoor|niet op kantoor",
    ),
    (
        "pl",
        r"automatyczna odpowied[zź]|odpowied[zź] automatyczna|auto-?odpowied[zź]|poza biurem"
        r"|nieobecno(?:ść|sc|s[cć])|nieobecn[ya] w biurze|urlop",
    ),
    (
        "ru",
        r"автоматический ответ|авто-?ответ(?:чик)?|автоматическое (?:уведомление|сообщение)|вне офиса"
        r"|нет на месте|отсутств(?:ие|ую)|в отпуске|я в отпуске|автоматична відповідь",
    ),
    (
        "sv",
        r"autosvar|auto-?svar|automatiskt svar|fr[aå]nvaro(?:meddelande)?|ej p[aå] (?:kontoret|plats)"
        r"|fr[aå]nvarande|p[aå] semester|inte p[aå] kontoret",
    ),
    (
        "da",
        r"automatisk (?:svar|besked)|ikke (?:til stede|p[aå] kontoret)|frav[aæ]r(?:s(?:besked|melding"
        r"|assistent))?|p[aå] ferie|ferie(?:svar)?",
    ),
    (
        "fi",
        r"automaattinen vastaus|automaattivastaus|poissa(?:olo(?:ilmoitus|viesti)?)?|lomalla"
        r"|en ole paikalla",
    ),
    (
        "cs",
        r"automatick[aáeé] odpov[eě][dď]|mimo kancel[aá][rř]|nep[rř][ií]tomnost|neprítomnosť"
        r"|dovolen[aá]|automatick[aá] zpr[aá]va",
    ),
    ("hu", r"automatikus v[aá]lasz|h[aá]zon k[ií]v[uü]l|szabads[aá]gon|irod[aá]n k[ií]v[uü]l"),
    ("ro", r"r[aă]spuns automat|în afara biroului|plecat din birou"),
    ("tr", r"otomatik (?:yan[ıi]t|cevap)|ofis d[ıi][sş][ıi]nda(?:y[ıi]m)?|iş yeri dışında"),
    ("el", r"αυτ[οό]ματη απ[αά]ντηση|εκτ[οό]ς γραφε[ιί]ου"),
    ("he", r"(?:מענה|תשובה|הודעה) אוטומטית?|מחוץ למשרד"),
    (
        "ja",
        r"自動(?:返信|応答|回答).*|不在(?:通知|の|です|のお知らせ|連絡|中).*|外出中.*|休暇(?:中"
        r"|のお知らせ).*|オート?リプライ.*",
    ),
    (
        "zh",
        r"自动(?:回复|答复|回信|应答).*|自動(?:回覆|回复|回復|答覆|回信).*|(?:不在|离开)办公室.*"
        r"|不在辦公室.*|外出(?:通知|中)?|休假(?:中|通知)?"
        r"|假期自动.*|\[?自动回复\]?.*",
    ),
    ("ko", r"자동 ?(?:회신|응답|답장).*|부재 ?중.*"),
    ("fa", r"پاسخ خودكار|جواب خودكار"),
    (
        "xx",
        r"balasan automatik|balasan otomatis|jawaban otomatis|tr[aả] l[oờ]i t[uự] đ[oộ]ng"
        r"|ตอบกลับอัตโนมัติ|resposta automàtica|automatski odgovor|samodejni odgovor"
        r"|автоматичен отговор|automaatvastus|automatinis atsakymas|automātiskā atbilde",
    ),
)
_AFTER_ABSENCE: Final = (
    r"(?:\s*(?:$|[\]\[:：)(>|!,.…*–—\"']|-(?!\w)|- |re\b|aw\b|fwd?\b|رد\b|reply\b|message\b|notice\b"
    r"|notification\b|auto)"
    r"|\s+(?:(?:until|till|til|bis|vom|ab|from|for|to|starting|between|von|du|le|jusqu|hasta|del|fino"
    r"|dal|tot|van|t/m|od|do|с|до|по|из|от|fr|from|on|concerning|regarding|der|des|au|de|حتي|من|الي"
    r"|لغايه|على|علي)\b|\d|\())"
)
_SUBJECT_PATTERNS: Final = tuple(
    (
        language,
        re.compile(
            rf"[\[(<*\"'«.\s-]*(?:auto(?:matic)?[:\]]\s*"
            rf"|\[?auto(?:matic)?(?: reply)?\]\s*)?(?:{words}){_AFTER_ABSENCE}"
        ),
    )
    for language, words in _ABSENCE_SUBJECTS
)
_SUBJECT_ANYWHERE: Final = re.compile(
    r"\b(?:is|am|will be|are|:) (?:currently |temporarily )?(?:out of|away from|not in) (?:the "
    r"|my )?office\b|^auto:|^autoreply\b|^\(?auto\)?[:\]-]"
    r"|\((?:auto[- ]?reply|out of office|automatic reply|autosvar|abwesend|absent|رد تلقائي"
    r"|رد الي)\)\s*$|\[(?:auto[- ]?reply|out of office|automatic reply|رد تلقائي)[^\]]{0,20}\]"
    r"|\bist (?:derzeit |zur ?zeit )?(?:nicht im (?:b[uü]ro|haus)|au[sß]er haus|abwesend)|\best absent"
    r"|\bauto-?(?:reply|responder|response)\s*$|out of (?:the )?office(?: auto-?reply)?\s*$"
    r"|\bautomati(?:c|sk|sche|que) (?:reply|svar|antwort|réponse)\s*$"
)
# Body wording decides only as a pair: an absence (or automation) said in the first lines, and beside it
# what absence notices and receipts go on to say. Neither alone is anything but a person's remark.
_ABSENCE_TEXT: Final = re.compile(
    r"(?:i am|i'm|i will be|i'll be|we are|i shall be|am) (?:currently |presently |now )?(?:out of"
    r"|away from|not in|absent from) (?:the |my )?(?:office|desk|town|country)"
    r"|(?:i am|i'm|i will be|i'll be) (?:currently )?(?:on|away on) (?:\w+ )?(?:leave|vacation"
    r"|holidays?|maternity|sabbatical|travel|business)|out of (?:the )?office (?:from|until|till"
    r"|starting|between)"
    r"|(?:i am|i'm) (?:currently )?(?:away|travell?ing|unavailable)|i (?:no longer|do not) work (?:at"
    r"|for|here)|(?:has|have) left the (?:company|organi[sz]ation)"
    r"|ich bin (?:derzeit |zur ?zeit |momentan |aktuell )?(?:vom|bis|ab|nicht|im urlaub|ausser|außer"
    r"|abwesend)|ich befinde mich|bin ich (?:nicht|im urlaub|abwesend)"
    r"|je (?:suis|serai) (?:actuellement )?(?:absent|en cong|hors)|estoy fuera|estaré (?:fuera"
    r"|ausente)|me encuentro (?:fuera|de vacaciones|ausente)|estou (?:ausente|de f[eé]rias|fora)|estarei"
    r"|sono (?:assente|fuori|in ferie)|sarò (?:assente|fuori)|ik ben (?:afwezig|niet|met vakantie"
    r"|op vakantie)|jestem (?:nieobecn|poza|na urlopie)|przebywam na|я (?:нахожусь )?в отпуске"
    r"|меня нет|jag [aä]r (?:p[aå]|borta|ledig|inte)|jeg (?:er|har) (?:p[aå]|ikke|ferie|ude)"
    r"|olen (?:lomalla|poissa)"
    r"|(?:انا|اكون|ساكون|نحن) (?:حاليا )?(?:خارج المكتب|في اجازه|باجازه|في مهمه|خارج)|خارج المكتب"
    r"|(?:انا )?في اجازه (?:رسميه|سنويه|من|حتي|الي|مرضيه)|غير متواجد|休暇|不在|外出|休假|부재"
)
_NOTICE_TEXT: Final = re.compile(
    r"(?:limited|no|intermittent|without|little|restricted) (?:access|connectivity)|(?:reply|respond"
    r"|answer|get back|contact you|deal with|attend to|read"
    r"|return your)[^.\n]{0,60}(?:when i (?:return|am back|get back|come back)|upon my return"
    r"|on my return|as soon as|after)"
    r"|(?:will|shall)? ?(?:be back|return(?:ing)?|be returning)[^.\n]{0,40}(?:on|to|in|at|until|\d"
    r"|monday|tuesday|wednesday|thursday|friday|sunday|saturday)|(?:for|in case of"
    r"|if)[^.\n]{0,50}(?:urgent|emergenc|immediate|assistance)|(?:please )?(?:contact|call|e-?mail"
    r"|refer|direct|forward)[^.\n]{0,80}(?:instead|in my absence|during|urgent|\d{3}|@)"
    r"|in dringenden|dringende|(?:wieder|zurück)[^.\n]{0,40}(?:erreichbar|im b[uü]ro|da)"
    r"|nicht (?:weitergeleitet|gelesen)|vertret|en mon absence|de retour|en cas d'urgence|en caso de"
    r"|urgen|regres|retorn|ritorn|in caso di|dringend|bereikbaar|terug|w pilnych|pilne|вернусь|срочн"
    r"|åter|tillbaka|tilbage|haster|palaan|kiireell"
    r"|(?:ساعود|ساكون متواجد|العوده|عند عودتي|حال عودتي|للحالات العاجله|للضروره|في حال|للاستفسار"
    r"|يرجي التواصل|التواصل مع|الرجاء التواصل|سيتم الرد|سوف ارد|سارد)|戻り|返信|ご連絡|回复|回覆|联系|聯絡"
)
_AUTOMATION_TEXT: Final = re.compile(
    r"(?:^|[.\n*!])\W*(?:(?:note: ?|please note:? ?)?this (?:is|was) an? (?:automat(?:ed|ic"
    r"|ically generated)|auto(?:mated)?[- ]?(?:generated|reply|response)|system[- ]generated"
    r"|computer[- ]generated)[\w -]{0,30}(?:message|reply|response|e-?mail|mail|notification"
    r"|acknowledge?ment|receipt|answer)?"
    r"|this (?:e-?mail|message|reply|response|mail) (?:is|was|has been) (?:automatic"
    r"|auto)(?:ally)?[ -]?(?:generated|sent|created|reply)?"
    r"|(?:please )?do not (?:reply|respond) (?:directly )?to this (?:e-?mail|message|mail|automated)"
    r"|(?:automated|automatic|auto)[- ](?:reply|response|message|acknowledge?ment)\b"
    r"|dies(?:e|es) (?:ist eine |e-?mail |nachricht )?[^.\n]{0,30}automatisch"
    r"|bitte antworten sie nicht|ceci est un(?:e)? (?:message|réponse|e-?mail|courriel) automatique"
    r"|(?:este|esta) es? (?:un|una)? ?(?:mensaje|respuesta|correo)[^.\n]{0,20}autom"
    r"|esta é uma (?:mensagem|resposta)[^.\n]{0,20}autom|questo è un messaggio automatico"
    r"|dit is een automatisch|to jest (?:automatyczna|wiadomość)|это автоматическ|detta är ett automat"
    r"|dette er en? automat|これは自動|このメールは(?:自動|システム)|本メールは自動|此(?:邮件|郵件"
    r"|信)[^\n]{0,10}(?:自动|自動|系统|系統)"
    r"|(?:هذه|هذا) (?:رساله|رد|بريد|اشعار|الرساله)[^.\n]{0,20}(?:تلقائي|الي|اوتوماتيك)\w*|(?:الرجاء"
    r"|يرجي|نرجو|فضلا)? ?(?:عدم|لا ترد) (?:الرد )?علي (?:هذه|هذا) (?:الرساله|البريد|الايميل|الرد))"
)
_RECEIPT_TEXT: Final = re.compile(
    r"(?:thank(?:s| you) (?:very much )?for (?:your|contacting|e-?mailing|writing|getting in touch|the"
    r"|submitting|reaching)|(?:we|i) (?:have )?(?:received|got) your|your (?:e-?mail|message|enquiry"
    r"|inquiry|request|mail)[^.\n]{0,30} (?:has been|was|is|have been) (?:successfully )?(?:received"
    r"|delivered|forwarded|logged|registered|opened|created)"
    r"|will (?:be (?:answered|processed|dealt|reviewed)|respond|reply|get back|contact you"
    r"|be in touch)|acknowledge|we aim to|ticket (?:number|id|#)|case (?:number|id)|reference (?:number|no)"
    r"|vielen dank|wir haben ihre|haben wir erhalten|merci (?:de|pour)|nous avons bien re[cç]u"
    r"|gracias por|hemos recibido|obrigad|recebemos|grazie|abbiamo ricevuto|bedankt|hebben uw"
    r"|dziękujemy|otrzymali|спасибо|благодарим|получено|tack för|tak for|takk for|kiitos|ありがとう"
    r"|受け付け|感谢"
    r"|感謝|收到"
    r"|شكرا (?:ل|علي)|نشكر|نشكركم|تم استلام|لقد استلمنا|استلمنا|وصلتنا|وصلنا|سيتم (?:الرد|التواصل"
    r"|مراجعه)|do not (?:reply|respond)|unmonitored|not monitored|عدم الرد)"
)
_ROLE_SENDER: Final = re.compile(
    r"^(?:info|support|help|helpdesk|service|customer\w*|contact|office|admin|sales|feedback|enquir\w*"
    r"|inquir\w*|notification\w*|alert\w*|system|webmaster|team|care|desk|ticket\w*|billing|news\w*"
    r"|foi|servicedesk|complaints?)\b"
)


def _wording(signs: _Signs) -> str:
    """An automatic reply that carries no header saying so."""
    for language, pattern in _SUBJECT_PATTERNS:
        if pattern.match(signs.subject):
            return f"subject_wording:{language}"
    if _SUBJECT_ANYWHERE.search(signs.subject) and not signs.subject.startswith(("re:", "aw:", "رد:", "fw")):
        return "subject_wording:en"
    if _absence(signs):
        return "body_wording:absence"
    own = _unquoted(signs.body)
    head = own[:_HEAD_CHARS]
    tail = own[-300:]
    if not signs.is_short or not _has_any(own, _AUTOMATION_STEMS):
        return ""
    if _AUTOMATION_TEXT.search(head) or _AUTOMATION_TEXT.search(tail):
        has_role = bool(_ROLE_SENDER.match(signs.local))
        if has_role or _RECEIPT_TEXT.match(head.lstrip(" \n*-!.,")) or len(_RECEIPT_TEXT.findall(own)) >= 2:
            return "body_wording:automatic"
    return ""


def _absence(signs: _Signs) -> bool:
    own = _unquoted(signs.body)
    if not signs.is_short or not _has_any(own[:_HEAD_CHARS], _ABSENCE_STEMS):
        return False
    absence = _ABSENCE_TEXT.search(own[:_HEAD_CHARS])
    return absence is not None and bool(_NOTICE_TEXT.search(own, absence.end()))


def _has_any(text: str, stems: tuple[str, ...]) -> bool:
    """Cheap test before the costly patterns: nearly no complaint holds one of these."""
    for stem in stems:  # noqa: SIM110 - a loop takes half the time of `any` here
        if stem in text:
            return True
    return False


_ABSENCE_STEMS: Final = (
    "office",
    "away",
    "leave",
    "vacation",
    "holiday",
    "travel",
    "unavailable",
    "out of",
    "no longer",
    "left the",
    "maternity",
    "sabbatical",
    "not work",
    "ich bin",
    "befinde",
    "bin ich",
    "suis",
    "serai",
    "estoy",
    "estar",
    "encuentro",
    "estou",
    "sono",
    "sarò",
    "ik ben",
    "jestem",
    "przebywam",
    "отпуск",
    "меня нет",
    "jag ",
    "jeg ",
    "olen ",
    "خارج",
    "اجازه",
    "غير متواجد",
    "مهمه",
    "休",
    "不在",
    "外出",
    "부재",
)
_AUTOMATION_STEMS: Final = (
    "automat",
    "auto-",
    "auto ",
    "autogenerated",
    "not reply",
    "not respond",
    "system",
    "computer",
    "antworten sie nicht",
    "自動",
    "自动",
    "系统",
    "系統",
    "システム",
    "автомат",
    "هذه رساله",
    "هذا رد",
    "هذا بريد",
    "هذا اشعار",
    "هذه الرساله",
    "هذا البريد",
    "هذا الايميل",
    "هذا الرد",
    "رد تلقائي",
)


def _unquoted(body: str) -> str:
    """The text before any quoted line: what a person quotes of a machine does not make them one."""
    if body.startswith(">"):
        return ""
    return body.partition("\n>")[0]
