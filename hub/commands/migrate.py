"""``punte migrate``: bring the database to this version."""

import asyncio

import typer

from hub.migrate import migrate as bring_up
from hub.process import database
from infra.settings import load


app = typer.Typer(add_completion=False)


@app.command()
def migrate() -> None:
    """Create or upgrade the tables; safe while other nodes run the previous release."""
    with database(load()) as settings:
        asyncio.run(bring_up(settings.database))
    typer.echo("The database is up to date.")
