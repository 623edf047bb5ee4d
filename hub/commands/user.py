"""``punte user``: agents from the command line, for the first one and for emergencies."""

import asyncio
from typing import Annotated

import typer

from crm_core.staff.agents import invite, new_link
from crm_core.staff.roles import ROLES, seed_roles
from crm_core.staff.setup import default_places
from crm_core.staff.sign_in import login_form
from hub.links import link_url
from hub.migrate import migrate
from hub.operator import OPERATOR
from hub.process import database
from infra.bus import LocalBus
from infra.db import Database
from infra.errors import Invalid, NotFound
from infra.settings import Settings, load


app = typer.Typer(add_completion=False, no_args_is_help=True)

ROLE_HELP = f"One of {', '.join(ROLES)}; manager by default, may be repeated."


@app.callback()
def user() -> None:
    """Add agents and let them in."""


@app.command()
def add(
    login: Annotated[str, typer.Argument(help="What to sign in with, such as an address.")],
    name: Annotated[str, typer.Option(help="Shown to others; the login by default.")] = "",
    role: Annotated[list[str] | None, typer.Option(help=ROLE_HELP)] = None,
    locale: Annotated[str, typer.Option(help="en, ro or ru.")] = "en",
) -> None:
    """Add an agent and print the link to choose a password with."""
    if locale not in {"en", "ro", "ru"}:
        raise Invalid("the locale is en, ro or ru")
    with database(load()) as settings:
        typer.echo(asyncio.run(_add(settings, login, name or login, role or ["manager"], locale)))


@app.command()
def link(login: Annotated[str, typer.Argument(help="Of who cannot get in.")]) -> None:
    """Print a link with which an agent chooses a new password; the old one works until then."""
    with database(load()) as settings:
        typer.echo(asyncio.run(_link(settings, login)))


async def _add(settings: Settings, login: str, name: str, roles: list[str], locale: str) -> str:
    await migrate(settings.database)
    db = Database(settings.database, LocalBus())
    try:
        async with db.transaction() as tx:
            await tx.act(None, "cli")
            branch_id, team_id = await default_places(tx)
            await seed_roles(tx)
            _, token = await invite(
                tx,
                name=name,
                login=login,
                branch_id=branch_id,
                team_ids=[team_id],
                role_keys=roles,
                locale="ro" if locale == "ro" else "ru" if locale == "ru" else "en",
                viewer=OPERATOR,
            )
    finally:
        await db.close()
    return link_url(settings, "link", token)


async def _link(settings: Settings, login: str) -> str:
    db = Database(settings.database, LocalBus())
    try:
        async with db.transaction() as tx:
            await tx.act(None, "cli")
            found = await tx.fetchval(
                "SELECT id FROM agent WHERE login_key = $1", login_form(login)
            )
            if found is None:
                raise NotFound(f"nobody signs in as {login!r}")
            token = await new_link(tx, found, viewer=OPERATOR)
    finally:
        await db.close()
    return link_url(settings, "link", token)
