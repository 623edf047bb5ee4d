"""Drafts: what an agent is writing, bound to the conversation and never lost.

A draft that is sent or thrown away is kept for 30 days, and comes back when its message is
taken back in time (undo send).
"""

from datetime import timedelta
from typing import Literal
from uuid import UUID

import msgspec
from sqlalchemy import select

from crm_core.staff.visibility import Viewer
from inbox.case import require
from inbox.tables import DraftRow
from inbox.views import Draft, DraftBody
from infra.clock import now
from infra.db import Raw, Transaction
from infra.errors import Conflict
from infra.events import Event


KEPT = timedelta(days=30)

DraftKind = Literal["reply", "note"]


class DraftChanged(Event, tag="draft.changed"):
    """An agent's draft is new, different or gone; only that agent is told."""

    agent_id: UUID
    draft: Draft | None = None
    deleted: dict[str, str] | None = None

    def audience(self) -> dict[str, object]:
        """Say that only the agent may see it."""
        return {"me": str(self.agent_id)}


class DraftConflict(Conflict):
    """The draft was changed elsewhere; the stored one comes along, so both can be kept."""

    code = "draft.changed"
    title = "The draft was changed in another window"

    def __init__(self, draft: Draft) -> None:
        super().__init__(f"the draft is at revision {draft.rev}", draft=draft)


async def save_draft(
    tx: Transaction,
    conversation_id: UUID,
    *,
    kind: DraftKind,
    body: DraftBody,
    base_seq: int,
    rev: int | None,
    viewer: Viewer,
) -> Draft:
    """Keep what the viewer is writing.

    Args:
        rev: The revision the viewer's window started from; None when it knows of no draft.

    Raises:
        NotFound: There is no conversation the viewer may see.
        Forbidden: The viewer may not write that kind there.
        DraftConflict: Another window stored something else meanwhile.
    """
    await require(tx, conversation_id, viewer=viewer, action=kind)
    await tx.lock(f"draft:{viewer.agent_id}:{conversation_id}:{kind}")
    row = await _row(tx, conversation_id, viewer.agent_id, kind)
    content = msgspec.to_builtins(body)
    if row is None:
        row = DraftRow(conversation_id=conversation_id, agent_id=viewer.agent_id, kind=kind, rev=0)
        tx.session.add(row)
    elif row.deleted_at is None and rev != row.rev and row.body != content:
        raise DraftConflict(_shown(row))
    row.body = content
    row.base_seq = base_seq
    row.rev += 1
    row.updated_at = now()
    row.deleted_at = None
    draft = _shown(row)
    tx.publish(DraftChanged(agent_id=viewer.agent_id, draft=draft))
    return draft


async def discard_draft(
    tx: Transaction, conversation_id: UUID, *, kind: DraftKind, agent_id: UUID
) -> None:
    """Put an agent's draft aside: it was sent, or thrown away. None is fine."""
    row = await _row(tx, conversation_id, agent_id, kind)
    if row is None or row.deleted_at is not None:
        return
    row.deleted_at = now()
    row.rev += 1
    gone = {"conversation_id": str(conversation_id), "kind": kind}
    tx.publish(DraftChanged(agent_id=agent_id, deleted=gone))


async def restore_draft(
    tx: Transaction, conversation_id: UUID, *, kind: DraftKind, agent_id: UUID
) -> None:
    """Bring an agent's draft back, unless a newer one is there."""
    row = await _row(tx, conversation_id, agent_id, kind)
    if row is None or row.deleted_at is None:
        return
    row.deleted_at = None
    row.rev += 1
    tx.publish(DraftChanged(agent_id=agent_id, draft=_shown(row)))


async def drafts_json(raw: Raw | Transaction, conversation_id: UUID, *, agent_id: UUID) -> str:
    """Return an agent's drafts in a conversation as JSON text. Drafts are their author's alone."""
    return str(
        await raw.fetchval(
            "SELECT coalesce(jsonb_agg(draft_json(d) ORDER BY d.kind DESC), '[]')::text"
            " FROM draft AS d"
            " WHERE d.conversation_id = $1 AND d.agent_id = $2 AND d.deleted_at IS NULL",
            conversation_id,
            agent_id,
        )
    )


async def forget_old_drafts(tx: Transaction) -> int:
    """Remove the drafts put aside longer ago than they are kept; return how many."""
    removed = await tx.fetch("DELETE FROM draft WHERE deleted_at < $1 RETURNING id", now() - KEPT)
    return len(removed)


async def throw_away(
    tx: Transaction, conversation_id: UUID, *, kind: DraftKind, viewer: Viewer
) -> None:
    """Put the viewer's draft aside.

    Raises:
        NotFound: There is no conversation the viewer may see.
    """
    await require(tx, conversation_id, viewer=viewer, action="read")
    await discard_draft(tx, conversation_id, kind=kind, agent_id=viewer.agent_id)


async def _row(
    tx: Transaction, conversation_id: UUID, agent_id: UUID, kind: str
) -> DraftRow | None:
    return await tx.session.scalar(
        select(DraftRow)
        .where(
            DraftRow.conversation_id == conversation_id,
            DraftRow.agent_id == agent_id,
            DraftRow.kind == kind,
        )
        .with_for_update()
    )


def _shown(row: DraftRow) -> Draft:
    return msgspec.convert(
        {
            "conversation_id": row.conversation_id,
            "kind": row.kind,
            "body": row.body,
            "base_seq": row.base_seq,
            "rev": row.rev,
            "updated_at": row.updated_at,
        },
        Draft,
    )
