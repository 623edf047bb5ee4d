"""Fetching a client's file: the link to it is asked for each time, for it lives an hour.

https://core.telegram.org/bots/api#getfile
"""

import mimetypes
from collections.abc import AsyncGenerator, AsyncIterator

from channels.telegram.fields import obj, text, whole
from channels.telegram.troubles import problem_of, text_of
from channels.telegram.wire import CallFailed, Wire
from inbox.contract import Fault, RunContext, SendError, SendFailed


TOO_BIG, EXPIRED = "telegram.file_too_big", "telegram.file_gone"


async def fetch(
    ctx: RunContext, wire: Wire, handle: str, limit: int
) -> tuple[AsyncIterator[bytes], str | None]:
    """Return a file's content and what its name says of its type.

    Raises:
        SendFailed: It cannot be had; ``CONTENT`` is for ever.
    """
    try:
        file = obj(await wire.call(ctx, "getFile", {"file_id": handle}))
    except CallFailed as error:
        failed = _failed(error)
    else:
        path, size = text(file.get("file_path")), whole(file.get("file_size"))
        if size is not None and size > limit:
            failed = SendFailed(SendError(fault=Fault.CONTENT, code=TOO_BIG, text=f"{size} bytes"))
        elif not path:
            failed = SendFailed(SendError(fault=Fault.CONTENT, code=EXPIRED))
        else:
            return _content(ctx, wire, path, limit), mimetypes.guess_type(path)[0]
    raise failed


async def _content(
    ctx: RunContext, wire: Wire, path: str, limit: int
) -> AsyncGenerator[bytes, None]:
    failed: SendFailed | None = None
    try:
        async for chunk in wire.download(ctx, path, limit):
            yield chunk
    except CallFailed as error:
        failed = _failed(error)
    if failed is not None:
        raise failed


def _failed(error: CallFailed) -> SendFailed:
    said = text_of(error)
    if error.trouble == "too_big" or "too big" in error.description.lower():
        return SendFailed(SendError(fault=Fault.CONTENT, code=TOO_BIG, text=said))
    if error.trouble == "file" or error.error_code == 400:
        is_gone = error.status in {400, 403, 404, 410} or error.error_code == 400
        fault = Fault.CONTENT if is_gone else Fault.TRANSIENT
        return SendFailed(SendError(fault=fault, code=EXPIRED, text=said))
    return SendFailed(problem_of(error).as_send_error(said))
