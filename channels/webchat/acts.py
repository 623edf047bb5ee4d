"""Storing what a visitor did: the log's entries and the journal's rows, in one commit.

The visitor is told (``ack``) after that commit, so what they were told is stored is with the
inbox, once: the log knows a ``cid`` again, and the journal a key.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from channels.webchat import visitors
from channels.webchat.answers import Amend, File, Msg, Note
from channels.webchat.log import New, Placed, append
from channels.webchat.normalize import Act, Filled, SeenPage, StoredFile, kind_of, raw_of
from channels.webchat.protocol import Callback, Csat, Form, Pick, React, Send
from channels.webchat.services import Services, Widget
from channels.webchat.visitors import Visitor
from inbox import journal
from infra.clock import new_id, now
from infra.db import Writes


Durable = Send | Form | Callback | Csat | Pick | React

FILES = """
SELECT id, blob, name, mime, size FROM webchat_file WHERE visitor_id = $1 AND id = ANY($2)
"""
CLAIM = """
UPDATE webchat_visitor SET
       name = CASE WHEN level = 'verified' AND name <> '' THEN name
                   ELSE coalesce(nullif($2, ''), name) END,
       email = CASE WHEN proven_email <> '' THEN email ELSE coalesce(nullif($3, ''), email) END,
       phone = CASE WHEN proven_phone <> '' THEN phone ELSE coalesce(nullif($4, ''), phone) END,
       level = CASE WHEN level = 'anonymous' AND concat($2, $3, $4) <> '' THEN 'claimed'
                    ELSE level END,
       prechat = coalesce($5::jsonb, prechat), spoke = spoke OR $6
 WHERE id = $1
"""
RATED = "UPDATE webchat_visitor SET asked_for = $2 WHERE id = $1"
THREADS = "SELECT id, thread FROM webchat_entry WHERE visitor_id = $1 AND id = ANY($2)"

WORDS = {"en": "Visitor", "ro": "Vizitator", "ru": "Посетитель"}


class Checked(msgspec.Struct, frozen=True):
    """A durable frame that passed every check.

    Attributes:
        values: The answers of a form, canonical.
        case: The case a rating is about.
    """

    frame: Durable
    values: Mapping[str, str] = {}
    case: UUID | None = None


class Stored(msgspec.Struct, frozen=True):
    """Whose log it is, and where each frame's entry is; None for one that names a missing file."""

    visitor: Visitor
    placed: Sequence[Placed | None]


async def store(
    services: Services,
    widget: Widget,
    hashed: bytes,
    checked: Sequence[Checked],
    *,
    lang: str,
    site: str,
    pages: Sequence[SeenPage] = (),
) -> Stored:
    """Store frames of one visitor in one commit; the visitor is made when this is the first.

    Raises:
        visitors.Ended: The session is over.
    """
    async with services.db.lane(via="channel") as tx:
        visitor = await visitors.begin(tx, widget.id, hashed, lang=lang, site=site)
        files = await _files(tx, visitor, checked)
        threads = await _threads(tx, visitor, checked)
        usable = [one for one in checked if _has_files(one.frame, files)]
        made = [_made(visitor, one, files, threads) for one in usable]
        _, placed = await append(tx, visitor.id, [new for new, _ in made])
        acts: list[Act] = []
        for one, (_, act), place in zip(usable, made, placed, strict=True):
            if not place.is_new:
                continue
            visitor = await _learn(tx, visitor, one)
            told = _told(visitor, act, one, pages)
            if told is not None:
                acts.append(told)
                visitor = msgspec.structs.replace(visitor, spoke=True)
        await journal.take(tx, services.blobs, widget.id, [raw_of(act) for act in acts])
        visitor = await visitors.load(tx, visitor.id)
    await services.rooms.announce(visitor.id)
    places = iter(placed)
    return Stored(
        visitor,
        [next(places) if _has_files(one.frame, files) else None for one in checked],
    )


async def _files(
    tx: Writes, visitor: Visitor, checked: Sequence[Checked]
) -> Mapping[str, tuple[File, StoredFile]]:
    """Return the visitor's own files that messages name."""
    wanted = [
        each
        for one in checked
        if isinstance(one.frame, Send)
        for each in map(_uuid, one.frame.files)
    ]
    if not wanted:
        return {}
    rows = await tx.fetch(FILES, visitor.id, [each for each in wanted if each is not None])
    return {
        row["id"].hex: (
            File(
                row["id"].hex,
                row["name"],
                row["mime"],
                row["size"],
                msgspec.convert(kind_of(row["mime"]), Any),
            ),
            StoredFile(row["blob"], row["name"], row["mime"], row["size"]),
        )
        for row in rows
    }


async def _threads(tx: Writes, visitor: Visitor, checked: Sequence[Checked]) -> Mapping[str, UUID]:
    """Return the threads of the messages that frames refer to."""
    names = [
        one.frame.reply_to or "" if isinstance(one.frame, Send) else one.frame.id
        for one in checked
        if isinstance(one.frame, Send | Pick | React)
    ]
    if not any(names):
        return {}
    rows = await tx.fetch(THREADS, visitor.id, names)
    return {row["id"]: row["thread"] for row in rows}


def _has_files(frame: Durable, files: Mapping[str, object]) -> bool:
    return not isinstance(frame, Send) or all(_hex(each) in files for each in frame.files)


def _made(
    visitor: Visitor,
    one: Checked,
    files: Mapping[str, tuple[File, StoredFile]],
    threads: Mapping[str, UUID],
) -> tuple[New, Act]:
    """Return the entry a frame becomes, and what it means to the inbox."""
    frame, name, moment = one.frame, new_id().hex, now()
    at = int(moment.timestamp() * 1000)
    act = Act(
        kind="form",
        visitor=visitor.id,
        key=f"{visitor.id}/{frame.cid}",
        at=moment,
        name=name_of(visitor, one.values),
        verified=visitor.level == "verified",
        message=name,
    )
    entry: msgspec.Struct
    match frame:
        case Send():
            sent = [files[_hex(each)] for each in frame.files]
            entry = Msg(
                seq=0,
                id=name,
                dir="in",
                at=at,
                cid=frame.cid,
                text=frame.text.replace("\0", ""),
                files=tuple(shown for shown, _ in sent),
                reply_to=frame.reply_to,
            )
            act = msgspec.structs.replace(
                act,
                kind="message",
                text=entry.text,
                files=tuple(kept for _, kept in sent),
                reply_to=frame.reply_to or "",
                thread=threads.get(frame.reply_to or ""),
            )
        case Pick():
            button = frame.button.replace("\0", "")
            entry = Amend(seq=0, id=frame.id, at=at, picked=button)
            act = msgspec.structs.replace(
                act,
                kind="button",
                message=frame.id,
                button=button,
                thread=threads.get(frame.id),
            )
        case React():
            emojis = tuple(emoji.replace("\0", "") for emoji in frame.emojis)
            entry = Amend(seq=0, id=frame.id, at=at, theirs=emojis)
            act = msgspec.structs.replace(
                act,
                kind="reaction",
                message=frame.id,
                emojis=emojis,
                thread=threads.get(frame.id),
            )
        case _:
            said = {k: v for k, v in one.values.items() if k != "consent_text"}
            kind = "form" if isinstance(frame, Form) else type(frame).__name__.lower()
            entry = Note(
                seq=0, id=name, at=at, kind=msgspec.convert(kind, Any), cid=frame.cid, values=said
            )
            form = frame.form if isinstance(frame, Form) else kind
            act = msgspec.structs.replace(
                act, forms=(Filled(msgspec.convert(form, Any), one.values),)
            )
    kind_of_entry = {Msg: "in", Amend: "amend", Note: "note"}[type(entry)]
    new = New(
        id=name,
        kind=msgspec.convert(kind_of_entry, Any),
        frame=msgspec.to_builtins(entry),
        cid=frame.cid,
    )
    return new, act


def _told(visitor: Visitor, act: Act, one: Checked, pages: Sequence[SeenPage]) -> Act | None:
    """Return what the inbox is told: with the first message, all that came before it.

    None is a pre-chat form that no message followed yet.
    """
    act = msgspec.structs.replace(act, name=name_of(visitor))
    if visitor.spoke:
        return act
    if isinstance(one.frame, Form) and one.frame.form == "prechat":
        return None
    forms = act.forms
    if act.kind == "form":
        act = msgspec.structs.replace(act, kind="message", text=_words(one.values))
    if visitor.prechat is not None:
        forms = (Filled("prechat", visitor.prechat), *forms)
    return msgspec.structs.replace(act, forms=forms, pages=tuple(pages))


async def _learn(tx: Writes, visitor: Visitor, one: Checked) -> Visitor:
    """Keep what a form says of the visitor: a claim."""
    if isinstance(one.frame, Csat):
        await tx.execute(RATED, visitor.id, one.case)
    if not isinstance(one.frame, Form | Callback):
        return visitor
    is_prechat = isinstance(one.frame, Form) and one.frame.form == "prechat"
    await tx.execute(
        CLAIM,
        visitor.id,
        one.values.get("name", ""),
        one.values.get("email", ""),
        one.values.get("phone", ""),
        msgspec.json.encode(one.values).decode() if is_prechat else None,
        not is_prechat,
    )
    known = await visitors.load(tx, visitor.id)
    return msgspec.structs.replace(known, spoke=visitor.spoke)


def _words(values: Mapping[str, str]) -> str:
    """Return a form as the text of a message, so that nobody can overlook it."""
    if text := values.get("text", ""):
        return text
    shown = [value for key, value in values.items() if not key.startswith("consent") and value]
    return "\n".join(shown) or "-"


def name_of(visitor: Visitor, values: Mapping[str, str] | None = None) -> str:
    """Return what to call a visitor: what they say, or a number in their language."""
    said = visitor.name or (values or {}).get("name", "")
    if said:
        return said
    word = WORDS.get(visitor.lang.partition("-")[0], WORDS["en"])
    return f"{word} {visitor.id.hex[-4:].upper()}"


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _hex(text: str) -> str:
    found = _uuid(text)
    return found.hex if found else ""
