"""Mails made to hurt: each is read in bounded time, and says what was left out."""

import random
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels.email.mail import Mail, read_mail


CORPUS = [
    path.read_bytes() for path in sorted((Path(__file__).parents[2] / "corpus").glob("*.eml"))
]
HEAD = b"From: a@b.example\nTo: x@y.example\nSubject: s\nMIME-Version: 1.0\n"
BOUNDED = 10.0  # seconds of processor time; alone each takes under one

BOMBS = {
    "ten thousand header fields": HEAD
    + b"".join(b"X-%d: v\n" % n for n in range(10_000))
    + b"\nx",
    "a header of two megabytes": HEAD + b"X: " + b"a " * 1_000_000 + b"\n\nx",
    "five thousand recipients": HEAD
    + b"Cc: "
    + b",\n ".join(b"U <u%d@b.example>" % n for n in range(5_000))
    + b"\n\nx",
    "a megabyte of references": HEAD
    + b"References: "
    + b" ".join(b"<%d@x>" % n for n in range(80_000))
    + b"\n\nx",
    "an endless sender": b"From: " + b"a" * 1_000_000 + b"\n\nx",
    "twenty thousand encoded words": HEAD
    + b"Subject: "
    + b"\n ".join([b"=?utf-8?q?abc?="] * 20_000)
    + b"\n\nx",
    "encoded words that never end": HEAD + b"Subject: " + b"=?a?q?" * 10_000 + b"\n\nx",
    "three thousand nested multiparts": HEAD
    + b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(3_000)
    )
    + b"\nx",
    "three thousand nested mails": b"Content-Type: message/rfc822\n\n" * 3_000
    + b"Subject: x\n\nx",
    "a hundred thousand parts": HEAD
    + b"Content-Type: multipart/mixed; boundary=b\n\n"
    + b"--b\n\nx\n" * 100_000,
    "twenty thousand continuations": HEAD
    + b"Content-Disposition: attachment;\n "
    + b";\n ".join(b"filename*%d=a" % n for n in range(20_000))
    + b"\n\nx",
    "a continuation of a huge number": HEAD
    + b"Content-Disposition: attachment; filename*99999999999*=utf-8''a\n\nx",
    "nested comments": HEAD.replace(b"a@b", b"(" * 3_000 + b")" * 3_000 + b" a@b") + b"\nx",
    "ten megabytes of base64": HEAD
    + b"Content-Type: image/png\nContent-Transfer-Encoding: base64\n\n"
    + (b"A" * 76 + b"\n") * 130_000,
    "ten megabytes of quoted-printable": HEAD
    + b"Content-Transfer-Encoding: quoted-printable\n\n"
    + (b"=41" * 25 + b"\n") * 130_000,
    "a hundred thousand nested elements": HEAD
    + b"Content-Type: text/html\n\n"
    + b"<div>" * 100_000,
    "nesting hidden behind tables": HEAD
    + b"Content-Type: text/html\n\n"
    + b"<div><table><td></div></table>" * 50_000,
    "formatting that is opened anew": HEAD
    + b"Content-Type: text/html\n\n<p>"
    + b"".join(b"<font id=%d>" % n for n in range(200))
    + b"<p>x" * 100_000,
    "end tags that end nothing": HEAD
    + b"Content-Type: text/html\n\n<i><table><td>"
    + b"<div>" * 900
    + b"</i>" * 300_000,
    "five megabytes of flat html": HEAD
    + b"Content-Type: text/html\n\n"
    + b"<p>hello <b>world</b></p>" * 200_000,
    "half a million quoted lines": HEAD + b"\n" + b"> a\n" * 500_000,
    "carriage returns": HEAD + b"X: " + b"\r" * 500_000 + b"\n\nx",
    "lines that begin a file": HEAD + b"\n" + b"begin 644 x\n" * 200_000,
    "a quote that never ends": b'From: "' + b"a\\" * 30_000 + b"\n\nx",
    "parameters that never end": HEAD + b"Content-Type: text/plain; " + b'a="' * 20_000 + b"\n\nx",
    "twenty thousand events": HEAD
    + b"Content-Type: text/calendar\n\nBEGIN:VCALENDAR\n"
    + b"BEGIN:VEVENT\n" * 20_000,
    "a bounce of at signs": b"From: mailer-daemon@b\nSubject: Undelivered mail\n\n"
    + b"a@" * 500_000,
    "a report of many recipients": HEAD
    + b"Content-Type: message/delivery-status\n\n"
    + b"Final-Recipient: rfc822; a@b.c\n\n" * 50_000,
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_read_in_bounded_time(name):
    begin = time.process_time()
    mail = read_mail(BOMBS[name])
    assert time.process_time() - begin < BOUNDED
    assert "mail.unreadable" not in mail.warnings


@pytest.mark.parametrize(
    ("name", "warning"),
    [
        ("ten thousand header fields", "headers.too_many"),
        ("a header of two megabytes", "headers.too_long"),
        ("five thousand recipients", "recipients.too_many"),
        ("three thousand nested multiparts", "mime.too_deep"),
        ("a hundred thousand parts", "mime.too_many_parts"),
        ("a hundred thousand nested elements", "html.too_deep"),
        ("five megabytes of flat html", "html.too_big"),
        ("half a million quoted lines", "text.cut"),
    ],
)
def test_every_limit_that_was_hit_is_named(name, warning):
    assert warning in read_mail(BOMBS[name]).warnings


def test_a_text_that_is_cut_is_attached_whole():
    mail = read_mail(HEAD + b"\n" + b"words and words\n" * 100_000)
    assert len(mail.text) == 1024 * 1024
    assert mail.attachments[0].size == 1_599_999


def test_a_mail_beyond_the_limit_is_read_as_far_as_its_first_text():
    raw = (
        HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nwords\n--b\n"
        b"Content-Type: application/zip\n\n" + bytes(51 * 1024 * 1024)
    )
    mail = read_mail(raw)
    assert (mail.subject, mail.text) == ("s", "words")
    assert "mail.too_big" in mail.warnings


@given(st.binary(max_size=2_000))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_read(raw):
    assert isinstance(read_mail(raw), Mail)


@given(
    st.lists(
        st.sampled_from(
            [
                b"From: ",
                b"Content-Type: multipart/mixed; boundary=b\n",
                b"--b\n",
                b"--b--\n",
                b"\n\n",
                b"Content-Transfer-Encoding: base64\n",
                b"=?utf-8?q?",
                b"?=",
                b'"',
                b"<",
                b">",
                b"a@b.c",
                b"\r",
                b"\0",
                b"\xff",
                b"text/html",
                b"<div>",
                b"</div>",
                b"begin 644 a\n",
                b"Content-Type: message/rfc822\n",
                b"Content-Type: text/calendar\n",
                b"; filename*0*=",
                b"Content-Disposition: ",
                b"(",
                b")",
                b",",
                b"Date: 1 Jan 1 1:1:1 +",
                b"&#0;",
                b"&#xD800;",
            ]
        ),
        max_size=60,
    ).map(b"".join)
)
@settings(max_examples=300, deadline=None)
def test_any_pieces_of_mails_are_read(raw):
    mail = read_mail(raw)
    assert "mail.unreadable" not in mail.warnings
    mail.text.encode()  # what is stored is always valid UTF-8 without NUL
    assert "\0" not in mail.text


@given(st.integers(0, 10_000))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_mutilated_mails_are_read(seed):
    chance = random.Random(seed)
    raw = bytearray(chance.choice(CORPUS))
    for _ in range(chance.randrange(1, 30)):
        place = chance.randrange(len(raw) + 1)
        match chance.randrange(4):
            case 0:
                raw[place : place + chance.randrange(50)] = b""
            case 1:
                raw[place:place] = chance.randbytes(chance.randrange(8))
            case 2:
                raw[place : place + 1] = chance.choice(
                    [b"\n", b"\r", b"\0", b"\xff", b"=", b'"', b"--"]
                )
            case _:
                piece = chance.randrange(len(raw) + 1)
                raw[place:place] = raw[piece : piece + 60]
    mail = read_mail(bytes(raw))
    assert "mail.unreadable" not in mail.warnings
    for text in (
        mail.text,
        mail.subject or "",
        mail.html or "",
        *(one.filename for one in mail.attachments),
    ):
        text.encode()
        assert "\0" not in text
