"""Paper: a tiny chat channel whose provider lives in this process.

It is the smallest adapter that has everything the contract asks for: the conformance suite is
written against it, and measurements use it as the stand-in for a chat provider.
"""

import asyncio
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import msgspec

from inbox.contract import (
    AccountId,
    AccountInfo,
    Address,
    Capabilities,
    ChannelKind,
    DeliveryChanged,
    DeliveryState,
    Event,
    ExternalRef,
    Fault,
    Health,
    HealthState,
    Ignored,
    Inline,
    Level,
    Media,
    MediaCaps,
    MessageDeleted,
    MessageEdited,
    MessageIn,
    Outbound,
    Part,
    Raw,
    ReactionChanged,
    ReadUpTo,
    Receipt,
    RemoteMedia,
    Rendered,
    RichText,
    RunContext,
    SendError,
    SendFailed,
    Stored,
    ThreadRef,
    TypingIn,
    Unsupported,
    WireOp,
)


JOINER = "\N{ZERO WIDTH JOINER}"
TEXT_MAX = 200  # code points of one sheet
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Sheet(msgspec.Struct):
    """What the provider hands over."""

    id: int
    type: str
    chat: str = ""
    sender: str = ""
    name: str = ""
    text: str = ""
    at: datetime = EPOCH
    file: str | None = None
    state: str = ""
    about: str = ""  # the sheet that another one speaks of
    album: str | None = None
    size: int = 0  # bytes of a file that is too big to be handed over
    group: str | None = None  # title of a chat of several people


class Desk:
    """The provider: keeps sheets until they are acknowledged, and what it was handed.

    Attributes:
        mood: What it answers calls with; None takes them.
        moods: The same for one chat.
        taken: ``(chat, text)`` of what it took, in order.
        acts: What else it was asked to do, in order: ``("edit", "out1", "text")``.
    """

    def __init__(self) -> None:
        self.sheets: list[Sheet] = []
        self.mood: SendError | None = None
        self.moods: dict[str, SendError] = {}
        self.taken: list[tuple[str, str]] = []
        self.acts: list[tuple[str, ...]] = []
        self.arrived = asyncio.Event()

    def write(self, text: str, *, chat: str = "c1", sender: str = "7", **fields: Any) -> Sheet:
        """Let somebody write."""
        sheet = Sheet(
            id=len(self.sheets) + 1,
            type="message",
            chat=chat,
            sender=sender,
            name="Ion",
            text=text,
            at=datetime.now(UTC),
            **fields,
        )
        self.sheets.append(sheet)
        self.arrived.set()
        return sheet

    def act(self, *what: str) -> None:
        """Do something to a sheet, unless in a mood."""
        if self.mood is not None:
            if self.mood.fault is Fault.UNKNOWN:
                self.acts.append(what)
            raise SendFailed(self.mood)
        self.acts.append(what)

    def take(self, payload: Mapping[str, Any]) -> str:
        """Take a call, unless in a mood."""
        if (mood := self.moods.get(payload["chat"])) is not None:
            raise SendFailed(mood)
        if self.mood is not None:
            if self.mood.fault is Fault.UNKNOWN:
                self.taken.append((payload["chat"], payload["text"]))
            raise SendFailed(self.mood)
        self.taken.append((payload["chat"], payload["text"]))
        return f"out{len(self.taken)}"


class PaperAdapter:
    """The adapter."""

    kind: ClassVar[ChannelKind] = "telegram"
    provider: ClassVar[str] = "paper"
    config_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "properties": {"name": {"type": "string"}},
        "required": ["name"],
        "additionalProperties": False,
        "examples": [{"name": "desk"}],
    }
    redact: ClassVar[tuple[str, ...]] = ("token",)
    exclusive: ClassVar[bool] = True
    resend_safe: ClassVar[bool] = False
    isolated: ClassVar[bool] = False

    def __init__(self, desk: Desk | None = None) -> None:
        self.desk = desk or Desk()

    def capabilities(self, thread: ThreadRef | None = None) -> Capabilities:
        """Say what a sheet carries."""
        return Capabilities(
            text_max=TEXT_MAX,
            text_unit="codepoints",
            text_split=True,
            media={"file": MediaCaps(mimes={"*/*": Level.FULL}, max_bytes=1 << 20)},
            reply=Level.FULL,
            edit=Level.FULL,
            edit_max_age=timedelta(days=2),
            delete=Level.FULL,
            reactions=1,
            allowed_reactions=("👍", "👎"),
            typing_out=timedelta(seconds=4),
            typing_in=True,
            read_in=True,
            read_out=True,
            groups=True,
            initiate="after_inbound",
        )

    def normalize(self, account: AccountId, raw: Raw) -> Sequence[Event]:
        """Read a sheet."""
        try:
            sheet = msgspec.json.decode(raw.body, type=Sheet)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return [_ignored(account, raw, "paper.not_a_sheet")]
        thread = ThreadRef(account, sheet.chat, sheet.group is not None)
        match sheet.type:
            case "message":
                return [_message(account, sheet, thread)]
            case "receipt" if sheet.state in {"delivered", "read"}:
                return [
                    DeliveryChanged(
                        account=account,
                        dedup_key=str(sheet.id),
                        at=sheet.at,
                        ref=ExternalRef(thread, sheet.text),
                        state=msgspec.convert(sheet.state, DeliveryState),
                    )
                ]
            case "joined":
                return [_ignored(account, raw, "paper.joined")]
            case "edited" | "deleted" | "reaction" | "read" | "typing" if sheet.about:
                return [_happening(account, sheet, thread)]
            case other:
                part = Unsupported(type_name=other, fallback=sheet.text or other)
                return [_message(account, sheet, thread, part)]

    def render(self, message: Outbound, caps: Capabilities) -> Rendered:
        """Cut a message into sheets."""
        text = "\n\n".join(part.text for part in message.parts if isinstance(part, RichText))
        pieces = cut(text, caps.text_max)
        files = [part for part in message.parts if isinstance(part, Media)]
        contents = [{"text": piece} for piece in pieces] + [
            {"text": file.filename or "", "blob": file.source.blob}
            for file in files
            if isinstance(file.source, Stored)
        ]
        losses = {type(part).__name__ for part in message.parts} - {"RichText", "Media"}
        ops = tuple(
            WireOp(
                key=f"{message.id}/{n}",
                method="post",
                payload={"chat": message.thread.key, **content},
                recipients=(message.to,),
                bucket=("acct", f"chat:{message.thread.key}"),
            )
            for n, content in enumerate(contents)
        )
        return Rendered(ops=ops, losses=tuple(sorted(losses)))

    async def send(self, ctx: RunContext, op: WireOp) -> Receipt:
        """Hand a sheet over."""
        if not ctx.secret("token"):
            raise SendFailed(SendError(fault=Fault.AUTH, code="paper.no_token"))
        return Receipt(external_ids=(self.desk.take(op.payload),))

    async def edit(self, ctx: RunContext, ref: ExternalRef, new: Outbound) -> Receipt:
        """Rewrite a sheet."""
        text = "\n\n".join(part.text for part in new.parts if isinstance(part, RichText))
        self.desk.act("edit", ref.message_id, text)
        return Receipt(external_ids=(ref.message_id,))

    async def delete(self, ctx: RunContext, refs: Sequence[ExternalRef]) -> None:
        """Take sheets back."""
        self.desk.act("delete", *(ref.message_id for ref in refs))

    async def react(self, ctx: RunContext, ref: ExternalRef, emojis: Sequence[str]) -> None:
        """Stamp a sheet."""
        self.desk.act("react", ref.message_id, *emojis)

    async def typing(self, ctx: RunContext, thread: ThreadRef, on: bool) -> None:
        """Rustle with paper."""
        self.desk.act("typing", thread.key, "on" if on else "off")

    async def mark_read(self, ctx: RunContext, ref: ExternalRef) -> None:
        """Tick a sheet off."""
        self.desk.act("read", ref.message_id)

    async def check(self, ctx: RunContext) -> AccountInfo:
        """Try the token."""
        if not ctx.secret("token"):
            raise SendFailed(SendError(fault=Fault.AUTH, code="paper.no_token"))
        return AccountInfo(external_id="desk", name=str(ctx.config["name"]))

    async def probe(self, ctx: RunContext) -> Health:
        """Say how the desk does."""
        if not ctx.secret("token"):
            state = HealthState.BAD_CREDENTIALS
            return Health(state=state, code="paper.no_token", remedy="sign_in_again")
        return Health(state=HealthState.CONNECTED, backlog=len(self.desk.sheets))

    async def run(self, ctx: RunContext) -> None:
        """Fetch sheets; the cursor is the number of the last one stored."""
        await ctx.health(await self.probe(ctx))
        while True:
            done = int(await ctx.cursor() or 0)
            new = [sheet for sheet in self.desk.sheets if sheet.id > done]
            if new:
                raws = [Raw(key=str(one.id), body=msgspec.json.encode(one)) for one in new]
                await ctx.ingest(raws, cursor=str(new[-1].id))
                continue
            self.desk.arrived.clear()
            await self.desk.arrived.wait()


def cut(text: str, limit: int) -> list[str]:
    """Cut a text into sheets, never inside what people see as one character."""
    pieces = []
    while text:
        end = min(limit, len(text))
        while 0 < end < len(text) and (is_joined(text[end]) or text[end - 1] == JOINER):
            end -= 1
        end = end or limit
        pieces.append(text[:end])
        text = text[end:]
    return pieces


def is_joined(character: str) -> bool:
    """Whether a character belongs to the one before it (Unicode standard annex 29, in part)."""
    return (
        unicodedata.combining(character) > 0
        or character in {JOINER, "\N{VARIATION SELECTOR-16}"}
        or "\U0001f3fb" <= character <= "\U0001f3ff"  # skin tones
    )


def _message(
    account: AccountId, sheet: Sheet, thread: ThreadRef, part: Part | None = None
) -> MessageIn:
    parts: list[Part] = [part or RichText(text=sheet.text)]
    source: Inline | RemoteMedia
    if sheet.file is not None:
        source = Inline(data=sheet.file.encode())
        parts.append(Media(kind="file", source=source, filename="sheet.txt", mime="text/plain"))
    if sheet.size:
        source = RemoteMedia(handle=str(sheet.id))
        parts.append(
            Media(
                kind="file",
                source=source,
                filename="roll.txt",
                size=sheet.size,
                unavailable="too_big",
            )
        )
    return MessageIn(
        account=account,
        dedup_key=f"{sheet.chat}/{sheet.id}",
        at=sheet.at,
        ref=ExternalRef(thread, str(sheet.id)),
        sender=Address("telegram_user", sheet.sender or "0", display=sheet.name or None),
        parts=tuple(parts),
        album=sheet.album,
        chat=Address("telegram_chat", sheet.chat, display=sheet.group) if sheet.group else None,
    )


def _happening(account: AccountId, sheet: Sheet, thread: ThreadRef) -> Event:
    base: dict[str, Any] = {"account": account, "dedup_key": str(sheet.id), "at": sheet.at}
    ref = ExternalRef(thread, sheet.about)
    sender = Address("telegram_user", sheet.sender or "0", display=sheet.name or None)
    match sheet.type:
        case "edited":
            return MessageEdited(ref=ref, parts=(RichText(text=sheet.text),), **base)
        case "deleted":
            return MessageDeleted(refs=(ref,), **base)
        case "reaction":
            return ReactionChanged(
                ref=ref, sender=sender, emojis=(sheet.text,) if sheet.text else (), **base
            )
        case "read":
            return ReadUpTo(thread=thread, message_id=sheet.about, **base)
        case _:
            return TypingIn(thread=thread, sender=sender, **base)


def _ignored(account: AccountId, raw: Raw, reason: str) -> Ignored:
    return Ignored(account=account, dedup_key=raw.key, at=raw.received_at or EPOCH, reason=reason)
