"""The labels of a conversation."""

from collections.abc import Collection
from uuid import UUID

from inbox.case import Case
from infra.errors import Invalid


async def set_tags(case: Case, tag_ids: Collection[UUID]) -> None:
    """Make ``tag_ids`` the labels of a conversation.

    Raises:
        Invalid: One of the labels to add does not exist or was put away.
    """
    before, after = set(case.row.tag_ids), set(tag_ids)
    added, removed = after - before, before - after
    if not added and not removed:
        return
    known = await case.tx.fetchval(
        "SELECT count(*) FROM tag WHERE id = ANY($1) AND archived_at IS NULL", list(added)
    )
    if known != len(added):
        raise Invalid("one of the labels does not exist")
    case.add_entry("tags", added=sorted(added), removed=sorted(removed))
    case.row.tag_ids = sorted(after)
