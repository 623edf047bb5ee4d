"""Links that work once: the first owner's, invitations and password resets."""

from datetime import timedelta
from typing import Literal
from uuid import UUID

import msgspec

from crm_core.staff.changes import agent_changed
from crm_core.staff.passwords import check_password, hash_password
from crm_core.staff.sessions import end_sessions
from crm_core.staff.tokens import new_token, token_hash
from crm_core.staff.visibility import Reads
from infra.clock import now
from infra.db import Transaction
from infra.errors import NotFound


Purpose = Literal["setup", "invite", "reset"]

LIVES = {"setup": timedelta(days=7), "invite": timedelta(hours=72), "reset": timedelta(hours=1)}

MAKE = """
WITH replaced AS (
    UPDATE one_time_link SET used_at = $5
     WHERE purpose = $2 AND agent_id IS NOT DISTINCT FROM $3 AND used_at IS NULL
)
INSERT INTO one_time_link (token_hash, purpose, agent_id, expires_at, created_at)
VALUES ($1, $2, $3, $4, $5)
"""
FIND = """
SELECT l.purpose, l.agent_id, coalesce(a.name, '') AS name, coalesce(a.login, '') AS login
  FROM one_time_link AS l LEFT JOIN agent AS a ON a.id = l.agent_id
 WHERE l.token_hash = $1 AND l.used_at IS NULL AND l.expires_at > $2
   AND coalesce(a.status, '') <> 'left'
"""
USE = """
UPDATE one_time_link SET used_at = $2
 WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2 RETURNING purpose
"""
WITHDRAW = "UPDATE one_time_link SET used_at = $2 WHERE agent_id = $1 AND used_at IS NULL"
TAKE_UP = """
UPDATE agent SET password = $2, name = coalesce($3, name), status = 'active', rev = rev + 1
 WHERE id = $1
"""


class LinkGone(NotFound):
    """The link never was, was used, was replaced by a newer one, or is too old."""

    code = "link.gone"
    title = "This link does not work any more"


class Link(msgspec.Struct, frozen=True):
    """What a link is for, and whom."""

    purpose: Purpose
    agent_id: UUID | None
    name: str
    login: str


async def make_link(tx: Transaction, purpose: Purpose, *, agent_id: UUID | None = None) -> str:
    """Return the token of a new link; an older one for the same purpose ends."""
    token = new_token()
    await tx.execute(MAKE, token_hash(token), purpose, agent_id, now() + LIVES[purpose], now())
    return token


async def read_link(source: Reads, token: str) -> Link:
    """Return what a link is for, without using it up.

    Raises:
        LinkGone: It does not work.
    """
    row = await source.fetchrow(FIND, token_hash(token), now())
    if row is None:
        raise LinkGone
    return Link(**row)


async def use_link(tx: Transaction, token: str) -> None:
    """Use a link up.

    Raises:
        LinkGone: It does not work, or somebody was quicker.
    """
    if await tx.fetchval(USE, token_hash(token), now()) is None:
        raise LinkGone


async def withdraw_links(tx: Transaction, agent_id: UUID) -> None:
    """End every link of an agent."""
    await tx.execute(WITHDRAW, agent_id, now())


async def take_up_link(
    tx: Transaction, token: str, *, password: str, name: str | None = None
) -> UUID:
    """Set the password an invitation or a reset asks for; return the agent.

    Every session of the agent ends: whoever had the old password is out.

    Raises:
        LinkGone: The link does not work.
        WeakPassword: The password breaks the policy; the link can be used again.
    """
    link = await read_link(tx, token)
    if link.agent_id is None:
        raise LinkGone
    check_password(password, login=link.login)
    hashed = await hash_password(password)
    await use_link(tx, token)
    await tx.act(link.agent_id, "ui")
    await tx.execute(TAKE_UP, link.agent_id, hashed, name)
    await end_sessions(tx, link.agent_id)
    await agent_changed(tx, link.agent_id)
    return link.agent_id
