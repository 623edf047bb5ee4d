"""A served hub that providers call."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO
from uuid import UUID

import aiohttp
from aiohttp import web

from hub.hooks import add_hooks
from inbox.accounts import Account, AccountContext, load_account
from inbox.adapters import Adapters
from inbox.contract import Adapter, Request
from infra.blobs import Blobs
from infra.db import Database
from infra.http.guard import guard
from infra.http.site import Site
from infra.vault import Vault


VAULT = Vault(b"k" * 32)
KEY = "key-of-the-account"
PUBLIC = "https://hub.example"


class Post:
    """A served hub with one account."""

    def __init__(self, url: str, adapter: Adapter, db: Database, blobs: Blobs) -> None:
        self.url, self.adapter = url, adapter
        self._db, self._blobs = db, blobs

    async def context(self, account_id: UUID) -> AccountContext:
        """Return what the adapter is given for an account."""
        async with self._db.read() as raw:
            account = await load_account(raw, account_id)
        return AccountContext(self._db, VAULT, self._blobs, account, public_url=PUBLIC)

    async def rows(self) -> int:
        async with self._db.read() as raw:
            count: int = await raw.fetchval("SELECT count(*) FROM journal")
            return count

    async def call(
        self,
        path: str = f"/hook/{KEY}",
        *,
        headers: Mapping[str, str],
        body: bytes | IO[bytes] = b"{}",
    ) -> tuple[int, str, Mapping[str, str]]:
        async with (
            aiohttp.ClientSession() as http,
            http.post(self.url + path, data=body, headers=headers) as answer,
        ):
            return answer.status, await answer.text(), answer.headers

    async def hand(self, request: Request) -> int:
        """Make a call as the provider makes it, and return the status."""
        path = request.url.removeprefix(PUBLIC)
        status, _, _ = await self.call(path, headers=request.headers, body=request.body)
        return status


@asynccontextmanager
async def served(
    db: Database, folder: Path, adapter: Adapter, *, truth: Database | None = None
) -> AsyncIterator[Post]:
    """Serve a hub on a port of the loopback.

    Args:
        truth: Where to look what is stored, when ``db`` is away.
    """
    blobs = Blobs(folder / "blobs")
    app = web.Application()

    def context_of(account: Account) -> AccountContext:
        return AccountContext(db, VAULT, blobs, account, public_url=PUBLIC)

    add_hooks(app, db, Adapters({adapter.provider: lambda: adapter}), context_of)
    guard(app, Site())
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    try:
        yield Post(f"http://127.0.0.1:{port}", adapter, truth or db, blobs)
    finally:
        await runner.cleanup()
