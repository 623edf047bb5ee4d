"""``punte settings``: what may be set, and what is set."""

import typer
from pydantic import SecretStr

from infra import settings as operator
from infra.vault import new_key


app = typer.Typer(add_completion=False)


@app.command()
def settings(
    *,
    fresh_key: bool = typer.Option(False, "--new-key", help="Print a fresh secret key only."),
) -> None:
    """List every setting with its meaning and its value here."""
    if fresh_key:
        typer.echo(new_key())
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
