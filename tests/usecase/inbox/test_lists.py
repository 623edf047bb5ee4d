"""Lists: the right rows, in order, once each, and none the viewer may not see."""

import random
from datetime import timedelta

import msgspec
import pytest

from crm_core.staff.tables import TeamRow
from inbox.lists import conversation_by_number, conversation_item, list_page
from inbox.thread_page import timeline_page
from inbox.view_keys import SELECTIONS
from inbox.views import ConversationItem, Timeline
from infra.clock import now
from infra.errors import Invalid, NotFound
from tests.usecase.inbox.office import Address, Office
from tests.usecase.inbox.test_change import make_tag


class Page(msgspec.Struct):
    cursor: str
    next: str | None
    items: list[ConversationItem]


@pytest.fixture
async def busy(office):
    """Sixty conversations in every state, of two teams and none."""
    chance = random.Random(5)
    owner = await office.agent()
    tag = await make_tag(office)
    office.tag_id = tag
    async with office.db.transaction() as tx:
        other = TeamRow(name="Sales", branch_id=office.branch_id)
        tx.session.add(other)
    people = [
        owner,
        await office.agent(role="manager", team=True),
        await office.agent(role="newcomer"),
        await office.agent(role="head"),
        await office.agent(role="auditor"),
        await office.agent(role="data_operator"),
    ]
    for n in range(60):
        case = await office.case(f"Text {n}", sender=Address("email", f"c{n % 20}@example.ro"))
        patch = {
            "team_id": chance.choice([None, office.team_id, other.id]),
            "assignee_id": chance.choice([None, None, *(one.agent_id for one in people)]),
            "tag_ids": chance.choice([[], [tag]]),
            "folder": chance.choice(["inbox"] * 6 + ["spam", "trash"]),
        }
        state = chance.choice(["open", "open", "waiting", "closed", "snoozed"])
        patch |= {"status": state}
        if state == "snoozed":
            patch["snoozed_until"] = now() + timedelta(days=1)
        await office.change(case, owner, **patch)
        if chance.random() < 0.2:
            await office.change(case, owner, following=True)
    async with office.db.transaction() as tx:
        await tx.execute(
            "UPDATE conversation SET failed_count = 1 WHERE number % 7 = 0;"
            "UPDATE conversation SET last_activity_at = date_trunc('second', last_activity_at)"
            " WHERE number % 2 = 0"
        )
    office.people = people
    return office


async def page(office: Office, view, viewer, **fields):
    async with office.db.read() as raw:
        return msgspec.json.decode(await list_page(raw, view, viewer=viewer, **fields), type=Page)


async def whole(office, view, viewer, **fields):
    items, before = [], None
    while True:
        found = await page(office, view, viewer, before=before, limit=7, **fields)
        items += found.items
        before = found.next
        if before is None:
            return items


def keys(office):
    about = {"team": office.team_id, "account": office.account_id, "tag": office.tag_id}
    return [f"{name}:{about[name]}" if name in about else name for name in SELECTIONS]


async def test_each_view_has_what_its_rule_says_for_each_viewer(busy):
    for viewer in busy.people:
        seen, args = viewer.where("conversation", "read", "c", 3)
        for key in keys(busy):
            name, _, about = key.partition(":")
            selection = SELECTIONS[name]
            statuses = selection.statuses or ("open", "waiting", "snoozed", "closed")
            expected = await busy.rows(
                f"WITH g AS (SELECT $1::uuid, $2::uuid) SELECT c.id FROM conversation c"
                f" WHERE {selection.rule} AND {seen}"
                f" AND c.status IN {statuses if len(statuses) > 1 else f'({statuses[0]!r})'}"
                f" ORDER BY c.last_activity_at DESC, c.id DESC",
                viewer.agent_id,
                about or None,
                *args,
            )
            found = [item.id for item in await whole(busy, key, viewer)]
            assert found == [row["id"] for row in expected], (key, viewer.grants)


async def test_the_longest_waiting_come_first_when_asked_for(busy):
    owner = busy.people[0]
    found = await whole(busy, "all", owner, order="oldest_waiting")
    assert {item.id for item in found} == {item.id for item in await whole(busy, "all", owner)}
    waits = [item.waiting_since for item in found if item.waiting_since]
    assert waits == sorted(waits)


async def test_who_reads_no_correspondence_gets_no_row(busy):
    operator = busy.people[-1]
    for key in keys(busy):
        assert await whole(busy, key, operator) == []


async def test_a_row_says_what_the_viewer_has_read_and_is_writing(office):
    agent = await office.agent()
    case = await office.case()
    async with office.db.transaction() as tx:
        await tx.execute("INSERT INTO read_state VALUES ($1, $2, 1, 1)", agent.agent_id, case)
        await tx.execute(
            "INSERT INTO draft (id, conversation_id, agent_id, kind, body, base_seq, rev,"
            " updated_at) VALUES ($1, $1, $2, 'reply', '{}', 0, 1, now())",
            case,
            agent.agent_id,
        )
    (item,) = (await page(office, "all", agent)).items
    assert (item.read_count, item.inbound_count, item.has_draft) == (1, 1, True)
    assert [one.id for one in (await page(office, "drafts", agent)).items] == [case]
    other = await office.agent()
    (item,) = (await page(office, "all", other)).items
    assert (item.read_count, item.has_draft) == (0, False)


async def test_what_is_scheduled_is_a_view(office):
    agent = await office.agent()
    case = await office.case()
    await office.answer(case, agent)
    assert (await page(office, "scheduled", agent)).items == []
    await office.answer(case, agent, not_before=now() + timedelta(hours=1))
    assert [one.id for one in (await page(office, "scheduled", agent)).items] == [case]


async def test_a_view_nobody_has_heard_of_is_not_found(office):
    agent = await office.agent()
    for key in ("", "nothing", "team", "team:", "team:1", "mine:1", "all; DROP TABLE"):
        with pytest.raises(NotFound):
            await page(office, key, agent)
    with pytest.raises(Invalid):
        await page(office, "all", agent, before="garbage")


async def test_one_conversation_is_shown_to_who_may_see_it(office):
    agent, newcomer = await office.agent(), await office.agent(role="newcomer")
    case = await office.case()
    number = (await office.conversation(case))["number"]
    async with office.db.read() as raw:
        text = await conversation_item(raw, case, viewer=agent)
        assert msgspec.json.decode(text, type=ConversationItem).number == number
        assert await conversation_by_number(raw, number, viewer=agent) == text
        with pytest.raises(NotFound):
            await conversation_item(raw, case, viewer=newcomer)
        with pytest.raises(NotFound):
            await conversation_by_number(raw, number, viewer=newcomer)


async def test_the_timeline_has_every_place_once(office):
    agent, newcomer = await office.agent(), await office.agent(role="newcomer")
    case = await office.case(name="<1@x>")
    for n in range(12):
        await office.write(f"Text {n}", thread="<1@x>")
        await office.change(case, agent, priority=n % 4)
    last = (await office.conversation(case))["last_seq"]

    async def part(**fields):
        async with office.db.read() as raw:
            text = await timeline_page(raw, case, viewer=agent, limit=10, **fields)
        return msgspec.json.decode(text, type=Timeline)

    seen: list[int] = []
    found = await part()
    while True:
        seen += [one.seq for one in (*found.messages, *found.entries)]
        assert found.last_seq - found.first_seq < 10
        if not found.has_more_before:
            break
        found = await part(before_seq=found.first_seq)
    assert sorted(seen) == list(range(1, last + 1))
    news = await part(after_seq=last - 3)
    assert sorted(one.seq for one in (*news.messages, *news.entries)) == [last - 2, last - 1, last]
    nothing = await part(after_seq=last)
    assert (nothing.messages, nothing.entries, nothing.last_seq) == ([], [], last)
    async with office.db.read() as raw:
        with pytest.raises(NotFound):
            await timeline_page(raw, case, viewer=newcomer)
