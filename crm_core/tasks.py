"""Tasks: what has to be done for a client by when, and who sees and changes them.

A task is seen like a conversation of its branch, team and assignee. It is closed by a person, who
says how it ended; nothing closes it by itself.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from crm_core.staff.visibility import Reads, Viewer
from crm_core.task_tables import TaskRow
from crm_core.task_views import TaskStatus
from infra.clock import now
from infra.db import Transaction
from infra.errors import Conflict, Forbidden, Invalid, NotFound


Result = Literal["called", "no_answer", "wrong_number", "not_needed"]

SEEN = "(SELECT k.*, '{}'::uuid[] AS follower_ids FROM task AS k)"
"""Tasks as the rule of conversations takes them: a task has no followers."""

LONGEST_NOTE = 4000  # characters

ACTIVE = "SELECT EXISTS (SELECT FROM agent WHERE id = $1 AND status = 'active')"


class TaskPatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to change; a field that is not given stays as it is.

    Attributes:
        rev: The revision the change was decided on; it is refused on any other.
    """

    rev: int
    status: TaskStatus | UnsetType = UNSET
    result_code: Result | UnsetType | None = UNSET
    result_note: str | UnsetType = UNSET
    assignee_id: UUID | UnsetType | None = UNSET
    due_at: datetime | UnsetType | None = UNSET


class Place(msgspec.Struct, frozen=True, array_like=True):
    """Where a page of tasks ended."""

    at: datetime
    id: UUID


async def announce(tx: Transaction, task_id: UUID, *, before: str | None = None) -> None:
    """Announce a task; ``before`` is its ``audience_of`` before the change."""
    await tx.execute("SELECT publish_task($1, $2::jsonb)", task_id, before)
    tx.wrote()


async def audience_of(tx: Transaction, task_id: UUID) -> str:
    """Return who sees a task now, as JSON text."""
    found = await tx.fetchval(
        "SELECT task_audience(t)::text FROM task AS t WHERE t.id = $1", task_id
    )
    return str(found)


async def task_json(source: Reads, task_id: UUID) -> str:
    """Return a task as JSON text; the caller has checked who asks."""
    found = await source.fetchval(
        "SELECT task_json(t)::text FROM task AS t WHERE t.id = $1", task_id
    )
    return str(found)


async def tasks_json(
    source: Reads,
    *,
    viewer: Viewer,
    status: TaskStatus = "open",
    mine: bool = False,
    card_id: UUID | None = None,
    before: str | None = None,
    limit: int = 50,
) -> str:
    """Return a page of the tasks the viewer sees as JSON text.

    Open ones come in the order they are due, others newest first.

    Raises:
        Invalid: ``before`` is not what an earlier page said.
    """
    place = _place(before)
    rule, args = viewer.where("conversation", "read", "t", 8)
    order, after = (
        ("coalesce(t.due_at, t.created_at)", ">") if status == "open" else ("t.updated_at", "<")
    )
    way = "ASC" if status == "open" else "DESC"
    rows = await source.fetch(
        f"""
        SELECT task_json(r)::text AS json, t.id, {order} AS at
          FROM {SEEN} AS t JOIN task AS r ON r.id = t.id
         WHERE t.status = $1 AND (NOT $2 OR t.assignee_id = $3) AND {rule}
           AND ($4::timestamptz IS NULL OR ({order}, t.id) {after} ($4, $5::uuid))
           AND ($6::uuid IS NULL OR t.card_id = $6)
         ORDER BY {order} {way}, t.id {way} LIMIT $7
        """,  # noqa: S608 - the rule is ours, its values are parameters
        status,
        mine,
        viewer.agent_id,
        place.at if place else None,
        place.id if place else None,
        card_id,
        limit + 1,
        *args,
    )
    shown = rows[:limit]
    following = _text(Place(shown[-1]["at"], shown[-1]["id"])) if len(rows) > limit else None
    rule, args = viewer.where("conversation", "read", "t", 2)
    counts = await source.fetchrow(
        f"""
        SELECT count(*) AS open, count(*) FILTER (WHERE t.due_at < $1) AS overdue
          FROM {SEEN} AS t WHERE t.status = 'open' AND {rule}
        """,  # noqa: S608 - as above
        now(),
        *args,
    )
    items = ",".join(row["json"] for row in shown)
    said = {"next": following, **(dict(counts) if counts else {"open": 0, "overdue": 0})}
    return f'{{"items":[{items}],{msgspec.json.encode(said).decode()[1:]}'


async def open_task(tx: Transaction, task_id: UUID, *, viewer: Viewer) -> TaskRow:
    """Lock a task the viewer may change.

    Raises:
        NotFound: There is none, or the viewer may not know that there is.
        Forbidden: The viewer sees it but may not change it.
    """
    reads, read_args = viewer.where("conversation", "read", "t", 2)
    acts, act_args = viewer.where("conversation", "status", "t", 2 + len(read_args))
    allowed = await tx.fetchrow(
        f"SELECT ({reads}) AS reads, ({acts}) AS acts FROM {SEEN} AS t WHERE t.id = $1",  # noqa: S608 - compiled predicates
        task_id,
        *read_args,
        *act_args,
    )
    if allowed is None or not allowed["reads"]:
        raise NotFound(f"no task {task_id}")
    if not allowed["acts"]:
        raise Forbidden("you may not change this task")
    return await tx.session.get_one(TaskRow, task_id, with_for_update=True, populate_existing=True)


async def change_task(tx: Transaction, task: TaskRow, *, patch: TaskPatch, by: UUID) -> list[str]:
    """Change a locked task and announce it; return the names of the fields that changed.

    Raises:
        Conflict: The task is not at ``patch.rev`` any more.
        Invalid: A value breaks a rule.
    """
    if patch.rev != task.rev:
        raise Conflict(f"the task is at revision {task.rev}")
    before = await audience_of(tx, task.id)
    changed = [
        name
        for name in ("status", "result_code", "result_note", "assignee_id", "due_at")
        if getattr(patch, name) is not UNSET and getattr(patch, name) != getattr(task, name)
    ]
    await _check(tx, task, patch)
    for name in changed:
        setattr(task, name, getattr(patch, name))
    if "status" in changed:
        is_open = task.status == "open"
        task.done_at, task.done_by = (None, None) if is_open else (now(), by)
        if is_open:
            task.result_code = None
    if {"due_at", "status"} & set(changed):
        task.overdue_at = None  # a new promise, or none any more
    if changed:
        task.rev += 1
        task.updated_at = now()
        await tx.session.flush()
        await announce(tx, task.id, before=before)
    return changed


async def _check(tx: Transaction, task: TaskRow, patch: TaskPatch) -> None:
    if patch.result_note is not UNSET and len(patch.result_note) > LONGEST_NOTE:
        raise Invalid(f"a note has at most {LONGEST_NOTE} characters")
    result = task.result_code if patch.result_code is UNSET else patch.result_code
    if patch.status == "done" and not result:
        raise Invalid("say how it ended")
    taker = patch.assignee_id or None
    if taker is not None and not await tx.fetchval(ACTIVE, taker):
        raise Invalid("tasks are given to active agents")


async def due_tasks(tx: Transaction, *, limit: int = 100) -> Sequence[Any]:
    """Return the id and the conversation of the open tasks whose time passed unnoticed."""
    return await tx.fetch(
        "SELECT id, conversation_id FROM task"
        " WHERE status = 'open' AND due_at <= $1 AND overdue_at IS NULL ORDER BY due_at LIMIT $2",
        now(),
        limit,
    )


async def mark_overdue(tx: Transaction, task_id: UUID) -> bool:
    """Note that nobody did a task in time; False when it was done, or noted, meanwhile."""
    marked = await tx.fetchval(
        "UPDATE task SET overdue_at = $2, rev = rev + 1, updated_at = $2"
        " WHERE id = $1 AND status = 'open' AND due_at <= $2 AND overdue_at IS NULL RETURNING 1",
        task_id,
        now(),
    )
    if marked:
        await announce(tx, task_id)
    return bool(marked)


def _place(text: str | None) -> Place | None:
    if text is None:
        return None
    try:
        return msgspec.json.decode(text, type=Place)
    except msgspec.MsgspecError:
        raise Invalid("this is no place in the list of tasks") from None


def _text(place: Place) -> str:
    return msgspec.json.encode(place).decode()
