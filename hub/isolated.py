"""Reading payloads inside a killable process: what runs in the workers of ``infra.isolation``.

A worker opens the adapter once and then reads payload after payload. Files carried in a payload
are put into the blob store here, so that only their names cross to the hub.
"""

from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import msgspec

from hub.adapters import open_module
from inbox.accounts import Services
from inbox.contract import (
    AccountId,
    Adapter,
    Event,
    Forwarded,
    Inline,
    Media,
    MessageEdited,
    MessageIn,
    Part,
    Raw,
    Stored,
)
from infra.blobs import Blobs


class Setup(msgspec.Struct, frozen=True):
    """What a worker needs to know: which adapter to open, and where files go."""

    module: str
    services: Services
    blobs: str


class Payload(msgspec.Struct, frozen=True):
    """What a worker is given to read."""

    account: UUID
    raw: Raw


ENCODER = msgspec.msgpack.Encoder()
PAYLOAD = msgspec.msgpack.Decoder(Payload)
EVENTS = msgspec.msgpack.Decoder(list[Event])


class _Worker:
    """The adapter and the blobs of this process; ``set_up`` fills it once."""

    adapter: Adapter
    blobs: Blobs


def set_up(argument: bytes) -> None:
    """Open the adapter of this worker; called once, before any payload."""
    setup = msgspec.msgpack.decode(argument, type=Setup)
    _Worker.adapter = open_module(setup.module, setup.services)
    _Worker.blobs = Blobs(Path(setup.blobs))


def read(item: bytes) -> bytes:
    """Return the events of a payload, with its files stored; bytes in, bytes out."""
    payload = PAYLOAD.decode(item)
    events = _Worker.adapter.normalize(AccountId(payload.account), payload.raw)
    return ENCODER.encode([_stored(event, _Worker.blobs) for event in events])


def _stored(event: Event, blobs: Blobs) -> Event:
    if isinstance(event, MessageIn | MessageEdited):
        return msgspec.structs.replace(event, parts=_parts(event.parts, blobs))
    return event


def _parts(parts: Sequence[Part], blobs: Blobs) -> tuple[Part, ...]:
    return tuple(_part(part, blobs) for part in parts)


def _part(part: Part, blobs: Blobs) -> Part:
    match part:
        case Media(source=Inline(data=data)):
            return msgspec.structs.replace(part, source=Stored(blob=blobs.put_bytes(data)))
        case Forwarded(parts=parts):
            return msgspec.structs.replace(part, parts=_parts(parts, blobs))
        case _:
            return part
