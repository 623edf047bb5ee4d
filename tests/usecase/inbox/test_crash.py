"""Four senders killed at random: nobody gets two copies, and every state shown is true."""

import asyncio
import random
import signal
import sys
from collections import Counter
from contextlib import suppress
from email import message_from_bytes
from pathlib import Path
from uuid import UUID

import msgspec
import pytest

from inbox.recipients import RecipientGiven
from tests.servers.smtp_script import Script, smtp_script
from tests.usecase.inbox.office import Address


ROOT = Path(__file__).parents[3]
WORKERS = 4
CASES = 24
LIMIT = 90.0  # seconds until everything has to be settled


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
            self.ledger[key.partition("/")[0], who] += 1
        return answer


class Fleet:
    """The workers, and whoever kills them."""

    def __init__(self, url: str, port: int, chance: random.Random, *kind: str) -> None:
        self.command = [sys.executable, str(ROOT / "tests/usecase/inbox/crash_worker.py"), url]
        self.port = port
        self.kind = kind
        self.chance = chance
        self.count = 0
        self.kills = 0
        self.workers: list[asyncio.subprocess.Process] = []

    async def start(self) -> None:
        self.count += 1
        self.workers.append(
            await asyncio.create_subprocess_exec(
                *self.command,
                str(self.port),
                f"worker{self.count}",
                *self.kind,
                cwd=ROOT,
                env=ENV,
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


async def answer_under_fire(office, fleet, recipients_of) -> None:
    """Answer while workers are killed, and wait until everything has ended."""
    agent = await office.agent()
    for _ in range(WORKERS):
        await fleet.start()
    try:
        for n in range(CASES):
            who = [Address("email", value) for value in recipients_of(n)]
            case = await office.case(sender=Address("email", f"client{n}@example.ro"))
            to = [RecipientGiven(kind="email", value=one.value) for one in who]
            for _ in range(2):
                await office.answer(case, agent, recipients=to, force=True)
            if n % 6 == 5:
                await fleet.kill_one()
                await fleet.start()
        for _ in range(5):
            await asyncio.sleep(fleet.chance.random() * 0.8)
            await fleet.kill_one()
            await fleet.start()
        async with asyncio.timeout(LIMIT):
            while await pending(office):  # noqa: ASYNC110 - other processes do the work
                await asyncio.sleep(0.2)
    finally:
        await fleet.stop()
    assert fleet.kills > 8


async def compare(office, ledger: Counter[tuple[str, str]]) -> set[str]:
    """Hold every state against what was really delivered; return the states there are."""
    rows = await office.rows(
        "SELECT d.message_id, d.state, i.value FROM delivery d"
        " JOIN identity i ON i.id = d.identity_id"
    )
    for row in rows:
        copies = ledger[str(row["message_id"]), row["value"]]
        allowed = {"sent": {1}, "failed": {0}, "unknown": {0, 1}}[row["state"]]
        assert copies in allowed, (row, copies)
    trouble = sum(row["state"] != "sent" for row in rows)
    assert await office.value("SELECT sum(failed_count) FROM conversation") == trouble
    return {row["state"] for row in rows}


@pytest.mark.slow
@pytest.mark.timeout(180)
async def test_workers_killed_at_random_never_send_twice_and_never_lie(office, url):
    provider = Provider(5)
    async with await asyncio.start_server(provider.serve, "127.0.0.1", 0) as server:
        fleet = Fleet(url, server.sockets[0].getsockname()[1], random.Random(4))
        await answer_under_fire(office, fleet, lambda n: (f"c{n}@example.ro", f"d{n}@example.ro"))
    assert await compare(office, provider.ledger) == {"sent", "failed", "unknown"}


MOODS: list[Script] = [
    *["take"] * 5,
    "data_later",
    "dot_later",
    "too_big",
    "take_and_cut",
    "drop_and_cut",
    "cut_in_data",
    "hang",
]


@pytest.mark.slow
@pytest.mark.timeout(180)
async def test_mails_of_killed_workers_arrive_once_or_are_said_to_be_in_doubt(office, url):
    chance = random.Random(8)
    async with smtp_script() as server:
        server.script = lambda: chance.choice(MOODS)
        fleet = Fleet(url, server.port, random.Random(9), "smtp")
        await answer_under_fire(
            office,
            fleet,
            lambda n: (f"c{n}@client.test", chance.choice(["gone", "full", f"d{n}"]) + "@x.test"),
        )
        ledger: Counter[tuple[str, str]] = Counter()
        for taken in server.taken:
            named = message_from_bytes(taken.raw)["Message-ID"]
            message = UUID(int=int(named.split(".")[2], 36))
            ledger.update((str(message), recipient) for recipient in taken.recipients)
    assert await compare(office, ledger) == {"sent", "failed", "unknown"}
