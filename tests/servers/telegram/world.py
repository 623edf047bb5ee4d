"""Who and what there is: bots, people, chats, messages and files."""

import hashlib
import itertools
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from tests.servers.telegram.hooks import Hook
from tests.servers.telegram.limits import DOWNLOAD
from tests.servers.telegram.request import ApiError, Upload, bad
from tests.servers.telegram.updates import Updates


TOKEN = "4242:the-token-of-the-stand-in"
NUMBERS = itertools.count(1)


@dataclass(frozen=True)
class Person:
    """Somebody with a Telegram account."""

    id: int
    first_name: str = "Ion"
    last_name: str = ""
    username: str = ""
    language_code: str = "ro"

    def as_user(self) -> dict[str, Any]:
        """Return a ``User``."""
        names = {"last_name": self.last_name, "username": self.username}
        return {
            "id": self.id,
            "is_bot": False,
            "first_name": self.first_name,
            "language_code": self.language_code,
            **{key: name for key, name in names.items() if name},
        }

    def as_chat(self) -> dict[str, Any]:
        """Return the private ``Chat`` with them."""
        user = self.as_user()
        del user["is_bot"], user["language_code"]
        return {"type": "private", **user}


@dataclass
class Chat:
    """A chat a bot takes part in.

    Attributes:
        info: The ``Chat``.
        messages: What can be seen in it, by id.
        deleted: What was taken back.
        refusal: What the bot is answered when it writes.
        reactions: The bot's own reactions, by message.
        actions: ``sendChatAction`` in the order they came.
    """

    info: dict[str, Any]
    messages: dict[int, dict[str, Any]] = field(default_factory=dict)
    deleted: dict[int, dict[str, Any]] = field(default_factory=dict)
    refusal: ApiError | None = None
    reactions: dict[int, list[Any]] = field(default_factory=dict)
    actions: list[str] = field(default_factory=list)
    last_id: int = 0

    @property
    def id(self) -> int:
        """Its id."""
        return int(self.info["id"])

    @property
    def is_private(self) -> bool:
        """Whether it is with one person."""
        return self.info["type"] == "private"

    def keep(self, message: dict[str, Any]) -> dict[str, Any]:
        """Give a message its id and show it."""
        self.last_id += 1
        made = {
            "message_id": self.last_id,
            "date": int(time.time()),
            "chat": self.info,
            **message,
        }
        self.messages[made["message_id"]] = made
        return made

    def said(self) -> list[str]:
        """Return the texts and captions that can be seen, in order."""
        return [
            one.get("text") or one.get("caption") or "" for _, one in sorted(self.messages.items())
        ]


@dataclass(frozen=True)
class StoredFile:
    """A file a bot may use or fetch."""

    file_id: str
    data: bytes
    path: str
    info: Mapping[str, Any]


@dataclass
class Business:
    """A person whose chats the bot answers."""

    id: str
    owner: Person
    can_reply: bool = True
    is_enabled: bool = True

    def as_connection(self) -> dict[str, Any]:
        """Return a ``BusinessConnection``."""
        return {
            "id": self.id,
            "user": self.owner.as_user(),
            "user_chat_id": self.owner.id,
            "date": int(time.time()),
            "rights": {"can_reply": self.can_reply, "can_read_messages": True},
            "is_enabled": self.is_enabled,
        }


class Bot:
    """A bot: its chats, its files, and its updates."""

    def __init__(self, token: str = TOKEN, username: str = "punte_bot", **about: Any) -> None:
        self.token = token
        self.id = int(token.partition(":")[0])
        self.username = username
        self.about = about
        self.chats: dict[int, Chat] = {}
        self.files: dict[str, StoredFile] = {}
        self.businesses: dict[str, Business] = {}
        self.updates = Updates()
        self.hook: Hook | None = None
        self.queries: dict[str, dict[str, Any] | None] = {}
        self.read: list[tuple[int, int]] = []
        self.commands: list[Any] = []

    def me(self) -> dict[str, Any]:
        """Return the ``User`` that ``getMe`` gives."""
        return {
            **self.as_user(),
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
            "can_connect_to_business": True,
            "has_main_web_app": False,
            **self.about,
        }

    def as_user(self) -> dict[str, Any]:
        """Return the ``User`` that is in messages."""
        return {
            "id": self.id,
            "is_bot": True,
            "first_name": "Punte",
            "username": self.username,
        }

    # ------------------------------------------------------------ chats

    def chat(self, chat_id: Any) -> Chat:
        """Return a chat the bot may write in.

        Raises:
            ApiError: It may not, or there is none.
        """
        names = {f"@{chat.info.get('username')}": chat for chat in self.chats.values()}
        is_number = str(chat_id).lstrip("-").isdigit()
        found = self.chats.get(int(chat_id)) if is_number else names.get(str(chat_id))
        if found is None:
            raise bad("chat not found")
        if found.refusal is not None:
            raise found.refusal
        return found

    def business(self, connection_id: str) -> Business:
        """Return a connection.

        Raises:
            ApiError: There is none, or it does not let the bot write.
        """
        found = self.businesses.get(connection_id)
        if found is None or not found.is_enabled:
            raise bad("business connection not found")
        if not found.can_reply:
            raise bad("BUSINESS_PEER_USAGE_MISSING")
        return found

    # ------------------------------------------------------------ files

    def keep_file(self, upload: Upload, folder: str, **about: Any) -> StoredFile:
        """Keep a file, and return it with the object that describes it."""
        number = next(NUMBERS)
        unique = hashlib.sha256(upload.data).hexdigest()[:15]
        file_id = f"F{self.id}-{number}-{unique}"
        suffix = PurePosixPath(upload.filename).suffix
        info = {
            "file_id": file_id,
            "file_unique_id": f"AQAD{unique}",
            "file_size": len(upload.data),
            **about,
        }
        kept = StoredFile(file_id, upload.data, f"{folder}/file_{number}{suffix}", info)
        self.files[file_id] = kept
        return kept

    def file(self, file_id: str) -> StoredFile:
        """Return a file by its id.

        Raises:
            ApiError: It is another bot's, or nobody's.
        """
        found = self.files.get(file_id)
        if found is None:
            raise bad("wrong file identifier/HTTP URL specified")
        return found

    def file_at(self, path: str) -> StoredFile | None:
        """Return the file that is downloaded from a path."""
        return next((one for one in self.files.values() if one.path == path), None)

    def downloadable(self, file_id: str, *, most: int = DOWNLOAD) -> StoredFile:
        """Return a file that may be downloaded.

        Raises:
            ApiError: It is too big.
        """
        found = self.files.get(file_id)
        if found is None:
            raise bad("wrong file_id or the file is temporarily unavailable")
        if len(found.data) > most or found.info["file_size"] > most:
            raise bad("file is too big")
        return found
