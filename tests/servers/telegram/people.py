"""What people do, and what the bot is told of it."""

import itertools
import time
from collections.abc import Mapping, Sequence
from typing import Any

from tests.servers.telegram.request import ApiError, Upload
from tests.servers.telegram.sending import FOLDERS
from tests.servers.telegram.world import Bot, Business, Chat, Person


PEOPLE = itertools.count(700_001)
QUERIES = itertools.count(1)
BLOCKED = ApiError(403, "Forbidden: bot was blocked by the user")


class Client:
    """A person in a chat with the bot, alone or in a group, or with a business it answers for."""

    def __init__(
        self,
        bot: Bot,
        *,
        first_name: str = "Ion",
        group: Mapping[str, Any] | None = None,
        business: Business | None = None,
        **about: Any,
    ) -> None:
        self.bot = bot
        self.person = Person(next(PEOPLE), first_name=first_name, **about)
        info = dict(group) if group else self.person.as_chat()
        self.chat = bot.chats.setdefault(info["id"], Chat(info))
        self._frame: dict[str, Any] = {"from": self.person.as_user()}
        self._prefix = ""
        if business is not None:
            bot.businesses[business.id] = business
            self._frame["business_connection_id"] = business.id
            self._prefix = "business_"

    @property
    def id(self) -> int:
        """The person's id, and that of the chat with them."""
        return self.person.id

    def writes(self, text: str, **fields: Any) -> dict[str, Any]:
        """Write a text; fields are those of ``Message``."""
        return self.sends(text=text, **fields)

    def sends(self, **fields: Any) -> dict[str, Any]:
        """Send a message with any content."""
        message = self.chat.keep(self._frame | fields)
        self.bot.updates.add(f"{self._prefix}message", message)
        return message

    def sends_file(
        self, kind: str, data: bytes, *, name: str = "file.bin", mime: str = "", **fields: Any
    ) -> dict[str, Any]:
        """Send a photo, a voice message, a document, ... with its caption."""
        about: dict[str, Any] = {"file_name": name, "mime_type": mime} if mime else {}
        if kind in {"photo", "video", "animation", "sticker"}:
            about |= {"width": 320, "height": 240}
        if kind in {"voice", "audio", "video", "video_note", "animation"}:
            about |= {"duration": 3}
        if kind == "video_note":
            about |= {"length": 240}
        if kind == "sticker":
            about |= {"type": "regular", "is_animated": False, "is_video": False}
        info = dict(self.bot.keep_file(Upload(name, mime, data), FOLDERS[kind], **about).info)
        content = (
            [dict(info, width=90, height=68, file_size=10), info] if kind == "photo" else info
        )
        return self.sends(**{kind: content}, **fields)

    def edits(self, message: Mapping[str, Any], **fields: Any) -> dict[str, Any]:
        """Change a message."""
        new = {**message, **fields, "edit_date": int(time.time())}
        self.chat.messages[message["message_id"]] = new
        self.bot.updates.add(f"edited_{self._prefix}message", new)
        return new

    def deletes(self, *messages: Mapping[str, Any]) -> None:
        """Take messages back: the bot is told only of those with a business."""
        ids = [one["message_id"] for one in messages]
        for one in ids:
            self.chat.deleted[one] = self.chat.messages.pop(one)
        connection = self._frame.get("business_connection_id")
        if connection:
            told = {
                "business_connection_id": connection,
                "chat": self.chat.info,
                "message_ids": ids,
            }
            self.bot.updates.add("deleted_business_messages", told)

    def reacts(self, message: Mapping[str, Any], *emojis: str, old: Sequence[str] = ()) -> None:
        """Set their reactions to a message."""
        told = {
            "chat": self.chat.info,
            "message_id": message["message_id"],
            "user": self.person.as_user(),
            "date": int(time.time()),
            "old_reaction": [{"type": "emoji", "emoji": one} for one in old],
            "new_reaction": [{"type": "emoji", "emoji": one} for one in emojis],
        }
        self.bot.updates.add("message_reaction", told)

    def presses(self, message: Mapping[str, Any], data: str) -> str:
        """Press a button under a message of the bot; return the query's id."""
        query = f"q{next(QUERIES)}"
        self.bot.queries[query] = None
        told = {
            "id": query,
            "from": self.person.as_user(),
            "message": message,
            "chat_instance": "1",
            "data": data,
        }
        self.bot.updates.add("callback_query", told)
        return query

    def shares_phone(self, phone: str, *, of: int | None = None) -> dict[str, Any]:
        """Share a phone number: their own, or that of somebody else."""
        contact = {
            "phone_number": phone,
            "first_name": self.person.first_name,
            "user_id": of or self.id,
        }
        return self.sends(contact=contact)

    def blocks(self) -> None:
        """Block the bot."""
        self.chat.refusal = BLOCKED
        self._member("member", "kicked")

    def unblocks(self) -> None:
        """Let the bot write again."""
        self.chat.refusal = None
        self._member("kicked", "member")

    def _member(self, old: str, new: str) -> None:
        user = self.bot.as_user()
        told = {
            "chat": self.chat.info,
            "from": self.person.as_user(),
            "date": int(time.time()),
            "old_chat_member": {"status": old, "user": user, "until_date": 0},
            "new_chat_member": {"status": new, "user": user, "until_date": 0},
        }
        self.bot.updates.add("my_chat_member", told)
