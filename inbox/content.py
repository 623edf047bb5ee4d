"""What a message says: the parts of a contract value as the columns of its row.

``text`` says everything in words, so that it is found, quoted and shown where nothing better can
be. A part that is more than words, such as a place, is also kept as it came, with the range of the
text that stands for it: whoever shows the part leaves that range out.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from inbox.contract import (
    CalendarEvent,
    Forwarded,
    Html,
    Location,
    Media,
    Part,
    RemoteMedia,
    RichText,
    SharedContact,
    Span,
    Stored,
    Unsupported,
)
from infra.clock import new_id
from infra.tables import Json


PREVIEW = 160  # characters of a list row's second line
GAP = "\n\n"  # between what two parts say

SIGNS = {
    "image": "\N{FRAME WITH PICTURE}",
    "video": "\N{CLAPPER BOARD}",
    "audio": "\N{MUSICAL NOTE}",
    "voice": "\N{STUDIO MICROPHONE}",
    "video_note": "\N{CLAPPER BOARD}",
    "animation": "\N{CLAPPER BOARD}",
    "sticker": "\N{SMILING FACE WITH SMILING EYES}",
    "file": "\N{PAPERCLIP}",
}
"""What a list shows of a file without a name: no language has to be chosen for it."""

MOST_NESTED = 8  # messages forwarded inside each other; deeper ones are told in words


class Content:
    """The parts of a message as columns.

    Attributes:
        text: Everything in words.
        folds: Ranges of ``text`` shown folded.
        spans: Formatted ranges of ``text``.
        parts: What is more than words, each with its range of ``text``.
        html: Sanitised; None when the text says it all.
        remote_images: How many images of ``html`` are inert.
        calendar: Invitations.
        attachments: Files, those of forwarded messages too.
    """

    def __init__(self, parts: Iterable[Part]) -> None:
        self.text = ""
        self.folds: list[Json] = []
        self.spans: list[Json] = []
        self.parts: list[Json] = []
        self.html: str | None = None
        self.remote_images = 0
        self.calendar: list[Json] = []
        self.attachments: list[Json] = []
        for part in parts:
            self._add(part)

    @property
    def reply_text(self) -> str:
        """The text without its folds."""
        return without(self.text, self.folds)

    @property
    def preview(self) -> str:
        """The beginning of what the client says, on one line."""
        return preview_of(self.reply_text, self.attachments)

    def _add(self, part: Part) -> None:
        match part:
            case Html(html=html, remote_images=remote):
                self.html = clean(html)
                self.remote_images += remote
            case Media():
                self.attachments.append(_attachment(part))
            case CalendarEvent():
                self.calendar.append(cleaned(msgspec.to_builtins(part)))
            case RichText():
                self._add_rich(part)
            case _:
                start, end = self._say(said(part))
                self.parts.append({**cleaned(_kept(part)), "start": start, "end": end})
                self.attachments += map(_attachment, _files_in(part))

    def _add_rich(self, part: RichText) -> None:
        start, end = self._say(said(part))
        self.folds += [
            {"start": start + fold.start, "end": start + fold.end, "kind": fold.kind}
            for fold in part.folds
        ]
        if part.spans:
            self.spans += spans_of(part.spans, start, end)

    def _say(self, words: str) -> tuple[int, int]:
        """Add words to the text; return the range they take."""
        if words and self.text:
            self.text += GAP
        start = len(self.text)
        self.text += words
        return start, len(self.text)


def said(part: Part) -> str:
    """Return what a part says in words."""
    match part:
        case RichText(text=text):
            return clean(text)
        case Location(lat=lat, lon=lon, title=title):
            return clean(f"{title or ''} {lat:.6f}, {lon:.6f}".strip())
        case SharedContact(name=name, phones=phones):
            return clean(" ".join([name, *phones]))
        case Forwarded(origin=origin, parts=parts):
            inner = "\n".join(filter(None, map(said, parts)))
            return clean(f"{origin}\n{inner}".strip())
        case Unsupported(fallback=fallback):
            return clean(fallback)
        case _:
            return ""


def without(text: str, folds: Sequence[Mapping[str, Any]]) -> str:
    """Return a text without its folded ranges."""
    kept, place = [], 0
    for fold in sorted(folds, key=lambda fold: int(fold["start"])):
        kept.append(text[place : fold["start"]])
        place = max(place, fold["end"])
    return "".join([*kept, text[place:]]).strip()


def preview_of(reply_text: str, files: Sequence[Mapping[str, Any]]) -> str:
    """Return one line of a message: its words, else the names of its files, else signs."""
    words = " ".join(reply_text[: PREVIEW * 4].split())
    if not words and files:
        words = " ".join(one["filename"] or SIGNS.get(one["kind"], "") for one in files)
    return words[:PREVIEW]


def clean(text: str) -> str:
    """Return ``text`` without what PostgreSQL cannot hold: NUL and lone surrogates."""
    if "\0" in text:
        text = text.replace("\0", "")
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text


def cleaned(value: Any) -> Any:
    """Return a JSON value whose strings PostgreSQL can hold."""
    match value:
        case str():
            return clean(value)
        case dict():
            return {clean(name): cleaned(one) for name, one in value.items()}
        case list() | tuple():
            return [cleaned(one) for one in value]
        case _:
            return value


def spans_of(spans: Iterable[Span], start: int, end: int) -> list[Json]:
    """Return formatted ranges of a text that begins at ``start`` and ends at ``end``."""
    return [
        {
            "start": start + span.start,
            "end": min(start + span.end, end),
            "kind": span.kind,
            "arg": None if span.arg is None else clean(span.arg),
        }
        for span in spans
        if 0 <= span.start < min(span.end, end - start)
    ]


def _kept(part: Part, depth: int = 0) -> Json:
    """Return a part as JSON with every field; its files are attachments of the message."""
    place = {"start": 0, "end": 0}
    match part:
        case Forwarded(origin=origin, at=at, parts=parts):
            inner = [one for one in parts if not isinstance(one, Media | Html | CalendarEvent)]
            if depth == MOST_NESTED:
                inner = [RichText(text=said(part))]
            kept = [_kept(one, depth + 1) for one in inner]
            return {"type": "forwarded", "origin": origin, "at": at, "parts": kept, **place}
        case RichText(text=text, spans=spans):
            ranges = spans_of(spans, 0, len(text))
            return {"type": "text", "text": text, "spans": ranges, **place}
        case _:
            fields = {name: getattr(part, name) for name in part.__struct_fields__}
            return {"type": part.__struct_config__.tag, **fields, **place}


def _files_in(part: Part) -> list[Media]:
    match part:
        case Media():
            return [part]
        case Forwarded(parts=parts):
            return [file for inner in parts for file in _files_in(inner)]
        case _:
            return []


def _attachment(media: Media) -> Json:
    source = media.source
    remote = source if isinstance(source, RemoteMedia) else None
    return {
        "id": new_id(),
        "kind": media.kind,
        "filename": clean(media.filename or "")[:200],
        "mime": clean(media.mime or "application/octet-stream")[:100],
        "size": media.size or 0,
        "duration": media.duration.total_seconds() if media.duration else None,
        "blob": source.blob if isinstance(source, Stored) else None,
        "handle": clean(remote.handle) if remote else None,
        "handle_until": remote.expires_at if remote else None,
        "content_id": None if media.content_id is None else clean(media.content_id),
        "inline": media.inline,
        "unavailable": media.unavailable,
    }
