"""Changing a conversation: what changed is in the timeline, who may not changes nothing."""

import asyncio
from datetime import timedelta

import msgspec
import pytest

from inbox.assignment import AlreadyTaken, claim
from inbox.change import ConversationPatch, change_many
from inbox.participants import accept_participant
from inbox.status import wake_due
from inbox.views import ConversationItem
from infra.clock import new_id, now
from infra.errors import Conflict, Forbidden, Invalid, NotFound
from tests.reading import events_of
from tests.usecase.inbox.office import ANA, BOB


@pytest.fixture
async def agent(office):
    return await office.agent()


@pytest.fixture
async def case(office):
    return await office.case()


async def test_each_change_leaves_one_entry(office, agent, case):
    tag = await make_tag(office)
    item = await office.change(
        case,
        agent,
        status="waiting",
        priority=3,
        subject="  Comanda   nouă ",
        team_id=office.team_id,
        assignee_id=agent.agent_id,
        tag_ids=[tag],
        following=True,
    )
    assert msgspec.convert(item, ConversationItem, strict=False).subject == "Comanda nouă"
    assert item["follower_ids"] == [str(agent.agent_id)]
    assert await office.entries(case) == [
        "status",
        "priority",
        "subject",
        "team",
        "assigned",
        "tags",
    ]
    row = await office.conversation(case)
    assert row["last_seq"] == 7
    same = {"status": "waiting", "priority": 3, "subject": "Comanda nouă", "tag_ids": [tag]}
    await office.change(case, agent, **same)
    assert (await office.conversation(case))["last_seq"] == 7


async def make_tag(office):
    tag = new_id()
    async with office.db.transaction() as tx:
        await tx.execute(
            "INSERT INTO tag (id, name, name_key, color, rev) VALUES ($1, 'VIP', 'vip', 'red', 1)",
            tag,
        )
    return tag


async def test_a_change_on_an_old_revision_is_refused(office, agent, case):
    rev = (await office.conversation(case))["rev"]
    await office.change(case, agent, priority=2, rev=rev)
    with pytest.raises(Conflict):
        await office.change(case, agent, priority=0, rev=rev)


async def test_what_does_not_exist_cannot_be_set(office, agent, case):
    for fields in (
        {"assignee_id": new_id()},
        {"team_id": new_id()},
        {"tag_ids": [new_id()]},
        {"priority": 4},
        {"status": "snoozed"},
        {"status": "open", "snoozed_until": now() + timedelta(1)},
        {"snoozed_until": now() - timedelta(1)},
    ):
        with pytest.raises(Invalid):
            await office.change(case, agent, **fields)
    assert await office.entries(case) == []


async def test_a_snoozed_case_comes_back_on_time_or_when_the_client_writes(office, agent):
    on_time, by_client = await office.case(), await office.case(sender=BOB, name="<b@x>")
    for case in (on_time, by_client):
        await office.change(case, agent, snoozed_until=now() + timedelta(hours=1))
    async with office.db.transaction() as tx:
        assert await wake_due(tx) == 0
        await tx.execute(
            "UPDATE conversation SET snoozed_until = now() - interval '1 minute' WHERE id = $1",
            on_time,
        )
        assert await wake_due(tx) == 1
    await office.write(sender=BOB, thread="<b@x>")
    for case in (on_time, by_client):
        row = await office.conversation(case)
        assert (row["status"], row["snoozed_until"]) == ("open", None)
        assert await office.entries(case) == ["snoozed", "woken"]


async def test_closing_ends_the_wait_and_the_worry(office, agent, case):
    async with office.db.transaction() as tx:
        await tx.execute("UPDATE conversation SET failed_count = 2 WHERE id = $1", case)
    await office.change(case, agent, status="closed", reason="solved")
    row = await office.conversation(case)
    assert row["closed_at"] is not None
    assert (row["waiting_since"], row["failed_count"]) == (None, 0)
    entry = await office.row(
        "SELECT data::text AS data FROM conversation_event WHERE conversation_id = $1", case
    )
    assert msgspec.json.decode(entry["data"]) == {
        "from": "open",
        "to": "closed",
        "reason": "solved",
    }


async def test_assignment_keeps_its_history(office, agent, case):
    other = await office.agent()
    await office.change(case, agent, assignee_id=agent.agent_id)
    await office.change(case, agent, assignee_id=other.agent_id)
    await office.change(case, agent, assignee_id=None)
    history = await office.rows(
        "SELECT agent_id, to_at IS NULL AS current FROM assignment WHERE conversation_id = $1"
        " ORDER BY from_at",
        case,
    )
    assert [(row["agent_id"], row["current"]) for row in history] == [
        (agent.agent_id, False),
        (other.agent_id, False),
        (None, True),
    ]


async def test_of_several_who_claim_at_once_one_gets_it(office, case):
    agents = [await office.agent() for _ in range(6)]

    async def grab(viewer):
        try:
            async with office.db.transaction() as tx:
                await claim(tx, case, viewer=viewer)
        except AlreadyTaken:
            return 0
        return 1

    assert sum(await asyncio.gather(*map(grab, agents))) == 1
    assert await office.entries(case) == ["assigned"]


async def test_spam_marks_the_sender_and_coming_back_takes_it_off(office, agent, case):
    status = "SELECT status FROM identity WHERE value = $1"
    await office.change(case, agent, folder="spam")
    assert await office.value(status, ANA.value) == "spam"
    assert (await office.conversation(await office.case("Din nou")))["folder"] == "spam"
    await office.change(case, agent, folder="inbox")
    assert await office.value(status, ANA.value) == "ok"


async def test_trash_needs_its_own_right(office, agent, case):
    manager = await office.agent(role="manager", team=True)
    await office.change(case, agent, team_id=office.team_id)
    await office.change(case, manager, folder="spam")
    with pytest.raises(Forbidden):
        await office.change(case, manager, folder="trash")
    await office.change(case, agent, folder="trash")
    assert (await office.conversation(case))["folder"] == "trash"


async def test_those_who_may_not_change_nothing(office, case):
    auditor = await office.agent(role="auditor")
    newcomer = await office.agent(role="newcomer")
    before = await office.conversation(case)
    with pytest.raises(Forbidden):
        await office.change(case, auditor, status="closed")
    with pytest.raises(NotFound):
        await office.change(case, newcomer, status="closed")
    with pytest.raises(NotFound):
        await office.change(case, newcomer, following=True)
    assert await office.conversation(case) == before


async def test_many_are_changed_each_for_itself(office, agent, case):
    missing = new_id()
    result = await change_many(
        office.db,
        [case, missing, case],
        patch=ConversationPatch(priority=2),
        viewer=agent,
        via="api",
    )
    assert result.done == [case]
    assert [(one.id, one.code) for one in result.failed] == [(missing, "hub.not_found")]


async def test_who_loses_sight_of_a_case_is_told(office, agent, case):
    await office.change(case, agent, team_id=office.team_id)
    told = [
        placed
        for placed in await events_of(office.db)
        if placed.decoded()["type"] == "conversation.changed"
    ]
    assert told[-1].audience["t"] == str(office.team_id)
    assert told[-1].audience_before is not None
    assert told[-1].audience_before["t"] is None


async def test_a_third_party_is_let_in_with_what_they_wrote(office, agent):
    case = await office.case(name="<1@x>")
    thread = await office.value("SELECT id FROM thread WHERE conversation_id = $1", case)
    await office.write("Eu am copia", sender=BOB, proven_thread=thread)
    third = await office.value("SELECT id FROM identity WHERE value = $1", BOB.value)
    assert (await office.conversation(case))["last_public_seq"] == 1
    async with office.db.transaction() as tx:
        await accept_participant(tx, case, third, viewer=agent)
    assert (await office.conversation(case))["last_public_seq"] == 2
    shown = await office.value("SELECT visibility FROM message WHERE identity_id = $1", third)
    assert shown == "public"
    async with office.db.transaction() as tx:
        with pytest.raises(NotFound):
            await accept_participant(tx, case, third, viewer=agent)
