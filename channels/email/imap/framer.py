"""Cutting the byte stream of an IMAP server into responses (RFC 9051 section 2.2.2)."""

import re
from collections.abc import Iterator

from channels.email.imap.failures import OutOfStep


MAX_LINE = 16 << 20  # bytes: the UIDs of two million mails
MAX_LITERAL = 64 << 20  # bytes
LITERAL = re.compile(rb"\{(\d+)\+?\}$")
STATUS = re.compile(rb"\* (OK|NO|BAD|BYE|PREAUTH)\b", re.IGNORECASE)

Parts = list[bytes | bytearray]
"""One response: a line, and for every literal in it the literal and the rest of the line."""


class Framer:
    """Turns chunks into responses, in a loop: no number of lines can exhaust the stack.

    A literal is counted, never guessed from brackets, and its announcement is honoured only
    where the grammar allows one: in untagged data, not in the free text of a status response.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._seen = 0  # up to where the buffer holds no line end
        self._parts: Parts = []
        self._literal: bytearray | None = None
        self._missing = 0  # bytes of the literal

    @property
    def is_empty(self) -> bool:
        """Nothing of a further response has arrived."""
        return not self._buffer and not self._parts

    def feed(self, data: bytes) -> Iterator[Parts]:
        """Take a chunk and yield every response that is complete with it.

        Raises:
            OutOfStep: A line or a literal is longer than any a mail server sends.
        """
        self._buffer += data
        position = 0
        try:
            while True:
                if self._literal is not None:
                    position = self._fill(self._literal, position)
                    if self._missing:
                        return
                    self._parts.append(self._literal)
                    self._literal = None
                    self._seen = position
                end = self._buffer.find(b"\r\n", max(position, self._seen))
                if end < 0:
                    self._expect_line_end(position)
                    return
                line = bytes(self._buffer[position:end])
                position = self._seen = end + 2
                if not self._announces_literal(line):
                    parts, self._parts = self._parts, []
                    yield parts
        finally:
            del self._buffer[:position]
            self._seen = max(0, self._seen - position)

    def _fill(self, literal: bytearray, position: int) -> int:
        end = min(position + self._missing, len(self._buffer))
        with memoryview(self._buffer) as view:
            literal += view[position:end]
        self._missing -= end - position
        return end

    def _expect_line_end(self, position: int) -> None:
        waiting = len(self._buffer) - position
        if waiting > MAX_LINE:
            raise OutOfStep(f"a line of more than {MAX_LINE} bytes")
        self._seen = max(position, len(self._buffer) - 1)

    def _announces_literal(self, line: bytes) -> bool:
        """Keep a line; tell whether a literal follows it."""
        is_first = not self._parts
        self._parts.append(line)
        match = LITERAL.search(line)
        if match is None:
            return False
        if is_first and (not line.startswith(b"* ") or STATUS.match(line)):
            return False
        self._missing = int(match[1])
        if self._missing > MAX_LITERAL:
            raise OutOfStep(f"a literal of {self._missing} bytes")
        self._literal = bytearray()
        return True
