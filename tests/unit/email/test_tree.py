"""Trees of parts that are broken, and what the standard library makes of those that are not."""

import email
from pathlib import Path

import pytest

from channels.email.entities import read_entities
from channels.email.mail import read_mail
from channels.email.parameters import disposition, media_type


CORPUS = Path(__file__).parents[2] / "corpus"
HEAD = b"From: a@b.example\nSubject: s\nMIME-Version: 1.0\n"


def test_a_part_without_an_end_is_read_to_the_end():
    raw = HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nhello\n"
    assert read_mail(raw).text == "hello"


def test_a_boundary_that_is_not_declared_is_guessed():
    raw = (
        HEAD
        + b"Content-Type: multipart/mixed\n\n--xyz\nContent-Type: text/plain\n\nhello\n--xyz--\n"
    )
    mail = read_mail(raw)
    assert mail.text == "hello"
    assert "mime.boundary" in mail.warnings


def test_a_multipart_without_parts_is_shown_as_text():
    mail = read_mail(HEAD + b"Content-Type: multipart/mixed; boundary=b\n\nno parts here\n")
    assert mail.text == "no parts here"


def test_an_outer_boundary_ends_inner_parts_that_never_end():
    raw = (
        HEAD + b"Content-Type: multipart/mixed; boundary=out\n\n--out\n"
        b"Content-Type: multipart/alternative; boundary=in\n\n--in\n\ninner\n--out\n"
        b"Content-Type: image/png\n\nx\n--out--\n"
    )
    mail = read_mail(raw)
    assert mail.text == "inner"
    assert mail.attachments[0].data == b"x"


def test_a_boundary_is_not_found_inside_a_longer_one():
    raw = HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--bb\ntwo\n--b--\n"
    assert read_mail(raw).text == "one\n--bb\ntwo"


def test_a_quoted_boundary_with_blanks_and_a_comment_is_understood():
    raw = HEAD + b'Content-Type: multipart/mixed (x); boundary="a b"\n\n--a b\n\nhello\n--a b--\n'
    assert read_mail(raw).text == "hello"


def test_parts_appended_after_the_end_are_read():
    raw = (
        HEAD
        + b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b--\n--b\n\ntwo\n--b--\n"
    )
    assert read_mail(raw).text == "one\ntwo"


def test_the_second_type_is_taken_when_the_first_names_none():
    raw = b"Content-Type: ;;;\nContent-Type: text/html\n\n<p>x</p>"
    assert read_mail(raw).html == "<p>x</p>"


@pytest.mark.parametrize(
    ("field", "kind"),
    [
        (b"X-ZIP; name=a.zip", "application/octet-stream"),
        (b"text", "text/plain"),
        (b"html", "text/html"),
        (b"", "text/plain"),
        (b"TEXT/PLAIN", "text/plain"),
    ],
)
def test_a_type_without_a_slash_is_taken_for_what_it_means(field, kind):
    assert read_entities(b"Content-Type: " + field + b"\n\nx", set()).type == kind


def test_parameters_survive_missing_semicolons():
    assert media_type(b"text/plain charset=utf-8").label("charset") == "utf-8"
    assert media_type(b'multipart/mixed boundary="x y"').raw("boundary") == b"x y"
    assert disposition(b"filename=a.pdf").text("filename") == "a.pdf"


@pytest.mark.parametrize(
    "name", ["gmail_reply_ro", "apple_mail_parts", "outlook_reply_ru", "bounce_postfix"]
)
def test_leaves_are_those_the_standard_library_finds(name):
    raw = (CORPUS / f"{name}.eml").read_bytes()
    ours = [
        (one.type, one.content().replace(b"\r\n", b"\n"))
        for one in read_entities(raw, set()).walk()
        if not one.children and one.main_type != "message"
    ]
    theirs = [
        (one.get_content_type(), one.get_payload(decode=True).replace(b"\r\n", b"\n"))
        for one in _outer_leaves(email.message_from_bytes(raw))
    ]
    assert ours == theirs


def _outer_leaves(message):
    if message.get_content_maintype() == "message":
        return
    if message.is_multipart():
        for child in message.get_payload():
            yield from _outer_leaves(child)
    else:
        yield message
