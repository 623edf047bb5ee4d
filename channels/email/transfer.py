"""Content-Transfer-Encoding: RFC 2045 section 6, and uuencode as it is met in the wild."""

import binascii
import re


NOT_BASE64 = bytes(
    byte
    for byte in range(256)
    if byte not in b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
)
URL_SAFE = bytes.maketrans(b"-_", b"+/")
UU_BLOCK = re.compile(
    rb"^begin [0-7]{3,4} ([^\r\n]{1,255})\r?\n"
    rb"((?:[ -`][^\r\n]{0,90}\r?\n)+?)(?:[` ]?\r?\n)?end[ \t]*\r?$",
    re.MULTILINE,
)


def decode_transfer(data: bytes, encoding: str, *, is_text: bool = False) -> bytes:
    """Return the content of a part; damaged encodings give what can be saved.

    Args:
        data: The body as it was sent.
        encoding: The Content-Transfer-Encoding, any case.
        is_text: The content is text, so a body that is plainly not base64 is taken as it is.
    """
    name = encoding.strip().strip("\"'").lower().split(";")[0].strip()
    if name == "base64":
        if is_text and _is_prose(data):
            return data
        return decode_base64(data)
    if name in ("quoted-printable", "quoted_printable", "quotedprintable"):
        return binascii.a2b_qp(data)
    if name in ("x-uuencode", "uuencode", "x-uue", "uue"):
        found = UU_BLOCK.search(data)
        return decode_uu(found[2] if found else data)
    return data


def decode_base64(data: bytes) -> bytes:
    """Return the bytes of base64 with foreign bytes, padding in the middle or a torn end."""
    clean = data.translate(None, NOT_BASE64)
    if b"+" not in clean and b"/" not in clean and (b"-" in data or b"_" in data):
        clean = data.translate(URL_SAFE).translate(None, NOT_BASE64)
    body = clean.rstrip(b"=")
    if b"=" not in body:
        return _quads(body)
    return b"".join(_quads(chunk) for chunk in re.split(rb"=+", body))


def _quads(chunk: bytes) -> bytes:
    if len(chunk) % 4 == 1:
        chunk = chunk[:-1]
    return binascii.a2b_base64(chunk + b"=" * (-len(chunk) % 4))


def _is_prose(data: bytes) -> bool:
    """Tell text that was never encoded: words between blanks."""
    sample = data[:4096].strip()
    return len(sample) > 0 and len(re.findall(rb"[^\s] [^\s]", sample)) * 12 > len(sample)


def decode_uu(lines: bytes) -> bytes:
    """Return the bytes of uuencoded lines; a damaged line gives what its length says."""
    out = bytearray()
    for line in lines.splitlines():
        if not line or line in (b"`", b" "):
            continue
        try:
            out += binascii.a2b_uu(line)
        except binascii.Error:
            wanted = (((line[0] - 32) & 63) * 4 + 5) // 3
            try:
                out += binascii.a2b_uu(line[:wanted])
            except binascii.Error:
                continue
    return bytes(out)
