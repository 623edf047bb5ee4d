"""An SMS provider's HTTP side: takes any request, keeps it, and answers as it is told."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from tests.servers.ports import free_port


class SmsProvider:
    """What a gateway of an account speaks to.

    Attributes:
        answer: Status, body and headers of the next answers; a body that is no text is JSON, and
            ``{n}`` in it is how many requests were taken.
        cut: ``after``: the request is taken, and nothing is answered.
        taken: What was answered with a yes, or cut off after it was read.
        bodies: The bodies as they came.
        asked: What came, as ``(method, path, fields, headers)``; JSON is left as it is.
    """

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.answer: tuple[int, Any, Mapping[str, str]] = (200, {}, {})
        self.cut = ""
        self.asked: list[tuple[str, str, Any, Mapping[str, str]]] = []
        self.taken: list[Any] = []
        self.bodies: list[str] = []
        self.pages: dict[str, tuple[int, bytes, Mapping[str, str]]] = {}

    async def take(self, request: web.Request) -> web.StreamResponse:
        if request.path in self.pages:
            status, body, headers = self.pages[request.path]
            self.asked.append((request.method, request.path, {}, dict(request.headers)))
            return web.Response(status=status, body=body, headers=headers)
        text = await request.text()
        self.bodies.append(text)
        fields: Any = dict(request.query)
        if text.startswith(("{", "[")):
            fields = json.loads(text)
        elif text:
            fields = fields | dict(parse_qsl(text, keep_blank_values=True))
        self.asked.append((request.method, request.path, fields, dict(request.headers)))
        status, body, headers = self.answer
        if self.cut == "after" or status < 300:
            self.taken.append(fields)
        if self.cut == "after" and request.transport is not None:
            request.transport.close()
            await asyncio.sleep(0.05)
        said = body if isinstance(body, str) else json.dumps(body)
        said = said.replace("{n}", str(len(self.taken)))
        return web.Response(status=status, text=said, headers=headers)


@asynccontextmanager
async def sms_provider() -> AsyncIterator[SmsProvider]:
    """Run a provider on a port of the loopback."""
    provider = SmsProvider(free_port())
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", provider.take)
    runner = web.AppRunner(app, access_log=None)  # it would log secrets as the provider sees them
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", provider.port).start()
    try:
        yield provider
    finally:
        await runner.cleanup()
