"""A TCP proxy that cuts, freezes and delays connections, for tests of what comes back."""

import asyncio
import random
import socket
import struct
from contextlib import suppress
from typing import Self


class FaultProxy:
    """Passes bytes between clients and a server, until it is told to misbehave."""

    def __init__(self, host: str, rng: random.Random) -> None:
        name, port = host.split(":")
        self._target = (name, int(port))
        self._rng = rng
        self._links: set[_Link] = set()
        self._server: asyncio.Server | None = None
        self.refusing = False

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.host = f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_error) -> None:
        assert self._server is not None
        self._server.close()
        self.reset_all()
        await asyncio.sleep(0)

    def reset_all(self) -> None:
        """Reset every connection."""
        for link in list(self._links):
            link.reset()

    def reset_one(self) -> None:
        """Reset a connection, perhaps in the middle of a frame."""
        if self._links:
            link = self._rng.choice(list(self._links))
            link.cut_after = self._rng.randrange(0, 3000)

    def freeze_one(self, seconds: float) -> None:
        """Let a connection pass nothing for a while, without closing it."""
        if self._links:
            link = self._rng.choice(list(self._links))
            link.open.clear()
            asyncio.get_running_loop().call_later(seconds, link.open.set)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.refusing:
            writer.transport.abort()
            return
        try:
            there, back = await asyncio.open_connection(*self._target)
        except OSError:
            writer.transport.abort()
            return
        link = _Link(writer, back)
        self._links.add(link)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(link.passing(reader, back, counts=False))
                group.create_task(link.passing(there, writer, counts=True))
        except* OSError:
            pass
        finally:
            link.reset()
            self._links.discard(link)


class _Link:
    def __init__(self, client: asyncio.StreamWriter, server: asyncio.StreamWriter) -> None:
        self._client = client
        self._server = server
        self.open = asyncio.Event()
        self.open.set()
        self.cut_after: int | None = None

    async def passing(
        self, source: asyncio.StreamReader, target: asyncio.StreamWriter, *, counts: bool
    ) -> None:
        while data := await source.read(4096):
            await self.open.wait()
            if counts and self.cut_after is not None:
                target.write(data[: self.cut_after])
                self.cut_after -= len(data)
                if self.cut_after <= 0:
                    await asyncio.sleep(0)
                    raise ConnectionResetError
            else:
                target.write(data)
            await target.drain()
        raise ConnectionResetError  # one side is gone: so is the other

    def reset(self) -> None:
        for writer in (self._client, self._server):
            with suppress(OSError, AttributeError):
                sock = writer.get_extra_info("socket")
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
