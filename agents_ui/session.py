"""From a request to who sent it: the session's cookie, or an API key."""

from typing import Literal
from uuid import UUID

from aiohttp import web

from agents_ui.call import Call, Visit
from agents_ui.cookies import COOKIE, SECURE_COOKIE
from agents_ui.desk import Desk
from agents_ui.live.gateway import Pass
from crm_core.staff.api_keys import key_use, touch_key
from crm_core.staff.sessions import Session, session_of, touch_session
from crm_core.staff.visibility import Viewer
from infra.db import Database
from infra.errors import NotFound, SignInNeeded
from infra.http.routes import Route
from infra.http.site import PEER


async def call_of(desk: Desk, request: web.Request, route: Route) -> Visit:
    """Return what the handler of ``route`` is given.

    Raises:
        SignInNeeded: The route is not public, and nobody is signed in.
    """
    visit = Visit(desk=desk, peer=request[PEER], user_agent=request.headers.get("User-Agent", ""))
    if route.public:
        return visit
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return await _call_of_key(visit, key.strip())
    session = await _session(visit.db, request)
    if session is None:
        raise SignInNeeded
    try:
        viewer = await desk.viewers.get(session.agent_id)
    except NotFound as error:
        raise SignInNeeded from error
    return _call(visit, viewer, session.id, "ui")


async def _call_of_key(visit: Visit, key: str) -> Call:
    async with visit.db.look() as raw:
        use = await key_use(raw, key)
    if use is None:
        raise SignInNeeded("this API key does not work")
    if use.is_stale:
        async with visit.db.transaction() as tx:
            await touch_key(tx, use.id)
    return _call(visit, use.viewer, use.id, "api")


def _call(visit: Visit, viewer: Viewer, auth_id: UUID, via: Literal["ui", "api"]) -> Call:
    return Call(
        desk=visit.desk,
        peer=visit.peer,
        user_agent=visit.user_agent,
        viewer=viewer,
        auth_id=auth_id,
        via=via,
    )


async def pass_of(db: Database, request: web.Request) -> Pass | None:
    """Return who opens a live connection, or None when nobody is signed in."""
    session = await _session(db, request)
    return None if session is None else Pass(session.agent_id, session.id)


async def _session(db: Database, request: web.Request) -> Session | None:
    token = request.cookies.get(SECURE_COOKIE) or request.cookies.get(COOKIE)
    if not token:
        return None
    async with db.look() as raw:
        session = await session_of(raw, token)
    if session is not None and session.is_stale:
        async with db.transaction() as tx:
            await touch_session(tx, session)
    return session
