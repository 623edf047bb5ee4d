"""What a visitor of a website may know of their case: its state, its place in the queue."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from infra.db import Raw, Writes


CASES = """
SELECT t.key, c.id, c.status, coalesce(a.name, '') AS agent, c.last_activity_at AS at,
       c.first_reply_at IS NOT NULL AS answered,
       CASE WHEN c.assignee_id IS NULL AND c.status = 'open' THEN 1 + (
            SELECT count(*) FROM conversation AS o
             WHERE o.account_id = c.account_id AND o.folder = 'inbox' AND o.status = 'open'
               AND o.assignee_id IS NULL AND o.waiting_since < c.waiting_since)
            ELSE 0 END AS position
  FROM thread AS t
  JOIN channel_account AS k ON k.id = t.account_id AND k.kind = 'webchat'
  JOIN conversation AS c ON c.id = conversation_root(t.conversation_id)
  LEFT JOIN agent AS a ON a.id = c.assignee_id
 WHERE t.key = ANY($1) AND c.folder <> 'spam'
"""


class Case(msgspec.Struct, frozen=True):
    """A visitor's case.

    Attributes:
        status: Of the conversation, as the inbox has it.
        agent: Name of who has it; "" for nobody.
        at: When something last happened.
        answered: Somebody of the company has written.
        position: Place among those who wait for somebody to take them, from 1.
    """

    id: UUID
    status: str
    agent: str
    at: datetime
    answered: bool
    position: int


async def cases_of(sql: Raw, keys: Sequence[str]) -> dict[str, Case]:
    """Return the case of each visitor's thread that has one."""
    rows = await sql.fetch(CASES, list(keys))
    return {
        row["key"]: Case(
            row["id"], row["status"], row["agent"], row["at"], row["answered"], row["position"]
        )
        for row in rows
    }


async def barred_of(sql: Raw | Writes, keys: Sequence[str]) -> set[str]:
    """Return which visitors agents called spammers: they are not served any more."""
    rows = await sql.fetch(
        "SELECT value FROM identity WHERE kind = 'web_visitor' AND compare = ANY($1)"
        " AND status = 'spam'",
        list(keys),
    )
    return {row["value"] for row in rows}
