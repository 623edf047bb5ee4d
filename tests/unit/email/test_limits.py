"""Mails made to hurt: each is read in bounded time, and says what was left out."""

import random
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels.email.mail import Mail, read_mail
from tests.bombs import BOMBS, HEAD


CORPUS = [
    path.read_bytes() for path in sorted((Path(__file__).parents[2] / "corpus").glob("*.eml"))
]
BOUNDED = 10.0  # seconds of processor time; alone each takes under one


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
    assert len(mail.text) == 256 * 1024
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
