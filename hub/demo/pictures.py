"""Files that come with the messages of the demo data, drawn from nothing."""

import io
import math
import random
import struct
import wave
import zlib


SIZE = (360, 240)  # pixels
WOODS = ((196, 160, 118), (120, 84, 58), (226, 222, 214), (92, 104, 100), (168, 176, 150))

Color = tuple[int, int, int]


class _Canvas:
    def __init__(self, background: Color) -> None:
        self._rows = [bytearray(bytes(background) * SIZE[0]) for _ in range(SIZE[1])]

    def box(self, left: int, top: int, width: int, height: int, color: Color) -> None:
        for row in self._rows[max(0, top) : top + height]:
            right = min(SIZE[0], left + width)
            row[left * 3 : right * 3] = bytes(color) * (right - left)

    def png(self) -> bytes:
        """Return the picture as PNG (ISO/IEC 15948): header, one compressed image, end."""
        header = struct.pack(">IIBBBBB", *SIZE, 8, 2, 0, 0, 0)
        pixels = zlib.compress(b"".join(b"\0" + bytes(row) for row in self._rows), 9)
        chunks = ((b"IHDR", header), (b"IDAT", pixels), (b"IEND", b""))
        return b"\x89PNG\r\n\x1a\n" + b"".join(
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
            for kind, data in chunks
        )


def hum(seconds: int) -> bytes:
    """Return a recording of somebody who thinks: a soft tone, as WAV."""
    rate = 8000
    tones = (
        int(9000 * math.sin(at * math.tau * 180 / rate) * abs(math.sin(at * 3 / rate)))
        for at in range(seconds * rate)
    )
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(rate)
        written.writeframes(b"".join(struct.pack("<h", tone) for tone in tones))
    return file.getvalue()


def photo(dice: random.Random) -> bytes:
    """Return a PNG of a wardrobe with a scratch on one of its doors."""
    wood = dice.choice(WOODS)
    canvas = _Canvas((236, 232, 226))
    canvas.box(0, 205, SIZE[0], 35, (178, 160, 140))
    doors = dice.choice((3, 4))
    width = 300 // doors
    for door in range(doors):
        left = 30 + door * width
        canvas.box(left, 20, width - 3, 186, wood)
        canvas.box(left + width - 14, 100, 4, 26, (70, 66, 62))
    start = 44 + dice.randrange(200)
    for step in range(40):
        canvas.box(start + step, 90 + step // 3, 2, 2, (250, 248, 244))
    return canvas.png()


def sketch(dice: random.Random) -> bytes:
    """Return a PNG of a plan drawn by hand: a niche, its shelves and a door."""
    canvas = _Canvas((252, 252, 248))
    ink = (52, 72, 104)
    for left, top, width, height in ((40, 30, 280, 2), (40, 30, 2, 180), (318, 30, 2, 180)):
        canvas.box(left, top, width, height, ink)
    canvas.box(40, 208, 280, 2, ink)
    for shelf in range(1, dice.choice((3, 4, 5))):
        canvas.box(42, 30 + shelf * 36, dice.choice((92, 140)), 2, ink)
    canvas.box(180, 32, 2, 176, ink)
    return canvas.png()


def paper(title: str, lines: list[str]) -> bytes:
    """Return a PDF of one page with a title and some lines, in ASCII."""
    said = " ".join(f"({_escaped(line)}) Tj T*" for line in [title, "", *lines])
    stream = f"BT /F1 13 Tf 60 770 Td 22 TL {said} ET".encode("ascii", "replace")
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R"
            b" /Resources << /Font << /F1 4 0 R >> >> >>"
        ),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(stream), stream),
    )
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"xref\n0 %d\n0000000000 65535 f \n%b" % (len(objects) + 1, table)
    out += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        out.index(b"xref\n"),
    )
    return bytes(out)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
