"""The conversations of one client, as the panel beside a conversation lists them."""

from collections.abc import Sequence
from uuid import UUID

from crm_core.staff.visibility import Viewer
from crm_core.timeline import Place
from inbox.lists import ITEM
from infra.clock import now
from infra.db import Raw


async def conversations_of(
    raw: Raw, card_id: UUID, *, viewer: Viewer, before: Place | None = None, limit: int = 50
) -> Sequence[tuple[str, Place]]:
    """Return a card's conversations that the viewer sees, newest first, as JSON text."""
    seen, args = viewer.where("conversation", "read", "c", 6)
    edge = before or Place(now().replace(year=9000), UUID(int=2**128 - 1))
    item = ITEM.format(c="c")
    rows = await raw.fetch(
        f"""
        SELECT ({item})::text AS item, c.last_activity_at AS at, c.id FROM conversation AS c
         WHERE c.card_id = $2 AND (c.last_activity_at, c.id) < ($3, $4) AND {seen}
         ORDER BY c.last_activity_at DESC, c.id DESC LIMIT $5
        """,  # noqa: S608 - constants and a compiled predicate
        viewer.agent_id,
        card_id,
        edge.at,
        edge.id,
        limit,
        *args,
    )
    return [(row["item"], Place(row["at"], row["id"])) for row in rows]
