"""Ordered calls: a task with a promised time, kept until a person says how the call went.

A call nobody made in time makes its conversation urgent and brings it back to the queue.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from crm_core.staff.visibility import Viewer
from crm_core.task_tables import TaskRow
from crm_core.tasks import (
    TaskPatch,
    announce,
    change_task,
    due_tasks,
    mark_overdue,
    open_task,
    task_json,
)
from inbox.case import Case, open_any
from inbox.status import reopen
from infra.clock import now
from infra.db import Transaction


MINUTES = 15  # in which a call is promised when the account does not say
URGENT = 3


async def order_call(
    case: Case,
    *,
    phone: str,
    values: Mapping[str, str],
    minutes: int,
    author_id: UUID | None = None,
) -> UUID:
    """Make the task of a call a client ordered; the caller announces the conversation.

    Args:
        phone: As it is to be dialled.
        values: What the client said: ``name``, ``topic``, ``window_from``, ``window_to``.
        minutes: Within how many the call is promised, from the beginning of the window on.
    """
    row, tx = case.row, case.tx
    begins, ends = moment_of(values.get("window_from")), moment_of(values.get("window_to"))
    due = max(begins or now(), now()) + timedelta(minutes=minutes)
    if ends is not None and now() < ends < due:
        due = ends
    task = TaskRow(
        kind="callback",
        title=values.get("topic", "")[:200],
        body=values.get("name", "")[:200],
        phone=phone[:60],
        due_at=due,
        card_id=row.card_id,
        origin_card_id=row.origin_card_id,
        conversation_id=row.id,
        branch_id=row.branch_id,
        team_id=row.team_id,
        assignee_id=row.assignee_id,
        author_id=author_id,
    )
    tx.session.add(task)
    await tx.session.flush()
    case.add_entry(
        "callback",
        task_id=task.id,
        what="ordered",
        phone=task.phone,
        topic=task.title,
        due_at=due,
        window_from=begins,
        window_to=ends,
    )
    await announce(tx, task.id)
    return task.id


async def change_callback(
    tx: Transaction, task_id: UUID, *, patch: TaskPatch, viewer: Viewer
) -> str:
    """Change a task, tell of its end in its conversation, and return it as JSON text.

    Raises:
        NotFound: There is none the viewer may see.
        Forbidden: The viewer may not change it.
        Conflict: It is not at ``patch.rev`` any more.
        Invalid: A value breaks a rule.
    """
    place = await tx.fetchval("SELECT conversation_id FROM task WHERE id = $1", task_id)
    case = await open_any(tx, place, actor_id=viewer.agent_id) if place else None
    task = await open_task(tx, task_id, viewer=viewer)
    changed = await change_task(tx, task, patch=patch, by=viewer.agent_id)
    if case is not None and "status" in changed:
        case.add_entry(
            "callback",
            task_id=task_id,
            what=task.status if task.status != "open" else "reopened",
            result=task.result_code,
            note=task.result_note,
        )
        await case.announce()
    return await task_json(tx, task_id)


async def escalate_overdue(tx: Transaction) -> int:
    """Make the conversations of calls that nobody made in time urgent; return how many calls."""
    count = 0
    for found in await due_tasks(tx):
        place = found["conversation_id"]
        case = await open_any(tx, place) if place else None
        if not await mark_overdue(tx, found["id"]):
            continue
        count += 1
        if case is None:
            continue
        case.add_entry("callback", task_id=found["id"], what="overdue")
        if case.row.priority != URGENT:
            case.add_entry("priority", **{"from": case.row.priority, "to": URGENT})
            case.row.priority = URGENT
        reopen(case, reason="callback_overdue")
        case.touch()
        await case.announce()
    return count


def moment_of(text: str | None) -> datetime | None:
    """Read a time of RFC 3339; None when it is none."""
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
