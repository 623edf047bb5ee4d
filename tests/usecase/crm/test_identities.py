import asyncio
from uuid import UUID

import msgspec
import pytest

from crm_core.access import card_json
from crm_core.addresses import InvalidAddress
from crm_core.cards import CardPatch, make_card
from crm_core.identities import (
    IdentityPatch,
    IdentityShared,
    IdentityTaken,
    OwnAddress,
    add_identity,
    change_identity,
    prove_identity,
    remove_identity,
)
from crm_core.linking import card_for, is_ours, known_identity, lead_of
from crm_core.staff.visibility import Viewer
from crm_core.views import CardIdentity
from inbox.tables import ConversationRow
from infra.db import Database
from infra.errors import NotFound
from tests import seed
from tests.company import Company, founded, hired


PHONE = "+37369123456"


@pytest.fixture
async def company(db: Database) -> Company:
    return await founded(db)


async def made(db: Database, viewer: Viewer, name: str) -> UUID:
    async with db.transaction() as tx:
        return await make_card(tx, fields=CardPatch(display_name=name), viewer=viewer)


async def added(db: Database, card_id: UUID, viewer: Viewer, value: str, **more) -> UUID:
    async with db.transaction() as tx:
        return await add_identity(
            tx, card_id, **{"kind": "phone", "value": value, "viewer": viewer, **more}
        )


async def changed(db: Database, card_id: UUID, link_id: UUID, viewer: Viewer, **patch) -> None:
    async with db.transaction() as tx:
        await change_identity(tx, card_id, link_id, patch=IdentityPatch(**patch), viewer=viewer)


async def held(db: Database, card_id: UUID, viewer: Viewer) -> list[CardIdentity]:
    async with db.read() as source:
        card = msgspec.json.decode(await card_json(source, card_id, viewer=viewer))
    return msgspec.convert(card["identities"], list[CardIdentity])


async def test_any_spelling_of_an_address_is_the_same_address(db: Database, company: Company):
    card_id = await made(db, company.owner, "Ion")
    first = await added(db, card_id, company.owner, "069 123 456 int. 5", label=" work ")
    second = await added(db, card_id, company.owner, "+373 (69) 12-34-56")
    assert first == second
    (identity,) = await held(db, card_id, company.owner)
    assert (identity.value, identity.extension, identity.label) == (PHONE, "5", "work")
    assert identity.is_primary
    with pytest.raises(InvalidAddress):
        await added(db, card_id, company.owner, "112")


async def test_an_address_of_another_card_is_refused_and_names_the_card(
    db: Database, company: Company
):
    ion, ana = await made(db, company.owner, "Ion"), await made(db, company.owner, "Ana")
    await added(db, ion, company.owner, PHONE)
    with pytest.raises(IdentityTaken) as refused:
        await added(db, ana, company.owner, PHONE)
    assert refused.value.extra == {"card_id": ion}


async def test_whoever_may_not_see_the_other_card_does_not_learn_of_it(
    db: Database, company: Company
):
    newcomer = await hired(db, company, "nina", "newcomer")
    ion, ana = await made(db, company.owner, "Ion"), await made(db, newcomer, "Ana")
    await added(db, ion, company.owner, PHONE)
    for shared in (False, True):
        with pytest.raises(IdentityTaken) as refused:
            await added(db, ana, newcomer, PHONE, shared=shared)
        assert refused.value.extra == {}
    with pytest.raises(NotFound):
        await added(db, ion, newcomer, "022123456")


async def test_a_shared_address_is_held_by_several_cards(db: Database, company: Company):
    ion, ana = await made(db, company.owner, "Ion"), await made(db, company.owner, "Ana")
    link_id = await added(db, ion, company.owner, PHONE)
    other_id = await added(db, ana, company.owner, PHONE, shared=True)
    for card_id in (ion, ana):
        (identity,) = await held(db, card_id, company.owner)
        assert identity.shared
    with pytest.raises(IdentityShared):
        await changed(db, ion, link_id, company.owner, shared=False)
    async with db.transaction() as tx:
        await remove_identity(tx, ana, other_id, viewer=company.owner)
    await changed(db, ion, link_id, company.owner, shared=False)


async def test_a_shared_address_leads_to_whom_it_talked_with_last(db: Database, company: Company):
    ion, ana = await made(db, company.owner, "Ion"), await made(db, company.owner, "Ana")
    await added(db, ion, company.owner, PHONE)
    await added(db, ana, company.owner, PHONE, shared=True)
    async with db.transaction() as tx:
        lead = await lead_of(tx, kind="phone", value=PHONE)
        assert (lead.card_id, set(lead.candidates)) == (ion, {ion, ana})
        tx.session.add(
            ConversationRow(card_id=ana, origin_card_id=ana, branch_id=company.branch_id)
        )
        assert (await lead_of(tx, kind="phone", value=PHONE)).card_id == ana


async def test_each_kind_has_one_primary_as_long_as_there_is_any(db: Database, company: Company):
    card_id = await made(db, company.owner, "Ion")
    first = await added(db, card_id, company.owner, PHONE)
    second = await added(db, card_id, company.owner, "022123456")
    mail = await added(db, card_id, company.owner, "ion@example.md", kind="email")
    await changed(db, card_id, second, company.owner, is_primary=True)

    async def primaries() -> set[UUID]:
        return {each.link_id for each in await held(db, card_id, company.owner) if each.is_primary}

    assert await primaries() == {second, mail}
    async with db.transaction() as tx:
        await remove_identity(tx, card_id, second, viewer=company.owner)
    assert await primaries() == {first, mail}


async def test_an_address_taken_off_can_go_to_another_card_and_come_back(
    db: Database, company: Company
):
    ion, ana = await made(db, company.owner, "Ion"), await made(db, company.owner, "Ana")
    link_id = await added(db, ion, company.owner, PHONE)
    async with db.transaction() as tx:
        await remove_identity(tx, ion, link_id, viewer=company.owner)
        with pytest.raises(NotFound):
            await remove_identity(tx, ion, link_id, viewer=company.owner)
        assert (await lead_of(tx, kind="phone", value=PHONE)).card_id is None
    other_id = await added(db, ana, company.owner, PHONE)
    async with db.transaction() as tx:
        await remove_identity(tx, ana, other_id, viewer=company.owner)
    assert await added(db, ion, company.owner, PHONE) == link_id


async def test_label_and_state_of_an_address_can_be_changed(db: Database, company: Company):
    card_id = await made(db, company.owner, "Ion")
    link_id = await added(db, card_id, company.owner, PHONE)
    await changed(db, card_id, link_id, company.owner, label="home", status="wrong")
    (identity,) = await held(db, card_id, company.owner)
    assert (identity.label, identity.status) == ("home", "wrong")
    with pytest.raises(NotFound):
        await changed(db, card_id, card_id, company.owner, label="x")


async def test_our_own_addresses_never_lead_to_a_card(db: Database, company: Company):
    card_id = await made(db, company.owner, "Ion")
    async with db.transaction() as tx:
        identity = await known_identity(tx, kind="email", value="shop@example.md")
        identity.is_own = True
    with pytest.raises(OwnAddress):
        await added(db, card_id, company.owner, "SHOP@example.md", kind="email")
    async with db.transaction() as tx:
        lead = await card_for(
            tx, kind="email", value="shop@example.md", branch_id=company.branch_id
        )
        assert lead.card_id is None
        assert await prove_identity(tx, card_id, kind="email", value="shop@example.md") is None
        assert await tx.fetchval("SELECT count(*) FROM card") == 1


async def test_a_connected_accounts_address_is_our_own(db: Database, company: Company):
    card_id = await made(db, company.owner, "Ion")
    await seed.account(db, branch_id=company.branch_id, address="Shop@example.md")
    with pytest.raises(OwnAddress):
        await added(db, card_id, company.owner, "shop@example.md", kind="email")
    async with db.read() as source:
        assert await is_ours(source, kind="email", value="SHOP@example.md")
        assert not await is_ours(source, kind="email", value="ion@example.md")


async def test_ten_messages_of_one_stranger_at_once_make_one_card(db: Database, company: Company):
    async def arrive(spelling: str) -> UUID | None:
        async with db.transaction() as tx:
            lead = await card_for(
                tx,
                kind="email",
                value=f"{spelling}@example.md",
                display="Ion",
                branch_id=company.branch_id,
            )
            return lead.card_id

    cards = await asyncio.gather(*(arrive(s) for s in ["ion", "Ion", "ION", "iOn", "ioN"] * 2))
    assert len(set(cards)) == 1
    async with db.read() as source:
        assert await source.fetchval("SELECT count(*) FROM card") == 1
        assert await source.fetchval("SELECT count(*) FROM identity") == 1


async def test_ten_who_put_one_address_on_ten_cards_at_once_leave_one_holder(
    db: Database, company: Company
):
    cards = [await made(db, company.owner, f"Ion {number}") for number in range(10)]
    results = await asyncio.gather(
        *(added(db, card_id, company.owner, PHONE) for card_id in cards), return_exceptions=True
    )
    assert sum(isinstance(result, UUID) for result in results) == 1
    assert sum(isinstance(result, IdentityTaken) for result in results) == 9


async def test_a_proven_address_joins_the_card_unless_another_has_it(
    db: Database, company: Company
):
    ion, ana = await made(db, company.owner, "Ion"), await made(db, company.owner, "Ana")
    async with db.transaction() as tx:
        link_id = await prove_identity(tx, ion, kind="phone", value=PHONE)
        assert await prove_identity(tx, ion, kind="phone", value=PHONE) == link_id
        assert await prove_identity(tx, ana, kind="phone", value=PHONE) is None
    (identity,) = await held(db, ion, company.owner)
    assert identity.verified_at is not None


async def test_an_unknown_address_leads_nowhere(db: Database, company: Company):
    async with db.read() as source:
        lead = await lead_of(source, kind="email", value="nobody@example.md")
    assert (lead.identity_id, lead.card_id, lead.candidates) == (None, None, ())
