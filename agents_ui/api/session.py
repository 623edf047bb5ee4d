"""Signing in and out."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from agents_ui.api.pending import Pending
from agents_ui.api.shapes import Line, Password
from agents_ui.call import Call, Visit
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
    raise Pending


@route("DELETE", "/api/session")
async def sign_out(call: Call) -> Reply[None]:
    """Sign this browser out."""
    raise Pending


@route("GET", "/api/sessions")
async def sessions(call: Call) -> list[Session]:
    """List where the agent is signed in."""
    raise Pending


@route("DELETE", "/api/sessions")
async def sign_out_everywhere(call: Call) -> Reply[None]:
    """Sign out everywhere, this browser included; live connections are closed."""
    raise Pending


@route("DELETE", "/api/sessions/{session_id}", raises=(NotFound,))
async def end_session(call: Call, session_id: UUID) -> None:
    """Sign one browser out."""
    raise Pending
