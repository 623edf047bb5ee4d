"""The visibility rule is written twice, as SQL and in Python: both must say the same."""

import random
from uuid import UUID

import msgspec
import pytest

from crm_core.staff.roles import ROLES, seed_roles
from crm_core.staff.tables import AgentRow, BranchRow, TeamMemberRow, TeamRow
from crm_core.staff.visibility import SCOPES, Viewer, load_viewer, widest
from crm_core.tables import CardRow
from inbox.tables import ConversationRow
from infra.clock import new_id
from infra.db import Database, Transaction
from infra.errors import Forbidden, NotFound


VISIBLE_CONVERSATIONS = "SELECT c.id FROM conversation AS c WHERE "
AUDIENCES = "SELECT c.id, conversation_audience(c)::text AS audience FROM conversation AS c"
VISIBLE_CARDS = "SELECT k.id FROM card AS k WHERE "
CARD_AUDIENCES = "SELECT k.id, card_audience(k)::text AS audience FROM card AS k"


async def organisation(tx: Transaction, chance: random.Random) -> dict[str, list[UUID]]:
    """A company of three branches, the second below the first, with teams and agents."""
    branches = [BranchRow(name=f"B{n}", code=f"b{n}") for n in range(3)]
    branches[1].parent_id = branches[0].id
    teams = [TeamRow(name=f"T{n}", branch_id=branches[n % 3].id) for n in range(4)]
    agents = [
        AgentRow(
            login=f"a{n}",
            login_key=f"a{n}",
            name=f"A{n}",
            branch_id=branches[n % 3].id,
            status="active",
        )
        for n in range(6)
    ]
    tx.session.add_all(branches)
    await tx.session.flush()
    tx.session.add_all([*teams, *agents])
    await tx.session.flush()
    for agent in agents:
        for team in chance.sample(teams, chance.randrange(3)):
            tx.session.add(TeamMemberRow(team_id=team.id, agent_id=agent.id))
    await tx.session.flush()
    return {
        "branch": [row.id for row in branches],
        "team": [row.id for row in teams],
        "agent": [row.id for row in agents],
    }


async def work(tx: Transaction, ids: dict[str, list[UUID]], chance: random.Random) -> None:
    """Cards and conversations that belong to anybody."""
    cards = [
        CardRow(
            branch_id=chance.choice(ids["branch"]),
            team_id=chance.choice([None, *ids["team"]]),
            owner_id=chance.choice([None, *ids["agent"]]),
        )
        for _ in range(60)
    ]
    tx.session.add_all(cards)
    await tx.session.flush()
    for _ in range(80):
        card_id = chance.choice(cards[:30]).id
        tx.session.add(
            ConversationRow(
                card_id=card_id,
                origin_card_id=card_id,
                branch_id=chance.choice(ids["branch"]),
                team_id=chance.choice([None, *ids["team"]]),
                assignee_id=chance.choice([None, *ids["agent"]]),
                follower_ids=chance.sample(ids["agent"], chance.randrange(3)),
            )
        )
    await tx.session.flush()


async def decoded(tx: Transaction, sql: str) -> dict[UUID, dict[str, object]]:
    return {row["id"]: msgspec.json.decode(row["audience"]) for row in await tx.fetch(sql)}


@pytest.mark.parametrize("seed", range(4))
async def test_sql_and_pure_rule_agree_on_random_data(db: Database, seed: int):
    chance = random.Random(seed)
    async with db.transaction() as tx:
        ids = await organisation(tx, chance)
        await work(tx, ids, chance)
        conversations = await decoded(tx, AUDIENCES)
        cards = await decoded(tx, CARD_AUDIENCES)
        for agent_id in ids["agent"]:
            base = await load_viewer(tx, agent_id)
            for scope in (None, *SCOPES):
                grants = {("conversation", "read"): scope} if scope else {}
                viewer = Viewer(agent_id, base.branch_ids, base.team_ids, grants)
                text, args = viewer.where("conversation", "read", "c")
                found = {row["id"] for row in await tx.fetch(VISIBLE_CONVERSATIONS + text, *args)}
                assert found == {key for key, who in conversations.items() if viewer.sees(who)}
                grants = {("card", "read"): scope} if scope else {}
                viewer = Viewer(agent_id, base.branch_ids, base.team_ids, grants)
                text, args = viewer.where("card", "read", "k")
                found = {row["id"] for row in await tx.fetch(VISIBLE_CARDS + text, *args)}
                assert found == {key for key, who in cards.items() if viewer.sees(who)}


async def test_a_card_is_readable_through_one_of_its_conversations(db: Database):
    chance = random.Random(1)
    async with db.transaction() as tx:
        ids = await organisation(tx, chance)
        await work(tx, ids, chance)
        viewer = Viewer(ids["agent"][0], grants={("conversation", "read"): "own"})
        text, args = viewer.where("conversation", "read", "c")
        sql = f"SELECT DISTINCT c.card_id AS id FROM conversation AS c WHERE {text}"
        through = {row["id"] for row in await tx.fetch(sql, *args)}
        text, args = viewer.where("card", "read", "k", 1)
        assert {row["id"] for row in await tx.fetch(VISIBLE_CARDS + text, *args)} == through
        assert through


async def test_the_rule_takes_its_place_among_other_parameters(db: Database):
    viewer = Viewer(new_id(), (new_id(),), (new_id(),), {("card", "read"): "team"})
    text, args = viewer.where("card", "read", "k", 4)
    assert "$4" in text
    assert "$3" not in text
    assert len(args) == 3


async def test_a_viewer_has_the_widest_scope_of_all_roles_and_the_branches_below(db: Database):
    async with db.transaction() as tx:
        ids = await organisation(tx, random.Random(0))
        roles = await seed_roles(tx)
        for key in ("newcomer", "manager"):
            await tx.execute(
                "INSERT INTO agent_role (agent_id, role_id) VALUES ($1, $2)",
                ids["agent"][0],
                roles[key],
            )
        viewer = await load_viewer(tx, ids["agent"][0])
        assert set(viewer.branch_ids) == set(ids["branch"][:2])
        assert viewer.grants["conversation", "reply"] == "team"
        assert viewer.grants["conversation", "assign"] == "team"
        assert not viewer.may("account", "manage")
        with pytest.raises(Forbidden):
            viewer.need("account", "manage")


async def test_an_agent_who_left_sees_nothing_any_more(db: Database):
    async with db.transaction() as tx:
        ids = await organisation(tx, random.Random(0))
        await tx.execute("UPDATE agent SET status = 'left' WHERE id = $1", ids["agent"][0])
        with pytest.raises(NotFound):
            await load_viewer(tx, ids["agent"][0])


async def test_seeding_roles_again_changes_nothing(db: Database):
    async with db.transaction() as tx:
        assert await seed_roles(tx) == await seed_roles(tx)
        count = await tx.fetchval("SELECT count(*) FROM role_grant")
        assert count == sum(len(grants) for _, grants in ROLES.values())


def test_private_and_permission_audiences_are_exact():
    me = new_id()
    viewer = Viewer(me, grants={("account", "read"): "all"})
    assert viewer.sees({})
    assert viewer.sees({"me": str(me)})
    assert not viewer.sees({"me": str(new_id())})
    assert viewer.sees({"p": "account.read"})
    assert not viewer.sees({"p": "account.manage"})
    assert not viewer.sees({"unknown": 1})


def test_the_wider_scope_wins():
    assert widest(None, "own") == "own"
    assert widest("all", "own") == "all"
    assert widest("team", "branch") == "branch"
