"""The first owner, and links that work once: invitations and password resets."""

from typing import Literal

from agents_ui.api.pending import Pending
from agents_ui.api.shapes import Line, Locale, Password
from agents_ui.call import Visit
from crm_core.views import Me, View
from infra.errors import Invalid, NotFound, RateLimited
from infra.http.routes import Input, Reply, route


class Setup(View):
    """Whether the hub still waits for its first owner."""

    needed: bool


class FirstOwner(Input):
    """The first owner, and the token that ``punte run`` printed."""

    token: Line
    name: Line
    login: Line
    password: Password
    locale: Locale = "en"


class Link(View):
    """What a link is for.

    Attributes:
        name: Whom it is for.
    """

    purpose: Literal["invite", "reset"]
    name: str
    login: str


class LinkUse(Input):
    """The password to sign in with from now on."""

    password: Password
    name: Line | None = None


@route("GET", "/api/setup", public=True)
async def needed(visit: Visit) -> Setup:
    """Say whether the hub waits for its first owner."""
    raise Pending


@route("POST", "/api/setup", public=True, status=201, raises=(NotFound, Invalid))
async def first_owner(visit: Visit, body: FirstOwner) -> Reply[Me]:
    """Become the first owner, and sign in; 404 ever after."""
    raise Pending


@route("GET", "/api/links/{token}", public=True, raises=(NotFound, RateLimited))
async def link(visit: Visit, token: str) -> Link:
    """Say what a link is for; it is not used up by asking."""
    raise Pending


@route("POST", "/api/links/{token}", public=True, raises=(NotFound, Invalid, RateLimited))
async def use_link(visit: Visit, token: str, body: LinkUse) -> Reply[Me]:
    """Take up an invitation or set a new password, and sign in."""
    raise Pending
