import hashlib
from collections.abc import AsyncIterator, Iterable

import pytest

from infra.blobs import Blobs, TooLarge
from infra.errors import NotFound


MISSING = "0" * 64


async def arriving(pieces: Iterable[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


@pytest.fixture
def blobs(tmp_path) -> Blobs:
    return Blobs(tmp_path / "blobs")


async def test_what_was_streamed_in_streams_out(blobs):
    pieces = [b"a" * 300_000, b"", b"b" * 7]
    sha256, size = await blobs.put(arriving(pieces), limit=1_000_000)
    whole = b"".join(pieces)
    assert (sha256, size) == (hashlib.sha256(whole).hexdigest(), len(whole))
    assert b"".join([chunk async for chunk in blobs.stream(sha256)]) == whole
    assert blobs.size(sha256) == len(whole)


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [(0, 3, b"012"), (4, None, b"456789"), (3, 3, b""), (8, 99, b"89"), (99, None, b"")],
)
async def test_a_part_streams_out(blobs, start, end, expected):
    sha256 = blobs.put_bytes(b"0123456789")
    assert b"".join([chunk async for chunk in blobs.stream(sha256, start, end)]) == expected


async def test_too_much_leaves_nothing_behind(blobs):
    with pytest.raises(TooLarge):
        await blobs.put(arriving([b"12345", b"67890"]), limit=9)
    assert [path for path in blobs.root.rglob("*") if path.is_file()] == []


async def test_an_interrupted_upload_leaves_nothing_behind(blobs):
    async def broken() -> AsyncIterator[bytes]:
        yield b"half"
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await blobs.put(broken(), limit=100)
    assert [path for path in blobs.root.rglob("*") if path.is_file()] == []


def test_the_same_content_is_kept_once(blobs):
    assert blobs.put_bytes(b"same") == blobs.put_bytes(b"same")
    assert len(list(blobs.names())) == 1


def test_a_deleted_blob_is_gone(blobs):
    sha256 = blobs.put_bytes(b"x")
    assert blobs.delete(sha256)
    assert not blobs.delete(sha256)
    assert not blobs.exists(sha256)
    with pytest.raises(NotFound):
        blobs.get_bytes(sha256)
    with pytest.raises(NotFound):
        blobs.size(sha256)


def test_damage_is_noticed(blobs):
    sha256 = blobs.put_bytes(b"whole")
    assert blobs.verify(sha256)
    blobs.path(sha256).write_bytes(b"wh0le")
    assert not blobs.verify(sha256)
    assert not blobs.verify(MISSING)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "0" * 63])
def test_no_name_leads_out_of_the_folder(blobs, name):
    with pytest.raises(NotFound):
        blobs.path(name)
