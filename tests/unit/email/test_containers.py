"""Invitations and winmail.dat."""

import base64
import struct

import pytest

from channels.email.mail import read_mail
from channels.email.tnef import unpack


def calendar(*lines: str, method: str = "METHOD:REQUEST") -> bytes:
    body = "\r\n".join(
        [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            method,
            "BEGIN:VEVENT",
            *lines,
            "END:VEVENT",
            "END:VCALENDAR",
            "",
        ]
    )
    return (
        b"From: a@b.example\r\nContent-Type: text/calendar; charset=utf-8; method=REPLY\r\n\r\n"
        + body.encode()
    )


def test_an_invitation_says_what_when_where_and_who():
    mail = read_mail(
        calendar(
            "UID:1",
            "SUMMARY:Întâlnire",
            "DTSTART;VALUE=DATE:20261120",
            "LOCATION:Bălți",
            "ORGANIZER;CN=Ann:MAILTO:ann@b.example",
        )
    )
    (event,) = mail.events
    assert (event.method, event.summary, event.place) == ("REQUEST", "Întâlnire", "Bălți")
    assert (event.starts_at, event.ends_at) == ("2026-11-20", None)
    assert (event.organizer, event.uid) == ("ann@b.example", "1")
    assert mail.attachments[0].filename == "invite.ics"


def test_an_invitation_without_a_start_is_shown():
    (event,) = read_mail(calendar("SUMMARY:x")).events
    assert (event.summary, event.starts_at) == ("x", None)


def test_the_method_of_the_part_stands_in_for_a_missing_one():
    (event,) = read_mail(calendar("SUMMARY:x", method="X-NONE:1")).events
    assert event.method == "REPLY"


@pytest.mark.parametrize(
    "body", [b"", b"BEGIN:VCALENDAR", b"\xff\xfe", b"END:VEVENT\r\nEND:VCALENDAR"]
)
def test_a_broken_calendar_stays_a_file(body):
    mail = read_mail(b"Content-Type: text/calendar\n\n" + body)
    assert mail.events == ()
    assert len(mail.attachments) == 1


# ---------------------------------------------------------------- winmail.dat


def tnef(*attributes: tuple[int, int, bytes]) -> bytes:
    """A winmail.dat of attributes: level, id, data. Source: [MS-OXTNEF] section 2.1."""
    out = struct.pack("<IH", 0x223E9F78, 1)
    for level, name, data in attributes:
        out += struct.pack("<BII", level, name, len(data)) + data
        out += struct.pack("<H", sum(data) & 0xFFFF)
    return out


BODY, TITLE, DATA, RENDERING = 0x0002800C, 0x00018010, 0x0006800F, 0x00069002
CODEPAGE = (1, 0x00069007, struct.pack("<II", 1252, 0))
FILE = [
    (2, RENDERING, bytes(14)),
    (2, TITLE, b"offer.pdf\0"),
    (2, DATA, b"%PDF-1.4"),
]


def winmail(data: bytes) -> bytes:
    return (
        b"From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nwords\n--b\n"
        b"Content-Type: application/ms-tnef; name=winmail.dat\n"
        b"Content-Transfer-Encoding: base64\n\n" + base64.encodebytes(data) + b"\n--b--\n"
    )


def test_files_inside_a_winmail_dat_are_files_of_the_mail():
    mail = read_mail(winmail(tnef(CODEPAGE, *FILE)))
    assert [(one.filename, one.data) for one in mail.attachments] == [("offer.pdf", b"%PDF-1.4")]


def test_the_text_inside_a_winmail_dat_is_the_text_of_a_mail_without_one():
    raw = b"Content-Type: application/ms-tnef; name=winmail.dat\n\n" + tnef(
        CODEPAGE, (1, BODY, b"hello\0")
    )
    mail = read_mail(b"From: a@b.example\n" + raw)
    assert mail.text == "hello"


@pytest.mark.parametrize(
    "data",
    [b"not tnef at all", tnef(CODEPAGE, *FILE)[:40], tnef((2, DATA, b"x")), tnef()],
)
def test_a_winmail_dat_that_cannot_be_opened_stays_a_file(data):
    mail = read_mail(winmail(data))
    assert mail.text == "words"
    assert [one.filename for one in mail.attachments] == ["winmail.dat"]


def test_a_broken_winmail_dat_says_so():
    warnings = set()
    assert unpack(b"\x78\x9f\x3e\x22", warnings) is None
    assert warnings == {"tnef.broken"}
