"""The timeline of a conversation: messages and what happened between them, by ``seq``."""

from uuid import UUID

from crm_core.staff.visibility import Viewer
from inbox.case import require
from infra.db import Raw, Transaction


MOST_UNSEEN = 100  # messages a refused answer comes back with

PAGE = """
WITH edge AS (SELECT last_seq FROM conversation WHERE id = $1),
     range AS (
        SELECT CASE WHEN $3::int IS NOT NULL THEN $3 + 1
                    ELSE greatest(coalesce($2::int, (SELECT last_seq FROM edge) + 1) - $4, 1) END
               AS low,
               CASE WHEN $3::int IS NOT NULL THEN $3 + $4
                    ELSE coalesce($2::int, (SELECT last_seq FROM edge) + 1) - 1 END AS high)
SELECT jsonb_build_object(
    'messages', coalesce((
        SELECT jsonb_agg(message_json(m) ORDER BY m.seq) FROM message AS m, range
         WHERE m.conversation_id = $1 AND m.seq BETWEEN range.low AND range.high), '[]'),
    'entries', coalesce((
        SELECT jsonb_agg(event_json(e) ORDER BY e.seq) FROM conversation_event AS e, range
         WHERE e.conversation_id = $1 AND e.seq BETWEEN range.low AND range.high), '[]'),
    'first_seq', range.low,
    'last_seq', greatest(least(range.high, edge.last_seq), range.low - 1),
    'has_more_before', range.low > 1)::text
  FROM range, edge
"""

UNSEEN = """
SELECT coalesce(jsonb_agg(message_json(m) ORDER BY m.seq), '[]')::text FROM (
    SELECT * FROM message AS m
     WHERE m.conversation_id = $1 AND m.seq > $2 AND m.visibility = 'public'
     ORDER BY m.seq DESC LIMIT $3) AS m
"""


async def timeline_page(
    raw: Raw | Transaction,
    conversation_id: UUID,
    *,
    viewer: Viewer,
    before_seq: int | None = None,
    after_seq: int | None = None,
    limit: int = 50,
) -> str:
    """Return a part of the timeline as JSON text: the newest without either bound.

    ``seq`` has no gaps, so a range of it is a page.

    Raises:
        NotFound: There is no conversation the viewer may see.
    """
    await require(raw, conversation_id, viewer=viewer, action="read")
    page = await raw.fetchval(PAGE, conversation_id, before_seq, after_seq, limit)
    return str(page)


async def public_after(raw: Raw | Transaction, conversation_id: UUID, *, seq: int) -> str:
    """Return the messages the client can see after ``seq``, as JSON text, oldest first."""
    return str(await raw.fetchval(UNSEEN, conversation_id, seq, MOST_UNSEEN))
