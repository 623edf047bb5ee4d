"""Files of a chat: taken with care, and given so that a browser never runs them."""

import re
from collections.abc import AsyncIterator
from urllib.parse import quote
from uuid import UUID

from aiohttp import web

from channels.webchat import visitors
from channels.webchat.answers import File
from channels.webchat.guest import Guest
from channels.webchat.limits import BLOCK_FILES, FILES
from channels.webchat.normalize import kind_of
from infra.clock import new_id, now
from infra.errors import HubError, Invalid, NotFound
from infra.sniff import HEAD, mime_of


KEEP = "INSERT INTO blob (sha256, size) VALUES ($1, $2) ON CONFLICT DO NOTHING"
ADD = """
INSERT INTO webchat_file (id, visitor_id, blob, name, mime, size, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
FIND = "SELECT blob, name, mime FROM webchat_file WHERE id = $1 AND visitor_id = $2"
SHOWN = re.compile(r"(?:image/(?:png|jpeg|gif|webp|bmp)|(?:audio|video)/[\w.+-]+)")
UNSAFE = re.compile(r"[\x00-\x1f\x7f/\\<>:\"|?*\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


class WrongType(Invalid):
    """Files of this kind are not taken here."""

    code = "webchat.file_type"
    title = "Files of this kind are not taken here"


class TooFast(HubError):
    """The visitor, or everybody at their address, sent enough for now."""

    code = "webchat.too_fast"
    status = 429
    title = "Too many files"


def safe_name(name: str) -> str:
    """Return a file's name without paths, marks and tricks; it keeps its ending."""
    plain = UNSAFE.sub("_", name.replace("\\", "/").rpartition("/")[2]).strip(" .")
    stem, dot, ending = plain.rpartition(".")
    if not dot:
        return plain[:150] or "file"
    return f"{stem[:140] or 'file'}.{ending[:20]}"


async def take(guest: Guest, name: str, chunks: AsyncIterator[bytes]) -> File:
    """Keep a file of a visitor.

    Raises:
        WrongType: Its kind is not taken, or the inspection refused it.
        TooFast: Too many files.
        infra.blobs.TooLarge: It is too big.
    """
    services, settings = guest.services, guest.widget.settings
    _spend(guest)
    name = safe_name(name)
    if not settings.files.on or name.rpartition(".")[2].lower() not in settings.files.types:
        raise WrongType(name)
    head = bytearray()

    async def watched() -> AsyncIterator[bytes]:
        async for chunk in chunks:
            if len(head) < HEAD:
                head.extend(chunk[:HEAD])
            yield chunk

    limit = min(settings.files.max_bytes, services.upload_limit)
    blob, size = await services.blobs.put(watched(), limit)
    mime = mime_of(name, bytes(head))
    if services.inspect is not None and not await services.inspect(
        name, mime, str(services.blobs.path(blob))
    ):
        raise WrongType("the file was refused")
    file_id = new_id()
    async with services.db.lane(via="channel") as tx:
        guest.visitor = await visitors.begin(
            tx, guest.widget.id, guest.hashed, lang=guest.lang, site=guest.site
        )
        await tx.execute(KEEP, blob, size)
        await tx.execute(ADD, file_id, guest.visitor.id, blob, name, mime, size, now())
    kind = kind_of(mime)
    shown = kind if kind in {"image", "video", "audio"} else "file"
    return File(file_id.hex, name, mime, size, shown)


def _spend(guest: Guest) -> None:
    settings, budgets = guest.widget.settings, guest.services.budgets
    visitor = guest.visitor
    if settings.identified_only and (visitor is None or visitor.external_id is None):
        raise WrongType("identified visitors only")
    wait = budgets.take(f"files/{guest.hashed.hex()}", FILES) or budgets.take(
        f"files/{guest.block}", BLOCK_FILES
    )
    if wait:
        raise TooFast("", retry_after=wait)


async def give(guest: Guest, file_id: UUID) -> web.StreamResponse:
    """Send a file of the visitor's own conversation.

    Raises:
        NotFound: There is none, or it is somebody else's.
    """
    row = None
    if guest.visitor is not None:
        async with guest.services.db.read() as sql:
            row = await sql.fetchrow(FIND, file_id, guest.visitor.id)
    if row is None or not row["blob"] or not guest.services.blobs.exists(row["blob"]):
        raise NotFound("no such file")
    plain = "".join(c if " " <= c <= "~" and c not in '"\\/%' else "_" for c in row["name"])
    mime = row["mime"] if SHOWN.fullmatch(row["mime"]) else "application/octet-stream"
    headers = {
        "Content-Type": mime,
        "Content-Disposition": f'attachment; filename="{plain[:150] or "file"}";'
        f" filename*=UTF-8''{quote(row['name'][:255], safe='')}",
        "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
        "Cache-Control": "private, max-age=3600",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    return web.FileResponse(guest.services.blobs.path(row["blob"]), headers=headers)
