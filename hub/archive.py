"""The one file of a backup: a tar with a manifest, the database, the key and the blobs."""

import hashlib
import io
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Self

import msgspec

from infra.errors import HubError


FORMAT = 1  # raised when an older hub could not read what we write
CHUNK = 1024 * 1024  # bytes hashed at a time

MANIFEST = "manifest.json"
DUMP = "database.dump"
KEY = "secret.key"
BLOBS = "blobs/"


class BadArchive(HubError):
    """The file is no backup of a hub, or it is damaged."""

    code = "backup.bad"
    title = "The backup cannot be used"


class Manifest(msgspec.Struct, frozen=True):
    """What a backup says about itself; it is the archive's first member.

    Attributes:
        version: Of the hub that wrote it.
        revision: Of the tables (Alembic).
        dump_sha256: Of the database's dump, as a check.
        blobs: How many there are.
        has_key: Whether the secret key is inside; it is not when it came from the environment.
    """

    format: int
    version: str
    created_at: datetime
    revision: str
    dump_sha256: str
    dump_size: int
    blobs: int
    has_key: bool


class Writer:
    """Writes an archive; the manifest comes first, so that it can be read without the rest."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar

    @classmethod
    @contextmanager
    def open(cls, path: Path) -> Iterator[Self]:
        """Write ``path``, readable by its owner only: it holds every secret of the hub."""
        path.touch(mode=0o600)
        path.chmod(0o600)
        with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as tar:
            yield cls(tar)

    def add_manifest(self, manifest: Manifest) -> None:
        """Write the manifest."""
        self.add_bytes(MANIFEST, msgspec.json.encode(manifest))

    def add_bytes(self, name: str, data: bytes) -> None:
        """Write one member from memory."""
        member = tarfile.TarInfo(name)
        member.size, member.mode = len(data), 0o600
        self._tar.addfile(member, io.BytesIO(data))

    def add_file(self, name: str, path: Path) -> None:
        """Write one member from a file."""
        member = tarfile.TarInfo(name)
        member.size, member.mode = path.stat().st_size, 0o600
        with path.open("rb") as file:
            self._tar.addfile(member, file)


class Reader:
    """Reads an archive from front to back."""

    def __init__(self, tar: tarfile.TarFile, manifest: Manifest) -> None:
        self._tar = tar
        self.manifest = manifest

    @classmethod
    @contextmanager
    def open(cls, path: Path) -> Iterator[Self]:
        """Read ``path``.

        Raises:
            BadArchive: It is no backup, cut short, or of a newer format.
        """
        try:
            with tarfile.open(path, "r:") as tar:
                yield cls(tar, _manifest(tar))
        except (tarfile.TarError, msgspec.MsgspecError) as error:
            raise BadArchive(f"{path}: {error}") from error

    def members(self) -> Iterator[tuple[str, IO[bytes]]]:
        """Yield the name and the content of every member after the manifest.

        Raises:
            BadArchive: A member is none of ours.
        """
        for member in self._tar:
            if member.name == MANIFEST:
                continue
            content = self._tar.extractfile(member)
            if content is None or not _is_ours(member.name):
                raise BadArchive(f"{member.name[:80]!r} does not belong into a backup")
            yield member.name, content


def verify(path: Path) -> Manifest:
    """Read the whole archive, compare every hash, and return its manifest.

    Raises:
        BadArchive: Something is missing, superfluous or damaged.
    """
    seen: set[str] = set()
    with Reader.open(path) as archive:
        for name, content in archive.members():
            sha256 = hashlib.sha256()
            while chunk := content.read(CHUNK):
                sha256.update(chunk)
            expected = {DUMP: archive.manifest.dump_sha256, KEY: sha256.hexdigest()}
            if sha256.hexdigest() != expected.get(name, name.removeprefix(BLOBS)):
                raise BadArchive(f"{path}: {name} is damaged")
            seen.add(name)
        manifest = archive.manifest
    blobs = sum(name.startswith(BLOBS) for name in seen)
    if DUMP not in seen or blobs != manifest.blobs or (KEY in seen) != manifest.has_key:
        raise BadArchive(f"{path} is cut short: {blobs} of {manifest.blobs} files are there")
    return manifest


def _manifest(tar: tarfile.TarFile) -> Manifest:
    first = tar.next()
    content = tar.extractfile(first) if first and first.name == MANIFEST else None
    if content is None:
        raise BadArchive("this is no backup of Punte")
    raw = content.read()
    found = msgspec.json.decode(raw)
    if isinstance(found, dict) and found.get("format", 0) > FORMAT:
        raise BadArchive("a newer version of Punte wrote this backup: upgrade first")
    return msgspec.json.decode(raw, type=Manifest)


def _is_ours(name: str) -> bool:
    return name in {DUMP, KEY} or (name.startswith(BLOBS) and name.count("/") == 1)
