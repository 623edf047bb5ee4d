"""A client's files: the message is there at once, the file as soon as it is fetched."""

import json

import pytest

from inbox.fetching import Fetcher
from infra.blobs import Blobs
from infra.bus import LocalBus
from infra.clock import now
from tests.adapter.telegram.conftest import png
from tests.adapter.telegram.receiving import received
from tests.reading import events_of
from tests.servers.telegram.scenarios import BROKEN, Refuse


@pytest.fixture
def blobs(tmp_path):
    return Blobs(tmp_path / "blobs")


@pytest.fixture
def fetcher(line, adapter, blobs):
    async def open_line(_account_id):
        return adapter, line.ctx

    return Fetcher(line.db, LocalBus(), blobs, open_line)


async def files(line):
    async with line.db.read() as sql:
        rows = await sql.fetch("SELECT * FROM attachment ORDER BY message_id, position")
    return [dict(row) for row in rows]


async def make_due(line):
    async with line.db.transaction() as tx:
        await tx.execute("UPDATE attachment SET fetch_at = $1", now())


async def test_photo_is_shown_at_once_and_filled_in(line, adapter, telegram, fetcher, blobs):
    telegram.client().sends_file("photo", png(40, 30), caption="așa arată")
    await received(line, adapter, 1)
    [before] = await files(line)
    assert (before["blob"], before["unavailable"]) == (None, None)
    assert await fetcher.run_due() == 1
    [photo] = await files(line)
    assert blobs.get_bytes(photo["blob"]) == png(40, 30)
    assert (photo["kind"], photo["mime"], photo["size"]) == (
        "image",
        "image/jpeg",
        len(png(40, 30)),
    )
    assert await fetcher.run_due() == 0


async def test_browsers_are_told_when_a_file_is_here(line, adapter, telegram, fetcher):
    telegram.client().sends_file("voice", b"OggS" + b"x" * 100, name="voice.ogg", mime="audio/ogg")
    await received(line, adapter, 1)
    async with line.db.read() as sql:
        before = await sql.fetchval("SELECT rev FROM message")
    await fetcher.run_due()
    told = [json.loads(bytes(placed.data)) for placed in await events_of(line.db)]
    async with line.db.read() as sql:
        assert await sql.fetchval("SELECT rev FROM message") == before + 1
    last = [event["message"] for event in told if event["type"] == "message.changed"][-1]
    assert last["rev"] == before + 1


async def test_forwarded_file_is_fetched_too(line, adapter, telegram, fetcher):
    origin = {"type": "hidden_user", "sender_user_name": "Vasile", "date": 1_700_000_000}
    telegram.client().sends_file("document", b"plan", name="a.txt", forward_origin=origin)
    await received(line, adapter, 1)
    await fetcher.run_due()
    [file] = await files(line)
    assert file["blob"] is not None


async def test_file_that_is_gone_is_said_to_be_gone(line, adapter, telegram, fetcher):
    telegram.client().sends_file("document", b"x", name="a.txt")
    await received(line, adapter, 1)
    telegram.bot.files.clear()
    await fetcher.run_due()
    [file] = await files(line)
    assert (file["blob"], file["unavailable"]) == (None, "expired")


async def test_file_that_telegram_does_not_hand_out_is_too_big(line, adapter, telegram, fetcher):
    telegram.client().sends_file("document", b"x", name="a.zip")
    await received(line, adapter, 1)
    telegram.plan(Refuse(400, "Bad Request: file is too big"), method="getFile")
    await fetcher.run_due()
    [file] = await files(line)
    assert file["unavailable"] == "too_big"


async def test_file_is_tried_again_after_a_trouble(line, adapter, telegram, fetcher):
    telegram.client().sends_file("document", b"x", name="a.txt")
    await received(line, adapter, 1)
    telegram.plan(BROKEN, method="getFile")
    assert await fetcher.run_due() == 1
    [file] = await files(line)
    assert (file["blob"], file["unavailable"], file["fetch_tries"]) == (None, None, 1)
    await make_due(line)
    await fetcher.run_due()
    [file] = await files(line)
    assert file["blob"] is not None


async def test_one_file_that_fails_does_not_keep_the_others(line, adapter, telegram, fetcher):
    ion = telegram.client()
    for n in range(20):
        ion.sends_file("document", b"%d" % n, name=f"{n}.txt")
    telegram.plan(BROKEN, method="getFile", times=3)
    await received(line, adapter, 20)
    await fetcher.run_due()
    assert sum(file["blob"] is not None for file in await files(line)) == 17


async def test_album_has_all_its_photos(line, adapter, telegram, fetcher, blobs):
    ion = telegram.client()
    for n in range(3):
        ion.sends_file("photo", png(n + 1, 1), media_group_id="777")
    await received(line, adapter, 3)
    await fetcher.run_due()
    found = await files(line)
    assert [blobs.get_bytes(file["blob"]) for file in found] == [png(n + 1, 1) for n in range(3)]
    assert len({file["message_id"] for file in found}) == 1
