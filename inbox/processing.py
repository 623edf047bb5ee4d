"""Working the journal off: payloads become events, events become what agents see.

Two stages run side by side: while one batch is stored, the next is read. Batches keep the order
of the journal, so the messages of one sender are stored in the order they came.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from uuid import UUID
from zlib import crc32

import msgspec
import structlog

from inbox.accounts import load_accounts, own_accounts
from inbox.answering import OpenLine, answer_button
from inbox.applying import apply
from inbox.contract import (
    AccountId,
    Adapter,
    ButtonPressed,
    Event,
    IdentityProven,
    MessageIn,
    Raw,
    TypingIn,
)
from inbox.ephemera import tell_typing
from inbox.ingest import NoPeer, OwnAccount, item_of, store
from inbox.journal import JournalItem, claim, put_off, settle, wait
from inbox.media import with_stored_files
from inbox.optout import wish_of
from inbox.proving import proof_of, prove
from inbox.tables import JournalState
from inbox.verdicts import Verdict, ignored
from infra.blobs import Blobs
from infra.bus import Bus
from infra.db import DATABASE_AWAY, Database, Transaction
from infra.tables import Json


log = structlog.get_logger()

BATCH = 100  # payloads of one commit
LANES = 2  # connections a batch is stored over
AWAY = 0.5  # seconds before the database is tried again
POLL = 2.0  # seconds between looks when no wake-up arrives: retries fall due silently

Isolate = Callable[
    [Adapter, AccountId, Sequence[Raw]], Awaitable[Sequence[Sequence[Event] | Exception]]
]
"""Runs ``normalize`` of an ``isolated`` adapter over payloads in a killable process."""


class Read(msgspec.Struct, frozen=True):
    """A payload that was read: its events, or why it could not be."""

    item: JournalItem
    events: Sequence[Event] | Exception


class Processor:
    """Works off what the journal holds, for every account whose adapter is loaded."""

    def __init__(
        self,
        db: Database,
        bus: Bus,
        blobs: Blobs,
        adapter_of: Callable[[str], Awaitable[Adapter]],
        isolate: Isolate,
        *,
        open_line: OpenLine | None = None,
    ) -> None:
        self._db = db
        self._bus = bus
        self._blobs = blobs
        self._adapter_of = adapter_of
        self._isolate = isolate
        self._open_line = open_line
        self._answering: set[asyncio.Task[None]] = set()
        self._accounts: Mapping[UUID, OwnAccount] = {}
        self._providers: Mapping[UUID, str] = {}

    async def run(self) -> None:
        """Work until cancelled."""
        read: asyncio.Queue[list[Read]] = asyncio.Queue(maxsize=1)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._store_all(read))
            async with self._bus.listen() as listener:
                while True:
                    batch = await self._read_patiently()
                    if batch:
                        await read.put(batch)
                    else:
                        await listener.wait(POLL)

    async def run_due(self) -> int:
        """Process what is due now, once; return how many payloads were tried."""
        tried = 0
        while batch := await self._read_batch():
            await self._store_batch(batch)
            tried += len(batch)
        return tried

    async def _read_patiently(self) -> list[Read]:
        """Read a batch; nothing while the database is away."""
        try:
            return await self._read_batch()
        except DATABASE_AWAY as error:
            log.warning("journal.database_away", error=repr(error))
            await asyncio.sleep(AWAY)
            return []

    async def _store_all(self, read: "asyncio.Queue[list[Read]]") -> None:
        while True:
            batch = await read.get()
            while not await self._stored(batch):  # noqa: ASYNC110 - nobody announces it
                await asyncio.sleep(AWAY)

    async def _stored(self, batch: Sequence[Read]) -> bool:
        """Store a batch; False when the database is away, and nothing is lost by trying again."""
        try:
            await self._store_batch(batch)
        except DATABASE_AWAY as error:
            log.warning("journal.database_away", error=repr(error))
            return False
        return True

    # ---------------------------------------------------------------- reading

    async def _read_batch(self) -> list[Read]:
        items = await claim(self._db, self._blobs, limit=BATCH)
        if any(item.account_id not in self._accounts for item in items):
            await self._load_accounts()
        groups: dict[UUID, list[JournalItem]] = {}
        for item in items:
            groups.setdefault(item.account_id, []).append(item)
        read: list[Read] = []
        for account_id, group in groups.items():
            read += await self._normalize(account_id, group)
        return sorted(read, key=lambda one: one.item.id)

    async def _load_accounts(self) -> None:
        async with self._db.read() as sql:
            accounts = await load_accounts(sql)
        self._accounts = own_accounts(accounts)
        self._providers = {account.id: account.provider for account in accounts}

    async def _normalize(self, account_id: UUID, items: Sequence[JournalItem]) -> list[Read]:
        provider = self._providers.get(account_id)
        if provider is None:
            gone = LookupError("the account was removed")
            return [Read(item, gone) for item in items]
        adapter = await self._adapter_of(provider)
        raws = [item.raw for item in items]
        if adapter.isolated:
            found = await self._isolate(adapter, AccountId(account_id), raws)
        else:
            found = [self._normalized(adapter, AccountId(account_id), raw) for raw in raws]
        return [Read(item, events) for item, events in zip(items, found, strict=True)]

    def _normalized(
        self, adapter: Adapter, account: AccountId, raw: Raw
    ) -> Sequence[Event] | Exception:
        try:
            events = adapter.normalize(account, raw)
            return [with_stored_files(event, self._blobs) for event in events]
        except Exception as error:  # noqa: BLE001 - the payload is to blame and is put off
            return error

    # ---------------------------------------------------------------- storing

    async def _store_batch(self, batch: Sequence[Read]) -> None:
        """Store a batch in few commits; when one fails, each payload in its own."""
        plain = [one for one in batch if _only_messages(one)]
        try:
            await self._store_messages(plain)
        except DATABASE_AWAY:
            raise
        except Exception as error:  # noqa: BLE001 - one of them is bad: find out which
            log.info("journal.batch_split", size=len(plain), error=repr(error)[:200])
            for one in plain:
                await self._store_alone(one)
        for one in batch:
            if not _only_messages(one):
                await self._store_alone(one)

    async def _store_messages(self, batch: Sequence[Read]) -> None:
        if not batch:
            return
        items: list[Json] = []
        others: list[tuple[int, str]] = []
        for one in batch:
            try:
                items += self._items(one)
            except NoPeer:
                others.append((one.item.id, "no_recipient"))
        done = await asyncio.gather(
            *map(self._store_lane, _lanes(items)), self._ignore(others), return_exceptions=True
        )
        failures = [one for one in done if isinstance(one, BaseException)]
        for failure in sorted(failures, key=lambda one: not isinstance(one, DATABASE_AWAY)):
            raise failure

    async def _store_lane(self, items: Sequence[Json]) -> None:
        async with self._db.lane(via="channel") as tx:
            await store(tx, items)

    async def _ignore(self, rows: Sequence[tuple[int, str]]) -> None:
        if not rows:
            return
        async with self._db.transaction() as tx:
            for row_id, reason in rows:
                await settle(tx, row_id, JournalState.IGNORED, reason)

    def _items(self, one: Read) -> list[Json]:
        account = self._accounts[one.item.account_id]
        return [
            item_of(event, account, journal_id=one.item.id)
            for event in _events(one)
            if isinstance(event, MessageIn)
        ]

    async def _store_alone(self, one: Read) -> None:
        """Store one payload in its own commit, whatever it holds."""
        try:
            await self._prove(one)
            await self._apply(one)
        except DATABASE_AWAY:
            raise
        except Exception as error:  # noqa: BLE001 - whatever is wrong with a row is the row's
            async with self._db.transaction() as tx:
                aside = await put_off(tx, one.item, repr(error))
            say = log.error if aside else log.warning
            say("journal.failed", id=one.item.id, attempt=one.item.attempts, error=repr(error))

    async def _prove(self, one: Read) -> None:
        """Tie senders to the cards they proved to be theirs, before what they say is filed."""
        for event in _events(one):
            if not isinstance(event, MessageIn | IdentityProven):
                continue
            if (proof := proof_of(event)) is not None:
                async with self._db.transaction() as tx:
                    await tx.act(None, "channel")
                    await prove(tx, proof)

    async def _apply(self, one: Read) -> None:
        events = _events(one)
        async with self._db.transaction() as tx:
            await tx.act(None, "channel")
            verdicts = [await self._apply_event(tx, one, event) for event in events]
            waiting = next((verdict for verdict in verdicts if verdict.waits), None)
            if waiting is not None and await wait(tx, one.item, f"waits: {waiting.reason}"):
                return
            await _settle(tx, one.item, verdicts)
        for event in events:
            if isinstance(event, ButtonPressed) and event.answer_token is not None:
                self._answer(event, event.answer_token)

    async def _apply_event(self, tx: Transaction, one: Read, event: Event) -> Verdict:
        if isinstance(event, TypingIn):
            await tell_typing(self._db, self._bus, event)
            return ignored("typing")
        account = self._accounts[one.item.account_id]
        return await apply(tx, event, account, journal_id=one.item.id)

    def _answer(self, event: ButtonPressed, token: str) -> None:
        """Answer a pressed button beside the work: its spinner turns until then."""
        if self._open_line is not None:
            task = asyncio.create_task(answer_button(self._open_line, event.account, token))
            self._answering.add(task)
            task.add_done_callback(self._answering.discard)


async def _settle(tx: Transaction, item: JournalItem, verdicts: Sequence[Verdict]) -> None:
    """Say what became of a payload: processed when any of its events had an effect."""
    if any(not verdict.reason for verdict in verdicts):
        await settle(tx, item.id, JournalState.PROCESSED)
    else:
        reasons = [verdict.reason for verdict in verdicts] or ["nothing"]
        await settle(tx, item.id, JournalState.IGNORED, reasons[-1])


def _lanes(items: Sequence[Json]) -> list[list[Json]]:
    """Spread messages over connections: what may refer to each other stays in order on one.

    A chat's messages refer to their chat alone. A mail may refer to any other.
    """
    lanes: list[list[Json]] = [[] for _ in range(LANES)]
    for item in items:
        lanes[crc32(item["thread_key"].encode()) % LANES].append(item)
    return [lane for lane in lanes if lane]


def _events(one: Read) -> Sequence[Event]:
    if isinstance(one.events, Exception):
        raise one.events
    return one.events


def _only_messages(one: Read) -> bool:
    return (
        not isinstance(one.events, Exception)
        and len(one.events) > 0
        and all(
            isinstance(event, MessageIn) and proof_of(event) is None and wish_of(event) is None
            for event in one.events
        )
    )
