"""What Telegram carries; it depends on the server a bot uses and on the chat.

https://core.telegram.org/bots/api, Bot API 10.3; how fast one may write is at
https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from channels.telegram.account import CLOUD
from inbox.contract import Capabilities, Level, MediaCaps, Rate, ThreadRef


TEXT = 4096  # UTF-16 units
CAPTION = 1024
ALBUM = 10  # files of one album
PHOTO = 10 << 20  # bytes
UPLOAD = 50 << 20
LOCAL_UPLOAD = 2000 << 20
BUTTONS = 100
CALLBACK = 64  # bytes of what a pressed button says
DELETABLE = timedelta(hours=48)
WINDOW = timedelta(hours=24)  # a business may be answered for so long after its client wrote
TYPING = timedelta(seconds=4)  # what is shown lasts five

RATES = {
    "acct": Rate(per_second=30.0, burst=30.0),
    "chat": Rate(per_second=1.0, burst=3.0),
    "group": Rate(per_second=20 / 60, burst=10.0),
}
# fmt: off
REACTIONS = (
    "❤", "👍", "👎", "🔥", "🥰", "👏", "😁", "🤔", "🤯", "😱", "🤬",
    "😢", "🎉", "🤩", "🤮", "💩", "🙏", "👌", "🕊", "🤡", "🥱", "🥴",
    "😍", "🐳", "❤‍🔥", "🌚", "🌭", "💯", "🤣", "⚡", "🍌", "🏆", "💔",
    "🤨", "😐", "🍓", "🍾", "💋", "🖕", "😈", "😴", "😭", "🤓", "👻",
    "👨‍💻", "👀", "🎃", "🙈", "😇", "😨", "🤝", "✍", "🤗", "🫡", "🎅",
    "🎄", "☃", "💅", "🤪", "🗿", "🆒", "💘", "🙉", "🦄", "😘", "💊",
    "🙊", "😎", "👾", "🤷‍♂", "🤷", "🤷‍♀", "😡",
)
# fmt: on
"""https://core.telegram.org/bots/api#reactiontypeemoji"""

FORMATTING = {
    **dict.fromkeys(("bold", "italic", "underline", "strike", "code", "pre"), Level.FULL),
    **dict.fromkeys(("quote", "link", "spoiler"), Level.FULL),
    "mention": Level.PARTIAL,  # people the bot has met
}
PHOTOS = ("image/jpeg", "image/png", "image/webp")
ANIMATIONS = ("image/gif", "video/mp4")
VIDEOS = ("video/mp4",)
SONGS = ("audio/mpeg", "audio/mp3", "audio/mp4", "audio/x-m4a", "audio/m4a")
VOICES = ("audio/ogg", "audio/opus", *SONGS)
STICKERS = ("image/webp", "application/x-tgsticker", "video/webm")


def largest_upload(config: Mapping[str, Any]) -> int:
    """Return the bytes of the largest file that can be sent.

    A server of one's own takes more. https://core.telegram.org/bots/api#using-a-local-bot-api-server
    """
    is_own = config.get("local_mode") is True and config.get("api_base", CLOUD) != CLOUD
    return LOCAL_UPLOAD if is_own else UPLOAD


def capabilities(config: Mapping[str, Any], thread: ThreadRef | None = None) -> Capabilities:
    """Say what a bot's messages carry, in a chat when one is given."""
    is_business = thread is not None and "/b" in thread.key
    return Capabilities(
        text_max=TEXT,
        text_unit="utf16",
        text_split=True,
        formatting=FORMATTING,
        media=_media(largest_upload(config)),
        location=Level.FULL,
        buttons=BUTTONS,
        reply=Level.FULL,
        edit=Level.FULL,
        delete=Level.FULL,
        delete_max_age=DELETABLE,
        reactions=0 if is_business else 1,
        allowed_reactions=REACTIONS,
        typing_out=TYPING,
        read_out=is_business,
        initiate="window" if is_business else "after_inbound",
        window=WINDOW if is_business else None,
        groups=True,
    )


def _media(largest: int) -> dict[str, MediaCaps]:
    def caps(full: tuple[str, ...], *, caption: int = CAPTION, album: int = ALBUM) -> MediaCaps:
        mimes = {**dict.fromkeys(full, Level.FULL), "*/*": Level.FALLBACK}  # goes as a file
        return MediaCaps(mimes=mimes, max_bytes=largest, max_caption=caption, per_message=album)

    return {
        "image": caps(PHOTOS),
        "video": caps(VIDEOS),
        "audio": caps(SONGS),
        "voice": caps(VOICES, album=1),
        "video_note": caps(VIDEOS, caption=0, album=1),
        "animation": caps(ANIMATIONS, album=1),
        "sticker": caps(STICKERS, caption=0, album=1),
        "file": caps(("*/*",)),
        "*": caps(("*/*",)),
    }
