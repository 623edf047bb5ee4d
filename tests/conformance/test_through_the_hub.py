"""Each channel through the journal, the inbox and the outbox of a real hub."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from inbox import journal
from inbox.accounts import seal_secrets
from inbox.contract import (
    AccountId,
    Adapter,
    Event,
    Fault,
    Outbound,
    Raw,
    RichText,
    SendError,
    ThreadRef,
)
from inbox.processing import Processor
from inbox.sending import Sender
from infra.blobs import Blobs
from infra.bus import LocalBus
from infra.clock import new_id, now
from tests import seed
from tests.conformance.subjects import ACCOUNT, Paper, having, is_pushed, those
from tests.usecase.hooked import KEY, VAULT, served
from tests.usecase.inbox.office import Office


def long_text(caps):
    """Return a text that is longer than three calls carry, where calls carry a part of one."""
    return "cuvinte " * max(60, min(caps.text_max, 10_000))  # SMS count their limit in parts


def takes_several_calls(subject):
    """Whether a long answer is more than one call of the channel."""
    adapter = subject.open()
    caps = adapter.capabilities()
    message = Outbound(
        id=new_id(),
        thread=ThreadRef(ACCOUNT, subject.thread),
        thread_id=new_id(),
        to=subject.peer,
        parts=(RichText(text=long_text(caps)),),
        at=now(),
    )
    return len(adapter.render(message, caps).ops) > 2


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


@having("about")
async def test_what_speaks_of_another_payload_may_come_before_it(subject, desk):
    about = subject.about
    for later in about:
        await desk.receive(subject.payloads[later])
    assert set(await desk.states()) == {"received"}
    await desk.receive(*(subject.payloads[first] for first in dict.fromkeys(about.values())))
    await desk.wait(1)
    assert set(await desk.states()) == {"processed"}


@those(is_pushed)
async def test_a_call_is_stored_once_and_a_forged_one_not_at_all(subject, desk, db, tmp_path):
    sealed = seal_secrets(VAULT, f"account/{desk.account}", subject.secrets)
    async with db.transaction() as tx:
        await tx.execute(
            "UPDATE channel_account SET hook_key = $2, config = $3::jsonb, secrets = $4"
            " WHERE id = $1",
            desk.account,
            KEY,
            msgspec.json.encode(subject.settings).decode(),
            sealed,
        )
    async with served(db, tmp_path, desk.adapter) as post:
        ctx = await post.context(desk.account)
        for request in subject.forged(ctx):
            assert await post.hand(request) == 403
        assert await post.rows() == 0
        for request in subject.genuine(ctx):
            assert [await post.hand(request) for _ in "12"] == [200, 200]
        assert await post.rows() == len(subject.genuine(ctx))
    await desk.processor.run_due()
    assert await desk.states() == ["processed"]


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


@those(lambda subject: Fault.AUTH in subject.faults)
async def test_a_broken_account_pauses_and_loses_nothing(subject, desk):
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


class Died(BaseException):
    """The worker's process, not its code, came to an end."""


class Ledger:
    """A line whose worker can vanish: how many calls the provider was handed, by their keys."""

    def __init__(self, line, monkeypatch):
        self.line = line
        self.handed = Counter()
        self.dies_after = None
        self._send = line.adapter.send
        monkeypatch.setattr(line.adapter, "send", self.send)
        monkeypatch.setattr(line.adapter, "rates", lambda _config: {}, raising=False)

    async def send(self, ctx, op):
        receipt = await self._send(ctx, op)
        self.handed[int(op.key.rpartition("/")[2])] += 1
        if self.handed.total() == self.dies_after:
            raise Died
        return receipt

    async def work(self, db, **owner):
        await Sender(db, LocalBus(), open_line_of(self.line), **owner).run_due()


class Mortal(Sender):
    """A worker that vanishes when a call is over and the next one is not begun."""

    async def _send_step(self, *args):
        await super()._send_step(*args)
        raise Died


async def long_answer(desk, subject, line):
    """Let an agent answer what takes at least three calls; return its id."""
    office = desk.office
    await desk.receive(next(iter(subject.payloads.values())))
    case = await office.value("SELECT id FROM conversation")
    caps = office.caps[line.adapter.provider] = line.adapter.capabilities()
    message = await office.answer(case, await office.agent(), long_text(caps))
    await make_due(office)
    return message


async def forget_leases(office):
    async with office.db.transaction() as tx:
        await tx.execute("UPDATE delivery SET lease_until = now() - interval '1 second'")


@those(takes_several_calls)
async def test_a_worker_that_vanished_between_two_calls_is_gone_on_from(
    subject, desk, monkeypatch
):
    office = desk.office
    async with subject.line() as line:
        message = await long_answer(desk, subject, line)
        ledger = Ledger(line, monkeypatch)
        with pytest.raises(Died):
            await Mortal(office.db, LocalBus(), open_line_of(line), owner="dead").run_due()
        assert ledger.handed == {0: 1}
        await forget_leases(office)
        await ledger.work(office.db, owner="two")
        assert await states(office, message) == {"sent"}
        assert set(ledger.handed.values()) == {1}
        assert line.handed == len(ledger.handed) > 2


@those(takes_several_calls)
async def test_a_worker_that_vanished_in_a_call_leaves_no_second_copy(subject, desk, monkeypatch):
    office = desk.office
    async with subject.line() as line:
        message = await long_answer(desk, subject, line)
        ledger = Ledger(line, monkeypatch)
        ledger.dies_after = 2
        with pytest.raises(BaseExceptionGroup, match="unhandled"):
            await ledger.work(office.db, owner="dead")
        for _ in "12":
            await forget_leases(office)
            await make_due(office)
            await ledger.work(office.db, owner="two")
        if line.adapter.resend_safe:  # it recognises what it has
            assert await states(office, message) == {"sent"}
            assert line.handed == len(ledger.handed) > 2
        else:
            assert await states(office, message) == {"sent", "unknown", "queued"}
            assert ledger.handed == {0: 1, 1: 1}
            assert line.handed == 2


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
