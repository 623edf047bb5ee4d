from datetime import timedelta

import pytest

from crm_core.staff.agents import (
    AgentPatch,
    LastOwner,
    LoginTaken,
    MyPatch,
    change_agent,
    change_me,
    invite,
    new_link,
)
from crm_core.staff.api_keys import key_use, list_keys, make_key, revoke_key, touch_key
from crm_core.staff.branches import BranchTaken, change_branch, make_branch
from crm_core.staff.links import LinkGone, make_link, read_link
from crm_core.staff.reading import (
    list_agents,
    list_branches,
    list_colleagues,
    read_agent,
    read_branch,
    read_me,
    read_team,
)
from crm_core.staff.sessions import open_session, session_of
from crm_core.staff.teams import TeamTaken, archive_team, change_team, make_team, set_members
from crm_core.staff.visibility import Viewer, load_viewer
from infra.clock import new_id, now
from infra.db import Database
from infra.errors import Conflict, Forbidden, Invalid, NotFound
from tests.company import Company, founded, hired
from tests.reading import events_of


OTHER_PASSWORD = "another good password"


@pytest.fixture
async def company(db: Database) -> Company:
    return await founded(db)


async def told(db: Database, type_: str) -> list[dict]:
    """Return the events of a type, oldest first."""
    events = [placed.decoded() for placed in await events_of(db)]
    return [event for event in events if event["type"] == type_]


# ---------------------------------------------------------------- agents


async def test_a_login_is_taken_in_any_case(db: Database, company: Company):
    async with db.transaction() as tx:
        with pytest.raises(LoginTaken):
            await invite(
                tx, name="X", login="OWNER ", branch_id=company.branch_id, viewer=company.owner
            )


async def test_who_leaves_is_out_at_once(db: Database, company: Company):
    viewer = await hired(db, company, "ion", "owner")
    async with db.transaction() as tx:
        opened = await open_session(tx, viewer.agent_id)
        _, key = await make_key(tx, name="k", scopes=["card.read"], viewer=viewer)
        link = await make_link(tx, "reset", agent_id=viewer.agent_id)
        rev = (await read_agent(tx, viewer.agent_id)).rev
        await change_agent(
            tx, viewer.agent_id, rev=rev, patch=AgentPatch(status="left"), viewer=company.owner
        )
    async with db.transaction() as tx:
        assert await session_of(tx, opened.token) is None
        assert await key_use(tx, key) is None
        with pytest.raises(LinkGone):
            await read_link(tx, link)
        with pytest.raises(NotFound):
            await load_viewer(tx, viewer.agent_id)
        with pytest.raises(NotFound):
            await new_link(tx, viewer.agent_id, viewer=company.owner)
    assert await told(db, "session.revoked")
    assert (await told(db, "agent.changed"))[-1]["agent"]["status"] == "left"


async def test_who_comes_back_chooses_a_new_password(db: Database, company: Company):
    viewer = await hired(db, company, "ion")
    for status in ("left", "active"):
        async with db.transaction() as tx:
            rev = (await read_agent(tx, viewer.agent_id)).rev
            patch = AgentPatch(status=status)
            await change_agent(tx, viewer.agent_id, rev=rev, patch=patch, viewer=company.owner)
    async with db.read() as source:
        assert (await read_agent(source, viewer.agent_id)).status == "invited"
        assert await source.fetchval("SELECT password FROM agent WHERE login = 'ion'") is None


async def test_the_last_owner_stays(db: Database, company: Company):
    for patch in (AgentPatch(status="left"), AgentPatch(role_keys=["manager"])):
        with pytest.raises(LastOwner):
            async with db.transaction() as tx:
                await change_agent(
                    tx, company.owner.agent_id, rev=1, patch=patch, viewer=company.owner
                )


async def test_an_agent_changed_meanwhile_is_a_conflict(db: Database, company: Company):
    viewer = await hired(db, company, "ion")
    async with db.transaction() as tx:
        with pytest.raises(Conflict):
            await change_agent(
                tx, viewer.agent_id, rev=99, patch=AgentPatch(name="I"), viewer=company.owner
            )


async def test_every_part_of_an_agent_can_be_changed(db: Database, company: Company):
    viewer = await hired(db, company, "ion")
    async with db.transaction() as tx:
        agent = await read_agent(tx, viewer.agent_id)
        patch = AgentPatch(
            name="Ion P.",
            login="ion.p",
            locale="ro",
            manager_id=company.owner.agent_id,
            team_ids=[],
            role_keys=["newcomer", "auditor"],
        )
        await change_agent(tx, agent.id, rev=agent.rev, patch=patch, viewer=company.owner)
        changed = await read_agent(tx, agent.id)
    assert (changed.name, changed.login, changed.locale) == ("Ion P.", "ion.p", "ro")
    assert changed.manager_id == company.owner.agent_id
    assert (changed.team_ids, changed.role_keys) == ([], ["auditor", "newcomer"])
    assert changed.rev == agent.rev + 1
    assert (await told(db, "team.changed"))[-1]["team"]["member_ids"] == [
        str(company.owner.agent_id)
    ]


@pytest.mark.parametrize(
    "patch",
    [
        AgentPatch(name=" "),
        AgentPatch(login=" "),
        AgentPatch(branch_id=new_id()),
        AgentPatch(manager_id=new_id()),
        AgentPatch(role_keys=["emperor"]),
    ],
)
async def test_what_does_not_exist_is_refused(db: Database, company: Company, patch: AgentPatch):
    with pytest.raises(Invalid):
        async with db.transaction() as tx:
            await change_agent(
                tx, company.owner.agent_id, rev=1, patch=patch, viewer=company.owner
            )


async def test_nobody_hands_out_more_than_they_may_do(db: Database, company: Company):
    boss = Viewer(
        new_id(), grants={("agent", "manage"): "all", ("conversation", "read"): "branch"}
    )
    ion = await hired(db, company, "ion", "manager")
    async with db.transaction() as tx:
        with pytest.raises(Forbidden):
            await invite(
                tx,
                name="X",
                login="x",
                branch_id=company.branch_id,
                role_keys=["owner"],
                viewer=boss,
            )
        with pytest.raises(Forbidden):
            await new_link(tx, company.owner.agent_id, viewer=boss)
        with pytest.raises(Forbidden):
            await change_agent(
                tx, company.owner.agent_id, rev=1, patch=AgentPatch(name="X"), viewer=boss
            )
        with pytest.raises(Forbidden):
            await change_agent(tx, ion.agent_id, rev=1, patch=AgentPatch(name="X"), viewer=ion)


async def test_agents_change_what_is_their_own(db: Database, company: Company):
    async with db.transaction() as tx:
        await change_me(tx, company.owner.agent_id, patch=MyPatch(preferences={"theme": "dark"}))
        await change_me(
            tx,
            company.owner.agent_id,
            patch=MyPatch(locale="ru", signature="O.", preferences={"density": 2}),
        )
    async with db.read() as source:
        me = await read_me(source, company.owner)
    assert me.preferences == {"theme": "dark", "density": 2}
    assert (me.locale, me.signature) == ("ru", "O.")
    assert me.permissions["agent.manage"] == "all"


async def test_colleagues_see_neither_logins_nor_roles(db: Database, company: Company):
    async with db.read() as source:
        colleague = (await list_colleagues(source))[0]
        agent = (await list_agents(source))[0]
    assert agent.login == "owner"
    assert not hasattr(colleague, "login")


# ---------------------------------------------------------------- teams and branches


async def test_members_of_a_team_are_told_that_their_view_changed(db: Database, company: Company):
    ion = await hired(db, company, "ion", in_team=False)
    async with db.transaction() as tx:
        team_id = await make_team(
            tx, name="Sales", branch_id=company.branch_id, viewer=company.owner
        )
        await set_members(tx, team_id, agent_ids=[ion.agent_id], viewer=company.owner)
        viewer = await load_viewer(tx, ion.agent_id)
        assert viewer.team_ids == (team_id,)
        assert viewer.rev > ion.rev
        await archive_team(tx, team_id, viewer=company.owner)
        assert (await load_viewer(tx, ion.agent_id)).team_ids == ()
        with pytest.raises(NotFound):
            await set_members(tx, team_id, agent_ids=[], viewer=company.owner)
    assert (await told(db, "team.changed"))[-1]["archived"]
    assert (await told(db, "agent.changed"))[-1]["agent"]["team_ids"] == []


async def test_a_branch_has_one_team_of_a_name(db: Database, company: Company):
    async with db.transaction() as tx:
        team_id = await make_team(
            tx, name="Sales", branch_id=company.branch_id, viewer=company.owner
        )
        with pytest.raises(TeamTaken):
            await make_team(tx, name=" SALES", branch_id=company.branch_id, viewer=company.owner)
        with pytest.raises(TeamTaken):
            await change_team(tx, team_id, rev=1, name="Support", viewer=company.owner)
        with pytest.raises(Conflict):
            await change_team(tx, team_id, rev=9, name="X", viewer=company.owner)
        with pytest.raises(Invalid):
            await change_team(tx, team_id, rev=1, name=" ", viewer=company.owner)
        await change_team(tx, team_id, rev=1, name="Sales 2", viewer=company.owner)
        assert (await read_team(tx, team_id)).name == "Sales 2"


async def test_a_branch_knows_where_it_is(db: Database, company: Company):
    async with db.transaction() as tx:
        branch_id = await make_branch(
            tx,
            name="Iași",
            code="IS",
            timezone="Europe/Bucharest",
            phone_region="RO",
            parent_id=company.branch_id,
            viewer=company.owner,
        )
        assert (await load_viewer(tx, company.owner.agent_id)).branch_ids == (
            company.branch_id,
            branch_id,
        )
        await change_branch(
            tx,
            branch_id,
            name="Iași 2",
            code="is",
            timezone="Europe/Bucharest",
            phone_region="RO",
            viewer=company.owner,
        )
        assert (await read_branch(tx, branch_id)).name == "Iași 2"
        assert len(await list_branches(tx)) == 2


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"name": " "}, Invalid),
        ({"timezone": "Mars/Base"}, Invalid),
        ({"phone_region": "Moldova"}, Invalid),
        ({"code": "MAIN"}, BranchTaken),
    ],
)
async def test_a_branch_that_cannot_be_is_refused(
    db: Database, company: Company, wrong: dict, error: type[Exception]
):
    right = {
        "name": "Iași",
        "code": "is",
        "timezone": "Europe/Bucharest",
        "phone_region": "RO",
        "viewer": company.owner,
    }
    async with db.transaction() as tx:
        with pytest.raises(error):
            await make_branch(tx, **(right | wrong))


# ---------------------------------------------------------------- keys of programs


async def test_a_key_acts_as_its_agent_within_its_scopes(db: Database, company: Company):
    async with db.transaction() as tx:
        key_id, key = await make_key(
            tx, name="site", scopes=["card.read", "card.create"], viewer=company.owner
        )
        use = await key_use(tx, key)
        assert use is not None
        assert use.viewer.agent_id == company.owner.agent_id
        assert set(use.viewer.grants) == {("card", "read"), ("card", "create")}
        assert use.is_stale
        await touch_key(tx, key_id)
        again = await key_use(tx, key)
        assert again is not None
        assert not again.is_stale
        listed = await list_keys(tx, viewer=company.owner)
        assert [each.hint for each in listed] == [key[:9]]
        assert key.encode() not in await tx.fetchval("SELECT token_hash FROM api_key")


async def test_a_revoked_or_expired_key_is_worthless(db: Database, company: Company):
    async with db.transaction() as tx:
        revoked_id, revoked = await make_key(
            tx, name="a", scopes=["card.read"], viewer=company.owner
        )
        _, expired = await make_key(
            tx,
            name="b",
            scopes=["card.read"],
            expires_at=now() - timedelta(seconds=1),
            viewer=company.owner,
        )
        await revoke_key(tx, revoked_id, viewer=company.owner)
        for key in (revoked, expired, "", "pk_", "x"):
            assert await key_use(tx, key) is None
        with pytest.raises(NotFound):
            await revoke_key(tx, revoked_id, viewer=company.owner)


@pytest.mark.parametrize("scopes", [[], ["card"], ["card.fly"], ["conversation.reply"]])
async def test_a_key_gets_no_permission_its_agent_lacks(
    db: Database, company: Company, scopes: list[str]
):
    viewer = Viewer(
        company.owner.agent_id, grants={("apikey", "manage"): "all", ("card", "read"): "all"}
    )
    async with db.transaction() as tx:
        with pytest.raises(Invalid):
            await make_key(tx, name="k", scopes=scopes, viewer=viewer)
