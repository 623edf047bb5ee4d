import asyncio
from datetime import date
from itertools import pairwise

import msgspec
import pytest

from crm_core.access import CardMerged, card_json, root_of
from crm_core.cards import CardChanged, CardPatch, edit_card, learn_name, list_cards, make_card
from crm_core.linking import card_for
from crm_core.staff.visibility import Viewer
from crm_core.views import Card
from infra.clock import new_id
from infra.db import Database
from infra.errors import Forbidden, Invalid, NotFound
from tests.company import Company, founded, hired
from tests.reading import events_of


@pytest.fixture
async def company(db: Database) -> Company:
    return await founded(db)


async def shown(db: Database, card_id, viewer: Viewer) -> Card:
    async with db.read() as source:
        return msgspec.json.decode(await card_json(source, card_id, viewer=viewer), type=Card)


async def made(db: Database, viewer: Viewer, **fields):
    async with db.transaction() as tx:
        return await make_card(tx, fields=CardPatch(**fields), viewer=viewer)


async def edited(db: Database, card_id, viewer: Viewer, rev: int, **fields) -> None:
    async with db.transaction() as tx:
        await edit_card(tx, card_id, rev=rev, patch=CardPatch(**fields), viewer=viewer)


async def test_a_card_is_shown_as_it_was_written_down(db: Database, company: Company):
    card_id = await made(
        db,
        company.owner,
        given_name="Ștefan",
        family_name=" Țurcanu\n",
        birthday=date(1990, 1, 31),
        custom={"city": "Orhei"},
    )
    card = await shown(db, card_id, company.owner)
    assert card.display_name == "Ștefan Țurcanu"
    assert card.family_name == "Țurcanu"
    assert card.birthday == date(1990, 1, 31)
    assert card.lifecycle == "lead"
    assert card.branch_id == company.branch_id
    assert card.custom == {"city": "Orhei"}
    assert card.provenance["birthday"]["id"] == str(company.owner.agent_id)
    event = (await events_of(db))[-1]
    assert event.decoded()["card"]["id"] == str(card_id)
    assert event.audience["k"] == 1


async def test_two_who_change_different_fields_do_not_meet(db: Database, company: Company):
    card_id = await made(db, company.owner, display_name="Ion")
    await edited(db, card_id, company.owner, 1, about="tall", custom={"a": 1})
    await edited(db, card_id, company.owner, 1, locale="ro", custom={"b": 2})
    card = await shown(db, card_id, company.owner)
    assert (card.about, card.locale, card.custom, card.rev) == ("tall", "ro", {"a": 1, "b": 2}, 3)


async def test_two_who_change_one_field_are_told_both_values(db: Database, company: Company):
    card_id = await made(db, company.owner, display_name="Ion")
    await edited(db, card_id, company.owner, 1, about="tall", custom={"a": 1})
    with pytest.raises(CardChanged) as refused:
        await edited(db, card_id, company.owner, 1, about="short", locale="ro", custom={"a": 2})
    fields = refused.value.extra["fields"]
    assert set(fields) == {"about", "custom.a"}
    assert (fields["about"]["yours"], fields["about"]["theirs"]) == ("short", "tall")
    assert fields["about"]["by"] == str(company.owner.agent_id)
    assert refused.value.extra["rev"] == 2
    assert (await shown(db, card_id, company.owner)).locale is None


async def test_two_who_write_the_same_value_agree(db: Database, company: Company):
    card_id = await made(db, company.owner, display_name="Ion")
    await edited(db, card_id, company.owner, 1, about="tall")
    await edited(db, card_id, company.owner, 1, about="tall")
    assert (await shown(db, card_id, company.owner)).rev == 2


async def test_of_two_edits_at_the_same_time_one_is_refused(db: Database, company: Company):
    card_id = await made(db, company.owner, display_name="Ion")
    results = await asyncio.gather(
        *(edited(db, card_id, company.owner, 1, about=text) for text in "abc"),
        return_exceptions=True,
    )
    assert sum(isinstance(result, CardChanged) for result in results) == 2


async def test_a_custom_field_is_removed_by_null(db: Database, company: Company):
    card_id = await made(db, company.owner, display_name="Ion", custom={"a": 1, "b": 2})
    await edited(db, card_id, company.owner, 1, custom={"a": None})
    assert (await shown(db, card_id, company.owner)).custom == {"b": 2}


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"display_name": " \u200b "},
        {"display_name": "x", "branch_id": new_id()},
        {"display_name": "x", "team_id": new_id()},
        {"display_name": "x", "owner_id": new_id()},
        {"display_name": "x", "custom": {"a": "x" * 70_000}},
    ],
)
async def test_a_card_that_cannot_be_is_refused(db: Database, company: Company, fields: dict):
    with pytest.raises(Invalid):
        await made(db, company.owner, **fields)


async def test_a_name_cannot_be_taken_away(db: Database, company: Company):
    card_id = await made(db, company.owner, display_name="Ion")
    with pytest.raises(Invalid):
        await edited(db, card_id, company.owner, 1, display_name="")


async def test_whoever_may_write_only_their_own_owns_what_they_make(
    db: Database, company: Company
):
    newcomer = await hired(db, company, "nina", "newcomer")
    card_id = await made(db, newcomer, display_name="Ion")
    assert (await shown(db, card_id, newcomer)).owner_id == newcomer.agent_id
    with pytest.raises(Forbidden):
        await made(db, newcomer, display_name="Ion", owner_id=company.owner.agent_id)


async def test_what_an_agent_may_not_see_does_not_exist_for_them(db: Database, company: Company):
    newcomer = await hired(db, company, "nina", "newcomer")
    auditor = await hired(db, company, "ana", "auditor")
    card_id = await made(db, company.owner, display_name="Ion")
    with pytest.raises(NotFound):
        await shown(db, card_id, newcomer)
    with pytest.raises(NotFound):
        await edited(db, card_id, newcomer, 1, about="x")
    with pytest.raises(Forbidden):
        await edited(db, card_id, auditor, 1, about="x")
    with pytest.raises(Forbidden):
        await made(db, auditor, display_name="x")
    assert (await shown(db, card_id, company.owner)).about == ""


async def test_who_loses_sight_of_a_card_is_told_that_it_is_gone(db: Database, company: Company):
    newcomer = await hired(db, company, "nina", "newcomer")
    card_id = await made(db, newcomer, display_name="Ion")
    await edited(db, card_id, company.owner, 1, owner_id=company.owner.agent_id)
    event = (await events_of(db))[-1]
    assert not newcomer.sees(event.audience)
    assert event.audience_before is not None
    assert newcomer.sees(event.audience_before)


async def test_a_channel_names_a_nameless_card_and_no_other(db: Database, company: Company):
    async with db.transaction() as tx:
        lead = await card_for(
            tx, kind="email", value="ion@example.md", branch_id=company.branch_id
        )
        assert lead.card_id is not None
        who = {"kind": "email", "value": "ion@example.md"}
        assert await learn_name(tx, lead.card_id, **who, display="Ion Popescu")
        assert not await learn_name(tx, lead.card_id, **who, display="Somebody Else")
    card = await shown(db, lead.card_id, company.owner)
    assert (card.display_name, card.family_name, card.rev) == ("Ion Popescu", "Popescu", 2)


async def test_a_channel_never_overwrites_what_a_person_wrote(db: Database, company: Company):
    async with db.transaction() as tx:
        lead = await card_for(
            tx, kind="email", value="ion@example.md", branch_id=company.branch_id
        )
    assert lead.card_id is not None
    await edited(db, lead.card_id, company.owner, 1, display_name="...")
    async with db.transaction() as tx:
        await card_for(
            tx,
            kind="email",
            value="ion@example.md",
            display="Ion Popescu",
            branch_id=company.branch_id,
        )
    assert (await shown(db, lead.card_id, company.owner)).display_name == "..."


async def test_cards_are_listed_by_name_without_strangers(db: Database, company: Company):
    for name in ("Zaharia", "Ștefan", "ana"):
        await made(db, company.owner, display_name=name)
    async with db.transaction() as tx:
        await card_for(tx, kind="email", value="spam@example.md", branch_id=company.branch_id)
    async with db.read() as source:
        first = await list_cards(source, viewer=company.owner, limit=2)
        rest = await list_cards(source, viewer=company.owner, after=first[-1][1])
        everybody = await list_cards(source, viewer=company.owner, strangers=True)
    names = [msgspec.json.decode(text)["display_name"] for text, _ in (*first, *rest)]
    assert names == ["ana", "Ștefan", "Zaharia"]
    assert len(everybody) == 4


async def test_a_merged_card_leads_to_its_winner(db: Database, company: Company):
    ids = [await made(db, company.owner, display_name=name) for name in "abc"]
    async with db.transaction() as tx:
        for loser, winner in pairwise(ids):
            await tx.execute("UPDATE card SET merged_into = $2 WHERE id = $1", loser, winner)
        assert await root_of(tx, ids[0]) == ids[2]
        with pytest.raises(NotFound):
            await root_of(tx, new_id())
    with pytest.raises(CardMerged) as refused:
        await edited(db, ids[0], company.owner, 1, about="x")
    assert refused.value.extra["winner_id"] == ids[2]
