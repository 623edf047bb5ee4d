"""A bot's updates: kept until they are confirmed, handed out by polling or pushed to a hook."""

import asyncio
from collections.abc import Sequence
from typing import Any

from tests.servers.telegram.request import ApiError


LONGEST_POLL = 50  # seconds, LONG_POLL_MAX_TIMEOUT of the server's source
NOT_BY_DEFAULT = {"chat_member", "message_reaction", "message_reaction_count"}

TERMINATED = ApiError(
    409,
    "Conflict: terminated by other getUpdates request; make sure that only one bot instance"
    " is running",
)
HOOKED = ApiError(
    409,
    "Conflict: can't use getUpdates method while webhook is active;"
    " use deleteWebhook to delete the webhook first",
)
HOOK_SET = ApiError(409, "Conflict: terminated by setWebhook request")


class Updates:
    """What a bot has not confirmed yet.

    Attributes:
        waiting: Updates in order.
        allowed: Kinds that are kept; None is the default. The last choice is remembered.
        polls: How often it was asked.
    """

    def __init__(self, first_id: int = 1001) -> None:
        self.waiting: list[dict[str, Any]] = []
        self.allowed: frozenset[str] | None = None
        self.polls = 0
        self._next_id = first_id
        self._changed = asyncio.Event()
        self._poller: asyncio.Event | None = None
        self._ended_by = TERMINATED

    def add(self, kind: str, value: Any) -> int:
        """Keep an update, unless nobody wants its kind; return its id."""
        update_id = self._next_id
        self._next_id += 1
        if self.wants(kind):
            self.put({"update_id": update_id, kind: value})
        return update_id

    def put(self, update: dict[str, Any]) -> None:
        """Keep an update as it is, whatever is in it."""
        self.waiting.append(update)
        self._next_id = max(self._next_id, int(update.get("update_id", 0)) + 1)
        self._changed.set()

    def wants(self, kind: str) -> bool:
        """Tell whether updates of a kind are kept."""
        return kind in self.allowed if self.allowed else kind not in NOT_BY_DEFAULT

    def jump(self, update_id: int) -> None:
        """Let the next id be any: after a week of silence the Bot API chooses one at random."""
        self._next_id = update_id

    def choose(self, allowed: Sequence[str] | None) -> None:
        """Remember which kinds are wanted."""
        if allowed is not None:
            self.allowed = frozenset(allowed)

    async def poll(self, *, offset: int = 0, limit: int = 100, seconds: float = 0) -> list[Any]:
        """Confirm everything before ``offset``, and return what there is, waiting if need be.

        Raises:
            ApiError: Somebody else began to poll, or set a hook.
        """
        self.polls += 1
        self.end_poll(TERMINATED)
        mine = self._poller = asyncio.Event()
        self.confirm(offset)
        deadline = asyncio.get_running_loop().time() + min(seconds, LONGEST_POLL)
        while not self.waiting and not mine.is_set():
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0:
                break
            await self._wait(mine, left)
        if mine.is_set():
            raise self._ended_by
        self._poller = None
        return self.waiting[: max(1, min(limit, 100))]

    def confirm(self, offset: int) -> None:
        """Forget everything before an offset; a negative one keeps that many from the end."""
        if offset < 0:
            self.waiting = self.waiting[offset:]
        else:
            self.waiting = [one for one in self.waiting if one["update_id"] >= offset]

    def end_poll(self, error: ApiError) -> None:
        """End the poll under way."""
        if self._poller is not None:
            self._ended_by = error
            self._poller.set()
            self._poller = None

    async def _wait(self, ended: asyncio.Event, seconds: float) -> None:
        self._changed.clear()
        tasks = [asyncio.create_task(one.wait()) for one in (self._changed, ended)]
        try:
            await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
