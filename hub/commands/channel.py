"""``punte channel``: what the inbox would make of what providers hand over."""

import asyncio
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, BinaryIO

import msgspec
import typer

from hub.commands.channel_reading import KINDS, reader_module
from infra.errors import Invalid
from infra.isolation import Workers


DEADLINE = 30.0  # seconds a payload may take
BATCH = 500  # payloads between two lots of output
LONGEST = 32 << 20  # bytes of a payload; a provider that sends more is refused at the door

app = typer.Typer(no_args_is_help=True, help="What providers hand over, without an account.")


class UnknownKind(Invalid):
    """There is no such kind of channel."""

    code = "channel.unknown_kind"
    title = "No such kind of channel"


class NoFile(Invalid):
    """The file cannot be read."""

    code = "channel.no_file"
    title = "The file cannot be read"


@app.callback()
def channel() -> None:
    """What providers hand over, without an account."""


@app.command()
def parse(
    kind: Annotated[str, typer.Argument(metavar="KIND", help=", ".join(KINDS))],
    path: Annotated[Path, typer.Argument(metavar="FILE")],
    *,
    json: Annotated[bool, typer.Option("--json", help="One JSON line per payload.")] = False,
) -> None:
    """Print what the inbox would make of each payload in a file; never fails on a payload.

    A file of e-mail is one message; any other has one JSON document a line.
    """
    if not reader_module(kind):
        raise UnknownKind(f"{kind!r} is none: there is {', '.join(KINDS)}")
    asyncio.run(_parse(kind, path, as_json=json))


async def _parse(kind: str, path: Path, *, as_json: bool) -> None:
    """Read the payloads in killable processes and print them in order as they are done."""
    pool = Workers(
        "hub.commands.channel_reading:read",
        setup="hub.commands.channel_reading:set_up",
        argument=kind.encode(),
        count=os.cpu_count() or 1,
        deadline=DEADLINE,
    )
    try:
        for batch in _batches(kind, path):
            items = [payload for payload in batch if payload is not None]
            results = iter(await pool.run(items))
            for payload in batch:
                result = _quarantined("too_long") if payload is None else next(results)
                line = result if isinstance(result, bytes) else _quarantined(result.code)
                sys.stdout.buffer.write(line + b"\n" if as_json else _plainly(line))
            sys.stdout.buffer.flush()
    finally:
        await pool.close()


def _batches(kind: str, path: Path) -> Iterator[Sequence[bytes | None]]:
    """Yield payloads in lots; None stands for one that is too long to be looked at."""
    batch: list[bytes | None] = []
    try:
        with path.open("rb") as file:
            for payload in _payloads(kind, file):
                batch.append(payload)
                if len(batch) == BATCH:
                    yield batch
                    batch = []
    except OSError as error:
        raise NoFile(f"{path}: {error.strerror or error}") from error
    if batch:
        yield batch


def _payloads(kind: str, file: BinaryIO) -> Iterator[bytes | None]:
    if kind == "email":
        data = file.read(LONGEST + 1)
        yield data if len(data) <= LONGEST else None
        return
    while line := file.readline(LONGEST + 1):
        if len(line) > LONGEST:
            while line and not line.endswith(b"\n"):
                line = file.readline(LONGEST)
            yield None
        elif line.strip():
            yield line.strip(b"\r\n")


def _quarantined(code: str) -> bytes:
    return msgspec.json.encode({"events": [], "quarantined": code})


def _plainly(line: bytes) -> bytes:
    """Return a result for people: one event a line."""
    result = msgspec.json.decode(line)
    if result["quarantined"] is not None:
        return f"quarantined: {result['quarantined']}\n".encode()
    said = [
        " ".join(
            [event["type"], *(str(event[name]) for name in ("state", "reason") if name in event)]
            + [part["text"] for part in event.get("parts", ()) if part.get("type") == "text"]
        )
        for event in result["events"]
    ]
    return "".join(f"{one}\n" for one in said).encode("utf-8", "replace")
