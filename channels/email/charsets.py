"""Bytes to text, whatever charset they claim."""

import codecs
import re
from functools import lru_cache


ALIASES = {
    "ansi": "cp1252",
    "ansi_x3.110-1983": "cp1252",
    "ascii": "us-ascii",
    "big5": "big5hkscs",
    "euc-kr": "cp949",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "iso-2022-jp": "iso2022_jp_ext",
    "iso-8859-1": "cp1252",
    "iso-8859-11": "cp874",
    "iso-8859-6-e": "iso-8859-6",
    "iso-8859-6-i": "iso-8859-6",
    "iso-8859-8-e": "iso-8859-8",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-9": "cp1254",
    "iso-gb2312": "gb18030",
    "iso8859_8": "iso-8859-8",
    "iso8859-1": "cp1252",
    "koi8": "koi8-r",
    "korean": "cp949",
    "ks_c_5601": "cp949",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601-1989": "cp949",
    "l1": "cp1252",
    "latin-1": "cp1252",
    "latin1": "cp1252",
    "macintosh": "mac_roman",
    "shift-jis": "cp932",
    "shift_jis": "cp932",
    "sjis": "cp932",
    "tis-620": "cp874",
    "unicode": "utf-8",
    "unicode-1-1-utf-7": "utf-7",
    "us-ascii": "us-ascii",
    "utf8": "utf-8",
    "utf8mb4": "utf-8",
    "windows-31j": "cp932",
    "windows-874": "cp874",
    "x-gbk": "gb18030",
    "x-mac-ce": "mac_latin2",
    "x-mac-cyrillic": "mac_cyrillic",
    "x-mac-roman": "mac_roman",
    "x-sjis": "cp932",
    "x-windows-949": "cp949",
}
"""What a label means in practice. Source: https://encoding.spec.whatwg.org/#names-and-labels"""

MEANINGLESS = frozenset(
    {"x-unknown", "unknown", "unknown-8bit", "x-user-defined", "default", "_autodetect", "binary"}
)
UNSAFE = frozenset(
    {"idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape", "mbcs", "oem"}
)
"""Text codecs of Python that are no charset of any mail; some are quadratic."""

SINGLE_BYTE = re.compile(r"cp125\d|iso8859|us-ascii|ascii|latin")
LABEL = re.compile(r"[a-z0-9_][a-z0-9._:+-]{0,39}")
JIS_RUN = re.compile(rb"\x1b\$[@B]((?:[\x21-\x7e]{2})*)|\x1b\([BJI]")
LONG_ENOUGH = 60  # non-ASCII bytes below which statistics only guess


def _c1(error: UnicodeError) -> tuple[str, int]:
    """Map bytes that windows-125x leaves undefined to themselves, as browsers do."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(map(chr, error.object[error.start : error.end])), error.end


codecs.register_error("punte.c1", _c1)


@lru_cache(maxsize=512)
def codec_of(label: str | None) -> str | None:
    """Return Python's codec for a charset label; None when the label says nothing usable."""
    if not label:
        return None
    name = label.strip().strip("\"'").lower().split("*")[0]
    if name in MEANINGLESS or not LABEL.fullmatch(name):
        return None
    if name in ALIASES:
        return ALIASES[name]
    spellings = (
        name,
        name.replace("_", "-"),
        re.sub(r"^(x-|cs)", "", name),
        re.sub(r"^cp[-_]", "cp", name),
        re.sub(r"^(?:windows|win)[-_]?(?=125\d)", "cp", name),
    )
    for spelling in spellings:
        try:
            found = codecs.lookup(spelling)
        except (LookupError, ValueError, UnicodeError):
            continue
        # codecs.CodecInfo has no public name for it: bytes-to-bytes codecs are not charsets
        if (
            getattr(found, "_is_text_encoding", False)
            and found.name.replace("-", "_") not in UNSAFE
        ):
            return ALIASES.get(found.name, found.name)
    return None


def decode_bytes(data: bytes, label: str | None = None, hint: str | None = None) -> str:
    """Return the text of ``data``; never raises.

    Args:
        data: The bytes.
        label: The charset they are declared to have.
        hint: A charset to try when the declared one is missing, such as that of the body.
    """
    codec = codec_of(label)
    if codec and codec.startswith(("utf-16", "utf-32")) and not _is_wide(data):
        codec = None  # a page that says so in ASCII letters is not (as browsers know)
    if (
        data.isascii()
        and b"\x1b" not in data
        and (codec is None or codec == "utf-8" or SINGLE_BYTE.match(codec))
    ):
        return data.decode("ascii")
    if data.startswith(codecs.BOM_UTF8):
        return data[3:].decode("utf-8", "replace")
    if codec is None or codec == "us-ascii":
        return _undeclared(data, codec_of(hint))
    if codec == "utf-8":
        return _claimed_utf8(data, codec_of(hint))
    if codec.startswith("iso2022_jp"):
        return _japanese(data)
    lying = _as_utf8(data) if SINGLE_BYTE.match(codec) else None
    return _decode(data, codec) if lying is None else lying


def _is_wide(data: bytes) -> bool:
    """Tell text of two or four bytes a character: it has a mark, or zeros in it."""
    return data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in data[:2000]


def _decode(data: bytes, codec: str) -> str:
    errors = "punte.c1" if codec.startswith("cp125") else "replace"
    try:
        return data.decode(codec, errors)
    except (UnicodeError, LookupError, ValueError):
        return data.decode("cp1252", "punte.c1")


def _as_utf8(data: bytes) -> str | None:
    """Return the text when it is UTF-8 beyond ASCII: then a declared latin charset lies."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return None if data.isascii() else text


def _claimed_utf8(data: bytes, hint: str | None) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    lenient = data.decode("utf-8", "ignore")
    if lenient.isascii():  # not one valid sequence: the label lies
        return _undeclared(data, hint)
    return data.decode("utf-8", "replace")


def _undeclared(data: bytes, hint: str | None) -> str:
    if b"\x1b$" in data and data.isascii():
        return _japanese(data)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    if hint not in (None, "utf-8", "us-ascii"):
        try:
            return data.decode(hint or "cp1252")
        except (UnicodeError, LookupError):
            pass
    sample = data[:50_000]
    if sum(byte > 0x7F for byte in sample) > LONG_ENOUGH and (guess := _guess(sample)):
        return _decode(data, guess)
    return data.decode("cp1252", "punte.c1")


def _guess(sample: bytes) -> str | None:
    from charset_normalizer import from_bytes  # noqa: PLC0415 - slow to import, rarely needed

    best = from_bytes(sample).best()
    if best is None or best.encoding.startswith(("utf_16", "utf_32")):
        return None
    return best.encoding


def _japanese(data: bytes) -> str:
    try:
        return data.decode("iso2022_jp_ext")
    except UnicodeDecodeError:
        return _vendor_japanese(data)


def _vendor_japanese(data: bytes) -> str:
    """Read ISO-2022-JP with vendor rows (circled digits and the like), which no codec knows.

    Each JIS pair is moved to its place in Shift JIS, whose codec has the vendor rows.
    Source: https://encoding.spec.whatwg.org/#iso-2022-jp-decoder
    """

    def to_sjis(run: re.Match[bytes]) -> bytes:
        pairs = run[1] or b""
        moved = bytearray()
        for high, low in zip(pairs[::2], pairs[1::2], strict=True):
            moved.append(((high - 0x21) >> 1) + (0x81 if high < 0x5F else 0xC1))
            moved.append(low + (0x1F if low < 0x60 else 0x20) if high % 2 else low + 0x7E)
        return bytes(moved)

    return JIS_RUN.sub(to_sjis, data).decode("cp932", "replace")
