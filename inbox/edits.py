"""Messages whose content changes after they were sent: by the client, or by an agent.

What a message said before is kept (``message_edit``). What was taken back keeps its row and its
text for the audit; agents are shown that it was taken back, and when.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select

from inbox.amending import ADD_FILES, captioned
from inbox.case import Case, open_any
from inbox.changes import message_changed
from inbox.chat_tables import MessageEditRow
from inbox.content import Content, clean, preview_of
from inbox.contract import MessageDeleted, MessageEdited
from inbox.naming import find_message
from inbox.tables import AttachmentRow, MessageRow
from inbox.verdicts import PROCESSED, STRANGER, Verdict, ignored
from infra.db import Transaction
from infra.tables import Json


FILE = ("kind", "filename", "mime", "size", "duration")
"""What of a replaced file is remembered."""


class NewContent(msgspec.Struct, frozen=True, kw_only=True):
    """What a message says from now on.

    Attributes:
        files: Replace the attachments; None leaves them.
    """

    text: str
    reply_text: str
    spans: list[Json]
    parts: list[Json]
    folds: list[Json] = []
    files: list[Json] | None = None


async def apply_edited(tx: Transaction, event: MessageEdited, *, order: int) -> Verdict:
    """Give a message the content a client changed it to.

    Providers announce changes nobody sees, late, twice and in any order: only content that is
    different and newer than what is here counts.

    Args:
        order: Grows with each payload: decides between changes of one moment.
    """
    message_id = await find_message(tx, event.ref)
    if message_id is None:
        return STRANGER
    case, message = await open_message(tx, message_id)
    if message.deleted_at is not None:
        return ignored("deleted")
    stamp = [event.at.isoformat(), order]
    last = message.meta.get("edit")
    if last is not None and _moment(last) > _moment(stamp):
        return ignored("older")
    if message.kind == "outbound" and _precedes(event.at, message.edited_at):
        return ignored("older")  # the echo of a change that an agent has changed again
    files = await _files_of(tx, message_id)
    new = _content(message, event, files)
    meta = {**message.meta, "edit": stamp}
    if "captions" in message.meta:
        meta["captions"] = _captions(message.meta["captions"], event)
    if not _differs(message, new):
        message.meta = meta
        return ignored("unchanged")
    message.meta = meta
    if message.kind == "inbound":
        case.touch()  # it is worth a look again, and is no new message
    await rewrite(case, message, new, at=event.at, actor_kind=_actor(message))
    return PROCESSED


async def apply_deleted(tx: Transaction, event: MessageDeleted) -> Verdict:
    """Note that messages were taken back; those that are not here yet are waited for."""
    missing = False
    for ref in event.refs:
        message_id = await find_message(tx, ref)
        if message_id is None:
            missing = True
            continue
        case, message = await open_message(tx, message_id)
        captions = message.meta.get("captions", [])
        gone = {*message.meta.get("gone", ()), clean(ref.message_id)}
        if any(name not in gone for name, *_ in captions):
            message.meta = {**message.meta, "gone": sorted(gone)}  # the rest of the album stays
        elif message.deleted_at is None:
            await take_back(case, message, at=event.at)
    return STRANGER if missing else PROCESSED


async def open_message(tx: Transaction, message_id: UUID) -> tuple[Case, MessageRow]:
    """Lock a message and its conversation, in the order everybody does."""
    place = await tx.fetchval("SELECT conversation_id FROM message WHERE id = $1", message_id)
    case = await open_any(tx, place)
    message = await tx.session.get_one(
        MessageRow, message_id, with_for_update=True, populate_existing=True
    )
    return case, message


async def rewrite(
    case: Case,
    message: MessageRow,
    new: NewContent,
    *,
    at: datetime,
    actor_kind: str,
    actor_id: UUID | None = None,
) -> None:
    """Replace a message's content, keep the old one and announce both message and conversation."""
    tx = case.tx
    n = await tx.fetchval(
        "SELECT coalesce(max(n), 0) + 1 FROM message_edit WHERE message_id = $1", message.id
    )
    files = await _files_of(tx, message.id)
    replaced = files if new.files is not None else []
    tx.session.add(
        MessageEditRow(
            message_id=message.id,
            n=n,
            at=at,
            actor_kind=actor_kind,
            actor_id=actor_id,
            text=message.text,
            spans=message.spans,
            parts=[*message.parts, *map(_kept_file, replaced)],
        )
    )
    message.text, message.reply_text = new.text, new.reply_text
    message.spans, message.parts, message.folds = new.spans, new.parts, new.folds
    message.edited_at = at
    for file in replaced:
        await tx.session.delete(file)
    if new.files is not None:
        await tx.session.flush()
        await tx.execute(ADD_FILES, message.id, msgspec.json.encode(new.files).decode())
    named = [_kept_file(file) for file in files] if new.files is None else new.files
    await _retold(case, message, preview_of(new.reply_text, named))


async def take_back(case: Case, message: MessageRow, *, at: datetime) -> None:
    """Note that a message was taken back, and announce it."""
    message.deleted_at = at
    await _retold(case, message, "")


async def _retold(case: Case, message: MessageRow, preview: str) -> None:
    """Tell of a message that changed, wherever its words are shown."""
    tx = case.tx
    message.rev += 1
    if message.seq == case.row.last_public_seq:
        case.row.preview = preview
    await tx.execute("UPDATE activity SET summary = $2 WHERE ref = $1", message.id, preview)
    await tx.execute("INSERT INTO search_queue VALUES ($1) ON CONFLICT DO NOTHING", message.id)
    await message_changed(tx, message.id)
    await case.announce()


def _content(
    message: MessageRow, event: MessageEdited, files: Sequence[AttachmentRow]
) -> NewContent:
    content = Content(event.parts)
    if "captions" in message.meta:
        text, spans = captioned(_captions(message.meta["captions"], event))
        return NewContent(text=text, reply_text=text, spans=spans, parts=[])
    new = content.attachments
    is_same = not new or (len(new) == len(files) and all(map(_is_same, files, new)))
    return NewContent(
        text=content.text,
        reply_text=content.reply_text,
        spans=content.spans,
        parts=content.parts,
        folds=content.folds,
        files=None if is_same else new,
    )


def _captions(captions: Sequence[Sequence[Any]], event: MessageEdited) -> list[Sequence[Any]]:
    """Return the captions of an album with that of one item replaced."""
    content = Content(event.parts)
    name = clean(event.ref.message_id)
    new = [name, content.text, content.spans]
    return [new if one[0] == name else one for one in captions]


def _differs(message: MessageRow, new: NewContent) -> bool:
    was = (message.text, message.spans, _plain(message.parts))
    return new.files is not None or was != (new.text, new.spans, _plain(new.parts))


def _plain(parts: Sequence[Json]) -> Any:
    return msgspec.json.decode(msgspec.json.encode(parts))


def _kept_file(file: AttachmentRow) -> Json:
    return {"type": "file", "blob": file.blob, **{name: getattr(file, name) for name in FILE}}


async def _files_of(tx: Transaction, message_id: UUID) -> list[AttachmentRow]:
    found = await tx.session.scalars(
        select(AttachmentRow)
        .where(AttachmentRow.message_id == message_id)
        .order_by(AttachmentRow.position)
    )
    return list(found)


def _moment(stamp: Sequence[Any]) -> tuple[datetime, int]:
    return datetime.fromisoformat(stamp[0]), stamp[1]


def _is_same(file: AttachmentRow, new: Json) -> bool:
    """Whether a file is the one that is here; once fetched, more is known of it than was said."""
    if (file.kind, file.filename) != (new["kind"], new["filename"]):
        return False
    if new["handle"] is not None and file.handle == new["handle"]:
        return True
    return new["size"] in {0, file.size} and new["blob"] in {None, file.blob}


def _precedes(at: datetime, edited_at: datetime | None) -> bool:
    """Whether a provider's time, which may be whole seconds, is before that of an edit here."""
    return edited_at is not None and at < edited_at.replace(microsecond=0)


def _actor(message: MessageRow) -> str:
    return "client" if message.kind == "inbound" else "agent"
