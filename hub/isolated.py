"""Reading payloads inside a killable process: what runs in the workers of ``infra.isolation``.

A worker opens the adapter's reader once and then reads payload after payload. Files carried in a
payload are put into the blob store here, so that only their names cross to the hub. What is
imported here is paid for in every worker: 36 MB and 0.3 s, against 93 MB and 1.5 s with the whole
adapter and its network libraries.
"""

import importlib
from collections.abc import Callable, Sequence
from pathlib import Path
from uuid import UUID

import msgspec

from inbox.contract import AccountId, Event, Raw
from inbox.media import with_stored_files
from inbox.services import Services
from infra.blobs import Blobs


Reader = Callable[[AccountId, Raw], Sequence[Event]]
"""The ``normalize`` of an adapter, without the rest of it."""

READERS = {
    "email.imap": "channels.email.normalize",
    "email.demo": "channels.email.normalize",
}
"""Where the reader of each isolated adapter is; the module has ``open_reader(services)``."""


class Setup(msgspec.Struct, frozen=True):
    """What a worker needs to know: whose payloads it reads, and where files go."""

    provider: str
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
    """The reader and the blobs of this process; ``set_up`` fills it once."""

    read: Reader
    blobs: Blobs


def set_up(argument: bytes) -> None:
    """Open the reader of this worker; called once, before any payload."""
    setup = msgspec.msgpack.decode(argument, type=Setup)
    module = importlib.import_module(READERS[setup.provider])
    _Worker.read = module.open_reader(setup.services)
    _Worker.blobs = Blobs(Path(setup.blobs))


def read(item: bytes) -> bytes:
    """Return the events of a payload, with its files stored; bytes in, bytes out."""
    payload = PAYLOAD.decode(item)
    events = _Worker.read(AccountId(payload.account), payload.raw)
    return ENCODER.encode([with_stored_files(event, _Worker.blobs) for event in events])
