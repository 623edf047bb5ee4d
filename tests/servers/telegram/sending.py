"""``sendMessage``, ``sendPhoto`` and their like."""

import json
from collections.abc import Mapping
from typing import Any

from tests.servers.telegram import limits
from tests.servers.telegram.request import Sent, Upload, bad
from tests.servers.telegram.world import Bot, Chat, StoredFile


FOLDERS = {
    "photo": "photos",
    "video": "videos",
    "audio": "music",
    "voice": "voice",
    "video_note": "video_notes",
    "animation": "animations",
    "document": "documents",
    "sticker": "stickers",
}
VOICE = {"audio/ogg", "audio/mpeg", "audio/mp4", "audio/mp3", "audio/x-m4a", "audio/m4a"}
ALONE = {"document": {"document"}, "audio": {"audio"}}  # everything else mixes
MIXED = {"photo", "video", "live_photo"}
COPIED = ("message_thread_id", "business_connection_id", "direct_messages_topic_id")


def send_message(bot: Bot, sent: Sent) -> dict[str, Any]:
    """Show a text."""
    text, entities = sent.params["text"], sent.params.get("entities") or []
    chat, frame = framed(bot, sent.params)
    limits.check_text(text, most=limits.TEXT, name="message")
    limits.check_entities(text, entities)
    return chat.keep(frame | {"text": text} | ({"entities": entities} if entities else {}))


def send_media(bot: Bot, sent: Sent, kind: str, *, most: int) -> dict[str, Any]:
    """Show a file of a kind with its caption."""
    chat, frame = framed(bot, sent.params)
    caption = captioned(sent.params)
    content = medium(bot, kind, sent.params.get(kind), sent, sent.params, most=most)
    return chat.keep(frame | content | caption)


def send_media_group(bot: Bot, sent: Sent, *, most: int) -> list[dict[str, Any]]:
    """Show an album: everything of it or nothing."""
    media = sent.params["media"]
    chat, frame = framed(bot, sent.params)
    if len(media) not in limits.ALBUM:
        raise bad("wrong number of messages in the album specified; must be 2-10")
    kinds = {one["type"] for one in media}
    if not any(kinds <= group for group in (MIXED, *ALONE.values())):
        raise bad("this type of media can't be mixed in an album")
    made = [
        medium(bot, one["type"], one["media"], sent, one, most=most) | captioned(one)
        for one in media
    ]
    album = f"13{chat.last_id}{chat.id}"
    return [chat.keep(frame | one | {"media_group_id": album}) for one in made]


def send_place(bot: Bot, sent: Sent) -> dict[str, Any]:
    """Show a place on the map."""
    chat, frame = framed(bot, sent.params)
    keys = ("latitude", "longitude", "live_period", "horizontal_accuracy")
    place = {key: sent.params[key] for key in keys if key in sent.params}
    if "title" not in sent.params:
        return chat.keep(frame | {"location": place})
    venue = {"location": place, "title": sent.params["title"], "address": sent.params["address"]}
    return chat.keep(frame | {"venue": venue, "location": place})


def send_contact(bot: Bot, sent: Sent) -> dict[str, Any]:
    """Show a person's phone number."""
    chat, frame = framed(bot, sent.params)
    keys = ("phone_number", "first_name", "last_name", "vcard")
    return chat.keep(
        frame | {"contact": {key: sent.params[key] for key in keys if key in sent.params}}
    )


def framed(bot: Bot, params: Mapping[str, Any]) -> tuple[Chat, dict[str, Any]]:
    """Return the chat of a message, and what every message has.

    Raises:
        ApiError: The bot may not write there, or answers what is not there.
    """
    frame: dict[str, Any] = {"from": bot.as_user()}
    if connection := params.get("business_connection_id"):
        business = bot.business(connection)
        frame = {"from": business.owner.as_user(), "sender_business_bot": bot.as_user()}
    chat = bot.chat(params["chat_id"])
    frame |= {key: params[key] for key in COPIED if key in params}
    if "message_thread_id" in params:
        frame["is_topic_message"] = True
    markup = params.get("reply_markup")
    limits.check_markup(markup)
    if markup and not chat.is_private and _asks_for_contact(markup):
        raise bad("phone number can be requested in private chats only")
    if markup and "inline_keyboard" in markup:
        frame["reply_markup"] = markup
    return chat, frame | _answered(chat, params.get("reply_parameters"))


def _asks_for_contact(markup: Mapping[str, Any]) -> bool:
    return any(
        button.get("request_contact")
        for row in markup.get("keyboard", ())
        for button in row
        if isinstance(button, dict)
    )


def _answered(chat: Chat, reply: Mapping[str, Any] | None) -> dict[str, Any]:
    if reply is None:
        return {}
    found = chat.messages.get(reply["message_id"])
    if found is None:
        if reply.get("allow_sending_without_reply"):
            return {}
        raise bad("message to be replied not found")
    shown = {key: value for key, value in found.items() if key != "reply_to_message"}
    quote = reply.get("quote")
    if not quote:
        return {"reply_to_message": shown}
    if limits.units(quote) > limits.QUOTE:
        raise bad("QUOTE_TEXT_INVALID")
    whole = found.get("text") or found.get("caption") or ""
    if quote not in whole:
        raise bad("QUOTE_TEXT_INVALID")
    at = limits.units(whole[: whole.index(quote)])
    return {"reply_to_message": shown, "quote": {"text": quote, "position": at}}


def captioned(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the caption of a file."""
    caption, entities = params.get("caption"), params.get("caption_entities") or []
    if not caption:
        return {}
    limits.check_text(caption, most=limits.CAPTION, name="message caption")
    limits.check_entities(caption, entities)
    return {"caption": caption} | ({"caption_entities": entities} if entities else {})


def medium(
    bot: Bot, kind: str, value: Any, sent: Sent, about: Mapping[str, Any], *, most: int
) -> dict[str, Any]:
    """Return what a message says of a file: uploaded with it, or known by its id."""
    upload = sent.files.get(str(value).removeprefix("attach://")) or sent.files.get(kind)
    if upload is None and isinstance(value, str) and value.startswith(("http://", "https://")):
        raise bad("wrong type of the web page content")
    if upload is None:
        if not value:
            raise bad(f"there is no {kind} in the request")
        kept = bot.file(str(value))
    else:
        kept = _taken(bot, kind, upload, about, most)
    info = dict(kept.info)
    if kind == "photo":
        return {"photo": [info]}
    return {kind: info, "document": info} if kind == "animation" else {kind: info}


def _taken(bot: Bot, kind: str, upload: Upload, about: Mapping[str, Any], most: int) -> StoredFile:
    if not upload.data:
        raise bad("file must be non-empty")
    if kind == "photo":
        limits.check_photo(upload.data)
        width, height = limits.size_of(upload.data) or (1, 1)
        return bot.keep_file(upload, FOLDERS[kind], width=width, height=height)
    if len(upload.data) > most:
        raise bad("file is too big")
    if kind == "voice" and upload.content_type not in VOICE:
        raise bad("wrong voice format")
    mime = upload.content_type or "application/octet-stream"
    size = {"duration": about.get("duration", 1)}
    if kind in {"video", "animation"}:
        size |= {"width": about.get("width", 320), "height": about.get("height", 240)}
    if kind == "video_note":
        return bot.keep_file(upload, FOLDERS[kind], length=about.get("length", 240), **size)
    if kind == "document":
        size = {}
    named = {} if kind == "voice" else {"file_name": upload.filename}
    return bot.keep_file(upload, FOLDERS[kind], mime_type=mime, **named, **size)


def as_json(value: Any) -> str:
    """Return a value as it is compared: two edits with the same content are the same."""
    return json.dumps(value, sort_keys=True)
