"""Owns the default words of `meaning.extraction`: labels of a request number, grounds, thanks. Only values.

Regular expressions are matched against folded text (`languages.folding.fold`), so they are written with ا for
every alef, ه for ta marbuta, ي for every ya, and lower-case Latin. They begin with a literal wherever they
can: Python finds that quickly and looks no closer elsewhere.

A *phrase* is words between spaces: `/` separates alternatives, `~` stands for up to three words, a `*`
ends a word whose ending does not matter (not in the first place), `=` begins one without the particles
(و ف ب ل ك ال …) that any other Arabic word may carry. Spelling need not be folded.
"""

from __future__ import annotations

from typing import Final

# ---- request number --------------------------------------------------------------------------------

IDENTIFIER: Final = (
    # FR-123456, 2026/12345, 01-25-004003-12345, ط-12345, 1234567. Not the beginning of a longer number.
    r"(?:[a-z]{1,6}(?: ?[-/_] ?)?|(?:fr|req|rq|inv) |[ء-ي]{1,2}[-/])?[0-9]{1,15}(?: ?[-/_] ?[0-9]{1,15}){0,4}"
    r"(?![-/_.]?[0-9])"
)
GROUPED: Final = r"[0-9]{2,4}(?: [0-9]{2,4}){1,4}(?! ?[0-9])"  # 123 456 789
_NUMBER: Final = rf"(?P<number>{GROUPED}|{IDENTIFIER})(?![a-z@])"
_REQUEST: Final = r"(?:طلب(?:ي|نا|كم|ه|ها)?|معامل(?:ه|تي|تنا))"
_END: Final = r"(?![ء-يa-z])"
_NOT_A_SUM: Final = "".join(
    # «رسوم الطلب 15000», «تاريخ الطلب 20260501»
    rf"(?<!{word} {request})"
    for word in (
        "تاريخ",
        "موعد",
        "رسوم",
        "قيمه",
        "مبلغ",
        "سعر",
        "تكلفه",
        "عدد",
        "مده",
        "مساحه",
        "نموذج",
        "سنه",
        "عام",
    )
    for request in ("طلب", "الطلب")
)

_LABEL_TO_NUMBER: Final = (
    # At most eight words or signs, all of them without a meaning of their own. What would bring in another
    # thing with a number («والجوال», «غير معروف») is not among them.
    r"(?:\s{0,4}(?:[:：؛=#\-–—.()\[\]«»\"'*/|،]|(?:هو|هي|هوا|هوه|وهو|كالتالي|التالي|كالاتي|الاتي|كان|لدي|لديكم|لدينا|الخاص|بي|بنا"
    r"|بالاستثمار|الاستثماري|في|علي|عبر|منصه|المنصه|بمنصه|بالمنصه|فرص|المقدم|المرفوع|المسجل|السابق|الحالي|المذكور"
    r"|رقم|برقم|رقمه|رقمها|ذو|ذي|يحمل|الرقم|بالرقم|is|was|in|on|at|furas|platform|the|number|no)"
    rf"{_END})){{0,8}}\s{{0,4}}"
)
_NOUN_TO_LABEL: Final = (
    # «طلب تمديد عقد الاستثمار المقدم برقم»: what kind of request, where and how it was made.
    r"(?:\s{1,4}(?:استيجار|تاجير|استثمار|الاستثمار|استثماري|الاستثماري|تمديد|التمديد|تسجيل|التسجيل|تعديل|التعديل|الغاء|تجديد"
    r"|التجديد|مستثمر|المستثمر|تقديم|التقديم|المقدم|المرفوع|المسجل|السابق|الحالي|المذكور|الخاص|بي|بنا|من|في|علي"
    rf"|عبر|لدي|لديكم|منصه|المنصه|بمنصه|بالمنصه|فرص|والذي|الذي|يحمل|ذو|ذي|صاحب|عقد){_END}){{0,6}}"
)

REQUEST_NUMBER_PATTERNS: Final[tuple[str, ...]] = (
    # «رقم الطلب», «برقم طلبي», «رقم المعاملة»
    rf"رقم\s{{1,3}}(?:ال)?{_REQUEST}{_END}{_LABEL_TO_NUMBER}{_NUMBER}",
    # «طلب رقم», «الطلب المقدم على منصة فرص برقم», «طلبي ذو الرقم»; not «مطلب»
    rf"طلب(?<![مت]طلب)(?:ي|نا|كم|ه|ها|ات|ين|اتي)?{_END}{_NOUN_TO_LABEL}[\s(،,:\-]{{1,4}}(?:ال|ب|بال|و)?رقم(?:ه|ها)?{_END}"
    rf"{_LABEL_TO_NUMBER}{_NUMBER}",
    rf"معامل(?:ه|تي|تنا){_END}{_NOUN_TO_LABEL}[\s(،,:\-]{{1,4}}(?:ال|ب|بال|و)?رقم(?:ه|ها)?{_END}{_LABEL_TO_NUMBER}{_NUMBER}",
    # «الطلب: 12345», «طلبي (12345)»
    rf"طلب(?<![مت]طلب){_NOT_A_SUM}(?:ي|نا)?{_NOUN_TO_LABEL}[ :：#\-(\[«\"'/]{{1,5}}{_NUMBER}",
    # "request number 12345", "Request #12345", "application no. 12345"
    rf"(?:request|application|transaction)s?[ \t]{{0,3}}(?:(?:number|num|no|id|nr|ref|reference){_END}\.?)?"
    rf"{_LABEL_TO_NUMBER}{_NUMBER}",
    rf"order[ \t]{{0,3}}(?:number|num|no|id|nr|reference|#){_END}\.?{_LABEL_TO_NUMBER}{_NUMBER}",
    # «12345 هو رقم الطلب», "12345 is my request number"
    rf"(?P<number>[0-9](?<![\-/.+_a-z0-9][0-9])[0-9]{{0,14}}(?:[-/_][0-9]{{1,15}}){{0,4}})[ \t]{{1,3}}"
    rf"(?:(?:هو|هي|وهو)[ \t]{{1,3}}رقم\s(?:ال)?{_REQUEST}{_END}"
    rf"|is[ \t]{{1,3}}(?:my |the |our )?(?:request|application) (?:number|no|id){_END})",
)

OTHER_LABEL: Final = (
    # An unlabelled number after one of these belongs to it.
    r"(?:هوي(?:ه|تي)|اقام(?:ه|تي)|جواز|سجل|سجلي|تجاري|جوال|جوالي|موبايل|هاتف|هاتفي|تلفون|واتس\w{0,4}|ايبان|حساب"
    r"|حسابي|ايصال|فاتوره|سداد|مبلغ|قيمه|شكوي|شكواي|بلاغ|تذكره|رخصه|صك|عقد|فرصه|منافسه|بريدي|صندوق|ص\.?ب|مبني|شارع"
    r"|قطعه|مخطط|موحد|وطني|تاريخ|تحويله|رمز|كود|(?<![a-z])(?:iban|id|iqama|passport|cr|registration|mobile|phone|tel"
    r"|cell|whatsapp|fax|invoice|amount|account|ticket|complaint|zip|postal|box|licen[sc]e|contract|date|code))"
    r"(?:\s{1,3}(?:رقم|رقمه|برقم|الرقم|number|no|هو|is|التجاري|الوطنيه|الموحد|البريدي)){0,2}[\s:：#.=/\-(]{0,4}\Z"
)
NUMBER_WORD: Final = (
    rf"(?:(?:^|[\s،,.:(])(?:ال|ب|بال|و)?رقم(?:ه|ها)?(?:\s{{1,3}}هو)?{_END}|(?:^|\s)(?:number|no){_END}|#)"
    r"[\s:：#.=\-(]{0,4}\Z"
)
UNIT_AFTER: Final = (
    r"[\s)]{0,3}(?:ريال|ر\.?س|﷼|%|٪|(?:sar|sr|riyals?|usd|days?|sqm)(?![a-z])"
    r"|(?:متر|مترا|امتار|م2|م²|هكتار|دولار|الف|مليون|يوم|يوما|ايام|سنه|سنوات|شهر|شهرا|كم|ه|م)(?![ء-ي]))"
)

# ---- the ground ------------------------------------------------------------------------------------

SLA_EXCEEDED_PATTERNS: Final[tuple[str, ...]] = (
    "تجاوز/تجاوزت/تجاوزها/تجاوزهم/تجاوزكم/تخطى/تخطت/تعدى/تعدت ~ مدة/مهلة/وقت/فترة/زمن/موعد/اتفاقية",
    "انتهت/انقضت/انتهاء/انقضاء/مضت/مضي ~ مدة/مهلة/فترة/موعد",
    "مستوى خدم*",
    "تأخر/تأخرت/تأخرتم/تأخروا/تأخير/متأخر/متأخرة/يتأخر/تتأخر/تأخره/تأخرها/تأخركم/تأخيره/تأخيرها/تأخيركم/مماطلة",
    "لم يتم/تتم ~ رد/رده/اتخاذ/معالج*/بت/نظر/إنجاز/تجاوب/استجاب*/إجراء/تواصل/إفاد*",
    "لم يرد/تردوا/يردوا/ينجز/تنجز/يبت/يعالج/تعالج/يتجاوب/تتجاوب/يتجاوبوا/تتجاوبوا/تستجيبوا/يستجيبوا/يردني",
    "لم يصل*/أتلق/نتلق/أتلقى/نتلقى/أستلم/نستلم ~ رد/ردا/إفادة/تجاوب/جواب/جوابا/شيء",
    "دون/بلا/عدم/غير ~ رد/إجراء/إجراءات/تجاوب/استجابة/إفادة/نتيجة/تفاعل/اتخاذ/جدوى",
    "لا/ما يوجد/في/فيه/هناك/وصلني/جاني/جاء/وصل/أحد/حد/تم ~ رد/تجاوب/استجابة/إجراء/جواب",
    "ما ردوا/رديتوا/رديتم/ردو/رد",
    "sla/overdue/delay/delays/delayed",
    "service level",
    "past due",
    "no/without/any ~ response/reply/answer/action/update/progress",
    "still pending/waiting",
    "not/never/nobody/none ~ answered/responded/processed/replied",
    "exceed/exceeds/exceeded/exceeding ~ time/period/deadline/limit/sla/days",
    "taking/taken/takes/took too long",
)
SLA_EXCEEDED_HINTS: Final[tuple[str, ...]] = (
    # How long, without a complaint about it: they count only where nothing else says what the matter is.
    "مر/مرت/مضى/مضت/منذ/أكثر/صار/لي ~ شهر/شهرين/شهور/أشهر/أسبوع/أسبوعين/أسابيع/سنة/سنوات/أيام/يوما/يوم",
    "معلق/معلقة",
    "قيد معالجة/إجراء/دراسة/مراجعة/تنفيذ",
    "طال انتظار*",
    "انتظار/أنتظر/ننتظر ~ رد/ردكم",
    "for/since/over/than ~ week/weeks/month/months",
)
TECHNICAL_PATTERNS: Final[tuple[str, ...]] = (
    "=خطأ/=الخطأ/=وخطأ/=والخطأ/أخطاء",
    "مشكلة/مشكلتي/مشاكل/تحدي/تحديات/عائق/عوائق/صعوبة/صعوبات ~ تقني*/فني*/برمجي*",
    "مشكلة/مشاكل في نظام/موقع/منصة/تطبيق/صفحة/رابط/دخول/تسجيل/دفع/سداد/رفع",
    "خلل/عطل/أعطال/معطل/معطلة",
    "لا/ما/لم يعمل/تعمل/يشتغل/تشتغل/يفتح/تفتح/يظهر/تظهر/يحمل/تحمل/يكتمل/تكتمل/يقبل/تقبل/يرسل/يحفظ/يتحمل/يكمل",
    "لا يستجيب/تستجيب",
    "لم يصل*/تصل*/أستلم ~ رمز/كود/تحقق",
    "تعذر/يتعذر/تعذرت/تتعذر",
    "لا/ما/لم/مو/مب أستطيع/نستطيع/أستطع/نستطع/يمكنني/يمكننا/يمكن/أقدر/نقدر/قدرت/قدرنا/أتمكن/نتمكن/تمكنت/يسمح",
    "غير/لست/لسنا قادر/قادرين/متمكن/متمكنين",
    "عدم قدرة/تمكن/إمكانية/تمكني/تمكننا/قدرتي/قدرتنا",
    "فشل/يفشل/تفشل",
    "موقع/منصة/نظام/صفحة/خدمة/تطبيق/بوابة متوقف/متوقفة/واقف/واقفة/طافي/علق/معلق/معلقة/بطيء/بطيئة/يعلق/تعلق",
    "تعليق نظام/موقع/منصة/صفحة",
    "error/errors/bug/bugs/crash/crashes/crashed/crashing/glitch/glitches",
    "technical issue*/problem*/error*/fault*/difficult*/obstacle*",
    "not/doesnt/dont/didnt/isnt/wont/wasnt work*/load*/open*/respond*/submit*/upload*/appear*",
    "cannot/cant/couldnt ~ complete/submit/upload/log/login/sign/access/open/finish/pay/continue/attach",
    "can/could/unable not/to ~ complete/submit/upload/log/login/sign/access/open/finish/pay/continue/attach",
    "not able ~ complete/submit/upload/log/login/sign/access/open/finish/pay/continue/attach",
    "fail/fails/failed/failing/failure to/when/while/in/on/at/during",
    "system/site/website/platform ~ down",
)
NO_GROUND_PATTERNS: Final[tuple[str, ...]] = (
    # What looks like a ground and is none: there is no error; by mistake (not the platform's).
    "لا/ليس/ما يوجد/توجد/هناك/في/فيه خطأ/أخطاء/خلل/عطل/مشكلة/تأخير/تأخر",
    "لا/ليس/ما يوجد/توجد/هناك/في/فيه أي خطأ/أخطاء/خلل/عطل/مشكلة/تأخير/تأخر",
    "دون/بلا خطأ/أخطاء/خلل/عطل/تأخير/تأخر/مشاكل",
    "دون/بلا أي خطأ/أخطاء/خلل/عطل/تأخير/تأخر/مشاكل",
    "عن طريق خطأ",
    "no error/errors/delay/delays/bug/bugs",
)

# ---- name ------------------------------------------------------------------------------------------

_NAME_STOP = """
من رقم الجوال جوال جوالي الهويه هويه هويتي السجل سجل صاحب مالك اتقدم ارغب اريد قد لدي لديه قدمت تقدمت رقمي
الهاتف البريد المدينه الايميل ايميل مدير ممثل وكيل في على عن مقيم ساكن مواطن انا طلب الطلب
غير لا ليس لم ما مسجل موجود ظاهر مكتوب خطا لديكم هو كما حسب التجاري
and from my mobile phone email id number i the with
"""
NAME_STOP: Final = frozenset(_NAME_STOP.split())
"""Words, folded, that follow a name and are not part of one; also after و. But «على» as it is written: folded
it is the name علي."""

# ---- thanks ----------------------------------------------------------------------------------------

THANKS: Final[tuple[str, ...]] = (
    *(
        "شكرا",
        "شكرا جزيلا",
        "شكرا لكم",
        "شكرا لك",
        "الشكر",
        "كل الشكر",
        "جزيل الشكر",
        "مع الشكر",
        "لكم الشكر",
    ),
    *(
        "الشكر والتقدير",
        "نشكركم",
        "أشكركم",
        "أشكرك",
        "مشكور",
        "مشكورين",
        "ممتن لكم",
        "تسلم",
        "تسلموا",
        "تسلمون",
    ),
    *("جزاك الله خيرا", "جزاكم الله خيرا", "جزاك الله خير", "جزاكم الله خير", "الله يجزاكم خير", "كل خير"),
    *("يعطيك العافية", "يعطيكم العافية", "الله يعطيك العافية", "الله يعطيكم العافية", "بارك الله فيك"),
    *("بارك الله فيكم", "ما قصرتوا", "ما قصرتم", "ما قصرت", "شكرا على تعاونكم", "شكرا على سرعة الرد"),
    *("شكرا على الرد", "thanks", "thank you", "thank you very much", "thank you so much", "many thanks"),
    *("thanks a lot", "thx", "much appreciated", "appreciated", "👍", "🙏", "🌹", "❤️", "👍🏻", "🙏🏻", "👏"),
)
COURTESIES: Final[tuple[str, ...]] = (
    # May stand beside thanks, and are none by themselves.
    *("السلام عليكم", "وعليكم السلام", "ورحمة الله وبركاته", "تحياتي", "مع التحية", "مع خالص التحية"),
    *("best regards", "kind regards", "regards", "dear team", "dear sir", "hi", "hello"),
)
