"""Signing in and out."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from agents_ui.api.shapes import Line, Password
from agents_ui.call import Call, Visit
from agents_ui.cookies import no_cookie, session_cookie
from crm_core.staff import sessions as staff_sessions
from crm_core.staff import sign_in as staff
from crm_core.staff.reading import read_me
from crm_core.views import Me, View
from infra.errors import NotFound, RateLimited, SignInNeeded
from infra.http.routes import Input, Reply, route


class SignIn(Input):
    """Who signs in.

    Attributes:
        code: From the authenticator app, or a recovery code.
    """

    login: Line
    password: Password
    code: Annotated[str, Meta(max_length=40)] | None = None


class Session(View):
    """A signed-in browser."""

    id: UUID
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    ip: str
    user_agent: str
    current: bool


@route("POST", "/api/session", public=True, raises=(SignInNeeded, RateLimited))
async def sign_in(visit: Visit, body: SignIn) -> Reply[Me]:
    """Sign in.

    The problem `session.code_needed` asks for the second factor: send everything again with
    `code`. `session.wrong` does not say whether the login exists.
    """
    opened = await staff.sign_in(
        visit.db,
        login=body.login,
        password=body.password,
        code=body.code,
        ip=visit.peer.ip,
        user_agent=visit.user_agent,
        vault=visit.services.vault,
    )
    return await _signed_in(visit, opened)


@route("DELETE", "/api/session")
async def sign_out(call: Call) -> Reply[None]:
    """Sign this browser out."""
    call.require_session()
    async with call.transaction() as tx:
        await staff_sessions.end_session(tx, call.auth_id, agent_id=call.agent_id)
    return Reply(None, [no_cookie(call)])


@route("GET", "/api/sessions")
async def sessions(call: Call) -> list[Session]:
    """List where the agent is signed in."""
    call.require_session()
    async with call.read() as raw:
        found = await staff_sessions.sessions_of(raw, call.agent_id)
    return [
        Session(
            id=each.id,
            created_at=each.created_at,
            seen_at=each.seen_at,
            expires_at=each.expires_at,
            ip=each.ip,
            user_agent=each.user_agent,
            current=each.id == call.auth_id,
        )
        for each in found
    ]


@route("DELETE", "/api/sessions")
async def sign_out_everywhere(call: Call) -> Reply[None]:
    """Sign out everywhere, this browser included; live connections are closed."""
    call.require_session()
    async with call.transaction() as tx:
        await staff_sessions.end_sessions(tx, call.agent_id)
    return Reply(None, [no_cookie(call)])


@route("DELETE", "/api/sessions/{session_id}", raises=(NotFound,))
async def end_session(call: Call, session_id: UUID) -> None:
    """Sign one browser out."""
    call.require_session()
    async with call.transaction() as tx:
        await staff_sessions.end_session(tx, session_id, agent_id=call.agent_id)


async def welcome(visit: Visit, agent_id: UUID) -> Reply[Me]:
    """Sign in an agent who just proved who they are by a link."""
    async with visit.db.transaction() as tx:
        opened = await staff_sessions.open_session(
            tx, agent_id, ip=visit.peer.ip, user_agent=visit.user_agent
        )
    return await _signed_in(visit, opened)


async def _signed_in(visit: Visit, opened: staff_sessions.NewSession) -> Reply[Me]:
    visit.desk.viewers.drop(opened.agent_id)  # it may be from before a password was set
    viewer = await visit.desk.viewers.get(opened.agent_id)
    async with visit.db.read() as raw:
        me = await read_me(raw, viewer)
    return Reply(me, [session_cookie(visit, opened)])
