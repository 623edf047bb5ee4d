"""``punte phone``: how the hub reads phone numbers."""

import sys
from typing import Annotated

import msgspec
import typer

from crm_core.phones import REGION, PhoneReading, read_phone


app = typer.Typer(no_args_is_help=True, help="Phone numbers.")


@app.callback()
def phone() -> None:
    """Phone numbers."""


@app.command(context_settings={"ignore_unknown_options": True})
def parse(
    texts: Annotated[list[str], typer.Argument(metavar="TEXT...")],
    *,
    region: Annotated[str, typer.Option(help="The country local spellings are of.")] = REGION,
    json: Annotated[bool, typer.Option("--json", help="One JSON line per text.")] = False,
) -> None:
    """Print the first valid number of each text in E.164, with its extension."""
    readings = [(text, read_phone(text, region.upper())) for text in texts]
    for text, reading in readings:
        sys.stdout.write(_line(text, reading) if json else _summary(text, reading))


def _line(text: str, reading: PhoneReading) -> str:
    described = {
        "input": text,
        "e164": reading.e164,
        "ext": reading.ext,
        "valid": reading.valid,
    }
    return msgspec.json.encode(described).decode() + "\n"


def _summary(text: str, reading: PhoneReading) -> str:
    extension = f" ext. {reading.ext}" if reading.ext else ""
    return f"{text}: {reading.e164 or reading.problem or 'no number'}{extension}\n"
