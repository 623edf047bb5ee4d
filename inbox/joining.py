"""One client, two conversations: joining them into one, and taking them apart again.

The threads of the joined conversation become the other's, so what the client writes on either
channel arrives in one place; its messages get new places in the timeline, in the order they came,
and a remembered list of what moved takes all of it back. Drafts move along. The number of the
joined conversation leads to the other one.
"""

from typing import Any
from uuid import UUID

import msgspec

from crm_core.staff.visibility import Viewer
from inbox.case import Case, open_any, require
from inbox.chat_tables import ConversationMoveRow
from inbox.delivery import TROUBLE
from inbox.lists import ITEM, item_json
from infra.clock import now
from infra.db import Raw, Transaction
from infra.errors import Conflict, Invalid, NotFound


PARALLEL = f"""
SELECT coalesce(json_agg({ITEM.format(c="c")} ORDER BY c.last_activity_at DESC), '[]')::text
  FROM conversation AS c JOIN conversation AS mine ON mine.id = $2
 WHERE c.card_id = mine.card_id AND c.id <> mine.id AND c.folder = 'inbox'
   AND c.status <> 'closed' AND c.merged_into IS NULL AND {{seen}}
"""  # noqa: S608 - constants

ENTRIES = """
SELECT seq, 'm' AS what, id FROM message WHERE conversation_id = $1
UNION ALL
SELECT seq, 'e', NULL FROM conversation_event WHERE conversation_id = $1
 ORDER BY seq
"""

MOVE_MESSAGE = "UPDATE message SET conversation_id = $2, seq = $3, rev = rev + 1 WHERE id = $1"

MOVE_EVENT = """
UPDATE conversation_event SET conversation_id = $3, seq = $4
 WHERE conversation_id = $1 AND seq = $2
"""

MOVE_DRAFTS = """
UPDATE draft AS d SET conversation_id = $2 WHERE d.conversation_id = $1 AND NOT EXISTS (
       SELECT FROM draft AS o WHERE o.conversation_id = $2 AND o.agent_id = d.agent_id
                                AND o.kind = d.kind)
RETURNING d.id
"""

JOIN_PEOPLE = """
INSERT INTO participant (conversation_id, identity_id, role, since_seq, added_by)
SELECT $2, identity_id, role, $3, added_by FROM participant WHERE conversation_id = $1
ON CONFLICT DO NOTHING
"""

ADD_READ = """
INSERT INTO read_state (agent_id, conversation_id, last_seq, inbound_count)
SELECT agent_id, $2, 0, inbound_count FROM read_state WHERE conversation_id = $1
ON CONFLICT (agent_id, conversation_id)
DO UPDATE SET inbound_count = read_state.inbound_count + excluded.inbound_count
"""

TAKE_READ = """
UPDATE read_state AS r SET inbound_count = greatest(0, r.inbound_count - s.inbound_count)
  FROM read_state AS s
 WHERE s.conversation_id = $1 AND r.conversation_id = $2 AND r.agent_id = s.agent_id
"""

FIND_AGAIN = """
UPDATE message_search AS s SET conversation_id = m.conversation_id FROM message AS m
 WHERE m.id = s.message_id AND m.conversation_id = $1 AND s.conversation_id <> $1
"""

IN_TROUBLE = """
SELECT count(*) FROM delivery AS d JOIN message AS m ON m.id = d.message_id
 WHERE m.conversation_id = $1 AND d.state = ANY($2)
"""

POINTERS = ("activity", "task", "claim", "form_submission")
"""Tables that say which conversation something happened in."""

COLUMNS = (
    "status",
    "closed_at",
    "snoozed_until",
    "last_seq",
    "last_public_seq",
    "inbound_count",
    "failed_count",
    "waiting_since",
)


class CannotJoin(Conflict):
    """These conversations cannot be joined: of two clients, or one is part of another already."""

    code = "conversation.cannot_join"
    title = "These conversations cannot be joined"


async def parallel_to(raw: Raw, conversation_id: UUID, *, viewer: Viewer) -> str:
    """Return the client's other open conversations that the viewer sees, as JSON text.

    Raises:
        NotFound: There is no conversation the viewer may see.
    """
    await require(raw, conversation_id, viewer=viewer, action="read")
    seen, args = viewer.where("conversation", "read", "c", 3)
    return str(
        await raw.fetchval(PARALLEL.format(seen=seen), viewer.agent_id, conversation_id, *args)
    )


async def join(
    tx: Transaction, conversation_id: UUID, from_id: UUID, *, viewer: Viewer
) -> tuple[str, UUID]:
    """Make ``from_id`` part of a conversation; return it as JSON text, and the move to undo by.

    Raises:
        NotFound: The viewer does not see one of them.
        Forbidden: The viewer may not answer one of them.
        CannotJoin: They are of two clients, or one is part of another.
    """
    for one in (conversation_id, from_id):
        await require(tx, one, viewer=viewer, action="reply")
    if conversation_id == from_id:
        raise CannotJoin("a conversation cannot be joined with itself")
    target, source = await _both(tx, conversation_id, from_id, viewer)
    if target.row.card_id != source.row.card_id:
        raise CannotJoin("they are two clients': merge the cards first")
    if target.row.merged_into or source.row.merged_into:
        raise CannotJoin("one of them is part of another conversation")
    before = {name: getattr(source.row, name) for name in COLUMNS}
    moved: dict[str, Any] = {
        "before": msgspec.to_builtins(before),
        "entries": await _move_entries(source, target),
    }
    moved["threads"] = await _ids(
        tx,
        "UPDATE thread SET conversation_id = $2 WHERE conversation_id = $1 RETURNING id",
        from_id,
        conversation_id,
    )
    moved["drafts"] = await _ids(tx, MOVE_DRAFTS, from_id, conversation_id)
    for table in POINTERS:
        moved[table] = await _ids(
            tx,
            f"UPDATE {table} SET conversation_id = $2 WHERE conversation_id = $1 RETURNING id",  # noqa: S608 - names of ours
            from_id,
            conversation_id,
        )
    await tx.execute(JOIN_PEOPLE, from_id, conversation_id, target.row.last_seq)
    await tx.execute(ADD_READ, from_id, conversation_id)
    await tx.execute(FIND_AGAIN, conversation_id)
    move = ConversationMoveRow(
        kind="merge", from_id=from_id, to_id=conversation_id, moved=moved, by=viewer.agent_id
    )
    tx.session.add(move)
    _take_over(source, target)
    target.add_entry("joined", move_id=move.id, number=source.row.number, from_id=from_id)
    await tx.session.flush()
    await source.announce()
    target.touch()
    await target.announce()
    return await item_json(tx, conversation_id, agent_id=viewer.agent_id), move.id


async def unjoin(tx: Transaction, move_id: UUID, *, viewer: Viewer) -> str:
    """Take a joined conversation out again, with what it came with; return it as JSON text.

    What came later on its threads goes back with them.

    Raises:
        NotFound: There is no such move the viewer may see.
        Forbidden: The viewer may not answer the conversation.
        Conflict: It was taken apart already.
    """
    move = await tx.session.get(ConversationMoveRow, move_id)
    if move is None:
        raise NotFound(f"no move {move_id}")
    await require(tx, move.to_id, viewer=viewer, action="reply")
    target, source = await _both(tx, move.to_id, move.from_id, viewer)
    await tx.session.refresh(move, with_for_update=True)
    if move.undone_at is not None:
        raise Conflict("these conversations were taken apart already")
    if target.row.merged_into is not None:
        raise Invalid("take the newer join apart first")
    move.undone_at = now()
    await _bring_back(source, target, move.moved)
    target.add_entry("unjoined", number=source.row.number, from_id=move.from_id)
    await tx.session.flush()
    await target.announce()
    await source.announce()
    return await item_json(tx, move.from_id, agent_id=viewer.agent_id)


async def _both(tx: Transaction, first: UUID, second: UUID, viewer: Viewer) -> tuple[Case, Case]:
    """Lock both conversations, in the order of their ids as everybody does."""
    cases = {
        one: await open_any(tx, one, actor_id=viewer.agent_id) for one in sorted((first, second))
    }
    return cases[first], cases[second]


async def _ids(tx: Transaction, sql: str, *args: Any) -> list[str]:
    return [str(row["id"]) for row in await tx.fetch(sql, *args)]


async def _move_entries(source: Case, target: Case) -> list[list[Any]]:
    """Number what is in the source's timeline anew, at the end of the target's."""
    tx, moved = source.tx, []
    for row in await tx.fetch(ENTRIES, source.row.id):
        seq = target.next_seq()
        if row["what"] == "m":
            await tx.execute(MOVE_MESSAGE, row["id"], target.row.id, seq)
        else:
            await tx.execute(MOVE_EVENT, source.row.id, row["seq"], target.row.id, seq)
        moved.append([row["id"] and str(row["id"]), row["seq"], seq])
    return moved


def _take_over(source: Case, target: Case) -> None:
    """Add up what the two conversations count, and leave the source closed."""
    one, other = target.row, source.row
    one.last_public_seq = one.last_seq
    one.inbound_count += other.inbound_count
    one.failed_count += other.failed_count
    waits = [at for at in (one.waiting_since, other.waiting_since) if at is not None]
    one.waiting_since = min(waits, default=None)
    one.channels = [*one.channels, *(kind for kind in other.channels if kind not in one.channels)]
    if other.status == "open" and one.status != "closed":
        one.status, one.snoozed_until = "open", None
    other.merged_into = one.id
    other.status, other.closed_at, other.snoozed_until = "closed", now(), None
    other.inbound_count = other.failed_count = 0
    other.waiting_since = None


async def _bring_back(source: Case, target: Case, moved: dict[str, Any]) -> None:
    tx, row = source.tx, source.row
    await tx.execute(
        "UPDATE thread SET conversation_id = $2 WHERE id = ANY($1::uuid[])",
        moved["threads"],
        row.id,
    )
    await tx.execute(
        "UPDATE draft SET conversation_id = $2 WHERE id = ANY($1::uuid[]) AND NOT EXISTS ("
        " SELECT FROM draft AS o WHERE o.conversation_id = $2 AND o.agent_id = draft.agent_id"
        " AND o.kind = draft.kind)",
        moved["drafts"],
        row.id,
    )
    for table in POINTERS:
        await tx.execute(
            f"UPDATE {table} SET conversation_id = $2 WHERE id = ANY($1::uuid[])",  # noqa: S608 - names of ours
            moved[table],
            row.id,
        )
    for message_id, old, new in moved["entries"]:
        if message_id is not None:
            await tx.execute(MOVE_MESSAGE, UUID(message_id), row.id, old)
        else:
            await tx.execute(MOVE_EVENT, target.row.id, new, row.id, old)
    await tx.execute(TAKE_READ, row.id, target.row.id)
    _restore(source, target, moved)
    await _bring_later(source, target, moved["threads"])


def _restore(source: Case, target: Case, moved: dict[str, Any]) -> None:
    before, row = moved["before"], source.row
    for name in ("inbound_count", "status"):
        setattr(row, name, before[name])
    for name in ("last_seq", "last_public_seq"):
        setattr(row, name, max(getattr(row, name), before[name]))
    for name in ("closed_at", "snoozed_until", "waiting_since"):
        value = before[name]
        setattr(row, name, value and msgspec.convert(value, type=type(now()), strict=False))
    row.merged_into = None
    target.row.inbound_count = max(0, target.row.inbound_count - row.inbound_count)


async def _bring_later(source: Case, target: Case, threads: list[str]) -> None:
    """Give the source what came on its threads while the two were one."""
    tx = source.tx
    later = await tx.fetch(
        "SELECT id, kind FROM message WHERE conversation_id = $1 AND thread_id = ANY($2::uuid[])"
        " ORDER BY seq",
        target.row.id,
        threads,
    )
    for row in later:
        await tx.execute(MOVE_MESSAGE, row["id"], source.row.id, source.next_seq())
        source.row.last_public_seq = source.row.last_seq
        if row["kind"] == "inbound":
            source.row.inbound_count += 1
            target.row.inbound_count = max(0, target.row.inbound_count - 1)
    await tx.execute(FIND_AGAIN, source.row.id)
    await _share_trouble(source, target)


async def _share_trouble(source: Case, target: Case) -> None:
    """Give each what failed in it, of the failures nobody has decided about yet."""
    left = target.row.failed_count
    for case in (target, source):
        found = await case.tx.fetchval(IN_TROUBLE, case.row.id, list(TROUBLE))
        case.row.failed_count = min(found, left)
        left -= case.row.failed_count
