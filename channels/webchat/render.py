"""What an answer becomes on the visitor's side: one entry of their log."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import msgspec

from channels.webchat.answers import ButtonOut, Msg, SpanOut
from channels.webchat.protocol import TEXT_LIMIT
from inbox.contract import (
    Capabilities,
    Level,
    Location,
    Media,
    MediaCaps,
    Outbound,
    Rendered,
    RichText,
    SharedContact,
    Span,
    Stored,
    Unsupported,
    WireOp,
)


MOST_FILES = 10  # per message
LARGEST = 200 << 20  # bytes; the operator's upload limit is lower
SAFE_LINK = re.compile(r"(?:https?://|mailto:|tel:)[^\s<>\"]+", re.IGNORECASE)

_ANY = MediaCaps(
    mimes={"*/*": Level.FULL},
    max_bytes=LARGEST,
    max_caption=TEXT_LIMIT,
    per_message=MOST_FILES,
)
_SPANS = (
    *("bold", "italic", "underline", "strike", "code", "pre"),
    *("quote", "link", "mention", "spoiler"),
)

CAPABILITIES = Capabilities(
    text_max=TEXT_LIMIT,
    text_unit="codepoints",
    text_split=True,
    formatting=dict.fromkeys(_SPANS, Level.FULL),
    media=dict.fromkeys(("image", "video", "audio", "voice", "file"), _ANY),
    buttons=20,
    reply=Level.FULL,
    edit=Level.FULL,
    delete=Level.FULL,
    reactions=8,
    typing_out=timedelta(seconds=3),
    typing_in=True,
    delivered=True,
    read_in=True,
    read_out=True,
    initiate="after_inbound",
    live_presence=True,
)


def render(message: Outbound, caps: Capabilities) -> Rendered:
    """Say which entries deliver an answer: one, and more when the text or files are too many."""
    del caps  # a visitor's log carries all of them
    text, spans, losses = _text(message)
    files = [part for part in message.parts if isinstance(part, Media)]
    chunks = list(_chunks(text, spans))
    count = max(len(chunks), -(-len(files) // MOST_FILES), 1)
    place = next((part for part in message.parts if isinstance(part, Location)), None)
    ops = []
    for n in range(count):
        said, marks = chunks[n] if n < len(chunks) else ("", ())
        frame = Msg(
            seq=0,
            id=entry_id(message, n),
            dir="out",
            at=int(message.at.timestamp() * 1000),
            text=said,
            spans=marks,
            buttons=_buttons(message) if n == count - 1 else (),
            reply_to=message.reply_to.message_id if message.reply_to and n == 0 else None,
            auto=message.automatic,
            location=(place.lat, place.lon) if place and n == 0 else None,
        )
        payload: dict[str, Any] = {
            "visitor": message.thread.key,
            "author": message.sender_name or "",
            "text": said,
            "frame": {k: v for k, v in msgspec.to_builtins(frame).items() if k != "text"},
            "files": [_file(one) for one in files[n * MOST_FILES : (n + 1) * MOST_FILES]],
        }
        ops.append(
            WireOp(
                key=f"{message.id}/{n}",
                method="webchat.append",
                payload=payload,
                recipients=(message.to,),
                bucket=("acct",),
            )
        )
    return Rendered(ops=tuple(ops), losses=losses)


def entry_id(message: Outbound, n: int) -> str:
    """Return the name an entry will have: the same in every attempt."""
    return message.id.hex if n == 0 else f"{message.id.hex}-{n}"


def edited(new: Outbound) -> dict[str, Any]:
    """Return what an ``amend`` says of a message's new content."""
    text, spans, _ = _text(new)
    return {"text": text[:TEXT_LIMIT], "spans": msgspec.to_builtins(tuple(spans))}


def _text(message: Outbound) -> tuple[str, list[SpanOut], tuple[str, ...]]:
    """Return the text with its spans, and what could not be said in words."""
    text = ""
    spans: list[SpanOut] = []
    losses: list[str] = []
    for part in message.parts:
        match part:
            case RichText(text=said, spans=marks):
                pass
            case SharedContact(name=name, phones=phones):
                said, marks = " ".join([name, *phones]), ()
            case Unsupported(fallback=fallback):
                said, marks = fallback, ()
            case Media() | Location():
                continue
            case _:
                losses.append(type(part).__name__)
                continue
        start = len(text) + 2 if text and said else len(text)
        text = f"{text}\n\n{said}" if text and said else text + said
        spans += _spans(marks, start)
    return text, spans, tuple(sorted(set(losses) - {"Html"}))


def _spans(spans: tuple[Span, ...], start: int) -> Iterator[SpanOut]:
    for span in spans:
        arg = span.arg
        if span.kind == "link" and not (arg and SAFE_LINK.fullmatch(arg)):
            continue  # the text stays, the address does not
        yield SpanOut(start + span.start, start + span.end, span.kind, arg)


def _chunks(text: str, spans: list[SpanOut]) -> Iterator[tuple[str, tuple[SpanOut, ...]]]:
    """Yield the text in pieces that fit, cut at spaces, with the spans of each."""
    start = 0
    while start < len(text):
        end = min(len(text), start + TEXT_LIMIT)
        if end < len(text):
            cut = max(text.rfind("\n", start, end), text.rfind(" ", start, end))
            end = cut + 1 if cut >= start + TEXT_LIMIT // 2 else end
        yield (
            text[start:end],
            tuple(
                SpanOut(max(s.start, start) - start, min(s.end, end) - start, s.kind, s.arg)
                for s in spans
                if s.start < end and s.end > start
            ),
        )
        start = end


def _buttons(message: Outbound) -> tuple[tuple[ButtonOut, ...], ...]:
    return tuple(
        tuple(
            ButtonOut(
                one.id, one.label, one.url if one.url and SAFE_LINK.fullmatch(one.url) else None
            )
            for one in row
        )
        for row in message.buttons
    )


def _file(media: Media) -> dict[str, Any]:
    return {
        "blob": media.source.blob if isinstance(media.source, Stored) else "",
        "name": media.filename or "",
        "mime": media.mime or "application/octet-stream",
        "size": media.size or 0,
    }
