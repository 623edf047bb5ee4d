"""Tags."""

from typing import Annotated
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from agents_ui.api.pending import Pending
from agents_ui.call import Call
from crm_core.views import Tag
from infra.errors import Conflict, Forbidden, Invalid, NotFound
from infra.http.routes import Input, Json, route


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
async def listing(call: Call) -> Json[list[Tag]]:
    """List the tags."""
    raise Pending


@route("POST", "/api/tags", status=201, raises=(Forbidden, Conflict, Invalid))
async def create(call: Call, body: NewTag) -> Json[Tag]:
    """Make a tag."""
    raise Pending


@route("PATCH", "/api/tags/{tag_id}", raises=(NotFound, Forbidden, Conflict, Invalid))
async def change(call: Call, tag_id: UUID, body: TagChange) -> Json[Tag]:
    """Change a tag."""
    raise Pending


@route("DELETE", "/api/tags/{tag_id}", raises=(NotFound, Forbidden))
async def archive(call: Call, tag_id: UUID) -> None:
    """Put a tag away; conversations that have it keep it."""
    raise Pending
