"""The content of a message: its parts, whatever kind they are."""

import re
from collections.abc import Iterator

from channels.telegram import rich
from channels.telegram.entities import rich_text
from channels.telegram.fallbacks import WORDS, unknown, unsupported_of
from channels.telegram.fields import Object, items, moment, name_of, number, obj, text, whole
from channels.telegram.media import KINDS, media_of
from inbox.contract import Forwarded, Location, Part, RichText, SharedContact


FRAME = frozenset(
    """
    message_id message_thread_id direct_messages_topic from sender_chat sender_boost_count
    sender_business_bot sender_tag receiver_user ephemeral_message_id date guest_query_id
    business_connection_id chat forward_origin is_topic_message is_automatic_forward
    reply_to_message external_reply quote reply_to_story reply_to_checklist_task_id
    reply_to_poll_option_id via_bot guest_bot_caller_user guest_bot_caller_chat edit_date
    has_protected_content is_from_offline is_paid_post media_group_id author_signature
    paid_star_count entities link_preview_options suggested_post_info effect_id
    caption_entities show_caption_above_media has_media_spoiler reply_markup forward_from
    forward_from_chat forward_from_message_id forward_signature forward_sender_name
    forward_date
    """.split()  # noqa: SIM905 - a list of names, not of literals
)
"""Fields that are no content; ``forward_from`` and the like are from before Bot API 7.0."""
SERVICE = frozenset(
    """
    new_chat_members left_chat_member chat_owner_left chat_owner_changed new_chat_title
    new_chat_photo delete_chat_photo group_chat_created supergroup_chat_created
    channel_chat_created message_auto_delete_timer_changed migrate_to_chat_id
    migrate_from_chat_id pinned_message gift_upgrade_sent connected_website
    write_access_allowed proximity_alert_triggered boost_added chat_background_set
    checklist_tasks_done checklist_tasks_added community_chat_added community_chat_joined
    community_chat_removed direct_message_price_changed forum_topic_created
    forum_topic_edited forum_topic_closed forum_topic_reopened general_forum_topic_hidden
    general_forum_topic_unhidden giveaway_created giveaway_completed managed_bot_created
    paid_message_price_changed poll_option_added poll_option_deleted suggested_post_approved
    suggested_post_approval_failed suggested_post_declined suggested_post_paid
    suggested_post_refunded video_chat_scheduled video_chat_started video_chat_ended
    video_chat_participants_invited
    """.split()  # noqa: SIM905 - a list of names, not of literals
)
"""Fields that tell of the chat itself; nobody says anything by them."""
SAID = frozenset({"text", "caption", "rich_message", "location", "venue", "contact", "paid_media"})
KNOWN = FRAME | SERVICE | SAID | KINDS.keys() | WORDS.keys()
TEL = re.compile(r"^(?:[\w-]+\.)?TEL[^:\r\n]*:(.{3,40})$", re.MULTILINE | re.IGNORECASE)


def service_of(message: Object) -> str:
    """Return the field that makes a message one about its chat; "" when it says something."""
    return next((field for field in message if field in SERVICE), "")


def parts_of(message: Object, limit: int) -> tuple[Part, ...]:
    """Return the parts of a message; there is always one.

    Args:
        limit: Bytes of the largest file that can be fetched.
    """
    parts = tuple(_parts(message, limit))
    origin = obj(message.get("forward_origin"))
    if not origin and "forward_date" not in message:
        return parts
    told = _origin(origin) if origin else _old_origin(message)
    at = moment(origin.get("date")) or moment(message.get("forward_date"))
    return (Forwarded(origin=told, at=at, parts=parts),)


def _parts(message: Object, limit: int) -> Iterator[Part]:
    found = False
    for part in _all(message, limit):
        found = True
        yield part
    if not found:
        field = next((name for name in message if name not in KNOWN), "empty")
        yield unknown(field)


def _all(message: Object, limit: int) -> Iterator[Part]:
    for words, entities in (("text", "entities"), ("caption", "caption_entities")):
        if said := rich_text(message.get(words), message.get(entities)):
            yield said
    if "rich_message" in message:
        yield from _rich(message, limit)
    yield from media_of(message, limit)
    if "location" in message or "venue" in message:
        yield from _place(message)
    if contact := obj(message.get("contact")):
        yield _contact(contact, message)
    yield from unsupported_of(message)


def _rich(message: Object, limit: int) -> Iterator[Part]:
    flat = rich.flatten(message["rich_message"])
    if flat.words.text:
        yield flat.words
    for each in flat.media:
        yield from media_of({name: each[name] for name in rich.MEDIA if name in each}, limit)
        if "location" in each:
            yield from _place(each)
    if not flat.is_whole:
        yield RichText(text="…")
    if not flat.words.text and not flat.media:
        yield unknown("rich_message")


def _place(message: Object) -> Iterator[Part]:
    venue = obj(message.get("venue"))
    place = obj(venue.get("location")) or obj(message.get("location"))
    lat, lon = number(place.get("latitude")), number(place.get("longitude"))
    if lat is None or lon is None or abs(lat) > 90 or abs(lon) > 180:
        yield unknown("location")
        return
    title = ", ".join(filter(None, (text(venue.get("title")), text(venue.get("address")))))
    yield Location(lat=lat, lon=lon, title=title[:500] or None, live="live_period" in place)


def _contact(contact: Object, message: Object) -> SharedContact:
    """Return a contact card.

    Telegram fills in ``user_id`` from the number, so one's own card is proof of the number; but
    not one that somebody else made: a forwarded one, or one from an inline bot.
    """
    user, sender = whole(contact.get("user_id")), whole(obj(message.get("from")).get("id"))
    is_own = (
        user is not None
        and user == sender
        and text(obj(message.get("chat")).get("type")) == "private"
        and not {"forward_origin", "forward_date", "via_bot"} & message.keys()
    )
    phones = [_phone(text(contact.get("phone_number")), is_full=user is not None)]
    if not is_own:
        card = text(contact.get("vcard"))[:4096]
        phones += [_phone(found, is_full=False) for found in TEL.findall(card)[:10]]
    name = name_of(contact) or phones[0]
    return SharedContact(
        name=name, phones=tuple(dict.fromkeys(filter(None, phones))), is_sender=is_own
    )


def _phone(typed: str, *, is_full: bool) -> str:
    """Return a number with its "+"; one that may be a local one stays as it was typed."""
    digits = "".join(c for c in typed if c.isascii() and c.isdigit())
    if not digits:
        return ""
    return f"+{digits}" if is_full or typed.strip().startswith("+") else typed.strip()[:40]


def _origin(origin: Object) -> str:
    """Return whose a forwarded message was.

    https://core.telegram.org/bots/api#messageorigin
    """
    called = (
        text(origin.get("sender_user_name"))
        or name_of(obj(origin.get("sender_user")))
        or name_of(obj(origin.get("sender_chat")))
        or name_of(obj(origin.get("chat")))
    )
    return _signed(called, text(origin.get("author_signature")))


def _old_origin(message: Object) -> str:
    called = (
        text(message.get("forward_sender_name"))
        or name_of(obj(message.get("forward_from_chat")))
        or name_of(obj(message.get("forward_from")))
    )
    return _signed(called, text(message.get("forward_signature")))


def _signed(called: str, signature: str) -> str:
    if not called or not signature:
        return (called or signature)[:200]
    return f"{called} ({signature})"[:200]


def quoted_of(message: Object) -> str | None:
    """Return the words a message answers, when it does not name one of the same chat or quotes."""
    if quote := text(obj(message.get("quote")).get("text")):
        return quote[:1024]
    if external := obj(message.get("external_reply")):
        whose = _origin(obj(external.get("origin")))
        content = next((f for f in external if f in KINDS or f in WORDS or f in SAID), "")
        return f"{whose} [{content}]".strip() if content else whose or None
    if "reply_to_story" in message:
        return f"[story] {name_of(obj(obj(message['reply_to_story']).get('chat')))}".strip()
    return None


def reactions_of(listed: object) -> tuple[str, ...]:
    """Return reactions as emojis; what has none is a mark.

    https://core.telegram.org/bots/api#reactiontype
    """
    found = (obj(one) for one in items(listed)[:50])
    return tuple(dict.fromkeys(_reaction(one) for one in found))


def _reaction(reaction: Object) -> str:
    if emoji := text(reaction.get("emoji"))[:20]:
        return emoji
    return "⭐" if text(reaction.get("type")) == "paid" else "❔"
