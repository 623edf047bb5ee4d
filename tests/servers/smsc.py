"""A short-message centre that nobody here wrote: the npm package ``smpp``, run by ``smsc.js``."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from tests.servers.peers import NODE_FOLDER, node, node_module


CAME_UP = 20.0  # seconds


class Smsc:
    """A running centre; ``pw`` is every account's password.

    Attributes:
        control: Where it is told what to do.
    """

    def __init__(self, port: int, control: int, http: aiohttp.ClientSession) -> None:
        self.port = port
        self.control = f"http://127.0.0.1:{control}"
        self._http = http

    async def behave(self, **rules: object) -> None:
        """Say what it does from now on; what is not named goes back to what it did at first.

        ``submit``: take, refuse (with ``status``), nack, silent, deaf, drop, take_and_drop;
        ``after`` so many it begins, and ``times`` it lasts. ``receipts``: delivered, failed,
        expired or any other word. ``bind``: status of every bind. ``ids="hex"``: answers in hex,
        receipts in decimals.
        """
        await self._order("/behave", rules)

    async def route(self, routes: Mapping[str, str]) -> None:
        """Hand on what is sent to a number, as it is written, to whoever is bound by a name."""
        await self._order("/route", dict(routes))

    async def deliver(self, *messages: Mapping[str, object]) -> None:
        """Hand messages to the receiver bound last; ``hex`` is the body's bytes."""
        await self._order("/deliver", list(messages))

    async def raw(self, pdu: bytes) -> None:
        """Write bytes to the receiver bound last."""
        await self._order("/raw", {"hex": pdu.hex()})

    async def drop(self) -> None:
        """Cut every session."""
        await self._order("/drop", {})

    async def unbind(self) -> None:
        """Ask every session to end."""
        await self._order("/unbind", {})

    async def forget(self) -> None:
        """Forget what was taken."""
        await self._order("/forget", {})

    async def state(self) -> dict[str, Any]:
        """Return what was ``taken``, ``answers`` to what it delivered, ``binds``, ``bound``."""
        return await self._order("/state", {})

    async def taken(self) -> list[dict[str, Any]]:
        """Return the messages it took."""
        taken: list[dict[str, Any]] = (await self.state())["taken"]
        return taken

    async def until(
        self, holds: Callable[[dict[str, Any]], bool], within: float = 15.0
    ) -> dict[str, Any]:
        """Wait until its state is as wanted, and return it."""
        async with asyncio.timeout(within):
            while not holds(state := await self.state()):  # noqa: ASYNC110 - over HTTP
                await asyncio.sleep(0.03)
        return state

    async def bound(self, count: int = 1, within: float = 15.0) -> None:
        """Wait until so many are bound."""
        await self.until(lambda state: len(state["bound"]) >= count, within)

    async def _order(self, path: str, body: object) -> dict[str, Any]:
        async with self._http.post(self.control + path, json=body) as response:
            said: dict[str, Any] = await response.json()
            return said


@asynccontextmanager
async def smsc(
    certificate: tuple[Path, Path] | None = None, *, first_id: int = 0
) -> AsyncIterator[Smsc]:
    """Run a centre.

    Args:
        certificate: Files of a certificate and its key; binds are over TLS then.
        first_id: What message ids are counted from.
    """
    node_module("smpp")
    env = {**os.environ, "SMSC_FIRST_ID": str(first_id)}
    if certificate is not None:
        env |= {"SMSC_CERT": str(certificate[0]), "SMSC_KEY": str(certificate[1])}
    process = await asyncio.create_subprocess_exec(
        node(),
        str(NODE_FOLDER / "smsc.js"),
        env=env,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(CAME_UP):
            ports = json.loads(await process.stdout.readline())
        async with aiohttp.ClientSession() as http:
            yield Smsc(ports["smpp"], ports["control"], http)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
