"""Tags."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from agents_ui.call import Call
from crm_core import tags
from crm_core.views import Tag
from infra.errors import Conflict, Forbidden, Invalid, NotFound
from infra.http.routes import Input, route


TagName = Annotated[str, Meta(min_length=1, max_length=60)]
Color = Annotated[str, Meta(pattern=r"^[a-z]{2,20}$")]


class NewTag(Input):
    """A tag to make; ``color`` is a name of the palette."""

    name: TagName
    color: Color = "gray"


class TagChange(Input):
    """What to change."""

    name: TagName | UnsetType = UNSET
    color: Color | UnsetType = UNSET


@route("GET", "/api/tags")
async def listing(call: Call) -> Sequence[Tag]:
    """List the tags."""
    async with call.read() as raw:
        return await tags.list_tags(raw)


@route("POST", "/api/tags", status=201, raises=(Forbidden, Conflict, Invalid))
async def create(call: Call, body: NewTag) -> Tag:
    """Make a tag."""
    async with call.transaction() as tx:
        tag_id = await tags.make_tag(tx, name=body.name, color=body.color, viewer=call.viewer)
        return await tags.read_tag(tx, tag_id)


@route("PATCH", "/api/tags/{tag_id}", raises=(NotFound, Forbidden, Conflict, Invalid))
async def change(call: Call, tag_id: UUID, body: TagChange) -> Tag:
    """Change a tag."""
    async with call.transaction() as tx:
        await tags.change_tag(tx, tag_id, name=body.name, color=body.color, viewer=call.viewer)
        return await tags.read_tag(tx, tag_id)


@route("DELETE", "/api/tags/{tag_id}", raises=(NotFound, Forbidden))
async def archive(call: Call, tag_id: UUID) -> None:
    """Put a tag away; conversations that have it keep it."""
    async with call.transaction() as tx:
        await tags.archive_tag(tx, tag_id, viewer=call.viewer)
