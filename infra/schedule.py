"""Recurring work: each entry runs on one node at a time, however many nodes there are."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

import msgspec
import structlog

from infra.clock import now
from infra.db import DATABASE_AWAY, Database


log = structlog.get_logger()

LOOK = 1.0  # seconds between looks at what is due

CLAIM = """
INSERT INTO schedule AS s (name, next_at) VALUES ($1, $3)
ON CONFLICT (name) DO UPDATE SET next_at = excluded.next_at WHERE s.next_at <= $2
RETURNING 1
"""


class Recurring(msgspec.Struct, frozen=True):
    """Work that comes again and again; it must be harmless when it runs twice."""

    every: timedelta
    work: Callable[[], Awaitable[None]]


class Scheduler:
    """Runs recurring work when it is due."""

    def __init__(self, db: Database, entries: Mapping[str, Recurring]) -> None:
        self._db = db
        self._entries = entries

    async def run(self) -> None:
        """Run what falls due until cancelled."""
        while True:
            for name, entry in self._entries.items():
                try:
                    if await self._is_mine(name, entry):
                        await entry.work()
                except DATABASE_AWAY as error:
                    log.warning("schedule.database_away", name=name, error=repr(error))
                except Exception:
                    log.exception("schedule.failed", name=name)
            await asyncio.sleep(LOOK)

    async def _is_mine(self, name: str, entry: Recurring) -> bool:
        """Claim the turn that is due; False when none is or another node has it."""
        moment = now()
        async with self._db.transaction() as tx:
            return bool(await tx.fetchval(CLAIM, name, moment, moment + entry.every))
