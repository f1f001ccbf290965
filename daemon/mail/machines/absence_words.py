"""Owns the words of absence notices in the languages of those who send them. The rules are `absence`'s.

Everything is folded as `quoting.folded` does: lower case, أإآ as ا, ة as ه.
"""

from __future__ import annotations

from typing import Final

from daemon.mail.machines.signs import one_of

STRONG_SUBJECTS: Final[tuple[tuple[str, str], ...]] = (
    (
        "ar",
        r"(?:ال)?رد (?:ال)?(?:تلقائي|الي|اوتوماتيكي)|رساله (?:رد )?(?:تلقائيه|اليه)|اجابه تلقائيه"
        r"|استجابه تلقائيه|ارسال تلقائي|خارج (?:المكتب|اوقات العمل|اوقات الدوام|الدوام)"
        r"|اشعار (?:غياب|اجازه)|رد المجيب الالي",
    ),
    (
        "en",
        r"auto(?:matic|mated|matically generated)?[- ]?(?:reply|response|responder|respond|answer"
        r"|acknowledge?ment|e-?mail reply)|out[- ]of[- ](?:the[- ])?office(?:[- ](?:auto[- ]?reply|reply"
        r"|message|response|notice|notification|notify|assistant|alert))?"
        r"|vacation (?:reply|message|notice|notification|response|auto[- ]?reply|alert)"
        r"|absence (?:notice|notification|message)|away (?:message|notice)|holiday (?:message|notice|reply)",
    ),
    (
        "de",
        r"abwesenheits?(?:notiz|nachricht|benachrichtigung|meldung|info|assistent|mail|antwort|mitteilung)"
        r"|automatische (?:antwort|e-?mail|r[uü]ckantwort|nachricht|eingangsbest[aä]tigung)"
        r"|auto(?:matische)?[- ]?antwort|urlaubs(?:notiz|meldung|benachrichtigung)"
        r"|automatisch generierte (?:antwort|nachricht|e-?mail)",
    ),
    (
        "fr",
        r"r[eé]ponse (?:automatique|d'absence)|absence du bureau|message (?:automatique|d'absence)"
        r"|notification d'absence|accus[eé] (?:de )?r[eé]ception automatique|r[eé]pondeur automatique",
    ),
    (
        "es",
        r"respuesta (?:autom[aá]tica|de ausencia)|auto-?respuesta|contestaci[oó]n autom[aá]tica"
        r"|fuera de (?:la )?oficina|mensaje autom[aá]tico|aviso de ausencia",
    ),
    (
        "pt",
        r"resposta autom[aá]tica|fora do escrit[oó]rio|aus[eê]ncia tempor[aá]ria|mensagem autom[aá]tica"
        r"|aviso de (?:aus[eê]ncia|f[eé]rias)",
    ),
    ("it", r"risposta automatica|fuori (?:sede|ufficio)|messaggio automatico|avviso di assenza"),
    (
        "nl",
        r"automatisch(?:e)? (?:antwoord|reactie|bericht|beantwoording)"
        r"|afwezigheids?(?:melding|bericht|assistent)|buiten kantoor",
    ),
    (
        "pl",
        r"automatyczna odpowied[zź]|odpowied[zź] automatyczna|auto-?odpowied[zź]|poza biurem"
        r"|nieobecno(?:ść|sc|s[cć]) w biurze",
    ),
    (
        "ru",
        r"автоматический ответ|авто-?ответ(?:чик)?|автоматическое (?:уведомление|сообщение)|вне офиса"
        r"|автоматична відповідь",
    ),
    ("sv", r"autosvar|auto-?svar|auto-?respons|automatiskt svar|fr[aå]nvaromeddelande"),
    ("da", r"automatisk (?:svar|besked)|frav[aæ]rs(?:besked|melding|assistent)"),
    ("fi", r"automaattinen vastaus|automaattivastaus|poissaolo(?:ilmoitus|viesti)"),
    ("cs", r"automatick[aáeé] odpov[eě][dď]|mimo kancel[aá][rř]|automatick[aá] zpr[aá]va"),
    ("hu", r"automatikus v[aá]lasz|h[aá]zon k[ií]v[uü]l|irod[aá]n k[ií]v[uü]l"),
    ("ro", r"r[aă]spuns automat|în afara biroului|plecat din birou"),
    ("tr", r"otomatik (?:yan[ıi]t|cevap)|ofis d[ıi][sş][ıi]nda(?:y[ıi]m)?|iş yeri dışında"),
    ("el", r"αυτ[οό]ματη απ[αά]ντηση|εκτ[οό]ς γραφε[ιί]ου"),
    ("he", r"(?:מענה|תשובה|הודעה) אוטומטית?|מחוץ למשרד"),
    ("ja", r"自動(?:返信|応答|回答).*|不在(?:通知|のお知らせ|連絡).*|オート?リプライ.*"),
    ("zh", r"\[?自[动動](?:回复|回覆|回復|答复|答覆|回信|应答)\]?.*|(?:不在|离开)办公室.*|不在辦公室.*"),
    ("ko", r"자동 ?(?:회신|응답|답장).*|부재 ?중 ?(?:메시지|알림|자동).*"),
    ("fa", r"پاسخ خودكار|جواب خودكار|خارج از دفتر"),
    ("ur", r"خودكار جواب|دفتر سے باہر|خود كار جواب"),
    (
        "xx",
        r"balasan (?:automatik|otomatis)|jawaban otomatis|tr[aả] l[oờ]i t[uự] đ[oộ]ng|ตอบกลับอัตโนมัติ"
        r"|resposta automàtica|automatski odgovor|samodejni odgovor|автоматичен отговор|automaatvastus"
        r"|automatinis atsakymas|automātiskā atbilde",
    ),
)
"""What programs put before the answered subject: nobody writes a letter under it."""

WEAK_SUBJECTS: Final = one_of(
    r"(?:انا )?(?:حاليا )?(?:في|ب) ?اجازه|اجازه (?:سنويه|رسميه|مرضيه)|غير متواجد|اشعار استلام",
    r"ooo|oof|(?:i(?:'m| am| will be)|we are) (?:currently )?(?:out of|on|away)\b"
    r"|on (?:vacation|holiday|annual leave|maternity leave)|away\b|absen(?:t|ce)\b|not in (?:the )?office"
    r"|annual leave|maternity leave",
    r"abwesen(?:d|heit)|nicht im (?:b[uü]ro|haus)|ich bin (?:nicht|im urlaub|au[sß]er)|au[sß]er haus"
    r"|urlaub|nicht anwesend|eingangsbest[aä]tigung",
    r"absence|absente?\b|hors du bureau|en cong[eé]s?|ausente|ausencia|de vacaciones|aus[eê]ncia"
    r"|de f[eé]rias",
    r"assen(?:te|za)|non in ufficio|in ferie|afwezig(?:heid)?|niet (?:aanwezig|op kantoor)|nieobecn|urlop",
    r"нет на месте|отсутств|(?:я )?в отпуске|ej p[aå] (?:kontoret|plats)|fr[aå]nvar|p[aå] semester",
    r"inte p[aå] kontoret|ikke (?:til stede|p[aå] kontoret)|frav[aæ]r|p[aå] ferie|poissa|lomalla"
    r"|en ole paikalla",
    r"nep[rř][ií]tomnos|dovolen[aá]|szabads[aá]gon|不在|外出|休暇|休假|부재|tatil|izin|در مرخصي|مرخصي"
    r"|چھٹي پر",
)
"""What people write too: these need Exchange's wish for silence beside them."""

ANYWHERE_SUBJECTS: Final = one_of(
    # Notes writes "NAME is out of the office (returning DATE)", and AUTO: before it.
    r"\bis (?:currently |temporarily )?(?:out of|away from) (?:the |my )?office\b.{0,40}(?:return|until"
    r"|from|\d)",
    r"^auto ?: .{0,80}(?:out of|away|office|leave|absent|vacation|abwesend|returning)",
    r"\((?:auto[- ]?reply|out of office|automatic (?:reply|response)|autosvar|abwesend|رد تلقائي"
    r"|رد الي)\)\s*$",
    r"\[(?:auto[- ]?reply|out of office|automatic reply|رد تلقائي)[^\]]{0,20}\]",
    r"\bist (?:derzeit |zur ?zeit )?(?:nicht im (?:b[uü]ro|haus)|au[sß]er haus|abwesend)",
    r"[-–:|] ?auto-?(?:reply|responder|response)\s*$",
    r"[-–:|] ?out of (?:the )?office(?: auto-?reply)?\s*$",
    r"\bautomati(?:c|sk|sche|que) (?:reply|svar|antwort|réponse)\s*$",
    r"^autoreply\b|^\(?auto\)[:\]-]|^\[auto[- ]?(?:generated|matic message)\]",
)

ABSENCES: Final = one_of(
    r"(?:^|\W)(?:i am|i'm|i will be|i'll be|we are|i shall be) (?:currently |presently |now "
    r"|still )?(?:out of|away from|not in|absent from|not at) (?:the |my )?(?:office|desk|town|country"
    r"|work)",
    r"(?:i am|i'm|i will be|i'll be) (?:currently )?(?:on|away on|taking) (?:\w{1,20} )?(?:leave|vacation"
    r"|holidays?|maternity|sabbatical|travel|business|pto)",
    r"(?:^|[.!\n])\W*(?:currently )?out of (?:the )?office (?:from|until|till|starting|between|on|and|with)",
    r"(?:i am|i'm|i will be) (?:currently )?(?:away|travell?ing|unavailable)\b",
    r"i (?:no longer|do not) work (?:at|for|here)|i have left (?:the )?(?:company|organi[sz]ation)",
    r"(?:this|the) (?:e-?mail )?(?:inbox|mailbox|address)[^.\n]{0,80} (?:is no longer (?:in use|used"
    r"|monitored|active|valid|read)|has been (?:closed|disabled))",
    r"is no longer (?:with|employed|working)|no longer works (?:at|for|here)",
    r"(?:our|my|the) offices? (?:is|are|will be) (?:now |currently )?closed (?:for|from|until|till|on"
    r"|during|due to)",
    r"ich bin (?:derzeit |zur ?zeit |momentan |aktuell )?(?:vom|bis|ab"
    r"|nicht (?:im|am|in|erreichbar|anwesend|da)\b|im urlaub|ausser|außer|abwesend)",
    r"ich befinde mich|bin ich (?:nicht (?:im|am|in|erreichbar|da)\b|im urlaub|abwesend|erst)"
    r"|(?:derzeit|zur ?zeit) (?:nicht )?(?:im haus|erreichbar)",
    r"je (?:suis|serai) (?:actuellement )?(?:absente?|en cong|hors|en d[eé]placement)"
    r"|estoy (?:fuera|de vacaciones)",
    r"estar[eé] (?:fuera|ausente)|me encuentro (?:fuera|de vacaciones|ausente)"
    r"|estou (?:ausente|de f[eé]rias|fora)",
    r"estarei|encontro-me (?:ausente|de f[eé]rias)|sono (?:assente|fuori|in ferie)"
    r"|sar[oò] (?:assente|fuori)",
    r"ik ben (?:afwezig|niet (?:aanwezig|op|in|bereikbaar)|met vakantie|op vakantie)"
    r"|jestem (?:nieobecn|poza|na urlopie)|przebywam na",
    r"я (?:нахожусь )?в отпуске|меня (?:не будет|нет)"
    r"|jag [aä]r (?:p[aå] semester|borta|ledig|inte (?:p[aå]|i tj)|tillbaka)",
    r"jeg (?:er|har) (?:p[aå] ferie|ikke (?:p[aå]|til)|ferie|ude|tilbage)|olen (?:lomalla|poissa)"
    r"|ofis d[ıi][sş][ıi]nday[ıi]m|izindeyim",
    r"(?:انا|اكون|ساكون|اعلمكم اني|افيدكم (?:باني|اني)) (?:حاليا "
    r"|الان )?(?:خارج (?:المكتب|العمل|الدوام|المملكه|البلاد|المدينه)|في (?:ال)?اجازه|باجازه|في مهمه"
    r"|في (?:رحله|سفر)|غير متواجد|متمتع)",
    r"(?:نحن|نكون|سنكون) (?:حاليا |الان )?(?:خارج (?:المكتب|العمل|الدوام)|في (?:ال)?اجازه)",
    r"(?:^|[.\n،,])\W*(?:حاليا )?(?:انا )?(?:حاليا )?(?:خارج المكتب"
    r"|في اجازه (?:رسميه|سنويه|من|حتي|الي|مرضيه))",
    r"(?:متمتع|اتمتع) ب?(?:ال)?اجاز|(?:المكتب|مكتبنا|مكاتبنا) مغلقه? (?:من|حتي|الي|خلال|بمناسبه|لغايه)",
    r"(?:تواصلكم|تواصلك|رسالتكم|رسالتك)[^.\n]{0,20} خارج اوقات (?:العمل|الدوام)",
    r"در مرخصي|مرخصي هستم|چھٹي پر ہوں|دفتر سے باہر",
    r"休暇|不在|外出|休假|出差|부재|휴가",
)
"""An absence said in the first person, or of a house."""

ABSENCE_STEMS: Final = (
    *("office", "away", "leave", "vacation", "holiday", "travel", "unavailable", "no longer", "maternity"),
    *(
        "sabbatical",
        "not work",
        "out of",
        "ich bin",
        "befinde",
        "bin ich",
        "im haus",
        "erreichbar",
        "suis",
        "serai",
    ),
    *("estoy", "estar", "encuentro", "encontro", "estou", "sono", "sar", "ik ben", "jestem", "przebywam"),
    *(
        "отпуск",
        "меня",
        "jag ",
        "jeg ",
        "olen ",
        "ofis",
        "izinde",
        "خارج",
        "اجاز",
        "متواجد",
        "مهمه",
        "مغلق",
        "سفر",
        "رحله",
    ),
    *("مرخصي", "چھٹي", "باہر", "休", "不在", "外出", "出差", "부재", "휴가"),
)
"""A cheap look before the costly patterns: nearly no complaint holds one of these."""

SILENCES: Final = one_of(
    r"(?:unable|not able) to (?:read|answer|reply|respond|check)|not (?:be )?(?:reading|checking|answering)",
    r"(?:limited|no|intermittent|without|little|restricted|sporadic) (?:access|connectivity)",
    r"(?:reply|respond|answer|get back|contact you|deal with|attend to|read"
    r"|return your)[^.\n]{0,60}(?:when i (?:return|am back|get back|come back)|upon my return|on my return"
    r"|as soon as|after)",
    r"(?:for|in case of|if)[^.\n]{0,50}(?:urgent|emergenc|immediate|assistance)|in my absence",
    r"(?:contact|refer|direct|forward|write)(?! me\b| us\b)[^\n]{0,80}(?:instead|urgent|colleague"
    r"|someone else)",
    r"(?:direct|forward|send|refer) your (?:e-?mail|enquir|inquir|question|request)|will respond|will reply",
    r"in dringenden|dringende?|nicht (?:weitergeleitet|gelesen)|vertret|en mon absence|en cas d'urgence",
    r"en caso de|urgen|in caso di|w pilnych|pilne|срочн|haster|kiireell|acil",
    r"للحالات (?:العاجله|الطارئه)|للضروره|للامور (?:العاجله|الطارئه)"
    r"|في (?:حال|حاله) (?:الضروره|الطواري|وجود)",
    r"سيتم الرد|سوف ارد|سارد|سيعاود|(?:فتره|خلال|اثناء) (?:غيابي|اجازتي)|بدلا عني في الرد|امر عاجل",
    r"戻り次第|返信|ご連絡|回复|回覆|联系|聯絡|تماس|رابطه",
)
"""How mail fares meanwhile: what only a notice speaks of."""

RETURNS: Final = one_of(
    r"(?:be back|return(?:ing)?|be returning)[^.\n]{0,40}(?:on|to|in|at|until|\d|monday|tuesday|wednesday"
    r"|thursday|friday|sunday|saturday)",
    r"(?:wieder|zur[uü]ck)[^.\n]{0,40}(?:erreichbar|im b[uü]ro|da)|de retour|regres|retorn|ritorn|terug"
    r"|вернусь",
    r"åter|tillbaka|tilbage|palaan|ساعود|ساكون متواجد|العوده|عودتي|مباشره العمل|بازگشت|戻り",
)
"""When they are back: people say so too."""

SUBSTITUTES: Final = one_of(
    r"(?:contact|call|e-?mail|refer|direct|forward)(?! me\b| us\b)[^.\n]{0,80}(?:during|\d{3}|@)",
    r"(?:التواصل|الاتصال|تواصلوا|المراسله|مراسله) (?:مع(?!\w)|علي الرقم|ب(?!ي\b))|بدلا عني|نيابه عني"
    r"|bereikbaar",
)
"""Whom to ask meanwhile: people say so too, of an agent or a brother."""
