"""Mails as events of the contract."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import msgspec
import pytest

from channels.email.mail import read_mail
from channels.email.normalize import normalize, open_reader, to_event
from channels.email.threading import Codes
from inbox.contract import (
    AccountId,
    DeliveryChanged,
    Event,
    Fault,
    Forwarded,
    Html,
    Ignored,
    Inline,
    Media,
    MessageIn,
    Raw,
    RichText,
)
from inbox.services import Services


ACCOUNT = AccountId(UUID(int=1))
THREAD = UUID(int=7)
CORPUS = Path(__file__).parents[2] / "corpus"
ARRIVED = "2026-11-06T08:15:31+00:00"


def verify(token: str) -> UUID | None:
    """Believe ids and addresses that say so."""
    return THREAD if token.startswith(("<h.", "in+c.")) else None


def events(raw: bytes, *, kind: str = "mail", **headers: str) -> list[Event]:
    payload = Raw(key="INBOX/1/1/x", body=raw, kind=kind, headers={"role": "inbox"} | headers)
    return list(to_event(ACCOUNT, payload, read_mail(raw), verify=verify))


def corpus(name: str, **headers: str) -> list[Event]:
    return events((CORPUS / f"{name}.eml").read_bytes(), **headers)


def test_a_mail_is_a_message_of_a_thread_the_inbox_finds():
    (message,) = corpus("gmail_reply_ro", internal_date=ARRIVED, authserv_id="mx.firma.example")
    assert isinstance(message, MessageIn)
    assert message.ref.thread.key == ""
    assert message.ref.message_id == "<CAF2=xyz@mail.gmail.example>"
    assert message.at == datetime(2026, 11, 6, 8, 15, 31, tzinfo=UTC)
    assert (message.sender.value, message.sender.display) == (
        "ana.rusu@gmail.example",
        "Ana Rusu Țurcanu",
    )
    assert message.sender.verified
    assert message.trust == "passed"
    assert message.references == ("<CAF1@mail.gmail.example>", "<h.1@firma.example>")
    assert message.proven_thread == THREAD
    assert [(one.role, one.address.value) for one in message.recipients] == [
        ("to", "suport@firma.example")
    ]
    text, html = message.parts
    assert isinstance(text, RichText)
    assert [fold.kind for fold in text.folds] == ["quote"]
    assert isinstance(html, Html)


def test_nobody_is_trusted_on_the_word_of_a_stranger():
    (message,) = corpus("gmail_reply_ro", authserv_id="other.example")
    assert message.trust == ""
    assert not message.sender.verified


def test_a_code_in_an_address_proves_the_thread():
    (message,) = events(b"From: a@b.example\nDelivered-To: in+c.1@b.example\n\nx")
    assert message.proven_thread == THREAD


def test_the_same_mail_delivered_again_has_the_same_key():
    raw = b"From: a@b.example\nMessage-ID: <1@x>\n\nx"
    (first,) = events(raw)
    (again,) = events(b"Received: from y\nDelivered-To: z@b.example\n" + raw)
    (other,) = events(raw + b"other words")
    assert first.dedup_key == again.dedup_key != other.dedup_key


def test_a_mail_without_an_id_gets_one_that_is_stable():
    (first,) = events(b"From: a@b.example\n\nx")
    (again,) = events(b"From: a@b.example\n\nx")
    assert first.ref.message_id == again.ref.message_id != ""


def test_a_mail_in_the_sent_folder_is_ours():
    (message,) = events(b"From: us@b.example\nTo: a@c.example\nBcc: d@c.example\n\nx", role="sent")
    assert message.from_us
    assert [one.role for one in message.recipients] == ["to", "bcc"]


def test_a_copy_of_an_id_of_ours_makes_nobody_one_of_us():
    (message,) = events(b"From: us@b.example\nMessage-ID: <h.1@b.example>\n\nx")
    assert not message.from_us


def test_files_are_media_and_shown_images_are_inline():
    (message,) = corpus("related_inline")
    (media,) = [part for part in message.parts if isinstance(part, Media)]
    assert (media.kind, media.filename, media.content_id) == ("image", "logo.png", "logo@shop")
    assert media.inline
    assert isinstance(media.source, Inline)
    assert len(media.source.data) == media.size


def test_a_forwarded_mail_is_shown_as_one():
    (message,) = corpus("forwarded_message")
    (forwarded,) = [part for part in message.parts if isinstance(part, Forwarded)]
    assert forwarded.origin == "Vasile Moț"
    assert forwarded.parts == (RichText(text="Reclamație\n\nProdusul nu funcționează."),)


def test_an_answer_address_other_than_the_sender_is_kept():
    (message,) = corpus("mailing_list")
    assert [one.address.value for one in message.recipients if one.role == "reply_to"] == [
        "john@example.com"
    ]
    assert message.context["list_id"] == "Development <dev.lists.example>"


FORM = b"From: Site <wordpress@b.example>\nReply-To: Ann <ann@c.example>\nAuto-Submitted: yes\n"


@pytest.mark.parametrize(
    ("raw", "sender"),
    [
        (FORM, "ann@c.example"),
        (FORM.replace(b"wordpress@b.", b"noreply@www.b."), "ann@c.example"),
        (FORM.replace(b"wordpress@b.example", b"noreply@tilda.ws"), "ann@c.example"),
        (FORM.replace(b"wordpress@b.", b"wordpress@foreign."), "wordpress@foreign.example"),
        (FORM.replace(b"wordpress@", b"boss@"), "boss@b.example"),
        (FORM.replace(b"ann@c.", b"ann@b."), "wordpress@b.example"),
        (FORM.replace(b"Reply-To:", b"Reply-To: x@y.example,"), "wordpress@b.example"),
        (
            b"Authentication-Results: mx; dmarc=fail\n" + FORM,
            "wordpress@b.example",
        ),
    ],
)
def test_who_filled_in_a_form_is_its_sender(raw, sender):
    (message,) = events(raw + b"\nI want ten chairs.", address="in@b.example", authserv_id="mx")
    assert message.sender.value == sender
    assert not message.sender.verified
    if sender == "ann@c.example":
        assert message.automatic == ""
        assert message.context["form"]


def test_a_domain_in_any_script_is_kept_as_idna():
    (message,) = events("From: Ann <Ann@Țară.EXAMPLE>\n\nx".encode())
    assert message.sender.value == "Ann@xn--ar-kla13i.example"


def test_a_bounce_of_a_mail_of_ours_is_only_what_became_of_it():
    (change,) = corpus("bounce_postfix")
    assert isinstance(change, DeliveryChanged)
    assert change.ref.message_id == "<h.original.1@firma.example>"
    assert change.recipient.value == "nobody@client.example"
    assert change.state == "bounced"
    assert (change.error.fault, change.error.code) == (Fault.RECIPIENT, "smtp.no_such_mailbox")
    assert change.error.text.startswith("550 5.1.1")


def test_a_bounce_of_a_mail_nobody_knows_is_shown_as_well():
    raw = (CORPUS / "bounce_postfix.eml").read_bytes().replace(b"<h.original.1@", b"<foreign@")
    message, change = events(raw)
    assert isinstance(message, MessageIn)
    assert message.automatic == "receipt"
    assert isinstance(change, DeliveryChanged)


def test_a_delay_changes_nothing_but_is_shown():
    (message,) = corpus("delayed_postfix")
    assert isinstance(message, MessageIn)
    assert message.automatic == "receipt"


def test_a_read_receipt_says_that_it_was_read():
    (change,) = corpus("read_receipt")
    assert (change.state, change.ref.message_id) == ("read", "<h.original.6@firma.example>")


@pytest.mark.parametrize(
    ("status", "fault"),
    [
        ("5.1.1", Fault.RECIPIENT),
        ("5.2.2", Fault.RECIPIENT),
        ("5.3.4", Fault.CONTENT),
        ("5.7.1", Fault.REFUSED),
        ("5.9.9", Fault.RECIPIENT),
    ],
)
def test_a_status_says_whose_fault_it_was(status, fault):
    raw = (CORPUS / "bounce_postfix.eml").read_bytes().replace(b"5.1.1", status.encode())
    (change,) = events(raw)
    assert change.error.fault is fault


def test_a_mail_that_is_known_already_is_ignored():
    (event,) = events(b"From: a@b.example\n\n", kind="known")
    assert isinstance(event, Ignored)
    assert event.reason == "mail.known"


def test_a_mail_of_nobody_has_a_sender_that_cannot_be_written_to():
    (message,) = events(b"Subject: x\n\nx")
    assert message.sender.value == "unknown-sender@invalid"


def test_a_mail_cut_on_its_way_says_so():
    (message,) = events(b"From: a@b.example\n\nx", truncated_from="99999999")
    assert "mail.too_big" in message.warnings


@pytest.mark.parametrize("path", sorted(CORPUS.glob("*.eml")), ids=lambda path: path.stem)
def test_every_event_crosses_a_process_border_unchanged(path):
    found = tuple(events(path.read_bytes()))
    coded = msgspec.msgpack.encode(found)
    assert msgspec.msgpack.decode(coded, type=tuple[Event, ...]) == found


def test_codes_are_asked_for_the_account_the_mail_came_to():
    codes = Codes(b"k" * 32)
    token = codes.reply_code(ACCOUNT, THREAD)
    raw = Raw(key="k", body=f"From: a@b.example\nTo: in+{token}@b.example\n\nx".encode())
    (ours,) = normalize(ACCOUNT, raw, codes)
    (foreign,) = normalize(AccountId(UUID(int=2)), raw, codes)
    assert (ours.proven_thread, foreign.proven_thread) == (THREAD, None)


def test_a_reader_for_a_process_of_its_own_reads_the_same():
    raw = Raw(key="k", body=b"From: a@b.example\n\nx")
    read = open_reader(Services(reply_keys=(b"k" * 32,)))
    assert read(ACCOUNT, raw) == normalize(ACCOUNT, raw, Codes(b"k" * 32))
