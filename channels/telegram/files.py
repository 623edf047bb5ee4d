"""What a file is to Telegram: a photo, a document, ... and which of them share an album."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from channels.telegram.capabilities import (
    ALBUM,
    ANIMATIONS,
    PHOTOS,
    SONGS,
    STICKERS,
    VIDEOS,
    VOICES,
)
from inbox.contract import Media, MediaKind


Kind = Literal[
    "photo", "video", "audio", "voice", "video_note", "animation", "sticker", "document"
]

KINDS: Mapping[MediaKind, tuple[Kind, tuple[str, ...]]] = {
    "image": ("photo", PHOTOS),
    "video": ("video", VIDEOS),
    "audio": ("audio", SONGS),
    "voice": ("voice", VOICES),
    "video_note": ("video_note", VIDEOS),
    "animation": ("animation", ANIMATIONS),
    "sticker": ("sticker", STICKERS),
}
ALONE: frozenset[Kind] = frozenset({"document", "audio"})
"""Kinds whose albums hold nothing else."""
MIXED: frozenset[Kind] = frozenset({"photo", "video"})
SIDES = 10_000  # pixels of a photo's width and height together
RATIO = 20
HEAD = 256 << 10  # bytes in which a picture says how big it is


def kind_of(file: Media, most_of_photo: int) -> tuple[Kind, str]:
    """Return what a file is sent as, and what is lost by that: a stable code or ""."""
    mime = (file.mime or "").partition(";")[0].strip().lower()
    if mime == "image/gif" and file.kind in {"image", "animation"}:
        return "animation", ""
    if file.kind not in KINDS:
        return "document", ""
    kind, mimes = KINDS[file.kind]
    if mime not in mimes:
        return "document", f"{file.kind}_as_file"
    if kind == "photo" and (file.size or 0) > most_of_photo:
        return "document", "image_as_file"
    return kind, ""


def grouped(files: Sequence[tuple[Kind, Media]]) -> Iterator[list[tuple[Kind, Media]]]:
    """Return the albums of a message's files in order; what cannot be in one is alone."""
    classes: dict[str, list[tuple[Kind, Media]]] = {}
    for n, (kind, file) in enumerate(files):
        alone = kind if kind in ALONE else f"{kind} {n}"
        key = "mixed" if kind in MIXED else alone
        classes.setdefault(key, []).append((kind, file))
    for members in classes.values():
        for start in range(0, len(members), ALBUM):
            yield members[start : start + ALBUM]


def fits_photo(head: bytes) -> bool:
    """Tell whether Telegram takes a picture as a photo, by the first bytes of its file.

    https://core.telegram.org/bots/api#sendphoto
    """
    size = size_of(head)
    if size is None or not min(size):
        return False
    return sum(size) <= SIDES and max(size) <= RATIO * min(size)


def size_of(head: bytes) -> tuple[int, int] | None:
    """Return width and height of a PNG, JPEG or WebP; None when it is none of them."""
    if head.startswith(b"\x89PNG\r\n\x1a\n") and len(head) >= 24:
        return int.from_bytes(head[16:20]), int.from_bytes(head[20:24])
    if head.startswith(b"\xff\xd8"):
        return _jpeg_size(head)
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP" and len(head) >= 30:
        return _webp_size(head)
    return None


def _jpeg_size(head: bytes) -> tuple[int, int] | None:
    """Walk over the segments to the frame header (ITU-T T.81 B.2.2)."""
    at = 2
    while at + 9 <= len(head) and head[at] == 0xFF:
        marker = head[at + 1]
        if marker == 0xFF:  # a filler
            at += 1
            continue
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
            height = int.from_bytes(head[at + 5 : at + 7])
            return int.from_bytes(head[at + 7 : at + 9]), height
        at += 2 + int.from_bytes(head[at + 2 : at + 4])
    return None


def _webp_size(head: bytes) -> tuple[int, int] | None:
    """Read the first chunk (RFC 9649 sections 2.5 to 2.7)."""
    match head[12:16]:
        case b"VP8X":
            width, height = (int.from_bytes(head[at : at + 3], "little") for at in (24, 27))
            return width + 1, height + 1
        case b"VP8 ":
            width, height = (int.from_bytes(head[at : at + 2], "little") for at in (26, 28))
            return width & 0x3FFF, height & 0x3FFF
        case b"VP8L":
            bits = int.from_bytes(head[21:25], "little")
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case _:
            return None
