"""Counters in memory: always what a recount says, whatever happens and in which order."""

import random
from datetime import timedelta
from uuid import UUID

import pytest

from inbox.contract import Fault
from inbox.counters import recount
from inbox.drafts import discard_draft, save_draft
from inbox.open_set import OpenSet
from inbox.reading import mark_read, mark_unread
from inbox.recall import cancel_message
from inbox.view_keys import SELECTIONS
from inbox.views import DraftBody
from infra.clock import now
from infra.errors import HubError
from tests.reading import events_of
from tests.usecase.inbox.office import Address
from tests.usecase.inbox.provider import Post, error, sender
from tests.usecase.inbox.test_change import make_tag


UNCOUNTED = {"closed", "spam", "trash"}


def keys(office, tag):
    about = {"team": office.team_id, "account": office.account_id, "tag": tag}
    names = [name for name in SELECTIONS if name not in UNCOUNTED]
    return [f"{name}:{about[name]}" if name in about else name for name in names]


class Watch:
    """An open set that follows the feed, checked against recounts."""

    def __init__(self, office, people, tag):
        self.office, self.people, self.keys = office, people, keys(office, tag)
        self.set = OpenSet()

    async def start(self):
        self.set = await OpenSet.load(self.office.db)
        self.cursor = self.set.cursor
        for viewer in self.people:
            await self.set.register(self.office.db, viewer)
        return self

    async def follow(self):
        events = await events_of(self.office.db, after=self.cursor)
        for placed in events:
            self.set.apply(placed)
            self.cursor = placed.cursor
        while self.set.is_unsettled:
            await self.set.settle(self.office.db)

    async def check(self):
        for viewer in self.people:
            counts = self.set.counts(viewer.agent_id)
            for key in self.keys:
                async with self.office.db.read() as raw:
                    expected = await recount(raw, key, viewer=viewer)
                assert counts.get(key, (0, 0)) == expected, key
            assert not any(total < 1 for total, _ in counts.values())


@pytest.fixture
async def people(office):
    return [
        await office.agent(),
        await office.agent(role="manager", team=True),
        await office.agent(role="newcomer"),
        await office.agent(role="data_operator"),
    ]


async def test_counters_equal_a_recount_whatever_happens(office, people):  # noqa: C901 - a step each
    chance = random.Random(11)
    tag = await make_tag(office)
    owner = people[0]
    threads = [f"<{n}@x>" for n in range(8)]
    cases = [
        await office.case(name=name, sender=Address("email", f"c{n}@example.ro"))
        for n, name in enumerate(threads)
    ]
    await office.answer(cases[0], owner, not_before=now() + timedelta(hours=1))
    async with office.db.transaction() as tx:
        body = DraftBody(text="x")
        await save_draft(
            tx, cases[1], kind="note", body=body, base_seq=1, rev=None, viewer=people[0]
        )
        await mark_read(tx, cases[2], seq=1, viewer=owner)
    watch = await Watch(office, people, tag).start()
    await watch.check()
    late = await Watch(office, people, tag).start()  # sees every event in one go

    async def write(case):
        n = cases.index(case)
        await office.write(thread=threads[n], sender=Address("email", f"c{n}@example.ro"))

    async def change(case):
        patch = chance.choice(
            [
                {"status": "open"},
                {"status": "waiting"},
                {"status": "closed"},
                {"status": "closed"},
                {"snoozed_until": now() + timedelta(days=1)},
                {"team_id": chance.choice([None, office.team_id])},
                {"assignee_id": chance.choice([None, *(one.agent_id for one in people)])},
                {"tag_ids": chance.choice([[], [tag]])},
                {"folder": chance.choice(["inbox", "inbox", "spam", "trash"])},
            ]
        )
        await office.change(case, owner, **patch)

    async def follow(case):
        await office.change(case, chance.choice(people[:3]), following=chance.random() < 0.7)

    async def read(case):
        verb = chance.choice([mark_read, mark_unread])
        async with office.db.transaction() as tx:
            await verb(tx, case, seq=chance.randrange(1, 9), viewer=chance.choice(people[:3]))

    async def draft(case):
        viewer = chance.choice(people[:2])
        kind = chance.choice(["reply", "note"])
        async with office.db.transaction() as tx:
            if chance.random() < 0.5:
                text = DraftBody(text=str(chance.random()))
                rev = await tx.fetchval(
                    "SELECT rev FROM draft WHERE conversation_id = $1 AND agent_id = $2"
                    " AND kind = $3",
                    case,
                    viewer.agent_id,
                    kind,
                )
                await save_draft(
                    tx, case, kind=kind, body=text, base_seq=0, rev=rev, viewer=viewer
                )
            else:
                await discard_draft(tx, case, kind=kind, agent_id=viewer.agent_id)

    async def answer(case):
        later = chance.choice([None, now() + timedelta(hours=1)])
        await office.answer(
            case,
            owner,
            not_before=later,
            status_after=chance.choice([None, "closed"]),
        )

    async def cancel(case):
        message: UUID | None = await office.value(
            "SELECT m.id FROM message m JOIN delivery d ON d.message_id = m.id"
            " WHERE m.conversation_id = $1 AND d.state = 'queued' LIMIT 1",
            case,
        )
        if message:
            async with office.db.transaction() as tx:
                await cancel_message(tx, message, viewer=owner)

    async def send(case):
        script = chance.choice([Post(), Post(error(Fault.CONTENT))])
        await sender(office.db, script).run_due()

    steps = [write, change, change, change, follow, read, read, draft, draft, answer, cancel, send]
    for n in range(240):
        try:
            await chance.choice(steps)(chance.choice(cases))
        except HubError:
            continue
        if n % 3 == 0:
            await watch.follow()
        if n % 12 == 0:
            await watch.follow()
            await watch.check()
    await watch.follow()
    await watch.check()
    await late.follow()
    await late.check()


async def test_an_event_that_comes_twice_or_late_changes_nothing(office, people):
    owner = people[0]
    tag = await make_tag(office)
    watch = await Watch(office, people, tag).start()
    case = await office.case(name="<1@x>")
    await office.change(case, owner, status="waiting")
    await office.change(case, owner, status="closed")
    events = list(await events_of(office.db, after=watch.cursor))
    for _ in range(3):
        random.Random(3).shuffle(events)
        for placed in events:
            watch.set.apply(placed)
        await watch.set.settle(office.db)
    await watch.check()
    assert len(watch.set) == 0


async def test_only_what_changed_is_told(office, people):
    owner = people[0]
    watch = await Watch(office, people, await make_tag(office)).start()
    case = await office.case()
    await watch.follow()
    told = watch.set.changed_counts(owner.agent_id)
    assert told["all"] == told["unassigned"] == (1, 1)
    assert watch.set.changed_counts(owner.agent_id) == {}
    await office.change(case, owner, status="closed")
    await watch.follow()
    told = watch.set.changed_counts(owner.agent_id)
    assert told["all"] == told["unassigned"] == (0, 0)
    watch.set.forget(owner.agent_id)
    await office.case()
    await watch.follow()
