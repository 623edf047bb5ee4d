"""Tasks: ordered calls, and how they went."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from agents_ui.api.shapes import Before, Limit, as_
from agents_ui.call import Call
from crm_core.task_views import Task, TaskPage
from crm_core.tasks import TaskPatch, tasks_json
from inbox.callbacks import change_callback
from infra.errors import Conflict, Forbidden, Invalid, NotFound
from infra.http.routes import Input, Json, route


class TaskQuery(Input):
    """Which tasks to list.

    Attributes:
        mine: Only those given to the agent who asks.
        card_id: Only those of one client.
    """

    status: Literal["open", "done", "cancelled"] = "open"
    mine: Literal["0", "1"] = "0"
    card_id: UUID | None = None
    before: Before | None = None
    limit: Limit = 50


class TaskChange(Input):
    """What to change; fields left out stay as they are.

    Attributes:
        rev: Refuse when somebody changed the task since this revision.
        result_code: How it ended; a task is done only with one.
    """

    rev: int
    status: Literal["open", "done", "cancelled"] | UnsetType = UNSET
    result_code: (
        Literal["called", "no_answer", "wrong_number", "not_needed"] | UnsetType | None
    ) = UNSET
    result_note: Annotated[str, Meta(max_length=4000)] | UnsetType = UNSET
    assignee_id: UUID | UnsetType | None = UNSET
    due_at: datetime | UnsetType | None = UNSET


@route("GET", "/api/tasks", raises=(Invalid,))
async def listing(call: Call, query: TaskQuery) -> Json[TaskPage]:
    """List tasks: open ones as they fall due, others newest first."""
    async with call.read() as raw:
        return Json(
            await tasks_json(
                raw,
                viewer=call.viewer,
                status=query.status,
                mine=query.mine == "1",
                card_id=query.card_id,
                before=query.before,
                limit=query.limit,
            )
        )


@route("PATCH", "/api/tasks/{task_id}", raises=(NotFound, Forbidden, Conflict, Invalid))
async def change(call: Call, task_id: UUID, body: TaskChange) -> Json[Task]:
    """Close a task with how it went, give it to somebody, or promise another time."""
    async with call.transaction() as tx:
        return Json(
            await change_callback(tx, task_id, patch=as_(TaskPatch, body), viewer=call.viewer)
        )
