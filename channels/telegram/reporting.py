"""What a bot's account says of itself: at once when its state changes, else now and then."""

import time
from collections.abc import Mapping
from datetime import datetime

import msgspec

from channels.telegram.troubles import problem_of, text_of
from inbox.contract import Health, HealthState, RunContext
from infra.clock import now


class Reporter:
    """Reports the health of one running account.

    Args:
        every: Seconds between reports of a state that is the same.
    """

    def __init__(self, ctx: RunContext, *, every: float) -> None:
        self._ctx = ctx
        self._every = every
        self._said: Health | None = None
        self._said_at = float("-inf")
        self._last_received_at: datetime | None = None

    async def connecting(self) -> None:
        """Say that a connection is being made, unless something is shown already."""
        if self._said is None:
            await self.say(Health(state=HealthState.CONNECTING))

    async def connected(
        self, *, backlog: int | None = None, details: Mapping[str, str] | None = None
    ) -> None:
        """Say that messages arrive."""
        await self.say(
            Health(state=HealthState.CONNECTED, backlog=backlog, details=dict(details or {}))
        )

    async def failed(self, error: BaseException) -> None:
        """Say why no messages arrive."""
        await self.say(problem_of(error).as_health(text_of(error)))

    def received(self) -> None:
        """Note that messages came."""
        self._last_received_at = now()

    async def say(self, health: Health) -> None:
        """Report a state."""
        last = self._said
        is_news = last is None or (health.state, health.code) != (last.state, last.code)
        if not is_news and time.monotonic() - self._said_at < self._every:
            return
        self._said, self._said_at = health, time.monotonic()
        received = self._last_received_at
        await self._ctx.health(msgspec.structs.replace(health, last_received_at=received))
