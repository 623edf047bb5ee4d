"""Making the calls: one for each that was rendered, and those that change what was sent."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from channels.telegram.capabilities import capabilities
from channels.telegram.faults import (
    GONE,
    NO_CAPTION,
    NO_TEXT,
    OLD_QUERY,
    STALE,
    UNCHANGED,
    error_of,
    refused,
    says,
)
from channels.telegram.render import Place, render
from channels.telegram.uploads import Store, Upload
from channels.telegram.wire import CALL, CallFailed, Wire
from inbox.contract import (
    ExternalRef,
    Fault,
    Media,
    Outbound,
    Receipt,
    RunContext,
    SendFailed,
    ThreadRef,
    WireOp,
)


Json = dict[str, Any]

SLOWEST = 50_000  # bytes a second of a line on which an upload still ends in time
DELETED_AT_ONCE = 100  # https://core.telegram.org/bots/api#deletemessages
TOAST = 200  # characters shown to who pressed a button
VARIANT = "\ufe0f"  # asks for a colourful emoji; Telegram's list of reactions goes without


class Sender:
    """Sends for every bot of this process; remembers in memory what Telegram has already."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._store = Store()

    # ------------------------------------------------------------ messages

    async def send(self, ctx: RunContext, op: WireOp) -> Receipt:
        """Make the one call of an operation.

        Raises:
            SendFailed: Telegram did not take it, or nobody knows.
        """
        uploads = await self._store.uploads(ctx, op.payload.get("files", ()))
        method, params = _fitted(op.method, op.payload, uploads)
        scope = op.bucket[-1] if op.bucket else None
        try:
            result = await self._call(ctx, method, params, uploads)
        except CallFailed as failed:
            raise self._failed(ctx, failed, uploads, scope=scope) from None
        sent = result if isinstance(result, list) else [result]
        self._store.remember(ctx, sent, uploads)
        return Receipt(external_ids=tuple(str(one["message_id"]) for one in sent))

    async def edit(self, ctx: RunContext, ref: ExternalRef, new: Outbound) -> Receipt:
        """Replace what a message says, and its file when that is another one.

        Raises:
            SendFailed: It was not replaced, or nobody knows.
        """
        rendered = render(
            msgspec.structs.replace(new, thread=ref.thread, reply_to=None),
            capabilities(ctx.config, ref.thread),
        )
        if len(rendered.ops) != 1 or rendered.ops[0].method == "sendMediaGroup":
            raise refused(Fault.CONTENT, "telegram.too_long", "it does not fit into one message")
        (op,) = rendered.ops
        media = next((part for part in new.parts if isinstance(part, Media)), None)
        if media is None:
            await self._edit_words(ctx, ref, op.payload)
        elif self._store.has_blob(ctx, ref, media):
            await self._edit(ctx, ref, "editMessageCaption", _caption(op.payload))
        else:
            await self._edit_file(ctx, ref, op)
        return Receipt(external_ids=(ref.message_id,))

    async def delete(self, ctx: RunContext, refs: Sequence[ExternalRef]) -> None:
        """Take messages back; those that are gone already do not matter.

        Raises:
            SendFailed: Some could not be taken back, or nobody knows.
        """
        ids: dict[ThreadRef, list[int]] = {}
        for ref in refs:
            ids.setdefault(ref.thread, []).append(_number(ref))
        for thread, all_of_them in ids.items():
            for start in range(0, len(all_of_them), DELETED_AT_ONCE):
                await self._delete(ctx, thread, all_of_them[start : start + DELETED_AT_ONCE])

    # ------------------------------------------------------------ signs

    async def react(self, ctx: RunContext, ref: ExternalRef, emojis: Sequence[str]) -> None:
        """Set our one reaction to a message, or none.

        Raises:
            SendFailed: Telegram did not take it.
        """
        place = Place.of(ref.thread.key)
        if place.business is not None:
            raise refused(Fault.CONTENT, "telegram.reaction", "a business cannot react")
        chosen = [{"type": "emoji", "emoji": one.replace(VARIANT, "")} for one in emojis[:1]]
        params = {"chat_id": place.chat_id, "message_id": _number(ref), "reaction": chosen}
        await self._do(ctx, "setMessageReaction", params, place)

    async def typing(self, ctx: RunContext, thread: ThreadRef, on: bool) -> None:
        """Show for five seconds that somebody writes; it ends by itself.

        Raises:
            SendFailed: Telegram did not take it.
        """
        if not on:
            return
        place = Place.of(thread.key)
        params = place.params() | {"action": "typing"}
        params.pop("direct_messages_topic_id", None)
        await self._do(ctx, "sendChatAction", params, place)

    async def mark_read(self, ctx: RunContext, ref: ExternalRef) -> None:
        """Show that a message was read; only a business's chats can.

        Raises:
            SendFailed: Telegram did not take it.
        """
        place = Place.of(ref.thread.key)
        if place.business is None:
            return
        params = {
            "business_connection_id": place.business,
            "chat_id": place.chat_id,
            "message_id": _number(ref),
        }
        await self._do(ctx, "readBusinessMessage", params, place)

    async def answer_button(self, ctx: RunContext, token: str, text: str | None) -> None:
        """Answer who pressed a button; when they wait no longer that is no trouble.

        Raises:
            SendFailed: Telegram did not take it.
        """
        params = {"callback_query_id": token} | ({"text": text[:TOAST]} if text else {})
        try:
            await self._wire.call(ctx, "answerCallbackQuery", params)
        except CallFailed as failed:
            if not says(failed, *OLD_QUERY):
                raise SendFailed(error_of(failed)) from None

    # ------------------------------------------------------------ changing

    async def _edit_words(
        self, ctx: RunContext, ref: ExternalRef, payload: Mapping[str, Any]
    ) -> None:
        """Change a text; it may turn out to be a caption, which nobody remembers."""
        params = _picked(payload, "text", "entities", "reply_markup")
        try:
            await self._edit(ctx, ref, "editMessageText", params)
        except SendFailed as failure:
            if NO_TEXT not in failure.error.text.lower():
                raise
            caption = {"caption": params["text"]}
            if "entities" in params:
                caption["caption_entities"] = params["entities"]
            await self._edit(ctx, ref, "editMessageCaption", caption)

    async def _edit_file(self, ctx: RunContext, ref: ExternalRef, op: WireOp) -> None:
        uploads = await self._store.uploads(ctx, op.payload["files"])
        (upload,) = uploads
        if upload.kind not in {"photo", "video", "audio", "document", "animation"}:
            raise refused(Fault.CONTENT, "telegram.file", f"a {upload.kind} cannot be replaced")
        media = {"type": upload.kind, "media": upload.value} | _caption(op.payload)
        try:
            result = await self._edit(ctx, ref, "editMessageMedia", {"media": media}, uploads)
        except SendFailed as failure:
            if NO_CAPTION in failure.error.text.lower():
                raise refused(Fault.CONTENT, "telegram.file", failure.error.text) from None
            raise
        if isinstance(result, dict):
            self._store.remember(ctx, [result], uploads)

    async def _edit(
        self,
        ctx: RunContext,
        ref: ExternalRef,
        method: str,
        params: Json,
        uploads: Sequence[Upload] = (),
    ) -> Any:
        place = Place.of(ref.thread.key)
        whose: Json = {"chat_id": place.chat_id, "message_id": _number(ref)}
        if place.business is not None:
            whose["business_connection_id"] = place.business
        try:
            return await self._call(ctx, method, whose | params, uploads)
        except CallFailed as failed:
            if says(failed, UNCHANGED):  # Telegram has it as it should be
                return None
            raise self._failed(ctx, failed, uploads, scope=place.bucket()[-1]) from None

    async def _delete(self, ctx: RunContext, thread: ThreadRef, ids: Sequence[int]) -> None:
        place = Place.of(thread.key)
        if place.business is not None:
            params: Json = {"business_connection_id": place.business, "message_ids": list(ids)}
            await self._do(ctx, "deleteBusinessMessages", params, place)
        elif len(ids) > 1:
            params = {"chat_id": place.chat_id, "message_ids": list(ids)}
            await self._do(ctx, "deleteMessages", params, place)
        else:  # of a single one Telegram says why it cannot be
            params = {"chat_id": place.chat_id, "message_id": ids[0]}
            await self._do(ctx, "deleteMessage", params, place, fine=(GONE,))

    async def _do(
        self,
        ctx: RunContext,
        method: str,
        params: Json,
        place: Place,
        *,
        fine: Sequence[str] = (),
    ) -> None:
        try:
            await self._wire.call(ctx, method, params)
        except CallFailed as failed:
            if not (fine and says(failed, *fine)):
                raise self._failed(ctx, failed, (), scope=place.bucket()[-1]) from None

    # ------------------------------------------------------------ files

    async def _call(
        self, ctx: RunContext, method: str, params: Json, uploads: Sequence[Upload]
    ) -> Any:
        new = {one.name: one.part for one in uploads if not one.file_id}
        seconds = CALL + sum(one.size for one in uploads if not one.file_id) / SLOWEST
        return await self._wire.call(ctx, method, params, new or None, timeout=seconds)

    def _failed(
        self,
        ctx: RunContext,
        failed: CallFailed,
        uploads: Sequence[Upload],
        *,
        scope: str | None,
    ) -> SendFailed:
        if failed.error_code == 400 and says(failed, *STALE) and self._store.forget(ctx, uploads):
            text = failed.description
            return refused(Fault.TRANSIENT, "telegram.file_forgotten", text, retry_after=0.0)
        return SendFailed(error_of(failed, scope=scope, account=ctx.account))


def _fitted(
    method: str, payload: Mapping[str, Any], uploads: Sequence[Upload]
) -> tuple[str, Json]:
    """Return a call with its files as they are really sent."""
    params: Json = {name: value for name, value in payload.items() if name != "files"}
    if method == "sendMediaGroup":
        params["media"] = [
            one | {"type": upload.kind, "media": upload.value}
            for one, upload in zip(params["media"], uploads, strict=True)
        ]
    elif uploads:
        (upload,) = uploads
        wanted = payload["files"][0]["kind"]
        del params[wanted]
        params[upload.kind] = upload.value
        method = method if upload.kind == wanted else "sendDocument"
    return method, params


def _caption(payload: Mapping[str, Any]) -> Json:
    return _picked(payload, "caption", "caption_entities")


def _picked(payload: Mapping[str, Any], *names: str) -> Json:
    return {name: payload[name] for name in names if name in payload}


def _number(ref: ExternalRef) -> int:
    try:
        return int(ref.message_id)
    except ValueError:
        raise refused(Fault.CONTENT, "telegram.no_message", ref.message_id) from None
