"""Mails as clients' programs write them: plain, HTML, with quotes, files and invitations."""

import random
from datetime import datetime, timedelta
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from html import escape

import msgspec

from hub.demo.people import Client, plain
from hub.demo.pictures import photo, sketch


LINES = policy.default.clone(max_line_length=998)  # folding would encode a long Message-ID


class Letter(msgspec.Struct, kw_only=True):
    """A mail from a client, before it is written as bytes.

    Attributes:
        answers: Message-ID of what it answers; "" for a new subject.
        quoted: Text it quotes below.
    """

    sender: Client
    to: str
    subject: str
    text: str
    at: datetime
    message_id: str
    answers: str = ""
    quoted: str = ""
    extras: tuple[str, ...] = ()


def written(letter: Letter, dice: random.Random) -> bytes:
    """Return the mail as it comes over the wire."""
    mail = EmailMessage(LINES)
    sender = letter.sender
    local, _, domain = sender.email.rpartition("@")
    mail["From"] = Address(f"{sender.given} {sender.family}", local, domain)
    mail["To"] = letter.to
    mail["Subject"] = letter.subject
    mail["Date"] = format_datetime(letter.at)
    mail["Message-ID"] = letter.message_id
    if letter.answers:
        mail["In-Reply-To"] = mail["References"] = letter.answers
    body = _signed(letter, dice)
    mail.set_content(body + _quote(letter))
    if "html" in letter.extras:
        mail.add_alternative(_html(letter), subtype="html")
    for extra in letter.extras:
        _attach(mail, extra, letter, dice)
    return mail.as_bytes()


def sent(letter: Letter) -> bytes:
    """Return an answer of ours as it lies in the folder of sent mail."""
    mail = EmailMessage(LINES)
    client = letter.sender
    local, _, domain = client.email.rpartition("@")
    mail["From"] = letter.to
    mail["To"] = Address(f"{client.given} {client.family}", local, domain)
    mail["Subject"] = letter.subject
    mail["Date"] = format_datetime(letter.at)
    mail["Message-ID"] = letter.message_id
    if letter.answers:
        mail["In-Reply-To"] = mail["References"] = letter.answers
    mail.set_content(f"{letter.text}\n\n-- \nStyle Mobilă\n")
    return mail.as_bytes()


def bounce(*, to: str, recipient: str, message_id: str, at: datetime, own_id: str) -> bytes:
    """Return a delivery report (RFC 3464) of a mail nobody took."""
    mail = EmailMessage(LINES)
    mail["From"] = "Mail Delivery System <MAILER-DAEMON@mail.example.com>"
    mail["To"] = to
    mail["Subject"] = "Undelivered Mail Returned to Sender"
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = own_id
    mail["Auto-Submitted"] = "auto-replied"
    boundary = f"report-{plain(own_id)[:12]}"
    mail["MIME-Version"] = "1.0"
    mail["Content-Type"] = f'multipart/report; report-type=delivery-status; boundary="{boundary}"'
    said = f"I could not deliver your message to <{recipient}>: no such user."
    status = (
        "Reporting-MTA: dns; mail.example.com",
        "",
        f"Final-Recipient: rfc822; {recipient}",
        "Action: failed",
        "Status: 5.1.1",
        "Diagnostic-Code: smtp; 550 5.1.1 no such user",
    )
    parts = (
        ("text/plain; charset=utf-8", said),
        ("message/delivery-status", "\n".join(status)),
        ("text/rfc822-headers", f"Message-ID: {message_id}\nTo: {recipient}"),
    )
    head = mail.as_string().rstrip("\n")
    body = "".join(
        f"--{boundary}\nContent-Type: {kind}\n\n{content}\n\n" for kind, content in parts
    )
    return f"{head}\n\n{body}--{boundary}--\n".encode()


def newsletter(to: str, at: datetime, number: int) -> bytes:
    """Return the kind of mail that nobody asked for."""
    mail = EmailMessage(LINES)
    mail["From"] = "Promo Depozit <promo@news.example.org>"
    mail["To"] = to
    mail["Subject"] = f"-50% LA TOT! Doar azi, ediția {number}"
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<promo.{number}@news.example.org>"
    mail["List-Unsubscribe"] = "<https://news.example.org/unsubscribe>"
    mail["Precedence"] = "bulk"
    mail.set_content("Cele mai mari reduceri ale anului. Comandă acum și plătești mâine.")
    return mail.as_bytes()


def away(letter: Letter) -> bytes:
    """Return an automatic answer (RFC 3834) to the mail ``letter`` answers."""
    mail = EmailMessage(LINES)
    local, _, domain = letter.sender.email.rpartition("@")
    mail["From"] = Address(f"{letter.sender.given} {letter.sender.family}", local, domain)
    mail["To"] = letter.to
    mail["Subject"] = f"Automatic reply: {letter.subject}"
    mail["Date"] = format_datetime(letter.at)
    mail["Message-ID"] = letter.message_id
    mail["In-Reply-To"] = letter.answers
    mail["Auto-Submitted"] = "auto-replied"
    mail.set_content(letter.text)
    return mail.as_bytes()


def _signed(letter: Letter, dice: random.Random) -> str:
    sender = letter.sender
    if sender.company:
        return f"{letter.text}\n\n-- \n{sender.given} {sender.family}\n{sender.company}\n"
    if dice.random() < 0.15:
        return f"{letter.text}\n\nSent from my phone\n"
    return letter.text + "\n"


def _quote(letter: Letter) -> str:
    if not letter.quoted:
        return ""
    lines = "\n".join(f"> {line}" for line in letter.quoted.splitlines())
    return f"\nOn {letter.at - timedelta(hours=3):%d.%m.%Y %H:%M}, {letter.to} wrote:\n{lines}\n"


def _html(letter: Letter) -> str:
    sender = letter.sender
    return (
        '<div style="font-family:Georgia,serif;font-size:15px;color:#2b2b2b">'
        f"<p>{escape(letter.text)}</p>"
        '<table cellpadding="8" style="border-top:2px solid #b08d57;margin-top:18px"><tr>'
        '<td><img src="https://img.example.org/logo.png" width="48" height="48" alt=""></td>'
        f"<td><b>{escape(sender.given)} {escape(sender.family)}</b><br>"
        f'<span style="color:#8a8a8a">{escape(sender.company)}</span></td></tr></table></div>'
    )


def _attach(mail: EmailMessage, extra: str, letter: Letter, dice: random.Random) -> None:
    match extra:
        case "poza":
            name = f"IMG_{letter.at:%Y%m%d}_{dice.randrange(10**4):04}.png"
            mail.add_attachment(photo(dice), maintype="image", subtype="png", filename=name)
        case "schita":
            mail.add_attachment(
                sketch(dice), maintype="image", subtype="png", filename="schița.png"
            )
        case "invitatie":
            mail.add_attachment(
                _invitation(letter).encode(),
                maintype="text",
                subtype="calendar",
                filename="invite.ics",
                params={"method": "REQUEST", "charset": "utf-8"},
            )
        case _:
            pass


def _invitation(letter: Letter) -> str:
    day = letter.at + timedelta(days=(2 - letter.at.weekday()) % 7 or 7)
    sender = letter.sender
    return "\r\n".join(
        (
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//example//calendar//EN",
            "METHOD:REQUEST",
            "BEGIN:VEVENT",
            f"UID:{plain(letter.message_id)}@{sender.email.rpartition('@')[2]}",
            f"DTSTAMP:{letter.at:%Y%m%dT%H%M%SZ}",
            f"DTSTART:{day:%Y%m%d}T090000Z",
            f"DTEND:{day:%Y%m%d}T100000Z",
            f"SUMMARY:{letter.subject}",
            "LOCATION:Salon Style Mobilă",
            f"ORGANIZER;CN={sender.given} {sender.family}:mailto:{sender.email}",
            f"ATTENDEE:mailto:{letter.to}",
            "END:VEVENT",
            "END:VCALENDAR",
            "",
        )
    )
