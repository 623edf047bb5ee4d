"""The processes that read hostile payloads for adapters that want it."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import msgspec

from hub.isolated import ENCODER, EVENTS, Payload, Setup
from inbox.contract import AccountId, Adapter, Event, Raw
from inbox.services import Services
from infra.isolation import IsolationError, Workers


class Isolation:
    """Reads payloads of ``isolated`` adapters in killable processes, one pool for each."""

    def __init__(self, services: Services, blobs: Path, *, count: int) -> None:
        self._services = services
        self._blobs = blobs
        self._count = count
        self._pools: dict[str, Workers] = {}

    async def read(
        self, adapter: Adapter, account: AccountId, raws: Sequence[Raw]
    ) -> Sequence[Sequence[Event] | Exception]:
        """Return the events of each payload, or why it could not be read."""
        # a batch may weigh a hundred megabytes: in a thread the loop turns between its items
        items = await asyncio.to_thread(
            lambda: [ENCODER.encode(Payload(account, raw)) for raw in raws]
        )
        results = await self._pool(adapter.provider).run(items)
        return await asyncio.to_thread(
            lambda: [
                one if isinstance(one, IsolationError) else EVENTS.decode(one) for one in results
            ]
        )

    async def warm(self, adapter: Adapter) -> None:
        """Have the processes ready before the first payload comes."""
        if adapter.isolated and adapter.provider not in self._pools:
            await self._pool(adapter.provider).warm()

    async def close(self) -> None:
        """End every process."""
        await asyncio.gather(*(pool.close() for pool in self._pools.values()))

    def _pool(self, provider: str) -> Workers:
        if provider not in self._pools:
            setup = Setup(provider, self._services, str(self._blobs))
            self._pools[provider] = Workers(
                "hub.isolated:read",
                setup="hub.isolated:set_up",
                argument=msgspec.msgpack.encode(setup),
                count=self._count,
            )
        return self._pools[provider]
