"""The wire protocol of website chat, ``chat.v1``: how it works, and what the visitor's side says.

What the hub says is in ``channels.webchat.answers``.

Transport. ``GET /w/<key>/live`` is a WebSocket with the subprotocol ``chat.v1``; every frame is
one JSON object of at most 64 kB whose ``t`` says what it is; members that have their default
value are left out, and unknown ones are ignored. Where sockets do not pass,
``POST /w/<key>/send`` takes a list of client frames (``Authorization: Bearer <token>``) and
answers a list of server frames; ``POST /w/<key>/poll`` takes a ``hello`` with ``wait`` seconds
and answers a list beginning with ``welcome``.

Session. The client makes its token itself (32 random bytes, base64url without padding, 43
characters), keeps it in the frame's own storage and shows it in ``hello`` or in
``Authorization``, never in an address. The hub keeps a hash of it, from the first thing the
visitor does on: loading the widget stores nothing, and a first message whose answer got lost may
be sent again, because the token is the same. When the visitor is proven to be somebody, or
another one, the hub gives a new token in ``session``; the old one dies when the new one is used.

Log. Everything the visitor can see is an entry of one log with gapless numbers ``seq`` from 1.
``hello.after`` is the last number the client has; the hub sends all that follow, in order and
once, then what comes. A client that meets ``seq`` twice drops it; one that misses a number
connects again. ``send``, ``form``, ``callback``, ``csat``, ``pick`` and ``react`` carry a ``cid``
(a UUID of the client's): the client sends them until ``ack`` or ``nack`` names it, over as many
connections as it takes, and the hub does each once.

Order after ``hello``: ``welcome``, the entries after ``max(after, welcome.start)``, ``conv``,
``online``; then everything as it happens. ``welcome.start`` is above ``after`` when a client
that knows nothing meets a long log: it has the newest entries, and asks for ``older`` ones.

Ends. 4401 the token is not (any more) valid: forget it, begin as a new visitor. 4403 blocked,
foreign origin or identified visitors only: do not come back by yourself. 4408 idle: come back
when there is something to do. 4429 too fast or too many connections: come back after 30 s.
1012 the hub restarts: come back at once, with jitter.
"""

from typing import Annotated, Literal, TypeAlias, dataclass_transform

import msgspec
from msgspec import Meta


SUBPROTOCOL = "chat.v1"
FRAME_LIMIT = 64 * 1024  # bytes of a client's frame
TEXT_LIMIT = 8000  # code points of a message
FIRST_PAGE = 200  # entries a client that knows nothing is sent at once

CLOSE_TOKEN = 4401
CLOSE_REFUSED = 4403
CLOSE_IDLE = 4408
CLOSE_LIMIT = 4429

BAD = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What decoding raises: the second when bytes are no UTF-8, the third for endless nesting."""

Cid = Annotated[str, Meta(min_length=8, max_length=64, pattern=r"^[\w-]+$")]
EntryId = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[\w-]+$")]
Token = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{43}$")]
Seq = Annotated[int, Meta(ge=0)]
Short = Annotated[str, Meta(max_length=300)]
Long = Annotated[str, Meta(max_length=4000)]
Values = Annotated[dict[Annotated[str, Meta(max_length=60)], Long], Meta(max_length=40)]


@dataclass_transform(kw_only_default=True, frozen_default=True)
class Frame(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="t"):
    """One frame; ``t`` is its tag."""


class Page(Frame, tag="page"):
    """The visitor looks at a page of the site; the hub keeps the last 20 of 24 hours."""

    url: Annotated[str, Meta(max_length=2048)]
    title: Short = ""
    ref: Annotated[str, Meta(max_length=2048)] = ""


class Hello(Frame, tag="hello"):
    """The first frame of a connection.

    Attributes:
        token: See above.
        after: The last ``seq`` the client has; 0 when it has nothing.
        lang: BCP 47, the page's or the browser's; texts and mails follow it.
        site: Origin of the page the widget stands in, as the browser told the frame.
        page: Where the visitor is now.
        cfg: Send ``welcome.cfg``.
        wait: Long poll alone: seconds to wait for something new, at most 25.
        jwt: Of the site's server: identifies the visitor before anything else happens.
    """

    token: Token
    after: Seq = 0
    lang: Annotated[str, Meta(max_length=35)] = ""
    site: Annotated[str, Meta(max_length=300)] = ""
    page: Page | None = None
    cfg: bool = False
    wait: Annotated[float, Meta(ge=0, le=25)] = 0.0
    jwt: Long = ""


class Send(Frame, tag="send"):
    """A message: text, files that were uploaded before, or both."""

    cid: Cid
    text: Annotated[str, Meta(max_length=TEXT_LIMIT)] = ""
    files: Annotated[list[EntryId], Meta(max_length=10)] = []
    reply_to: EntryId | None = None


class Got(Frame, tag="got"):
    """The client has everything up to here: our messages are delivered."""

    upto: Seq


class Read(Frame, tag="read"):
    """The visitor has seen everything up to here."""

    upto: Seq


class TypingNow(Frame, tag="typing"):
    """The visitor writes; said again every 3 s at most, ``on`` false when they stopped."""

    on: bool = True


class Form(Frame, tag="form"):
    """A filled-in form: ``prechat`` before the first message, ``contact`` outside hours."""

    cid: Cid
    form: Literal["prechat", "contact"]
    values: Values


class Callback(Frame, tag="callback"):
    """An order to be called.

    The values are ``phone``, ``name``, ``topic``, ``window_from``, ``window_to`` (RFC 3339),
    ``consent`` and what the form asks besides.
    """

    cid: Cid
    values: Values


class Csat(Frame, tag="csat"):
    """How the visitor liked it; asked for by ``conv.csat``."""

    cid: Cid
    score: Annotated[int, Meta(ge=1, le=5)]
    comment: Annotated[str, Meta(max_length=2000)] = ""


class Pick(Frame, tag="pick"):
    """A button of the message ``id`` was pressed."""

    cid: Cid
    id: EntryId
    button: Annotated[str, Meta(max_length=200)]


class React(Frame, tag="react"):
    """The visitor's reactions to the message ``id``: the full new set."""

    cid: Cid
    id: EntryId
    emojis: Annotated[list[Annotated[str, Meta(max_length=32)]], Meta(max_length=8)] = []


class Identify(Frame, tag="identify"):
    """The site's server vouches for the visitor by a signed token of at most 10 minutes."""

    jwt: Long


class Attrs(Frame, tag="attrs"):
    """What the page says of the visitor: claims, never facts."""

    values: Values


class Otp(Frame, tag="otp"):
    """Send a one-time code to an address the visitor says is theirs; answered by ``otp``."""

    kind: Literal["email", "phone"]
    value: Short


class OtpCode(Frame, tag="otp_code"):
    """The code that arrived; answered by ``otp``, and by ``session`` when it was right."""

    code: Annotated[str, Meta(pattern=r"^[0-9]{6}$")]


class Captcha(Frame, tag="captcha"):
    """The solution of a challenge that ``nack`` with ``captcha`` asked for."""

    answer: Annotated[str, Meta(max_length=8000)]


class Link(Frame, tag="link"):
    """The secret of a link in a mail (``/w/<key>/page#m=...``): it proves the mail address."""

    secret: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{43}$")]


class Older(Frame, tag="older"):
    """Ask for entries before ``before``; answered by ``older``."""

    before: Annotated[int, Meta(ge=1, lt=2**31)]


class Logout(Frame, tag="logout"):
    """Forget this session: the token dies, the connection ends with 4401."""


class Ping(Frame, tag="ping"):
    """Is anybody there; answered by ``pong``. Browsers cannot send pings of their own."""


FromVisitor: TypeAlias = (
    Hello
    | Send
    | Got
    | Read
    | TypingNow
    | Page
    | Form
    | Callback
    | Csat
    | Pick
    | React
    | Identify
    | Attrs
    | Otp
    | OtpCode
    | Captcha
    | Link
    | Older
    | Logout
    | Ping
)


read_frame = msgspec.json.Decoder(FromVisitor)
read_frames = msgspec.json.Decoder(Annotated[list[FromVisitor], Meta(min_length=1, max_length=50)])
"""What ``POST /w/<key>/send`` carries."""
