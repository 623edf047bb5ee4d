"""Finding what providers speak of: threads and messages by the names they have there."""

from uuid import UUID

import msgspec

from inbox.content import clean
from inbox.contract import ExternalRef, ThreadRef
from inbox.ingest import ref_hash
from infra.db import Raw, Transaction


THREAD = """
SELECT t.id, t.account_id, conversation_root(t.conversation_id) AS conversation_id,
       t.peer_identity_id, t.is_group
  FROM thread AS t WHERE t.account_id = $1 AND t.key = $2
"""

IN_THREAD = """
SELECT message_named(t.id, $3) FROM thread AS t WHERE t.account_id = $1 AND t.key = $2
"""

IN_ACCOUNT = """
SELECT coalesce(
    (SELECT r.message_id FROM message_ref AS r WHERE r.account_id = $1 AND r.ref_hash = $2),
    (SELECT m.id FROM delivery AS d JOIN message AS m ON m.id = d.message_id
      WHERE d.provider_id = $3 AND m.account_id = $1 LIMIT 1))
"""


class KnownThread(msgspec.Struct, frozen=True):
    """A thread that is here, and the conversation it belongs to now."""

    id: UUID
    account_id: UUID
    conversation_id: UUID
    peer_identity_id: UUID
    is_group: bool


async def find_thread(raw: Raw | Transaction, ref: ThreadRef) -> KnownThread | None:
    """Return the thread a provider speaks of; None when it is not here, or not yet."""
    row = await raw.fetchrow(THREAD, ref.account, clean(ref.key))
    return None if row is None else KnownThread(*row)


async def find_message(
    raw: Raw | Transaction, ref: ExternalRef, *, anywhere: bool = False
) -> UUID | None:
    """Return the message a provider speaks of; None when it is not here, or not yet.

    Args:
        anywhere: Look in the whole account when the thread does not have it: for names that are
            unique there, such as those of delivery reports.
    """
    name, thread = clean(ref.message_id), ref.thread
    found: UUID | None = None
    if thread.key:
        found = await raw.fetchval(IN_THREAD, thread.account, clean(thread.key), name)
    if found is None and (anywhere or not thread.key):
        found = await raw.fetchval(IN_ACCOUNT, thread.account, ref_hash(name), name)
    return found
