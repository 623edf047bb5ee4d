"""API keys: programs that act as an agent, within scopes."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from agents_ui.api.pending import Pending
from agents_ui.api.shapes import Line
from agents_ui.call import Call
from crm_core.views import View
from infra.errors import Forbidden, Invalid, NotFound
from infra.http.routes import Input, route


class ApiKey(View):
    """An API key, without its secret.

    Attributes:
        hint: How the key begins, to tell keys apart.
        scopes: ``entity.action`` each; the key can do no more, and no more than its agent.
    """

    id: UUID
    name: str
    hint: str
    agent_id: UUID
    scopes: list[str]
    created_at: datetime
    used_at: datetime | None
    expires_at: datetime | None


class NewKey(Input):
    """A key to make."""

    name: Line
    scopes: Annotated[list[str], Meta(min_length=1, max_length=60)]
    expires_at: datetime | None = None


class MadeKey(View):
    """A new key; ``secret`` is shown this one time."""

    key: ApiKey
    secret: str


@route("GET", "/api/api-keys", raises=(Forbidden,))
async def listing(call: Call) -> list[ApiKey]:
    """List the keys that work."""
    raise Pending


@route("POST", "/api/api-keys", status=201, raises=(Forbidden, Invalid))
async def create(call: Call, body: NewKey) -> MadeKey:
    """Make a key that acts as the agent who asks."""
    raise Pending


@route("DELETE", "/api/api-keys/{key_id}", raises=(NotFound, Forbidden))
async def revoke(call: Call, key_id: UUID) -> None:
    """Make a key worthless at once."""
    raise Pending
