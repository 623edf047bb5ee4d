"""Nobody gets two copies, and every state shown is true, whoever is killed while sending.

Run it as ``python -m bench.chaos_sending [REPLIES] [SEED]``. Four workers send replies through an
SMTP server that takes them, puts them off, refuses them, cuts the connection after the dot or
says nothing at all; workers are killed at random. The server's ledger of what it really took is
compared with the state of every reply. Prints the counts, and fails when one of them is wrong.
"""

import asyncio
import os
import random
import sys
import tempfile
from collections import Counter
from pathlib import Path

import msgspec

from hub.migrate import migrate
from inbox.contract import Address
from infra.bus import LocalBus
from infra.db import Database
from infra.postgres import Postgres
from tests.servers.ports import free_port
from tests.servers.smtp_script import Script, SmtpScript, smtp_script
from tests.usecase.inbox.office import Office


REPLIES = 400
WORKERS = 4
MOODS: tuple[Script, ...] = (
    *("take",) * 8,
    "data_later",
    "dot_later",
    "too_big",
    "cut_before_data",
    "take_and_cut",
    "drop_and_cut",
    "hang",
)
PATIENCE = 600.0  # seconds until every reply has a state that stays
TRUE = {"sent": {1}, "failed": {0}, "unknown": {0, 1}}
"""How many copies a recipient may have in each state."""
ROOT = Path(__file__).parents[1]

STATES = """
SELECT i.value, d.state FROM delivery AS d JOIN identity AS i ON i.id = d.identity_id
"""
PENDING = "SELECT count(*) FROM delivery WHERE state IN ('queued', 'sending')"
CONFIGURE = "UPDATE channel_account SET config = $1::jsonb WHERE id = $2"


class Fleet:
    """The workers, and whoever kills them."""

    def __init__(self, url: str, data: Path, chance: random.Random) -> None:
        self.kills = 0
        self._arguments = [url, str(data)]
        self._chance = chance
        self._started = 0
        self._workers: list[asyncio.subprocess.Process] = []

    async def start(self) -> None:
        """Start one more worker."""
        self._started += 1
        name = f"worker{self._started}"
        self._workers.append(
            await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tests.servers.sending_worker", *self._arguments, name),
                cwd=ROOT,
                env={"PATH": os.environ["PATH"]},
                stdout=asyncio.subprocess.DEVNULL,
            )
        )

    async def kill_one(self) -> None:
        """Kill a worker, whatever it does."""
        victim = self._workers.pop(self._chance.randrange(len(self._workers)))
        victim.kill()
        await victim.wait()
        self.kills += 1

    async def stop(self) -> None:
        """Kill all of them."""
        while self._workers:
            await self.kill_one()


async def write_replies(office: Office, port: int, replies: int) -> None:
    """Have an agent answer so many clients."""
    server = {"host": "127.0.0.1", "port": port, "security": "plain"}
    nobody = {"host": "127.0.0.1", "port": free_port(), "security": "plain"}
    config = {
        "address": "support@hub.test",
        "smtp": server,
        "imap": nobody,
        "allow_private": True,
        "save_sent": "never",
    }
    async with office.db.transaction() as tx:
        await tx.execute(CONFIGURE, msgspec.json.encode(config).decode(), office.account_id)
    agent = await office.agent()
    for number in range(replies):
        case = await office.case(sender=Address("email", f"client{number}@client.test"))
        await office.answer(case, agent, f"Answer {number}")


async def settle(office: Office, fleet: Fleet, chance: random.Random) -> None:
    """Kill a worker after every few replies, until each has a state that stays."""
    async with asyncio.timeout(PATIENCE):
        pending = due = await office.value(PENDING)
        while pending:
            if pending <= due:
                await fleet.kill_one()
                await fleet.start()
                due = pending - chance.randrange(4, 16)
            await asyncio.sleep(chance.uniform(0.1, 0.5))
            pending = await office.value(PENDING)


def judge(states: dict[str, str], script: SmtpScript) -> dict[str, int]:
    """Return how many recipients have two copies or a state that is not true."""
    copies = Counter(recipient for taken in script.taken for recipient in taken.recipients)
    return {
        "twice": sum(count > 1 for count in copies.values()),
        "untrue": sum(copies[who] not in TRUE.get(state, set()) for who, state in states.items()),
        "taken": len(script.taken),
        "attempts": script.attempts,
    }


async def main(replies: int = REPLIES, seed: int = 1) -> bool:
    """Send once, print the tally, and tell whether it is right."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="chaos", ignore_cleanup_errors=True) as base:
        data = Path(base) / "data"
        data.mkdir()
        with Postgres(Path(base) / "pg") as postgres:
            await migrate(postgres.url)
            office = await Office(Database(postgres.url, LocalBus())).open()
            async with smtp_script() as script:
                script.script = lambda: chance.choice(MOODS)
                await write_replies(office, script.port, replies)
                fleet = Fleet(postgres.url, data, chance)
                try:
                    for _ in range(WORKERS):
                        await fleet.start()
                    await settle(office, fleet, chance)
                finally:
                    await fleet.stop()
                states = {row["value"]: row["state"] for row in await office.rows(STATES)}
                tally = judge(states, script)
            await office.db.close()
    counts = dict(Counter(states.values()))
    said = {"bench": "chaos-sending", "replies": replies, **counts, "kills": fleet.kills, **tally}
    print(msgspec.json.encode(said).decode())
    return len(states) == replies and not tally["twice"] and not tally["untrue"]


if __name__ == "__main__":
    sys.exit(not asyncio.run(main(*map(int, sys.argv[1:]))))
