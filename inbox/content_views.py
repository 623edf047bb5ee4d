"""What clients of the hub see of a message's content: formatting, parts, pieces, reactions.

``inbox.content`` makes the parts, and ``message_json`` the rest.
"""

from datetime import datetime
from typing import Literal

from crm_core.views import View


class FormattedRange(View):
    """A formatted range of the text; code points.

    Attributes:
        arg: Where a link leads, or the language of code.
    """

    start: int
    end: int
    kind: Literal[
        "bold",
        "italic",
        "underline",
        "strike",
        "code",
        "pre",
        "quote",
        "link",
        "mention",
        "spoiler",
    ]
    arg: str | None = None


class Part(View, kw_only=True):
    """Something of a message that is more than words.

    Attributes:
        start: Where ``text`` begins to say it in words: leave that range out when the part itself
            is shown. Code points; an empty range when ``text`` does not say it.
    """

    start: int = 0
    end: int = 0


class TextPart(Part, tag_field="type", tag="text", kw_only=True):
    """Words, inside a forwarded message."""

    text: str
    spans: list[FormattedRange]


class LocationPart(Part, tag_field="type", tag="location", kw_only=True):
    """A place."""

    lat: float
    lon: float
    title: str | None
    live: bool


class ContactPart(Part, tag_field="type", tag="contact", kw_only=True):
    """A contact card; ``is_sender`` says that it is the sender's own."""

    name: str
    phones: list[str]
    is_sender: bool


class UnsupportedPart(Part, tag_field="type", tag="unsupported", kw_only=True):
    """Content this version cannot show, with what can be said of it."""

    type_name: str
    fallback: str


class ForwardedPart(Part, tag_field="type", tag="forwarded", kw_only=True):
    """Somebody else's message; its files are attachments of the message."""

    origin: str
    at: datetime | None
    parts: list["TextPart | LocationPart | ContactPart | UnsupportedPart | ForwardedPart"]


class ButtonShown(View):
    """A button under a message."""

    id: str
    label: str
    url: str | None = None


class ButtonsPart(Part, tag_field="type", tag="buttons", kw_only=True):
    """Buttons under a message, row by row."""

    rows: list[list[ButtonShown]]


MessagePart = LocationPart | ContactPart | UnsupportedPart | ForwardedPart | ButtonsPart


class Pieces(View):
    """Which pieces of a long text have come, of how many; ``text`` marks where others are missing.

    Attributes:
        have: Numbers from 1.
    """

    have: list[int]
    total: int


class Reaction(View):
    """Somebody's reactions to a message."""

    who: Literal["client", "us"]
    name: str
    emojis: list[str]
