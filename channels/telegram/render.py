"""Deciding which calls deliver a message: pure, so that every attempt makes the same ones.

The payload of a call is its parameters and, under ``files``, the blobs that go with it. Formatting
is sent as entities, never as markup: no text can be misread or refused.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from channels.telegram.capabilities import CALLBACK, CAPTION, PHOTO, TEXT
from channels.telegram.files import ALONE, Kind, grouped, kind_of
from channels.telegram.splitting import Chunk, split, units
from inbox.contract import (
    Button,
    CalendarEvent,
    Capabilities,
    Forwarded,
    Location,
    Media,
    Outbound,
    Part,
    Rendered,
    RichText,
    SharedContact,
    Span,
    Stored,
    Unsupported,
    WireOp,
)


Payload = dict[str, Any]

METHODS: Mapping[Kind, str] = {
    "photo": "sendPhoto",
    "video": "sendVideo",
    "audio": "sendAudio",
    "voice": "sendVoice",
    "video_note": "sendVideoNote",
    "animation": "sendAnimation",
    "sticker": "sendSticker",
    "document": "sendDocument",
}
SILENT: frozenset[Kind] = frozenset({"video_note", "sticker"})
"""Kinds without a caption."""
ENTITIES = {
    "bold": "bold",
    "italic": "italic",
    "underline": "underline",
    "strike": "strikethrough",
    "code": "code",
    "pre": "pre",
    "quote": "blockquote",
    "link": "text_link",
    "spoiler": "spoiler",
}
MOST_ENTITIES = 100  # of one message; Telegram ignores the rest
QUOTE = 1024  # units
ASK_PHONE = "request_contact"
"""The id of a button with which a client shares their own number."""
ROW = 8  # inline buttons in a row
LABEL = 64  # code points that can be read on a phone


def render(message: Outbound, caps: Capabilities) -> Rendered:
    """Return the calls that deliver a message, and what Telegram cannot carry of it."""
    return _Rendering(message, caps).run()


class Place(msgspec.Struct, frozen=True):
    """Where a message goes, as a thread's key says it: ``<chat>[/t..][/d..][/b..]``."""

    chat_id: int
    topic: int | None = None
    direct: int | None = None
    business: str | None = None

    @classmethod
    def of(cls, key: str) -> "Place":
        """Read a thread's key.

        Raises:
            ValueError: It is none of Telegram's.
        """
        chat, _, business = key.partition("/b")
        chat, _, direct = chat.partition("/d")
        chat, _, topic = chat.partition("/t")
        return cls(
            int(chat),
            int(topic) if topic else None,
            int(direct) if direct else None,
            business or None,
        )

    @property
    def is_group(self) -> bool:
        """Whether several people read along: groups and channels have negative ids."""
        return self.chat_id < 0

    def params(self) -> Payload:
        """Return the parameters that every call to this place has."""
        named = {
            "business_connection_id": self.business,
            "chat_id": self.chat_id,
            "message_thread_id": self.topic,
            "direct_messages_topic_id": self.direct,
        }
        return {name: value for name, value in named.items() if value is not None}

    def bucket(self) -> tuple[str, str]:
        """Return the rate buckets of a call, the narrowest last."""
        return ("acct", f"{'group' if self.is_group else 'chat'}:{self.chat_id}")


class _Rendering:
    def __init__(self, message: Outbound, caps: Capabilities) -> None:
        self._message = message
        self._caps = caps
        self._place = Place.of(message.thread.key)
        self._losses: set[str] = set()

    def run(self) -> Rendered:
        message = self._message
        text, spans = self._text()
        calls = list(self._files(text, spans))
        if not any("caption" in call[1] for call in calls):
            calls += self._texts(text, spans)
        calls += self._places()
        self._decorate(calls)
        if message.copies:
            self._losses.add("copies")
        if message.subject:
            self._losses.add("subject")
        ops = tuple(
            WireOp(
                key=f"{message.id}/{n}",
                method=method,
                payload=payload,
                recipients=(message.to,),
                weight=max(1, len(payload.get("files", ()))),
                bucket=self._place.bucket(),
            )
            for n, (method, payload) in enumerate(calls)
        )
        return Rendered(ops=ops, losses=tuple(sorted(self._losses)))

    # ------------------------------------------------------------ text

    def _text(self) -> tuple[str, tuple[Span, ...]]:
        """Return all the words of a message, also those of what Telegram has no form for."""
        words, spans = "", []
        for said in self._said():
            if words:
                words += "\n\n"
            spans += [
                Span(span.start + len(words), span.end + len(words), span.kind, span.arg)
                for span in said.spans
            ]
            words += clean(said.text)
        return words, tuple(spans)

    def _said(self) -> Iterator[RichText]:
        for part in self._message.parts:
            match part:
                case RichText(text=text) if text.strip():
                    yield part
                case CalendarEvent() | Forwarded() | Unsupported():
                    self._losses.add(type(part).__name__.lower())
                    if words := in_words(part):
                        yield RichText(text=words)
                case _:
                    pass

    def _texts(self, text: str, spans: Sequence[Span]) -> Iterator[tuple[str, Payload]]:
        for chunk in split(text, spans, min(TEXT, self._caps.text_max)):
            if chunk.text.strip():  # Telegram refuses a message of spaces
                yield "sendMessage", self._place.params() | self._formatted(chunk, "text")

    def _formatted(self, chunk: Chunk, name: str) -> Payload:
        found = list(entities(chunk))
        if len(found) > MOST_ENTITIES:
            self._losses.add("formatting")
        listed = "entities" if name == "text" else "caption_entities"
        said: Payload = {name: chunk.text}
        return said | ({listed: found[:MOST_ENTITIES]} if found else {})

    # ------------------------------------------------------------ files

    def _files(self, text: str, spans: Sequence[Span]) -> Iterator[tuple[str, Payload]]:
        files = [part for part in self._message.parts if isinstance(part, Media)]
        kinds = [(self._kind(file), file) for file in files]
        groups = list(grouped(kinds))
        wants_caption = bool(text.strip()) and units(text) <= CAPTION
        is_alone = len(groups) == 1 and (len(groups[0]) == 1 or not self._inline())
        for n, group in enumerate(groups):
            may = group[0][0] not in SILENT and (is_alone or (n == 0 and not self._inline()))
            caption = Chunk(text, tuple(spans)) if wants_caption and may else None
            yield (
                self._single(*group[0], caption)
                if len(group) == 1
                else self._album(group, caption)
            )

    def _kind(self, file: Media) -> Kind:
        kind, loss = kind_of(file, PHOTO)
        if loss:
            self._losses.add(loss)
        return kind

    def _single(self, kind: Kind, file: Media, caption: Chunk | None) -> tuple[str, Payload]:
        payload = self._place.params() | {kind: f"attach://{kind}"} | about(kind, file)
        if caption is not None:
            payload |= self._formatted(caption, "caption")
        return METHODS[kind], payload | {"files": [file_of(kind, kind, file)]}

    def _album(
        self, group: Sequence[tuple[Kind, Media]], caption: Chunk | None
    ) -> tuple[str, Payload]:
        media: list[Payload] = [
            {"type": kind, "media": f"attach://f{n}"} | about(kind, file)
            for n, (kind, file) in enumerate(group)
        ]
        if caption is not None:
            # Under documents and songs it stands below each, under pictures below the first.
            media[-1 if group[0][0] in ALONE else 0] |= self._formatted(caption, "caption")
        files = [file_of(f"f{n}", kind, file) for n, (kind, file) in enumerate(group)]
        said = {"caption": True} if caption is not None else {}
        return "sendMediaGroup", self._place.params() | {"media": media, "files": files} | said

    # ------------------------------------------------------------ places and people

    def _places(self) -> Iterator[tuple[str, Payload]]:
        for part in self._message.parts:
            match part:
                case Location(lat=lat, lon=lon, title=title):
                    where = {"latitude": lat, "longitude": lon}
                    named = {"title": title, "address": title} if title else {}
                    method = "sendVenue" if title else "sendLocation"
                    yield method, self._place.params() | where | named
                case SharedContact(name=name, phones=(phone, *others)):
                    if others:
                        self._losses.add("contact")
                    who = {"phone_number": phone, "first_name": name or phone}
                    yield "sendContact", self._place.params() | who
                case _:
                    pass

    # ------------------------------------------------------------ what goes around it

    def _decorate(self, calls: list[tuple[str, Payload]]) -> None:
        """Add what the first call answers, the buttons of the last, and silence to all."""
        for method, payload in calls:
            if method == "sendMediaGroup":
                payload.pop("caption", None)
            if self._message.silent:
                payload["disable_notification"] = True
        if calls and (answered := self._answered()) is not None:
            calls[0][1]["reply_parameters"] = answered
        markup = self._markup()
        if markup is None:
            return
        carriers = [payload for method, payload in calls if method != "sendMediaGroup"]
        if carriers:
            carriers[-1]["reply_markup"] = markup
        else:
            self._losses.add("buttons")

    def _answered(self) -> Payload | None:
        ref = self._message.reply_to
        if ref is None or not ref.message_id.isdecimal():
            return None
        if ref.thread.key != self._message.thread.key:
            return None
        return {"message_id": int(ref.message_id), "allow_sending_without_reply": True}

    def _inline(self) -> list[list[Button]]:
        return [
            [button for button in row if button.id != ASK_PHONE] for row in self._message.buttons
        ]

    def _markup(self) -> Payload | None:
        """Return the buttons; one that asks for a phone number leaves no room for others."""
        asks = [b for row in self._message.buttons for b in row if b.id == ASK_PHONE]
        rows = [made for row in self._inline() if (made := list(self._row(row)))]
        if asks and not self._place.is_group and self._place.business is None:
            if rows:
                self._losses.add("buttons")
            return {
                "keyboard": [[{"text": asks[0].label, "request_contact": True}]],
                "resize_keyboard": True,
                "one_time_keyboard": True,
            }
        if asks:
            self._losses.add("buttons")
        if not rows:
            return None
        return {"inline_keyboard": rows}

    def _row(self, row: Sequence[Button]) -> Iterator[Payload]:
        for button in row[:ROW]:
            label = clean(button.label).strip()[:LABEL]
            if button.url is not None:
                yield {"text": label or button.url[:LABEL], "url": button.url}
            elif 0 < len(button.id.encode()) <= CALLBACK and label:
                yield {"text": label, "callback_data": button.id}
            else:
                self._losses.add("buttons")
        if len(row) > ROW:
            self._losses.add("buttons")


def entities(chunk: Chunk) -> Iterator[Payload]:
    """Return Telegram's entities for the spans of a text."""
    places = [0]
    for character in chunk.text:
        places.append(places[-1] + (2 if character > "\uffff" else 1))
    for span in sorted(chunk.spans, key=lambda one: (one.start, -one.end)):
        start, end = places[span.start], places[min(span.end, len(chunk.text))]
        named: Payload = {"offset": start, "length": end - start}
        if span.kind == "mention":
            if span.arg and span.arg.isdecimal():  # a name of one's own is found by Telegram
                user = {"id": int(span.arg), "is_bot": False, "first_name": "-"}
                yield {"type": "text_mention", "user": user} | named
        elif span.kind == "link":
            if span.arg:
                yield {"type": "text_link", "url": span.arg} | named
        elif span.kind == "pre" and span.arg:
            yield {"type": "pre", "language": span.arg} | named
        else:
            yield {"type": ENTITIES[span.kind]} | named


def clean(text: str) -> str:
    """Return a text that can be encoded: half of a pair is replaced, which moves nothing."""
    return "".join("\ufffd" if "\ud800" <= one <= "\udfff" else one for one in text)


def in_words(part: Part) -> str:
    """Return the words for content that Telegram has no form for."""
    match part:
        case CalendarEvent(summary=summary, starts_at=starts, ends_at=ends, place=place):
            when = " - ".join(one for one in (starts, ends) if one)
            return "\n".join(one for one in (summary, when, place) if one)
        case Forwarded(origin=origin, parts=parts):
            said = [one.text if isinstance(one, RichText) else in_words(one) for one in parts]
            return "\n".join(one for one in (f"{origin}:", *said) if one)
        case Unsupported(fallback=fallback):
            return fallback
        case _:
            return ""


def about(kind: Kind, file: Media) -> Payload:
    """Return what is told of a file beside its content."""
    if file.duration is None or kind in {"photo", "document", "sticker"}:
        return {}
    return {"duration": int(file.duration.total_seconds())}


def file_of(name: str, kind: Kind, file: Media) -> Payload:
    """Return what is needed to upload a file under a name."""
    return {
        "name": name,
        "kind": kind,
        "blob": file.source.blob if isinstance(file.source, Stored) else "",
        "filename": (file.filename or kind)[:200],
        "mime": file.mime or "application/octet-stream",
        "size": file.size,
    }
