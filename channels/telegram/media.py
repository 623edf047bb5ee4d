"""Files of a message: what they are, and how they are fetched later."""

from collections.abc import Iterator
from typing import Any

from channels.telegram.fields import NOTHING, Object, items, length_of, obj, text, whole
from inbox.contract import Media, MediaKind, Part, RemoteMedia, Unsupported


KINDS: dict[str, tuple[MediaKind, str | None]] = {
    "animation": ("animation", "video/mp4"),
    "audio": ("audio", None),
    "document": ("file", None),
    "live_photo": ("video", "video/mp4"),
    "photo": ("image", "image/jpeg"),
    "sticker": ("sticker", "image/webp"),
    "video": ("video", "video/mp4"),
    "video_note": ("video_note", "video/mp4"),
    "voice": ("voice", "audio/ogg"),
    "voice_note": ("voice", "audio/ogg"),
}
"""What each field of a message holds, and of what type it is when nothing is said.
https://core.telegram.org/bots/api#message"""


def media_of(message: Object, limit: int) -> Iterator[Part]:
    """Return the files of a message; those over ``limit`` bytes can be named, not fetched."""
    for field in message:
        if field == "paid_media":
            yield from _paid(obj(message[field]), limit)
        elif field in KINDS and not _is_told_twice(field, message):
            yield from _files(field, message[field], limit)


def _is_told_twice(field: str, message: Object) -> bool:
    """An animation comes as a document, too; a live photo as a photo."""
    return (field == "document" and "animation" in message) or (
        field == "photo" and "live_photo" in message
    )


def _files(field: str, value: Any, limit: int) -> Iterator[Part]:
    if field == "photo":
        yield from _file(field, _largest(value), limit)
    elif field == "sticker":
        yield _sticker(obj(value), limit)
    elif field == "live_photo":
        yield from _file("photo", _largest(obj(value).get("photo")), limit)
        yield from _file(field, obj(value), limit)
    else:
        yield from _file(field, obj(value), limit)


def _largest(sizes: Any) -> Object:
    """Return the largest version of a photo by area; versions without an area come last."""
    return max((obj(each) for each in items(sizes)), key=_area, default=NOTHING)


def _area(size: Object) -> tuple[int, int]:
    width, height = whole(size.get("width")) or 0, whole(size.get("height")) or 0
    return width * height, whole(size.get("file_size")) or 0


def _file(field: str, file: Object, limit: int) -> Iterator[Part]:
    handle = text(file.get("file_id"))
    kind, mime = KINDS[field]
    size = _size(file)
    if not handle:
        yield Unsupported(type_name=field, fallback=f"[{field}]")
        return
    yield Media(
        kind=kind,
        source=RemoteMedia(handle=handle),
        filename=text(file.get("file_name"))[:200] or _title(file),
        mime=text(file.get("mime_type"))[:100] or mime,
        size=size,
        duration=length_of(file.get("duration")),
        unavailable="too_big" if size is not None and size > limit else None,
    )


def _size(file: Object) -> int | None:
    size = whole(file.get("file_size"))
    return size if size is not None and 0 <= size < 1 << 50 else None


def _title(file: Object) -> str | None:
    """Return a name for music without a file name."""
    parts = (text(file.get("performer")), text(file.get("title")))
    return " – ".join(filter(None, parts))[:200] or None


def _sticker(sticker: Object, limit: int) -> Part:
    """Return a sticker; of an animated one its picture, for no browser plays it."""
    emoji = text(sticker.get("emoji"))[:20]
    is_animated, is_video = sticker.get("is_animated") is True, sticker.get("is_video") is True
    thumbnail = obj(sticker.get("thumbnail"))
    shown = thumbnail if is_animated else sticker
    handle, size = text(shown.get("file_id")), _size(shown)
    if not handle:
        return Unsupported(type_name="sticker", fallback=emoji or "[sticker]")
    ending = "webm" if is_video else "webp"
    return Media(
        kind="sticker",
        source=RemoteMedia(handle=handle),
        filename=f"{emoji or 'sticker'}.{ending}",
        mime="video/webm" if is_video else "image/webp",
        size=size,
        unavailable="too_big" if size is not None and size > limit else None,
    )


def _paid(info: Object, limit: int) -> Iterator[Part]:
    """Return media that cost stars; what was not bought is a note."""
    for each in items(info.get("paid_media"))[:20]:
        piece = obj(each)
        fields = [name for name in ("photo", "live_photo", "video") if name in piece]
        for field in fields:
            yield from _files(field, piece[field], limit)
        if not fields:
            stars = whole(info.get("star_count"))
            yield Unsupported(type_name="paid_media", fallback=f"⭐ {stars or '?'}")
