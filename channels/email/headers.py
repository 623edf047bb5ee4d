"""Header fields: splitting a block that may be broken, and decoding what a field says."""

import binascii
import re
from collections.abc import Iterator

from channels.email.charsets import codec_of, decode_bytes
from channels.email.limits import FIELD_BYTES, FIELDS, HEADER_BLOCK
from channels.email.transfer import decode_base64


FIELD = re.compile(rb"(?!https?:)([!-9;-~]{1,120})[ \t]*:")
NAMED = re.compile(rb"x-[ -9;-~]{1,80}:", re.IGNORECASE)
FIELD_LINE = re.compile(rb"^(?!https?:)[!-9;-~]{1,120}[ \t]*:", re.MULTILINE)
FIELDS_OF_BLOCK = re.compile(
    rb"(?!https?:)([!-9;-~]{1,120})[ \t]*:([^\n]*\n(?:[ \t][^\n]*\n)*)", re.IGNORECASE
)
KNOWN = re.compile(
    rb"^(?:from|to|cc|subject|date|received|return-path|message-id|mime-version|content-[a-z-]+|"
    rb"reply-to|sender|x-[!-9;-~]+|delivered-to|references|in-reply-to)[ \t]*:",
    re.IGNORECASE | re.MULTILINE,
)
BLANK_LINE = re.compile(rb"\r{0,3}\n(?:\r{0,3}\n|\Z)|\r\r(?!\r{0,3}\n)")
NEWLINE = re.compile(rb"\r{0,3}\n|\r")
FOLD = re.compile(rb"\r{0,3}\n[ \t]*|\r")
ENCODED_WORD = re.compile(
    rb"=\?([^?\s]{0,60})\?([bBqQ])\?(.{0,4096}?)\?=(?=[^=]|$|=\?)", re.DOTALL
)
UNSHOWABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
"""Controls, bidirectional overrides and lone surrogates: nothing a person wrote."""


class Headers:
    """The fields of one entity in their order: lower-case name and folded raw value."""

    __slots__ = ("fields",)

    def __init__(self, fields: list[tuple[str, bytes]]) -> None:
        self.fields = fields

    def raw(self, name: str) -> bytes:
        """Return the first field of that name; empty when there is none."""
        for field, value in self.fields:
            if field == name:
                return value
        return b""

    def raws(self, name: str) -> Iterator[bytes]:
        """Give every field of that name, topmost first."""
        return (value for field, value in self.fields if field == name)

    def text(self, name: str, hint: str | None = None) -> str:
        """Return the decoded text of the first field of that name that has any."""
        for value in self.raws(name):
            if text := decode_header(value, hint):
                return text
        return ""

    def token(self, name: str) -> str:
        """Return a field that is ASCII by its nature, in lower case."""
        return unfold(self.raw(name)).decode("ascii", "ignore").strip().lower()

    def __contains__(self, name: str) -> bool:
        return any(field == name for field, _ in self.fields)


def split_message(raw: bytes, warnings: set[str]) -> tuple[Headers, int]:
    """Return the fields of a mail and where its body starts, past junk before the headers.

    Leading blank lines, byte order marks, mbox ``From `` lines and banners such as
    ``---- Original email message ----`` are not part of the mail.
    """
    start = re.compile(rb"(?:[\x00\s]|\xef\xbb\xbf)*").match(raw).end()  # type: ignore[union-attr]
    for _ in range(20):
        if FIELD.match(raw, start) and not raw.startswith((b">From ", b"From "), start):
            break
        line = NEWLINE.search(raw, start, start + 1000)
        if line is None:
            start = len(raw)
            break
        start = line.end()
    if start == len(raw) or not FIELD.match(raw, start):
        warnings.add("headers.missing")
        return Headers([]), 0
    return split_headers(raw, start, len(raw), warnings)


def split_headers(raw: bytes, start: int, end: int, warnings: set[str]) -> tuple[Headers, int]:
    """Return the fields of an entity in ``raw[start:end]`` and where its body starts."""
    newline = NEWLINE.match(raw, start, end)
    if newline:
        return Headers([]), newline.end()
    if not FIELD.match(raw, start, end):
        return Headers([]), start
    blank = BLANK_LINE.search(raw, start, end)
    stop, body = (blank.start(), blank.end()) if blank else (end, end)
    if stop - start > HEADER_BLOCK:
        warnings.add("headers.too_long")
        stop = start + HEADER_BLOCK
    block = raw[start:stop]
    if b"\r" in block:
        block = NEWLINE.sub(b"\n", block)
    fields, consumed = _fields(block + b"\n", warnings, has_body=body < end)
    if consumed is not None:  # a body without a blank line before it
        warnings.add("headers.unterminated")
        body = start + _raw_offset(raw[start:stop], consumed)
    if len(fields) > FIELDS:
        warnings.add("headers.too_many")
        del fields[FIELDS:]
    return Headers(fields), body


def _fields(
    block: bytes, warnings: set[str], *, has_body: bool
) -> tuple[list[tuple[str, bytes]], int | None]:
    """Split a block; the second value is the line that begins a body without a blank line."""
    fields: list[tuple[str, bytes]] = []
    last_known = -1
    position = 0
    while position < len(block) and len(fields) <= FIELDS:
        found = FIELDS_OF_BLOCK.match(block, position)
        if found:
            fields.append((found[1].decode("ascii").lower(), found[2].strip()))
            position = found.end()
            continue
        if last_known < 0:
            last_known = max((known.start() for known in KNOWN.finditer(block)), default=0)
        if last_known < position and not _is_stray(block, position, has_body=has_body):
            return fields, block.count(b"\n", 0, position)
        # a field broken over lines without indentation: more fields follow, so it goes on
        warnings.add("headers.broken")
        following = FIELD_LINE.search(block, position)
        end = following.start() if following else len(block)
        if fields:
            name, value = fields[-1]
            fields[-1] = (name, value + b"\n " + block[position:end].strip())
        position = end
    return fields, None


def _is_stray(block: bytes, position: int, *, has_body: bool) -> bool:
    """Tell one broken line at the end of a header from a body that follows without a blank."""
    line, _, rest = block[position:].partition(b"\n")
    return has_body and (not rest or bool(NAMED.match(line)))


def _raw_offset(block: bytes, lines: int) -> int:
    """Return where the given number of lines ends."""
    position = 0
    for _ in range(lines):
        found = NEWLINE.search(block, position)
        if found is None:
            return len(block)
        position = found.end()
    return position


def unfold(value: bytes) -> bytes:
    """Return a field's value on one line, cut to what is worth decoding."""
    return FOLD.sub(b" ", value[:FIELD_BYTES]).replace(b"\0", b"")


def decode_header(value: bytes, hint: str | None = None) -> str:
    """Return the text of an unstructured field, name or comment: RFC 2047, leniently.

    Adjacent encoded words of one charset are joined before decoding, because senders split
    characters between them.

    Args:
        value: The raw, possibly folded value.
        hint: Charset of 8-bit bytes that are no UTF-8.
    """
    line = unfold(value)
    if b"=?" not in line:
        return show(decode_bytes(line, None, hint))
    return show("".join(decode_bytes(data, label, hint) for data, label in _runs(line)))


def _runs(line: bytes) -> Iterator[tuple[bytes, str | None]]:
    word: tuple[bytes, str] | None = None
    position = 0
    for found in ENCODED_WORD.finditer(line):
        gap = line[position : found.start()]
        label = found[1].decode("ascii", "replace")
        data = _word(found[2], found[3])
        position = found.end()
        if word and not gap.strip():
            if codec_of(word[1]) == codec_of(label):
                word = (word[0] + data, label)
                continue
            gap = b""
        if word:
            yield word
        if gap:
            yield gap, None
        word = (data, label)
    if word:
        yield word
    if line[position:]:
        yield line[position:], None


def _word(encoding: bytes, text: bytes) -> bytes:
    if encoding in b"bB":
        return decode_base64(text)
    return binascii.a2b_qp(text.replace(b" ", b"_"), header=True)


def show(text: str) -> str:
    """Return text for one line of a screen: no controls, no direction overrides."""
    if text.isascii() and text.isprintable():
        return text.strip()
    return UNSHOWABLE.sub("", text.replace("\t", " ").replace("\n", " ")).strip()
