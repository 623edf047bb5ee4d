"""Changing a conversation: one patch, one entry for each thing that really changed."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from crm_core.staff.visibility import Viewer
from inbox.assignment import assign_agent, assign_team
from inbox.case import Case, open_case, require
from inbox.folders import Folder, move_to
from inbox.lists import item_json
from inbox.status import Status, set_status
from inbox.tagging import set_tags
from infra.db import Database, Transaction
from infra.errors import Conflict, HubError, Invalid


LONGEST_SUBJECT = 500  # characters

REQUIRED = {  # which right each field of a patch needs
    "status": "status",
    "snoozed_until": "status",
    "priority": "status",
    "subject": "status",
    "tag_ids": "status",
    "folder": "status",
    "assignee_id": "assign",
    "team_id": "assign",
    "following": "read",
}


class ConversationPatch(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """What to change; a field that is not given stays as it is.

    Attributes:
        rev: The revision the change was decided on; the change is refused on any other.
        following: Whether the agent who asks follows the conversation.
        reason: Why the status changes, kept with the entry.
    """

    rev: int | UnsetType = UNSET
    status: Status | UnsetType = UNSET
    snoozed_until: datetime | UnsetType | None = UNSET
    priority: int | UnsetType = UNSET
    assignee_id: UUID | UnsetType | None = UNSET
    team_id: UUID | UnsetType | None = UNSET
    subject: str | UnsetType = UNSET
    folder: Folder | UnsetType = UNSET
    tag_ids: list[UUID] | UnsetType = UNSET
    following: bool | UnsetType = UNSET
    reason: str = ""


class Failed(msgspec.Struct, frozen=True):
    """One conversation a bulk change could not be applied to."""

    id: UUID
    code: str
    detail: str


class BulkResult(msgspec.Struct, frozen=True):
    """What a bulk change did."""

    done: list[UUID]
    failed: list[Failed]


async def change_conversation(
    tx: Transaction, conversation_id: UUID, *, patch: ConversationPatch, viewer: Viewer
) -> str:
    """Apply a patch and return the conversation as JSON text, as the viewer's lists show it.

    Raises:
        NotFound: There is none the viewer may see.
        Forbidden: The viewer may not change one of the fields.
        Conflict: The conversation is not at ``patch.rev`` any more.
        Invalid: A value breaks a rule.
    """
    case = await open_case(tx, conversation_id, viewer=viewer, action="read")
    for action in _actions(patch):
        await require(tx, conversation_id, viewer=viewer, action=action)
    if patch.rev is not UNSET and patch.rev != case.row.rev:
        raise Conflict(f"the conversation is at revision {case.row.rev}")
    await _apply(case, patch, viewer.agent_id)
    await case.announce()
    return await item_json(tx, conversation_id, agent_id=viewer.agent_id)


async def change_many(
    db: Database,
    conversation_ids: Sequence[UUID],
    *,
    patch: ConversationPatch,
    viewer: Viewer,
    via: str,
) -> BulkResult:
    """Apply a patch to many conversations, each in a commit of its own."""
    done: list[UUID] = []
    failed: list[Failed] = []
    for conversation_id in dict.fromkeys(conversation_ids):
        try:
            async with db.transaction() as tx:
                await tx.act(viewer.agent_id, via)
                await change_conversation(tx, conversation_id, patch=patch, viewer=viewer)
        except HubError as error:
            failed.append(Failed(conversation_id, error.code, str(error)))
        else:
            done.append(conversation_id)
    return BulkResult(done, failed)


def _actions(patch: ConversationPatch) -> set[str]:
    given = {name for name in REQUIRED if getattr(patch, name) is not UNSET}
    actions = {REQUIRED[name] for name in given}
    if patch.folder == "trash":
        actions.add("delete")
    return actions - {"read"}


async def _apply(case: Case, patch: ConversationPatch, agent_id: UUID) -> None:
    row = case.row
    if patch.status is not UNSET:
        until = None if patch.snoozed_until is UNSET else patch.snoozed_until
        set_status(case, patch.status, until=until, reason=patch.reason)
    elif patch.snoozed_until is not UNSET:
        status: Status = "snoozed" if patch.snoozed_until else "open"
        set_status(case, status, until=patch.snoozed_until, reason=patch.reason)
    if patch.priority is not UNSET and patch.priority != row.priority:
        _set_priority(case, patch.priority)
    if patch.subject is not UNSET and patch.subject.strip() != row.subject:
        await _set_subject(case, patch.subject)
    if patch.team_id is not UNSET:
        await assign_team(case, patch.team_id)
    if patch.assignee_id is not UNSET:
        await assign_agent(case, patch.assignee_id)
    if patch.tag_ids is not UNSET:
        await set_tags(case, patch.tag_ids)
    if patch.folder is not UNSET:
        await move_to(case, patch.folder)
    if patch.following is not UNSET:
        others = [one for one in row.follower_ids if one != agent_id]
        row.follower_ids = [*others, agent_id] if patch.following else others


def _set_priority(case: Case, priority: int) -> None:
    if not 0 <= priority <= 3:
        raise Invalid("a priority is 0, 1, 2 or 3")
    case.add_entry("priority", **{"from": case.row.priority, "to": priority})
    case.row.priority = priority


async def _set_subject(case: Case, subject: str) -> None:
    subject = " ".join(subject.split())
    if len(subject) > LONGEST_SUBJECT:
        raise Invalid(f"a subject has at most {LONGEST_SUBJECT} characters")
    case.add_entry("subject", **{"from": case.row.subject, "to": subject})
    case.row.subject = subject
    # the first message carries the subject's words in the search index
    await case.tx.execute(
        "INSERT INTO search_queue (message_id) SELECT id FROM message"
        " WHERE conversation_id = $1 ORDER BY seq LIMIT 1 ON CONFLICT DO NOTHING",
        case.row.id,
    )
