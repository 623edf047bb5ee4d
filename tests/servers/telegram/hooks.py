"""Pushing updates to a web hook: in order inside a chat, chats beside each other.

As the server's own source has it: an update that is not answered with 2xx holds up its chat and
comes again, after the answer's ``Retry-After`` or a pause that doubles.
"""

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import aiohttp

from tests.servers.telegram.updates import Updates


SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
LONGEST_PAUSE = 60.0  # seconds between two tries
MOST_RETRY_AFTER = 3600.0  # seconds that are honoured


class Hook:
    """A web hook that is set.

    Attributes:
        tries: ``(update id, status)`` of every delivery; status 0 is no answer.
        hurry: What pauses are multiplied with; tests are in more of a hurry.
    """

    def __init__(
        self,
        updates: Updates,
        url: str,
        *,
        secret: str = "",
        max_connections: int = 40,
        hurry: float = 1.0,
    ) -> None:
        self.url = url
        self.secret = secret
        self.max_connections = max_connections
        self.hurry = hurry
        self.tries: list[tuple[int, int]] = []
        self.last_error = ""
        self.last_error_at = 0
        self._updates = updates
        self._chats: dict[str, asyncio.Task[None]] = {}
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Stop pushing; what was not taken stays."""
        tasks = [self._task, *self._chats.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self) -> None:
        limit = aiohttp.TCPConnector(limit=self.max_connections)
        async with aiohttp.ClientSession(connector=limit) as session:
            while True:
                for update in list(self._updates.waiting):
                    key = queue_of(update)
                    running = self._chats.get(key)
                    if running is None or running.done():
                        self._chats[key] = asyncio.create_task(self._push_chat(session, key))
                await asyncio.sleep(0.01)

    async def _push_chat(self, session: aiohttp.ClientSession, key: str) -> None:
        pause = 1.0
        while (update := self._first(key)) is not None:
            wait = await self._push(session, update)
            if wait is None:
                with suppress(ValueError):
                    self._updates.waiting.remove(update)
                pause = 1.0
            else:
                await asyncio.sleep((wait or pause) * self.hurry)
                pause = min(pause * 2, LONGEST_PAUSE)

    def _first(self, key: str) -> dict[str, Any] | None:
        return next((one for one in self._updates.waiting if queue_of(one) == key), None)

    async def _push(self, session: aiohttp.ClientSession, update: dict[str, Any]) -> float | None:
        """Return None when it was taken, else how long to wait; 0 leaves that to us."""
        headers = {SECRET_HEADER: self.secret} if self.secret else {}
        try:
            async with session.post(self.url, json=update, headers=headers) as answer:
                await answer.read()
                self.tries.append((update["update_id"], answer.status))
                if answer.ok:
                    return None
                self._failed(f"Wrong response from the webhook: {answer.status} {answer.reason}")
                return min(float(answer.headers.get("Retry-After", 0)), MOST_RETRY_AFTER)
        except (aiohttp.ClientError, OSError, TimeoutError):
            self.tries.append((update["update_id"], 0))
            self._failed("Connection refused")
            return 0

    def _failed(self, why: str) -> None:
        self.last_error = why
        self.last_error_at = int(time.time())


def queue_of(update: Mapping[str, Any]) -> str:
    """Return the chat an update belongs to: inside it updates keep their order."""
    for kind, value in update.items():
        if kind == "update_id" or not isinstance(value, dict):
            continue
        holder = value.get("message") if kind == "callback_query" else value
        chat = (holder or {}).get("chat") or value.get("from") or {}
        return str(chat.get("id", kind))
    return ""
