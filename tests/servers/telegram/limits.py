"""What the Bot API refuses; numbers are from its description unless said otherwise."""

import struct
from collections.abc import Mapping, Sequence
from typing import Any

from tests.servers.telegram.request import bad


TEXT = 4096  # UTF-16 units after entities are parsed
CAPTION = 1024
CALLBACK_DATA = 64  # bytes
QUOTE = 1024
PHOTO = 10 << 20  # bytes
UPLOAD = 50 << 20
LOCAL_UPLOAD = 2000 << 20
DOWNLOAD = 20 << 20  # MAX_DOWNLOAD_FILE_SIZE of the server's source
SIDES = 10_000  # width and height of a photo together
RATIO = 20
ALBUM = range(2, 11)


def units(text: str) -> int:
    """Return the length in UTF-16 code units, in which the Bot API counts."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def check_text(text: str, *, most: int, name: str) -> None:
    """Refuse an empty or too long text."""
    if most == TEXT and not text.strip():
        raise bad("message text is empty")
    if units(text) > most:
        raise bad(f"{name} is too long")
    if any("\ud800" <= char <= "\udfff" for char in text):
        raise bad("strings must be encoded in UTF-8")


def check_entities(text: str, entities: Sequence[Mapping[str, Any]]) -> None:
    """Refuse entities that are outside the text or cut a character."""
    encoded = text.encode("utf-16-le")
    for entity in entities:
        start, end = entity["offset"], entity["offset"] + entity["length"]
        if start < 0 or entity["length"] <= 0 or end > len(encoded) // 2:
            raise bad("ENTITY_BOUNDS_INVALID")
        if is_inside(encoded, start) or is_inside(encoded, end):
            raise bad(f"entity beginning at UTF-16 offset {start} ends in a middle of a symbol")
        if entity["type"] == "text_link" and not entity.get("url"):
            raise bad("ENTITY_TEXTURL_INVALID")


def is_inside(encoded: bytes, offset: int) -> bool:
    """Tell whether an offset is between the two units of one character."""
    unit = encoded[offset * 2 : offset * 2 + 2]
    return len(unit) == 2 and 0xDC00 <= struct.unpack("<H", unit)[0] <= 0xDFFF


def check_markup(markup: Mapping[str, Any] | None) -> None:
    """Refuse buttons that cannot be."""
    for row in (markup or {}).get("inline_keyboard", ()):
        for button in row:
            actions = button.keys() - {"text", "style", "icon_custom_emoji_id"}
            if len(actions) != 1:
                raise bad("exactly one optional field must be used in an inline keyboard button")
            data = button.get("callback_data")
            if data is not None and not 1 <= len(data.encode()) <= CALLBACK_DATA:
                raise bad("BUTTON_DATA_INVALID")
            if not button["text"]:
                raise bad("BUTTON_TEXT_INVALID")
            if "url" in button and not button["url"].startswith(("http://", "https://", "tg://")):
                raise bad("BUTTON_URL_INVALID")


def check_photo(data: bytes) -> None:
    """Refuse a photo that is too big, too wide, or none."""
    if len(data) > PHOTO:
        raise bad("file is too big")
    size = size_of(data)
    if size is None:
        raise bad("IMAGE_PROCESS_FAILED")
    if sum(size) > SIDES or max(size) > RATIO * min(size):
        raise bad("PHOTO_INVALID_DIMENSIONS")


def size_of(data: bytes) -> tuple[int, int] | None:
    """Return width and height of a PNG, GIF or JPEG; None when it is none of them."""
    if data.startswith(b"\x89PNG\r\n\x1a\n") and len(data) >= 24:
        width, height = struct.unpack(">II", data[16:24])
        return width, height
    if data.startswith(b"GIF8") and len(data) >= 10:
        width, height = struct.unpack("<HH", data[6:10])
        return width, height
    if data.startswith(b"\xff\xd8"):
        return _jpeg_size(data)
    return None


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 < len(data) and data[at] == 0xFF:
        marker, length = data[at + 1], struct.unpack(">H", data[at + 2 : at + 4])[0]
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return width, height
        at += 2 + length
    return None
