"""A visitor's side of website chat, by a WebSocket client nobody here wrote (``websockets``)."""

import asyncio
import json
import secrets
from typing import Any, Self

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed


def new_token() -> str:
    return secrets.token_urlsafe(32)


def new_cid() -> str:
    return secrets.token_hex(12)


class Visitor:
    """A connection; ``log`` keeps the entries by number, ``heard`` everything else."""

    def __init__(self, base: str, key: str, *, token: str = "", origin: str = "") -> None:
        self.base = base
        self.key = key
        self.token = token or new_token()
        self.origin = origin or base
        self.log: dict[int, dict[str, Any]] = {}
        self.heard: list[dict[str, Any]] = []
        self.me: dict[str, Any] = {}
        self._changed = asyncio.Condition()
        self._socket: ClientConnection | None = None
        self._reader: asyncio.Task[None] | None = None
        self.code: int | None = None

    @property
    def seq(self) -> int:
        return max(self.log, default=0)

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.close()

    async def open(self, **hello: Any) -> dict[str, Any]:
        """Connect and say hello; return the welcome."""
        self.code = None
        address = self.base.replace("http", "ws", 1) + f"/w/{self.key}/live"
        self._socket = await connect(
            address, subprotocols=["chat.v1"], origin=self.origin, compression=None
        )
        await self.say("hello", token=self.token, after=self.seq, **hello)
        self._reader = asyncio.create_task(self._read())
        return await self.wait(lambda frame: frame["t"] == "welcome")

    async def close(self) -> None:
        if self._socket is not None:
            await self._socket.close()
        if self._reader is not None:
            await self._reader

    def cut(self) -> None:
        """Break the connection without a word."""
        assert self._socket is not None
        self._socket.transport.abort()

    async def say(self, kind: str, /, **fields: Any) -> None:
        assert self._socket is not None
        await self._socket.send(json.dumps({"t": kind, **fields}))

    async def raw(self, data: bytes) -> None:
        assert self._socket is not None
        await self._socket.send(data)

    async def write(self, text: str = "", **fields: Any) -> dict[str, Any]:
        """Send a message and return how it was answered."""
        return await self.ask("send", text=text, **fields)

    async def ask(self, kind: str, /, **fields: Any) -> dict[str, Any]:
        """Say something with a ``cid`` and return its ``ack`` or ``nack``."""
        cid = fields.pop("cid", None) or new_cid()
        await self.say(kind, cid=cid, **fields)
        return await self.wait(
            lambda frame: frame["t"] in {"ack", "nack"} and frame.get("cid") == cid
        )

    async def wait(self, wanted: Any, within: float = 20.0) -> dict[str, Any]:
        """Return the first frame heard that is ``wanted``, now or later."""
        async with asyncio.timeout(within), self._changed:
            while True:
                for frame in self.heard:
                    if wanted(frame):
                        self.heard.remove(frame)
                        return frame
                if self._reader is not None and self._reader.done():
                    raise ConnectionError(f"closed with {self.code}")
                await self._changed.wait()

    async def entry(self, wanted: Any, within: float = 20.0) -> dict[str, Any]:
        """Return the first entry of the log that is ``wanted``, now or later."""
        async with asyncio.timeout(within), self._changed:
            while True:
                for entry in self.log.values():
                    if wanted(entry):
                        return entry
                await self._changed.wait()

    async def closed(self, within: float = 20.0) -> int:
        """Return the close code, once it is there."""
        assert self._reader is not None
        async with asyncio.timeout(within):
            await asyncio.shield(self._reader)
        assert self.code is not None
        return self.code

    async def _read(self) -> None:
        assert self._socket is not None
        try:
            async for text in self._socket:
                frame = msgspec.json.decode(text)
                async with self._changed:
                    self._take(frame)
                    self._changed.notify_all()
        except ConnectionClosed:
            pass
        self.code = self._socket.close_code
        async with self._changed:
            self._changed.notify_all()

    def _take(self, frame: dict[str, Any]) -> None:
        if "seq" in frame and frame["t"] in {"msg", "amend", "note"}:
            seq = frame["seq"]
            if seq > self.seq and self.seq:
                assert seq == self.seq + 1, f"a gap: {self.seq} then {seq}"
            assert seq not in self.log, f"entry {seq} came twice over one connection"
            self.log[seq] = frame
            return
        if frame["t"] in {"welcome", "session"}:
            self.me = frame["me"]
            self.token = frame.get("token") or self.token
            if frame.get("reset"):
                self.log.clear()
        self.heard.append(frame)
