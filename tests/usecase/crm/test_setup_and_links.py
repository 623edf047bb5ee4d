import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from crm_core.staff.agents import (
    invite,
    new_link,
)
from crm_core.staff.links import LinkGone, make_link, read_link, take_up_link
from crm_core.staff.passwords import WeakPassword
from crm_core.staff.reading import (
    list_roles,
    list_teams,
    read_agent,
)
from crm_core.staff.sessions import open_session, session_of
from crm_core.staff.setup import SetUpAlready, default_places, set_up, setup_link, setup_needed
from infra.db import Database
from tests.company import PASSWORD, Company, founded, hired
from tests.reading import events_of


OTHER_PASSWORD = "another good password"


@pytest.fixture
async def company(db: Database) -> Company:
    return await founded(db)


async def told(db: Database, type_: str) -> list[dict]:
    """Return the events of a type, oldest first."""
    events = [placed.decoded() for placed in await events_of(db)]
    return [event for event in events if event["type"] == type_]


# ---------------------------------------------------------------- the first owner


async def test_the_first_owner_gets_everything_a_hub_needs(db: Database):
    async with db.transaction() as tx:
        assert await setup_needed(tx)
    company = await founded(db)
    async with db.transaction() as tx:
        assert not await setup_needed(tx)
        assert company.owner.may("account", "manage")
        assert {role.key for role in await list_roles(tx)} == {
            "owner",
            "head",
            "manager",
            "newcomer",
            "data_operator",
            "auditor",
        }
        assert [team.member_ids for team in await list_teams(tx)] == [[company.owner.agent_id]]


async def test_there_is_no_second_first_owner(db: Database, company: Company):
    async with db.transaction() as tx:
        with pytest.raises(SetUpAlready):
            await setup_link(tx)
        with pytest.raises(SetUpAlready):
            await set_up(tx, "x", name="Eve", login="eve", password=PASSWORD)


async def test_of_two_who_hold_the_link_one_becomes_the_owner(db: Database):
    async with db.transaction() as tx:
        token = await setup_link(tx)

    async def become(login: str) -> UUID:
        async with db.transaction() as tx:
            return await set_up(tx, token, name=login, login=login, password=PASSWORD)

    results = await asyncio.gather(become("a"), become("b"), return_exceptions=True)
    assert sum(isinstance(result, UUID) for result in results) == 1


@pytest.mark.parametrize("token", ["", "x"])
async def test_no_other_token_sets_the_hub_up(db: Database, token: str):
    async with db.transaction() as tx:
        await setup_link(tx)
        with pytest.raises(LinkGone):
            await set_up(tx, token, name="Eve", login="eve", password=PASSWORD)


async def test_an_invitation_is_no_setup_link_and_what_is_there_is_kept(db: Database):
    async with db.transaction() as tx:
        branch_id, team_id = await default_places(tx)
        await setup_link(tx)
        with pytest.raises(LinkGone):
            await set_up(
                tx,
                await make_link(tx, "invite"),
                name="Eve",
                login="eve",
                password=PASSWORD,
            )
        assert await default_places(tx) == (branch_id, team_id)


async def test_a_newer_setup_link_ends_the_older(db: Database):
    async with db.transaction() as tx:
        older, newer = await setup_link(tx), await setup_link(tx)
        with pytest.raises(LinkGone):
            await set_up(tx, older, name="Olga", login="owner", password=PASSWORD)
        with pytest.raises(WeakPassword):
            await set_up(tx, newer, name="Olga", login="owner", password="owner")
        assert await set_up(tx, newer, name="Olga", login="owner", password=PASSWORD)


# ---------------------------------------------------------------- invitations and resets


async def test_who_takes_an_invitation_up_is_active(db: Database, company: Company):
    viewer = await hired(db, company, "ion", "manager")
    async with db.read() as source:
        agent = await read_agent(source, viewer.agent_id)
    assert (agent.status, agent.role_keys) == ("active", ["manager"])
    assert agent.team_ids == [company.team_id]
    assert not agent.has_totp


async def test_a_link_works_once(db: Database, company: Company):
    async with db.transaction() as tx:
        token = await make_link(tx, "reset", agent_id=company.owner.agent_id)

    async def take() -> UUID:
        async with db.transaction() as tx:
            return await take_up_link(tx, token, password=OTHER_PASSWORD)

    results = await asyncio.gather(*(take() for _ in range(5)), return_exceptions=True)
    assert sum(isinstance(result, UUID) for result in results) == 1
    with pytest.raises(LinkGone):
        await take()


@pytest.mark.parametrize(("purpose", "hours"), [("invite", 72), ("reset", 1)])
async def test_a_link_does_not_live_for_ever(
    db: Database, company: Company, purpose: str, hours: int
):
    async with db.transaction() as tx:
        token = await make_link(tx, purpose, agent_id=company.owner.agent_id)
        assert (await read_link(tx, token)).purpose == purpose
        await tx.execute(
            "UPDATE one_time_link SET expires_at = expires_at - $1::interval",
            timedelta(hours=hours),
        )
        with pytest.raises(LinkGone):
            await read_link(tx, token)
        with pytest.raises(LinkGone):
            await take_up_link(tx, token, password=PASSWORD)


async def test_a_reset_ends_every_session(db: Database, company: Company):
    async with db.transaction() as tx:
        opened = await open_session(tx, company.owner.agent_id)
        token = await new_link(tx, company.owner.agent_id, viewer=company.owner)
        await take_up_link(tx, token, password=OTHER_PASSWORD)
        assert await session_of(tx, opened.token) is None
    assert (await told(db, "session.revoked"))[-1]["agent_id"] == str(company.owner.agent_id)


async def test_a_weak_password_leaves_the_link_usable(db: Database, company: Company):
    async with db.transaction() as tx:
        token = await make_link(tx, "invite", agent_id=company.owner.agent_id)
        with pytest.raises(WeakPassword):
            await take_up_link(tx, token, password="short")
        assert (await read_link(tx, token)).name == "Olga"


async def test_a_setup_link_sets_no_password(db: Database):
    async with db.transaction() as tx:
        token = await setup_link(tx)
        with pytest.raises(LinkGone):
            await take_up_link(tx, token, password=PASSWORD)


async def test_an_unused_invitation_can_be_sent_again(db: Database, company: Company):
    async with db.transaction() as tx:
        agent_id, older = await invite(
            tx, name="Ion", login="ion", branch_id=company.branch_id, viewer=company.owner
        )
        newer = await new_link(tx, agent_id, viewer=company.owner)
        assert (await read_link(tx, newer)).purpose == "invite"
        with pytest.raises(LinkGone):
            await read_link(tx, older)
