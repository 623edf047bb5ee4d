"""Formatting of a text: Telegram counts UTF-16 units, we count code points."""

from typing import Any
from urllib.parse import urlsplit

from channels.telegram.fields import items, obj, text, whole
from inbox.contract import RichText, Span, SpanKind


KINDS: dict[str, SpanKind] = {
    "bold": "bold",
    "italic": "italic",
    "underline": "underline",
    "strikethrough": "strike",
    "code": "code",
    "pre": "pre",
    "blockquote": "quote",
    "expandable_blockquote": "quote",
    "text_link": "link",
    "mention": "mention",
    "text_mention": "mention",
    "spoiler": "spoiler",
}
"""https://core.telegram.org/bots/api#messageentity; what is missing needs no formatting."""
SCHEMES = frozenset({"http", "https", "tg", "mailto", "tel"})
MOST = 1000  # spans of one text; Telegram allows 100


def rich_text(said: Any, entities: Any) -> RichText | None:
    """Return a text with its formatting; None when there is no text."""
    words = text(said)
    if not words:
        return None
    listed = items(entities)
    return RichText(text=words, spans=_spans(words, listed[:MOST]) if listed else ())


def _spans(words: str, entities: Any) -> tuple[Span, ...]:
    places = _places(words)
    last = len(words) if places is None else len(places) - 1
    spans = []
    for each in entities:
        entity = obj(each)
        kind = KINDS.get(text(entity.get("type")))
        offset, length = whole(entity.get("offset")), whole(entity.get("length"))
        if kind is None or offset is None or length is None or not 0 <= offset < last:
            continue
        end = min(offset + max(length, 0), last)
        start, end = (offset, end) if places is None else (places[offset], places[end])
        arg = _arg(kind, entity, words[start:end])
        if start < end and (kind != "link" or arg):
            spans.append(Span(start, end, kind, arg))
    return tuple(spans)


def _places(words: str) -> list[int] | None:
    """Return the code point of every UTF-16 unit and of the end; None when they are the same."""
    if words.isascii() or max(words) <= "\uffff":
        return None
    places = []
    for place, character in enumerate(words):
        places.append(place)
        if character > "\uffff":
            places.append(place)
    places.append(len(words))
    return places


def _arg(kind: SpanKind, entity: Any, covered: str) -> str | None:
    match kind:
        case "link":
            return href(entity.get("url"))
        case "pre":
            return text(entity.get("language"))[:50] or None
        case "mention":
            user = whole(obj(entity.get("user")).get("id"))
            return str(user) if user is not None else covered[:50]
        case _:
            return None


def href(value: Any) -> str | None:
    """Return an address that is safe to follow."""
    address = text(value).strip()[:4000]
    try:
        scheme = urlsplit(address).scheme.lower()
    except ValueError:
        return None
    return address if scheme in SCHEMES else None
