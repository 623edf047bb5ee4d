"""Mails written by hand after what real programs send, read as a person would read them."""

import json
from pathlib import Path

import pytest

from channels.email.mail import Mail, read_mail
from hub.commands.email import described


CORPUS = Path(__file__).parents[2] / "corpus"
NAMES = sorted(path.stem for path in CORPUS.glob("*.eml"))


def corpus(name: str) -> Mail:
    return read_mail((CORPUS / f"{name}.eml").read_bytes())


@pytest.mark.parametrize("name", NAMES)
def test_a_mail_of_the_corpus_is_read_as_expected(name):
    expected = json.loads((CORPUS / f"{name}.json").read_text())
    found = described(corpus(name))
    found["html"] = True if found["html"] else None
    assert found == expected


def test_quotes_named_by_the_html_are_folded_in_the_plain_text():
    mail = corpus("gmail_reply_ro")
    (fold,) = mail.folds
    assert fold.kind == "quote"
    assert mail.text[fold.start : fold.end].startswith("În vin., 6 nov. 2026")


def test_a_referenced_image_is_inline_though_it_claims_to_be_an_attachment():
    mail = corpus("related_inline")
    assert mail.shown_cids == {"logo@shop"}
    assert mail.remote_images == 1
    assert "tracker.example" in mail.html
    assert ' src="https' not in mail.html


def test_a_forwarded_mail_is_a_file_and_a_preview_of_one_level():
    mail = corpus("forwarded_message")
    (preview,) = mail.forwarded
    assert preview.sender.name == "Vasile Moț"
    assert preview.text == "Produsul nu funcționează."
    (file,) = mail.attachments
    assert b"Content-Transfer-Encoding: 8bit\r\n\r\nProdusul" in file.data


def test_an_invitation_is_shown_as_an_event_once():
    (event,) = corpus("calendar_request").events
    assert event.summary == "Demonstrație produs"
    assert event.method == "REQUEST"
    assert event.place == "Chișinău, bd. Ștefan cel Mare 1"


def test_a_read_receipt_names_the_mail_that_was_read():
    mail = corpus("read_receipt")
    assert mail.automatic == "receipt"
    assert mail.read_by == ("<h.original.6@firma.example>",)


def test_a_delay_is_not_a_failure():
    (bounce,) = corpus("delayed_postfix").bounces
    assert not bounce.permanent
    assert bounce.action == "delayed"


def test_a_list_is_bulk_and_an_auto_reply_is_one():
    assert corpus("mailing_list").automatic == "bulk"
    assert corpus("mailing_list").list_id == "Development <dev.lists.example>"
    assert corpus("auto_reply_exchange").automatic == "auto_reply"
