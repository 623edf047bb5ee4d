"""What clients of the hub see of tasks: the same in HTTP and in live events."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from crm_core.views import View


TaskStatus = Literal["open", "done", "cancelled"]


class TaskCard(View):
    """The client a task is for."""

    id: UUID
    name: str
    number: int


class Task(View):
    """Something to do for a client by a time.

    Attributes:
        kind: ``callback``: call the client at ``phone``.
        due_at: By when it is promised.
        overdue_at: When it was noticed that nobody had done it in time.
        result_code: How it ended: ``called``, ``no_answer``, ``wrong_number``, ``not_needed``.
    """

    id: UUID
    rev: int
    kind: str
    title: str
    body: str
    phone: str
    due_at: datetime | None
    overdue_at: datetime | None
    status: TaskStatus
    result_code: str | None
    result_note: str
    card: TaskCard
    conversation_id: UUID | None
    branch_id: UUID
    team_id: UUID | None
    assignee_id: UUID | None
    author_id: UUID | None
    done_by: UUID | None
    done_at: datetime | None
    created_at: datetime
    updated_at: datetime


class TaskPage(View):
    """A part of the tasks, and how many are open and late in all.

    Attributes:
        next: Hand it back as ``before`` for what follows; None at the end.
    """

    items: list[Task]
    next: str | None
    open: int
    overdue: int
