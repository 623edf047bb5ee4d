"""The tree of a mail: every part is a range of the mail's own bytes.

Nothing is ever serialised again, so a forwarded mail is byte for byte what was sent.
"""

import re
from collections.abc import Iterator

from channels.email.headers import Headers, split_headers, split_message
from channels.email.limits import DEPTH, PARTS
from channels.email.parameters import Field, disposition, media_type
from channels.email.transfer import decode_transfer


GUESSED_BOUNDARY = re.compile(
    rb"(?<![^\n])--([!-~][ -~]{0,69}?)[ \t]*\r?\n(?=content-[a-z-]+:)", re.IGNORECASE
)
DELIMITER_END = re.compile(rb"(--)?[ \t]*(?:\r{0,3}\n|\r|\Z)")


class Entity:
    """One part: its fields, and its body as a range of the mail."""

    __slots__ = ("children", "content_type", "disposition", "end", "headers", "mail", "start")

    def __init__(self, mail: bytes, headers: Headers, start: int, end: int, default: str) -> None:
        self.mail = mail
        self.headers = headers
        self.start = start
        self.end = end
        self.children: list[Entity] = []
        self.content_type = self._content_type(default)
        raw = headers.raw("content-disposition")
        self.disposition = disposition(raw) if raw else Field("", [])

    def _content_type(self, default: str) -> Field:
        """Return the first Content-Type that names a type."""
        first: Field | None = None
        for raw in self.headers.raws("content-type"):
            field = media_type(raw)
            if "/" in field.value:
                return field
            first = first or field
        if first is None:
            return Field(default, [])
        first.value = self._meant(first, default)
        return first

    def _meant(self, field: Field, default: str) -> str:
        """Return what a Content-Type without a slash means."""
        word = self.headers.token("content-type").partition(";")[0].strip()
        if word in ("html", "text/html"):
            return "text/html"
        is_file = bool(field.raw("name")) and word not in ("", "text", "plain")
        return "application/octet-stream" if is_file else default

    @property
    def type(self) -> str:
        """The media type in lower case."""
        return self.content_type.value

    @property
    def main_type(self) -> str:
        """The media type before the slash."""
        return self.content_type.value.partition("/")[0]

    def body(self) -> bytes:
        """Return the body as it was sent."""
        return self.mail[self.start : self.end]

    def content(self) -> bytes:
        """Return the body with its transfer encoding undone."""
        encoding = self.headers.token("content-transfer-encoding")
        return decode_transfer(self.body(), encoding, is_text=self.main_type == "text")

    def walk(self) -> Iterator["Entity"]:
        """Give this part and every part below it, in the order of the mail."""
        yield self
        for child in self.children:
            yield from child.walk()


class _Budget:
    """What is left of the mail's parts."""

    __slots__ = ("parts", "warnings")

    def __init__(self, warnings: set[str]) -> None:
        self.parts = PARTS
        self.warnings = warnings


def read_entities(raw: bytes, warnings: set[str]) -> Entity:
    """Return the tree of a mail; codes of what was wrong are added to ``warnings``."""
    headers, start = split_message(raw, warnings)
    root = Entity(raw, headers, start, len(raw), "text/plain")
    _split(root, 0, _Budget(warnings))
    return root


def _split(entity: Entity, depth: int, budget: _Budget) -> None:
    if entity.main_type != "multipart":
        return
    if depth >= DEPTH:
        budget.warnings.add("mime.too_deep")
        return
    ranges = _ranges(entity, budget)
    if not ranges:
        budget.warnings.add("mime.boundary")
        entity.content_type.value = "text/plain"
        return
    default = "message/rfc822" if entity.type == "multipart/digest" else "text/plain"
    for start, end in ranges:
        budget.parts -= 1
        if budget.parts <= 0:
            budget.warnings.add("mime.too_many_parts")
            return
        headers, body = split_headers(entity.mail, start, end, budget.warnings)
        child = Entity(entity.mail, headers, body, end, default)
        _split(child, depth + 1, budget)
        entity.children.append(child)


def _ranges(entity: Entity, budget: _Budget) -> list[tuple[int, int]]:
    boundary = entity.content_type.raw("boundary")
    ranges = _between(entity, boundary, budget.parts) if boundary.strip() else []
    if ranges:
        return ranges
    guess = GUESSED_BOUNDARY.search(entity.mail, entity.start, entity.end)
    if guess is None:
        return []
    budget.warnings.add("mime.boundary")
    return _between(entity, guess[1], budget.parts)


def _between(entity: Entity, boundary: bytes, limit: int) -> list[tuple[int, int]]:
    """Return the ranges between delimiter lines; the line end before one belongs to it.

    Parts after a closing delimiter are kept: whoever appended them meant them to be read.
    """
    mail, end = entity.mail, entity.end
    delimiter = b"--" + boundary.rstrip()
    ranges: list[tuple[int, int]] = []
    begin = -1
    position = entity.start
    while len(ranges) <= limit:
        found = mail.find(delimiter, position, end)
        if found < 0:
            break
        position = found + len(delimiter)
        closing = DELIMITER_END.match(mail, position, end)
        if closing is None or (found > entity.start and mail[found - 1] not in b"\r\n"):
            continue
        if begin >= 0:
            ranges.append((begin, _without_newline(mail, begin, found)))
        begin = -1 if closing[1] else closing.end()
        position = closing.end()
    if begin >= 0 and begin < end:
        ranges.append((begin, end))
    return ranges


def _without_newline(mail: bytes, start: int, end: int) -> int:
    if end > start and mail[end - 1] == 0x0A:
        end -= 1
    if end > start and mail[end - 1] == 0x0D:
        end -= 1
    return end
