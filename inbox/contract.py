"""What a channel is: the values that cross between the inbox and every adapter.

An adapter turns a provider's protocol into ``Event`` values and ``Outbound`` values into the
provider's protocol. Its only write is the journal (``RunContext.ingest``); the provider is
acknowledged after that commit. ``normalize`` and ``render`` are pure, so every journal row can
be replayed. The inbox never asks which channel it speaks to: it reads ``Capabilities`` and tests
the small protocols (``Pulls``, ``Edits``, ...) with ``isinstance``.

No I/O happens here and nothing is imported but msgspec.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta
from enum import Enum, IntEnum
from typing import (
    Any,
    ClassVar,
    Literal,
    NewType,
    Protocol,
    TypeAlias,
    dataclass_transform,
    runtime_checkable,
)
from uuid import UUID

import msgspec


AccountId = NewType("AccountId", UUID)
"""One configured connection: a mailbox, a bot, a number, a trunk, a widget."""
BlobRef = NewType("BlobRef", str)
"""Lower-case hex SHA-256 of the content, the name of a blob in ``infra.blobs``."""
ChannelKind = Literal["email", "telegram", "sms", "voice", "webchat"]


@dataclass_transform(kw_only_default=True, frozen_default=True)
class Value(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Base of every value of the contract: immutable, compared by content."""


# ---------------------------------------------------------------- identity and threads

AddressKind = Literal[
    "email", "phone", "telegram_user", "telegram_chat", "web_visitor", "sip_uri", "external_id"
]


class Address(msgspec.Struct, frozen=True, omit_defaults=True):
    """Somebody's address on a channel.

    Attributes:
        value: Canonical form: E.164 with ``+``, mail with lower-case IDNA domain, decimal id.
        verified: The channel proved it (own contact shared, signed JWT, DMARC-aligned From).
        display: The name the address came with.
    """

    kind: AddressKind
    value: str
    verified: bool = False
    display: str | None = None


class ThreadRef(msgspec.Struct, frozen=True, omit_defaults=True):
    """A transport line: a Telegram chat, a pair of numbers, a graph of mails.

    Attributes:
        key: Unique inside the account. ``""`` when only the inbox can tell, from
            ``MessageIn.references`` and ``MessageIn.proven_thread`` (e-mail).
        group: More than one outsider takes part.
    """

    account: AccountId
    key: str
    group: bool = False


class ExternalRef(msgspec.Struct, frozen=True, omit_defaults=True):
    """The provider's name of a message, unique inside its thread."""

    thread: ThreadRef
    message_id: str


# ---------------------------------------------------------------- content

SpanKind = Literal[
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


class Span(msgspec.Struct, frozen=True, omit_defaults=True):
    """A formatted range, in code points: adapters convert from UTF-16 at the wire."""

    start: int
    end: int
    kind: SpanKind
    arg: str | None = None  # scheme-checked href, or a language


class Fold(msgspec.Struct, frozen=True):
    """A range of the text that is shown folded and never deleted; code points."""

    start: int
    end: int
    kind: Literal["quote", "signature"]


class RichText(Value, tag="text"):
    """Text with formatting and with the ranges a reader wants folded."""

    text: str
    spans: tuple[Span, ...] = ()
    folds: tuple[Fold, ...] = ()


class Html(Value, tag="html"):
    """Sanitised HTML that shows what a ``RichText`` beside it says.

    Attributes:
        html: Sanitised; ``cid:`` images refer to ``Media.content_id``, remote ones are inert.
        remote_images: How many remote images were made inert.
    """

    html: str
    remote_images: int = 0


class RemoteMedia(Value, tag="remote"):
    """Media not fetched yet; a job calls ``FetchesMedia.fetch_media(handle)``."""

    handle: str
    expires_at: datetime | None = None


class Inline(Value, tag="inline"):
    """Media carried in the payload itself; whoever runs ``normalize`` stores it as a blob."""

    data: bytes


class Stored(Value, tag="stored"):
    """Media in the blob store."""

    blob: str


MediaKind = Literal[
    "image", "video", "audio", "voice", "video_note", "animation", "sticker", "file"
]


class Media(Value, tag="media"):
    """A file of a message.

    Attributes:
        content_id: Without angle brackets; an ``Html`` part refers to it.
        inline: Shown inside the text, not listed as an attachment.
        size: Bytes of the decoded content.
        unavailable: Why it cannot be had; shown to the agent, never dropped silently.
    """

    kind: MediaKind
    source: Stored | RemoteMedia | Inline
    filename: str | None = None
    mime: str | None = None
    size: int | None = None
    duration: timedelta | None = None
    content_id: str | None = None
    inline: bool = False
    unavailable: Literal["too_big", "expired", "refused"] | None = None


class Location(Value, tag="location"):
    """A place."""

    lat: float
    lon: float
    title: str | None = None
    live: bool = False


class SharedContact(Value, tag="contact"):
    """A contact card; ``is_sender`` proves the phones to be the sender's own."""

    name: str
    phones: tuple[str, ...]
    is_sender: bool = False


class CalendarEvent(Value, tag="calendar"):
    """An invitation (RFC 5546) as it is shown.

    Attributes:
        method: REQUEST, CANCEL, REPLY, ...
    """

    method: str
    summary: str
    starts_at: str | None = None  # ISO 8601 date or time, as sent
    ends_at: str | None = None
    place: str | None = None
    organizer: str | None = None
    uid: str | None = None


class Forwarded(Value, tag="forwarded"):
    """Somebody else's message inside this one."""

    origin: str
    at: datetime | None
    parts: "tuple[Part, ...]"


class Unsupported(Value, tag="unsupported"):
    """Content of a type this version does not know, with what can be said of it."""

    type_name: str
    fallback: str


Part: TypeAlias = (
    RichText | Html | Media | Location | SharedContact | CalendarEvent | Forwarded | Unsupported
)


class Button(msgspec.Struct, frozen=True, omit_defaults=True):
    """A button under a message."""

    id: str
    label: str
    url: str | None = None


class Recipient(msgspec.Struct, frozen=True, omit_defaults=True):
    """Somebody a message was or is to be sent to."""

    address: Address
    role: Literal["to", "cc", "bcc", "reply_to"] = "to"


# ---------------------------------------------------------------- events: pure output of normalize


class EventBase(Value):
    """Base of everything ``normalize`` returns.

    Attributes:
        dedup_key: Unique per account, the same when the provider delivers again.
    """

    account: AccountId
    dedup_key: str
    at: datetime


class Piece(Value):
    """Which part of a long text a message is; the inbox puts the parts together.

    Attributes:
        key: The same for all parts, unique in the account: sender, recipient and reference.
        n: Its place, from 1.
    """

    key: str
    n: int
    total: int


class MessageIn(EventBase, tag="MessageIn"):
    """Somebody wrote.

    Attributes:
        chat: In a group: the group's own address, where answers go; its display is the title.
        piece: The message is a part of a long one.
        start_payload: What a deep link of ours carried (Telegram's ``/start``).
        answer_until: When the channel stops allowing answers to it; None is never.
        album: Rows of one album are coalesced; later parts amend the message.
        from_us: Sent by the operator elsewhere (Sent folder, own phone).
        references: Ids of messages this one answers, nearest first (RFC 5322 section 3.6.4).
        proven_thread: Thread whose keyed code came back with the message: the sender holds a
            copy of something we sent in it.
        automatic: No person wrote it; it reopens nothing and starts no clock.
        trust: Whether the sender's address is authentic (DMARC); ``failed`` is a forgery sign.
        warnings: What was wrong with the payload, as stable codes.
    """

    ref: ExternalRef
    sender: Address
    parts: tuple[Part, ...]
    recipients: tuple[Recipient, ...] = ()
    reply_to: ExternalRef | None = None
    quoted: str | None = None
    album: str | None = None
    chat: Address | None = None
    piece: Piece | None = None
    from_us: bool = False
    subject: str | None = None
    start_payload: str | None = None
    answer_until: datetime | None = None
    references: tuple[str, ...] = ()
    proven_thread: UUID | None = None
    automatic: Literal["", "auto_reply", "bulk", "receipt"] = ""
    trust: Literal["", "passed", "failed"] = ""
    warnings: tuple[str, ...] = ()
    context: Mapping[str, str] = msgspec.field(default_factory=dict)


class MessageEdited(EventBase, tag="MessageEdited"):
    """A message has new content."""

    ref: ExternalRef
    parts: tuple[Part, ...]


class MessageDeleted(EventBase, tag="MessageDeleted"):
    """Messages were taken back."""

    refs: tuple[ExternalRef, ...]


class ReactionChanged(EventBase, tag="ReactionChanged"):
    """Somebody's reactions to a message, the full new set."""

    ref: ExternalRef
    sender: Address
    emojis: tuple[str, ...]


DeliveryState = Literal[
    "accepted", "sent", "delivered", "read", "failed", "bounced", "expired", "unknown"
]


class DeliveryChanged(EventBase, tag="DeliveryChanged"):
    """What became of something we sent.

    Attributes:
        recipient: Whose copy; None is every recipient's.
    """

    ref: ExternalRef
    state: DeliveryState
    recipient: Address | None = None
    segment: int | None = None
    error: "SendError | None" = None
    cost: "Cost | None" = None


class ReadUpTo(EventBase, tag="ReadUpTo"):
    """The other side has read up to a message."""

    thread: ThreadRef
    message_id: str


class TypingIn(EventBase, tag="TypingIn"):
    """The other side is writing; never stored."""

    thread: ThreadRef
    sender: Address
    activity: Literal["text", "voice", "file"] = "text"


class ButtonPressed(EventBase, tag="ButtonPressed"):
    """A button of ours was pressed."""

    ref: ExternalRef
    sender: Address
    button: str
    answer_token: str | None = None


class Reachability(EventBase, tag="Reachability"):
    """An address can or can no longer be written to."""

    address: Address
    reachable: bool
    reason: Literal["blocked", "unblocked", "opt_out", "opt_in", "left", "deactivated"]


class ThreadMoved(EventBase, tag="ThreadMoved"):
    """The provider renamed a thread."""

    old: ThreadRef
    new: ThreadRef


class FormSubmitted(EventBase, tag="FormSubmitted"):
    """A form of ours was filled in."""

    thread: ThreadRef
    sender: Address
    form: Literal["prechat", "callback", "csat", "contact"]
    values: Mapping[str, str]


class IdentityProven(EventBase, tag="IdentityProven"):
    """Whoever writes in a thread proved to own other addresses, too.

    Attributes:
        who: The address they write with.
        proven: The addresses they own.
        name: What the proof calls them.
        attributes: What else the proof says of them.
    """

    thread: ThreadRef
    who: Address
    how: Literal["site_token", "one_time_code", "mail_link", "deep_link"]
    proven: tuple[Address, ...] = ()
    token: str | None = None
    name: str | None = None
    attributes: Mapping[str, str] = msgspec.field(default_factory=dict)


class PageVisited(EventBase, tag="PageVisited"):
    """A visitor of a site of ours looked at a page."""

    thread: ThreadRef
    sender: Address
    url: str
    title: str = ""
    referrer: str = ""


class CallChanged(EventBase, tag="CallChanged"):
    """A call changed its state."""

    call: ExternalRef
    direction: Literal["in", "out"]
    state: Literal["ringing", "answered", "held", "ended", "missed", "busy", "failed", "voicemail"]
    peer: Address
    agent: str | None = None
    duration: timedelta | None = None
    recording: Media | None = None


class AccountChanged(EventBase, tag="AccountChanged"):
    """The account's own state changed at the provider."""

    health: "Health"


class Ignored(EventBase, tag="Ignored"):
    """The payload is known and means nothing to the inbox; ``reason`` is a stable code."""

    reason: str


Event: TypeAlias = (
    MessageIn
    | MessageEdited
    | MessageDeleted
    | ReactionChanged
    | DeliveryChanged
    | ReadUpTo
    | TypingIn
    | ButtonPressed
    | Reachability
    | ThreadMoved
    | FormSubmitted
    | IdentityProven
    | PageVisited
    | CallChanged
    | AccountChanged
    | Ignored
)


# ---------------------------------------------------------------- capabilities


class Level(IntEnum):
    """How well a channel carries something (after mautrix bridgev2's capability levels)."""

    REJECTED = -2
    DROPPED = -1
    FALLBACK = 0
    PARTIAL = 1
    FULL = 2


LengthUnit = Literal["codepoints", "utf16", "sms_segments", "bytes"]


class MediaCaps(Value):
    """What files of one kind a channel takes; sizes in bytes."""

    mimes: Mapping[str, Level]
    max_bytes: int
    max_caption: int = 0
    per_message: int = 1


class Capabilities(Value):
    """What a channel can carry: the composer, the router and the rules obey it.

    Attributes:
        typing_out: How often a typing action must be repeated; None is not possible.
        window: How long after the client's last message a reply is allowed; None is always.
        metered: Show segments and cost while typing.
        replies: The other side can answer; a sender's name of letters gets no SMS.
        thread_key: What a thread that we begin is called: the other side's address, or our own
            and theirs.
    """

    text_max: int
    text_unit: LengthUnit
    text_split: bool
    formatting: Mapping[str, Level] = msgspec.field(default_factory=dict)
    media: Mapping[str, MediaCaps] = msgspec.field(default_factory=dict)
    location: Level = Level.FALLBACK
    buttons: int = 0
    reply: Level = Level.FALLBACK
    quote: Level = Level.DROPPED
    edit: Level = Level.REJECTED
    edit_max_age: timedelta | None = None
    delete: Level = Level.REJECTED
    delete_max_age: timedelta | None = None
    reactions: int = 0
    allowed_reactions: tuple[str, ...] | None = None
    typing_out: timedelta | None = None
    typing_in: bool = False
    delivered: bool = False
    read_in: bool = False
    read_out: bool = False
    initiate: Literal["never", "after_inbound", "window", "always"] = "never"
    window: timedelta | None = None
    subject: bool = False
    copies: bool = False  # cc and bcc
    html: bool = False
    groups: bool = False
    live_presence: bool = False
    metered: bool = False
    replies: bool = True
    thread_key: Literal["peer", "own:peer"] = "peer"
    undo_seconds: int = 0  # how long a reply waits before it is handed to the provider


# ---------------------------------------------------------------- outbound


class Cost(msgspec.Struct, frozen=True):
    """A price; ``amount`` is a decimal as text."""

    amount: str
    currency: str
    units: int


class Outbound(Value):
    """A message to deliver.

    Attributes:
        id: The message's id: the idempotency key of every attempt.
        thread_id: The inbox's own id of the thread, for keyed codes.
        sender: The account's own address.
        copies: Everybody but ``to``, with their role.
        references: Ids of earlier messages of the thread, oldest first.
        at: When the agent sent it; the same in every attempt.
    """

    id: UUID
    thread: ThreadRef
    thread_id: UUID
    to: Address
    parts: tuple[Part, ...]
    at: datetime
    sender: Address | None = None
    copies: tuple[Recipient, ...] = ()
    reply_to: ExternalRef | None = None
    references: tuple[str, ...] = ()
    buttons: tuple[tuple[Button, ...], ...] = ()
    subject: str | None = None
    sender_name: str | None = None
    silent: bool = False
    automatic: bool = False
    expires_at: datetime | None = None


class WireOp(Value):
    """One provider call; its outcome is stored before the next is tried.

    Attributes:
        key: ``<outbound id>/<n>``.
        recipients: The addresses this call hands the message to; each has a delivery row. The
            inbox leaves out those that have it already: the call is for these and nobody else.
        payload: JSON only, blobs by ``BlobRef``: it can be stored, shown and replayed.
        weight: Segments, for throttles and cost.
        bucket: Throttle scopes, such as ``("acct", "chat:123")``.
    """

    key: str
    method: str
    payload: Mapping[str, Any]
    recipients: tuple[Address, ...] = ()
    weight: int = 1
    bucket: tuple[str, ...] = ()


class Rendered(Value):
    """The provider calls of one message, and what the channel cannot carry of it."""

    ops: tuple[WireOp, ...]
    losses: tuple[str, ...] = ()
    estimate: Cost | None = None


class Receipt(Value):
    """The provider took a call.

    Attributes:
        external_ids: The provider's names of what it took.
        refused: Recipients it did not take, with the reason; the others have it.
    """

    external_ids: tuple[str, ...]
    state: DeliveryState = "sent"
    refused: Mapping[str, "SendError"] = msgspec.field(default_factory=dict)
    cost: Cost | None = None
    moved_to: ThreadRef | None = None


class Fault(Enum):
    """Why a call failed; the name says what the inbox may do."""

    TRANSIENT = "transient"
    """Certainly not sent: retry with backoff."""
    THROTTLED = "throttled"
    """Certainly not sent: retry at ``retry_after``, close the bucket for everyone."""
    UNKNOWN = "unknown"
    """May have been sent: never retried by itself unless the adapter is ``resend_safe``."""
    CONTENT = "content"
    """Permanent for this message: too long, too big, markup refused."""
    RECIPIENT = "recipient"
    """Permanent for this address: no such mailbox, number or chat."""
    REFUSED = "refused"
    """The recipient blocked us or opted out."""
    WINDOW = "window"
    """Not allowed now: reply window, quiet hours."""
    AUTH = "auth"
    """The account is broken: pause it, keep the queue, alert."""
    FUNDS = "funds"
    """No credit or a plan limit: pause."""
    MOVED = "moved"
    """The thread migrated: rewrite and retry at once."""
    BUG = "bug"
    """Our request is malformed: permanent, with an alert."""


class SendError(Value):
    """A failed call. ``code`` is stable and translated in the UI; ``text`` is the provider's."""

    fault: Fault
    code: str
    text: str = ""
    retry_after: float | None = None  # seconds
    scope: str | None = None
    moved_to: ThreadRef | None = None


class SendFailed(Exception):
    """What ``Adapter.send`` raises."""

    def __init__(self, error: SendError) -> None:
        super().__init__(f"{error.fault.value}:{error.code}: {error.text}")
        self.error = error


# ---------------------------------------------------------------- services given to an adapter


class Raw(Value):
    """A payload as it came.

    Attributes:
        key: The provider's own name of the delivery: ``<folder>/<UIDVALIDITY>/<UID>``, update id.
        kind: What the payload is, when a provider sends several kinds.
    """

    key: str
    body: bytes
    headers: Mapping[str, str] = msgspec.field(default_factory=dict)
    kind: str = "event"
    received_at: datetime | None = None


class RunContext(Protocol):
    """What an adapter may ask of the hub while it runs one account."""

    account: AccountId
    epoch: int
    """Fencing token of the lease."""
    config: Mapping[str, Any]
    public_url: str
    """Where the hub is reached from outside, without a final slash; "" when nobody said."""
    hook_url: str
    """Where providers reach this account; "" when there is no public address."""

    def secret(self, name: str) -> str:
        """Return a secret of the account; ``""`` when it has none of that name."""

    async def keep_secret(self, name: str, value: str) -> None:
        """Seal and store a secret the provider rotated, such as a refresh token."""

    async def ingest(self, batch: Sequence[Raw], cursor: str | None = None) -> int:
        """Write payloads into the journal, with the cursor, in one commit guarded by the epoch.

        Only after it returns may the provider be acknowledged. Payloads with a known key are
        counted out. Returns how many were new.

        Raises:
            LeaseLost: Another node runs the account now.
        """

    async def known_keys(self, prefix: str) -> set[str]:
        """Return the journal keys of the account that begin with ``prefix``."""

    async def cursor(self) -> str | None:
        """Return the last cursor stored."""

    async def emit_ephemeral(self, event: TypingIn | ReadUpTo) -> None:
        """Pass on something that is never stored."""

    async def health(self, health: "Health") -> None:
        """Report how the account does; stored, shown, announced when it changed."""

    def blob(self, ref: str) -> AsyncIterator[bytes]:
        """Stream a blob."""

    async def put_blob(self, chunks: AsyncIterator[bytes], limit: int) -> str:
        """Store a blob of at most ``limit`` bytes and return its name."""


class LeaseLost(Exception):
    """Another node runs the account now; stop at once."""


class Request(Value):
    """A web request to a push channel, free of any framework.

    Attributes:
        path: What follows the account's own address: ``""`` or ``"/dlr"``.
        url: As the provider called it: the public address, with the query.
        headers: Names in lower case.
        peer: IP address of the caller.
    """

    method: str
    path: str
    url: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    peer: str


class Reply(Value):
    """What a push channel's provider is answered."""

    status: int = 200
    body: bytes = b""
    content_type: str = "text/plain"
    headers: Mapping[str, str] = msgspec.field(default_factory=dict)


class HealthState(Enum):
    """How an account does."""

    UNCONFIGURED = "unconfigured"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    DEGRADED = "degraded"
    DISCONNECTED = "disconnected"
    BAD_CREDENTIALS = "bad_credentials"
    CONFLICT = "conflict"
    NO_FUNDS = "no_funds"
    PAUSED = "paused"


class Health(Value):
    """An account's state for people: ``code`` and ``remedy`` are translated in the UI."""

    state: HealthState
    code: str = ""
    remedy: str = ""
    text: str = ""
    backlog: int | None = None
    last_received_at: datetime | None = None
    lag_seconds: float | None = None
    details: Mapping[str, str] = msgspec.field(default_factory=dict)


class AccountInfo(Value):
    """What the provider says of an account that works.

    Attributes:
        steps: What was tried, in order.
        details: What a step has to show, by its name.
    """

    external_id: str
    name: str
    address: Address | None = None
    balance: Cost | None = None
    steps: tuple[str, ...] = ()
    details: Mapping[str, str] = msgspec.field(default_factory=dict)


# ---------------------------------------------------------------- the adapter


@runtime_checkable
class Adapter(Protocol):
    """One provider's protocol. One instance serves every account of its kind."""

    kind: ClassVar[ChannelKind]
    provider: ClassVar[str]
    """``email.imap``, ``telegram``, ``sms.twilio``, ``voice.sip``, ``webchat``."""
    config_schema: ClassVar[Mapping[str, Any]]
    """JSON Schema of an account's settings; the form is generated from it."""
    redact: ClassVar[tuple[str, ...]]
    """Names of secrets, masked in every trace."""
    exclusive: ClassVar[bool]
    """``run`` holds a lease: one node at a time."""
    resend_safe: ClassVar[bool]
    """The provider recognises our key, so an unknown outcome may be tried again."""
    isolated: ClassVar[bool]
    """``normalize`` runs in a killable process with limits: the payloads are hostile."""

    def capabilities(self, thread: ThreadRef | None = None) -> Capabilities:
        """Say what the channel carries, in a thread when one is given."""

    def normalize(self, account: AccountId, raw: Raw) -> Sequence[Event]:
        """Read a payload. Pure, without I/O; never raises on unknown content."""

    def render(self, message: Outbound, caps: Capabilities) -> Rendered:
        """Say which provider calls deliver a message. Pure and deterministic."""

    async def send(self, ctx: RunContext, op: WireOp) -> Receipt:
        """Make exactly one provider call.

        Raises:
            SendFailed: It did not work, or nobody knows.
        """

    async def check(self, ctx: RunContext) -> AccountInfo:
        """Try the account's settings without changing anything.

        Raises:
            SendFailed: They do not work; the error says which step and what to do.
        """

    async def probe(self, ctx: RunContext) -> Health:
        """Say how the account does now."""


@runtime_checkable
class Pulls(Protocol):
    """Receives over a connection of its own."""

    async def run(self, ctx: RunContext) -> None:
        """Receive until cancelled or the lease is lost; report troubles by ``ctx.health``."""


@runtime_checkable
class Pushed(Protocol):
    """Receives by web requests."""

    def authenticate(self, ctx: RunContext, req: Request) -> None:
        """Check, in constant time, that the provider sent ``req``.

        Raises:
            Forged: It did not.
        """

    def accept(self, ctx: RunContext, req: Request) -> tuple[Sequence[Raw], Reply]:
        """Split a request into payloads, and say what the provider wants to hear back."""

    async def provision(self, ctx: RunContext, public_url: str) -> None:
        """Tell the provider where to send requests."""

    async def deprovision(self, ctx: RunContext) -> None:
        """Tell the provider to stop."""


@runtime_checkable
class NamesFirst(Protocol):
    """Chooses the provider's names of messages itself, as e-mail does its Message-IDs."""

    def names_of(self, ctx: RunContext, op: WireOp) -> tuple[str, ...]:
        """Return the names a call's message will have.

        They are stored before the call, so a report on the message, or a copy of it that comes
        back, is understood although the receipt was lost or is not there yet.
        """


@runtime_checkable
class Verifies(Protocol):
    """Can look whether something was sent."""

    async def was_sent(self, ctx: RunContext, op: WireOp) -> Receipt | None:
        """Return the receipt of a call whose outcome is unknown; None when it left no trace."""


@runtime_checkable
class Configures(Protocol):
    """Says more of its settings than their schema can."""

    presets: ClassVar[Mapping[str, Mapping[str, Any]]]
    """Ready settings of well-known providers, by name."""

    def validated(self, config: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return settings with their defaults filled in.

        Raises:
            ValueError: They break a rule; the message names the field and the remedy.
        """


@runtime_checkable
class SignsIn(Protocol):
    """Accounts sign in at the provider's own page (OAuth 2, RFC 6749 section 4.1)."""

    def consent_url(
        self, config: Mapping[str, Any], *, state: str, redirect_uri: str, login: str | None
    ) -> str:
        """Return the provider's page to send the administrator to."""

    async def exchange(
        self,
        config: Mapping[str, Any],
        secrets: Mapping[str, str],
        *,
        code: str,
        redirect_uri: str,
    ) -> Mapping[str, str]:
        """Return the secrets that the code of a consent is worth.

        Raises:
            SendFailed: The provider did not take the code.
        """


class Rate(Value):
    """How fast calls may follow each other.

    Attributes:
        per_second: What flows back into the bucket.
        burst: What it holds.
    """

    per_second: float
    burst: float


@runtime_checkable
class Paced(Protocol):
    """The provider takes calls at a limited rate.

    The hub takes ``WireOp.weight`` tokens of each of ``WireOp.bucket`` before a call: an adapter
    never waits for its turn.
    """

    def rates(self, config: Mapping[str, Any]) -> Mapping[str, Rate]:
        """Return the rates by what stands before the ``:`` of a bucket's name."""


@runtime_checkable
class Offers(Protocol):
    """What the channel carries depends on the account's settings."""

    def capabilities_of(
        self, config: Mapping[str, Any], thread: ThreadRef | None = None
    ) -> Capabilities:
        """Say what an account with these settings carries, in a thread when one is given."""


class Estimate(Value):
    """What a text would take, while it is written.

    Attributes:
        parts: Messages that are paid for.
        units: Units of the encoding in all of them.
        unit_max: Units that go into one of that many parts.
        forced_by: The character that makes the encoding the longer one.
        suggestion: A plainer spelling that takes fewer parts, and how many.
    """

    parts: int
    units: int
    unit_max: int
    encoding: str
    forced_by: str | None = None
    cost: Cost | None = None
    suggestion: tuple[str, int] | None = None


@runtime_checkable
class Estimates(Protocol):
    """Texts are counted in parts that cost money."""

    def estimate(self, config: Mapping[str, Any], text: str, to: Address | None) -> Estimate:
        """Say what a text to somebody takes and costs from an account with these settings."""


@runtime_checkable
class FetchesMedia(Protocol):
    """Media come by a call of their own."""

    async def fetch_media(
        self, ctx: RunContext, handle: str, limit: int
    ) -> tuple[AsyncIterator[bytes], str | None]:
        """Stream a file of at most ``limit`` bytes, with its media type."""


@runtime_checkable
class Edits(Protocol):
    """Messages can be changed after sending."""

    async def edit(self, ctx: RunContext, ref: ExternalRef, new: Outbound) -> Receipt:
        """Replace a message's content."""

    async def delete(self, ctx: RunContext, refs: Sequence[ExternalRef]) -> None:
        """Take messages back."""


@runtime_checkable
class Reacts(Protocol):
    """Messages can be reacted to."""

    async def react(self, ctx: RunContext, ref: ExternalRef, emojis: Sequence[str]) -> None:
        """Set our reactions to a message."""


@runtime_checkable
class Signals(Protocol):
    """Typing and reading can be shown to the other side."""

    async def typing(self, ctx: RunContext, thread: ThreadRef, on: bool) -> None:
        """Show that an agent writes."""

    async def mark_read(self, ctx: RunContext, ref: ExternalRef) -> None:
        """Show that an agent has read up to a message."""


@runtime_checkable
class Answers(Protocol):
    """Pressed buttons want an answer."""

    async def answer_button(self, ctx: RunContext, token: str, text: str | None) -> None:
        """Answer a pressed button."""


@runtime_checkable
class Calls(Protocol):
    """Can make calls."""

    async def dial(self, ctx: RunContext, to: Address, agent: str) -> ExternalRef:
        """Start a call."""

    async def hangup(self, ctx: RunContext, call: ExternalRef) -> None:
        """End a call."""


class Forged(Exception):
    """A request does not come from the provider it claims."""
