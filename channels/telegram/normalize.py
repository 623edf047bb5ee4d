"""What an update means: the events of ``inbox.contract``.

Total: whatever the bytes are, this returns, in time that grows with their number and not with
their nesting. Nothing is validated against a model of the Bot API, for what Telegram adds next
year must not keep this year's messages from arriving.
"""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import msgspec

from channels.telegram.account import CLOUD_FILE
from channels.telegram.capabilities import WINDOW
from channels.telegram.content import parts_of, quoted_of, reactions_of, service_of
from channels.telegram.fields import EPOCH, NOTHING, Object, items, moment, obj, text, whole, word
from channels.telegram.loose_json import read
from channels.telegram.places import group, is_group, person, thread_of
from inbox.contract import (
    AccountId,
    Address,
    ButtonPressed,
    Event,
    ExternalRef,
    Ignored,
    MessageDeleted,
    MessageEdited,
    MessageIn,
    Raw,
    Reachability,
    ReactionChanged,
    Recipient,
    ThreadMoved,
    ThreadRef,
)


START = re.compile(r"/start(?:@\w+)? +([A-Za-z0-9_-]{1,64}) *")
"""A deep link's payload: https://core.telegram.org/bots/features#deep-linking"""
BOT, LIMIT = "bot", "file_limit"  # names of headers
PRESENT = frozenset({"member", "administrator", "creator"})

MESSAGES = frozenset({"message", "channel_post", "business_message", "guest_message"})
EDITS = frozenset({"edited_message", "edited_channel_post", "edited_business_message"})
MEANINGLESS = frozenset(
    {
        "business_connection",
        "message_reaction_count",
        "inline_query",
        "chosen_inline_result",
        "shipping_query",
        "pre_checkout_query",
        "purchased_paid_media",
        "poll",
        "poll_answer",
        "chat_member",
        "chat_join_request",
        "chat_boost",
        "removed_chat_boost",
        "managed_bot",
        "subscription",
        "stopped_message_generation",
    }
)
"""Updates the inbox has no use for: https://core.telegram.org/bots/api#update"""


class Source(msgspec.Struct, frozen=True):
    """Where an update came from.

    Attributes:
        bot: Id of the bot; None when nobody said.
        limit: Bytes of the largest file the bot can fetch.
    """

    account: AccountId
    key: str
    received_at: datetime
    bot: int | None
    limit: int

    def ignored(self, reason: str) -> Ignored:
        """Say that nothing is to be done."""
        return Ignored(
            account=self.account,
            dedup_key=f"u/{self.key}",
            at=self.received_at,
            reason=f"telegram.{reason}",
        )


def normalize(account: AccountId, raw: Raw) -> Sequence[Event]:
    """Return what an update means."""
    limit = raw.headers.get(LIMIT, "")
    bot = raw.headers.get(BOT, "")
    source = Source(
        account,
        raw.key,
        raw.received_at or EPOCH,
        int(bot) if bot.isdecimal() else None,
        int(limit) if limit.isdecimal() else CLOUD_FILE,
    )
    update = read(raw.body)
    for kind, content in update.items():
        if kind != "update_id" and isinstance(content, dict):
            return [_event(source, kind, content)]
    return [source.ignored("not_an_update")]


def _event(source: Source, kind: str, content: Object) -> Event:
    if kind in MESSAGES:
        return _message(source, kind, content)
    if kind in EDITS:
        return _edit(source, content)
    if kind in OTHERS:
        return OTHERS[kind](source, content)
    if kind in MEANINGLESS:
        return source.ignored(kind)
    if "message_id" in content and "chat" in content and "date" in content:
        return _message(source, kind, content)  # messages of a kind that is new
    return source.ignored("unknown_update")


# ---------------------------------------------------------------- messages


def _message(source: Source, kind: str, message: Object) -> Event:
    thread, name = thread_of(source.account, message), _name(message)
    if thread is None or not name:
        return source.ignored("no_chat")
    if moved := _moved(source, message):
        return moved
    if service := service_of(message):
        return source.ignored(service)
    if source.bot is not None and _id(message, "sender_business_bot") == source.bot:
        return source.ignored("own_message")
    client = _client(message, thread)
    sender = _sender(message)
    if sender is None:
        return source.ignored("no_sender")
    is_ours = client is not None and client.value != sender.value
    at = moment(message.get("date")) or source.received_at
    return MessageIn(
        account=source.account,
        dedup_key=f"m/{thread.key}/{name}",
        at=at,
        ref=ExternalRef(thread, name),
        sender=sender,
        recipients=(Recipient(client),) if is_ours and client is not None else (),
        chat=group(obj(message.get("chat"))) if thread.group else None,
        parts=parts_of(message, source.limit),
        reply_to=_reply_to(message, thread),
        quoted=quoted_of(message),
        album=text(message.get("media_group_id"))[:100] or None,
        from_us=is_ours,
        start_payload=_start_payload(message),
        answer_until=at + WINDOW if _is_windowed(message) and not is_ours else None,
        automatic=_automatic(kind, message),
        context=_context(message),
    )


def _is_windowed(message: Object) -> bool:
    """Whether answers are allowed for a day only, as a business may give them."""
    return "business_connection_id" in message


def _edit(source: Source, message: Object) -> Event:
    thread, name = thread_of(source.account, message), _name(message)
    if thread is None or not name:
        return source.ignored("no_chat")
    if service := service_of(message):
        return source.ignored(service)
    return MessageEdited(
        account=source.account,
        dedup_key=f"u/{source.key}",
        at=moment(message.get("edit_date")) or moment(message.get("date")) or source.received_at,
        ref=ExternalRef(thread, name),
        parts=parts_of(message, source.limit),
    )


def _name(message: Object) -> str:
    """Return a message's id; messages for one pair of eyes have ids of their own."""
    number = whole(message.get("message_id"))
    if number:
        return str(number)
    ephemeral = whole(message.get("ephemeral_message_id"))
    return f"e{ephemeral}" if ephemeral is not None else ""


def _id(message: Object, field: str) -> int | None:
    return whole(obj(message.get(field)).get("id"))


def _sender(message: Object) -> Address | None:
    """Return who wrote; whoever speaks for a chat is that chat.

    ``from`` then holds a placeholder: https://core.telegram.org/bots/api#message
    """
    return (
        group(obj(message.get("sender_chat")))
        or person(obj(message.get("from")))
        or _of_chat(obj(message.get("chat")))
    )


def _of_chat(chat: Object) -> Address | None:
    return group(chat) if is_group(chat) else person(chat)


def _client(message: Object, thread: ThreadRef) -> Address | None:
    """Return the one outsider of a thread whose other side is the operator's own account."""
    if "business_connection_id" in message and not thread.group:
        return person(obj(message.get("chat")))
    return person(obj(obj(message.get("direct_messages_topic")).get("user")))


def _reply_to(message: Object, thread: ThreadRef) -> ExternalRef | None:
    """Return the message this one answers; every message of a topic "answers" its beginning."""
    answered = obj(message.get("reply_to_message"))
    name = _name(answered)
    if not name or "forum_topic_created" in answered:
        return None
    return ExternalRef(thread, name)


def _start_payload(message: Object) -> str | None:
    if text(obj(message.get("chat")).get("type")) != "private":
        return None
    found = START.fullmatch(text(message.get("text")))
    return found[1] if found else None


def _automatic(kind: str, message: Object) -> Any:
    if kind == "channel_post" or message.get("is_automatic_forward") is True:
        return "bulk"
    is_robot = obj(message.get("from")).get("is_bot") is True and "sender_chat" not in message
    is_unattended = message.get("is_from_offline") is True or "sender_business_bot" in message
    return "auto_reply" if is_robot or is_unattended else ""


def _context(message: Object) -> dict[str, str]:
    sender = NOTHING if "sender_chat" in message else obj(message.get("from"))
    said = {
        "language": text(sender.get("language_code"))[:20],
        "username": text(sender.get("username"))[:64],
        "title": text(message.get("author_signature") or message.get("sender_tag"))[:100],
    }
    return {name: value for name, value in said.items() if value}


def _moved(source: Source, message: Object) -> ThreadMoved | None:
    """Return the move of a group that became a supergroup; both of them tell of it."""
    here = _id(message, "chat")
    to, since = (
        whole(message.get("migrate_to_chat_id")),
        whole(message.get("migrate_from_chat_id")),
    )
    if here is None or (to is None and since is None):
        return None
    old, new = (here, to) if to is not None else (since, here)
    return ThreadMoved(
        account=source.account,
        dedup_key=f"moved/{old}/{new}",
        at=moment(message.get("date")) or source.received_at,
        old=ThreadRef(source.account, str(old), True),
        new=ThreadRef(source.account, str(new), True),
    )


# ---------------------------------------------------------------- other updates


def _deleted(source: Source, deleted: Object) -> Event:
    thread = thread_of(source.account, deleted)
    names = [str(one) for one in map(whole, items(deleted.get("message_ids"))[:1000]) if one]
    if thread is None or not names:
        return source.ignored("no_chat")
    return MessageDeleted(
        account=source.account,
        dedup_key=f"u/{source.key}",
        at=source.received_at,
        refs=tuple(ExternalRef(thread, name) for name in names),
    )


def _reaction(source: Source, changed: Object) -> Event:
    """Return a change of reactions; the update does not say in which topic."""
    thread, name = thread_of(source.account, changed), _name(changed)
    sender = group(obj(changed.get("actor_chat"))) or person(obj(changed.get("user")))
    if thread is None or not name or sender is None:
        return source.ignored("no_chat")
    return ReactionChanged(
        account=source.account,
        dedup_key=f"u/{source.key}",
        at=moment(changed.get("date")) or source.received_at,
        ref=ExternalRef(thread, name),
        sender=sender,
        emojis=reactions_of(changed.get("new_reaction")),
    )


def _pressed(source: Source, query: Object) -> Event:
    message = obj(query.get("message"))
    thread, name = thread_of(source.account, message), _name(message)
    sender = person(obj(query.get("from")))
    if thread is None or not name or sender is None:
        return source.ignored("no_chat")
    token = word(query.get("id"))
    return ButtonPressed(
        account=source.account,
        dedup_key=f"b/{token}" if token else f"u/{source.key}",
        at=source.received_at,
        ref=ExternalRef(thread, name),
        sender=sender,
        button=(text(query.get("data")) or text(query.get("game_short_name")))[:256],
        answer_token=token or None,
    )


def _membership(source: Source, changed: Object) -> Event:
    """Return whether the bot may still write.

    https://core.telegram.org/bots/api#chatmember
    """
    chat, member = obj(changed.get("chat")), obj(changed.get("new_chat_member"))
    address, status = _of_chat(chat), text(member.get("status"))
    if address is None or not status:
        return source.ignored("no_chat")
    may_speak = member.get("is_member") is True and member.get("can_send_messages") is not False
    is_there = status in PRESENT or (status == "restricted" and may_speak)
    if is_there:
        reason: Any = "unblocked"
    else:
        reason = "left" if is_group(chat) else "blocked"
    return Reachability(
        account=source.account,
        dedup_key=f"u/{source.key}",
        at=moment(changed.get("date")) or source.received_at,
        address=address,
        reachable=is_there,
        reason=reason,
    )


OTHERS: dict[str, Callable[[Source, Object], Event]] = {
    "callback_query": _pressed,
    "deleted_business_messages": _deleted,
    "message_reaction": _reaction,
    "my_chat_member": _membership,
}
