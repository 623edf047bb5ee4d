"""``punte restore FILE``."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from hub import restore as reading
from hub.process import database
from infra.settings import load


app = typer.Typer(add_completion=False)


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="What `punte backup` wrote.", exists=True)],
    *,
    force: Annotated[bool, typer.Option(help="Give up the data that this hub has.")] = False,
) -> None:
    """Bring the hub back from a backup; stop it before.

    Messages that were waiting to be sent become "unknown": they may have left since.
    """
    with database(load()) as settings:
        manifest = asyncio.run(reading.restore(settings, file.absolute(), force=force))
    typer.echo(f"Restored the state of {manifest.created_at:%Y-%m-%d %H:%M} UTC.")
    if not manifest.has_key:
        typer.secho("Set PUNTE_SECRET_KEY to the key it was made with.", fg="yellow")
