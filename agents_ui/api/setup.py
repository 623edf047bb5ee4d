"""The first owner, and links that work once: invitations and password resets."""

from typing import Literal

from agents_ui.api.session import welcome
from agents_ui.api.shapes import Line, Locale, Password
from agents_ui.call import Visit
from crm_core.staff.links import LinkGone, read_link, take_up_link
from crm_core.staff.setup import set_up, setup_needed
from crm_core.staff.throttling import block_key, count_try
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
    async with visit.db.read() as raw:
        return Setup(needed=await setup_needed(raw))


@route("POST", "/api/setup", public=True, status=201, raises=(NotFound, Invalid))
async def first_owner(visit: Visit, body: FirstOwner) -> Reply[Me]:
    """Become the first owner, and sign in; 404 ever after."""
    async with visit.db.transaction() as tx:
        agent_id = await set_up(
            tx,
            body.token,
            name=body.name,
            login=body.login,
            password=body.password,
            locale=body.locale,
        )
    return await welcome(visit, agent_id)


@route("GET", "/api/links/{token}", public=True, raises=(NotFound, RateLimited))
async def link(visit: Visit, token: str) -> Link:
    """Say what a link is for; it is not used up by asking."""
    await _count(visit)
    async with visit.db.read() as raw:
        found = await read_link(raw, token)
    if found.purpose == "setup":
        raise LinkGone
    return Link(purpose=found.purpose, name=found.name, login=found.login)


@route("POST", "/api/links/{token}", public=True, raises=(NotFound, Invalid, RateLimited))
async def use_link(visit: Visit, token: str, body: LinkUse) -> Reply[Me]:
    """Take up an invitation or set a new password, and sign in."""
    await _count(visit)
    async with visit.db.transaction() as tx:
        agent_id = await take_up_link(tx, token, password=body.password, name=body.name)
    return await welcome(visit, agent_id)


async def _count(visit: Visit) -> None:
    """Slow down whoever guesses tokens; they are too long to guess, so this is one more belt."""
    await count_try(visit.db, block_key(visit.peer.ip))
