"""``punte backup FILE``."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from hub import backup as writing
from hub.process import database
from infra.settings import load


app = typer.Typer(add_completion=False)


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="Replaced only by a complete backup.")],
) -> None:
    """Write database, attachments and secret key into one file, while the hub runs.

    Whoever has the file has every secret of the hub: keep it as you keep a key.
    """
    with database(load()) as settings:
        manifest = asyncio.run(writing.backup(settings, file.absolute()))
    typer.echo(f"{file}: {file.stat().st_size:,} bytes, {manifest.blobs} attachments, verified")
    if not manifest.has_key:
        typer.secho("The secret key is not in it: keep PUNTE_SECRET_KEY as well.", fg="yellow")
