"""Counting the views in SQL: what the open set must always agree with."""

from crm_core.staff.visibility import Viewer
from inbox.view_keys import SELECTIONS, parse_view
from infra.db import Raw


async def recount(raw: Raw, view: str, *, viewer: Viewer) -> tuple[int, int]:
    """Return how many conversations of a view the viewer sees, and how many are unread.

    It costs what the view is large; the hub compares one view a minute with its open set.

    Raises:
        NotFound: There is no such view.
    """
    key = parse_view(view)
    selection = SELECTIONS[key.name]
    seen, args = viewer.where("conversation", "read", "c", 3)
    status = "true"
    if selection.statuses:
        status = f"c.status IN ({', '.join(repr(one) for one in selection.statuses)})"
    row = await raw.fetchrow(
        f"""
WITH given AS (SELECT $1::uuid, $2::uuid)
SELECT count(*) AS total,
       count(*) FILTER (WHERE c.inbound_count > coalesce(r.inbound_count, 0)) AS unread
  FROM conversation AS c
  LEFT JOIN read_state AS r ON r.conversation_id = c.id AND r.agent_id = $1
 WHERE {status} AND {selection.rule} AND {seen}""",  # noqa: S608 - constants and compiled
        viewer.agent_id,
        key.about,
        *args,
    )
    return (row["total"], row["unread"]) if row else (0, 0)
