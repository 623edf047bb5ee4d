"""``punte doctor``: what is wrong, and what to do about it."""

import asyncio

import typer

from hub.doctor.examine import examine
from hub.doctor.finding import Finding, Level
from hub.process import database
from infra import log
from infra.settings import Settings, load


app = typer.Typer(add_completion=False)

COLOURS = {Level.OK: "green", Level.WARNING: "yellow", Level.PROBLEM: "red"}


@app.command()
def doctor() -> None:
    """Look at database, disk, clock, secrets and every channel; fail when one is ill."""
    log.configure(level="error")
    with database(load()) as settings:
        problems = asyncio.run(_tell(settings))
    if problems:
        typer.echo(f"\n{problems} to put right.")
        raise typer.Exit(1)


async def _tell(settings: Settings) -> int:
    problems = 0
    async for finding in examine(settings):
        problems += finding.level is Level.PROBLEM
        _print(finding)
    return problems


def _print(finding: Finding) -> None:
    label = typer.style(f"{finding.level:>8}", fg=COLOURS[finding.level])
    typer.echo(f"{label}  {finding.subject}: {finding.text}")
    if finding.remedy:
        typer.echo(f"{'':>8}  -> {finding.remedy}")
