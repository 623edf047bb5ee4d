"""Rich messages (blocks, tables, nested formatting) as plain text with spans.

The depth of their nesting is the sender's choice, so nothing here calls itself.
https://core.telegram.org/bots/api#richmessage
"""

from typing import Any

import msgspec

from channels.telegram.entities import href
from channels.telegram.fields import Object, items, obj, text, whole, word
from inbox.contract import RichText, Span, SpanKind


MOST_NODES = 20_000  # of one message: some 20 ms
MOST_TEXT = 32_768  # code points; what Telegram allows
MOST_SPANS = 1000

INLINE: dict[str, SpanKind] = {
    "bold": "bold",
    "italic": "italic",
    "underline": "underline",
    "strikethrough": "strike",
    "spoiler": "spoiler",
    "code": "code",
    "pre": "pre",
    "url": "link",
    "text_mention": "mention",
    "block_quotation": "quote",
    "blockquote": "quote",
    "expandable_blockquote": "quote",
    "pull_quotation": "quote",
    "preformatted": "pre",
}
INSIDE = ("label", "summary", "text", "blocks", "items", "cells", "caption", "credit", "buttons")
"""Where content is, in the order it is read."""
WORDS = ("expression", "alternative_text")
MEDIA = ("photo", "video", "animation", "audio", "voice_note", "document")
SAME_LINE = frozenset({*INLINE, "button"}) - {
    "block_quotation",
    "blockquote",
    "expandable_blockquote",
    "pull_quotation",
    "preformatted",
    "pre",
}


class _Close(msgspec.Struct, frozen=True):
    """Stands on the stack where a formatted range ends."""

    start: int
    kind: SpanKind
    arg: str | None


class Flat(msgspec.Struct, frozen=True):
    """A rich message, flattened.

    Attributes:
        media: Objects that have media in the fields of ``MEDIA``.
        is_whole: Nothing was left out for its size.
    """

    words: RichText
    media: tuple[Object, ...]
    is_whole: bool


def flatten(message: Any) -> Flat:
    """Return what a rich message says."""
    pieces: list[str] = []
    spans: list[Span] = []
    media: list[Object] = []
    place, nodes = 0, 0
    stack: list[Any] = [message]
    while stack and nodes < MOST_NODES and place < MOST_TEXT:
        nodes += 1
        node = stack.pop()
        if isinstance(node, str):
            said = text(node)[: MOST_TEXT - place]
            pieces.append(said)
            place += len(said)
        elif isinstance(node, _Close):
            if node.start < place and len(spans) < MOST_SPANS:
                spans.append(Span(node.start, place, node.kind, node.arg))
        elif isinstance(node, list):
            stack.extend(reversed(node[: MOST_NODES - nodes]))
        elif isinstance(node, dict):
            stack.extend(reversed(_unfold(node, place)))
            if any(name in node for name in MEDIA):
                media.append(node)
    words, kept = _tidy("".join(pieces), spans)
    return Flat(RichText(text=words, spans=kept), tuple(media[:100]), not stack)


def _unfold(node: Object, place: int) -> list[Any]:
    """Return what a node consists of, in reading order."""
    kind = text(node.get("type"))
    inside: list[Any] = [node[name] for name in WORDS if isinstance(node.get(name), str)]
    inside += [node[name] for name in INSIDE if isinstance(node.get(name), str | list | dict)]
    if isinstance(button := node.get("button"), dict):
        inside.append(button)
    if node.get("has_checkbox") is True:
        inside.insert(0, "☑ " if node.get("is_checked") is True else "☐ ")
    elif isinstance(node.get("label"), str) and "blocks" in node:
        inside.insert(1, " ")
    if isinstance(cells := node.get("cells"), list):
        inside = [_row(row) for row in cells[:1000]] + [node.get("caption")]
    if kind in INLINE and (span := _span(INLINE[kind], node)):
        inside.append(_Close(place, *span))
    if _is_block(node, kind):
        inside.append("\n")
    return inside


def _row(row: Any) -> list[Any]:
    """Return a table's row with its cells apart."""
    return [part for cell in items(row)[:100] for part in (cell, "\t")] + ["\n"]


def _is_block(node: Object, kind: str) -> bool:
    if "colspan" in node or "is_header" in node or "align" in node:  # a table's cell
        return False
    if kind in {"paragraph", "heading", "section_heading", "footer", "divider", "thinking"}:
        return True
    is_item = "blocks" in node or "items" in node or "summary" in node
    return is_item or (kind in INLINE and kind not in SAME_LINE)


def _span(kind: SpanKind, node: Object) -> tuple[SpanKind, str | None] | None:
    if kind == "link":
        address = href(node.get("url"))
        return (kind, address) if address else None
    if kind == "mention":
        user = whole(obj(node.get("user")).get("id"))
        return kind, None if user is None else str(user)
    if kind == "pre":
        return kind, word(node.get("language"))[:50] or None
    return kind, None


def _tidy(words: str, spans: list[Span]) -> tuple[str, tuple[Span, ...]]:
    """Drop the empty lines around a text; spans follow."""
    lead = len(words) - len(words.lstrip())
    words = words.strip()
    end = len(words)
    moved = (
        msgspec.structs.replace(
            span, start=min(max(span.start - lead, 0), end), end=min(max(span.end - lead, 0), end)
        )
        for span in spans
    )
    kept = {span: None for span in moved if span.start < span.end}
    return words, tuple(sorted(kept, key=lambda span: (span.start, -span.end)))
