"""API keys: programs act as an agent, within the permissions the key was given."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from crm_core.staff.roles import PERMISSIONS
from crm_core.staff.tables import ApiKeyRow
from crm_core.staff.tokens import new_token, token_hash
from crm_core.staff.visibility import Reads, Viewer, load_viewer
from infra.clock import now
from infra.db import Transaction
from infra.errors import Invalid, NotFound


PREFIX = "pk_"
HINT = 9  # characters of a key that are kept readable
TOUCH = timedelta(minutes=5)  # how exactly the last use is known

FIND = """
SELECT k.id, k.agent_id, k.scopes, k.used_at FROM api_key AS k
 WHERE k.token_hash = $1 AND k.revoked_at IS NULL AND coalesce(k.expires_at, $2) >= $2
"""
LIST = """
SELECT id, name, hint, agent_id, scopes, created_at, used_at, expires_at FROM api_key
 WHERE revoked_at IS NULL ORDER BY created_at DESC, id
"""
REVOKE = "UPDATE api_key SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL RETURNING id"
USED = "UPDATE api_key SET used_at = $2 WHERE id = $1"


class ApiKey(msgspec.Struct, frozen=True):
    """A key as it is listed: the key itself is shown once, when it is made."""

    id: UUID
    name: str
    hint: str
    agent_id: UUID
    scopes: list[str]
    created_at: datetime
    used_at: datetime | None
    expires_at: datetime | None


class KeyUse(msgspec.Struct, frozen=True):
    """A key that was just presented, and who acts through it."""

    id: UUID
    viewer: Viewer
    is_stale: bool
    """Whether ``touch_key`` is due."""


async def make_key(
    tx: Transaction,
    *,
    name: str,
    scopes: Sequence[str],
    expires_at: datetime | None = None,
    viewer: Viewer,
) -> tuple[UUID, str]:
    """Make a key that acts as the viewer within ``scopes``; return its id and the key.

    Raises:
        Forbidden: The viewer may not manage keys.
        Invalid: A scope is no permission of the viewer, or the name is empty.
    """
    viewer.need("apikey", "manage")
    if not name.strip() or not scopes:
        raise Invalid("a key has a name and a scope")
    for scope in scopes:
        entity, _, action = scope.partition(".")
        if action not in PERMISSIONS.get(entity, ()) or not viewer.may(entity, action):
            raise Invalid(f"{scope!r} is not a permission you have")
    key = new_token(PREFIX)
    row = ApiKeyRow(
        token_hash=token_hash(key),
        hint=key[:HINT],
        name=name.strip(),
        agent_id=viewer.agent_id,
        scopes=sorted(set(scopes)),
        expires_at=expires_at,
    )
    tx.session.add(row)
    await tx.session.flush()
    return row.id, key


async def key_use(source: Reads, key: str) -> KeyUse | None:
    """Return who acts through a key, or None: unknown, revoked, expired, or the agent left."""
    if not key.startswith(PREFIX):
        return None
    row = await source.fetchrow(FIND, token_hash(key), now())
    if row is None:
        return None
    try:
        viewer = await load_viewer(source, row["agent_id"])
    except NotFound:
        return None
    used = row["used_at"]
    return KeyUse(row["id"], viewer.within(row["scopes"]), used is None or now() - used > TOUCH)


async def touch_key(tx: Transaction, key_id: UUID) -> None:
    """Note that a key is in use."""
    await tx.execute(USED, key_id, now())


async def list_keys(source: Reads, *, viewer: Viewer) -> Sequence[ApiKey]:
    """Return the keys that work, the newest first.

    Raises:
        Forbidden: The viewer may not manage keys.
    """
    viewer.need("apikey", "manage")
    return [ApiKey(**row) for row in await source.fetch(LIST)]


async def revoke_key(tx: Transaction, key_id: UUID, *, viewer: Viewer) -> None:
    """Make a key worthless at once.

    Raises:
        Forbidden: The viewer may not manage keys.
        NotFound: There is no such key.
    """
    viewer.need("apikey", "manage")
    if await tx.fetchval(REVOKE, key_id, now()) is None:
        raise NotFound("there is no such key")
