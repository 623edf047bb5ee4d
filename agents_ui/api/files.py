"""Files: uploads, attachments, mail bodies and their originals."""

from typing import Annotated
from uuid import UUID

from aiohttp import web
from msgspec import Meta

from agents_ui.api.pending import Pending
from agents_ui.call import Call
from crm_core.views import View
from infra.errors import Forbidden, Invalid, NotFound, TooLarge
from infra.http.routes import Input, Upload, route


UPLOAD_LIMIT = 1 << 31  # bytes; the operator's own limit is lower (PUNTE_UPLOAD_LIMIT)
UPLOAD_TIMEOUT = 600.0  # seconds


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
    raise Pending


@route(
    "GET",
    "/api/attachments/{attachment_id}",
    raises=(NotFound,),
    media="application/octet-stream",
)
async def attachment(
    call: Call, attachment_id: UUID, query: AttachmentQuery
) -> web.StreamResponse:
    """Download an attachment; ranges are served."""
    raise Pending


@route("GET", "/m/{message_id}/body", raises=(NotFound,), media="text/html")
async def body(call: Call, message_id: UUID, query: BodyQuery) -> web.StreamResponse:
    """Show a mail as its sender laid it out: a document that can run and load nothing."""
    raise Pending


@route("GET", "/m/{message_id}/raw", raises=(NotFound, Forbidden), media="message/rfc822")
async def raw(call: Call, message_id: UUID) -> web.StreamResponse:
    """Download a mail as it came."""
    raise Pending


@route("GET", "/m/{message_id}/image", raises=(NotFound, Invalid), media="image/*")
async def image(call: Call, message_id: UUID, query: ImageQuery) -> web.StreamResponse:
    """Load a remote image of a mail through the hub: its server learns nothing of the agent."""
    raise Pending
