"""The sender: hands queued copies to their providers and writes down what became of them.

Nothing is open in the database while a provider is called. Whatever kills the process, the rows
say what is true: a copy is queued until the commit before its call, and ``sending`` until somebody
knows more. See ``inbox.outbox`` for the lanes and leases.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy.exc import DBAPIError

from inbox import outbox
from inbox.bounces import keep_cost
from inbox.contract import (
    Adapter,
    Fault,
    NamesFirst,
    Receipt,
    RunContext,
    SendError,
    SendFailed,
    Verifies,
    WireOp,
)
from inbox.delivery import Fate, settle
from inbox.fates import ACCOUNT, reopens_at
from inbox.outbound import Addressed, load_outbound
from inbox.outbox import Begun, Claimed, Interrupted
from inbox.pacing import PATIENCE, put_off, rates_of, take
from inbox.pausing import move_thread, pause_account
from inbox.steps import Step, judge, narrowed, plan, summary
from infra.bus import Bus
from infra.clock import new_id, now
from infra.db import DATABASE_AWAY, Database


log = structlog.get_logger()

LEASE = timedelta(seconds=60)  # after which a silent worker is taken for dead
CALL_LIMIT = 600.0  # seconds one provider call may take
SLOTS = 16  # messages in flight per worker
PER_ACCOUNT = 4  # of them: a hanging provider leaves the rest to others
POLL = 5.0  # seconds between looks when nothing wakes us
PAUSE = 0.02  # seconds at least between two looks
WRITE_TRIES = 10  # to store an outcome that the database refuses
GRACE = 10.0  # seconds calls under way may take when the worker is told to stop

OpenLine = Callable[[UUID], Awaitable[tuple[Adapter, RunContext]]]
"""Gives the adapter of an account and what it works with."""


class Sender:
    """Sends what is due; any number of them may run, on any number of nodes.

    Args:
        is_dead: Whether another worker is known to be gone, so that its leases need not run out.
    """

    def __init__(
        self,
        db: Database,
        bus: Bus,
        open_line: OpenLine,
        *,
        owner: str | None = None,
        lease: timedelta = LEASE,
        is_dead: Callable[[str], bool] = lambda _owner: False,
    ) -> None:
        self._db = db
        self._bus = bus
        self._open_line = open_line
        self._owner = owner or f"sender/{new_id()}"
        self._lease = lease
        self._is_dead = is_dead
        self._tasks: set[asyncio.Task[None]] = set()
        self._busy: Counter[UUID] = Counter()

    async def run(self) -> None:
        """Send until cancelled; calls under way are given time to end."""
        try:
            async with self._bus.listen() as listener:
                await self._bury()
                while True:
                    wait = await self._look()
                    await listener.wait(wait)
                    await asyncio.sleep(PAUSE)
        finally:
            await self._drain()

    async def run_due(self) -> int:
        """Send everything that is due now, one after the other; return how many messages."""
        for lost in await self._take_interrupted():
            await self._resolve(lost)
        sent = 0
        while (claimed := await self._claim()) is not None:
            await self._deliver(claimed)
            sent += 1
        return sent

    # ---------------------------------------------------------------- choosing

    async def _bury(self) -> None:
        """End the leases of workers known to be dead: a hub that was killed goes on at once."""
        with suppress(*DATABASE_AWAY):
            async with self._db.transaction() as tx:
                await outbox.end_leases(tx, self._is_dead)

    async def _look(self) -> float:
        """Start everything that can start; return how long nothing else falls due."""
        try:
            for lost in await self._take_interrupted():
                self._start(self._resolve(lost))
            while len(self._tasks) < SLOTS and (claimed := await self._claim()) is not None:
                self._start(self._deliver(claimed), claimed.account_id)
            async with self._db.transaction() as tx:
                due = await outbox.next_due(tx)
        except DATABASE_AWAY as error:
            log.warning("sending.database_away", error=repr(error))
            return 1.0
        until = POLL if due is None else (due - now()).total_seconds()
        return min(max(until, PAUSE), POLL, self._lease.total_seconds() / 2)

    async def _claim(self) -> Claimed | None:
        full = [account for account, count in self._busy.items() if count >= PER_ACCOUNT]
        async with self._db.transaction() as tx:
            return await outbox.claim(tx, owner=self._owner, lease=self._lease, busy=full)

    def _start(self, work: Coroutine[None, None, None], account_id: UUID | None = None) -> None:
        if account_id is not None:
            self._busy[account_id] += 1
        task = asyncio.create_task(work)
        self._tasks.add(task)

        def over(ended: asyncio.Task[None]) -> None:
            self._tasks.discard(ended)
            if account_id is not None:
                self._busy[account_id] -= 1
            if not ended.cancelled() and (error := ended.exception()) is not None:
                log.error("sending.failed", error=repr(error))

        task.add_done_callback(over)

    async def _drain(self) -> None:
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=GRACE)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    # ---------------------------------------------------------------- sending

    async def _deliver(self, claimed: Claimed) -> None:
        try:
            adapter, ctx = await self._open_line(claimed.account_id)
            addressed, steps = await self._plan(adapter, ctx, claimed.message_id)
        except DATABASE_AWAY:
            return  # the claim runs out and the message is still queued
        except Exception as error:  # noqa: BLE001 - a message that breaks us must not stop others
            await self._give_up(claimed, error)
            return
        try:
            for step in steps:
                if not await self._send_step(adapter, ctx, claimed, addressed, step):
                    break
            async with self._db.transaction() as tx:
                await outbox.release(tx, claimed.message_id, owner=self._owner)
        except DATABASE_AWAY as error:
            log.warning("sending.database_away", error=repr(error))

    async def _plan(
        self, adapter: Adapter, ctx: RunContext, message_id: UUID
    ) -> tuple[Addressed, list[Step]]:
        async with self._db.read() as raw:
            addressed = await load_outbound(raw, message_id)
        steps = plan(adapter, addressed, ctx.config)
        parts = 1 + max((part for step in steps for part in step.parts.values()), default=0)
        if parts > 1:
            async with self._db.transaction() as tx:
                await outbox.add_parts(tx, message_id, parts, owner=self._owner)
        return addressed, steps

    async def _send_step(
        self, adapter: Adapter, ctx: RunContext, claimed: Claimed, addressed: Addressed, step: Step
    ) -> bool:
        """Make one provider call; return whether the next one may follow."""
        if not await self._paced(adapter, ctx, claimed, step):
            return False
        names = adapter.names_of(ctx, step.op) if isinstance(adapter, NamesFirst) else ()
        async with self._db.transaction() as tx:
            begun = await outbox.begin(
                tx,
                claimed,
                step.op,
                step.parts,
                owner=self._owner,
                lease=self._lease,
                names=names,
            )
        if begun is None:
            return True
        op = narrowed(step.op, addressed, begun)
        async with self._kept(claimed):
            outcome = await self._call(adapter, ctx, op)
        await self._write_down(
            adapter, outcome, claimed=claimed, addressed=addressed, op=op, begun=begun
        )
        return isinstance(outcome, Receipt)

    async def _paced(
        self, adapter: Adapter, ctx: RunContext, claimed: Claimed, step: Step
    ) -> bool:
        """Take the tokens of a call; False when it went back into the queue to wait for them."""
        rates = rates_of(adapter, ctx.config)
        while rates:
            async with self._db.transaction() as tx:
                if not await outbox.is_wanted(tx, claimed, step.parts, owner=self._owner):
                    return True  # it has gone already: its tokens belong to others
                wait = await take(tx, claimed.account_id, step.op, rates)
                if wait is not None and wait.seconds > PATIENCE:
                    await put_off(tx, claimed, wait)
                    return False
            if wait is None:
                break
            await asyncio.sleep(wait.seconds)
        return True

    async def _call(self, adapter: Adapter, ctx: RunContext, op: WireOp) -> Receipt | SendError:
        try:
            async with asyncio.timeout(CALL_LIMIT):
                return await adapter.send(ctx, op)
        except SendFailed as failure:
            error = failure.error
        except TimeoutError:
            error = SendError(fault=Fault.UNKNOWN, code="send.timeout")
        except Exception as bug:
            log.exception("sending.adapter_failed", op=op.key)
            error = SendError(fault=Fault.UNKNOWN, code="send.crashed", text=repr(bug))
        if error.fault is Fault.UNKNOWN:
            return await self._was_sent(adapter, ctx, op) or error
        return error

    async def _was_sent(self, adapter: Adapter, ctx: RunContext, op: WireOp) -> Receipt | None:
        if not isinstance(adapter, Verifies):
            return None
        try:
            async with asyncio.timeout(CALL_LIMIT):
                return await adapter.was_sent(ctx, op)
        except Exception as error:  # noqa: BLE001 - looking failed: still nobody knows
            log.warning("sending.look_failed", op=op.key, error=repr(error))
            return None

    # ---------------------------------------------------------------- writing down

    async def _write_down(
        self,
        adapter: Adapter,
        outcome: Receipt | SendError,
        *,
        claimed: Claimed,
        addressed: Addressed,
        op: WireOp,
        begun: Begun,
    ) -> None:
        """Store the outcome of a call: what is known now must not become unknown.

        The database may be away for long, and a deadlock ends some transaction, maybe this one.
        """
        fates = judge(adapter, addressed, begun, outcome)
        tries = 0
        while True:
            try:
                async with self._db.transaction() as tx:
                    await settle(tx, claimed.message_id, fates, owner=self._owner)
                    await outbox.end_attempt(
                        tx, claimed.message_id, op.key, begun.attempt, **summary(outcome)
                    )
                    if isinstance(outcome, Receipt):
                        await outbox.keep_names(tx, claimed, outcome.external_ids)
                        if outcome.cost is not None:
                            name = "".join(outcome.external_ids[:1])
                            await keep_cost(tx, claimed.message_id, name, outcome.cost)
                        if outcome.moved_to is not None:
                            await move_thread(tx, claimed.thread_id, outcome.moved_to)
                if isinstance(outcome, SendError):
                    await self._protect(claimed, op, outcome)
            except (*DATABASE_AWAY, DBAPIError) as error:
                tries += not isinstance(error, DATABASE_AWAY)
                if tries > WRITE_TRIES:
                    raise
                log.warning("sending.not_written", error=repr(error))
                await asyncio.sleep(0.2 if tries else 1.0)
            else:
                return

    async def _protect(self, claimed: Claimed, op: WireOp, error: SendError) -> None:
        """Keep the rest of the queue from running into the same wall."""
        async with self._db.transaction() as tx:
            if error.fault in ACCOUNT:
                await pause_account(tx, claimed.account_id, error)
            elif error.fault is Fault.THROTTLED:
                is_narrow = len(op.bucket) > 1 and error.scope == op.bucket[-1]
                thread = claimed.thread_id if is_narrow else None
                until = reopens_at(error, now())
                await outbox.postpone(tx, claimed.account_id, until, thread_id=thread)
            elif error.fault is Fault.MOVED and error.moved_to is not None:
                await move_thread(tx, claimed.thread_id, error.moved_to)

    async def _give_up(self, claimed: Claimed, error: Exception) -> None:
        log.error("sending.not_possible", message=str(claimed.message_id), error=repr(error))
        failed = SendError(fault=Fault.BUG, code="send.not_possible", text=repr(error))
        async with self._db.transaction() as tx:
            rows = await tx.fetch(
                "SELECT id FROM delivery WHERE message_id = $1 AND lease_owner = $2"
                " AND state = 'queued'",
                claimed.message_id,
                self._owner,
            )
            fates = {row["id"]: Fate(state="failed", error=failed) for row in rows}
            await settle(tx, claimed.message_id, fates)

    @asynccontextmanager
    async def _kept(self, claimed: Claimed) -> AsyncIterator[None]:
        """Renew the lease while a call is under way."""

        async def keep() -> None:
            while True:
                await asyncio.sleep(self._lease.total_seconds() / 3)
                try:
                    async with self._db.transaction() as tx:
                        await outbox.renew(tx, claimed, owner=self._owner, lease=self._lease)
                except DATABASE_AWAY as error:
                    log.warning("sending.database_away", error=repr(error))

        async with asyncio.TaskGroup() as group:
            keeping = group.create_task(keep())
            try:
                yield
            finally:
                keeping.cancel()

    # ---------------------------------------------------------------- finding out

    async def _take_interrupted(self) -> list[Interrupted]:
        """Take over the copies whose worker vanished in the middle of a call."""
        async with self._db.transaction() as tx:
            return await outbox.take_interrupted(tx, owner=self._owner, lease=self._lease)

    async def _resolve(self, lost: Interrupted) -> None:
        """Ask the provider about copies nobody knows the fate of; without an answer, say so."""
        try:
            async with self._db.read() as raw:
                claimed = await outbox.claimed_of(raw, lost.message_id)
            async with self._kept(claimed):
                await self._look_up(claimed, lost)
        except DATABASE_AWAY as error:  # the lease runs out, and somebody asks again
            log.warning("sending.database_away", error=repr(error))

    async def _look_up(self, claimed: Claimed, lost: Interrupted) -> None:
        error = SendError(fault=Fault.UNKNOWN, code="send.interrupted")
        begun = lost.begun
        try:
            adapter, ctx = await self._open_line(claimed.account_id)
            addressed, steps = await self._plan(adapter, ctx, lost.message_id)
            op = next(step.op for step in steps if step.op.key == lost.op_key)
            op = narrowed(op, addressed, begun)
            outcome = await self._was_sent(adapter, ctx, op) or error
        except DATABASE_AWAY:
            raise
        except Exception as bug:  # noqa: BLE001 - it cannot be looked up: a person decides
            log.warning("sending.look_failed", message=str(lost.message_id), error=repr(bug))
            fates = dict.fromkeys(begun.copies.values(), Fate(state="unknown", error=error))
            async with self._db.transaction() as tx:
                await settle(tx, lost.message_id, fates, owner=self._owner)
        else:
            await self._write_down(
                adapter, outcome, claimed=claimed, addressed=addressed, op=op, begun=begun
            )
