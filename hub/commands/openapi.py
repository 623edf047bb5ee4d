"""``punte openapi``: the description of the HTTP API."""

import json

import typer

from agents_ui.api.catalog import openapi as described


app = typer.Typer(add_completion=False)


@app.command()
def openapi() -> None:
    """Print the OpenAPI 3.1 document of the HTTP API and the live events."""
    typer.echo(document(), nl=False)


def document() -> str:
    """Return the document as it stands in ``docs/openapi.json``."""
    return json.dumps(described(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"
