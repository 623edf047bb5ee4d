"""``punte demo``: an inbox full of life, for looking around."""

import asyncio
import secrets
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
import typer
from sqlalchemy import event

from hub.demo.fill import SIZES, Truth, fill
from hub.demo.plan import HERE
from hub.migrate import migrate
from hub.process import database
from infra import log
from infra.bus import LocalBus
from infra.db import Database
from infra.errors import Invalid
from infra.settings import Settings, load


app = typer.Typer(add_completion=False)


@app.command()
def demo(
    *,
    size: Annotated[str, typer.Option(help=f"One of {', '.join(SIZES)}.")] = "S",
    seed: Annotated[int, typer.Option(help="The same seed gives the same data.")] = 42,
    today: Annotated[str, typer.Option(help="YYYY-MM-DD the story ends on.")] = "",
    password: Annotated[str, typer.Option(help="Everybody's; made up when left out.")] = "",
) -> None:
    """Fill an empty hub with a furniture company: people, clients, a season of talks.

    Its mailboxes go nowhere: nothing that is answered leaves this machine.
    """
    if size not in SIZES:
        raise Invalid(f"there is no size {size}")
    log.configure(level="warning")
    chosen = password or secrets.token_urlsafe(9)
    with database(load()) as settings:
        truth = asyncio.run(_fill(settings, size, seed, end_of(today), chosen))
    typer.echo(f"\n{truth.conversations} conversations, {truth.cards} cards. Sign in as")
    for login in truth.logins:
        typer.echo(f"  {login}")
    typer.secho(f"with the password  {chosen}", bold=True)


async def _fill(settings: Settings, size: str, seed: int, until: datetime, password: str) -> Truth:
    await migrate(settings.database)
    settings.data.mkdir(parents=True, exist_ok=True)
    db = Database(settings.database, LocalBus())
    event.listen(db.engine.sync_engine, "connect", _hurry)
    try:
        truth = await fill(
            db,
            settings,
            size=size,
            seed=seed,
            until=until,
            password=password,
            tell=lambda line: typer.echo(f"  {line}"),
        )
    finally:
        await db.close()
    text = msgspec.json.format(msgspec.json.encode(truth), indent=1)
    (settings.data / "truth.json").write_bytes(text)
    return truth


def _hurry(connection: Any, _record: object) -> None:
    """Let commits not wait for the disk: after a power cut one would fill another hub anyway."""
    connection.run_async(lambda driver: driver.execute("SET synchronous_commit = off"))


def end_of(day: str) -> datetime:
    """Return the moment the story ends: the evening of ``day``, but never in the future.

    Raises:
        Invalid: ``day`` is no date.
    """
    moment = datetime.now(UTC)  # lint-skip: clock - what the wall says, before it is moved
    if not day:
        return moment.replace(microsecond=0)
    try:
        evening = datetime.fromisoformat(f"{day}T18:00:00").replace(tzinfo=HERE)
    except ValueError as error:
        raise Invalid(f"{day!r} is no date such as 2026-11-23") from error
    return min(evening, moment)
