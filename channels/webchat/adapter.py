"""Website chat, as the inbox sees it; its provider is the hub itself."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

import msgspec

from channels.webchat.account import SCHEMA, SECRETS, read_account, validated
from channels.webchat.answers import Amend, Msg, Typing
from channels.webchat.log import New, append, root_of
from channels.webchat.normalize import kind_of, normalize
from channels.webchat.render import CAPABILITIES, edited, render
from channels.webchat.rooms import Rooms, author_name
from inbox.contract import (
    AccountId,
    AccountInfo,
    Capabilities,
    ChannelKind,
    Event,
    ExternalRef,
    Fault,
    Health,
    HealthState,
    Outbound,
    Raw,
    Receipt,
    Rendered,
    RunContext,
    SendError,
    SendFailed,
    ThreadRef,
    WireOp,
)
from infra.clock import new_id, now
from infra.db import DATABASE_AWAY, Database, Lane


ADD_FILE = """
INSERT INTO webchat_file (id, visitor_id, blob, name, mime, size, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
BLOCKED = "SELECT blocked_at IS NOT NULL FROM webchat_visitor WHERE id = $1"
READ = """
UPDATE webchat_visitor AS v SET answered = greatest(v.answered, e.seq)
  FROM webchat_entry AS e WHERE e.visitor_id = v.id AND v.id = $1 AND e.id = $2
"""

GONE = SendError(fault=Fault.RECIPIENT, code="webchat.no_visitor", text="the visitor is forgotten")
SHUT = SendError(fault=Fault.REFUSED, code="webchat.blocked", text="the visitor is blocked")
AWAY = SendError(fault=Fault.UNKNOWN, code="webchat.database_away")


class WebchatAdapter:
    """Serves every widget.

    Args:
        db: Where the logs are.
        rooms: The visitors who are connected.
    """

    kind: ClassVar[ChannelKind] = "webchat"
    provider: ClassVar[str] = "webchat"
    config_schema: ClassVar[Mapping[str, Any]] = SCHEMA
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {"Website": {}}
    redact: ClassVar[tuple[str, ...]] = SECRETS
    exclusive: ClassVar[bool] = False
    resend_safe: ClassVar[bool] = True
    isolated: ClassVar[bool] = False

    def __init__(self, db: Database, rooms: Rooms) -> None:
        self._db = db
        self._rooms = rooms

    def capabilities(self, thread: ThreadRef | None = None) -> Capabilities:
        """Say what an entry carries."""
        del thread
        return CAPABILITIES

    def normalize(self, account: AccountId, raw: Raw) -> Sequence[Event]:
        """Say what a visitor did."""
        return normalize(account, raw)

    def render(self, message: Outbound, caps: Capabilities) -> Rendered:
        """Say which entries an answer becomes."""
        return render(message, caps)

    def validated(self, config: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return settings with their defaults filled in, and a key.

        Raises:
            ValueError: They break a rule; the message names the field and the remedy.
        """
        return validated(config)

    def names_of(self, ctx: RunContext, op: WireOp) -> tuple[str, ...]:
        """Return the name of the entry: the visitor may have it before we know that they do."""
        del ctx
        return (op.payload["frame"]["id"],)

    async def send(self, ctx: RunContext, op: WireOp) -> Receipt:
        """Add an entry to the visitor's log; the same call again adds nothing.

        Raises:
            SendFailed: There is no such visitor, they are blocked, or the database is away.
        """
        policy = read_account(ctx.config).agents
        frame = dict(op.payload["frame"])
        if op.payload["text"]:
            frame["text"] = op.payload["text"]
        if name := author_name(op.payload["author"], policy):
            frame["author"] = {"name": name}
        files = [(new_id(), one) for one in op.payload["files"]]
        if files:
            frame["files"] = [_file_frame(file_id, one) for file_id, one in files]
        new = New(id=frame["id"], kind="out", frame=frame, op_key=op.key)
        fault = Fault.TRANSIENT  # until a connection is there, certainly nothing was stored
        try:
            async with self._db.lane(via="channel") as tx:
                fault = Fault.UNKNOWN
                owner, is_new = await self._append(tx, op.payload["visitor"], new)
                for file_id, one in files if is_new else ():
                    await tx.execute(
                        ADD_FILE,
                        file_id,
                        owner,
                        one["blob"],
                        one["name"],
                        one["mime"],
                        one["size"],
                        now(),
                    )
        except DATABASE_AWAY as error:
            away = msgspec.structs.replace(AWAY, fault=fault, text=repr(error)[:200])
            raise SendFailed(away) from error
        await self._rooms.announce(owner)
        return Receipt(external_ids=(new.id,))

    async def edit(self, ctx: RunContext, ref: ExternalRef, new: Outbound) -> Receipt:
        """Replace a message's content on the visitor's side.

        Raises:
            SendFailed: See ``send``.
        """
        await self._amend(ctx, ref, edited(new))
        return Receipt(external_ids=(ref.message_id,))

    async def delete(self, ctx: RunContext, refs: Sequence[ExternalRef]) -> None:
        """Take messages back.

        Raises:
            SendFailed: See ``send``.
        """
        for ref in refs:
            await self._amend(ctx, ref, {"deleted": True})

    async def react(self, ctx: RunContext, ref: ExternalRef, emojis: Sequence[str]) -> None:
        """Show the company's reactions to a message.

        Raises:
            SendFailed: See ``send``.
        """
        await self._amend(ctx, ref, {"ours": list(emojis)})

    async def answer_button(self, ctx: RunContext, token: str, text: str | None) -> None:
        """Say something to a visitor who pressed a button; that they did, they see anyway.

        Raises:
            SendFailed: See ``send``.
        """
        del ctx
        if not text:
            return
        moment = int(now().timestamp() * 1000)
        said = Msg(seq=0, id=new_id().hex, dir="out", at=moment, text=text, auto=True)
        frame = msgspec.to_builtins(said)
        async with self._db.lane(via="channel") as tx:
            owner, _ = await self._append(tx, token, New(id=said.id, kind="out", frame=frame))
        await self._rooms.announce(owner)

    async def typing(self, ctx: RunContext, thread: ThreadRef, on: bool) -> None:
        """Show that an agent writes, to whoever is looking."""
        del ctx
        if (visitor := _visitor(thread.key)) is not None:
            await self._rooms.announce(visitor, Typing(on=on))

    async def mark_read(self, ctx: RunContext, ref: ExternalRef) -> None:
        """Show that an agent has read up to a message."""
        del ctx
        if (visitor := _visitor(ref.thread.key)) is None:
            return
        async with self._db.lane(via="channel") as tx:
            owner, _ = await root_of(tx, visitor)
            await tx.execute(READ, owner, ref.message_id)
            tx.wrote()  # the comparison that follows tells the visitor

    async def check(self, ctx: RunContext) -> AccountInfo:
        """Look at the settings: there is no provider but the hub.

        Raises:
            SendFailed: They do not fit.
        """
        try:
            account = read_account(validated(ctx.config))
        except ValueError as error:
            bad = SendError(fault=Fault.AUTH, code="settings", text=str(error))
            raise SendFailed(bad) from error
        if account.origins and not ctx.public_url:
            text = "set PUNTE_PUBLIC_URL to where browsers reach the hub"
            raise SendFailed(
                SendError(fault=Fault.AUTH, code="public_url", text=text, scope="settings")
            )
        steps = ("settings", "public_url") if ctx.public_url else ("settings",)
        return AccountInfo(external_id=account.address, name=account.name, steps=steps)

    async def probe(self, ctx: RunContext) -> Health:
        """Say how many visitors are connected to this node."""
        count = self._rooms.count(ctx.account)
        return Health(state=HealthState.CONNECTED, details={"visitors": str(count)})

    async def _amend(self, ctx: RunContext, ref: ExternalRef, change: Mapping[str, Any]) -> None:
        del ctx
        moment = int(now().timestamp() * 1000)
        frame = msgspec.to_builtins(Amend(seq=0, id=ref.message_id, at=moment)) | dict(change)
        new = New(id=new_id().hex, kind="amend", frame=frame)
        try:
            async with self._db.lane(via="channel") as tx:
                owner, _ = await self._append(tx, ref.thread.key, new)
        except DATABASE_AWAY as error:
            raise SendFailed(msgspec.structs.replace(AWAY, text=repr(error)[:200])) from error
        await self._rooms.announce(owner)

    async def _append(self, tx: Lane, key: str, new: New) -> tuple[UUID, bool]:
        visitor = _visitor(key)
        if visitor is None:
            raise SendFailed(GONE)
        try:
            owner, (placed,) = await append(tx, visitor, [new])
        except LookupError as error:
            raise SendFailed(GONE) from error
        if await tx.fetchval(BLOCKED, owner):
            raise SendFailed(SHUT)
        return owner, placed.is_new


def _visitor(key: str) -> UUID | None:
    try:
        return UUID(key)
    except ValueError:
        return None


def _file_frame(file_id: UUID, one: Mapping[str, Any]) -> dict[str, Any]:
    kind = kind_of(one["mime"])
    return {
        "id": file_id.hex,
        "name": one["name"],
        "mime": one["mime"],
        "size": one["size"],
        "kind": kind,
    }
