"""Owns what mail programs append below a letter: signature delimiter, mobile footer, list footer.

Not the closing formula and the name: those the writer wrote (`staff_text` removes them for the citizen).
A footer names a device or a program and says nothing else: «أرسلت من جوالي صورة الهوية» is a sentence.
"""

from __future__ import annotations

import re
from typing import Final

from daemon.mail.quoting.lines import folded

_MAX_FOOTER: Final = 110  # characters
_MAX_SIGNATURE: Final = 25  # lines below "-- " (RFC 3676, section 4.3: a signature separator with its blank)
_MAX_BARE_SIGNATURE: Final = 10  # lines below "--", which people draw between paragraphs too
_MAX_NEAR: Final = 60  # lines in which a second "--" is looked for
_MAX_WIDTH: Final = 80  # characters of a signature's line; prose runs on

_LINK: Final = re.compile(r"[<(\[]?(?:https?://|mailto:)[^\s<>()\]]*[>)\]]?|\]\(|[\[\]]")
_EXCUSE: Final = re.compile(
    r"[.,!;،–-]+\s*(?:please |pls |kindly )?(?:excuse|forgive|pardon|ignore|apolog|sorry"
    r"|bitte entschuldig)\w*.{0,60}$"
)
_EDGE: Final = " \t*_<>()[]\"'.!~•|\u200e\u200f"

_FROM_DEVICE: Final = re.compile(
    r"(?:(?:sent|send|posted|written|composed) (?:from|via|with|by|using|on)|from my(?= (?:iphone|ipad"
    r"|android))"
    r"|(?:get|download|try)(?= (?:outlook|blue ?mail|gmail|yahoo))|(?:diese nachricht wurde )?von"
    r"|gesendet (?:von|mit|über)"
    r"|diese nachricht wurde|envoy[eé]e? (?:de|depuis|[aà] partir de|via|avec|par)|enviad[oa] (?:desde|do"
    r"|da|de|a partir do|via|pelo|com)"
    r"|enviat des de|inviat[oa] (?:da|dal|dallo|con|tramite)|verzonden (?:vanaf|van|met|via)"
    r"|verstuurd (?:vanaf|met)"
    r"|wys[lł]an[aeo]y? (?:z|za)|отправлено (?:с|из)|надіслано з|skickat fr[aå]n|sendt fra|l[aä]hetetty"
    r"|odesl[aá]no (?:z|ze)|odoslan[eé] z|k[uü]ldve|trimis de pe|στάλθηκε από"
    r"|t[eé]l[eé]charge[zr](?= outlook)"
    r"|obtenir(?= outlook)|obtener(?= outlook)|obter o(?= outlook)|scarica(?= outlook)|outlook f[uü]r"
    r"|dikirim dari|được gửi từ|ارسال شده از"
    r"|(?:ارسلت|مرسله?|تم الارسال|تم ارسالها?|ارسل|ارسلتها?) (?:هذه الرساله )?(?:من|بواسطه|عبر|باستخدام)"
    r"|من(?= ال ?i(?:phone|pad))"
    r"|(?:احصل|الحصول) علي(?= outlook)|تنزيل(?= outlook))(?= )"
)
_DEVICE_SENT: Final = re.compile(
    r"发自我的[^\n]{2,30}|發自我的[^\n]{2,30}|從我的[^\n]{2,30}(?:傳送|發送)|从我的[^\n]{2,30}(?:发送)?"
    r"|[^\n]{2,30}から送信(?:されました)?"
    r"|나의 [^\n]{2,30}에서 보냄|[^\n]{2,30}에서 보냄|נשלח מה?-?[^\n]{2,30}|[^.\n]{2,30}['’]?(?:dan|den|imden"
    r"|umdan) g[oö]nderildi"
    r"|(?:获取|下载|取得|下載) ?(?:适用于 ?)?(?:ios|android)? ?(?:的|版)? ?outlook[^\n]{0,20}"
    r"|yahoo mail: search, organi[sz]e, conquer"
)
_SENT_FROM_MY: Final = re.compile(r"sent from my (?:[\w'+&-]+ ?){1,5}")
_DEVICE: Final = re.compile(
    r"i?phon[eu]|ipad|ipod|\bios\b|android|samsung|galaxy|huawei|xiaomi|redmi|nokia|lumia|blackberry|htc"
    r"|oppo|vivo|pixel"
    r"|oneplus|honor|verizon|windows|outlook|mail|yahoo|mobile|handheld|wireless|tablet|handy|device|mobil"
    r"|m[oó]vil|telef|cellul|dispositivo|appareil|portable|gsm|palm|treo|moto|sony|xperia|acompli|spark"
    r"|cell$"
    r"|polymail|proton|sparrow|airmail|t-mobile|at&t|sprint|nextcloud|app\b|thunderbird|airwatch|boxer"
    r"|galaxy"
    r"|جوال|هاتف|جهاز|موبايل|ايفون|ايباد|اندرويد|سامسون|هواوي|بريد|اوتلوك|تلفون|تليفون|گوشي|тел|устройств"
    r"|почт"
)
_SMALL: Final = frozenset(
    " ".join(
        (
            "my a an the for on from via with by and in using of mobile phone device mail app wireless",
            "smartphone tablet handheld cell meinem meiner mein der dem den mit für gesendet unterwegs einem",
            "wurde wurden bitte mon ma mes un une pour sur le la de du l desde mi meu minha o para no na em",
            "con il mio dal per su mijn een voor met op moj mojego mojej telefonu min mit mitt från fra til",
            "på minun puhelimesta mého telefonul meu saya của tôi z ze za моего моей на для с из",
        )
    ).split()
)
"""The words between; of a device in any language or of nothing."""
_ARABIC_DEVICE: Final = re.compile(
    r"ال|(?:ب?ال|لل|ل|و|ب)?(?:هاتف|جوال|جهاز|موبايل|محمول|نقال|خلوي|ذكي|لوحي|ايفون|ايباد|اندرويد"
    r"|سامسون[جغ]|جالاكسي|غالاكسي"
    r"|هواوي|شاومي|نوكيا|بريد|ياهو|هوتميل|جيميل|اوتلوك|تطبيق|برنامج|نظام|كمبيوتر|تلفون|تليفون)(?:ي|نا)?"
    r"|الخاص|خاصتي|بي|علي|من|ل|الكتروني|الالكتروني|عبر|لاجهزه|اجهزه"
)
_NO_SIGNATURE: Final = re.compile(
    # a question, a heading, a point of a list, a greeting, and what we may have asked for
    r"[?؟:]$|^(?:[-*•]|\d{1,2}[-).])\s|^(?:من|الي|نسخه|التاريخ|from|to|date|subject) ?:|السلام عليكم"
    r"|^hi\b|^dear\b|^hello\b|طلب|شكوي|\bرقم\b|request|complaint|ticket|frs-"
)
_CONTACT: Final = re.compile(
    r"@|www\.|https?:|\||\+?\d[\d ()-]{7,}|\b(?:tel|phone|mobile|fax|ext)\b"
    r"|مدير|رييس|رئيس|مهندس|اخصائي|اخصايي|مستشار|محامي|اداره|قسم|شركه|موسسه|مؤسسه|وزاره|تحويله|هاتف|جوال|فاكس"
)
_ARABIC: Final = re.compile("[\u0621-\u064a]")
_LIST_RULE: Final = re.compile(r"_{2,}|-{40,}|={20,}")
_TRACKER: Final = frozenset("ᐧ")  # left behind by a reader-tracking add-on


def tidy(lines: list[str]) -> str:
    """`lines` as one text without signature, list footer and mobile footers at its end, and without the
    blank lines and the rule around it. "" if nothing else stands there.
    """
    lines = _without_signature("\n".join(lines).split("\n"))
    while lines and (not lines[-1].strip() or (len(lines) > 1 and _is_footer(lines[-1]))):
        lines.pop()
    first = next((index for index, line in enumerate(lines) if line.strip()), len(lines))
    return "\n".join(line.rstrip() for line in lines[first:])


def _is_footer(line: str) -> bool:
    """A mobile footer, or the rule above a quotation that has been cut."""
    bare = line.strip()
    if set(bare) <= _TRACKER or (set(bare) <= set("-_=–—") and len(bare) >= 10):
        return True
    return len(bare) <= 4 * _MAX_FOOTER and is_mobile_footer(bare)


def is_mobile_footer(line: str) -> bool:
    """Is `line` nothing but "Sent from my iPhone", «أُرسلت من الـ iPhone», "Get Outlook for iOS" …?"""
    written = _LINK.sub(" ", line).strip(_EDGE)
    if not written or len(written) > _MAX_FOOTER:
        return False
    written = " ".join(written.split())
    probe = _EXCUSE.sub("", folded(written)).strip(_EDGE)
    if _DEVICE_SENT.fullmatch(probe):
        return bool(re.search(r"[a-z]", probe)) or _DEVICE.search(probe) is not None
    if _SENT_FROM_MY.fullmatch(probe):
        return True
    phrase = _FROM_DEVICE.match(probe)
    if phrase is None or not _DEVICE.search(probe[phrase.end() :]):
        return False
    count = len(probe.split())
    rest = written.split()[len(phrase[0].split()) : count]
    return 0 < len(rest) <= 8 and all(map(_names_device, rest))


def _names_device(word: str) -> bool:
    """A product's name (a capital or a digit), a device in any language, or a small word between."""
    bare = folded(word).strip(_EDGE + ",-")
    if not bare or bare in _SMALL or _ARABIC_DEVICE.fullmatch(bare):
        return True
    if word.endswith((",", ";", ":", "?", "؟", "،")):
        return False
    return word[0].isupper() or word[0].isdigit() or (word[0].islower() and _DEVICE.search(bare) is not None)


def _without_signature(lines: list[str]) -> list[str]:
    filled = [index for index, line in enumerate(lines) if line.strip()]
    last = filled[1:][-_MAX_SIGNATURE - 1 :]  # never the first line: something was written above it
    for place, index in enumerate(last):
        if lines[index].lstrip()[0] in "-_=" and _begins_signature(lines, index, last[place + 1 :]):
            return lines[:index]
    return lines


def _looks_signed(lines: list[str]) -> bool:
    """Could `lines` below a bare "--" be a signature? People draw that rule between paragraphs too."""
    folded_lines = [folded(line.strip()) for line in lines]
    if len(lines) > _MAX_BARE_SIGNATURE or any(map(_NO_SIGNATURE.search, folded_lines)):
        return False
    if any(len(line) > _MAX_WIDTH for line in lines):
        return False
    if not lines or not _ARABIC.search(lines[0]):
        return not lines or len(lines[0].split()) <= 6 or is_mobile_footer(lines[0])
    # Names in Arabic look like any other words.
    return any(_CONTACT.search(line) and len(line.split()) <= 6 for line in folded_lines)


def _begins_signature(lines: list[str], index: int, below: list[int]) -> bool:
    line = lines[index]
    if line in ("-- ", "--\xa0", "--\t"):
        return len(below) <= _MAX_SIGNATURE
    if line.rstrip() == "--":
        if sum(other.strip() == "--" for other in lines[-_MAX_NEAR:]) > 1:
            return False  # rules between paragraphs
        return _looks_signed([lines[at] for at in below])
    if 0 < len(below) <= 6 and _LIST_RULE.fullmatch(line.strip()):
        return any("mailing list" in lines[at].lower() for at in below)
    return False
