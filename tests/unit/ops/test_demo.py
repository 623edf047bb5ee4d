import random
from datetime import UTC, datetime
from email import message_from_bytes

import pytest
from phonenumbers import is_valid_number, parse

from channels.email.mail import read_mail
from crm_core.addresses import canonical
from hub.demo.dialogues import dialogues
from hub.demo.mails import Letter, bounce, newsletter, sent, written
from hub.demo.people import clients, pairs, plain
from hub.demo.phones import new_number
from hub.demo.phones import written as spelt
from hub.demo.pictures import paper, photo
from infra.clock import moved, new_id, now


AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize("language", ["ro", "ru", "en"])
def test_every_dialogue_begins_with_the_client_and_has_an_end(language):
    talks = dialogues(language)
    assert len(talks) >= 10
    for talk in talks:
        assert talk.turns[0].side == "client"
        assert talk.state in {"open", "waiting", "closed", "snoozed"}
        assert all(turn.text for turn in talk.turns)


def test_the_same_seed_makes_the_same_people():
    first, second = (clients(random.Random(42), 80) for _ in range(2))
    assert first == second
    assert clients(random.Random(43), 80) != first


def test_people_are_as_messy_as_people_are():
    made = clients(random.Random(42), 400)
    assert len(list(pairs(made))) > 20
    assert any(client.shown.isupper() for client in made)
    assert any(set("şţŞŢ") & set(client.shown) for client in made)
    assert all(client.email or client.phones for client in made)
    assert {client.language for client in made} == {"ro", "ru", "en"}


def test_mail_goes_to_reserved_names_only():
    for client in clients(random.Random(42), 400):
        domain = client.email.lower().rpartition("@")[2]
        assert not domain or "example" in domain.split(".")[-2:]


def test_every_spelling_of_a_number_reads_as_that_number():
    dice = random.Random(1)
    for _ in range(300):
        number = new_number(dice)
        assert is_valid_number(parse(number))
        assert canonical("phone", spelt(number, dice), region="MD").value == number


def test_names_are_spelt_in_ascii_for_addresses():
    assert plain("Елена Щербакова") == "elenashcherbakova"
    assert plain("Ștefan Țurcanu") == "stefanturcanu"


@pytest.fixture
def letter():
    client = next(c for c in clients(random.Random(42), 40) if c.email)
    return Letter(
        sender=client,
        to="vanzari@style-mobila.example",
        subject="Bucătărie pe colț",
        text="Bună ziua!",
        at=AT,
        message_id="<1@mail.example.com>",
        answers=f"<{'h' * 90}@style-mobila.example>",
        quoted="Vă așteptăm.",
        extras=("html", "poza", "invitatie"),
    )


def test_a_letter_reads_as_it_was_written(letter):
    mail = read_mail(written(letter, random.Random(1)))
    assert mail.subject == "Bucătărie pe colț"
    assert mail.text.startswith("Bună ziua!")
    assert letter.answers in mail.answers
    assert mail.html is not None
    assert "image/png" in {attachment.mime for attachment in mail.attachments}


def test_an_answer_of_ours_goes_to_the_client(letter):
    mail = message_from_bytes(sent(letter))
    assert letter.sender.email in mail["To"]
    assert mail["From"] == letter.to


def test_a_delivery_report_reads_as_one():
    raw = bounce(
        to="a@style-mobila.example",
        recipient="x@mail.example.com",
        message_id="<m@style-mobila.example>",
        at=AT,
        own_id="<b@mail.example.com>",
    )
    (report,) = read_mail(raw).bounces
    assert report.recipient == "x@mail.example.com"
    assert report.original_message_id == "<m@style-mobila.example>"
    assert report.permanent


def test_advertising_reads_as_automatic():
    assert read_mail(newsletter("a@style-mobila.example", AT, 1)).automatic == "bulk"


def test_pictures_and_papers_are_what_they_say():
    assert photo(random.Random(1)).startswith(b"\x89PNG\r\n")
    assert paper("Title (1)", ["line"]).startswith(b"%PDF-1.4")


def test_a_moved_clock_gives_the_same_ids_again():
    with moved(AT, seed=7):
        first = [new_id(), new_id()]
        assert now() == AT
    with moved(AT, seed=7):
        assert [new_id(), new_id()] == first
    assert now() > AT
    assert new_id() != new_id()
