"""Files an agent adds to a message: named by their blob, checked against the channel."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import msgspec

from inbox.contract import Capabilities, Level, MediaCaps
from inbox.tables import AttachmentRow
from infra.db import Transaction
from infra.errors import Invalid


MOST_FILES = 100  # per message

KNOWN_BLOBS = "SELECT sha256, size FROM blob WHERE sha256 = ANY($1)"


class FileGiven(msgspec.Struct, frozen=True, kw_only=True):
    """A file of a message to send.

    Attributes:
        blob: Name of the uploaded content.
        size: Bytes.
        content_id: Without angle brackets, when the text shows it inline.
    """

    blob: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
    filename: Annotated[str, msgspec.Meta(max_length=255)] = ""
    mime: Annotated[str, msgspec.Meta(max_length=255)] = "application/octet-stream"
    size: Annotated[int, msgspec.Meta(ge=0)] = 0
    content_id: str | None = None


def check_files(files: Sequence[FileGiven], caps: Capabilities) -> None:
    """Make sure a channel carries ``files``.

    Raises:
        Invalid: It does not, or one is too big.
    """
    if len(files) > MOST_FILES:
        raise Invalid(f"a message has at most {MOST_FILES} files")
    for file in files:
        limits = _limits(file, caps)
        if limits is None:
            raise Invalid(f"this channel does not carry {file.filename or 'such files'}")
        if file.size > limits.max_bytes:
            raise Invalid(f"{file.filename} is over the {limits.max_bytes} bytes of this channel")


async def attach(tx: Transaction, message_id: UUID, files: Sequence[FileGiven]) -> None:
    """Make ``files`` the attachments of a message that has none yet.

    The size and the existence of a blob are what its upload found, not what the request says.

    Raises:
        Invalid: One of the blobs was never uploaded.
    """
    found = await tx.fetch(KNOWN_BLOBS, [file.blob for file in files])
    sizes = {row["sha256"]: row["size"] for row in found}
    for position, file in enumerate(files):
        if file.blob not in sizes:
            raise Invalid(f"{file.filename or file.blob} was never uploaded")
        tx.session.add(
            AttachmentRow(
                message_id=message_id,
                position=position,
                kind=kind_of(file.mime),
                filename=file.filename,
                mime=file.mime,
                size=sizes[file.blob],
                blob=file.blob,
                content_id=file.content_id,
                is_inline=file.content_id is not None,
            )
        )


def kind_of(mime: str) -> str:
    """Return the contract's kind of media for a media type."""
    family = mime.partition("/")[0]
    return family if family in {"image", "video", "audio"} else "file"


def _limits(file: FileGiven, caps: Capabilities) -> MediaCaps | None:
    for kind in (kind_of(file.mime), "file", "*"):
        limits = caps.media.get(kind)
        if limits is not None and _level(file.mime, limits) > Level.DROPPED:
            return limits
    return None


def _level(mime: str, limits: MediaCaps) -> Level:
    family = f"{mime.partition('/')[0]}/*"
    for pattern in (mime, family, "*/*"):
        if pattern in limits.mimes:
            return limits.mimes[pattern]
    return Level.REJECTED
