"""Each channel through the journal, the inbox and the outbox of a real hub."""

from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from inbox import journal
from inbox.contract import AccountId, Adapter, Event, Fault, Raw, SendError
from inbox.processing import Processor
from inbox.sending import Sender
from infra.blobs import Blobs
from infra.bus import LocalBus
from tests import seed
from tests.conformance.subjects import SUBJECTS, Paper
from tests.usecase.inbox.office import Office


@pytest.fixture(params=SUBJECTS, ids=lambda subject: subject.name)
def subject(request):
    return request.param


async def in_process(
    adapter: Adapter, account: AccountId, raws: Sequence[Raw]
) -> Sequence[Sequence[Event] | Exception]:
    """Read payloads here: isolation has tests of its own."""
    return [adapter.normalize(account, raw) for raw in raws]


class Desk:
    """A hub with one account of the channel under test."""

    def __init__(self, office: Office, blobs: Blobs, adapter: Adapter) -> None:
        self.office = office
        self.blobs = blobs
        self.adapter = adapter
        self.processor = Processor(office.db, LocalBus(), blobs, self.adapter_of, in_process)

    async def adapter_of(self, _provider: str) -> Adapter:
        return self.adapter

    async def connect(self) -> None:
        self.account = await seed.account(
            self.office.db,
            branch_id=self.office.branch_id,
            kind=self.adapter.kind,
            provider=self.adapter.provider,
            address="conformance@hub.test",
        )

    async def receive(self, *raws: Raw) -> int:
        """Hand payloads over, as the adapter does; return how many were new."""
        async with self.office.db.transaction() as tx:
            new = await journal.take(tx, self.blobs, self.account, raws)
        await self.processor.run_due()
        return new

    async def wait(self, minutes: int) -> None:
        """Let time pass for what waits in the journal, and look at it again."""
        async with self.office.db.transaction() as tx:
            await tx.execute(
                "UPDATE journal SET received_at = received_at - make_interval(mins => $1),"
                " next_try_at = now() WHERE state = 'received'",
                minutes,
            )
        await self.processor.run_due()

    async def states(self) -> list[str]:
        rows = await self.office.rows("SELECT state FROM journal ORDER BY id")
        return [row["state"] for row in rows]


@pytest.fixture
async def desk(subject, db, tmp_path: Path):
    office = await Office(db).open()
    made = Desk(office, Blobs(tmp_path), subject.open())
    await made.connect()
    return made


async def test_the_same_payload_twice_is_one_row_and_one_message(subject, desk):
    raw = next(iter(subject.payloads.values()))
    assert await desk.receive(raw) == 1
    assert await desk.receive(raw) == 0
    renamed = msgspec.structs.replace(raw, key=f"{raw.key}/again")
    assert await desk.receive(renamed) == 1
    assert await desk.states() == ["processed", "duplicate"]
    assert await desk.office.value("SELECT count(*) FROM message") == 1


async def test_every_payload_ends_and_none_is_lost(subject, desk):
    raws = [raw for name, raw in subject.payloads.items() if name != "file"]
    await desk.receive(*raws, *subject.strange)
    await desk.wait(11)  # what is about messages that never come is waited for no longer
    assert set(await desk.states()) <= {"processed", "ignored"}


async def test_an_answer_goes_back_where_the_message_came_from(subject, desk):
    office = desk.office
    agent = await office.agent()
    await desk.receive(next(iter(subject.payloads.values())))
    case = await office.value("SELECT id FROM conversation")
    async with subject.line() as line:
        office.caps[line.adapter.provider] = line.adapter.capabilities()
        message = await office.answer(case, agent, "x" * 450)

        async def open_line(_account):
            return line.adapter, line.ctx

        sender = Sender(office.db, LocalBus(), open_line)
        line.break_for(subject.faults[0])
        await make_due(office)
        assert await sender.run_due() == 1
        assert subject.faults[0] is Fault.TRANSIENT
        assert await states(office, message) == {"queued"}
        assert line.handed == 0
        line.mend()
        await make_due(office)
        await sender.run_due()
        assert await states(office, message) == {"sent"}
        names = await office.rows("SELECT provider_id FROM delivery ORDER BY part")
        assert len({row["provider_id"] for row in names}) == line.handed


async def make_due(office):
    async with office.db.transaction() as tx:
        await tx.execute("UPDATE delivery SET not_before = now() WHERE state = 'queued'")


async def states(office, message):
    rows = await office.rows("SELECT state FROM delivery WHERE message_id = $1", message)
    return {row["state"] for row in rows}


async def test_what_speaks_of_another_payload_may_come_before_it(subject, desk):
    about = getattr(subject, "about", {})
    if not about:
        pytest.skip("nothing of it speaks of messages")
    for later in about:
        await desk.receive(subject.payloads[later])
    assert set(await desk.states()) == {"received"}
    await desk.receive(*(subject.payloads[first] for first in dict.fromkeys(about.values())))
    await desk.wait(1)
    assert set(await desk.states()) == {"processed"}


async def test_the_same_thread_name_in_two_accounts_is_two_threads(subject, desk):
    raw = next(iter(subject.payloads.values()))
    await desk.receive(raw)
    desk.account = await seed.account(
        desk.office.db,
        branch_id=desk.office.branch_id,
        kind=desk.adapter.kind,
        provider=desk.adapter.provider,
        address="other@hub.test",
    )
    await desk.receive(raw)
    assert set(await desk.states()) == {"processed"}
    rows = await desk.office.rows("SELECT DISTINCT account_id, conversation_id FROM thread")
    assert len({row["account_id"] for row in rows}) == len(rows) == 2


async def test_a_broken_account_pauses_and_loses_nothing(subject, desk):
    if Fault.AUTH not in subject.faults:
        pytest.skip("has no passwords")
    office = desk.office
    agent = await office.agent()
    await desk.receive(next(iter(subject.payloads.values())))
    case = await office.value("SELECT id FROM conversation")
    async with subject.line() as line:
        office.caps[line.adapter.provider] = line.adapter.capabilities()
        sender = Sender(office.db, LocalBus(), open_line_of(line))
        messages = [await office.answer(case, agent, text) for text in ("unu", "doi", "trei")]
        line.break_for(Fault.AUTH)
        await make_due(office)
        await sender.run_due()
        rows = await office.rows("SELECT state, attempts FROM delivery")
        assert {tuple(row.values()) for row in rows} == {("queued", 0)}
        paused = await office.row(
            "SELECT paused_until > now() AS yes, health ->> 'state' AS state FROM channel_account"
            " WHERE id = $1",
            desk.account,
        )
        assert tuple(paused.values()) == (True, "bad_credentials")
        line.mend()
        async with office.db.transaction() as tx:
            await tx.execute("UPDATE channel_account SET paused_until = NULL")
            await tx.execute("DELETE FROM rate_bucket")  # time passes
        await make_due(office)
        await sender.run_due()
        assert [await states(office, one) for one in messages] == [{"sent"}] * 3
        ended = await office.rows(
            "SELECT message_id FROM delivery_attempt WHERE outcome = 'sent' ORDER BY ended_at"
        )
        assert [row["message_id"] for row in ended] == messages


async def test_one_chat_that_is_throttled_holds_no_other_up(db):
    office = await Office(db).open()
    paper = Paper()
    agent = await office.agent()
    cases = [await office.place_of(await office.chat(user=user)) for user in ("1", "2")]
    slow, quick = [await office.answer(case, agent) for case in cases]
    async with paper.line() as line:
        line.desk.moods["chat1"] = SendError(
            fault=Fault.THROTTLED, code="paper.slow", retry_after=60.0, scope="chat:chat1"
        )
        sender = Sender(office.db, LocalBus(), open_line_of(line))
        await make_due(office)
        await sender.run_due()
        assert (await states(office, slow), await states(office, quick)) == ({"queued"}, {"sent"})
        line.desk.moods.clear()
        await make_due(office)
        await sender.run_due()
        assert await states(office, slow) == {"sent"}


def open_line_of(line):
    async def open_line(_account):
        return line.adapter, line.ctx

    return open_line
