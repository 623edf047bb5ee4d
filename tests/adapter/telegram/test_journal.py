"""From Telegram through the journal into conversations: nothing is lost or stops the next."""

import json

from inbox.contract import Raw
from tests.adapter.telegram.receiving import received, running
from tests.adapter.telegram.test_normalize import GOLDEN, POISON


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
    async with running(adapter, line.ctx):
        await telegram.until(lambda: not telegram.bot.updates.waiting)


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


async def test_every_kind_of_update_ends_in_the_inbox(line):
    """What the golden files hold, each with a message id of its own."""
    for number, path in enumerate(GOLDEN):
        update = json.loads(path.read_text())["update"]
        for content in update.values():
            if isinstance(content, dict) and content.get("message_id") == 11:
                content["message_id"] = 1000 + number
        await line.ctx.ingest(
            [Raw(key=str(number), body=json.dumps(update).encode(), headers={"bot": "42"})]
        )
    await line.processor.run_due()
    async with line.db.read() as sql:
        rows = await sql.fetch("SELECT key, state, reason FROM journal ORDER BY id")
    found = {GOLDEN[int(row["key"])].stem: (row["state"], row["reason"]) for row in rows}
    waiting = {name for name, (_, reason) in found.items() if reason == "waits: stranger"}
    unread = {name for name, (state, _) in found.items() if state in {"received", "quarantined"}}
    assert unread <= waiting  # what is told of messages that are not here yet
    assert found["rich_message"][0] == found["poll"][0] == found["group"][0] == "processed"
