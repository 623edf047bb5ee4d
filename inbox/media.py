"""Files that come inside a payload: they are stored, and the event names them."""

from collections.abc import Sequence

import msgspec

from inbox.contract import (
    Event,
    Forwarded,
    Inline,
    Media,
    MessageEdited,
    MessageIn,
    Part,
    Stored,
)
from infra.blobs import Blobs


def with_stored_files(event: Event, blobs: Blobs) -> Event:
    """Return the event with every inline file stored as a blob; storing twice is harmless."""
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
