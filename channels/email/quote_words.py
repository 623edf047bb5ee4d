"""How mail programs of many languages announce what they quote."""

import re


def _any(words: str) -> str:
    """Return alternatives; the longest first, a blank matches any run of blanks."""
    listed = sorted((one.strip() for one in words.split("|")), key=len, reverse=True)
    return "|".join(one.replace(" ", r"[ \u00a0]+") for one in listed)


WROTE = _any(
    "wrote|writes|schrieb|hat geschrieben|schreef|a écrit|écrit|escribió|ha scritto|scritto|"
    "escreveu|skrev|kirjoitti|napisał|napisała|napisał\\(a\\)|pisze|napsal|napsala|napsal\\(a\\)|"
    "napísal|írta|ezt írta|a scris|scrie|au scris|пишет|писал|писала|написал|написала|"
    "написал\\(а\\)|пише|написав|написала|yazdı|şunları yazdı|έγραψε|написа|je napisao|"
    "napisao je|parašė|kirjutas|rakstīja|写道|のメッセージ|작성|đã viết|menulis"
)
STARTS = _any(
    "On|Le|Am|El|Il|Em|Op|Den|Dnia|W dniu|Dne|Dňa|În|In data|La data de|La|Pe data de|Pe|Din|"
    "Vào|На|Pada|At|Em qua|Em seg|pe|ke|to|ma|ti|la|su|В|у"
)
FROM = _any(
    "From|Von|De|De la|Expéditeur|От|От кого|Від|Da|Van|Från|Fra|Od|Lähettäjä|Feladó|Gönderen|"
    "Kimden|Από|Expeditor|Nadawca|Odesílatel|Remitente|Mittente|发件人|寄件者|差出人|보낸 사람"
)
SENT = _any(
    "Sent|Gesendet|Envoyé|Envoyé le|Message du|"
    "Date|Datum|Data|Trimis|Trimisă|Отправлено|Дата|Надіслано|Inviato|"
    "Verzonden|Skickat|Sendt|Wysłano|Odesláno|Lähetetty|Elküldve|Gönderilme|Tarih|Enviado|"
    "Enviado el|Enviada em|Fecha|Päivämäärä|Dato|发送时间|日期|送信日時|日時|보낸 날짜|Στάλθηκε"
)
TO = _any(
    "To|An|À|A|Către|Catre|Кому|До|Para|Aan|Till|Til|Do|Komu|Vastaanottaja|Címzett|Kime|Προς|"
    "收件人|宛先|받는 사람|Cc|Copie|Copie à|Копия|Kopie|Kopia"
)
SUBJECT = _any(
    "Subject|Betreff|Objet|Sujet|Subiect|Тема|Asunto|Oggetto|Assunto|Onderwerp|Ämne|Emne|Temat|"
    "Předmět|Predmet|Aihe|Tárgy|Konu|Θέμα|主题|主旨|件名|제목"
)
ORIGINAL = _any(
    "Original Message|Original Mail|Reply message|Original Appointment|Ursprüngliche Nachricht|"
    "Originalnachricht|Original-Nachricht|Message d'origine|Message d’origine|Message original|"
    "Mensaje original|Messaggio originale|Mensagem original|Oorspronkelijk bericht|"
    "Origineel bericht|Originalmeddelande|Ursprungligt meddelande|Oprindelig meddelelse|"
    "Oprindelig besked|Opprinnelig melding|Alkuperäinen viesti|Wiadomość oryginalna|"
    "Oryginalna wiadomość|Původní zpráva|Pôvodná správa|Eredeti üzenet|Orijinal mesaj|"
    "Mesaj original|Mesajul original|Mesaj inițial|Mesajul inițial|Исходное сообщение|"
    "Оригинальное сообщение|Первоначальное сообщение|Оригінальне повідомлення|"
    "Вихідне повідомлення|Αρχικό μήνυμα|原始邮件|原始郵件|元のメッセージ|원본 메시지"
)
FORWARDED = _any(
    "Forwarded message|Forwarded Message|Begin forwarded message|Weitergeleitete Nachricht|"
    "Anfang der weitergeleiteten Nachricht|Début du message réexpédié|Début du message transféré|"
    "Message transféré|Mensaje reenviado|Messaggio inoltrato|Inizio messaggio inoltrato|"
    "Mensagem encaminhada|Doorgestuurd bericht|Begin doorgestuurd bericht|"
    "Vidarebefordrat meddelande|Videresendt meddelelse|Videresendt melding|"
    "Wiadomość przekazana|Přeposlaná zpráva|Továbbított üzenet|İletilmiş mesaj|"
    "Mesaj redirecționat|Mesaj redirectionat|Mesaj înaintat|Mesaj transmis|"
    "Începutul mesajului redirecționat|Пересылаемое сообщение|Пересланное сообщение|"
    "Перенаправленное сообщение|Начало переадресованного сообщения|"
    "Начало пересылаемого сообщения|Переслане повідомлення|转发的邮件"
)
FORWARD_SUBJECT = re.compile(
    r"\s*(?:\[[^\]]*\]\s*)?(?:fwd?|wg|tr|rv|enc|i|doorst|vs|vb|pd|fs|továbbítás|redir|"
    r"redirecționat|înaintare|перес|пересл|переслано)\s*[:.]\s",
    re.IGNORECASE,
)
MOBILE = re.compile(
    r"(?:sent from|sent via|sent with|sent using|get outlook for|download outlook|"
    r"envoyé de(?:puis)?|envoyé à partir|envoyé avec|télécharger outlook|"
    r"von meinem .{1,40} gesendet|von .{1,40} gesendet|gesendet (?:von|mit|aus|via|über)|"
    r"diese nachricht wurde von .{1,60} gesendet|holen sie sich outlook|outlook für|"
    r"enviado (?:desde|do|a partir|con|com)|obtener outlook|inviato (?:da|con)|scarica outlook|"
    r"verzonden (?:vanaf|met|vanuit)|verstuurd vanaf|sendt fra|skickat från|hämta outlook|"
    r"lähetetty|wysłane z|wysłano z|odesláno z|trimis (?:de pe|din|de la|cu|prin)|"
    r"obțineți outlook|descărcați outlook|отправлено (?:с|из|со|через)|надіслано (?:з|із)|"
    r"получить outlook|iphone[’']?\w{0,6} gönderildi|poslano (?:z|iz|s)|"
    r"(?:yahoo|mail\.ru|яндекс|почта).{0,40}(?:android|ios|iphone))\b.{0,100}",
    re.IGNORECASE,
)
CLOSING = re.compile(
    r"(?:(?:with )?(?:my )?(?:best|kind|kindest|warm|warmest|many|with best|with kind)? ?"
    r"(?:regards|wishes)|cheers|sincerely(?: yours)?|yours (?:sincerely|faithfully|truly)|"
    r"(?:mit )?(?:freundlichen|freundliche|besten|beste|herzlichen|viele|liebe|schöne) "
    r"grü(?:ß|ss)en?|mfg|\w{0,12} ?cordialement|bien à vous|bonne (?:journée|soirée)|"
    r"salutations(?: distinguées)?|un saludo|saludos(?: cordiales)?|atentamente|"
    r"cordiali saluti|distinti saluti|saluti|atenciosamente|cumprimentos|"
    r"met vriendelijke groet(?:en)?|med vänlig(?:a)? hälsning(?:ar)?|(?:med )?venlig hilsen|"
    r"(?:z )?poważaniem|s pozdravem|cu (?:stimă|stima|respect|drag|considerație)|"
    r"cu deosebit[ăa] (?:stimă|stima|considerație)|o zi bună|toate cele bune|numai bine|"
    r"с уважением|с наилучшими пожеланиями|с ув\.|всего доброго|всего хорошего|"
    r"з повагою|saygılarımla)\s*[,.!;]{0,3}",
    re.IGNORECASE,
)

ORIGINAL_RULE = re.compile(
    rf"\s*[-–—_=*]{{1,20}}[ \u00a0]*(?:{ORIGINAL})[ \u00a0]*[-–—_=*]{{0,20}}:?\s*", re.IGNORECASE
)
FORWARD_RULE = re.compile(
    rf"\s*(?:[-–—_=*]{{2,20}}[ \u00a0]*)?(?:{FORWARDED})[ \u00a0]*[-–—_=*:]{{0,20}}:?\s*",
    re.IGNORECASE,
)
LABEL = re.compile(
    rf"\s*\*{{0,2}}(?:(?P<from>{FROM})|(?P<sent>{SENT})|(?P<to>{TO})|(?P<subject>{SUBJECT}))"
    r"[ \u00a0]*(?::\*{0,2}|\*{1,2}:|：)(?P<value>.*)",
    re.IGNORECASE,
)
VERB = re.compile(rf"(?:^|[\s>,)\]]|\d日?)(?:{WROTE})(?=[\s:：<,(\[-]|$)", re.IGNORECASE)
START = re.compile(
    rf"\W{{0,8}}(?:(?:{STARTS})[\s,]|\d{{1,4}}[.:/-]\d|在|(?:mon|tue|wed|thu|fri|sat|sun|пн|вт|ср|"
    r"чт|пт|сб|вс|пон|вто|сре|чет|пят|суб|вос|lun|mar|mie|joi|vin|sâm|dum)[a-zа-яăâîșț.]{0,9},?\s|"
    r"\d{1,2}\s[a-zа-я]{3,10}\.?\s\d{4})",
    re.IGNORECASE,
)
WHEN = re.compile(r"\d{1,2}[:.h]\d\d|\b(?:19|20)\d\d\b|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}")
ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|<[^<>\s]+>|\[mailto:")
RULE = re.compile(r"\s*(?:[_=*–—-]\s?){3,}\s*|\s*[_-]{5,}.{0,60}[_-]{5,}\s*")
