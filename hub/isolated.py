"""Reading payloads inside a killable process: what runs in the workers of ``infra.isolation``.

A worker opens the adapter once and then reads payload after payload. Files carried in a payload
are put into the blob store here, so that only their names cross to the hub.
"""

from pathlib import Path
from uuid import UUID

import msgspec

from hub.adapters import open_module
from inbox.accounts import Services
from inbox.contract import AccountId, Adapter, Event, Raw
from inbox.media import with_stored_files
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
    return ENCODER.encode([with_stored_files(event, _Worker.blobs) for event in events])
