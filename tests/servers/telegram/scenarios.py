"""What goes wrong, as a test says it, and what was called, as a test looks at it."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.servers.telegram.request import Upload


@dataclass(frozen=True)
class Refuse:
    """Answer with an error of the Bot API."""

    code: int
    description: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Page:
    """Answer with a page that some proxy made."""

    status: int = 502
    body: str = "<html><body><h1>502 Bad Gateway</h1></body></html>"


@dataclass(frozen=True)
class Cut:
    """Break the connection.

    Attributes:
        when: ``before_read``: nothing of the body was taken. ``after_read``: it was read and the
            call was carried out, but nobody will hear of it. ``not_done``: it was read and nothing
            came of it.
    """

    when: Literal["before_read", "after_read", "not_done"]


@dataclass(frozen=True)
class Slow:
    """Carry the call out and answer late."""

    seconds: float


Scenario = Refuse | Page | Cut | Slow


def too_many(retry_after: int) -> Refuse:
    """Return the answer to who calls too often; ``retry_after`` in seconds."""
    return Refuse(
        429, f"Too Many Requests: retry after {retry_after}", {"retry_after": retry_after}
    )


BLOCKED = Refuse(403, "Forbidden: bot was blocked by the user")
DEACTIVATED = Refuse(403, "Forbidden: user is deactivated")
KICKED = Refuse(403, "Forbidden: bot was kicked from the supergroup chat")
UNAUTHORIZED = Refuse(401, "Unauthorized")
BROKEN = Refuse(500, "Internal Server Error")
NO_CHAT = Refuse(400, "Bad Request: chat not found")
TOO_LATE = Refuse(400, "Bad Request: BUSINESS_PEER_INVALID")
STRANGE = Refuse(400, "Bad Request: SOMETHING_NOBODY_KNOWS")


def migrated(to: int) -> Refuse:
    """Return the answer for a group that has become a supergroup."""
    return Refuse(
        400,
        "Bad Request: group chat was upgraded to a supergroup chat",
        {"migrate_to_chat_id": to},
    )


@dataclass
class Planned:
    """A scenario that waits for its call.

    Attributes:
        method: Which method it is for; None is every method but ``getUpdates``.
        chat: Which chat it is for; None is every one.
        times: How many calls it is for.
    """

    scenario: Scenario
    method: str | None
    chat: int | None
    times: int

    def is_for(self, method: str, params: Mapping[str, Any]) -> bool:
        """Tell whether it is the turn of this scenario."""
        is_method = method == self.method or (self.method is None and method != "getUpdates")
        is_chat = self.chat is None or str(params.get("chat_id")) == str(self.chat)
        return self.times > 0 and is_method and is_chat


@dataclass
class Call:
    """A call that came in.

    Attributes:
        status: HTTP status of the answer; 0 while there is none, and when it was cut off.
        done: It was carried out.
        result: What it gave.
    """

    method: str
    params: dict[str, Any] = field(default_factory=dict)
    files: dict[str, Upload] = field(default_factory=dict)
    at: float = field(default_factory=time.monotonic)
    status: int = 0
    done: bool = False
    result: Any = None
    error: str = ""
