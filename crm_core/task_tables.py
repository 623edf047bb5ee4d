"""What has to be done for a client by when."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from infra.clock import new_id, now
from infra.tables import Base, Id, Moment


class TaskRow(Base):
    """Something to do: a call that was ordered.

    Attributes:
        kind: ``callback``.
        due_at: By when it is promised.
        phone: E.164 number to call, as the client gave it.
        overdue_at: When it was noticed that nobody did it in time.
        result_code: How it ended: ``called``, ``no_answer``, ``wrong_number``, ``not_needed``.
    """

    __tablename__ = "task"
    __table_args__ = (
        CheckConstraint("status IN ('open', 'done', 'cancelled')", name="status"),
        CheckConstraint("(status = 'open') = (done_at IS NULL)", name="done"),
        Index("task_due_idx", "due_at", "id", postgresql_where=text("status = 'open'")),
        Index(
            "task_assignee_idx",
            "assignee_id",
            "due_at",
            postgresql_where=text("status = 'open'"),
        ),
        Index(None, "card_id"),
        Index(None, "origin_card_id"),
        Index(None, "conversation_id"),
    )

    id: Mapped[Id] = mapped_column(default_factory=new_id)
    kind: Mapped[str]
    title: Mapped[str]
    body: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    due_at: Mapped[datetime | None] = mapped_column(default=None)
    overdue_at: Mapped[datetime | None] = mapped_column(default=None)
    status: Mapped[str] = mapped_column(default="open")
    result_code: Mapped[str | None] = mapped_column(default=None)
    result_note: Mapped[str] = mapped_column(default="")
    card_id: Mapped[UUID] = mapped_column(ForeignKey("card.id"))
    origin_card_id: Mapped[UUID] = mapped_column(ForeignKey("card.id"))
    conversation_id: Mapped[UUID | None] = mapped_column(default=None)
    branch_id: Mapped[UUID] = mapped_column(ForeignKey("branch.id"))
    team_id: Mapped[UUID | None] = mapped_column(ForeignKey("team.id"), default=None)
    assignee_id: Mapped[UUID | None] = mapped_column(ForeignKey("agent.id"), default=None)
    author_id: Mapped[UUID | None] = mapped_column(ForeignKey("agent.id"), default=None)
    done_by: Mapped[UUID | None] = mapped_column(ForeignKey("agent.id"), default=None)
    done_at: Mapped[datetime | None] = mapped_column(default=None)
    created_at: Mapped[Moment] = mapped_column(default_factory=now)
    updated_at: Mapped[Moment] = mapped_column(default_factory=now)
    rev: Mapped[int] = mapped_column(default=1)
