"""How long after SMTP's 250 a mail is on an agent's live connection.

A real Postfix takes the mail and hands it to a real Dovecot, whose IDLE wakes the hub; the agent's
tab hears it over the websocket. The limit is when the mail is in the mailbox at all.
"""

import asyncio
import re
import statistics
import tempfile
import time
from pathlib import Path

import aiohttp

from bench.ground import main, result
from hub.migrate import migrate
from infra.bus import LocalBus
from infra.db import Database
from infra.postgres import Postgres
from tests.company import PASSWORD, founded
from tests.live_client import LiveClient
from tests.servers.chaos import MAILBOX, connect_mailbox
from tests.servers.dovecot import Dovecot
from tests.servers.hub import HubProcess
from tests.servers.ports import free_port
from tests.servers.postfix import Postfix


MAILS = 40
NUMBER = re.compile(r"push (\d+)")


def letter(number: int) -> bytes:
    """Return a small mail that can be told from the others."""
    return (
        f"From: Ana <ana{number}@client.test>\r\nTo: {MAILBOX}\r\nSubject: push {number}\r\n"
        f"Message-ID: <push{number}@client.test>\r\n\r\npush {number}\r\n"
    ).encode()


async def sign_in(hub: HubProcess) -> str:
    """Return the cookie of an owner's session."""
    origin = f"http://127.0.0.1:{hub.port}"
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(origin, cookie_jar=jar, headers={"Origin": origin}) as http:
        who = {"login": "owner", "password": PASSWORD}
        async with http.post("/api/session", json=who) as answer:
            answer.raise_for_status()
        return "; ".join(f"{one.key}={one.value}" for one in jar)


async def until_in_mailbox(dovecot: Dovecot, count: int) -> float:
    """Return when the mailbox holds ``count`` mails."""
    box = dovecot.base / "mail" / MAILBOX / "Maildir"
    while len([*box.glob("new/*"), *box.glob("cur/*")]) < count:  # noqa: ASYNC110
        await asyncio.sleep(0.002)
    return time.perf_counter()


async def measure(hub: HubProcess, dovecot: Dovecot, postfix: Postfix) -> None:
    """Send mail after mail and wait for each in the agent's tab."""
    seen: dict[int, float] = {}

    def note(event: dict[str, object]) -> None:
        message = event.get("message")
        if isinstance(message, dict) and (found := NUMBER.search(message["text"])):
            seen.setdefault(int(found[1]), time.perf_counter())

    host = f"127.0.0.1:{hub.port}"
    client = LiveClient(host, await sign_in(hub), origin=f"http://{host}", on_event=note)
    watching = asyncio.create_task(client.run())
    pushes, arrivals = [], []
    for number in range(MAILS + 2):
        await postfix.submit(letter(number), MAILBOX, sender="ana@client.test")
        accepted = time.perf_counter()
        arrived = await until_in_mailbox(dovecot, number + 1)
        await client.until(lambda wanted=number: wanted in seen, 60)
        if number > 1:  # the first ones wait for everything to be up
            pushes.append(seen[number] - accepted)
            arrivals.append(max(arrived - accepted, 0.001))
    watching.cancel()
    p95 = sorted(pushes)[int(len(pushes) * 0.95)]
    limit = statistics.median(arrivals)
    median = round(statistics.median(pushes), 3)
    result("mail-push", p95, "s p95 after SMTP's 250", limit, p95, median=median)


async def bench() -> None:
    """Start the servers and a hub, and measure."""
    with tempfile.TemporaryDirectory(prefix="push", ignore_cleanup_errors=True) as folder:
        base = Path(folder)
        with Postgres(base / "pg") as postgres:
            dovecot = Dovecot(base / "dovecot", relay=free_port())
            postfix = Postfix(base / "postfix", lmtp=dovecot.lmtp)
            async with dovecot, postfix:
                await migrate(postgres.url)
                db = Database(postgres.url, LocalBus())
                await founded(db)
                await db.close()
                await connect_mailbox(postgres.url, base, dovecot)
                async with HubProcess(base, postgres.url) as hub:
                    await measure(hub, dovecot, postfix)


if __name__ == "__main__":
    main(bench)
