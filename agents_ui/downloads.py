"""Sending files so that a browser never runs what strangers sent."""

from typing import Any
from urllib.parse import quote

from aiohttp import web

from agents_ui.call import Call
from infra.errors import NotFound


SANDBOX = "sandbox; default-src 'none'; frame-ancestors 'self'"
RASTER = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp"})
"""Shown inside a page: pictures that cannot hold a script, as SVG can."""
PLAYED = frozenset(
    f"{kind}/{name}"
    for kind in ("audio", "video")
    for name in ("ogg", "mp4", "mpeg", "webm", "wav", "x-m4a", "aac", "quicktime")
)
"""Recordings and films a page plays; a browser runs nothing of them."""


def disposition(filename: str, *, inline: bool = False) -> str:
    """Return the Content-Disposition of a file (RFC 6266): any name, nothing injected."""
    plain = "".join(c if " " <= c <= "~" and c not in '"\\/%' else "_" for c in filename) or "file"
    kind = "inline" if inline else "attachment"
    return f"{kind}; filename=\"{plain[:150]}\"; filename*=UTF-8''{quote(filename[:255], safe='')}"


def file_headers(filename: str, mime: str, *, inline: bool) -> dict[str, str]:
    """Return the headers a stranger's file is sent with.

    Anything but a raster image or a recording is a download of no particular type: what the
    sender calls it must not decide what a browser does with it.
    """
    safe = mime in RASTER or mime in PLAYED
    return {
        "Content-Type": mime if safe else "application/octet-stream",
        "Content-Disposition": disposition(filename, inline=inline and safe),
        "Content-Security-Policy": SANDBOX,
        "Cache-Control": "private, max-age=3600",
        "X-Frame-Options": "SAMEORIGIN",
    }


def download(call: Call, row: Any, *, filename: str) -> web.StreamResponse:
    """Send what is kept in a row's ``body``, or in the blob that its ``blob`` names.

    Raises:
        NotFound: It is in neither.
    """
    headers = file_headers(filename, "", inline=False)
    if row["body"] is not None:
        return web.Response(body=row["body"], headers=headers)
    if row["blob"] is None or not call.services.blobs.exists(row["blob"]):
        raise NotFound("the original is not kept any more")
    return web.FileResponse(call.services.blobs.path(row["blob"]), headers=headers)
