"""Tags: labels for conversations and cards."""

import re
from collections.abc import Sequence
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from crm_core.folding import fold
from crm_core.names import clean_text
from crm_core.staff.visibility import Reads, Viewer
from crm_core.tables import TagRow
from crm_core.views import Tag
from infra.clock import now
from infra.db import Transaction
from infra.errors import Conflict, Invalid, NotFound


LONGEST = 60  # characters
COLOR = re.compile(r"[a-z]{2,20}")

LIST = """
SELECT tag_json(t)::text FROM tag AS t WHERE t.archived_at IS NULL ORDER BY t.name_key, t.id
"""
READ = "SELECT tag_json(t)::text FROM tag AS t WHERE t.id = $1"
TAKEN = "SELECT EXISTS (SELECT FROM tag WHERE name_key = $1 AND id IS DISTINCT FROM $2)"


class TagTaken(Conflict):
    """There is a tag of this name, perhaps in other case or without accents."""

    code = "tag.name_taken"
    title = "This tag exists already"


async def list_tags(source: Reads) -> Sequence[Tag]:
    """Return the tags in use, by name."""
    return [msgspec.json.decode(row[0], type=Tag) for row in await source.fetch(LIST)]


async def read_tag(source: Reads, tag_id: UUID) -> Tag:
    """Return a tag.

    Raises:
        NotFound: There is none.
    """
    text = await source.fetchval(READ, tag_id)
    if text is None:
        raise NotFound("there is no such tag")
    return msgspec.json.decode(text, type=Tag)


async def make_tag(tx: Transaction, *, name: str, color: str = "gray", viewer: Viewer) -> UUID:
    """Make a tag.

    Raises:
        Forbidden: The viewer may not manage tags.
        Invalid: The name is empty or too long, or the color no word.
        TagTaken: There is one of this name.
    """
    viewer.need("tag", "manage")
    name = await _free_name(tx, name)
    tag = TagRow(name=name, name_key=fold(name), color=_color(color))
    tx.session.add(tag)
    await _changed(tx, tag.id)
    return tag.id


async def change_tag(
    tx: Transaction,
    tag_id: UUID,
    *,
    name: str | UnsetType = UNSET,
    color: str | UnsetType = UNSET,
    viewer: Viewer,
) -> None:
    """Give a tag another name or color.

    Raises:
        Forbidden: The viewer may not manage tags.
        NotFound: There is no such tag.
        Invalid: The name is empty or too long, or the color no word.
        TagTaken: There is one of this name.
    """
    viewer.need("tag", "manage")
    tag = await _locked(tx, tag_id)
    if name is not UNSET:
        free = await _free_name(tx, name, but=tag_id)
        tag.name, tag.name_key = free, fold(free)
    if color is not UNSET:
        tag.color = _color(color)
    tag.rev += 1
    await _changed(tx, tag_id)


async def archive_tag(tx: Transaction, tag_id: UUID, *, viewer: Viewer) -> None:
    """Put a tag away; what has it keeps it, and the name is free again.

    Raises:
        Forbidden: The viewer may not manage tags.
        NotFound: There is no such tag.
    """
    viewer.need("tag", "manage")
    tag = await _locked(tx, tag_id)
    tag.archived_at = now()
    tag.name_key = f"{tag.name_key}/{tag.id}"
    tag.rev += 1
    await _changed(tx, tag_id)


async def _locked(tx: Transaction, tag_id: UUID) -> TagRow:
    tag = await tx.session.get(TagRow, tag_id, with_for_update=True, populate_existing=True)
    if tag is None or tag.archived_at is not None:
        raise NotFound("there is no such tag")
    return tag


async def _free_name(tx: Transaction, name: str, *, but: UUID | None = None) -> str:
    name = clean_text(name)
    if not 0 < len(name) <= LONGEST or not fold(name):
        raise Invalid(f"a tag has a name of at most {LONGEST} characters")
    await tx.lock(f"tag/{fold(name)}")
    if await tx.fetchval(TAKEN, fold(name), but):
        raise TagTaken
    return name


def _color(color: str) -> str:
    if COLOR.fullmatch(color) is None:
        raise Invalid(f"{color!r} is no color of the palette")
    return color


async def _changed(tx: Transaction, tag_id: UUID) -> None:
    await tx.execute("SELECT publish_tag($1)", tag_id)
    tx.wrote()
