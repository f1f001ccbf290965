"""Owns the words around quotations in Arabic and other letters; `quote_languages` tells their use."""

from __future__ import annotations

from typing import Final

from daemon.mail.quoting.language import Language

OTHER: Final = (
    Language(  # Arabic
        begins="في يوم|في تاريخ|في|بتاريخ|يوم|علي|بوقت",
        wrote="كتبت?|كتب/كتبت|كتب/ت|كتب \\(ت\\)|ارسلت?",
        wrote_before="كتبت?|كتب/كتبت|كتب/ت|تمت كتابه ما يلي بواسطه|تم كتابه ما يلي بواسطه|جاء من|ارسلت?",
        sender="من|المرسل|مرسل من",
        sent="تم الارسال|تاريخ الارسال|وقت الارسال|ارسلت في|تم الارسال في",
        date="ارسلت|ارسل|مرسل|التاريخ|تاريخ|الوقت",
        addressee="الي|المستلم|المرسل اليه|نسخه|نسخه الي|نسخه مخفيه|الرد علي|الرد الي",
        subject="الموضوع|موضوع|العنوان",
        original="(?:ال)?رساله (?:ال)?(?:اصليه|اساسيه)|البريد الاصلي|(?:ال)?رساله (?:ال)?سابقه|النص الاصلي",
        forwarded="(?:بدايه )?(?:ال)?رساله (?:ال)?(?:معاد )?(?:توجيهها|محوله|ممرره|موجهه)"
        "|(?:بدايه )?رساله معاد ارسالها",
    ),
    Language(  # Russian, Ukrainian, Bulgarian
        begins="в|во|на|у|в[іи]д",
        wrote="написала?|написал\\(а\\)|написав(?:\\(ла\\)|ла)?|писала?|писал\\(а\\)|пишет|пише|написа"
        "|сообщает",
        wrote_before="написала?|написал\\(а\\)|пользователь|користувач",
        sender="от|від|от кого|отправитель|відправник",
        sent="отправлено|дата отправки|надіслано|изпратено",
        date="дата",
        addressee="кому|копия|копія|до|получатель|ответить",
        subject="тема|относно",
        original="(?:исходное|оригинальное|первоначальное) (?:сообщение|письмо)|оригінальне повідомлення",
        forwarded="(?:начало )?(?:пересланное|пересылаемое|перенаправленное"
        "|переадресованное) (?:сообщение|письмо)"
        "|(?:начало )?пересылаемого сообщения|переслане повідомлення",
    ),
    Language(  # Greek
        begins="στις|την|το",
        wrote="[εέ]γραψε|έγραψε τα εξής",
        sender="απ[οό]|αποστολέας",
        sent="στάλθηκε|εστάλη|απεστάλη",
        date="ημερομην[ιί]α",
        addressee="προς|κοιν",
        subject="θέμα",
        original="αρχικ[οό] μήνυμα",
        forwarded="προωθημένο μήνυμα",
    ),
    Language(  # Hebrew
        begins="בתאריך|ביום|ב-?(?=\\d)",
        wrote="כתב/ה|כתבה?|כתב\\(ה\\)|כתבת?",
        wrote_before="כתב/ה|כתבה?|מאת",
        sender="מאת",
        sent="נשלח|נשלח ב|נשלח בתאריך",
        date="תאריך",
        addressee="אל|עותק|העתק",
        subject="נושא",
        original="הודעה מקורית|ההודעה המקורית",
        forwarded="הודעה שהועברה|הודעה מועברת",
    ),
    Language(  # Persian, Urdu; letters as folding leaves them
        begins="در تاريخ|در|بروز|روز|بتاريخ|مورخه",
        wrote="نوشت|نوشته|نوشته است|چنين نوشت|ن[يے] لكها|نے لكھا|نے تحرير كيا|نے لکھا",
        sender="از|از طرف|فرستنده|منجانب",
        sent="ارسال شده|ارسال شده در|تاريخ ارسال|ارسال شد|بهيجا گيا",
        date="تاريخ",
        addressee="به|گيرنده|رونوشت|بنام",
        subject="موضوع|عنوان",
        original="پيام اصلي|نامه اصلي|اصل پيغام",
        forwarded="پيام (?:باز)?ارسال شده|پيام هدايت شده",
    ),
    Language(  # Chinese
        begins="在|于|於",
        wrote="写道|寫道|写到|寫到|写|寫|来信|写了",
        sender="从|寄件者|寄件人|发件人|發件人|发信人|寄信人",
        sent="发送时间|發送時間|傳送時間|寄件日期|发送日期|已发送|已傳送|发送",
        date="日期|时间|時間",
        addressee="收件人|收件者|抄送|副本|至|到",
        subject="主题|主旨|主題|标题",
        original="原始(?:邮件|郵件|信件|訊息|消息)|原邮件|原始邮件信息",
        forwarded="(?:开始)?(?:转发|轉寄|轉發)的?(?:邮件|郵件|信件|消息|訊息)",
    ),
    Language(  # Japanese
        wrote="さん?は書きました|は書きました|のメール|のメッセージ|が書いた|wrote",
        sender="差出人|送信元|送信者|from",
        sent="送信日時|送信",
        date="日時|日付",
        addressee="宛先|cc",
        subject="件名",
        original="元のメッセージ|オリジナルメッセージ|original message",
        forwarded="(?:転送|転送された)メッセージ|転送されたメール",
    ),
    Language(  # Korean
        wrote="님이 작성|작성|님의 말|님이 쓴 글|님이 작성한 메시지",
        sender="보낸 ?사람|발신자?",
        sent="보낸 ?날짜|보낸 ?시간|전송",
        date="날짜|일시",
        addressee="받는 ?사람|수신자?|참조",
        subject="제목",
        original="원본 ?(?:메시지|메일)|원래 메시지",
        forwarded="전달된 ?(?:메시지|메일)",
    ),
    Language(  # Vietnamese, Indonesian, Malay, Thai
        begins="vào ngày|vào lúc|vào|pada tanggal|pada|tanggal|ngày|เมื่อ",
        wrote="đã viết|viết|menulis|telah menulis|เขียนว่า|เขียน",
        wrote_before="เขียน",
        sender="từ|dari|จาก",
        sent="đã gửi|gửi lúc|dikirim|terkirim|ส่ง",
        date="ngày|tanggal|tarikh|วันที่",
        addressee="đến|tới|kepada|untuk|ถึง",
        subject="chủ đề|tiêu đề|subjek|perihal|เรื่อง",
        original="thư gốc|tin nhắn gốc|pesan asli|mesej asal|ข้อความต้นฉบับ",
        forwarded="thư (?:đã )?chuyển tiếp|pesan (?:yang )?diteruskan|ข้อความที่ส่งต่อ",
    ),
)
