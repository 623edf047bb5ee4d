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
    "blockquote": "quote",
    "expandable_blockquote": "quote",
    "pullquote": "quote",
}
INSIDE = ("label", "summary", "text", "blocks", "items", "cells", "caption", "credit", "buttons")
"""Where content is, in the order it is read."""
WORDS = ("expression", "alternative_text")
MEDIA = ("photo", "video", "animation", "audio", "voice_note", "document", "location")
SILENT = frozenset({"divider", "anchor", ""})
BLOCKS = frozenset(
    {
        "paragraph",
        "heading",
        "footer",
        "divider",
        "thinking",
        "blockquote",
        "expandable_blockquote",
        "pullquote",
        "pre",
    }
)
"""What begins and ends a line though it has a text, as formatting inside a line has."""


LINE = object()
"""Stands on the stack where a line has to end, unless it did."""


class _Range(msgspec.Struct):
    """Stands on the stack where a formatted range begins, and again where it ends."""

    kind: SpanKind
    arg: str | None
    start: int = -1


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
    reading = _Reading()
    stack: list[Any] = [message]
    nodes = 0
    while stack and nodes < MOST_NODES and reading.place < MOST_TEXT:
        nodes += 1
        node = stack.pop()
        if isinstance(node, list):
            stack.extend(reversed(node[: MOST_NODES - nodes]))
        elif isinstance(node, dict):
            reading.look(node)
            stack.extend(reversed(_unfold(node)))
        else:
            reading.take(node)
    words, spans = _tidy("".join(reading.pieces), reading.spans)
    return Flat(RichText(text=words, spans=spans), tuple(reading.media[:100]), not stack)


class _Reading:
    """What was read so far."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.spans: list[Span] = []
        self.media: list[Object] = []
        self.place = 0

    def look(self, node: Object) -> None:
        """Keep a node that has media."""
        if any(name in node for name in MEDIA):
            self.media.append(node)

    def take(self, leaf: Any) -> None:
        """Take a piece of text, or what stands between pieces."""
        if isinstance(leaf, str):
            self._say(text(leaf)[: MOST_TEXT - self.place])
        elif leaf is LINE and self.pieces and not self.pieces[-1].endswith("\n"):
            self._say("\n")
        elif isinstance(leaf, _Range):
            self._mark(leaf)

    def _say(self, words: str) -> None:
        self.pieces.append(words)
        self.place += len(words)

    def _mark(self, part: _Range) -> None:
        if part.start < 0:
            part.start = self.place
        elif part.start < self.place and len(self.spans) < MOST_SPANS:
            self.spans.append(Span(part.start, self.place, part.kind, part.arg))


def _unfold(node: Object) -> list[Any]:
    """Return what a node consists of, in reading order."""
    kind = text(node.get("type"))
    inside: list[Any] = [node[name] for name in WORDS if isinstance(node.get(name), str)]
    inside += [node[name] for name in INSIDE if isinstance(node.get(name), str | list | dict)]
    if isinstance(button := node.get("button"), dict):
        inside.append(button)
    if "label" in node and "blocks" in node:
        inside = [_mark(node), " ", *_first_line(node["blocks"])]
    if isinstance(cells := node.get("cells"), list):
        inside = [*map(_row, cells[:1000]), node.get("caption")]
    if not inside and kind not in SILENT and not any(name in node for name in MEDIA):
        inside.append(f"[{kind[:60]}]")
    if kind in INLINE and (span := _span(INLINE[kind], node)):
        inside = [span, *inside, span]
    if _is_block(node, kind):
        return [LINE, *inside, LINE]
    return inside


def _first_line(blocks: Any) -> list[Any]:
    """Return an item's blocks, the first of them on the line of its mark."""
    listed = list(items(blocks))
    if listed and text(obj(listed[0]).get("type")) == "paragraph":
        listed[0] = listed[0].get("text")
        listed.insert(1, LINE)
    return listed


def _mark(item: Object) -> str:
    """Return what stands before an item of a list."""
    if item.get("has_checkbox") is True:
        return "☑" if item.get("is_checked") is True else "☐"
    return text(item.get("label"))[:20]


def _row(row: Any) -> list[Any]:
    """Return a table's row with its cells apart."""
    parts = [part for cell in items(row)[:100] for part in ("\t", cell)]
    return [LINE, *parts[1:], LINE]


def _is_block(node: Object, kind: str) -> bool:
    if "colspan" in node or "is_header" in node or "align" in node:  # a table's cell
        return False
    is_known = kind in INLINE or kind in {"button", "custom_emoji", "anchor", "reference", ""}
    is_list_item = "blocks" in node and "label" in node
    return is_list_item or kind in BLOCKS or not (is_known or "text" in node)


def _span(kind: SpanKind, node: Object) -> _Range | None:
    if kind == "link":
        address = href(node.get("url"))
        return _Range(kind, address) if address else None
    if kind == "mention":
        user = whole(obj(node.get("user")).get("id"))
        return _Range(kind, None if user is None else str(user))
    if kind == "pre":
        return _Range(kind, word(node.get("language"))[:50] or None)
    return _Range(kind, None)


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
