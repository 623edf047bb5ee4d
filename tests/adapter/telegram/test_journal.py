"""From Telegram through the journal into conversations: nothing is lost or stops the next."""

import json

from inbox.contract import Raw
from tests.adapter.telegram.receiving import received
from tests.adapter.telegram.test_normalize import POISON


async def test_poison_is_stored_and_the_messages_around_it_too(line, adapter, telegram):
    ion = telegram.client()
    ion.writes("before")
    for content in POISON.values():
        frame = {"message_id": 5000 + len(telegram.bot.updates.waiting), "date": 1_766_000_000}
        who = {"chat": ion.chat.info, "from": ion.person.as_user()}
        telegram.bot.updates.add("message", frame | who | content["message"])
    telegram.bot.updates.add("teleportation", {"speed": 3})
    ion.writes("after")
    await received(line, adapter, len(POISON) + 3)
    states = await line.states()
    assert set(states) == {"processed", "ignored"}
    assert states["ignored"] == 1
    texts = await line.texts()
    assert len(texts) == len(POISON) + 2
    assert {"before", "after"} <= set(texts)
    assert not telegram.bot.updates.waiting


async def test_journal_row_that_nobody_can_read_does_not_stop_the_next(line):
    frame = {"message_id": 1, "date": 1_766_000_000, "chat": {"id": 5, "type": "private"}}
    good = {"update_id": 2, "message": frame | {"text": "next", "from": {"id": 5}}}
    bodies = [b"\xff" * 50, b"[" * 100_000, b"", json.dumps(good).encode()]
    await line.ctx.ingest([Raw(key=str(n), body=body) for n, body in enumerate(bodies)])
    await line.processor.run_due()
    assert await line.texts() == ["next"]
    assert await line.states() == {"ignored": 3, "processed": 1}


async def test_restart_in_the_middle_loses_and_doubles_nothing(line, adapter, telegram):
    ion = telegram.client()
    for n in range(150):
        ion.writes(f"{n:03}")
    await received(line, adapter, 100)
    for n in range(150, 200):
        ion.writes(f"{n:03}")
    await received(line, adapter, 200)
    assert sorted(await line.texts()) == [f"{n:03}" for n in range(200)]


async def test_message_pushed_and_polled_is_one(line, adapter, telegram):
    """While a bot changes from web hook to polling, an update may come both ways."""
    telegram.client().writes("once")
    [update] = telegram.bot.updates.waiting
    await line.ctx.ingest([Raw(key="pushed", body=json.dumps(update).encode())])
    await received(line, adapter, 2)
    assert await line.texts() == ["once"]
