"""Threads that providers rename, such as a Telegram group that becomes a supergroup."""

from inbox.content import clean
from inbox.contract import ThreadMoved, ThreadRef
from inbox.naming import find_thread
from inbox.pausing import move_thread
from inbox.verdicts import PROCESSED, STRANGER, Verdict, ignored
from infra.db import Transaction


RENAME_PEER = """
UPDATE identity AS i SET value = $3, compare = lower($3), raw = $3
 WHERE i.id = $1 AND i.value = $2 AND NOT EXISTS (
       SELECT FROM identity AS o
        WHERE o.kind = i.kind AND o.scope = i.scope AND o.compare = lower($3))
"""


async def apply_moved(tx: Transaction, event: ThreadMoved) -> Verdict:
    """Follow a thread to its new name; what is queued in it goes there."""
    thread = await find_thread(tx, event.old)
    if thread is None:
        done = await find_thread(tx, event.new)
        return STRANGER if done is None else ignored("unchanged")
    await move_thread(tx, thread.id, event.new)
    moved = await find_thread(tx, event.new)
    if moved is None or moved.id != thread.id:
        return ignored("thread_taken")
    if thread.is_group:  # the group's own address has the name of its thread
        await tx.execute(
            RENAME_PEER, thread.peer_identity_id, _chat_of(event.old), _chat_of(event.new)
        )
    return PROCESSED


def _chat_of(thread: ThreadRef) -> str:
    """Return the chat of a thread's key: what is before the topic."""
    return clean(thread.key).partition("/")[0]
