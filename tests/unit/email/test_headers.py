"""Header fields: what senders write and what they mean."""

from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from channels.email.headers import decode_header, split_message
from channels.email.mail import read_mail


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"plain words", "plain words"),
        (b"=?utf-8?q?caf=C3=A9?=", "café"),
        (b"=?UTF-8?B?w4k=?=", "É"),
        (b"=?UTF-8?B?w4k?=", "É"),  # padding is missing
        (b"=?utf-8?b?w4k=?= =?utf-8?b?w4k=?=", "ÉÉ"),  # blanks between words are not text
        (b"=?utf-8?b?w4k=?=\r\n =?utf-8?b?w4k=?=", "ÉÉ"),
        (b"=?utf-8?b?ww==?= =?utf-8?b?iQ==?=", "É"),  # a character split between words
        (b"=?utf-8?q?a?= b =?utf-8?q?c?=", "a b c"),
        (b"=?utf-8?q?with blanks inside?=", "with blanks inside"),
        (b"=?utf-8*en?q?language?=", "language"),
        (b"=?x-unknown?q?caf=C3=A9?=", "café"),
        (b"=?iso-8859-1?q?=93quoted=94?=", "“quoted”"),  # what it means is windows-1252
        (b"=?gb2312?b?tKs=?=", "传"),
        (b"=?ks_c_5601-1987?b?x9E=?=", "한"),
        (b"=?windows-1251?b?z/Do4uXy?=", "Привет"),
        (b"=?koi8-r?B?8NLJ18XU?=", "Привет"),
        (b"=?utf-8?q?what??=", "what?"),
        (b"=?utf-8?q?=F0=9F=98=80?=", "😀"),
        ("Ștefan".encode(), "Ștefan"),
        ("Müller".encode("latin-1"), "Müller"),
        (b"folded\r\n\tline", "folded line"),
        (b"bell\x07 and nul\x00", "bell and nul"),
        ("safe\u202egpj.exe".encode(), "safegpj.exe"),
        (b"=?utf-8?q?broken", "=?utf-8?q?broken"),
        (b"=?utf-8?x?what?=", "=?utf-8?x?what?="),
        (b"", ""),
    ],
)
def test_an_unstructured_field_is_decoded_leniently(raw, text):
    assert decode_header(raw) == text


def test_raw_bytes_of_a_header_are_read_in_the_charset_of_the_body():
    raw = "Subject: Привет\nContent-Type: text/plain; charset=windows-1251\n\nПока\n"
    assert read_mail(raw.encode("cp1251")).subject == "Привет"


@pytest.mark.parametrize(
    "junk",
    [
        b"",
        b"\r\n\r\n",
        b"\xef\xbb\xbf",
        b"\0\0",
        b"From nobody Fri Nov  6 10:15:00 2026\n",
        b">From nobody Fri Nov  6 10:15:00 2026\n",
        b"---- Original email message ----\n",
        b"---- Original email message ----\n\n",
    ],
)
def test_junk_before_the_header_is_not_part_of_the_mail(junk):
    mail = read_mail(junk + b"From: a@b.example\nSubject: s\n\nbody\n")
    assert (mail.sender.address, mail.subject, mail.text) == ("a@b.example", "s", "body")


def test_a_field_broken_over_lines_without_indentation_goes_on():
    mail = read_mail(b"Subject: one\ntwo\nFrom: a@b.example\n\nbody\n")
    assert mail.subject == "one two"
    assert mail.sender.address == "a@b.example"
    assert "headers.broken" in mail.warnings


def test_a_body_without_a_blank_line_before_it_is_still_the_body():
    mail = read_mail(b"From: a@b.example\nSubject: s\nDear all,\nhello\n\nbye\n")
    assert mail.subject == "s"
    assert mail.text == "Dear all,\nhello\n\nbye"


@pytest.mark.parametrize("line", [b"X-Invalid Header: oops", b"the rest of a field"])
def test_one_broken_line_at_the_end_of_a_header_is_no_body(line):
    mail = read_mail(b"From: a@b.example\nSubject: s\nX-Last: x\n" + line + b"\n\nbody\n")
    assert (mail.subject, mail.text) == ("s", "body")


@pytest.mark.parametrize("tail", [b"", b"\n", b"\n\n"])
def test_a_line_after_the_fields_of_a_mail_without_a_body_is_the_body(tail):
    mail = read_mail(b"From: a@b.example\nSubject: s\nno blank line before this" + tail)
    assert (mail.subject, mail.text) == ("s", "no blank line before this")


def test_text_without_any_header_is_the_text():
    mail = read_mail(b"just some words\nand more\n")
    assert mail.text == "just some words\nand more"
    assert "headers.missing" in mail.warnings


@pytest.mark.parametrize("newline", [b"\n", b"\r\n", b"\r", b"\r\r\n"])
def test_any_line_ending_ends_a_line(newline):
    raw = newline.join([b"From: a@b.example", b"Subject: s", b"", b"one", b"two", b""])
    mail = read_mail(raw)
    assert mail.subject == "s"
    assert mail.text.split() == ["one", "two"]


def test_a_field_name_may_be_followed_by_blanks():
    headers, _ = split_message(b"Subject : s\n\n", set())
    assert headers.text("subject") == "s"


def test_a_mail_of_fields_only_has_no_text():
    mail = read_mail(b"From: a@b.example\nSubject: s\n")
    assert (mail.subject, mail.text) == ("s", "")


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        (b"Message-ID: <a@b>", "<a@b>"),
        (b"Message-ID:\r\n <a@b>", "<a@b>"),
        (b"Message-ID: <a@b> (comment)", "<a@b>"),
        (b"Message-ID: a@b", "<a@b>"),
        (b"Message-ID: <a\r\n @b>", "<a@b>"),
        (b"Message-ID: <no-at-sign>", "<no-at-sign>"),
        (b"X-Other: 1", None),
    ],
)
def test_a_message_id_keeps_its_brackets(field, expected):
    assert read_mail(field + b"\r\n\r\nx").message_id == expected


def test_answers_and_references_keep_their_order():
    mail = read_mail(
        b"In-Reply-To: Message of Friday <c@x> <d@x>\nReferences: <a@x>\n <b@x>\t<c@x>\n\nx"
    )
    assert mail.in_reply_to == "<c@x>"
    assert mail.answers == ("<c@x>", "<d@x>")
    assert mail.references == ("<a@x>", "<b@x>", "<c@x>")


def test_a_long_list_of_references_keeps_the_first_and_the_last():
    refs = b" ".join(b"<%d@x>" % number for number in range(1000))
    found = read_mail(b"References: " + refs + b"\n\nx").references
    assert len(found) == 100
    assert (found[0], found[-1]) == ("<0@x>", "<999@x>")


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        (b"Fri, 6 Nov 2026 10:15:00 +0200", "2026-11-06T10:15:00+02:00"),
        (b"6 Nov 2026 10:15:00 GMT", "2026-11-06T10:15:00+00:00"),
        (b"Fri, 06 Nov 26 10:15 EST", "2026-11-06T10:15:00-05:00"),
        (b"Fri, 6 Nov 2026 10:15:00 +0200 (EET)", "2026-11-06T10:15:00+02:00"),
        (b"Fri, 6 Nov 2026 10:15:00", "2026-11-06T10:15:00+00:00"),
        (b"Fri, 6 Nov 2026 10:15:00 -0000", "2026-11-06T10:15:00+00:00"),
        (b"Fri, 6 Nov 2026 23:59:60 +0000", "2026-11-06T23:59:59+00:00"),
        (b"2026-11-06T10:15:00Z", "2026-11-06T10:15:00+00:00"),
        (b"Fri, 6 Nov 2026 10:15:00 +9999", "2026-11-06T10:15:00+00:00"),
        (b"Fri, 99 Nov 2026 10:15:00 +0200", None),
        (b"Fri, 07 Apr 2023 17:30:44 +0200Received: from x", "2023-04-07T17:30:44+02:00"),
        (b"yesterday", None),
        (b"", None),
    ],
)
def test_a_date_is_read_or_is_unknown(date, expected):
    found = read_mail(b"Date: " + date + b"\n\nx").date
    assert (found.isoformat() if found else None) == expected


def test_a_date_far_after_the_arrival_is_marked():
    raw = b"Date: Fri, 6 Nov 2099 10:15:00 +0200\n\nx"
    assert "date.future" in read_mail(raw, received_at=datetime(2026, 11, 6, tzinfo=UTC)).warnings


def test_an_answered_id_that_a_program_wrote_as_encoded_words_is_found():
    answered = f"<h.{'a' * 25}.{'b' * 25}.{'c' * 16}@hub.example>"
    mail = EmailMessage()
    mail["From"] = "ana@client.example"
    mail["In-Reply-To"] = answered
    mail.set_content("Da.")
    raw = mail.as_bytes()
    assert b"In-Reply-To: =?utf-8?q?" in raw  # Python's own library does it
    assert read_mail(raw).answers == (answered,)
