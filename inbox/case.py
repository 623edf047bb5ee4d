"""A conversation locked for one change, and what the change adds to its timeline."""

from typing import Any
from uuid import UUID

from crm_core.staff.visibility import Viewer
from inbox.changes import audience_of, conversation_changed
from inbox.tables import ConversationEventRow, ConversationRow
from infra.clock import now
from infra.db import Raw, Transaction
from infra.errors import Forbidden, NotFound


class Case:
    """A locked conversation: entries get their place in the timeline as they are added.

    Attributes:
        row: The conversation; change it freely, then ``announce`` once.
        actor_id: The agent who changes it; None is the hub itself, or the client.
        actor_kind: Who its entries say did it.
    """

    def __init__(
        self, tx: Transaction, row: ConversationRow, *, audience: str, actor_id: UUID | None
    ) -> None:
        self.tx = tx
        self.row = row
        self.actor_id = actor_id
        self.actor_kind = "agent" if actor_id else "system"
        self._audience = audience
        self._entries: list[int] = []

    def next_seq(self) -> int:
        """Allocate the next place in the timeline: gapless, for the row is locked."""
        self.row.last_seq += 1
        return self.row.last_seq

    def add_entry(self, type_: str, **data: Any) -> None:
        """Add something that happened to the timeline."""
        seq = self.next_seq()
        self._entries.append(seq)
        self.tx.session.add(
            ConversationEventRow(
                conversation_id=self.row.id,
                seq=seq,
                type=type_,
                actor_kind=self.actor_kind,
                actor_id=self.actor_id,
                data=data,
            )
        )

    def touch(self) -> None:
        """Make it the newest of its lists."""
        self.row.last_activity_at = now()

    async def announce(self) -> None:
        """Write the change and tell everybody who sees it, or saw it before."""
        self.row.rev += 1
        for seq in self._entries:
            await self.tx.execute("SELECT publish_entry($1, $2)", self.row.id, seq)
        self._entries.clear()
        await conversation_changed(self.tx, self.row.id, before=self._audience)


async def open_case(
    tx: Transaction, conversation_id: UUID, *, viewer: Viewer, action: str
) -> Case:
    """Lock a conversation the viewer may act on; nobody else changes it until the commit.

    Raises:
        NotFound: There is none, or the viewer may not know that there is.
        Forbidden: The viewer sees it but may not do this to it.
    """
    case = await open_any(tx, conversation_id, actor_id=viewer.agent_id)
    await require(tx, conversation_id, viewer=viewer, action=action)
    return case


async def open_any(
    tx: Transaction, conversation_id: UUID, *, actor_id: UUID | None = None
) -> Case:
    """Lock a conversation for the hub's own work: no agent's rights are asked.

    Raises:
        NotFound: There is none.
    """
    row = await tx.session.get(
        ConversationRow, conversation_id, with_for_update=True, populate_existing=True
    )
    if row is None:
        raise NotFound(f"no conversation {conversation_id}")
    audience = await audience_of(tx, conversation_id)
    return Case(tx, row, audience=audience, actor_id=actor_id)


async def require(
    raw: Raw | Transaction, conversation_id: UUID, *, viewer: Viewer, action: str
) -> None:
    """Make sure the viewer may do ``action`` to a conversation.

    Raises:
        NotFound: There is none, or the viewer may not know that there is.
        Forbidden: The viewer sees it but may not do this to it.
    """
    reads, read_args = viewer.where("conversation", "read", "c", 2)
    acts, act_args = viewer.where("conversation", action, "c", 2 + len(read_args))
    allowed = await raw.fetchrow(
        f"SELECT ({reads}) AS reads, ({acts}) AS acts FROM conversation AS c WHERE c.id = $1",  # noqa: S608 - compiled predicates
        conversation_id,
        *read_args,
        *act_args,
    )
    if allowed is None or not allowed["reads"]:
        raise NotFound(f"no conversation {conversation_id}")
    if not allowed["acts"]:
        raise Forbidden(f"you may not {action} this conversation")
