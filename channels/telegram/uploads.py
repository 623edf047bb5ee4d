"""Files on their way to Telegram, and what it has already."""

from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

import msgspec

from channels.telegram.capabilities import PHOTO, largest_upload
from channels.telegram.faults import refused
from channels.telegram.files import HEAD, fits_photo
from channels.telegram.wire import FilePart
from inbox.contract import ExternalRef, Fault, Media, RunContext, Stored


Key = tuple[str, str, str]

KNOWN = 10_000  # files and messages remembered


class Upload(msgspec.Struct, frozen=True):
    """A file of a call, ready to go.

    Attributes:
        file_id: What Telegram calls it since it was sent before; "" when it has to be uploaded.
        kind: What it is sent as, which may be less than what was wanted.
    """

    name: str
    kind: str
    blob: str
    part: FilePart
    size: int
    file_id: str = ""

    @property
    def value(self) -> str:
        """What a parameter holds for it."""
        return self.file_id or f"attach://{self.name}"


class Store:
    """What Telegram has, by account; kept in memory, for it can always be uploaded again."""

    def __init__(self) -> None:
        self._file_ids: OrderedDict[Key, str] = OrderedDict()
        self._blobs: OrderedDict[Key, str] = OrderedDict()

    async def uploads(self, ctx: RunContext, files: Sequence[Mapping[str, Any]]) -> list[Upload]:
        """Return the files of a call, as photos only those that Telegram takes for one.

        Raises:
            SendFailed: A file is not there any more, or too big.
        """
        most = largest_upload(ctx.config)
        uploads = []
        for file in files:
            if (file["size"] or 0) > most:
                raise refused(Fault.CONTENT, "telegram.file_too_big", file["filename"])
            uploads.append(await self._prepared(ctx, file))
        if any(one.kind != file["kind"] for one, file in zip(uploads, files, strict=True)):
            # One that is no photo makes documents of its whole album: they do not mix.
            uploads = [msgspec.structs.replace(one, kind="document") for one in uploads]
        return [self._known(ctx, one) for one in uploads]

    async def _prepared(self, ctx: RunContext, file: Mapping[str, Any]) -> Upload:
        blob, kind = file["blob"], file["kind"]
        try:
            head = await _head(ctx, blob)
        except (OSError, LookupError) as error:
            raise refused(Fault.CONTENT, "telegram.file_missing", str(error)) from error
        size = file["size"] or len(head)
        if kind == "photo" and (size > PHOTO or not fits_photo(head)):
            kind = "document"
        part = FilePart(file["filename"], file["mime"], _content(ctx, blob))
        return Upload(name=file["name"], kind=kind, blob=blob, part=part, size=size)

    def _known(self, ctx: RunContext, upload: Upload) -> Upload:
        file_id = self._file_ids.get((str(ctx.account), upload.blob, upload.kind), "")
        return msgspec.structs.replace(upload, file_id=file_id)

    def has_blob(self, ctx: RunContext, ref: ExternalRef, media: Media) -> bool:
        """Tell whether a message is known to show this very file."""
        key = (str(ctx.account), ref.thread.key.partition("/")[0], ref.message_id)
        blob = media.source.blob if isinstance(media.source, Stored) else ""
        return self._blobs.get(key) == blob

    def remember(
        self, ctx: RunContext, sent: Sequence[Mapping[str, Any]], uploads: Sequence[Upload]
    ) -> None:
        """Remember what Telegram calls the files of messages it took."""
        account = str(ctx.account)
        for message, upload in zip(sent, uploads, strict=False):
            if file_id := _file_id(message, upload.kind):
                _keep(self._file_ids, (account, upload.blob, upload.kind), file_id)
            chat = str(message.get("chat", {}).get("id", ""))
            _keep(self._blobs, (account, chat, str(message["message_id"])), upload.blob)

    def forget(self, ctx: RunContext, uploads: Sequence[Upload]) -> bool:
        """Forget ids that Telegram does not know any more; tell whether there were any."""
        old = [one for one in uploads if one.file_id]
        for one in old:
            self._file_ids.pop((str(ctx.account), one.blob, one.kind), None)
        return bool(old)


def _content(ctx: RunContext, blob: str) -> Callable[[], AsyncIterator[bytes]]:
    return lambda: ctx.blob(blob)


async def _head(ctx: RunContext, blob: str) -> bytes:
    head = b""
    async for chunk in ctx.blob(blob):
        head += chunk
        if len(head) >= HEAD:
            break
    return head


def _file_id(message: Mapping[str, Any], kind: str) -> str:
    found = message.get(kind)
    if isinstance(found, list) and found:  # a photo in several sizes, the largest last
        found = found[-1]
    return str(found.get("file_id") or "") if isinstance(found, dict) else ""


def _keep(memory: OrderedDict[Key, str], key: Key, value: str) -> None:
    memory[key] = value
    memory.move_to_end(key)
    while len(memory) > KNOWN:
        memory.popitem(last=False)
