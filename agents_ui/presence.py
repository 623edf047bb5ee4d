"""Who is there, as far as this node knows: its own sessions and what other nodes said."""

import time
from typing import Literal
from uuid import UUID


Status = Literal["online", "away", "offline"]

GRACE = 30.0  # seconds an agent stays after the last tab closed: a resume must not flicker
FORGET = 50.0  # seconds after which another node's word is worth nothing
FOREVER = float("inf")


class Presence:
    """Claims of nodes about agents; ``online`` on any of them wins."""

    def __init__(self) -> None:
        self._claims: dict[tuple[str, UUID], tuple[Status, float]] = {}

    def of(self, agent_id: UUID) -> Status:
        """Return an agent's status."""
        return self.all().get(agent_id, "offline")

    def all(self) -> dict[UUID, Status]:
        """Return the status of everybody who is there."""
        now = time.monotonic()
        found: dict[UUID, Status] = {}
        for (_, agent_id), (status, until) in self._claims.items():
            if until > now and found.get(agent_id) != "online":
                found[agent_id] = status
        return found

    def by(self, node: str) -> dict[UUID, Status]:
        """Return what ``node`` claims."""
        return {agent: claim[0] for (at, agent), claim in self._claims.items() if at == node}

    def tabs(self, node: str, agent_id: UUID, visible: list[bool]) -> bool:
        """Note an agent's tabs at a node; say whether the agent's status changed."""
        before = self.of(agent_id)
        key = (node, agent_id)
        if visible:
            self._claims[key] = ("online" if any(visible) else "away", FOREVER)
        elif key in self._claims:
            self._claims[key] = (self._claims[key][0], time.monotonic() + GRACE)
        return self.of(agent_id) != before

    def hear(self, node: str, agent_id: UUID, status: Status) -> bool:
        """Note what another node says; say whether the agent's status changed."""
        before = self.of(agent_id)
        if status == "offline":
            self._claims.pop((node, agent_id), None)
        else:
            self._claims[node, agent_id] = (status, time.monotonic() + FORGET)
        return self.of(agent_id) != before

    def expire(self) -> list[tuple[str, UUID]]:
        """Drop the claims whose time is over; return whose they were."""
        now = time.monotonic()
        over = [key for key, (_, until) in self._claims.items() if until <= now]
        for key in over:
            del self._claims[key]
        return over
