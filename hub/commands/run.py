"""``punte run``: the hub itself."""

import typer

from hub.process import run_until_stopped
from infra import log
from infra.settings import load


app = typer.Typer(add_completion=False)


@app.command()
def run() -> None:
    """Run the hub until Ctrl-C or SIGTERM; prints its address when it is ready."""
    settings = load()
    log.configure(settings.log_format, settings.log_level)
    run_until_stopped(settings, announce=typer.echo)
