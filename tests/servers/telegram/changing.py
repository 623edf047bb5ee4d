"""Edits, deletions, reactions, typing, and answers to buttons."""

import time
from typing import Any

from tests.servers.telegram import limits
from tests.servers.telegram.request import Sent, bad
from tests.servers.telegram.schema import bot_api
from tests.servers.telegram.sending import as_json, captioned, medium
from tests.servers.telegram.world import Bot, Chat


DELETABLE = 48 * 3600  # seconds
MOST_DELETED = 100
ACTIONS = (
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
)
CONTENT = ("text", "entities", "caption", "caption_entities", "reply_markup")
MEDIA = ("photo", "video", "audio", "document", "animation")


def edit_text(bot: Bot, sent: Sent) -> dict[str, Any]:
    """Replace a text."""
    chat, message = _own(bot, sent)
    text, entities = sent.params["text"], sent.params.get("entities") or []
    if "text" not in message:
        raise bad("there is no text in the message to edit")
    limits.check_text(text, most=limits.TEXT, name="message")
    limits.check_entities(text, entities)
    return _edited(chat, message, sent, {"text": text, "entities": entities})


def edit_caption(bot: Bot, sent: Sent) -> dict[str, Any]:
    """Replace a caption."""
    chat, message = _own(bot, sent)
    if not any(kind in message for kind in (*MEDIA, "voice")):
        raise bad("there is no caption in the message to edit")
    gone = {"caption": None, "caption_entities": None}
    return _edited(chat, message, sent, gone | captioned(sent.params))


def edit_media(bot: Bot, sent: Sent, *, most: int) -> dict[str, Any]:
    """Replace a file."""
    chat, message = _own(bot, sent)
    new = sent.params["media"]
    content = medium(bot, new["type"], new["media"], sent, new, most=most)
    gone = dict.fromkeys((*MEDIA, "text", "caption", "caption_entities"))
    return _edited(chat, message, sent, gone | content | captioned(new))


def edit_markup(bot: Bot, sent: Sent) -> dict[str, Any]:
    """Replace the buttons."""
    chat, message = _own(bot, sent)
    return _edited(chat, message, sent, {})


def _own(bot: Bot, sent: Sent) -> tuple[Chat, dict[str, Any]]:
    chat = bot.chat(sent.params.get("chat_id"))
    message = chat.messages.get(sent.params.get("message_id", 0))
    if message is None:
        raise bad("message to edit not found")
    writer = message.get("sender_business_bot") or message.get("from") or {}
    if writer.get("id") != bot.id:
        raise bad("message can't be edited")
    limits.check_markup(sent.params.get("reply_markup"))
    return chat, message


def _edited(
    chat: Chat, message: dict[str, Any], sent: Sent, change: dict[str, Any]
) -> dict[str, Any]:
    change = change | {"reply_markup": sent.params.get("reply_markup")}
    new = {key: value for key, value in (message | change).items() if value}
    if all(as_json(new.get(key)) == as_json(message.get(key)) for key in (*CONTENT, *MEDIA)):
        raise bad(
            "message is not modified: specified new message content and reply markup are exactly"
            " the same as a current content and reply markup of the message"
        )
    chat.messages[message["message_id"]] = new | {"edit_date": int(time.time())}
    return chat.messages[message["message_id"]]


def delete(bot: Bot, sent: Sent, ids: list[int]) -> bool:
    """Take messages back; those that cannot be are left out when there are several."""
    chat = bot.chat(sent.params["chat_id"])
    if not 1 <= len(ids) <= MOST_DELETED:
        raise bad("wrong number of messages to delete")
    for one in ids:
        message = chat.messages.get(one)
        if message is None:
            if len(ids) == 1:
                raise bad("message to delete not found")
            continue
        if time.time() - message["date"] > DELETABLE:
            if len(ids) == 1:
                raise bad("message can't be deleted for everyone")
            continue
        chat.deleted[one] = chat.messages.pop(one)
    return True


def delete_business(bot: Bot, sent: Sent) -> bool:
    """Take messages back from a chat of somebody whose chats the bot answers."""
    bot.business(sent.params["business_connection_id"])
    ids = sent.params["message_ids"]
    for chat in bot.chats.values():
        for one in set(ids) & chat.messages.keys():
            if chat.messages[one].get("business_connection_id"):
                chat.deleted[one] = chat.messages.pop(one)
    return True


def react(bot: Bot, sent: Sent) -> bool:
    """Set the bot's reactions."""
    chat = bot.chat(sent.params["chat_id"])
    reactions = sent.params.get("reaction") or []
    if sent.params["message_id"] not in chat.messages:
        raise bad("message to react not found")
    if len(reactions) > 1:
        raise bad("REACTIONS_TOO_MANY")
    for one in reactions:
        if one["type"] == "emoji" and one["emoji"] not in bot_api().reactions:
            raise bad("REACTION_INVALID")
    chat.reactions[sent.params["message_id"]] = reactions
    return True


def act(bot: Bot, sent: Sent) -> bool:
    """Show what the bot is doing."""
    if sent.params["action"] not in ACTIONS:
        raise bad("wrong parameter action in request")
    bot.chat(sent.params["chat_id"]).actions.append(sent.params["action"])
    return True


def read(bot: Bot, sent: Sent) -> bool:
    """Show that a message was read."""
    bot.business(sent.params["business_connection_id"])
    chat = bot.chat(sent.params["chat_id"])
    if sent.params["message_id"] not in chat.messages:
        raise bad("MESSAGE_ID_INVALID")
    bot.read.append((chat.id, sent.params["message_id"]))
    return True


def answer(bot: Bot, sent: Sent) -> bool:
    """Answer a pressed button, once."""
    query = sent.params["callback_query_id"]
    if query not in bot.queries or bot.queries[query] is not None:
        raise bad("query is too old and response timeout expired or query ID is invalid")
    if len(sent.params.get("text") or "") > 200:
        raise bad("MESSAGE_TOO_LONG")
    bot.queries[query] = dict(sent.params)
    return True
