"""Running IMAP commands: what the server said so far, and a timer that counts silence."""

import asyncio
from typing import Any

from aioimaplib.aioimaplib import Command

from channels.email.imap.framer import Parts


HIGH_WATER = 4 << 20  # bytes that wait for the consumer before the socket rests
LOW_WATER = HIGH_WATER // 2  # bytes


class Call(Command):  # type: ignore[misc]  # aioimaplib has no types
    """One running command."""

    @property
    def is_done(self) -> bool:
        """The answer is complete, or the command has failed."""
        return bool(self._event.is_set())

    def take(self, word: bytes, parts: Parts) -> None:
        """Keep an untagged response; ``word`` says which one it is."""
        del word
        for part in parts:
            self.append_to_resp(part)

    def fail(self, error: BaseException) -> None:
        """End the command without an answer."""
        self._exception = error
        self._timer.cancel()
        self._event.set()

    def hear(self) -> None:
        """Note that the server is alive."""
        self._reset_timer()


class Idle(Call):
    """IDLE: what comes is told by ``awake`` alone, and so is its end."""

    def __init__(self, tag: str, *, awake: asyncio.Event) -> None:
        super().__init__("IDLE", tag)
        self._awake = awake

    def take(self, word: bytes, parts: Parts) -> None:
        """Forget it: a colleague who empties the folder costs nothing."""

    def close(self, line: bytes, result: str) -> None:
        """End it, by DONE or because the server does not want it."""
        super().close(line, result)
        self._awake.set()


class Stream(Call):
    """A FETCH whose responses are taken one by one while it runs."""

    def __init__(
        self, tag: str, *arguments: str, transport: asyncio.Transport, silence: float
    ) -> None:
        super().__init__("FETCH", tag, *arguments, prefix="UID", timeout=silence)
        self._arrived: asyncio.Queue[Parts | None] = asyncio.Queue()
        self._transport = transport
        self._waiting = 0  # bytes
        self._is_resting = False

    def take(self, word: bytes, parts: Parts) -> None:
        """Queue a FETCH response, and rest the socket when too much waits."""
        if word != b"FETCH":
            return
        self._waiting += _weight(parts)
        self._arrived.put_nowait(parts)
        if self._waiting > HIGH_WATER and not self._is_resting:
            self._is_resting = True
            self._transport.pause_reading()

    async def next_parts(self) -> Parts | None:
        """Return the next response; None after the last one."""
        parts = await self._arrived.get()
        if parts is not None:
            self._waiting -= _weight(parts)
            if self._is_resting and self._waiting < LOW_WATER:
                self._is_resting = False
                self._transport.resume_reading()
                self.hear()
        return parts

    def close(self, line: bytes, result: str) -> None:
        """End it after the responses that wait."""
        super().close(line, result)
        self._arrived.put_nowait(None)

    def fail(self, error: BaseException) -> None:
        """End it after the responses that wait."""
        super().fail(error)
        self._arrived.put_nowait(None)

    def _timeout_callback(self) -> Any:
        if self._is_resting:
            self.hear()  # the silence is ours
        else:
            super()._timeout_callback()


def _weight(parts: Parts) -> int:
    return sum(map(len, parts))
