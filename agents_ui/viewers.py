"""What each agent may see, kept per node and loaded again when it may have changed."""

import hashlib
from uuid import UUID

import msgspec

from crm_core.staff.visibility import Viewer, load_viewer
from infra.db import Database


STAFF_EVENTS = frozenset({"agent.changed", "team.changed", "branch.changed", "role.changed"})
"""Events after which somebody may see more or less than before."""


class Viewers:
    """The viewers of a node; the live pump drops them in the order of the feed."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._known: dict[UUID, Viewer] = {}
        self._generation = 0

    async def get(self, agent_id: UUID) -> Viewer:
        """Return what ``agent_id`` may see now.

        Raises:
            NotFound: There is no such agent, or not any more.
        """
        while (known := self._known.get(agent_id)) is None:
            generation = self._generation
            async with self._db.look() as raw:
                viewer = await load_viewer(raw, agent_id)
            if generation == self._generation:  # else it may be from before what was announced
                return self._known.setdefault(agent_id, viewer)
        return known

    def is_current(self, viewer: Viewer) -> bool:
        """Say whether ``viewer`` was not dropped since."""
        return self._known.get(viewer.agent_id) is viewer

    def drop(self, agent_id: UUID | None = None) -> None:
        """Forget one viewer, or all."""
        self._generation += 1
        if agent_id is None:
            self._known.clear()
        else:
            self._known.pop(agent_id, None)


def fingerprint(viewer: Viewer) -> str:
    """Return a short text that differs whenever ``viewer`` may see something else.

    The same on every node and after a restart, so it may be part of a client's epoch.
    """
    rights = (
        sorted(map(str, viewer.branch_ids)),
        sorted(map(str, viewer.team_ids)),
        sorted((*permission, scope) for permission, scope in viewer.grants.items()),
    )
    return hashlib.blake2b(msgspec.json.encode(rights), digest_size=4).hexdigest()
