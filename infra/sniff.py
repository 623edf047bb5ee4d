"""What a file is, by how it begins: its name and what the sender says decide nothing."""

from mimetypes import guess_type


UNKNOWN = "application/octet-stream"
HEAD = 64  # bytes needed to tell

SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (0, b"BM", "image/bmp"),
    (0, b"%PDF-", "application/pdf"),
)
PROVEN = frozenset(mime for _, _, mime in SIGNATURES)
ACTIVE = frozenset(
    {"text/html", "image/svg+xml", "application/xhtml+xml", "text/xml", "application/xml"}
)
"""Types a browser runs; nothing is ever called one of them."""


def sniff(head: bytes) -> str | None:
    """Return the type that the first bytes prove, or None."""
    for offset, mark, mime in SIGNATURES:
        if head[offset : offset + len(mark)] == mark:
            return mime
    return None


def mime_of(filename: str, head: bytes) -> str:
    """Return the type to store for a file that a person uploads."""
    proven = sniff(head)
    if proven is not None:
        return proven
    guessed = guess_type(filename)[0] or UNKNOWN
    return UNKNOWN if guessed in PROVEN or guessed in ACTIVE else guessed
