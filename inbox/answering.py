"""Small signs to the other side that are no messages: a button's answer, typing, read marks.

They are best effort: nothing is stored, nothing is tried again, and a channel that cannot do them
is not asked.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import NamedTuple
from uuid import UUID

import structlog

from inbox.carried import carried
from inbox.contract import (
    AccountId,
    Adapter,
    Answers,
    Capabilities,
    ExternalRef,
    RunContext,
    Signals,
    ThreadRef,
)
from infra.db import Database


log = structlog.get_logger()

LIMIT = 10.0  # seconds a sign may take
FORGET = 8.0  # seconds after an agent's last word about writing; clients repeat it every 5
MOST = 1_000  # conversations agents write in at a time

LINE = """
SELECT t.account_id, t.key, t.is_group
  FROM message AS m JOIN thread AS t ON t.id = m.thread_id
  JOIN channel_account AS a ON a.id = t.account_id
 WHERE m.conversation_id = $1 AND ($2::uuid IS NULL OR t.id = $2)
   AND m.kind IN ('inbound', 'outbound') AND a.is_enabled AND a.removed_at IS NULL
 ORDER BY (m.kind = 'inbound' AND m.visibility = 'public') DESC, m.seq DESC LIMIT 1
"""
"""Where an answer would go."""

READ_NAME = """
SELECT external_id, thread_id FROM message
 WHERE conversation_id = $1 AND seq <= $2 AND kind = 'inbound' AND external_id IS NOT NULL
   AND channel <> 'email'
 ORDER BY seq DESC LIMIT 1
"""  # mail shows nobody what was read

OpenLine = Callable[[UUID], Awaitable[tuple[Adapter, RunContext]]]
"""Gives the adapter of an account and what it works with."""


async def answer_button(open_line: OpenLine, account_id: UUID, token: str) -> None:
    """Tell the provider that a pressed button was heard."""
    try:
        adapter, ctx = await open_line(account_id)
        if isinstance(adapter, Answers):
            async with asyncio.timeout(LIMIT):
                await adapter.answer_button(ctx, token, None)
    except Exception as error:  # noqa: BLE001 - the press is stored; only the spinner turns longer
        log.info("button.not_answered", account=str(account_id), error=repr(error)[:200])


class Signs:
    """Shows the other side that agents write and read, where a channel can.

    A provider forgets typing after seconds, so it is said again while an agent writes.
    """

    def __init__(self, db: Database, open_line: OpenLine) -> None:
        self._db = db
        self._open_line = open_line
        self._until: dict[UUID, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def typing(self, conversation_id: UUID, *, on: bool) -> None:
        """An agent writes an answer, or stopped; nothing is waited for."""
        if not on:
            self._until.pop(conversation_id, None)
        elif conversation_id in self._until or len(self._until) < MOST:
            is_new = conversation_id not in self._until
            self._until[conversation_id] = time.monotonic() + FORGET
            if is_new:
                self._start(self._keep_typing(conversation_id))

    def read(self, conversation_id: UUID, seq: int) -> None:
        """An agent has read up to an entry; nothing is waited for."""
        self._start(self._mark_read(conversation_id, seq))

    async def close(self) -> None:
        """Say nothing more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(_quietly(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _keep_typing(self, conversation_id: UUID) -> None:
        try:
            line = await self._line(conversation_id)
            every = line.caps.typing_out if line is not None else None
            if line is None or every is None or not isinstance(line.adapter, Signals):
                # ask again when the agent writes on after a while: an account may be changed
                await asyncio.sleep(FORGET)
                return
            while self._until.get(conversation_id, 0) > time.monotonic():
                async with asyncio.timeout(LIMIT):
                    await line.adapter.typing(line.ctx, line.thread, on=True)
                await asyncio.sleep(every.total_seconds())
            async with asyncio.timeout(LIMIT):
                await line.adapter.typing(line.ctx, line.thread, on=False)
        finally:
            self._until.pop(conversation_id, None)

    async def _mark_read(self, conversation_id: UUID, seq: int) -> None:
        async with self._db.read() as raw:
            name = await raw.fetchrow(READ_NAME, conversation_id, seq)
        if name is None:
            return
        line = await self._line(conversation_id, thread_id=name["thread_id"])
        if line is not None and line.caps.read_out and isinstance(line.adapter, Signals):
            async with asyncio.timeout(LIMIT):
                await line.adapter.mark_read(
                    line.ctx, ExternalRef(line.thread, name["external_id"])
                )

    async def _line(self, conversation_id: UUID, thread_id: UUID | None = None) -> "_Line | None":
        async with self._db.read() as raw:
            row = await raw.fetchrow(LINE, conversation_id, thread_id)
        if row is None:
            return None
        adapter, ctx = await self._open_line(row["account_id"])
        thread = ThreadRef(AccountId(row["account_id"]), row["key"], row["is_group"])
        return _Line(adapter, ctx, carried(adapter, ctx.config, thread), thread)


class _Line(NamedTuple):
    adapter: Adapter
    ctx: RunContext
    caps: Capabilities
    thread: ThreadRef


async def _quietly(work: Coroutine[None, None, None]) -> None:
    try:
        await work
    except Exception as error:  # noqa: BLE001 - a sign that is not given is no failure
        log.info("sign.not_given", error=repr(error)[:200])
