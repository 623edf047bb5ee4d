"""What the hub says to a visitor's side, ``chat.v1``; see ``channels.webchat.protocol``."""

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

import msgspec

from channels.webchat.protocol import Frame


class Me(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who the hub takes the visitor for.

    Attributes:
        id: Of the visitor; "" before they did anything.
        level: ``claimed`` once a form said who they are, ``verified`` once it was proven.
        prechat: The pre-chat form was sent.
    """

    id: str = ""
    level: Literal["anonymous", "claimed", "verified"] = "anonymous"
    name: str = ""
    email: str = ""
    phone: str = ""
    prechat: bool = False


class Author(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who of the company wrote; the account's policy says how much of it is shown.

    Attributes:
        photo: Path of a picture on the hub; "" for none.
    """

    name: str = ""
    photo: str = ""


class File(msgspec.Struct, frozen=True, omit_defaults=True):
    """A file: ``GET /w/<key>/files/<id>`` with ``Authorization``, never in an address.

    Attributes:
        kind: ``image`` may be shown after it was fetched; everything else is a download.
        size: Bytes.
    """

    id: str
    name: str
    mime: str
    size: int
    kind: Literal["image", "video", "audio", "file"] = "file"


class SpanOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """A formatted range in code points; ``arg`` is a link's address, http, https or mailto."""

    start: int
    end: int
    kind: str
    arg: str | None = None


class ButtonOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """A button; one with ``url`` opens it, others are answered by ``pick``."""

    id: str
    label: str
    url: str | None = None


class Msg(Frame, tag="msg"):
    """An entry of the log: a message.

    Attributes:
        id: The message's name: ``amend``, ``react`` and ``reply_to`` refer to it.
        dir: ``in`` the visitor wrote it, ``out`` the company did.
        at: Unix time in milliseconds.
        cid: Of the visitor's own message.
        auto: No person wrote it.
    """

    seq: int
    id: str
    dir: Literal["in", "out"]
    at: int
    cid: str | None = None
    text: str = ""
    spans: tuple[SpanOut, ...] = ()
    files: tuple[File, ...] = ()
    buttons: tuple[tuple[ButtonOut, ...], ...] = ()
    author: Author | None = None
    reply_to: str | None = None
    auto: bool = False
    location: tuple[float, float] | None = None


class Amend(Frame, tag="amend"):
    """An entry of the log: the message ``id`` changed. What is left out stayed the same.

    Attributes:
        deleted: It was taken back: show that something was, and nothing of it.
        ours: The company's reactions to it, the full new set.
        theirs: The visitor's own.
        picked: The button the visitor pressed; the others are dead.
    """

    seq: int
    id: str
    at: int
    text: str | None = None
    spans: tuple[SpanOut, ...] | None = None
    deleted: bool = False
    ours: tuple[str, ...] | None = None
    theirs: tuple[str, ...] | None = None
    picked: str | None = None


class Note(Frame, tag="note"):
    """An entry of the log: something happened that is no message.

    Attributes:
        kind: ``form`` and ``callback`` were taken (``values`` is what was said), ``csat`` was
            given, ``mailed`` answers went on by mail to ``values["to"]`` (masked).
    """

    seq: int
    id: str
    at: int
    kind: Literal["form", "callback", "csat", "mailed"]
    cid: str | None = None
    values: Mapping[str, str] = {}


Entry: TypeAlias = Msg | Amend | Note


class Welcome(Frame, tag="welcome"):
    """The answer to ``hello``.

    Attributes:
        seq: Number of the newest entry.
        start: Entries from ``start + 1`` on follow.
        me: Who the visitor is taken for.
        cfg: ``PublicConfig`` of ``channels.webchat.public``, when asked for.
        read: The company has read the visitor's messages up to this ``seq``.
    """

    seq: int
    start: int
    me: Me
    cfg: Any = None
    read: int = 0


class Session(Frame, tag="session"):
    """The visitor is somebody else now, or better known: keep ``token`` in place of the old one.

    Attributes:
        reset: The log is another one: forget the entries and connect again.
    """

    me: Me
    token: str | None = None
    reset: bool = False


class Ack(Frame, tag="ack"):
    """What carried ``cid`` is stored; ``seq`` and ``id`` of its entry, when it has one."""

    cid: str
    seq: int = 0
    id: str = ""


class Nack(Frame, tag="nack"):
    """What carried ``cid`` is refused; sending it again unchanged helps only if ``retry`` is set.

    Attributes:
        code: ``too_fast`` (retry after ``retry`` seconds), ``captcha`` (solve it, send again),
            ``invalid`` (``field`` says where), ``form_first``, ``identify_first``, ``closed``,
            ``no_file``, ``blocked``.
    """

    code: str
    cid: str = ""
    field: str = ""
    retry: float = 0.0


class OlderPage(Frame, tag="older"):
    """Entries before ``before``, oldest first; none when there are none."""

    before: int
    entries: tuple[Entry, ...] = ()


class Typing(Frame, tag="typing"):
    """Somebody of the company writes; forget it after 6 s without another."""

    on: bool = True
    name: str = ""


class St(Frame, tag="st"):
    """The company has read the visitor's messages up to ``upto``."""

    upto: int
    st: Literal["read"] = "read"


class Conv(Frame, tag="conv"):
    """The state of the case; sent after every ``hello`` and when it changes.

    Attributes:
        status: ``none`` before the first message; ``waiting`` for somebody to take it; ``open``
            somebody has it; ``closed``.
        position: Place in the queue while waiting, from 1; 0 is unknown or switched off.
        agent: Who has it, as far as the policy lets it be shown.
        csat: Ask how it was.
    """

    status: Literal["none", "waiting", "open", "closed"] = "none"
    position: int = 0
    agent: Author | None = None
    csat: bool = False


class Online(Frame, tag="online"):
    """Whether somebody can answer.

    Attributes:
        on: Inside office hours, and an agent is there.
        hours: Inside office hours.
        opens_at: When the office opens next, Unix time in milliseconds; 0 is unknown or now.
        reply_minutes: Expected time to the first answer; 0 is unknown.
    """

    on: bool
    hours: bool = True
    opens_at: int = 0
    reply_minutes: int = 0


class OtpState(Frame, tag="otp"):
    """How proving an address goes.

    Attributes:
        state: ``sent``; ``proven``; ``wrong`` (``left`` tries are left); ``expired``;
            ``too_fast``; ``unavailable`` there is no account to send it through.
    """

    state: Literal["sent", "proven", "wrong", "expired", "too_fast", "unavailable"]
    left: int = 0


class Resync(Frame, tag="resync"):
    """``after`` is no place in this log: forget the entries, connect again with 0."""


class Pong(Frame, tag="pong"):
    """The answer to ``ping``."""


FromHub: TypeAlias = (
    Welcome
    | Msg
    | Amend
    | Note
    | Session
    | Ack
    | Nack
    | OlderPage
    | Typing
    | St
    | Conv
    | Online
    | OtpState
    | Resync
    | Pong
)


encode = msgspec.json.Encoder().encode
