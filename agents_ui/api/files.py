"""Files: uploads, attachments, mail bodies and their originals."""

import asyncio
import hmac
import time
from collections.abc import AsyncIterator
from mimetypes import guess_extension
from typing import Annotated
from uuid import UUID

import asyncpg
from aiohttp import web
from msgspec import Meta

from agents_ui import mail_body
from agents_ui.call import Call
from agents_ui.downloads import download, file_headers
from agents_ui.remote_images import NoImage
from crm_core.staff.visibility import Viewer
from crm_core.views import View
from infra.db import Raw
from infra.errors import Forbidden, Invalid, NotFound, TooLarge
from infra.http.routes import Input, Upload, route
from infra.sniff import HEAD, mime_of


UPLOAD_LIMIT = 1 << 31  # bytes; the operator's own limit is lower (PUNTE_UPLOAD_LIMIT)
UPLOAD_TIMEOUT = 600.0  # seconds
COMING = 20.0  # seconds a file that is being fetched is waited for
LOOK = 0.3  # seconds between looks for it


KEEP = "INSERT INTO blob (sha256, size) VALUES ($1, $2) ON CONFLICT DO NOTHING"
ATTACHMENT = """
SELECT a.blob, a.filename, a.mime, a.kind,
       a.blob IS NULL AND a.handle IS NOT NULL AND a.unavailable IS NULL AND a.fetch_tries < 2
           AS is_coming
  FROM attachment AS a
  JOIN message AS m ON m.id = a.message_id
  JOIN conversation AS c ON c.id = m.conversation_id
 WHERE a.id = $1 AND m.deleted_at IS NULL"""
MESSAGE = """
SELECT m.html FROM message AS m JOIN conversation AS c ON c.id = m.conversation_id
 WHERE m.id = $1 AND m.deleted_at IS NULL"""
ORIGINAL = """
SELECT j.body, j.blob FROM message AS m JOIN conversation AS c ON c.id = m.conversation_id
  JOIN journal AS j ON j.id = m.journal_id
 WHERE m.id = $1 AND m.deleted_at IS NULL"""
INLINE = """
SELECT content_id, id FROM attachment
 WHERE message_id = $1 AND content_id IS NOT NULL AND blob IS NOT NULL"""


class UploadQuery(Input):
    """What the file is called."""

    filename: Annotated[str, Meta(min_length=1, max_length=255)]


class Uploaded(View):
    """A file kept by the hub; an answer refers to it by ``blob``."""

    blob: str
    filename: str
    mime: str
    size: int


class AttachmentQuery(Input):
    """How to serve it: ``inline`` shows raster images, everything else is a download."""

    inline: Annotated[int, Meta(ge=0, le=1)] = 0


class BodyQuery(Input):
    """Whether to load remote images, through the hub."""

    images: Annotated[int, Meta(ge=0, le=1)] = 0


class ImageQuery(Input):
    """A remote image of a mail, as the mail's body refers to it."""

    u: Annotated[str, Meta(max_length=4000)]
    s: Annotated[str, Meta(max_length=100)]


@route(
    "POST",
    "/api/uploads",
    status=201,
    limit=UPLOAD_LIMIT,
    timeout=UPLOAD_TIMEOUT,
    raises=(TooLarge, Invalid),
)
async def upload(call: Call, query: UploadQuery, upload: Upload) -> Uploaded:
    """Upload a file, as the bare body."""
    if not (call.viewer.may("conversation", "reply") or call.viewer.may("conversation", "note")):
        raise Forbidden("only those who write may upload")
    head = bytearray()

    async def watched() -> AsyncIterator[bytes]:
        async for part in upload:
            if len(head) < HEAD:
                head.extend(part[:HEAD])
            yield part

    blob, size = await call.services.blobs.put(watched(), call.services.upload_limit)
    async with call.transaction() as tx:
        await tx.execute(KEEP, blob, size)
    return Uploaded(
        blob=blob, filename=query.filename, mime=mime_of(query.filename, bytes(head)), size=size
    )


@route(
    "GET",
    "/api/attachments/{attachment_id}",
    raises=(NotFound,),
    media="application/octet-stream",
)
async def attachment(
    call: Call, attachment_id: UUID, query: AttachmentQuery
) -> web.StreamResponse:
    """Download an attachment; ranges are served.

    One that is just being fetched from its provider is waited for.
    """
    deadline = time.monotonic() + COMING
    while True:
        async with call.read() as raw:
            row = await _visible(raw, call.viewer, ATTACHMENT, attachment_id)
        if not row["is_coming"] or time.monotonic() > deadline:
            break
        await asyncio.sleep(LOOK)
    if row["blob"] is None or not call.services.blobs.exists(row["blob"]):
        raise NotFound("the content of this attachment cannot be had")
    name = row["filename"] or f"{row['kind']}{guess_extension(row['mime']) or ''}"
    headers = file_headers(name, row["mime"], inline=bool(query.inline))
    return web.FileResponse(call.services.blobs.path(row["blob"]), headers=headers)


@route("GET", "/m/{message_id}/body", raises=(NotFound,), media="text/html")
async def body(call: Call, message_id: UUID, query: BodyQuery) -> web.StreamResponse:
    """Show a mail as its sender laid it out: a document that can run and load nothing."""
    async with call.read() as raw:
        row = await _visible(raw, call.viewer, MESSAGE, message_id)
        rows = await raw.fetch(INLINE, message_id)
    if row["html"] is None:
        raise NotFound("this message has no HTML")
    text = mail_body.page(
        row["html"],
        message_id,
        {each["content_id"]: each["id"] for each in rows},
        key=_image_key(call) if query.images else None,
    )
    headers = {
        "Content-Security-Policy": mail_body.CSP,
        "X-Frame-Options": "SAMEORIGIN",
        "Cache-Control": "private, max-age=300",
        "Referrer-Policy": "no-referrer",
    }
    return web.Response(text=text, content_type="text/html", headers=headers)


@route("GET", "/m/{message_id}/raw", raises=(NotFound, Forbidden), media="message/rfc822")
async def raw(call: Call, message_id: UUID) -> web.StreamResponse:
    """Download a mail as it came."""
    async with call.read() as raw:
        row = await _visible(raw, call.viewer, ORIGINAL, message_id)
    return download(call, row, filename=f"message-{message_id}.eml")


@route("GET", "/m/{message_id}/image", raises=(NotFound, NoImage), media="image/*")
async def image(call: Call, message_id: UUID, query: ImageQuery) -> web.StreamResponse:
    """Load a remote image of a mail through the hub: its server learns nothing of the agent."""
    expected = mail_body.signature(_image_key(call), message_id, query.u)
    if not hmac.compare_digest(expected, query.s):
        raise NoImage("this is no image of the message")
    async with call.read() as raw:
        await _visible(raw, call.viewer, MESSAGE, message_id)
    mime, data = await call.desk.images.load(query.u)
    return web.Response(body=data, headers=file_headers("image", mime, inline=True))


def _image_key(call: Call) -> bytes:
    return call.services.vault.derive("remote-images")


async def _visible(raw: Raw, viewer: Viewer, sql: str, id_: UUID) -> asyncpg.Record:
    """Return a row that belongs to a conversation the viewer may read.

    Raises:
        NotFound: There is none.
    """
    seen, args = viewer.where("conversation", "read", "c", 2)
    row = await raw.fetchrow(f"{sql} AND {seen}", id_, *args)
    if row is None:
        raise NotFound(f"no such file {id_}")
    return row
