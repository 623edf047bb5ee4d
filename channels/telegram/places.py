"""Names of chats: keys of threads, addresses of people and groups."""

from channels.telegram.fields import Object, name_of, obj, text, whole
from inbox.contract import AccountId, Address, ThreadRef


GROUPS = frozenset({"group", "supergroup", "channel"})


def thread_of(account: AccountId, message: Object) -> ThreadRef | None:
    """Return the thread of a message: its chat, topic and business connection.

    A channel's direct messages are one topic for each client, so that is no group.
    """
    chat = obj(message.get("chat"))
    chat_id = whole(chat.get("id"))
    if chat_id is None:
        return None
    key = str(chat_id)
    topic = whole(message.get("message_thread_id"))
    if topic is not None and message.get("is_topic_message") is True:
        key += f"/t{topic}"
    direct = whole(obj(message.get("direct_messages_topic")).get("topic_id"))
    if direct is not None:
        key += f"/d{direct}"
    if connection := text(message.get("business_connection_id")):
        key += f"/b{connection[:200]}"
    return ThreadRef(account, key, is_group(chat) and direct is None)


def is_group(chat: Object) -> bool:
    """Say whether a chat has more than one outsider in it."""
    kind = text(chat.get("type"))
    return kind in GROUPS if kind else (whole(chat.get("id")) or 0) < 0


def person(user: Object) -> Address | None:
    """Return a user's address; Telegram vouches for it."""
    user_id = whole(user.get("id"))
    if user_id is None:
        return None
    return Address("telegram_user", str(user_id), True, name_of(user) or None)


def group(chat: Object) -> Address | None:
    """Return a chat's own address."""
    chat_id = whole(chat.get("id"))
    if chat_id is None:
        return None
    return Address("telegram_chat", str(chat_id), True, name_of(chat) or None)
