"""Search: any spelling, newest first, and never what the viewer may not see."""

import random

import msgspec
import pytest

from inbox.indexing import index_batch
from inbox.lexemes import lexemes_of
from inbox.query import parse_query
from inbox.search import search_conversations, search_messages
from inbox.snippets import BEGIN, END, has_phrase, snippet
from tests.usecase.inbox.office import Address


@pytest.fixture
async def agent(office):
    return await office.agent()


async def index(office):
    async with office.db.transaction() as tx:
        while await index_batch(tx):
            pass


async def find(office, text, viewer, **fields):
    async with office.db.read() as raw:
        return await search_messages(raw, text, viewer=viewer, **fields)


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("Școala din Chișinău", "scoala"),
        ("Şcoala din Chişinău", "Școala CHISINAU"),
        ("Am primit comenzile dvs.", "comenzi "),
        ("Am nevoie de o comandă nouă", "comanda"),
        ("Мы получили ваши заказы", "заказов "),
        ("Ещё раз: зелёный", "зеленый"),
        ("The deliveries are late", "delivery "),
        ("Suspensia pneumatică", "suspen"),
        ("Numărul meu: +373 (69) 12-34-56", "069123456"),
        ("Numărul meu: 069 123 456", "+37369123456"),
        ("Numărul meu: 069 123 456", "3456"),
        ("Scrie la Ana.Turcanu@Example.ro azi", "ana.turcanu@exam"),
        ("Scrie la Ana.Turcanu@Example.ro azi", "ana.turcanu@example.ro"),
        ("piesa BMW X5", "bmw x5"),
    ],
)
async def test_any_spelling_finds_it(office, agent, text, query):
    message = await office.write(text, subject="")
    await office.write("altul", subject="", sender=Address("email", "x@example.ro"))
    await index(office)
    found = await find(office, query, agent)
    assert [hit.message_id for hit in found] == [message]


async def test_every_word_must_be_there_and_the_newest_comes_first(office, agent):
    for n in range(30):
        await office.write(f"factura numărul {n}" + (" urgent" if n % 10 == 0 else ""))
    await index(office)
    assert len(await find(office, "factura", agent, limit=50)) == 30
    found = await find(office, "urgent factura", agent)
    assert [hit.snippet.split("numărul ")[1].split()[0] for hit in found] == ["20", "10", "0"]


async def test_a_phrase_must_stand_as_it_is(office, agent):
    message = await office.write("Plata prin transfer bancar, vă rog")
    await office.write("transfer la alt cont bancar")
    await index(office)
    found = await find(office, '"transfer bancar"', agent)
    assert [hit.message_id for hit in found] == [message]


async def test_a_hit_shows_where(office, agent):
    await office.write("Bună ziua! " * 20 + "Vreau o comandă de pneuri.")
    await index(office)
    (hit,) = await find(office, "comanda", agent)
    assert f"{BEGIN}comandă{END}" in hit.snippet
    assert hit.snippet.startswith("…")
    assert len(hit.snippet) < 260
    assert (hit.card_name, hit.subject, hit.kind) == ("Ana Țurcanu", "Comanda", "inbound")
    msgspec.json.encode(hit)


async def test_notes_and_answers_and_file_names_are_found(office, agent):
    case = await office.case()
    await office.answer(case, agent, "răspunsul nostru")
    await index(office)
    assert len(await find(office, "raspunsul", agent)) == 1


async def test_nobody_finds_what_they_may_not_see(office):
    chance = random.Random(2)
    owner = await office.agent()
    manager = await office.agent(role="manager", team=True)
    newcomer = await office.agent(role="newcomer")
    operator = await office.agent(role="data_operator")
    cases = [
        await office.case(f"secret {n}", sender=Address("email", f"c{n}@example.ro"))
        for n in range(20)
    ]
    for case in cases:
        await office.change(
            case,
            owner,
            team_id=chance.choice([None, office.team_id]),
            assignee_id=chance.choice([None, newcomer.agent_id]),
        )
    await index(office)
    for viewer in (owner, manager, newcomer, operator):
        seen, args = viewer.where("conversation", "read", "c", 1)
        visible = await office.rows(f"SELECT c.id FROM conversation c WHERE {seen}", *args)
        found = await find(office, "secret", viewer, limit=50)
        assert {hit.conversation_id for hit in found} == {row["id"] for row in visible}
        async with office.db.read() as raw:
            for text in ("comanda", "#1", "comanda "):
                items = await search_conversations(raw, text, viewer=viewer, limit=50)
                ids = {msgspec.json.decode(item)["id"] for item in items}
                assert ids <= {str(row["id"]) for row in visible}


async def test_conversations_are_found_by_number_and_subject(office, agent):
    case = await office.case(subject="Închiriere mașină")
    other = await office.case(subject="Altceva")
    await index(office)
    number = (await office.conversation(other))["number"]

    async def found(text):
        async with office.db.read() as raw:
            items = await search_conversations(raw, text, viewer=agent)
        return [msgspec.json.decode(item)["id"] for item in items]

    assert await found("inchir") == [str(case)]
    assert await found("masina inchiriere ") == [str(case)]
    assert await found(f"#{number}") == [str(other)]
    await office.change(case, agent, subject="Vânzare")
    await index(office)
    assert await found("inchir") == []
    assert await found("vanzare ") == [str(case)]


async def test_what_was_deleted_is_not_found(office, agent):
    message = await office.write("nimicul")
    await index(office)
    async with office.db.transaction() as tx:
        await tx.execute("UPDATE message SET deleted_at = now() WHERE id = $1", message)
        await tx.execute("INSERT INTO search_queue VALUES ($1)", message)
    await index(office)
    assert await find(office, "nimicul", agent) == []


@pytest.mark.parametrize(
    "query", ["", " ", "'", "\\", "a' | 'b", ":*", "!&|()", "%", "\0", "@", '"']
)
async def test_whatever_is_typed_is_a_query(office, agent, query):
    await office.write("ceva")
    await index(office)
    await find(office, query, agent)
    async with office.db.read() as raw:
        await search_conversations(raw, query, viewer=agent)


def test_a_long_line_without_spaces_costs_little():
    lexemes_of("a" * 200_000)
    lexemes_of("1" * 200_000)
    lexemes_of("a@" * 100_000)


def test_a_query_knows_whether_its_last_word_goes_on():
    assert parse_query("com").is_open
    assert not parse_query("com ").is_open
    assert parse_query("#123").number == 123


def test_a_snippet_of_a_text_without_match_is_its_beginning():
    assert snippet("unu doi", frozenset(), ()) == "unu doi"
    assert has_phrase("Unu, doi", ["unu doi"])
    assert not has_phrase("doi unu", ["unu doi"])
