from uuid import UUID

import msgspec
import pytest

from crm_core.cards import CardPatch, make_card
from crm_core.identities import add_identity
from crm_core.linking import card_for
from crm_core.questions import Question
from crm_core.search import cards_found, search_cards
from crm_core.staff.visibility import Viewer
from infra.db import Database
from tests.company import Company, founded, hired


@pytest.fixture
async def company(db: Database) -> Company:
    return await founded(db)


async def made(db: Database, viewer: Viewer, name: str, *addresses: tuple[str, str]) -> UUID:
    async with db.transaction() as tx:
        card_id = await make_card(tx, fields=CardPatch(display_name=name), viewer=viewer)
        for kind, value in addresses:
            await add_identity(tx, card_id, kind=kind, value=value, viewer=viewer)
    return card_id


async def found(db: Database, viewer: Viewer, text: str, region: str = "MD", **more) -> list[str]:
    """Return the names a search finds, best first."""
    async with db.read() as source:
        hits = await search_cards(source, Question.of(text, region), viewer=viewer, **more)
    return [hit.display_name for hit in hits]


@pytest.mark.parametrize(
    "text",
    [
        "Ștefan Țurcanu",
        "ŞTEFAN ŢURCANU",
        "Stefan Turcanu",
        "turcanu stefan",
        "Штефан Цуркану",
        "цуркану",
        "stef turc",
        "urcan",
        "ște",
        "tu",
        "Shtefan Tsurkanu",
    ],
)
async def test_a_name_is_found_in_any_case_accent_and_alphabet(
    db: Database, company: Company, text: str
):
    await made(db, company.owner, "Ștefan Țurcanu")
    await made(db, company.owner, "Maria Popescu")
    assert await found(db, company.owner, text) == ["Ștefan Țurcanu"]


@pytest.mark.parametrize("text", ["Ion Rîșcanu", "Rascanu", "Рышкану Ион", "Râşcanu"])
async def test_a_name_in_cyrillic_is_found_by_its_latin_spellings(
    db: Database, company: Company, text: str
):
    await made(db, company.owner, "Ион Рышкану")
    assert await found(db, company.owner, text) == ["Ион Рышкану"]


@pytest.mark.parametrize(
    "text",
    [
        "+37369123456",
        "+373 (69) 123-456",
        "069 123 456",
        "69123456",
        "00373 69 123456",
        "8 069 123 456",
        "810 373 69 123456",
        "3456",
        "23 456",
        "456",
        "691234",
        "0691234",
        "37369",
        "tel:+37369123456",
        "(069) 12-34-56 int. 7",
    ],
)
async def test_a_phone_is_found_in_any_spelling_and_by_any_piece(
    db: Database, company: Company, text: str
):
    await made(db, company.owner, "Ion", ("phone", "+37369123456"))
    await made(db, company.owner, "Ana", ("phone", "+37322777888"))
    assert await found(db, company.owner, text) == ["Ion"]


async def test_a_local_number_is_looked_for_in_the_region_of_who_asks(
    db: Database, company: Company
):
    await made(db, company.owner, "Ion", ("phone", "+40722123456"))
    assert await found(db, company.owner, "0722 123 456", "RO") == ["Ion"]


@pytest.mark.parametrize(
    "text",
    ["ion.popescu@example.md", "ION.POP", "popescu@", "@example", "escu@exam", "example.md"],
)
async def test_a_mail_address_is_found_by_any_part(db: Database, company: Company, text: str):
    await made(db, company.owner, "Somebody", ("email", "Ion.Popescu@Example.md"))
    await made(db, company.owner, "Other", ("email", "ana@other.md"))
    assert await found(db, company.owner, text) == ["Somebody"]


async def test_a_card_is_found_by_its_number_even_when_it_was_merged(
    db: Database, company: Company
):
    loser = await made(db, company.owner, "Loser")
    winner = await made(db, company.owner, "Winner")
    async with db.transaction() as tx:
        number = await tx.fetchval("SELECT number FROM card WHERE id = $1", loser)
        await tx.execute("UPDATE card SET merged_into = $2 WHERE id = $1", loser, winner)
    assert await found(db, company.owner, f"#{number}") == ["Winner"]
    assert await found(db, company.owner, f"CL-{number:06}") == ["Winner"]
    assert await found(db, company.owner, "Loser") == []


async def test_the_better_hit_comes_first(db: Database, company: Company):
    await made(db, company.owner, "Marion")
    await made(db, company.owner, "Ionela")
    await made(db, company.owner, "Ion")
    assert await found(db, company.owner, "ion") == ["Ion", "Ionela", "Marion"]
    assert await found(db, company.owner, "ion", limit=2) == ["Ion", "Ionela"]


async def test_clients_come_before_strangers(db: Database, company: Company):
    async with db.transaction() as tx:
        await card_for(
            tx,
            kind="email",
            value="a@example.md",
            display="Ion Stranger",
            branch_id=company.branch_id,
        )
    await made(db, company.owner, "Ion Client")
    assert await found(db, company.owner, "ion") == ["Ion Client", "Ion Stranger"]


async def test_nobody_finds_what_they_may_not_see(db: Database, company: Company):
    newcomer = await hired(db, company, "nina", "newcomer")
    number = ("phone", "069123456")
    await made(db, company.owner, "Ion Popescu", number, ("email", "ion@example.md"))
    for text in ("Ion Popescu", "popes", "069123456", "3456", "6912", "ion@example.md", "#1", "1"):
        assert await found(db, newcomer, text) == []
        assert await found(db, company.owner, text) == ["Ion Popescu"]


async def test_what_is_found_says_what_matched_and_comes_whole_on_demand(
    db: Database, company: Company
):
    card_id = await made(db, company.owner, "Ion", ("phone", "069123456"))
    async with db.read() as source:
        (hit,) = await search_cards(source, Question.of("3456"), viewer=company.owner)
        (text,) = await cards_found(source, Question.of("3456"), viewer=company.owner)
    assert hit.matched == "+37369123456"
    assert msgspec.json.decode(text)["id"] == str(card_id)


@pytest.mark.parametrize(
    "text", ["", " ", "%", "_%_", "\\", "'", "a' OR 1=1 --", "\0", "💥", "$1"]
)
async def test_no_text_finds_everything_or_breaks_the_search(
    db: Database, company: Company, text: str
):
    await made(db, company.owner, "Ion", ("email", "ion@example.md"))
    assert await found(db, company.owner, text) == []
