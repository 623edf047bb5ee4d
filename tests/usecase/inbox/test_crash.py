"""Four senders killed at random: nobody gets two copies, and every state shown is true."""

import asyncio
import random
import signal
import sys
from collections import Counter
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest

from inbox.recipients import RecipientGiven
from tests.usecase.inbox.office import Address


ROOT = Path(__file__).parents[3]
WORKERS = 4
CASES = 30
LIMIT = 50.0  # seconds until everything has to be settled


class Provider:
    """A provider with moods; its ledger is what it really delivered."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.ledger: Counter[tuple[str, str]] = Counter()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, msgspec.DecodeError):
            call = msgspec.json.decode(await reader.readline())
            mood = self.chance.choice(["good"] * 5 + ["hang", "cut_before", "cut_after"])
            if mood != "cut_before":
                answers = {who: self.take(call["key"], who) for who in call["to"]}
                await asyncio.sleep(self.chance.random() * 0.05 + (0.4 if mood == "hang" else 0))
                if mood != "cut_after":
                    writer.write(msgspec.json.encode(answers) + b"\n")
                    await writer.drain()
        writer.close()

    def take(self, key: str, who: str) -> str:
        answer = self.chance.choice(["taken"] * 6 + ["transient", "recipient"])
        if answer == "taken":
            self.ledger[key, who] += 1
        return answer


class Fleet:
    """The workers, and whoever kills them."""

    def __init__(self, url: str, port: int, chance: random.Random) -> None:
        self.command = [sys.executable, str(ROOT / "tests/usecase/inbox/crash_worker.py"), url]
        self.port = port
        self.chance = chance
        self.count = 0
        self.kills = 0
        self.workers: list[asyncio.subprocess.Process] = []

    async def start(self) -> None:
        self.count += 1
        self.workers.append(
            await asyncio.create_subprocess_exec(
                *self.command, str(self.port), f"worker{self.count}", cwd=ROOT, env=ENV
            )
        )

    async def kill_one(self) -> None:
        victim = self.workers.pop(self.chance.randrange(len(self.workers)))
        victim.send_signal(signal.SIGKILL)
        await victim.wait()
        self.kills += 1

    async def stop(self) -> None:
        while self.workers:
            await self.kill_one()


ENV = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}


async def pending(office) -> int:
    return await office.value("SELECT count(*) FROM delivery WHERE state IN ('queued', 'sending')")


@pytest.mark.slow
@pytest.mark.timeout(120)
async def test_workers_killed_at_random_never_send_twice_and_never_lie(office, url):
    agent = await office.agent()
    chance = random.Random(4)
    provider = Provider(5)
    async with await asyncio.start_server(provider.serve, "127.0.0.1", 0) as server:
        fleet = Fleet(url, server.sockets[0].getsockname()[1], chance)
        for _ in range(WORKERS):
            await fleet.start()
        try:
            for n in range(CASES):
                who = [Address("email", f"c{n}@example.ro"), Address("email", f"d{n}@example.ro")]
                case = await office.case(sender=who[0])
                to = [RecipientGiven(kind="email", value=one.value) for one in who]
                for _ in range(2):
                    await office.answer(case, agent, recipients=to, force=True)
                if n % 6 == 5:
                    await fleet.kill_one()
                    await fleet.start()
            for _ in range(5):
                await asyncio.sleep(chance.random() * 0.8)
                await fleet.kill_one()
                await fleet.start()
            async with asyncio.timeout(LIMIT):
                while await pending(office):  # noqa: ASYNC110 - other processes do the work
                    await asyncio.sleep(0.2)
        finally:
            await fleet.stop()
    rows = await office.rows(
        "SELECT d.message_id, d.state, i.value FROM delivery d"
        " JOIN identity i ON i.id = d.identity_id"
    )
    assert len(rows) == CASES * 4
    assert fleet.kills > 9
    for row in rows:
        copies = provider.ledger[f"{row['message_id']}/0", row["value"]]
        allowed = {"sent": {1}, "failed": {0}, "unknown": {0, 1}}[row["state"]]
        assert copies in allowed, (row, copies)
    assert {row["state"] for row in rows} == {"sent", "failed", "unknown"}
    trouble = sum(row["state"] != "sent" for row in rows)
    assert await office.value("SELECT sum(failed_count) FROM conversation") == trouble
