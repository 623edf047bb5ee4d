"""What each agent has read: one number per conversation, no row per message."""

from uuid import UUID

from crm_core.staff.visibility import Viewer
from inbox.case import require
from infra.db import Transaction
from infra.events import Event


READ_UP_TO = """
INSERT INTO read_state (agent_id, conversation_id, last_seq, inbound_count)
SELECT $1, c.id, least($3, c.last_seq),
       CASE WHEN $3 >= c.last_seq THEN c.inbound_count ELSE (
            SELECT count(*) FROM message AS m
             WHERE m.conversation_id = c.id AND m.seq <= $3 AND m.kind = 'inbound') END
  FROM conversation AS c WHERE c.id = $2
ON CONFLICT (agent_id, conversation_id) DO UPDATE
   SET last_seq = excluded.last_seq, inbound_count = excluded.inbound_count
 WHERE $4 OR excluded.last_seq > read_state.last_seq
RETURNING last_seq, inbound_count
"""


class ReadChanged(Event, tag="read.changed"):
    """An agent has read a conversation up to ``last_seq``; only that agent is told."""

    agent_id: UUID
    conversation_id: UUID
    last_seq: int
    inbound_count: int

    def audience(self) -> dict[str, object]:
        """Say that only the agent may see it."""
        return {"me": str(self.agent_id)}


async def mark_read(tx: Transaction, conversation_id: UUID, *, seq: int, viewer: Viewer) -> None:
    """Note that the viewer has read up to ``seq``; reading less than before changes nothing.

    Raises:
        NotFound: There is no conversation the viewer may see.
    """
    await _mark(tx, conversation_id, seq=seq, viewer=viewer, back=False)


async def mark_unread(tx: Transaction, conversation_id: UUID, *, seq: int, viewer: Viewer) -> None:
    """Note that the viewer has not read from ``seq`` on.

    Raises:
        NotFound: There is no conversation the viewer may see.
    """
    await _mark(tx, conversation_id, seq=max(seq - 1, 0), viewer=viewer, back=True)


async def _mark(
    tx: Transaction, conversation_id: UUID, *, seq: int, viewer: Viewer, back: bool
) -> None:
    await require(tx, conversation_id, viewer=viewer, action="read")
    marked = await tx.fetchrow(READ_UP_TO, viewer.agent_id, conversation_id, seq, back)
    if marked is not None:
        tx.publish(
            ReadChanged(
                agent_id=viewer.agent_id,
                conversation_id=conversation_id,
                last_seq=marked["last_seq"],
                inbound_count=marked["inbound_count"],
            )
        )
