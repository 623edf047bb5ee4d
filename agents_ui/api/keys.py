"""API keys: programs that act as an agent, within scopes."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from agents_ui.api.shapes import Line
from agents_ui.call import Call
from crm_core.staff import api_keys as staff
from crm_core.staff.api_keys import list_keys, make_key, revoke_key
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
    async with call.read() as raw:
        return [_shown(key) for key in await list_keys(raw, viewer=call.viewer)]


@route("POST", "/api/api-keys", status=201, raises=(Forbidden, Invalid))
async def create(call: Call, body: NewKey) -> MadeKey:
    """Make a key that acts as the agent who asks."""
    call.require_session()
    async with call.transaction() as tx:
        key_id, secret = await make_key(
            tx,
            name=body.name,
            scopes=body.scopes,
            expires_at=body.expires_at,
            viewer=call.viewer,
        )
        made = next(k for k in await list_keys(tx, viewer=call.viewer) if k.id == key_id)
    return MadeKey(key=_shown(made), secret=secret)


@route("DELETE", "/api/api-keys/{key_id}", raises=(NotFound, Forbidden))
async def revoke(call: Call, key_id: UUID) -> None:
    """Make a key worthless at once."""
    async with call.transaction() as tx:
        await revoke_key(tx, key_id, viewer=call.viewer)


def _shown(key: staff.ApiKey) -> ApiKey:
    return msgspec.convert(key, ApiKey, from_attributes=True)
