"""What an adapter is given to run an account, in memory: ``inbox.contract.RunContext``."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from inbox.contract import AccountId, Health, HealthState, LeaseLost, Raw, ReadUpTo, TypingIn
from infra.clock import new_id


class MemoryContext:
    """Keeps the journal in a dictionary; tests wait for what they expect in it.

    Attributes:
        journal: Payloads by key, in the order they came.
        fail_next: Raised by the next ``ingest`` instead of storing.
        told: Every health reported.
    """

    def __init__(self, config: Mapping[str, Any], **secrets: str) -> None:
        self.account = AccountId(new_id())
        self.epoch = 1
        self.config = config
        self.public_url = "https://hub.test"
        self.hook_url = "https://hub.test/hook/key-of-the-account"
        self.secrets = secrets
        self.journal: dict[str, Raw] = {}
        self.blobs: dict[str, bytes] = {}
        self.told: list[Health] = []
        self.is_leased = True
        self.fail_next: Exception | None = None
        self._cursor: str | None = None
        self._changed = asyncio.Condition()

    # ------------------------------------------------------------ the contract

    def secret(self, name: str) -> str:
        return self.secrets.get(name, "")

    async def keep_secret(self, name: str, value: str) -> None:
        self.secrets[name] = value

    async def ingest(self, batch: Sequence[Raw], cursor: str | None = None) -> int:
        if not self.is_leased:
            raise LeaseLost
        if self.fail_next is not None:
            error, self.fail_next = self.fail_next, None
            raise error
        new = [raw for raw in batch if raw.key not in self.journal]
        self.journal.update({raw.key: raw for raw in new})
        self._cursor = cursor or self._cursor
        await self._notify()
        return len(new)

    async def known_keys(self, prefix: str) -> set[str]:
        return {key for key in self.journal if key.startswith(prefix)}

    async def cursor(self) -> str | None:
        return self._cursor

    async def emit_ephemeral(self, event: TypingIn | ReadUpTo) -> None:
        """Nobody looks."""

    async def health(self, health: Health) -> None:
        self.told.append(health)
        await self._notify()

    async def blob(self, ref: str) -> AsyncIterator[bytes]:
        yield self.blobs[ref]

    async def put_blob(self, chunks: AsyncIterator[bytes], limit: int) -> str:
        return self.keep_blob(b"".join([chunk async for chunk in chunks]))

    # ------------------------------------------------------------ for tests

    def keep_blob(self, data: bytes) -> str:
        """Store a blob and return its name."""
        name = hashlib.sha256(data).hexdigest()
        self.blobs[name] = data
        return name

    @property
    def mails(self) -> list[Raw]:
        """Whole mails in the journal, in the order they came."""
        return [raw for raw in self.journal.values() if raw.kind == "mail"]

    @property
    def subjects(self) -> list[str]:
        """Subjects of the mails that came."""
        return [subject_of(raw.body) for raw in self.mails]

    async def mails_came(self, count: int, *, within: float = 30.0) -> None:
        """Wait until the journal has so many mails."""
        await self._until(lambda: len(self.mails) >= count, within)

    async def is_told(self, state: HealthState, *, within: float = 20.0) -> Health:
        """Wait until the state is reported, and return what was said with it."""
        await self._until(lambda: any(one.state is state for one in self.told), within)
        return next(one for one in self.told if one.state is state)

    async def connected(self, *, within: float = 20.0) -> None:
        """Wait until everything was read and the account waits for more."""
        await self._until(lambda: bool(self.told) and is_settled(self.told[-1]), within)

    async def _until(self, holds: Any, within: float) -> None:
        async with asyncio.timeout(within), self._changed:
            await self._changed.wait_for(holds)

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()


def is_settled(health: Health) -> bool:
    return health.state is HealthState.CONNECTED and health.backlog == 0


def subject_of(raw: bytes) -> str:
    for line in raw.split(b"\r\n\r\n", 1)[0].split(b"\r\n"):
        if line.lower().startswith(b"subject:"):
            return line[8:].strip().decode()
    return ""
