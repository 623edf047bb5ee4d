"""Fetching files that a message only names: photos, voice messages and documents of chats.

The message is shown at once; each file appears in it when it is here. What cannot be had is said
so. A file is claimed by the time it is tried next, so a node that dies leaves it to another.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from typing import Literal, TypeAlias
from uuid import UUID

import msgspec
import structlog

from inbox.changes import message_changed
from inbox.contract import Adapter, Fault, FetchesMedia, RunContext, SendFailed
from infra.blobs import Blobs, TooLarge
from infra.bus import Bus
from infra.clock import now
from infra.db import DATABASE_AWAY, Database
from infra.jobs import backoff


log = structlog.get_logger()

OpenLine = Callable[[UUID], Awaitable[tuple[Adapter, RunContext]]]
Unavailable: TypeAlias = Literal["too_big", "expired", "refused"]

AT_ONCE = 8  # files of this process
POLL = 2.0  # seconds between looks when nothing wakes us: retries fall due silently
CLAIM = timedelta(minutes=15)  # no file takes longer
LARGEST = 2000 * 1024 * 1024  # bytes; providers have limits of their own below it
MOST_TRIES = 12  # with the backoff: at most 12 hours
UNKNOWN = "application/octet-stream"

TAKE = """
UPDATE attachment AS a SET fetch_at = $2, fetch_tries = fetch_tries + 1
  FROM message AS m
 WHERE m.id = a.message_id AND a.id IN (
    SELECT f.id FROM attachment AS f
     WHERE f.handle IS NOT NULL AND f.blob IS NULL AND f.unavailable IS NULL
       AND (f.fetch_at IS NULL OR f.fetch_at <= $3)
     ORDER BY f.fetch_at NULLS FIRST, f.id LIMIT $1
       FOR UPDATE SKIP LOCKED)
RETURNING a.id, a.message_id, m.account_id, a.handle, a.handle_until, a.mime, a.fetch_tries
"""

KEEP = "INSERT INTO blob (sha256, size) VALUES ($1, $2) ON CONFLICT DO NOTHING"
HERE = """
UPDATE attachment SET blob = $2, size = $3, mime = $4, fetch_at = NULL
 WHERE id = $1 AND blob IS NULL
"""
NOT_TO_BE_HAD = "UPDATE attachment SET unavailable = $2, fetch_at = NULL WHERE id = $1"
AGAIN = "UPDATE attachment SET fetch_at = $2 WHERE id = $1"
RAISE = "UPDATE message SET rev = rev + 1 WHERE id = $1"


class Wanted(msgspec.Struct, frozen=True):
    """A file to fetch, and how often that was tried, this time included."""

    id: UUID
    message_id: UUID
    account_id: UUID
    handle: str
    handle_until: datetime | None
    mime: str
    tries: int


class Refusal(Exception):
    """The file cannot be had, now or ever."""

    def __init__(self, why: Unavailable) -> None:
        super().__init__(why)
        self.why: Unavailable = why


class Fetcher:
    """Fetches files that are due, some at once."""

    def __init__(self, db: Database, bus: Bus, blobs: Blobs, open_line: OpenLine) -> None:
        self._db = db
        self._bus = bus
        self._blobs = blobs
        self._open_line = open_line

    async def run(self) -> None:
        """Fetch until cancelled."""
        busy: set[asyncio.Task[None]] = set()
        async with asyncio.TaskGroup() as group, self._bus.listen() as listener:
            while True:
                claimed = await self._claim_patiently(AT_ONCE - len(busy))
                for wanted in claimed:
                    task = group.create_task(self._fetch(wanted))
                    busy.add(task)
                    task.add_done_callback(busy.discard)
                if len(busy) >= AT_ONCE:
                    await asyncio.wait(busy, return_when=asyncio.FIRST_COMPLETED)
                elif not claimed:
                    await listener.wait(POLL)

    async def run_due(self) -> int:
        """Fetch what is due now, once; return how many files were tried."""
        tried = 0
        while claimed := await self._claim(AT_ONCE):
            await asyncio.gather(*map(self._fetch, claimed))
            tried += len(claimed)
        return tried

    async def _claim_patiently(self, count: int) -> list[Wanted]:
        try:
            return await self._claim(count)
        except DATABASE_AWAY as error:
            log.warning("files.database_away", error=repr(error))
            return []

    async def _claim(self, count: int) -> list[Wanted]:
        async with self._db.transaction() as tx:
            rows = await tx.fetch(TAKE, count, now() + CLAIM, now())
        return [Wanted(*row.values()) for row in rows]

    async def _fetch(self, wanted: Wanted) -> None:
        """Fetch one file; whatever goes wrong with it is its own trouble."""
        try:
            try:
                blob, size, mime = await self._content(wanted)
            except Refusal as refusal:
                await self._give_up(wanted, refusal.why)
            except Exception as error:  # noqa: BLE001 - whatever a provider does, others go on
                await self._put_off(wanted, error)
            else:
                await self._store(wanted, blob, size, mime)
        except DATABASE_AWAY as error:  # the claim runs out, and it is fetched then
            log.warning("files.database_away", error=repr(error))

    async def _content(self, wanted: Wanted) -> tuple[str, int, str]:
        if wanted.handle_until is not None and wanted.handle_until < now():
            raise Refusal("expired")
        adapter, ctx = await self._open_line(wanted.account_id)
        if not isinstance(adapter, FetchesMedia):
            raise Refusal("refused")
        try:
            chunks, said = await adapter.fetch_media(ctx, wanted.handle, LARGEST)
            blob, size = await self._blobs.put(_patient(chunks), LARGEST)
        except TooLarge as error:
            raise Refusal("too_big") from error
        except SendFailed as failed:
            why = _why(failed)
            if why is None:
                raise
            raise Refusal(why) from failed
        return blob, size, said if wanted.mime == UNKNOWN and said else wanted.mime

    async def _store(self, wanted: Wanted, blob: str, size: int, mime: str) -> None:
        async with self._db.transaction() as tx:
            await tx.act(None, "channel")
            await tx.execute(RAISE, wanted.message_id)
            await tx.execute(KEEP, blob, size)
            await tx.execute(HERE, wanted.id, blob, size, mime)
            await message_changed(tx, wanted.message_id)

    async def _give_up(self, wanted: Wanted, why: Unavailable) -> None:
        log.info("files.unavailable", attachment=str(wanted.id), why=why)
        async with self._db.transaction() as tx:
            await tx.act(None, "channel")
            await tx.execute(RAISE, wanted.message_id)
            await tx.execute(NOT_TO_BE_HAD, wanted.id, why)
            await message_changed(tx, wanted.message_id)

    async def _put_off(self, wanted: Wanted, error: Exception) -> None:
        if wanted.tries >= MOST_TRIES:
            await self._give_up(wanted, "expired")
            return
        asked = error.error.retry_after if isinstance(error, SendFailed) else None
        delay = max(asked or 0.0, backoff(wanted.tries))
        log.info(
            "files.again", attachment=str(wanted.id), error=repr(error)[:300], delay=round(delay)
        )
        async with self._db.transaction() as tx:
            await tx.execute(AGAIN, wanted.id, now() + timedelta(seconds=delay))


def _why(failed: SendFailed) -> Unavailable | None:
    """Return why a file will never come; None when it may."""
    match failed.error.fault:
        case Fault.CONTENT:
            return "too_big" if failed.error.code.endswith("too_big") else "expired"
        case Fault.RECIPIENT | Fault.REFUSED | Fault.BUG:
            return "refused"
        case _:
            return None


async def _patient(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Pass a file on, as long as it takes no longer than the claim on it."""
    async with asyncio.timeout(CLAIM.total_seconds() - 60):
        async for chunk in chunks:
            yield chunk
