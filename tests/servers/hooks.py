"""Where a provider calls an account in tests: a server that does what ``hub.hooks`` does."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from inbox.contract import Event, Forged, Pushed, Request
from tests.servers.context import MemoryContext
from tests.servers.ports import free_port


class Hook:
    """What an account was told by calls.

    Attributes:
        events: What the calls mean, each payload once.
        forged: How many calls were refused.
    """

    def __init__(self, adapter: Pushed, ctx: MemoryContext) -> None:
        self.adapter = adapter
        self.ctx = ctx
        self.forged = 0

    @property
    def events(self) -> list[Event]:
        raws = self.ctx.journal.values()
        return [e for raw in raws for e in self.adapter.normalize(self.ctx.account, raw)]

    async def take(self, request: web.Request) -> web.Response:
        path = request.path.removeprefix("/hook/key")
        query = f"?{request.rel_url.raw_query_string}" if request.rel_url.raw_query_string else ""
        call = Request(
            method=request.method,
            path=path,
            url=f"{self.ctx.hook_url}{path}{query}",
            headers={name.lower(): value for name, value in request.headers.items()},
            query=dict(request.query),
            body=await request.read(),
            peer="127.0.0.1",
        )
        try:
            self.adapter.authenticate(self.ctx, call)
        except Forged:
            self.forged += 1
            return web.Response(status=403)
        raws, reply = self.adapter.accept(self.ctx, call)
        await self.ctx.ingest(raws)
        return web.Response(status=reply.status, body=reply.body, content_type=reply.content_type)

    async def told(self, holds, *, within: float = 20.0) -> list[Event]:
        """Wait until the events are as wanted, and return them."""
        await self.ctx._until(lambda: holds(self.events), within)
        return self.events


@asynccontextmanager
async def hook(adapter: Pushed, ctx: MemoryContext) -> AsyncIterator[Hook]:
    """Take calls for an account on a port of the loopback."""
    made = Hook(adapter, ctx)
    port = free_port()
    ctx.hook_url = f"http://127.0.0.1:{port}/hook/key"
    app = web.Application()
    app.router.add_route("*", "/hook/key{rest:.*}", made.take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield made
    finally:
        await runner.cleanup()
