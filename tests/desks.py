"""The agents' side of a hub on a real port, and agents signed in to it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp
import yarl
from aiohttp import web

from agents_ui.app import Web, mount
from agents_ui.services import Services
from crm_core.staff.sessions import open_session
from crm_core.staff.visibility import Viewer
from inbox.accounts import line_opener
from inbox.adapters import Adapters
from infra.blobs import Blobs
from infra.bus import Bus
from infra.db import Database
from infra.http.site import Site
from infra.vault import Vault
from tests.company import PASSWORD


KEY = b"k" * 32


class Desk:
    """A served agents' side."""

    def __init__(self, mounted: Web, db: Database, host: str) -> None:
        self.mounted = mounted
        self.db = db
        self.host = host
        self.url = f"http://{host}"

    @property
    def pump(self):
        return self.mounted.desk.live.pump

    @asynccontextmanager
    async def browser(self, login: str | None = None) -> AsyncIterator["Browser"]:
        """A browser, signed in when ``login`` is given."""
        jar = aiohttp.CookieJar(unsafe=True)
        headers = {"Origin": self.url}
        async with aiohttp.ClientSession(self.url, cookie_jar=jar, headers=headers) as http:
            browser = Browser(http, self)
            if login is not None:
                answer = await browser.post("/api/session", {"login": login, "password": PASSWORD})
                assert answer.status == 200, answer.text
            yield browser


class Answer:
    """A response, read to its end."""

    def __init__(self, response: aiohttp.ClientResponse, body: bytes) -> None:
        self.status = response.status
        self.headers = response.headers
        self.body = body

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:

        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The code of a problem."""
        assert self.headers["Content-Type"].startswith("application/problem+json"), self.text
        return self.json["code"]


class Browser:
    """HTTP with a cookie jar, from our own origin."""

    def __init__(self, http: aiohttp.ClientSession, desk: Desk) -> None:
        self.http = http
        self.desk = desk

    async def enter(self, viewer: Viewer) -> None:
        """Be signed in, without the work of hashing a password."""
        async with self.desk.db.transaction() as tx:
            opened = await open_session(tx, viewer.agent_id, ip="127.0.0.1", user_agent="test")
        self.http.cookie_jar.update_cookies({"punte": opened.token}, yarl.URL(self.desk.url))

    async def send(self, method: str, path: str, body: Any = None, **more: Any) -> Answer:
        if body is not None:
            more["json"] = body
        async with self.http.request(method, path, **more) as response:
            return Answer(response, await response.read())

    async def get(self, path: str, **more: Any) -> Answer:
        return await self.send("GET", path, **more)

    async def post(self, path: str, body: Any = None, **more: Any) -> Answer:
        return await self.send("POST", path, body, **more)

    async def patch(self, path: str, body: Any, **more: Any) -> Answer:
        return await self.send("PATCH", path, body, **more)

    async def put(self, path: str, body: Any, **more: Any) -> Answer:
        return await self.send("PUT", path, body, **more)

    async def delete(self, path: str, **more: Any) -> Answer:
        return await self.send("DELETE", path, **more)

    @property
    def cookie(self) -> str:
        """The session cookie as a header has it."""
        return "; ".join(f"{c.key}={c.value}" for c in self.http.cookie_jar)


@asynccontextmanager
async def serving(
    db: Database,
    folder: Path,
    *,
    bus: Bus | None = None,
    adapters: Adapters | None = None,
    public_url: str | None = None,
    **more: Any,
) -> AsyncIterator[Desk]:
    """Serve the agents' side of a hub until the block ends."""
    app = web.Application()
    vault, blobs = Vault(KEY), Blobs(folder / "blobs")
    known = adapters or Adapters({})
    services = Services(
        db=db,
        bus=bus or db._bus,
        site=Site(public_url),
        blobs=blobs,
        vault=vault,
        adapters=known,
        open_line=line_opener(db, vault, blobs, known),
        **more,
    )
    mounted = mount(app, services)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    task = asyncio.create_task(mounted.run())
    try:
        yield Desk(mounted, db, f"127.0.0.1:{runner.addresses[0][1]}")
    finally:
        await mounted.close()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await runner.cleanup()
