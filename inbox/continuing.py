"""A conversation that goes on by mail when its client left the chat.

The mail is not a message of the conversation: what it says is there already. It has a thread, so
that the answer to it comes back to the conversation, and an entry of the timeline says that it
went out.
"""

from collections.abc import Sequence
from uuid import UUID

from crm_core.linking import known_identity
from inbox.case import open_any
from inbox.ingest import ref_hash
from infra.clock import new_id, now
from infra.db import Transaction


OF_CHAT = """
SELECT conversation_root(t.conversation_id) FROM thread AS t
 WHERE t.account_id = $1 AND t.key = $2
"""
BY_MAIL = """
SELECT t.id FROM thread AS t
 WHERE t.account_id = $1 AND t.conversation_id = $2 AND t.peer_identity_id = $3
 ORDER BY t.created_at DESC LIMIT 1
"""
ADD = """
INSERT INTO thread (id, account_id, key, peer_identity_id, conversation_id, subject, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
OWN_NAME = """
INSERT INTO message_ref (account_id, ref_hash, thread_id, message_id, kind, at)
SELECT t.account_id, $2, t.id, (
       SELECT m.id FROM message AS m WHERE m.conversation_id = t.conversation_id
          AND m.kind = 'outbound' ORDER BY m.n DESC LIMIT 1), 'own', $3
  FROM thread AS t WHERE t.id = $1
ON CONFLICT (account_id, ref_hash) DO NOTHING
"""
TAKES_PART = """
INSERT INTO participant (conversation_id, identity_id, role, since_seq)
VALUES ($1, $2, 'customer', $3) ON CONFLICT DO NOTHING
"""


async def thread_by_mail(
    tx: Transaction, chat_account: UUID, key: str, *, mail_account: UUID, to: str, subject: str
) -> UUID | None:
    """Return the mail thread of a chat's conversation, made when there is none.

    Whoever answers from ``to`` writes into the conversation and sees nothing of it but the mail.
    None when the chat has no conversation.
    """
    conversation_id = await tx.fetchval(OF_CHAT, chat_account, key)
    if conversation_id is None:
        return None
    case = await open_any(tx, conversation_id)
    identity = await known_identity(tx, kind="email", value=to)
    await tx.session.flush()
    known: UUID | None = await tx.fetchval(BY_MAIL, mail_account, conversation_id, identity.id)
    if known is None:
        known = new_id()
        await tx.execute(
            ADD, known, mail_account, str(known), identity.id, conversation_id, subject, now()
        )
    await tx.execute(TAKES_PART, conversation_id, identity.id, case.row.last_seq)
    return known


async def keep_names(tx: Transaction, thread_id: UUID, names: Sequence[str]) -> None:
    """Remember what a mail of such a thread is called.

    Its copy in a sent folder is then no message of its own, and what answers it finds the way.
    """
    for name in names:
        await tx.execute(OWN_NAME, thread_id, ref_hash(name), now())


async def note_mailed(
    tx: Transaction, chat_account: UUID, key: str, *, to: str, count: int
) -> None:
    """Say in the timeline that answers went on by mail."""
    conversation_id = await tx.fetchval(OF_CHAT, chat_account, key)
    if conversation_id is None:
        return
    case = await open_any(tx, conversation_id)
    case.add_entry("channel", why="away", channel="email", to=to, count=count)
    await case.announce()
