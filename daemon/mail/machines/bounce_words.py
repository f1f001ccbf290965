"""Owns the wording of bounces: the dialects of systems that never learnt RFC 3464, and their languages.

Everything is folded as `quoting.folded` does. The rules are `bounces`'s; none of these words decides alone.
"""

from __future__ import annotations

from typing import Final

from daemon.mail.machines.signs import one_of

SUBJECTS: Final = r"(?:\[?(?:warning|notice|failure|error|bounce)\]?[:!]? *)?" + one_of(
    # English, by what the subject starts with
    r"(?:undeliver(?:ed|able)|(?:non|un)[- ]?deliver(?:y|able|ed))\b",
    r"return(?:ed|ing)? (?:mail|message|e-?mail)\b",
    r"mail (?:delivery|system)\b",
    r"(?:e-?)?mail (?:fail(?:ed|ure)|error|problem|status|delay(?:ed)?|notification|rejected|refused"
    r"|blocked|returned)\b",
    r"(?:e-?)?mail (?:not |could not be |cannot be |was not )(?:be )?(?:delivered|sent)\b",
    r"delivery (?:has )?(?:status|notification|fail(?:ed|ure)|delayed|report|problem|error|unsuccessful"
    r"|undeliverable|to the following)\b",
    r"message (?:has )?(?:status|notification|fail(?:ed|ure)|delayed|report|problem|error|unsuccessful"
    r"|undeliverable|delivery|not delivered|could not be delivered|you sent blocked|rejected|refused"
    r"|blocked)\b",
    r"(?:permanent|temporary) (?:delivery )?(?:failure|error)\b|failure (?:notice|delivery|to deliver)\b"
    r"|fail(?:ed|ure) (?:mail|message|delivery)\b",
    r"un(?:able to deliver|known (?:user|address|recipient))\b|user unknown\b",
    r"warning: (?:could not send|message|e?mail|returned)\b|could not (?:send|deliver) (?:message|mail)\b",
    r"rejected (?:mail|message|posting)\b|blocked (?:mail|message)\b|bounced? (?:mail|message|e-?mail)\b",
    r"smtp (?:delivery|transaction|error)\b|invalid (?:recipient|address|mailbox)\b",
    r"recipient (?:rejected|unknown)\b|mailbox (?:full|unavailable|over quota)\b",
    r"spam eater|virus found|considered unsolicited bulk email|banned (?:file|contents?)\b",
    r"ds?n[nrs]?: |(?:automatic )?delivery report\b|successful mail delivery report|relayed:|delivered:"
    r"|delayed mail",
    r"re: your mail (?:was|could)",
    # German, French, Spanish, Portuguese, Italian, Dutch, Polish
    r"(?:unzustellbare?|nicht zustellbar|zustell(?:ung|fehler|problem)\w{0,20}"
    r"|nachricht (?:nicht|konnte))\b",
    r"(?:non remis|non distribuable|[eé]chec de (?:la )?(?:remise|livraison|distribution))\b",
    r"(?:no se puede entregar|correo (?:devuelto|no entregado)|no entregado|devuelto)\b",
    r"n[aã]o (?:foi poss[ií]vel|entregue|é poss[ií]vel entregar)\b",
    r"(?:non recapitabile|mancato recapito|onbestelbaar|niet te bezorgen)\b",
    r"(?:nie mo[zż]na dostarczy[cć]|niedostarczon\w{1,5}|wykryto wirus)",
    # Russian, the Nordic languages, Czech, Turkish
    r"(?:недоставленн\w{1,5}|не удается доставить|(?:ваше сообщение )?не доставлено)",
    r"(?:kan inte levereras|kan ikke leveres|olevererbart|nedoručiteln[eéáý]|teslim edilemedi)",
    # Japanese, Chinese, Korean
    r"メール配信エラー|配信(?:不能|失敗|エラー)|配送(?:エラー|失敗)",
    r"無法(?:傳遞|遞送|投遞)|无法(?:投递|传递|送达|送信)|系统退信|退信|未(?:传递|送达)|投递失败",
    r"전송 ?실패|배달 ?(?:실패|되지 않음)|반송",
    # Arabic, Persian
    r"(?:تعذر|لم يتم|فشل|لم يتمكن)(?: في)? (?:ال)?(?:تسليم|ايصال|توصيل|ارسال)\b|غير قابل للتسليم"
    r"|لا يمكن (?:تسليم|توصيل)\b|ارسال ناموفق",
)
"""What mail systems put at the start of a bounce's subject."""

FIXED_SUBJECTS: Final = one_of(
    r"delivery status notification(?: ?\((?:failure|delay|mail delivery)\)|: (?:error|warning|delayed))?",
    r"undelivered mail returned to sender|mail delivery failed: returning message to sender|failure notice",
    r"returned mail: (?:see transcript for details|user unknown|host unknown.{0,60}"
    r"|cannot send message.{0,40})",
    r"delivery failure|mail delivery (?:failure|failed)|message delivery failure|undeliverable mail",
    r"warning: (?:message .{1,40} delayed .{1,20}|could not send message for past .{1,20})",
    r"ваше сообщение не доставлено\. mail failure\.",
)
"""The whole subject, as mail systems write it word for word."""

TAILS: Final = one_of(
    r"\((?:delivery failed|undeliverable|returned mail)\)\s*$",
    r": (?:user unknown|host unknown|undeliverable|non remis.{0,30})\s*$",
)
"""Where the answered subject comes first."""

TEXTS: Final = one_of(
    r"hi\. this is the [\w .@-]{0,80} program|this is the (?:qmail-send|mail system|postfix|mail delivery)",
    r"this message was created automatically by (?:the )?(?:mail|e-?mail)",
    r"a message that you (?:have )?sent (?:could not|was not|has not yet)",
    r"this is an automatically generated (?:delivery status|delivery failure|nondelivery|e-?mail from)",
    r"(?:your|the following|this|original) (?:message|e-?mail|mail)[^.]{0,200}(?:could not|was not|wasn't"
    r"|couldn't|cannot|has not been|not be|did not reach|unable to be|can not|failed to be"
    r"|(?:has been|was) (?:rejected|refused|blocked|returned|undeliverable))",
    r"(?:the )?(?:original )?message was received at|could not (?:send|deliver) (?:the )?(?:message|mail)",
    r"delivery (?:to|of|for)[^.]{0,120}(?:fail|delay|been)",
    r"the following (?:addresses|address\(?es\)?|address|recipients?|recipient\(s\)|users?"
    r"|message)[^.]{0,100}(?:had|have|has|could|cannot|can't|fail|error|problem|was|were|not|permanent"
    r"|undeliver)",
    r"i(?:'m| am) (?:sorry|afraid)[^.]{0,60}(?:wasn't|was not|have to|could not|couldn't|unable)",
    r"unfortunately, (?:i|we|your message)|sorry[,:]? (?:i|we|your)[^.]{0,60}(?:could(?:n't| not)|wasn't"
    r"|unable|not able)",
    r"(?:unable|failed) to deliver|undeliver(?:able|ed) (?:message|mail|to|address)|delivery has failed",
    r"mail delivery (?:failed|error)|transcript of session follows|(?:remote )?host said",
    r"(?:user(?:name)?|recipient) unknown|unknown (?:user|recipient)"
    r"|no such (?:user|recipient|mailbox|address)",
    r"mailbox (?:is )?(?:full|unavailable|not found|disabled|quota|size)",
    r"recipient(?:'s)? (?:mailbox|address|e-?mail)[^.]{0,40}(?:full|reject|unknown|not found|over|invalid)",
    r"over (?:the )?(?:quota|storage|disk)|quota exceeded|has exceeded|relaying denied",
    r"account (?:is |has been )?(?:disabled|inactive|suspended|closed|expired|over)"
    r"|does not (?:exist|have an? account)",
    r"is no longer (?:valid|active|in use|available)|permanent (?:fatal )?(?:error|failure)"
    r"|reason for failure",
    r"failed (?:recipients?|addresses)|error(?: message)? (?:was|is|follows)|smtp error",
    r"\b[45]\d\d[- ][45]\.\d\.\d|\b55[0-4][ -]|#5\.\d\.\d",
    r"returned (?:to|mail|message|unopened|by)|bounced? (?:by|back|message)|rejected (?:your|by|for|the)",
    r"message (?:was )?(?:blocked|rejected|refused|not delivered|undeliverable|bounced|delayed)"
    r"|not (?:be )?delivered",
    r"virus|unsolicited|spam (?:filter|content|message)",
    r"konnte nicht [\w ]{0,40}zugestellt|nicht zugestellt|n'a pas (?:pu|[eé]t[eé])|n'ont pas",
    r"no (?:se )?(?:ha )?p(?:udo|uede) (?:ser )?entrega|n[aã]o (?:foi|pode|pôde)"
    r"|non (?:[eè]'? stato|pu[oò]'?)|kon niet",
    r"nie mo[zż]e|не (?:может|удалось|было|могло|доставлено)|teslim edile",
    r"配信(?:不能|でき|され)|送信でき|届けられ|存在し(?:ない|ませ)|あて先|宛先|无法|無法|不存在|未能"
    r"|被退回|退信",
    r"전송(?:하지|할 수)|수신자|배달|(?:تعذر|لم يتم|فشل)(?: في)? (?:ال)?(?:تسليم|توصيل|ايصال|ارسال)",
)
"""What bounces say somewhere: support beside a sender, a null path or a subject."""

OPENINGS: Final = r"\W*" + one_of(
    r"(?:hi!\s{1,20})?this is the mailer-daemon|hi\. this is the"
    r"|this is the (?:mail system|mail delivery|postfix|qmail)",
    r"(?:это письмо создано автоматически|this is an automated message created by) ?(?:сервером|mail)",
    r"this message was created automatically by|this is an automatically generated delivery",
    r"a message that you (?:have )?sent could not be delivered"
    r"|your message (?:cannot|could not|can't) be delivered to",
    r"(?:the )?original message was received at|message from [\w.-]{1,100}\s{1,5}unable to deliver",
    r"unable to deliver message to|delivery has failed to these recipients",
    r"delivery to the following recipients? (?:has been|have been|failed|was|were)",
    r"an error occurred while trying to deliver|sorry, we were unable to deliver your message",
    r"(?:\*\* )?(?:address not found|delivery incomplete|message blocked|message not delivered"
    r"|recipient inbox full)",
    r"(?:i'm )?sorry to have to inform you that your message|this is a delivery failure"
    r"|this is a permanent error",
    r"this report relates to a message you sent|-{2,} ?the following addresses had"
    r"|your message\s{1,5}to:[^\n]{1,200}\n",
    r"your mail (?:could|was) not|could not deliver message to|failed to deliver to|the user\(s\) account",
    r"mail to the following recipients|(?:عذرا )?(?:تعذر|لم يتم) (?:تسليم|توصيل|ايصال) (?:رسالتك|الرساله"
    r"|هذه الرساله)",
    r"ihre nachricht (?:konnte|wurde) nicht|votre message n'a pas (?:pu|[eé]t[eé])"
    r"|su mensaje no (?:pudo|ha)",
)
"""How bounces open. Nobody opens a letter so."""

DELIVERED_TO: Final = (
    r"^\W*(?:your|the) (?:message|mail|e-?mail) (?:could not|cannot|can't|was not"
    r"|has not been) (?:be )?delivered to:?\s{1,5}<?[^\s@<>]{1,64}@"
)
"""A verdict with the address behind it, at the start of any line."""

TECHNICAL: Final = one_of(
    r"\b[45]\d\d[ -]#?[45]\.\d{1,3}\.\d{1,3}\b|(?:^|[:>])\W{0,5}(?:55[0-4]|45[0-2]|42[12])[ -][^\n]{5}",
    r"^received: from |^message-id: <|^(?:remote-mta|diagnostic-code|final-recipient|reporting-mta):",
    r"transcript of session|-{3,10} ?(?:this is a copy of the|original) message",
    r"-{3,10} ?(?:failed recipients?|transcript|unsent message|original message)",
)
"""A reply code, an enhanced status or an enclosed mail: what people do not write into complaints."""

DELAYS: Final = one_of(
    r"delay|warning: |will (?:be|keep|continue to) (?:re)?tr|not yet been delivered",
    r"still (?:being )?(?:trying|queued|retried)|no action is required|attempts will continue"
    r"|(?:will|attempts?) (?:to )?retry",
    r"temporar(?:y|ily) (?:failure|deferred)|not been able to deliver (?:it |your message )?yet|تاخر"
    r"|سنعيد المحاوله|wird weiter versucht|verz[oö]ger|retard[eé]|retras|ritard|vertraag|op[oó][zź]ni"
    r"|задерж|配信遅延|延迟",
)
"""RFC 3464's "delayed" in words: no failure yet."""
