"""Spam and trash: conversations leave the inbox and can always be brought back.

Nothing is removed, so a mail whose conversation is in the trash is known by its journal key
and never imported again.
"""

from typing import Literal

from inbox.case import Case


Folder = Literal["inbox", "spam", "trash"]

MARK_SENDERS = """
UPDATE identity SET status = $2, status_reason = $3
 WHERE id IN (SELECT peer_identity_id FROM thread WHERE conversation_id = $1)
   AND NOT is_own AND status = ANY($4)
"""


async def move_to(case: Case, folder: Folder) -> None:
    """Move a conversation to a folder; spam marks who sent it, leaving spam takes it back."""
    row = case.row
    if folder == row.folder:
        return
    case.add_entry("folder", **{"from": row.folder, "to": folder})
    if folder == "spam":
        args = ("spam", "reported", ["ok", "unverified"])
        await case.tx.execute(MARK_SENDERS, row.id, *args)
    elif row.folder == "spam":
        await case.tx.execute(MARK_SENDERS, row.id, "ok", None, ["spam"])
    row.folder = folder
