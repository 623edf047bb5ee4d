"""Running channel accounts: each by one node at a time, restarted when it fails.

A node holds an account by a lease. The lease's epoch is the fencing token: whoever lost the
lease can no longer write into the journal, so two nodes can never both believe to hold it. A
change of an account's settings takes its lease away, which starts it again with the new ones.
"""

import asyncio
import os
import random
import secrets
import socket
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

import msgspec
import psutil
import structlog

from inbox.accounts import Account, AccountContext, load_account
from inbox.adapters import Adapters
from inbox.contract import (
    Adapter,
    Fault,
    Health,
    HealthState,
    LeaseLost,
    Pulls,
    Pushed,
    RunContext,
    SendError,
    SendFailed,
)
from infra.bus import Bus
from infra.clock import now
from infra.db import DATABASE_AWAY, Database


log = structlog.get_logger()

LEASE = timedelta(seconds=60)
LOOK = 5.0  # seconds between looks at the accounts; a lease outlives several
HASTE = 0.5  # seconds between looks when events arrive: changed settings are noticed at once
RESTART = (1.0, 300.0)  # seconds: first and longest wait before a failed account runs again

WATCH = 300.0  # seconds between questions to an account that has no connection of its own

STATES = {
    Fault.AUTH: HealthState.BAD_CREDENTIALS,
    Fault.FUNDS: HealthState.NO_FUNDS,
    Fault.TRANSIENT: HealthState.DISCONNECTED,
}
"""What it says of an account that its provider refused a call about receiving."""

HOLD = """
UPDATE channel_account SET lease_until = $3
 WHERE lease_owner = $1 AND id = ANY($2) AND is_enabled AND removed_at IS NULL
RETURNING id, lease_epoch
"""

CLAIM = """
UPDATE channel_account
   SET lease_owner = $1, lease_until = $3, lease_epoch = lease_epoch + 1
 WHERE id IN (
    SELECT id FROM channel_account
     WHERE is_enabled AND removed_at IS NULL AND provider = ANY($2)
       AND (lease_until IS NULL OR lease_until < $4 OR lease_owner = $1
            OR lease_owner = ANY($6))
       AND NOT id = ANY($5)
       FOR UPDATE SKIP LOCKED)
RETURNING id, lease_epoch
"""


OWNERS = """
SELECT DISTINCT lease_owner FROM channel_account
 WHERE lease_owner IS NOT NULL AND lease_until >= $1
"""


def node_name() -> str:
    """Return a name for this process that tells others of the machine whether it lives."""
    return f"{socket.gethostname()}/{os.getpid()}/{secrets.token_hex(4)}"


def is_dead(node: str) -> bool:
    """Say whether ``node`` ran on this machine and its process is gone.

    Its lease need not run out then: a hub that was killed goes on as soon as it is back.
    """
    host, _, rest = node.partition("/")
    pid = rest.partition("/")[0]
    return host == socket.gethostname() and pid.isdecimal() and not psutil.pid_exists(int(pid))


class Running(msgspec.Struct, frozen=True):
    """An account this node runs."""

    epoch: int
    task: asyncio.Task[None]


class AccountRunner:
    """Runs the accounts this node holds the leases of."""

    def __init__(
        self,
        db: Database,
        bus: Bus,
        adapters: Adapters,
        context_of: Callable[[Account, int | None], AccountContext],
        *,
        warm: Callable[[Adapter], Awaitable[None]],
        node: str,
    ) -> None:
        self._db = db
        self._bus = bus
        self._adapters = adapters
        self._context_of = context_of
        self._warm = warm
        self._node = node
        self._running: dict[UUID, Running] = {}

    @property
    def running(self) -> Mapping[UUID, Running]:
        """The accounts this node runs now."""
        return self._running

    async def run(self) -> None:
        """Hold and run accounts until cancelled; then the leases are given back."""
        try:
            async with self._bus.listen() as listener, asyncio.TaskGroup() as group:
                while True:
                    with suppress(*DATABASE_AWAY):
                        await self.look(group)
                    if await listener.wait(LOOK):
                        await asyncio.sleep(HASTE)
        finally:
            with suppress(*DATABASE_AWAY):
                await self._give_back()

    async def look(self, group: asyncio.TaskGroup) -> None:
        """Renew what is held, stop what was lost, claim what is free."""
        held = await self._hold()
        for account_id, running in list(self._running.items()):
            if held.get(account_id) != running.epoch or running.task.done():
                running.task.cancel()
                del self._running[account_id]
        for account_id, epoch in (await self._claim()).items():
            task = group.create_task(self._keep(account_id, epoch))
            self._running[account_id] = Running(epoch, task)

    async def _hold(self) -> dict[UUID, int]:
        if not self._running:
            return {}
        async with self._db.transaction() as tx:
            rows = await tx.fetch(HOLD, self._node, list(self._running), now() + LEASE)
        return {row["id"]: row["lease_epoch"] for row in rows}

    async def _claim(self) -> dict[UUID, int]:
        async with self._db.transaction() as tx:
            owners = await tx.fetch(OWNERS, now())
            rows = await tx.fetch(
                CLAIM,
                self._node,
                list(self._adapters.providers),
                now() + LEASE,
                now(),
                list(self._running),
                [row["lease_owner"] for row in owners if is_dead(row["lease_owner"])],
            )
        return {row["id"]: row["lease_epoch"] for row in rows}

    async def _give_back(self) -> None:
        async with self._db.transaction() as tx:
            await tx.execute(
                "UPDATE channel_account SET lease_owner = NULL, lease_until = NULL"
                " WHERE lease_owner = $1",
                self._node,
            )

    async def _keep(self, account_id: UUID, epoch: int) -> None:
        """Run one account until its lease is lost, again and again when it fails."""
        wait = RESTART[0]
        while True:
            started = time.monotonic()
            try:
                await self._serve(account_id, epoch)
            except LeaseLost:
                return
            except DATABASE_AWAY as error:
                log.warning("account.database_away", account=str(account_id), error=repr(error))
            except SendFailed as failed:
                log.warning("account.refused", account=str(account_id), error=str(failed))
                await self._refused(account_id, epoch, failed.error)
            except Exception as error:
                log.exception("account.failed", account=str(account_id))
                await self._report(account_id, epoch, error)
            if time.monotonic() - started > RESTART[1]:
                wait = RESTART[0]
            await asyncio.sleep(random.uniform(0.5, 1) * wait)  # noqa: S311 - not a secret
            wait = min(RESTART[1], wait * 2)

    async def _serve(self, account_id: UUID, epoch: int) -> None:
        async with self._db.read() as sql:
            account = await load_account(sql, account_id)
        adapter = await self._adapters.get(account.provider)
        await self._warm(adapter)
        ctx: RunContext = self._context_of(account, epoch)
        if isinstance(adapter, Pushed) and ctx.hook_url:
            await adapter.provision(ctx, ctx.hook_url)
        if isinstance(adapter, Pulls):
            await adapter.run(ctx)
        else:
            await _watch(adapter, ctx)

    async def _refused(self, account_id: UUID, epoch: int, error: SendError) -> None:
        """Say that the provider does not let us receive, in its own words."""
        state = STATES.get(error.fault, HealthState.DISCONNECTED)
        await self._say(account_id, epoch, Health(state=state, code=error.code, text=error.text))

    async def _report(self, account_id: UUID, epoch: int, error: Exception) -> None:
        health = Health(state=HealthState.DISCONNECTED, code="internal", text=repr(error)[:300])
        await self._say(account_id, epoch, health)

    async def _say(self, account_id: UUID, epoch: int, health: Health) -> None:
        with suppress(*DATABASE_AWAY):
            async with self._db.read() as sql:
                account = await load_account(sql, account_id)
            await self._context_of(account, epoch).health(health)


async def _watch(adapter: Adapter, ctx: RunContext) -> None:
    """Ask an account that only gets calls how it does, until cancelled."""
    while True:
        await ctx.health(await adapter.probe(ctx))
        await asyncio.sleep(WATCH)
