"""Who wrote a mail: a person or a machine. Only header fields are read.

Source: RFC 3834, RFC 2369, RFC 2919, and the fields that mail programs really set.
"""

import re
from typing import Literal

from channels.email.headers import Headers


Automatic = Literal["", "auto_reply", "bulk", "receipt"]

DAEMON = re.compile(
    rb"(?:^|[<\s\"])(?:mailer-daemon|mail-daemon|maildaemon|mail\.daemon)@", re.IGNORECASE
)
AUTO_SUBJECT = re.compile(
    r"\s*(?:auto(?:matic)?[ -]?(?:reply|response|answer)|out of (?:the )?office|autoreply|"
    r"automatische antwort|abwesenheitsnotiz|abwesend:|réponse automatique|absence du bureau|"
    r"respuesta automática|risposta automatica|resposta automática|automatisch antwoord|"
    r"răspuns automat|raspuns automat|автоматический ответ|автоответ|автоматична відповідь|"
    r"autosvar|automatiskt svar|autom\. odpowiedź|automatická odpověď)\s*[:\-–(]",
    re.IGNORECASE,
)
SUPPRESSED = frozenset({"all", "oof", "autoreply"})
AUTO_FIELDS = (
    "x-autoreply",
    "x-autorespond",
    "x-autoresponder",
    "x-autoreply-from",
    "x-auto-reply-from",
    "x-mail-autoreply",
    "x-pop3-from-autoreply",
    "x-ms-exchange-inbox-rules-loop",
)
LIST_FIELDS = ("list-id", "list-unsubscribe", "list-post", "feedback-id")


def classify(headers: Headers, content_type: str, report_type: str, subject: str) -> Automatic:
    """Return what kind of machine wrote a mail; ``""`` for a person.

    Args:
        headers: The fields of the mail.
        content_type: Its media type.
        report_type: The ``report-type`` parameter, when it is a report.
        subject: Its decoded subject.
    """
    if _is_receipt(headers, content_type, report_type):
        return "receipt"
    if _is_auto_reply(headers, subject):
        return "auto_reply"
    if _is_bulk(headers):
        return "bulk"
    return ""


def _is_receipt(headers: Headers, content_type: str, report_type: str) -> bool:
    if content_type == "multipart/report" or report_type:
        return report_type in (
            "",
            "delivery-status",
            "disposition-notification",
            "feedback-report",
        )
    if content_type in ("message/delivery-status", "message/disposition-notification"):
        return True
    return bool(DAEMON.search(headers.raw("from"))) or "x-failed-recipients" in headers


def _is_auto_reply(headers: Headers, subject: str) -> bool:
    submitted = headers.token("auto-submitted").split(";")[0].strip()
    if submitted and submitted != "no":
        return True
    if headers.token("precedence") in ("auto_reply", "auto-reply", "autoreply"):
        return True
    if any(name in headers and headers.token(name) not in ("no", "false") for name in AUTO_FIELDS):
        return True
    suppressed = re.split(r"[\s,;]+", headers.token("x-auto-response-suppress"))
    if any(word in SUPPRESSED for word in suppressed):
        return True
    return bool(AUTO_SUBJECT.match(subject))


def _is_bulk(headers: Headers) -> bool:
    if headers.token("precedence") in ("bulk", "list", "junk"):
        return True
    return any(name in headers for name in LIST_FIELDS)
