"""Sessions: signed-in browsers, each known by a token that only its cookie holds."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from crm_core.staff.tokens import new_token, token_hash
from crm_core.staff.visibility import Reads
from infra.clock import new_id, now
from infra.db import Transaction
from infra.errors import NotFound
from infra.events import Event


IDLE = timedelta(days=7)  # a session nobody uses ends
ABSOLUTE = timedelta(days=30)  # a session ends, whoever uses it
TOUCH = timedelta(minutes=5)  # how exactly the last use is known


class NewSession(msgspec.Struct, frozen=True):
    """A session that was just opened; ``token`` is shown once, for the cookie."""

    token: str
    id: UUID
    agent_id: UUID
    expires_at: datetime


class Session(msgspec.Struct, frozen=True):
    """A signed-in browser."""

    id: UUID
    agent_id: UUID
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    ip: str
    user_agent: str

    @property
    def is_stale(self) -> bool:
        """Whether ``touch_session`` is due."""
        return now() - self.seen_at > TOUCH


class SessionRevoked(Event, tag="session.revoked"):
    """A session was ended from elsewhere; without an id, all of the agent's were."""

    agent_id: UUID
    session_id: UUID | None = None

    def audience(self) -> dict[str, Any]:
        """Return the agent alone: their live connections close."""
        return {"me": str(self.agent_id)}


FIND = """
SELECT s.id, s.agent_id, s.created_at, s.seen_at, s.expires_at, s.ip, s.user_agent
  FROM session AS s JOIN agent AS a ON a.id = s.agent_id
 WHERE s.token_hash = $1 AND s.expires_at > $2 AND a.status = 'active'
"""
LIST = """
SELECT s.id, s.agent_id, s.created_at, s.seen_at, s.expires_at, s.ip, s.user_agent
  FROM session AS s
 WHERE s.agent_id = $1 AND s.expires_at > $2 ORDER BY s.seen_at DESC, s.id
"""
OPEN = """
INSERT INTO session (token_hash, id, agent_id, created_at, seen_at, expires_at, ip, user_agent)
VALUES ($1, $2, $3, $4, $4, $5, $6, $7)
"""
TOUCHED = "UPDATE session SET seen_at = $2, expires_at = least($3, created_at + $4) WHERE id = $1"
CLOSE = "DELETE FROM session WHERE agent_id = $1 AND id = $2"
CLOSE_ALL = "DELETE FROM session WHERE agent_id = $1 AND id IS DISTINCT FROM $2"
EXPIRED = "DELETE FROM session WHERE expires_at < $1"


async def open_session(
    tx: Transaction, agent_id: UUID, *, ip: str = "", user_agent: str = ""
) -> NewSession:
    """Sign an agent in on one browser."""
    opened = NewSession(new_token(), new_id(), agent_id, now() + IDLE)
    await tx.execute(
        OPEN,
        token_hash(opened.token),
        opened.id,
        agent_id,
        now(),
        opened.expires_at,
        ip,
        user_agent[:300],
    )
    return opened


async def session_of(source: Reads, token: str) -> Session | None:
    """Return the session a cookie's token opens, or None: expired, ended, or never there."""
    row = await source.fetchrow(FIND, token_hash(token), now())
    return None if row is None else Session(**row)


async def touch_session(tx: Transaction, session: Session) -> None:
    """Note that the session is in use; it lives on, up to its absolute end."""
    seen = now()
    await tx.execute(TOUCHED, session.id, seen, seen + IDLE, ABSOLUTE)


async def sessions_of(source: Reads, agent_id: UUID) -> Sequence[Session]:
    """Return where the agent is signed in, the latest used first."""
    return [Session(**row) for row in await source.fetch(LIST, agent_id, now())]


async def end_session(tx: Transaction, session_id: UUID, *, agent_id: UUID) -> None:
    """Sign one browser of the agent out; its live connections close.

    Raises:
        NotFound: The agent has no such session.
    """
    if await tx.execute(CLOSE, agent_id, session_id) == "DELETE 0":
        raise NotFound("there is no such session")
    tx.publish(SessionRevoked(agent_id=agent_id, session_id=session_id))


async def end_sessions(tx: Transaction, agent_id: UUID, *, keep: UUID | None = None) -> None:
    """Sign the agent out everywhere, but for the session ``keep``."""
    if keep is None:
        await tx.execute(CLOSE_ALL, agent_id, None)
        tx.publish(SessionRevoked(agent_id=agent_id))
        return
    for session in await sessions_of(tx, agent_id):
        if session.id != keep:
            await end_session(tx, session.id, agent_id=agent_id)


async def forget_expired(tx: Transaction) -> None:
    """Delete the sessions nobody can use any more."""
    await tx.execute(EXPIRED, now())
