"""Who takes part in a conversation from outside, and who is let in."""

from uuid import UUID

from crm_core.staff.visibility import Viewer
from inbox.case import Case, open_case
from inbox.changes import message_changed
from inbox.lists import item_json
from infra.db import Transaction
from infra.errors import NotFound


ADMIT = """
UPDATE participant SET role = 'cc', added_by = $3
 WHERE conversation_id = $1 AND identity_id = $2 AND role = 'third_party'
RETURNING identity_id
"""

SHOW_WORDS = """
UPDATE message SET visibility = 'public', rev = rev + 1
 WHERE conversation_id = $1 AND identity_id = $2 AND kind = 'inbound' AND visibility = 'internal'
RETURNING id, seq
"""


async def accept_participant(
    tx: Transaction, conversation_id: UUID, identity_id: UUID, *, viewer: Viewer
) -> str:
    """Let a third party take part: what they wrote counts from now on, as does what they will.

    Returns the conversation as JSON text.

    Raises:
        NotFound: There is no such third party in a conversation the viewer may see.
        Forbidden: The viewer may not answer there.
    """
    case = await open_case(tx, conversation_id, viewer=viewer, action="reply")
    admitted = await tx.fetchval(ADMIT, conversation_id, identity_id, viewer.agent_id)
    if admitted is None:
        raise NotFound("nobody of that address waits to take part")
    case.add_entry("participant", identity_id=identity_id, role="cc")
    await _show_words(case, identity_id)
    await case.announce()
    return await item_json(tx, conversation_id, agent_id=viewer.agent_id)


async def _show_words(case: Case, identity_id: UUID) -> None:
    shown = await case.tx.fetch(SHOW_WORDS, case.row.id, identity_id)
    case.row.last_public_seq = max(case.row.last_public_seq, *(row["seq"] for row in shown), 0)
    for row in shown:
        await message_changed(case.tx, row["id"])
