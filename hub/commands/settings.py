"""``punte settings``: what may be set, and what is set."""

from typing import Annotated

import typer
from pydantic import SecretStr

from infra import settings as operator
from infra.vault import new_key as fresh_key


app = typer.Typer(add_completion=False)


@app.command()
def settings(
    *,
    new_key: Annotated[bool, typer.Option(help="Print a fresh secret key only.")] = False,
) -> None:
    """List every setting with its meaning and its value here."""
    if new_key:
        typer.echo(fresh_key())
        return
    current = operator.load()
    for (name, meaning), field in zip(
        operator.names().items(), operator.Settings.model_fields, strict=True
    ):
        typer.secho(f"{name}={shown(getattr(current, field))}", bold=True)
        typer.echo(f"    {meaning}")


def shown(value: object) -> str:
    """Return ``value`` as it would be written in ``.env``, secrets masked."""
    match value:
        case None:
            return ""
        case SecretStr():
            return "…"
        case bool():
            return str(value).lower()
        case tuple():
            return ",".join(str(part) for part in value)
        case str() if "@" in value and "://" in value:
            scheme, _, rest = value.partition("://")
            return f"{scheme}://…@{rest.rpartition('@')[2]}"
        case _:
            return str(value)
