"""Structured fields with parameters: Content-Type and Content-Disposition, RFC 2045 and 2231."""

import re
from urllib.parse import unquote_to_bytes

from channels.email.charsets import codec_of, decode_bytes
from channels.email.headers import decode_header, show, unfold
from channels.email.limits import FILENAME_BYTES, PARAMETERS


PARAMETER = re.compile(
    rb"""[;\s]*([A-Za-z0-9!#$&+.^_`|~%'-]{1,80}(?:\*\d{1,9})?\*?)\s*=\s*
         (?:"((?:[^"\\]|\\.)*+)"(?=\s*(?:;|$|[a-z-]+\s*=))|([^;]*+))""",
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
SECTION = re.compile(r"(.+?)\*(\d+)(\*?)$")
MEDIA_TYPE = re.compile(rb"\s*([!-.0-:<-~]+/[!-:<-~]+)")
TOKEN = re.compile(rb"[\s;\"]*([A-Za-z0-9-]+)")
PATH = re.compile(r"^.*[/\\](?=[^/\\])", re.DOTALL)
NOT_A_NAME = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]')


class Field:
    """A structured field: its value in lower case and its raw parameters."""

    __slots__ = ("_found", "value")

    def __init__(self, value: str, found: list[tuple[str, bytes]]) -> None:
        self.value = value
        self._found = found

    def text(self, name: str, hint: str | None = None) -> str:
        """Return a parameter decoded as RFC 2231, else as RFC 2047 inside its quotes.

        The extended form wins over the plain one (RFC 6266 section 4.3 says why).
        """
        plain = ""
        sections: dict[int, tuple[bytes, bool]] = {}
        for key, raw in self._found:
            if key == name and not plain:
                plain = decode_header(raw, hint)
            elif key == f"{name}*":
                return _extended(raw, hint)
            elif key.startswith(f"{name}*") and (part := SECTION.match(key)):
                sections.setdefault(int(part[2]), (raw, bool(part[3])))
        if sections:
            return _joined(sections, hint)
        return plain

    def raw(self, name: str) -> bytes:
        """Return a plain parameter's bytes; empty when it is missing."""
        for key, value in self._found:
            if key == name:
                return value
        if any(key.startswith(f"{name}*") for key, _ in self._found):
            return self.text(name).encode()
        return b""

    def label(self, name: str) -> str:
        """Return a plain ASCII parameter, as written."""
        return self.raw(name).decode("ascii", "ignore").strip()


def media_type(raw: bytes) -> Field:
    """Return a Content-Type; its value is ``""`` when it names no type."""
    line = unfold(raw)
    found = MEDIA_TYPE.match(line)
    if not found:
        start = TOKEN.match(line)
        return Field("", _parameters(line, start.end() if start else 0))
    value = found[1].decode("ascii", "ignore").lower().strip("\"'")
    return Field(value, _parameters(line, found.end()))


def disposition(raw: bytes) -> Field:
    """Return a Content-Disposition; ``""`` when it names none."""
    line = unfold(raw)
    found = TOKEN.match(line)
    if not found or line[found.end() : found.end() + 1] in (b"=", b"*"):
        return Field("", _parameters(line, 0))
    return Field(found[1].decode("ascii").lower(), _parameters(line, found.end()))


def _parameters(line: bytes, start: int) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    position = start
    while position < len(line) and len(found) < PARAMETERS:
        match = PARAMETER.match(line, position)
        if match is None:
            position = line.find(b";", position) + 1
            if not position:
                break
            continue
        quoted, bare = match[2], match[3]
        value = _unescape(quoted) if quoted is not None else _bare(bare)
        found.append((match[1].decode("ascii").lower(), value))
        position = match.end()
    return found


def _unescape(quoted: bytes) -> bytes:
    """Undo quoting; a backslash before a letter is a path of Windows and stays."""
    return re.sub(rb'\\(["\\])', rb"\1", quoted)


def _bare(value: bytes) -> bytes:
    """Return an unquoted value; blanks inside it are kept, stray quotes around it are not."""
    value = value.strip()
    if b"=" in value and (following := re.search(rb"\s+[a-z-]{2,20}\*?\s*=(?!\?)", value)):
        value = value[: following.start()]
    return value.strip(b"\"' \t")


def _extended(raw: bytes, hint: str | None) -> str:
    charset, quote, rest = raw.partition(b"'")
    if not quote:
        return decode_header(unquote_to_bytes(raw), hint)
    _, quote, text = rest.partition(b"'")
    if not quote:
        text = rest
    return show(decode_bytes(unquote_to_bytes(text), charset.decode("ascii", "ignore"), hint))


def _joined(sections: dict[int, tuple[bytes, bool]], hint: str | None) -> str:
    """Join RFC 2231 continuations; bytes first, text last, for characters are split between."""
    label: str | None = None
    pieces = []
    for number in sorted(sections):
        raw, is_encoded = sections[number]
        if number == min(sections) and is_encoded and raw.count(b"'") >= 2:
            charset, _, raw = raw.partition(b"'")
            raw = raw.partition(b"'")[2]
            label = charset.decode("ascii", "ignore")
        pieces.append(unquote_to_bytes(raw) if is_encoded else raw)
    data = b"".join(pieces)
    if label is None or codec_of(label) is None:
        return decode_header(data, hint)
    return show(decode_bytes(data, label, hint))


def safe_filename(name: str) -> str:
    """Return a file name without a path, controls or direction overrides, of bounded length."""
    name = show(name).strip("\"' ")
    name = PATH.sub("", name) if not name.startswith("=?") else name
    name = NOT_A_NAME.sub("_", name).strip(". ") if name.strip("._/\\ ") else ""
    encoded = name.encode("utf-8", "replace")
    if len(encoded) <= FILENAME_BYTES:
        return name
    stem, dot, extension = name.rpartition(".")
    if not dot or len(extension.encode()) > 16:
        return encoded[:FILENAME_BYTES].decode("utf-8", "ignore")
    room = FILENAME_BYTES - len(extension.encode()) - 1
    return stem.encode()[:room].decode("utf-8", "ignore") + dot + extension
