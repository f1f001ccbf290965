"""The same answer through mail programs of other languages: attribution lines, header blocks, separators."""

from __future__ import annotations

import pytest

from daemon.mail.quoting.new_text import new_text
from tests.each import each

MARKER = "## الرجاء الرد أعلى هذا السطر ##"
OWN = "Thank you, the number is 12345.\n\nMohammed"
OLD = "Dear customer,\nplease tell us the number of your request."
QUOTED = "\n".join(f"> {line}" for line in OLD.split("\n"))
WHO = "Furas <infocs@momah.gov.sa>"

# Each names an address or words of a program alone: no quoted line needs to follow.
ATTRIBUTIONS = [
    f"On Sun, Mar 3, 2024 at 11:22 AM {WHO} wrote:",
    "On Sun, Mar 3, 2024 at 11:22\u202fAM Furas Complaints Desk of Momah <\ninfocs@momah.gov.sa> wrote:",
    "On Sun, Mar 3, 2024 at 11:22 AM Furas Complaints Desk\n<infocs@momah.gov.sa>\nwrote:",
    f"On 3 Mar 2024, at 11:22, {WHO} wrote:",
    'On 3/3/24, 11:22 AM, "Furas" <infocs@momah.gov.sa<mailto:infocs@momah.gov.sa>> wrote:',
    f"On Sunday, March 3, 2024 at 11:22:33 AM GMT+3, {WHO} wrote:",
    "On Wed, Apr 4, 2024 at 3:59 PM, infocs@momah.gov.sa wrote:",
    f"---- On Sun, 03 Mar 2024 11:22:33 +0300 {WHO} wrote ----",
    f"2024-03-03 11:22 GMT+03:00 {WHO}:",
    f"{WHO} wrote:",
    "Furas (infocs@momah.gov.sa) wrote:",
    f"Am So., 3. März 2024 um 11:22 Uhr schrieb {WHO}:",
    f"Am 03.03.2024 um 11:22 schrieb {WHO}:",
    f"{WHO} schrieb am So., 3. März 2024, 11:22:",
    f"{WHO} schrieb:",
    f"Le dim. 3 mars 2024 à 11:22, {WHO} a écrit :",
    "Le dim. 3 mars 2024 à 11:22, Furas <infocs@momah.gov.sa>\na écrit\xa0:",
    f"El dom, 3 mar 2024 a las 11:22, {WHO} escribió:",
    f"El 3 mar 2024, a las 11:22, {WHO} escribió:",
    f"Em dom., 3 de mar. de 2024 às 11:22, {WHO} escreveu:",
    f"No dia 3 de mar. de 2024, às 11:22, {WHO} escreveu:",
    f"Il giorno dom 3 mar 2024 alle ore 11:22 {WHO} ha scritto:",
    f"Op zo 3 mrt 2024 om 11:22 schreef {WHO}:",
    f"Op 3 mrt. 2024, om 11:22 heeft {WHO} het volgende geschreven:",
    f"niedz., 3 mar 2024 o 11:22 {WHO} napisał(a):",
    f"W dniu 3.03.2024 o 11:22, {WHO} pisze:",
    f"вс, 3 мар. 2024 г. в 11:22, {WHO}:",
    f"3 марта 2024 г., в 11:22, {WHO} написал(а):",
    f"нд, 3 бер. 2024 р. о 11:22 {WHO} пише:",
    f"{WHO}, 3 Mar 2024 Paz, 11:22 tarihinde şunu yazdı:",
    f"3 Mar 2024 tarihinde 11:22 saatinde, {WHO} şunları yazdı:",
    f"Den sön 3 mars 2024 kl 11:22 skrev {WHO}:",
    f"3 mars 2024 kl. 11:22 skrev {WHO}:",
    f"Den 3. mar. 2024 kl. 11.22 skrev {WHO}:",
    f"søn. 3. mars 2024 kl. 11:22 skrev {WHO}:",
    f"su 3. maalisk. 2024 klo 11.22 {WHO} kirjoitti:",
    f"{WHO} kirjoitti 3.3.2024 kello 11.22:",
    f"ne 3. 3. 2024 v 11:22 odesílatel {WHO} napsal:",
    f"{WHO} ezt írta (időpont: 2024. márc. 3., V, 11:22):",
    f"În dum., 3 mar. 2024 la 11:22, {WHO} a scris:",
    f"Στις Κυρ 3 Μαρ 2024 στις 11:22 π.μ., ο χρήστης {WHO} έγραψε:",
    "\u202bבתאריך יום א׳, 3 במרץ 2024 ב-11:22 מאת Furas <\u202ainfocs@momah.gov.sa\u202c\u200f>:\u202c",
    f"ב-3 במרץ 2024, בשעה 11:22, {WHO} כתב/ה:",
    f"در تاریخ یکشنبه ۳ مارس ۲۰۲۴،\u200f ۱۱:۲۲ {WHO} نوشت:",
    f"اتوار، 3 مارچ، 2024 کو 11:22 پر {WHO} نے لکھا:",
    f"{WHO} 于2024年3月3日周日 上午11:22写道：",
    f"在 2024年3月3日，上午11:22，{WHO} 写道：",
    f"{WHO} 於 2024年3月3日 週日 上午11:22寫道：",
    f"2024年3月3日(日) 11:22 {WHO}:",
    f"2024/03/03 11:22、{WHO}のメール:",
    f"2024년 3월 3일 (일) 오전 11:22, {WHO}님이 작성:",
    f"2024. 3. 3. 오전 11:22, {WHO} 작성:",
    f"Vào CN, 3 thg 3, 2024 vào lúc 11:22 {WHO} đã viết:",
    f"Pada tanggal Min, 3 Mar 2024 pukul 11.22 {WHO} menulis:",
    f"На нд, 3.03.2024 г. в 11:22 {WHO} написа:",
    f"El dg., 3 de març 2024 a les 11:22, {WHO} va escriure:",
    f"{WHO} kirjutas kuupäeval P, 3. märts 2024 kell 11:22:",
    f"2024-03-03, sk, 11:22 {WHO} rašė:",
    "svētd., 2024. g. 3. marts, plkst. 11:22 — lietotājs Furas (<infocs@momah.gov.sa>) rakstīja:",
    f"Dana 3.3.2024. u 11:22, {WHO} je napisao/la:",
    f"V V ned., 3. mar. 2024 ob 11:22 je oseba {WHO} napisala:",
    f"нед, 3. мар 2024. у 11:22 {WHO} је написао:",
    f"ne 3. 3. 2024 o 11:22 {WHO} napísal(a):",
    f"เมื่อ อา. 3 มี.ค. 2024 เวลา 11:22 {WHO} เขียนว่า:",
    f"O 3/3/2024 11:22, {WHO} escribiu:",
]

# These name nobody's address: only the quoted line below proves them.
BARE_ATTRIBUTIONS = [
    "On 03/03/2024 11:22, Furas wrote:",
    "On Sunday, 3 March, 2024 at 11:22 AM, Furas wrote:",
    "Am 03.03.24 um 11:22 schrieb Furas:",
    "Le 03/03/2024 à 11:22, Furas a écrit :",
    "El 3/3/24 a las 11:22, Furas escribió:",
    "Il 03/03/2024 11:22, Furas ha scritto:",
    "Op 03-03-2024 om 11:22 schreef Furas:",
    "Em 03/03/2024 11:22, Furas escreveu:",
    "W dniu 03.03.2024 o 11:22, Furas pisze:",
    "03.03.2024 11:22, Furas пишет:",
    "Den 03.03.2024 11:22, skrev Furas:",
    "Dne 03. 03. 24 v 11:22 Furas napsal(a):",
    "2024. 03. 03. 11:22 keltezéssel, Furas írta:",
    "Furas wrote:",
    "Furas schrieb:",
    "على 3/3/24 11:22 ص، كتب فرص:",
    "كتب فرص على 3/3/24 11:22 ص:",
    "كتب فرص:",
]

BLOCKS = [
    f"From: {WHO}\nSent: Sunday, March 3, 2024 11:22 AM\nTo: Ali\nSubject: RE: complaint",
    "From: Furas\nSent: Sunday, March 3, 2024 11:22 AM\nTo: Ali\nCc: Omar\nSubject: RE: complaint",
    f"________________________________\nFrom: {WHO}\nSent: Sunday, March 3, 2024\nTo: Ali\nSubject: x",
    f"*From:* {WHO}\n*Date:* Sunday, March 3, 2024 at 11:22 AM\n*To:* Ali\n*Subject:* complaint",
    f"From: {WHO}\nDate: Sunday, March 3, 2024 at 11:22 AM\nTo: Ali\nSubject: one so long that it\nwraps",
    f"From: {WHO} Sent: Sunday, March 3, 2024 11:22 AM To: Ali Subject: complaint",
    f"Von: {WHO}\nGesendet: Sonntag, 3. März 2024 11:22\nAn: Ali\nBetreff: AW: Beschwerde",
    f"De : {WHO}\nEnvoyé : dimanche 3 mars 2024 11:22\nÀ : Ali\nObjet : RE: plainte",
    f"De: {WHO}\nEnviado el: domingo, 3 de marzo de 2024 11:22\nPara: Ali\nAsunto: RE: queja",
    f"De: {WHO}\nEnviada em: domingo, 3 de março de 2024 11:22\nPara: Ali\nAssunto: RES: queixa",
    f"Da: {WHO}\nInviato: domenica 3 marzo 2024 11:22\nA: Ali\nOggetto: R: reclamo",
    f"Van: {WHO}\nVerzonden: zondag 3 maart 2024 11:22\nAan: Ali\nOnderwerp: RE: klacht",
    f"Od: {WHO}\nWysłano: niedziela, 3 marca 2024 11:22\nDo: Ali\nTemat: ODP: skarga",
    f"От: {WHO}\nОтправлено: 3 марта 2024 г. 11:22\nКому: Ali\nТема: RE: жалоба",
    f"Kimden: {WHO}\nGönderildi: 3 Mart 2024 Pazar 11:22\nKime: Ali\nKonu: YNT: şikayet",
    f"Från: {WHO}\nSkickat: den 3 mars 2024 11:22\nTill: Ali\nÄmne: SV: klagomål",
    f"Fra: {WHO}\nSendt: 3. marts 2024 11:22\nTil: Ali\nEmne: SV: klage",
    f"Lähettäjä: {WHO}\nLähetetty: sunnuntai 3. maaliskuuta 2024 11.22\nVastaanottaja: Ali\nAihe: VS: x",
    f"Od: {WHO}\nOdesláno: neděle 3. března 2024 11:22\nKomu: Ali\nPředmět: RE: stížnost",
    f"Feladó: {WHO}\nElküldve: 2024. március 3. 11:22\nCímzett: Ali\nTárgy: RE: panasz",
    f"De la: {WHO}\nTrimis: duminică, 3 martie 2024 11:22\nCătre: Ali\nSubiect: RE: plângere",
    f"Από: {WHO}\nΣτάλθηκε: Κυριακή, 3 Μαρτίου 2024 11:22\nΠρος: Ali\nΘέμα: ΑΠ: παράπονο",
    f"מאת: {WHO}\nנשלח: יום ראשון 3 מרץ 2024 11:22\nאל: Ali\nנושא: RE: תלונה",
    f"发件人: {WHO}\n发送时间: 2024年3月3日 11:22\n收件人: Ali\n主题: 回复: 投诉",
    f"寄件者: {WHO}\n寄件日期: 2024年3月3日 11:22\n收件者: Ali\n主旨: 回覆: 申訴",
    f"差出人: {WHO}\n送信日時: 2024年3月3日 11:22\n宛先: Ali\n件名: RE: 苦情",
    f"보낸 사람: {WHO}\n보낸 날짜: 2024년 3월 3일 11:22\n받는 사람: Ali\n제목: RE: 민원",
    f"Từ: {WHO}\nĐã gửi: 3 tháng 3, 2024 11:22\nĐến: Ali\nChủ đề: RE: khiếu nại",
    f"Dari: {WHO}\nDikirim: Minggu, 03 Maret 2024 11:22\nKepada: Ali\nSubjek: RE: keluhan",
]

SEPARATORS = [
    "-----Original Message-----",
    "-------- Original message --------",
    "----- Original Appointment -----",
    "-----Ursprüngliche Nachricht-----",
    "-------- Message d'origine --------",
    "-------- Mensaje original --------",
    "-------- Mensagem original --------",
    "-----Messaggio originale-----",
    "-----Oorspronkelijk bericht-----",
    "-----Wiadomość oryginalna-----",
    "-------- Исходное сообщение --------",
    "-----Orijinal Mesaj-----",
    "-----Özgün İleti-----",
    "-----Ursprungligt meddelande-----",
    "-----Oprindelig meddelelse-----",
    "-----Opprinnelig melding-----",
    "-----Alkuperäinen viesti-----",
    "-----Původní zpráva-----",
    "-----Eredeti üzenet-----",
    "-----Mesaj original-----",
    "-----הודעה מקורית-----",
    "-----原始邮件-----",
    "------------------ 原始郵件 ------------------",
    "-----元のメッセージ-----",
    "-----원본 메시지-----",
    "---- Furas wrote ----",
    "##- Please type your reply above this line -##",
]


@each("header", [*ATTRIBUTIONS, *BLOCKS, *SEPARATORS])
def test_history_is_cut_in_any_language(header: str) -> None:
    for history in (OLD, QUOTED):
        found = new_text(f"{OWN}\n\n{header}\n\n{history}\n", MARKER)

        assert found.text == OWN
        assert found.certain


@each("header", BARE_ATTRIBUTIONS)
def test_a_quoted_line_below_proves_an_attribution(header: str) -> None:
    found = new_text(f"{OWN}\n\n{header}\n{QUOTED}\n", MARKER)

    assert found.text == OWN
    assert found.certain


@each("header", [*ATTRIBUTIONS, *BARE_ATTRIBUTIONS])
def test_answers_between_the_quoted_lines_are_found(header: str) -> None:
    found = new_text(f"{header}\n> Number?\n12345\n> Mobile?\n0551234567\n", MARKER)

    assert found.text == "12345\n0551234567"
    assert not found.certain


@each(
    "footer",
    [
        "Sent from my iPhone",
        "Sent from my Wiko RIDGE FAB 4G",
        "Sent from my cell, please excuse any typos.",
        "Sent from Mail for Windows",
        "Sent from Outlook for Android",
        "Sent via Samsung Galaxy S24",
        "Get Outlook for iOS",
        "Von meinem iPhone gesendet",
        "Gesendet von Outlook für Android<https://aka.ms/AAb9ysg>",
        "Diese Nachricht wurde von meinem Android-Mobiltelefon mit K-9 Mail gesendet.",
        "Envoyé de mon iPhone",
        "Envoyé depuis mon appareil mobile Samsung",
        "Enviado desde mi iPhone",
        "Enviado do meu iPhone",
        "Inviato da iPhone",
        "Verstuurd vanaf mijn iPhone",
        "Wysłane z iPhone'a",
        "Отправлено с iPhone",
        "Skickat från min iPhone",
        "Sendt fra min iPad",
        "Lähetetty iPhonesta",
        "Odesláno z mého iPhonu",
        "iPhone'umdan gönderildi",
        "发自我的 iPhone",
        "從我的 iPhone 傳送",
        "iPhoneから送信",
        "나의 iPhone에서 보냄",
        "נשלח מה-iPhone שלי",
    ],
)
def test_a_telephones_footer_is_cut_in_any_language(footer: str) -> None:
    assert new_text(f"{OWN}\n\n{footer}", MARKER).text == OWN
    assert new_text(f"{OWN}\n\n{footer}\n\n{ATTRIBUTIONS[0]}\n{QUOTED}", MARKER).text == OWN


@pytest.mark.parametrize(
    "signature",
    [
        "-- \nمحمد العلي\nيرجى الرد",
        "--\nrick",
        "--\nViele Grüße\n\nBob",
        "--\nAli Omar\nProject Manager\nMobile: +966 50 123 4567",
        "--\nمحمد العلي\nمدير المشاريع\nهاتف 0112345678",
        "--\nSent from my iPhone",
        "__\nfuras-users mailing list\nhttp://lists.example.sa",
    ],
)
def test_a_signature_below_its_delimiter_is_cut(signature: str) -> None:
    assert new_text(f"{OWN}\n\n{signature}\n", MARKER).text == OWN


@pytest.mark.parametrize("header", [ATTRIBUTIONS[0], f"Le dim. 3 mars 2024 à 11:22, {WHO} a écrit :"])
def test_an_attribution_may_follow_the_text_on_its_line(header: str) -> None:
    assert new_text(f"{OWN} {header}\n{QUOTED}", MARKER).text == OWN
