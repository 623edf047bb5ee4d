"""Files of any size, named by the SHA-256 of what they hold.

Content under its own name cannot change, so a blob may be cached for ever, written twice
without harm and copied while the hub runs.
"""

import asyncio
import contextlib
import hashlib
import os
import re
import secrets
import shutil
from collections.abc import AsyncIterable, AsyncIterator, Iterator
from pathlib import Path
from typing import BinaryIO

from infra import errors
from infra.errors import NotFound


CHUNK = 256 * 1024  # bytes read or hashed at a time
DRAFTS = "drafts"  # unfinished files, inside the root so that renaming them is atomic

_NAME = re.compile(r"[0-9a-f]{64}")


class TooLarge(errors.TooLarge):
    """The content is longer than the limit it was received under."""

    code = "blob.too_large"
    title = "The file is too large"


class Blobs:
    """A folder of blobs; any number of processes may share it.

    Args:
        root: Made when missing.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._drafts = root / DRAFTS
        self._drafts.mkdir(parents=True, exist_ok=True)

    def path(self, sha256: str) -> Path:
        """Return where the blob ``sha256`` is kept, whether or not it is there.

        Raises:
            NotFound: ``sha256`` is not the name of any blob.
        """
        if not _NAME.fullmatch(sha256):
            raise NotFound(f"{sha256[:80]!r} is not the name of a blob")
        return self.root / sha256[:2] / sha256[2:4] / sha256

    def exists(self, sha256: str) -> bool:
        """Say whether the blob is here."""
        return self.path(sha256).is_file()

    def size(self, sha256: str) -> int:
        """Return the blob's length in bytes.

        Raises:
            NotFound: It is not here.
        """
        try:
            return self.path(sha256).stat().st_size
        except FileNotFoundError as error:
            raise NotFound(f"blob {sha256} is not here") from error

    def put_bytes(self, data: bytes) -> str:
        """Keep ``data`` for good (on disk, not only in its cache) and return its name."""
        sha256 = hashlib.sha256(data).hexdigest()
        if not self.exists(sha256):
            with self._draft() as (file, draft):
                file.write(data)
                self._keep(file, draft, sha256)
        return sha256

    def put_file(self, path: Path) -> str:
        """Keep the content of the file ``path`` and return its name."""
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            if self.exists(sha256):
                return sha256
            file.seek(0)
            with self._draft() as (copy, draft):
                shutil.copyfileobj(file, copy, CHUNK)
                self._keep(copy, draft, sha256)
        return sha256

    def get_bytes(self, sha256: str) -> bytes:
        """Return the whole blob; for small ones.

        Raises:
            NotFound: It is not here.
        """
        try:
            return self.path(sha256).read_bytes()
        except FileNotFoundError as error:
            raise NotFound(f"blob {sha256} is not here") from error

    async def put(self, chunks: AsyncIterable[bytes], limit: int) -> tuple[str, int]:
        """Keep what ``chunks`` bring and return its name and length.

        Args:
            chunks: The content in pieces, as they arrive.
            limit: The most bytes to take.

        Raises:
            TooLarge: More came than ``limit``; nothing is kept.
        """
        seen, size = hashlib.sha256(), 0
        with self._draft() as (file, draft):
            async for chunk in chunks:
                size += len(chunk)
                if size > limit:
                    raise TooLarge(f"the file has more than {limit} bytes")
                seen.update(chunk)
                await asyncio.to_thread(file.write, chunk)
            sha256 = seen.hexdigest()
            await asyncio.to_thread(self._keep, file, draft, sha256)
        return sha256, size

    async def stream(
        self, sha256: str, start: int = 0, end: int | None = None
    ) -> AsyncIterator[bytes]:
        """Yield the bytes from ``start`` up to but not including ``end``.

        Raises:
            NotFound: It is not here.
        """
        left = self.size(sha256) if end is None else end
        left -= start
        with self.path(sha256).open("rb") as file:
            file.seek(start)
            while left > 0:
                chunk = await asyncio.to_thread(file.read, min(CHUNK, left))
                if not chunk:
                    return
                left -= len(chunk)
                yield chunk

    def delete(self, sha256: str) -> bool:
        """Forget the blob; False when it was not here."""
        try:
            self.path(sha256).unlink()
        except FileNotFoundError:
            return False
        return True

    def verify(self, sha256: str) -> bool:
        """Say whether the blob is here and still holds what its name promises."""
        try:
            with self.path(sha256).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest() == sha256
        except FileNotFoundError:
            return False

    def names(self) -> Iterator[str]:
        """Yield the name of every blob, in no order."""
        for path in self.root.glob("??/??/*"):
            if _NAME.fullmatch(path.name):
                yield path.name

    @contextlib.contextmanager
    def _draft(self) -> Iterator[tuple[BinaryIO, Path]]:
        draft = self._drafts / secrets.token_hex(16)
        try:
            with draft.open("xb") as file:
                yield file, draft
        finally:
            draft.unlink(missing_ok=True)

    def _keep(self, file: BinaryIO, draft: Path, sha256: str) -> None:
        file.flush()
        os.fsync(file.fileno())
        path = self.path(sha256)
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.replace(path)
        _sync_folder(path.parent)
        _sync_folder(path.parent.parent)
        _sync_folder(self.root)


def _sync_folder(folder: Path) -> None:
    """Make a rename in ``folder`` survive a power cut; see fsync(2), "Calling fsync()"."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
