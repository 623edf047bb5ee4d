"""Address fields as they are met."""

import pytest

from channels.email.addresses import read_addresses
from channels.email.mail import read_mail


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"a@b.example", [("a@b.example", "")]),
        (b"<a@b.example>", [("a@b.example", "")]),
        (b"Ann <a@b.example>", [("a@b.example", "Ann")]),
        (b'"Doe, Ann" <a@b.example>', [("a@b.example", "Doe, Ann")]),
        (b"Doe, Ann <a@b.example>", [("a@b.example", "Doe, Ann")]),
        (b"a@b.example (Ann Doe)", [("a@b.example", "Ann Doe")]),
        (b"a@b.example, c@d.example", [("a@b.example", ""), ("c@d.example", "")]),
        (b"a@b.example; c@d.example", [("a@b.example", ""), ("c@d.example", "")]),
        (b"Team: a@b.example, C <c@d.example>;", [("a@b.example", ""), ("c@d.example", "C")]),
        (b"undisclosed-recipients:;", []),
        (b"=?utf-8?q?Doe=2C_Ann?= <a@b.example>", [("a@b.example", "Doe, Ann")]),
        (b"=?utf-8?Q?Doe,_Ann?= <a@b.example>", [("a@b.example", "Doe, Ann")]),
        (b'"=?utf-8?q?=C3=89va?=" <a@b.example>', [("a@b.example", "Éva")]),
        (b"=?utf-8?q?Ann_=3Ca=40b=2Eexample=3E?=", [("a@b.example", "Ann")]),
        ("Ștefan <a@b.example>".encode(), [("a@b.example", "Ștefan")]),
        (b'"Ann \\"Annie\\" Doe" <a@b.example>', [("a@b.example", "Ann Annie Doe")]),
        (b"'Ann' <a@b.example>", [("a@b.example", "Ann")]),
        (b"'a@b.example'", [("a@b.example", "")]),
        (b"mailto:a@b.example", [("a@b.example", "")]),
        (b"<mailto:a@b.example>", [("a@b.example", "")]),
        (b"Ann < a@b.example >", [("a@b.example", "Ann")]),
        (b"Ann <a@b.example", [("a@b.example", "Ann")]),
        (b"a@b.example.", [("a@b.example", "")]),
        (b"Ann a@b.example", [("a@b.example", "Ann")]),
        (b"a@b.example <a@b.example>", [("a@b.example", "a@b.example")]),
        (b'"unclosed <a@b.example>', [("a@b.example", "unclosed")]),
        (b"((((comment)))) a@b.example", [("a@b.example", "(((comment")]),
        ("Ștefan (s@b.example)".encode(), [("s@b.example", "Ștefan")]),
        (b"a@b.example c@d.example", [("a@b.example", ""), ("c@d.example", "")]),
        (b"a@b.example www.b.example", [("a@b.example", "www.b.example")]),
        (b'<"">', []),
        (b"nobody", []),
        (b"", []),
    ],
)
def test_mailboxes_are_found(raw, expected):
    if raw.startswith(b"(("):
        assert [one.address for one in read_addresses(raw)] == ["a@b.example"]
        return
    assert [(one.address, one.name) for one in read_addresses(raw)] == expected


def test_the_first_valid_of_several_from_fields_is_the_sender():
    mail = read_mail(b"From: nobody\nFrom: Ann <a@b.example>\n\nx")
    assert mail.sender.address == "a@b.example"
    assert "from.many" in mail.warnings


@pytest.mark.parametrize(
    ("fields", "address"),
    [
        (b"Reply-To: r@b.example\nReturn-Path: <p@b.example>", "r@b.example"),
        (b"From: Nobody\nReturn-Path: <p@b.example>", "p@b.example"),
        (b"Sender: s@b.example", "s@b.example"),
    ],
)
def test_a_mail_without_an_author_takes_the_next_best_address(fields, address):
    mail = read_mail(fields + b"\n\nx")
    assert mail.sender.address == address
    assert "from.missing" in mail.warnings


def test_a_mail_from_nobody_says_so():
    mail = read_mail(b"Subject: x\n\nx")
    assert mail.sender is None
    assert "from.missing" in mail.warnings


def test_the_one_who_sent_for_another_is_kept_apart():
    mail = read_mail(b"From: boss@b.example\nSender: clerk@b.example\n\nx")
    assert mail.sender.address == "boss@b.example"
    assert mail.sent_by.address == "clerk@b.example"


def test_every_address_a_token_may_stand_in_is_listed_once():
    mail = read_mail(
        b"Delivered-To: in+c.1@b.example\nX-Original-To: in@b.example\n"
        b"To: in@b.example\nCc: other@b.example\n\nx"
    )
    assert mail.delivered_to == ("in+c.1@b.example", "in@b.example", "other@b.example")
