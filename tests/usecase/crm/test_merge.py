import asyncio
from datetime import date
from uuid import UUID

import msgspec
import pytest

from crm_core import registry
from crm_core.access import CardMerged, card_json
from crm_core.cards import CardPatch, edit_card, make_card
from crm_core.identities import IdentityPatch, IdentityShared, add_identity, change_identity
from crm_core.linking import card_for, lead_of
from crm_core.merge import CannotMerge, merge_cards, preview_merge
from crm_core.staff.visibility import Viewer
from crm_core.timeline import note_activity
from crm_core.unmerge import UndoneAlready, merges_of, undo_merge
from crm_core.views import Card
from inbox.tables import ConversationRow
from infra.clock import new_id
from infra.db import Database
from infra.errors import Forbidden, Invalid, NotFound
from tests.company import Company, founded, hired
from tests.reading import events_of


@pytest.fixture
async def company(db: Database) -> Company:
    return await founded(db)


async def made(db: Database, viewer: Viewer, **fields) -> UUID:
    async with db.transaction() as tx:
        return await make_card(tx, fields=CardPatch(**fields), viewer=viewer)


async def merged(db: Database, viewer: Viewer, winner: UUID, loser: UUID, **choices) -> UUID:
    async with db.transaction() as tx:
        return await merge_cards(tx, winner, loser, choices=choices, viewer=viewer)


async def undone(db: Database, viewer: Viewer, merge_id: UUID):
    async with db.transaction() as tx:
        return await undo_merge(tx, merge_id, viewer=viewer)


async def shown(db: Database, viewer: Viewer, card_id: UUID) -> Card:
    async with db.read() as source:
        return msgspec.json.decode(await card_json(source, card_id, viewer=viewer), type=Card)


async def case_of(db: Database, company: Company, card_id: UUID, origin: UUID) -> UUID:
    """A conversation shown on a card, with a line in the timeline."""
    async with db.transaction() as tx:
        case = ConversationRow(card_id=card_id, origin_card_id=origin, branch_id=company.branch_id)
        tx.session.add(case)
        note_activity(tx, card_id, kind="message", origin_card_id=origin, conversation_id=case.id)
    return case.id


async def where(db: Database, table: str, row: UUID) -> UUID:
    async with db.read() as source:
        return await source.fetchval(f"SELECT card_id FROM {table} WHERE id = $1", row)


async def test_the_winner_takes_what_it_lacks_and_the_younger_word(db: Database, company: Company):
    boss = company.owner
    winner = await made(db, boss, display_name="Ion", about="old", custom={"a": 1, "b": 1})
    loser = await made(
        db,
        boss,
        given_name="Ion",
        family_name="Popescu",
        about="new",
        birthday=date(1990, 1, 2),
        lifecycle="client",
        custom={"b": 2, "c": 3},
    )
    await merged(db, boss, winner, loser)
    card = await shown(db, boss, winner)
    assert (card.display_name, card.family_name, card.about) == ("Ion Popescu", "Popescu", "new")
    assert card.birthday == date(1990, 1, 2)
    assert card.lifecycle == "client"
    assert card.custom == {"a": 1, "b": 2, "c": 3}
    assert (await shown(db, boss, loser)).merged_into == winner


async def test_a_choice_goes_before_the_rules(db: Database, company: Company):
    boss = company.owner
    winner = await made(db, boss, display_name="Ion", about="old")
    loser = await made(db, boss, display_name="Vania", about="new")
    await merged(db, boss, winner, loser, about="winner", display_name="loser")
    card = await shown(db, boss, winner)
    assert (card.display_name, card.about) == ("Vania", "old")
    for choices in ({"rev": "loser"}, {"about": "both"}):
        other = await made(db, boss, display_name="x")
        with pytest.raises(Invalid):
            await merged(db, boss, winner, other, **choices)


async def test_a_persons_word_goes_before_a_channels(db: Database, company: Company):
    boss = company.owner
    winner = await made(db, boss, display_name="Ion P.")
    async with db.transaction() as tx:
        lead = await card_for(
            tx,
            kind="email",
            value="ion@example.md",
            display="ion mobile",
            branch_id=company.branch_id,
        )
    assert lead.card_id is not None
    await merged(db, boss, winner, lead.card_id)
    assert (await shown(db, boss, winner)).display_name == "Ion P."


async def test_a_preview_changes_nothing(db: Database, company: Company):
    boss = company.owner
    winner = await made(db, boss, display_name="Ion", about="old")
    loser = await made(db, boss, display_name="Ion", about="new")
    await case_of(db, company, loser, loser)
    async with db.transaction() as tx:
        preview = await preview_merge(tx, winner, loser, choices={"about": "winner"}, viewer=boss)
    (about,) = preview.fields
    assert (about.field, about.winner, about.loser, about.result) == ("about", "old", "new", "old")
    assert preview.moves == {"conversation": 1, "card_identity": 0, "activity": 1, "task": 0}
    assert (await shown(db, boss, loser)).merged_into is None


async def test_everything_of_the_loser_moves_and_comes_back(db: Database, company: Company):
    boss = company.owner
    winner = await made(db, boss, display_name="Ion", about="old")
    loser = await made(db, boss, display_name="Vania", about="new")
    async with db.transaction() as tx:
        link = await add_identity(tx, loser, kind="phone", value="069123456", viewer=boss)
    case = await case_of(db, company, loser, loser)
    own_case = await case_of(db, company, winner, winner)
    merge_id = await merged(db, boss, winner, loser)
    assert await where(db, "conversation", case) == winner
    assert await where(db, "card_identity", link) == winner
    async with db.read() as source:
        lead = await lead_of(source, kind="phone", value="+37369123456")
    assert (lead.card_id, lead.origin_card_id) == (winner, loser)
    late = await case_of(db, company, winner, lead.origin_card_id)

    done = await undone(db, boss, merge_id)
    assert done.kept == {}
    assert done.moved == {"conversation": 2, "card_identity": 1, "activity": 2, "task": 0}
    for row in (case, late):
        assert await where(db, "conversation", row) == loser
    assert await where(db, "conversation", own_case) == winner
    assert await where(db, "card_identity", link) == loser
    card = await shown(db, boss, winner)
    assert (card.display_name, card.about) == ("Ion", "old")
    assert (await shown(db, boss, loser)).merged_into is None


async def test_what_was_edited_since_stays_and_is_reported(db: Database, company: Company):
    boss = company.owner
    winner = await made(db, boss, display_name="Ion", about="old")
    loser = await made(db, boss, display_name="Ion", about="new", locale="ro")
    merge_id = await merged(db, boss, winner, loser)
    async with db.transaction() as tx:
        await edit_card(tx, winner, rev=2, patch=CardPatch(about="edited"), viewer=boss)
    done = await undone(db, boss, merge_id)
    assert done.kept == {"about": {"now": "edited", "before": "old"}}
    card = await shown(db, boss, winner)
    assert (card.about, card.locale) == ("edited", None)
    async with db.read() as source:
        (entry,) = await merges_of(source, winner, viewer=boss)
    assert entry.undone_by == boss.agent_id


async def test_of_two_merges_the_first_can_be_undone_first(db: Database, company: Company):
    boss = company.owner
    cards = [await made(db, boss, display_name="Ion", about=text) for text in "abc"]
    first = await merged(db, boss, cards[0], cards[1])
    second = await merged(db, boss, cards[0], cards[2])
    assert (await shown(db, boss, cards[0])).about == "c"
    assert (await undone(db, boss, first)).kept == {}
    assert (await shown(db, boss, cards[0])).about == "c"
    assert (await undone(db, boss, second)).kept == {}
    assert (await shown(db, boss, cards[0])).about == "a"


async def test_an_address_both_cards_share_is_shown_once_and_comes_back_twice(
    db: Database, company: Company
):
    boss = company.owner
    winner = await made(db, boss, display_name="Ion")
    loser = await made(db, boss, display_name="Ana")
    async with db.transaction() as tx:
        for card_id, value in ((winner, "022111222"), (winner, "069123456"), (loser, "069123456")):
            link = await add_identity(
                tx, card_id, kind="phone", value=value, shared=True, viewer=boss
            )
        await change_identity(tx, loser, link, patch=IdentityPatch(is_primary=True), viewer=boss)
    merge_id = await merged(db, boss, winner, loser)
    identities = (await shown(db, boss, winner)).identities
    assert [each.value for each in identities] == ["+37369123456", "+37322111222"]
    assert [each.is_primary for each in identities] == [True, False]
    with pytest.raises(IdentityShared):
        async with db.transaction() as tx:
            await change_identity(
                tx,
                winner,
                identities[0].link_id,
                patch=IdentityPatch(shared=False),
                viewer=boss,
            )
    await undone(db, boss, merge_id)
    for card_id, count in ((winner, 2), (loser, 1)):
        identities = (await shown(db, boss, card_id)).identities
        assert len(identities) == count
        assert sum(each.is_primary for each in identities) == 1


async def test_cards_that_cannot_be_merged_are_refused(db: Database, company: Company):
    boss = company.owner
    a, b, c = [await made(db, boss, display_name=name) for name in "abc"]
    with pytest.raises(CannotMerge):
        await merged(db, boss, a, a)
    await merged(db, boss, a, b)
    with pytest.raises(CardMerged):
        await merged(db, boss, c, b)
    with pytest.raises(CardMerged):
        await merged(db, boss, b, c)
    with pytest.raises(NotFound):
        await merged(db, boss, a, new_id())


async def test_a_merge_needs_its_permission_on_both_cards(db: Database, company: Company):
    ion = await hired(db, company, "ion", "manager", in_team=False)
    auditor = await hired(db, company, "ana", "auditor")
    mine = await made(db, ion, display_name="Ion")
    hidden = await made(db, company.owner, display_name="Ion", team_id=company.team_id)
    with pytest.raises(NotFound):
        await merged(db, ion, mine, hidden)
    with pytest.raises(Forbidden):
        await merged(db, auditor, mine, hidden)
    merge_id = await merged(db, company.owner, hidden, mine)
    with pytest.raises(NotFound):
        await undone(db, ion, merge_id)
    with pytest.raises(Forbidden):
        await undone(db, auditor, merge_id)


async def test_of_many_who_merge_and_undo_at_once_one_succeeds(db: Database, company: Company):
    boss = company.owner
    a, b = [await made(db, boss, display_name=name) for name in "ab"]
    results = await asyncio.gather(
        *(merged(db, boss, *pair) for pair in [(a, b), (b, a)] * 4), return_exceptions=True
    )
    (merge_id,) = [result for result in results if isinstance(result, UUID)]
    results = await asyncio.gather(
        *(undone(db, boss, merge_id) for _ in range(5)), return_exceptions=True
    )
    assert sum(isinstance(result, UndoneAlready) for result in results) == 4


async def test_open_browsers_are_told(db: Database, company: Company):
    boss = company.owner
    a, b = [await made(db, boss, display_name=name) for name in "ab"]
    case = await case_of(db, company, b, b)
    merge_id = await merged(db, boss, a, b)
    await undone(db, boss, merge_id)
    events = [placed.decoded() for placed in await events_of(db)]
    pair = {"winner_id": str(a), "loser_id": str(b)}
    assert {"type": "card.merged", **pair} in events
    assert {"type": "card.unmerged", **pair} in events
    told = [
        event["conversation"]["card"]["id"]
        for event in events
        if event["type"] == "conversation.changed" and event["conversation"]["id"] == str(case)
    ]
    assert told == [str(a), str(b)]


async def test_every_reference_to_a_card_is_registered_with_its_origin(db: Database):
    async with db.read() as source:
        rows = await source.fetch(
            """
            SELECT k.table_name, k.column_name
              FROM information_schema.table_constraints AS t
              JOIN information_schema.key_column_usage AS k
                   USING (constraint_schema, constraint_name)
              JOIN information_schema.constraint_column_usage AS u
                   USING (constraint_schema, constraint_name)
             WHERE t.constraint_type = 'FOREIGN KEY' AND u.table_name = 'card'
            """
        )
    found = {(row["table_name"], row["column_name"]) for row in rows}
    expected = {
        (table, column)
        for table in registry.REFERENCES
        for column in ("card_id", "origin_card_id")
    }
    assert found == expected | set(registry.NOT_MOVED)
