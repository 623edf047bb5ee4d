"""Mails that machines wrote: bounces, auto-replies, lists, and who vouches for a sender."""

import pytest

from channels.email.authentication import read_authentication, trust
from channels.email.mail import read_mail


# ---------------------------------------------------------------- automatic


@pytest.mark.parametrize(
    ("fields", "automatic"),
    [
        (b"Subject: hello", ""),
        (b"Auto-Submitted: no", ""),
        (b"Auto-Submitted: auto-replied", "auto_reply"),
        (b"Auto-Submitted: auto-generated; x=y", "auto_reply"),
        (b"X-Autoreply: yes", "auto_reply"),
        (b"X-Autoreply: no", ""),
        (b"X-Autorespond: x", "auto_reply"),
        (b"Precedence: auto_reply", "auto_reply"),
        (b"X-Auto-Response-Suppress: DR, OOF, AutoReply", "auto_reply"),
        (b"X-Auto-Response-Suppress: DR", ""),
        (b"X-MS-Exchange-Inbox-Rules-Loop: a@b.example", "auto_reply"),
        (b"Subject: Automatic reply: x", "auto_reply"),
        (b"Subject: Out of office: x", "auto_reply"),
        ("Subject: Răspuns automat: x".encode(), "auto_reply"),
        ("Subject: Автоматический ответ: x".encode(), "auto_reply"),
        (b"Subject: How do I set an automatic reply", ""),
        (b"Precedence: bulk", "bulk"),
        (b"List-Id: <x.b.example>", "bulk"),
        (b"List-Unsubscribe: <mailto:x@b.example>", "bulk"),
        (b"From: MAILER-DAEMON@b.example", "receipt"),
        (b"X-Failed-Recipients: x@b.example", "receipt"),
        (
            b"Content-Type: multipart/report; report-type=disposition-notification",
            "receipt",
        ),
    ],
)
def test_the_header_tells_who_wrote_it(fields, automatic):
    assert read_mail(fields + b"\n\nwords").automatic == automatic


# ---------------------------------------------------------------- bounces


def dsn(block: str, *, original: str = "Message-ID: <o@b.example>") -> bytes:
    return (
        "From: MAILER-DAEMON@b.example\nSubject: failed\nContent-Type: multipart/report; "
        "report-type=delivery-status; boundary=b\n\n--b\n\nsorry\n--b\n"
        f"Content-Type: message/delivery-status\n\nReporting-MTA: dns; b.example\n\n{block}\n"
        f"--b\nContent-Type: text/rfc822-headers\n\n{original}\n--b--\n"
    ).encode()


def test_every_recipient_of_a_report_is_read():
    mail = read_mail(
        dsn(
            "Final-Recipient: rfc822; a@c.example\nAction: failed\nStatus: 5.1.1\n\n"
            "Final-Recipient: RFC822;b@c.example\nAction: delayed\nStatus: 4.2.2 (full)\n\n"
            "Final-Recipient: rfc822; <c@c.example>\nAction: delivered\nStatus: 2.0.0\n"
        )
    )
    assert [(one.recipient, one.status, one.permanent) for one in mail.bounces] == [
        ("a@c.example", "5.1.1", True),
        ("b@c.example", "4.2.2", False),
        ("c@c.example", "2.0.0", False),
    ]
    assert {one.original_message_id for one in mail.bounces} == {"<o@b.example>"}


def test_the_diagnostic_is_believed_over_a_status_that_says_nothing():
    (bounce,) = read_mail(
        dsn(
            "Final-Recipient: rfc822; a@c.example\nAction: failed\nStatus: 5.0.0\n"
            "Diagnostic-Code: smtp; 550-5.7.1 blocked by policy\n"
        )
    ).bounces
    assert (bounce.status, bounce.diagnostic) == ("5.7.1", "550-5.7.1 blocked by policy")


def test_the_original_recipient_is_the_address_we_wrote_to():
    (bounce,) = read_mail(
        dsn(
            "Original-Recipient: rfc822;info@c.example\nFinal-Recipient: rfc822;box7@x.example\n"
            "Action: failed\nStatus: 5.1.1\n"
        )
    ).bounces
    assert bounce.recipient == "info@c.example"


def test_a_report_without_an_original_has_none():
    raw = dsn("Final-Recipient: rfc822; a@c.example\nAction: failed\nStatus: 5.1.1\n", original="")
    assert read_mail(raw).bounces[0].original_message_id is None


def test_a_bounce_of_qmail_is_read_from_its_prose():
    mail = read_mail(
        b"Return-Path: <>\nFrom: MAILER-DAEMON@b.example\nTo: us@b.example\n"
        b"Subject: failure notice\n\nHi. This is the qmail-send program at b.example.\n"
        b"I'm afraid I wasn't able to deliver your message to the following addresses.\n"
        b"This is a permanent error; I've given up. Sorry it didn't work out.\n\n"
        b"<gone@c.example>:\n192.0.2.1 does not like recipient.\n"
        b"Remote host said: 550 5.1.1 unknown user\nGiving up on 192.0.2.1.\n\n"
        b"--- Below this line is a copy of the message.\n\n"
        b"Return-Path: <us@b.example>\nMessage-ID: <o@b.example>\nSubject: x\n\nhello\n"
    )
    (bounce,) = mail.bounces
    assert bounce.recipient == "gone@c.example"
    assert (bounce.status, bounce.permanent) == ("5.1.1", True)
    assert bounce.original_message_id == "<o@b.example>"


@pytest.mark.parametrize(
    ("sender", "subject"),
    [
        (b"MDaemon@c.example", b"Permanent Delivery Failure"),
        (b"MAILER-DAEMON@c.example", b"mail failed, returning to sender"),
        (b"Mail Delivery Subsystem <admin@c.example>", b"Automatically rejected mail"),
        (b"System Administrator <sa@c.example>", b"Undeliverable: offer"),
    ],
)
def test_servers_that_know_no_standard_bounce_in_many_ways(sender, subject):
    mail = read_mail(
        b"From: " + sender + b"\nTo: us@b.example\nSubject: " + subject + b"\n\n"
        b"Your message was undeliverable to:\n\n  gone@c.example\n\n"
        b"   ----- The following addresses had permanent fatal errors -----\n"
        b"<gone@c.example>\n\n   ----- Transcript of session follows -----\n550 no such user\n"
    )
    assert mail.bounces[0].recipient == "gone@c.example"
    assert mail.automatic == "receipt"


@pytest.mark.parametrize("sender", [b"", b"From: \xff\xfe@b.example\n", b"From: mailer-daemon\n"])
def test_a_bounce_with_a_damaged_sender_is_still_a_bounce(sender):
    mail = read_mail(
        sender + b"Return-Path: <>\nSubject: Undelivered Mail Returned to Sender\n\n"
        b"<gone@c.example>: 550 no such user\n"
    )
    assert mail.bounces[0].recipient == "gone@c.example"


@pytest.mark.parametrize(
    "raw",
    [
        b"From: ann@b.example\nSubject: Undelivered parcel\n\nWhere is it? 550 5.1.1 x@y.example",
        b"From: ann@b.example\nSubject: Re: delivery failure\n\nMy order failed.",
        b"From: postmaster@b.example\nSubject: Hello\n\nI run this server.",
    ],
)
def test_a_client_who_writes_of_failed_deliveries_is_no_bounce(raw):
    assert read_mail(raw).bounces == ()


# ---------------------------------------------------------------- authenticity


OURS = "mx.b.example; dkim=pass header.d=c; spf=fail; dmarc=pass (p=none) header.from=c"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([OURS], "passed"),
        ([OURS.replace("dmarc=pass", "dmarc=fail")], "failed"),
        ([OURS.replace("dmarc=pass", "dmarc=none")], ""),
        (["evil.example; dmarc=pass"], ""),
        ([OURS.replace("dmarc=pass", "dmarc=fail"), OURS], "failed"),
        (["evil.example; dmarc=fail", OURS], "passed"),
        (["mx.b.example 1; dmarc=pass"], "passed"),
        (["MX.B.EXAMPLE; DMARC=PASS"], "passed"),
        (["mx.b.example (x; dmarc=fail (y)); dmarc=pass"], "passed"),
        (["mx.b.example; none"], ""),
        (['mx.b.example; dkim=pass reason="x"; dkim=fail; dmarc=pass'], "passed"),
        ([""], ""),
        ([], ""),
    ],
)
def test_only_the_topmost_word_of_our_own_server_counts(lines, expected):
    assert trust(read_authentication(lines), ["mx.b.example"]) == expected


def test_of_several_signatures_one_that_passes_is_enough():
    (found,) = read_authentication(["mx; dkim=fail; dkim=pass; dkim=fail"])
    assert found.results == {"dkim": "pass"}
