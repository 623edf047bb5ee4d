"""What a mailbox says of itself: at once when its state changes, else now and then."""

import time
from collections.abc import Mapping
from datetime import datetime

from channels.email.errors import problem_of
from inbox.contract import Health, HealthState, RunContext
from infra.clock import now


class Reporter:
    """Reports the health of one running account."""

    def __init__(self, ctx: RunContext, *, every: float) -> None:
        self._ctx = ctx
        self._every = every  # seconds
        self._said = Health(state=HealthState.CONNECTING)
        self._said_at = float("-inf")
        self._last_received_at: datetime | None = None
        self._lag: float | None = None
        self._details: dict[str, str] = {}
        self._is_behind = False

    async def connecting(self) -> None:
        """Say that a connection is being made, unless a trouble is shown already."""
        if self._said.state is HealthState.CONNECTING:
            await self._say(Health(state=HealthState.CONNECTING))

    async def connected(self, *, backlog: int) -> None:
        """Say that mails arrive, and how many still have to be fetched."""
        degraded = "unreadable" in self._details
        await self._say(
            Health(
                state=HealthState.DEGRADED if degraded else HealthState.CONNECTED,
                code="imap.unreadable_mail" if degraded else "",
                remedy="read_elsewhere" if degraded else "",
                backlog=backlog,
                last_received_at=self._last_received_at,
                lag_seconds=self._lag,
                details=dict(self._details),
            )
        )

    async def failed(self, error: BaseException) -> None:
        """Say why no mails arrive."""
        health = problem_of(error).as_health(error)
        await self._say(_with(health, self._last_received_at, self._details))

    def received(self, at: datetime | None) -> None:
        """Note that a live mail came which the server had since ``at``."""
        self._last_received_at = now()
        if at is not None:
            self._lag = max(0.0, (self._last_received_at - at).total_seconds())

    def note(self, name: str, value: str) -> None:
        """Keep a detail for the administrator; "" drops it."""
        self._details.pop(name, None)
        if value:
            self._details[name] = value

    @property
    def is_behind(self) -> bool:
        """Something was not said yet, for lack of news."""
        return self._is_behind

    async def _say(self, health: Health) -> None:
        is_news = (health.state, health.code) != (self._said.state, self._said.code)
        is_done = self._said.backlog and not health.backlog
        if not is_news and not is_done and time.monotonic() - self._said_at < self._every:
            self._is_behind = health.last_received_at != self._said.last_received_at
            return
        self._is_behind = False
        self._said, self._said_at = health, time.monotonic()
        await self._ctx.health(health)


def _with(health: Health, received: datetime | None, details: Mapping[str, str]) -> Health:
    return Health(
        state=health.state,
        code=health.code,
        remedy=health.remedy,
        text=health.text,
        last_received_at=received,
        details=dict(details),
    )
