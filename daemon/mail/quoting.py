"""Owns what the person wrote now: mail text without quoted history, signature delimiter and mobile footer.

Pure text in, pure text out. What the words mean is for `commands` and `extraction`. One rule stands above
all patterns: a doubt keeps the text (LESSONS 15: trimming that deletes a customer's words is the worse harm).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

_MAX_LINES: Final = 5_000  # beyond these nobody wrote by hand; kept as they are
_MAX_PROBE: Final = 400  # characters of a line that patterns look at: bounds time on hostile lines


@dataclass(frozen=True, slots=True)
class NewText:
    """`text` is what was written now; `certain` when it may be relayed without a person looking at it:
    our marker was found, nothing was quoted, or an unambiguous quotation header was cut. `how` names it.
    """

    text: str
    certain: bool
    how: str


def new_text(mail_text: str, marker: str) -> NewText:
    """Return what the person wrote now (DESIGN §3): above our marker line, else by the quote patterns.

    `marker` is the line our mails carry; clients quote, wrap and decorate it. If nothing would be left,
    the whole text is returned and `certain` is false.
    """
    lines = mail_text.replace("\r\n", "\n").split("\n")
    at = _marker_line(lines, marker)
    if at is None:
        return _by_patterns(lines[:_MAX_LINES], lines[_MAX_LINES:], mail_text)
    above = _by_patterns([*lines[:at], *_before_marker(lines[at], marker)], [], "")
    if above.text:
        return NewText(above.text, True, "marker")
    if lines[at].lstrip().startswith(">"):  # answered below the quotation
        below = _tidy([line for line in lines[at + 1 :] if not _is_quoted(line)])
        if below:
            return NewText(below, False, "below_marker")
    return NewText(mail_text.strip(), False, "whole")


def folded(text: str) -> str:
    """`text` for comparing: lower case, without direction marks, tashkeel and tatweel, Arabic letter
    variants made one, every decimal digit ASCII (FACTS §4.9).
    """
    if not text.isascii():
        text = _UNSEEN.sub("", text)
        for written, shown in _FOLD:
            text = text.replace(written, shown)
    return text.lower()


# Without a "+": only a class alone lets `re` skip quickly to its next member.
_UNSEEN: Final = re.compile(
    "[\u200e\u200f\u061c\u0640\u200b-\u200d\ufeff\xad\u202a-\u202e\u2066-\u2069\u064b-\u065f\u0670]"
)
# `str.replace` for each character in turn takes a fraction of the time of one `str.translate`.
_FOLD: Final[tuple[tuple[str, str], ...]] = (
    # Arabic-Indic, Persian, Devanagari and full-width digits
    *((chr(zero + digit), str(digit)) for zero in (0x0660, 0x06F0, 0x0966, 0xFF10) for digit in range(10)),
    *zip("أإآٱةىیک\xa0：،", "ااااهييك :,", strict=True),
)

# -------------------------------------------------------------------------------------------- marker


def _marker_line(lines: list[str], marker: str) -> int | None:
    """The first line where the marker stands, alone, decorated, quoted, or wrapped over up to three lines."""
    wanted = _letters(marker)
    if not wanted:
        return None
    # Nearly every mail is without the marker: one look at the whole text, first for its last letters alone.
    text = folded("\n".join([line[:_MAX_MARKER_PROBE] for line in lines]))
    if not _ending(wanted).search(text) or wanted not in _NOT_LETTERS.sub("", text):
        return None
    window: list[str] = []
    for index, line in enumerate(lines):
        window = [*window[-2:], _letters(line[:_MAX_MARKER_PROBE])]
        for first in reversed(range(len(window))):  # the shortest window first: it loses no line above
            if wanted in "".join(window[first:]):
                return index - (len(window) - 1 - first)
    return None


def _before_marker(line: str, marker: str) -> list[str]:
    """What stands before the marker on its own line, where a program ran lines together."""
    sign = marker[:2]
    if sign.isalnum() or sign not in line or _is_quoted(line):
        return []
    before = line.partition(sign)[0].rstrip()
    return [before] if _letters(before) else []


def _letters(text: str) -> str:
    return _NOT_LETTERS.sub("", folded(text))


_NOT_LETTERS: Final = re.compile(r"[\W_]+")
_MAX_MARKER_PROBE: Final = 600


@lru_cache(maxsize=8)
def _ending(letters: str) -> re.Pattern[str]:
    """The last three of `letters` in folded text, whatever signs stand between them."""
    return re.compile(r"[\W_]*".join(letters[-3:]))


# ------------------------------------------------------------------------------------------ patterns


@dataclass(frozen=True, slots=True)
class _Header:
    """Where a quotation header stands: lines `begin` to `end` (exclusive); `keep` is text before it on
    its first line.
    """

    begin: int
    end: int
    how: str
    keep: str = ""


def _by_patterns(lines: list[str], rest: list[str], whole: str) -> NewText:
    header = _first_header(lines)
    if header is None:
        return _without_quoted_lines(lines, rest, whole)
    if header.how == "forward":  # what is forwarded is what the citizen wants us to read
        return NewText(_tidy(lines + rest), False, "forward")
    head = lines[: header.begin]
    while head and (not head[-1].strip() or _RULE.fullmatch(head[-1].strip())):
        head.pop()  # the rule that a program draws above its quotation
    if header.keep:
        head.append(header.keep)
    after = header.end
    while after < len(lines) and not lines[after].strip():
        after += 1
    head_text = _tidy([line for line in head if not _is_quoted(line)])
    if after < len(lines) and _is_quoted(lines[after]):
        below = _own_lines_below(lines[after:])
        text = _tidy([head_text, *([""] if head_text else []), *below])
        if text:
            return NewText(text, not any(line.strip() for line in below), header.how)
    elif head_text:
        return NewText(head_text, True, header.how)
    return NewText(whole.strip(), False, "whole")


def _without_quoted_lines(lines: list[str], rest: list[str], whole: str) -> NewText:
    """No header: drop the lines that begin with ">", unless a single one stands within the text."""
    marks = [index for index, line in enumerate(lines) if _is_quoted(line)]
    if not marks:
        return NewText(_tidy(lines + rest) or whole.strip(), True, "no_quotation")
    filled = [index for index, line in enumerate(lines) if line.strip()]
    if len(marks) == 1 and marks[0] not in (filled[0], filled[-1]):
        return NewText(_tidy(lines + rest), True, "no_quotation")
    text = _tidy(_own_lines_below(lines) + rest)
    if not text:
        return NewText(whole.strip(), False, "whole")
    is_trailing = marks[-1] == filled[-1] and all(
        _is_quoted(lines[index]) for index in filled if index >= marks[0]
    )
    return NewText(text, is_trailing, "quoted_lines")


def _own_lines_below(lines: list[str]) -> list[str]:
    """The lines that are not quoted, without the scraps of quoted lines a mail program wrapped."""
    own: list[str] = []
    for index, line in enumerate(lines):
        if _is_quoted(line):
            continue
        is_scrap = (
            0 < index < len(lines) - 1
            and bool(line.strip())
            and _is_quoted(lines[index - 1])
            and _is_quoted(lines[index + 1])
            and len(lines[index - 1]) > 60
            and len(line) < 40
        )
        if not is_scrap:
            own.append(line)
    inner = _first_header(own)
    if inner is not None and inner.how != "forward" and _tidy(own[: inner.begin]):
        own = own[: inner.begin]
    return own


def _is_quoted(line: str) -> bool:
    return (
        ">" in line
        and line.lstrip(" \t\u200e\u200f\u202a\u202b").startswith(">")
        and not _NOT_QUOTED.match(line)
    )


_NOT_QUOTED: Final = re.compile(r"\s*>{1,3} *>{3}.*<{3}")  # ">>> >>> look here <<<": decoration


def _first_header(lines: list[str]) -> _Header | None:
    # All lines are folded at once: a call for each would cost more than the folding.
    text = folded("\n".join([line[:_MAX_PROBE].strip(_DECORATION) for line in lines]))
    probes = [probe.strip() for probe in text.split("\n")]
    is_above = any(words in text for words in _ABOVE_WORDS)
    close = -1  # the next line at which an attribution may close; looked for once, not from every line
    for index, probe in enumerate(probes):
        if close < index:
            following = range(index, len(lines))
            close = next((at for at in following if _may_close(lines, probes, at)), _NOWHERE)
        if not probe or _is_quoted(lines[index]):
            continue
        header = None
        if probe[0] in _RULE_SIGNS or probe[-1] in _RULE_SIGNS or probe[-1] == ":" or is_above:
            header = _separator(probes, index)
        if header is None and (":" in probe or probe[0] in "_-"):
            header = _header_block(lines, probes, index) or _attribution_inside(lines, probes, index)
        if header is None and close < index + _MAX_ATTRIBUTION_REACH:
            header = _attribution(lines, probes, index)
        if header is not None:
            return header
    return None


_RULE_SIGNS: Final = "-_=*"
_DECORATION: Final = "*|" + "".join(filter(str.isspace, map(chr, range(0x3001))))  # and every kind of blank

_RULE: Final = re.compile(r"[-_=*]{3,}")

# -- separator lines

_ORIGINAL: Final = (
    r"original(?:e|na)? (?:message|e-?mail)|reply message|antwort nachricht"
    r"|urspr[uü]ngliche (?:nachricht|e-?mail)"
    r"|original-?nachricht|originalnachricht|message d.?origine|message original|message initial"
    r"|mensaje original|mensagem original|messaggio originale|messaggio originario|oorspronkelijk bericht"
    r"|origineel bericht|oryginalna wiadomo[sś][cć]|wiadomo[sś][cć] oryginalna|wiadomo[sś][cć]"
    r"|исходное сообщение|оригинальное сообщение|пересылаемое сообщение|oprindelig (?:meddelelse"
    r"|besked|e-?mail)"
    r"|opprinnelig melding|ursprungligt meddelande|originalmeddelande|alkuper[aä]inen viesti"
    r"|p[uů]vodn[ií] (?:zpr[aá]va|e-?mail)|p[oô]vodn[aá] spr[aá]va|eredeti [uü]zenet|mesaj original"
    r"|orijinal (?:mesaj|[iı]leti)|[oö]zg[uü]n (?:mesaj|ileti)|αρχικό μήνυμα|הודעה מקורית|原始邮件"
    r"|原始郵件|原邮件"
    r"|元のメッセージ|original message|원본 메시지|원본 메일|pesan asli|thư gốc|پیام اصلی"
    r"|(?:ال)?رساله (?:ال)?اصليه|(?:ال)?رساله (?:ال)?اساسيه|البريد الاصلي"
)
_FORWARDED: Final = (
    r"forwarded (?:message|by .{0,80})|begin forwarded message|weitergeleitete (?:nachricht|e-?mail)"
    r"|message transf[eé]r[eé]|d[eé]but du message (?:r[eé]exp[eé]di[eé]|transf[eé]r[eé])|mensaje reenviado"
    r"|mensagem (?:encaminhada|reencaminhada)|messaggio inoltrato|inizio messaggio inoltrato"
    r"|doorgestuurd bericht"
    r"|przekazana wiadomo[sś][cć]|пересланное сообщение|перенаправленное сообщение"
    r"|videresendt (?:meddelelse|melding)"
    r"|vidarebefordrat meddelande|p[rř]eposlan[aá] zpr[aá]va|转发的?邮件|轉寄的郵件|転送メッセージ"
    r"|전달된 메시지"
    r"|(?:ال)?رساله (?:ال)?(?:معاد|المعاد)? ?توجيهها|رساله معاد توجيهها|رساله ممرره|الرساله المعاد توجيهها"
    r"|بدايه الرساله المعاد توجيهها|رساله محوله|הודעה שהועברה"
)
_DASHED: Final = re.compile(
    rf"[-_=*]{{2,}}[ >]*(?:{_ORIGINAL})[ <:]*[-_=*]*|[-_=*]*[ >]*(?:{_ORIGINAL})[ <:]*[-_=*]{{2,}}"
)
_DASHED_FORWARD: Final = re.compile(
    rf"[-_=*]{{2,}}[ >]*(?:{_FORWARDED})[ <:]*[-_=*]*|(?:begin forwarded message|inizio messaggio inoltrato"
    rf"|d[eé]but du message \S+|بدايه الرساله المعاد توجيهها) ?:?"
)
# Android, Zoho, Yahoo: "---- NAME wrote ----", "---- On DATE NAME wrote ----", «---- NAME كتب ----»
_DASHED_WROTE: Final = re.compile(
    r"-{2,} ?.{1,250}\b(?:wrote|schrieb|a [eé]crit|escribi[oó]|escreveu|ha scritto|schreef|كتب(?:ت)?"
    r"|كتب/كتبت)"
    r"\b ?:? ?-{2,}"
)
# Other desks' and forums' own markers.
_ABOVE: Final = re.compile(
    r"\W*(?:please )?(?:reply|type your reply|write your reply|respond)[a-z ]{0,30} above (?:this"
    r"|the) line\W*.{0,60}"
    r"|\W*(?:bitte )?antworten sie oberhalb dieser (?:linie|zeile)\W*"
    r"|\W*previous replies:?\W*|\W*vorherige antworten:?\W*"
    r"|\W*(?:الرجاء|يرجي) (?:كتابه )?الرد (?:اعلي|فوق) هذا السطر\W*"
)

_ABOVE_WORDS: Final = (" above ", "oberhalb", "previous repl", "vorherige antw", "هذا السطر")
"""One of these stands in whatever `_ABOVE` matches; nearly no letter holds one."""


def _separator(probes: list[str], index: int) -> _Header | None:
    probe = probes[index]
    if len(probe) > 330:
        return None
    if probe[0] in _RULE_SIGNS or probe[-1] in _RULE_SIGNS:
        if _DASHED_FORWARD.fullmatch(probe):
            return _Header(index, index + 1, "forward")
        if _DASHED.fullmatch(probe) or _DASHED_WROTE.fullmatch(probe):
            return _Header(index, index + 1, "original_message")
    if probe.endswith(":") and _DASHED_FORWARD.fullmatch(probe):
        return _Header(index, index + 1, "forward")
    if _ABOVE.fullmatch(probe):
        begin = index
        while begin > 0 and probes[begin - 1] in ("---", "--", "___", "-- "):
            begin -= 1
        return _Header(begin, index + 1, "reply_above")
    return None


# -- Outlook's block of header lines

_FROM: Final = (
    "from|von|de|da|van|od|от|від|fra|från|lähettäjä|feladó|kimden|gönderen|从|寄件者|寄件人|发件人"
    "|發件人|差出人|送信元"
    "|보낸 사람|보낸사람|발신|מאת|من|المرسل|expéditeur|expediteur|remitente|mittente|afzender|avsender"
    "|afsender"
    "|odesílatel"
    "|desde|absender|από|dari|từ|van"
)
_DATE_LABEL: Final = (
    "message du|sent|date|sent on|gesendet|gesendet am|datum|envoyé|envoye|envoyé le|date d'envoi|enviado"
    "|enviado el|enviado em"
    "|enviada|enviada em|fecha|data|inviato|verzonden|verstuurd|wysłano|wyslano|отправлено|дата"
    "|надіслано|sendt|dato"
    "|skickat|lähetetty|päiväys|odesláno|odeslané|elküldve|dátum|gönderildi|gönderme tarihi|tarih|发送时间"
    "|發送時間|寄件日期"
    "|傳送時間|日期|时间|時間|送信日時|日時|送信|보낸 날짜|보낸날짜|날짜|נשלח|תאריך|تم الارسال"
    "|تاريخ الارسال|ارسلت|ارسل|التاريخ|تاريخ"
    "|ημερομηνία|tanggal|dikirim|đã gửi|ngày|trimis"
)
_OTHER_LABEL: Final = (
    "to|an|à|a|para|al|aan|do|кому|til|till|vastaanottaja|komu|címzett|kime|alıcı|收件人|收件者|宛先"
    "|받는 사람|받는사람|수신"
    "|אל|الي|المستلم|destinataire|destinatario|kepada|đến|cc|copie|kopie|kopia|копия|kopi|抄送|副本|참조"
    "|עותק|נסخه|نسخه|نسخه الي"
    "|subject|betreff|objet|sujet|asunto|assunto|oggetto|onderwerp|temat|тема|emne|ämne|aihe|předmět"
    "|predmet|tárgy|konu"
    "|主题|主旨|主題|件名|제목|נושא|الموضوع|موضوع|θέμα|subjek|perihal|tiêu đề|chủ đề|subiect|reply-to"
    "|reply to"
    "|importance"
)
_LABEL: Final = re.compile(
    rf"[>*_ \t]*(?:(?P<from>{_FROM})|(?P<date>{_DATE_LABEL})"
    rf"|(?P<other>{_OTHER_LABEL}))[* \t]{{0,4}}:(?P<value>.*)"
)


def _header_block(lines: list[str], probes: list[str], index: int) -> _Header | None:
    """A run of header lines: From or Date first, and enough others close by to be no prose.

    A value may wrap, so up to two foreign lines are passed over between two labels.
    """
    begin = index
    if set(probes[index]) <= {"_", "-", " "} and len(probes[index]) >= 5:
        index += 1
        while index < len(lines) and index < begin + 3 and not probes[index]:
            index += 1
        if index >= len(lines):
            return None
    first = _LABEL.fullmatch(probes[index])
    if first is None or not (first["from"] or first["date"]):
        return None
    seen = {_label_name(first)}
    names = {first.lastgroup and _kind(first)}
    end = index + 1
    foreign = 0
    while end < len(lines) and end < index + 14 and foreign < 3:
        probe = probes[end]
        if not probe:
            if len(seen) >= 2:
                break
            foreign += 1
            end += 1
            continue
        label = _LABEL.fullmatch(probe)
        if label is None:
            foreign += 1
        else:
            seen.add(_label_name(label))
            names.add(_kind(label))
            foreign = 0
        end += 1
    is_block = (
        (len(seen) >= 3 and {"from", "date"} & names)
        or (len(seen) == 2 and names == {"from", "date"})
        or (len(seen) == 2 and first["date"] and "other" in names)
        or (len(seen) == 2 and first["from"] and "@" in first["value"] and "other" in names)
    )
    if not is_block:
        return None
    return _Header(begin, end, "header_block")


def _kind(label: re.Match[str]) -> str:
    return "from" if label["from"] else "date" if label["date"] else "other"


def _label_name(label: re.Match[str]) -> str:
    return str(label["from"] or label["date"] or label["other"])


# -- attribution lines: "On DATE, NAME wrote:"

_WROTE: Final = (
    r"wrote|writes|sent|schrieb(?: am)?|schrieb|geschrieben|a [eé]crit|[eé]crit|escribi[oó]|escribe"
    r"|va escriure|escreveu"
    r"|ha scritto|schreef|het volgende geschreven|geschreven|napisa[lł](?:a|\(a\)|/a|o)?|pisze"
    r"|написала?|написал\(а\)"
    r"|пишет|писал\(?а?\)?|написа[вл]\(?л?а?\)?|skrev(?: f[oø]lgende)?|kirjoitti|napsala?|napsal\(a\)"
    r"|nap[ií]sala?|[ií]rta"
    r"|ezt [ií]rta|a scris|yazd[ıi]|şunu yazd[ıi]|έγραψε|כתב/ה|כתבה?|כתב|כתב|写道|寫道|写到"
    r"|さんは書きました|のメール|님이 작성"
    r"|작성|đã viết|menulis|kirjutas|raš[eė]|rakst[iī]ja|je napisa[ol](?:/la)?|napisao|написа|เขียน"
    r"|كتبت?|كتب/كتبت|تمت كتابه ما يلي بواسطه|جاء من|نوشت"
)
_STARTS: Final = (
    r"on|am|um|le|el|em|il|op|w dniu|dnia|dne|d[nň]a|den|på|p[aå]|д[оа] |в|во|at|a las|no dia|dia"
    r"|в[іи]д|la data de|pe"
    r"|στις|בתאריך|ביום|pada|vào|v|u|em|da|data|i|ma|op|tarihinde"
    r"|في|بتاريخ|يوم|علي|بوقت|در"
)
_DATEISH: Final = (
    r"(?:\d{1,2}[:.h٫]\d{2}|\b(?:19|20)\d{2}\b|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{1,2}\. ?\w+"
    r"|\d{1,2} \w{3,})"
)
_HAS_DATE: Final = re.compile(_DATEISH)
_HAS_ADDRESS: Final = re.compile(r"[^\s<>@]+@[^\s<>@]+")
_ENDS_WITH_VERB: Final = re.compile(rf".*(?:{_WROTE})\W{{0,12}}(?:the following)?\W{{0,4}}", re.DOTALL)
_VERB_THEN_NAME: Final = re.compile(rf".*(?:\b|\s)(?:{_WROTE})\b.{{1,200}}:\W{{0,4}}", re.DOTALL)
_BEGINS: Final = re.compile(rf"[-\s\"'<(\[]*(?:(?:{_STARTS})[\s,]|[在于於ב](?=\d|\S))", re.DOTALL)
_DATE_FIRST: Final = re.compile(
    r"(?:\w{2,12}[.,]{0,2} ){0,2}(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}"
    r"|\d{1,2}\.? \w{3,12}\.? \d{4})"
    r".{0,120}<?[^\s<>@]+@[^\s<>@]+>? ?:?"
)
# "11:00 AM, November 17, 2021, "Tom" <tom@example.com>:" – no verb in any language
_DATED_ADDRESS: Final = re.compile(r"\d.{0,60}\b20\d\d\b.{0,120}<[^\s<>@]+@[^\s<>@]+> ?:")
_NAME_WROTE: Final = re.compile(
    r"[^\n]{1,100}\b(?:wrote|writes|schrieb|a [eé]crit|escribi[oó]|escreveu|ha scritto|schreef"
    r"|написал\(?а?\)?|пишет|كتبت?)"
    r" ?:|كتبت? .{1,80}:"
)
_INSIDE_LINE: Final = re.compile(
    r"(?:^|[ -])-{0,3} ?on (?:mon|tue|wed|thu|fri|sat|sun|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov"
    r"|dec|\d)"
    r"[^\n]{5,250} wrote:$"
)

_NOWHERE: Final = 10 * _MAX_LINES  # behind every line
_MAX_ATTRIBUTION_REACH: Final = 7  # lines, of which some may be blank


def _attribution(lines: list[str], probes: list[str], index: int) -> _Header | None:
    """One to four lines that together name a date or an address and say that somebody wrote.

    The caller has seen that one of the next lines may close it.
    """
    probe = probes[index]
    may_begin = (
        bool(_BEGINS.match(probe)) or bool(_HAS_DATE.search(probe)) or "@" in probe or probe.endswith(":")
    )
    if not may_begin:
        return None
    joined = ""
    taken = 0
    end = index
    while end < len(lines) and taken < 5:
        if _is_quoted(lines[end]) and not joined:
            return None
        if not probes[end] or (_is_quoted(lines[end]) and not joined.endswith("<")):
            # Polymail leaves a blank line inside its attribution; nothing else may.
            if probes[end] or not joined or _is_complete(joined) or not _is_open(joined):
                break
            end += 1
            continue
        joined = f"{joined} {probes[end]}".strip()
        taken += 1
        end += 1
        if len(joined) > 600:
            break
        if _is_attribution(joined, lines, end):
            # "Tom wrote:" cut at its colon must be taken whole: a second line may only close it.
            return _Header(index, end, "attribution")
    return None


def _attribution_inside(lines: list[str], probes: list[str], index: int) -> _Header | None:
    """ "Thanks On Wed, … wrote:": some programs let the attribution follow the text on its line."""
    probe = probes[index]
    inside = _INSIDE_LINE.search(probe) if probe.endswith("wrote:") else None
    if inside is None or inside.start() == 0 or len(probe) != len(lines[index].strip()):
        return None
    keep = lines[index].strip()[: inside.start()].rstrip(" -")
    return _Header(index, index + 1, "attribution", keep) if keep else None


def _may_close(lines: list[str], probes: list[str], at: int) -> bool:
    """Cheap test before the costly ones: nearly no line of a letter could end an attribution."""
    return (
        probes[at].endswith((":", ":-", ": -", "-", "wrote", "写道", "寫道"))
        or "@" in probes[at]
        or (at + 1 < len(lines) and _is_quoted(lines[at + 1]))
    )


def _is_open(joined: str) -> bool:
    return (
        bool(_BEGINS.match(joined))
        and bool(_HAS_DATE.search(joined))
        and not joined.endswith((".", "!", "?"))
    )


def _is_complete(joined: str) -> bool:
    return joined.endswith(":")


def _is_attribution(joined: str, lines: list[str], end: int) -> bool:
    has_date = bool(_HAS_DATE.search(joined))
    has_address = bool(_HAS_ADDRESS.search(joined))
    if not (has_date or has_address):
        return _NAME_WROTE.fullmatch(joined) is not None and _quotation_follows(lines, end)
    if _BEGINS.match(joined):
        closes = joined.rstrip(" -").endswith(":") or joined.endswith(("wrote", "写道", "寫道", "wrote:-"))
        if closes and _ENDS_WITH_VERB.fullmatch(joined):
            return True
        if closes and _VERB_THEN_NAME.fullmatch(joined):
            return has_date
        # Any language: starts like one, dated, addressed, ends with a colon before a quotation.
        return closes and has_date and (has_address or _quotation_follows(lines, end)) and len(joined) < 300
    if not joined.endswith(":"):
        return bool(_DATE_FIRST.fullmatch(joined)) and _quotation_follows(lines, end)
    if has_date and (_DATE_FIRST.fullmatch(joined) or _DATED_ADDRESS.fullmatch(joined)):
        return True
    if len(joined) > 300:
        return False
    if _ENDS_WITH_VERB.fullmatch(joined):
        return (has_date and has_address) or _quotation_follows(lines, end)
    return (
        (has_date or has_address)
        and bool(_VERB_THEN_NAME.fullmatch(joined))
        and ((has_date and has_address) or _quotation_follows(lines, end))
    )


def _quotation_follows(lines: list[str], end: int) -> bool:
    for line in lines[end : end + 3]:
        if line.strip():
            return _is_quoted(line)
    return False


# ----------------------------------------------------------------------------------------- signatures

_MOBILE: Final = re.compile(
    r"\W{0,4}(?:"
    r"(?:sent|send|posted) (?:from|via|with|by|using) (?:my )?[^.?!\n]{2,60}"
    r"|(?:get|download) (?:outlook|blue ?mail|gmail) (?:for|on) \w[^.\n]{0,40}"
    r"|(?:von|gesendet von|gesendet mit|gesendet über|diese nachricht wurde von) (?:meinem?|unterwegs"
    r"|mobil)?[^.\n]{2,60}(?:gesendet)?"
    r"|envoy[eé](?:e)? (?:de|depuis|[aà] partir de) (?:mon|ma|l'|l’)?[^.\n]{2,60}"
    r"|enviado (?:desde|do|de|a partir do|via|pelo) (?:mi|meu|o)?[^.\n]{2,60}|inviato (?:da|dal"
    r"|dallo) [^.\n]{2,60}"
    r"|verzonden (?:vanaf|van|met) [^.\n]{2,60}|verstuurd vanaf [^.\n]{2,60}"
    r"|wys[lł]an[eao] (?:z|za) [^.\n]{2,60}|отправлено (?:с|из) [^.\n]{2,60}|надіслано з [^.\n]{2,60}"
    r"|skickat fr[aå]n [^.\n]{2,60}|sendt fra [^.\n]{2,60}|l[aä]hetetty [^.\n]{2,60}|odesl[aá]no (?:z"
    r"|ze) [^.\n]{2,60}"
    r"|odoslan[eé] z [^.\n]{2,60}|k[uü]ldve [^.\n]{2,60}|[^.\n]{2,30}(?:'dan|'den|’dan|’den|imden"
    r"|umdan) gönderildi"
    r"|t[eé]l[eé]charge[zr] outlook pour [^.\n]{2,30}|obtenir outlook pour [^.\n]{2,30}"
    r"|outlook f[uü]r \w+ (?:beziehen|herunterladen)"
    r"|obtener outlook para [^.\n]{2,30}|obter o outlook para [^.\n]{2,30}"
    r"|发自我的[^\n]{2,30}|從我的[^\n]{2,30}(?:傳送|發送)|从我的[^\n]{2,30}发送|[^\n]{2,30}から送信"
    r"|나의 [^\n]{2,30}에서 보냄"
    r"|נשלח מה?-?[^\n]{2,30}"
    r"|(?:ارسلت|مرسل|مرسله|تم الارسال|ارسل) (?:من|بواسطه|عبر) [^.\n]{2,60}|من ال ?(?:iphone"
    r"|ipad)[^\n]{0,20}"
    r"|(?:احصل علي|الحصول علي|تنزيل) outlook ل[^\n]{2,40}"
    r")\W{0,6}"
)
# "Sent from my desk, is much easier then my phone" is prose: a footer names a device or a program.
_DEVICE: Final = re.compile(
    r"iphone|ipad|ipod|android|samsung|galaxy|huawei|xiaomi|nokia|lumia|blackberry|htc|oppo|vivo|pixel"
    r"|oneplus|verizon"
    r"|windows|outlook|mail|yahoo|phone|mobile|handheld|wireless|tablet|handy|device|smartphone"
    r"|m[oó]vil|telef|telemóvel"
    r"|cellulare|mobil|dispositivo|appareil|portable|gsm|palm|treo|moto|sony|xperia|lg |acompli|spark"
    r"|polymail|proton"
    r"|جوال|هاتف|جهاز|موبايل|ايفون|ايباد|اندرويد|سامسونج|هواوي|بريد|t-mobile|at&t|sprint|phone"
    r"|nextcloud|mailbird|app"
)
_LINK: Final = re.compile(r"[<(]https?://[^\s<>()]*[>)]")
_DELIMITER: Final = re.compile(r"--[ \t]?")
_LIST_FOOTER: Final = re.compile(r"_{20,}|-{40,}")
_MAX_SIGNATURE_LINES: Final = 25


def _tidy(lines: list[str]) -> str:
    """Without signature, list footer and mobile footer, without blank lines around it."""
    lines = _without_delimited_signature("\n".join(lines).split("\n"))
    while True:
        while lines and not lines[-1].strip():
            lines.pop()
        if len(lines) > 1 and _is_footer(lines):
            lines.pop()
            continue
        break
    while lines and not lines[0].strip():
        lines.pop(0)
    return "\n".join(line.rstrip() for line in lines)


def _is_footer(lines: list[str]) -> bool:
    """The last line is a mobile footer, or the rule above a quotation that has been cut."""
    probe = _LINK.sub("", folded(lines[-1][:_MAX_PROBE])).strip().strip("*_")
    if not probe or (set(probe) <= {"-", "_", "="} and len(lines[-1].strip()) >= 10):
        return True
    if set(lines[-1].strip()) <= {"_", "-", "="}:
        return len(lines[-1].strip()) >= 10
    return len(probe) < 100 and bool(_MOBILE.fullmatch(probe)) and bool(_DEVICE.search(probe))


def _without_delimited_signature(lines: list[str]) -> list[str]:
    """RFC 3676, section 4.3: "-- " begins the signature. Programs drop the blank."""
    following = sum(1 for line in lines if line.strip())
    has_text = False
    for index, line in enumerate(lines):
        if not line.strip():
            continue
        following -= 1
        if has_text and following <= _MAX_SIGNATURE_LINES and line.lstrip()[0] in "-_":
            if _DELIMITER.fullmatch(line):
                return lines[:index]
            if following <= 6 and _LIST_FOOTER.fullmatch(line.strip()):
                footer = "".join(lines[index + 1 :]).lower()
                if "mailing list" in footer:
                    return lines[:index]
        has_text = True
    return lines
