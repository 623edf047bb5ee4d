"""How fast a hub takes in a mailbox of 5,000 mails, and how much memory that needs.

Run it as ``python -m bench.mail_sync [MAILS]``. The mails are there before the hub starts; the
time runs from its start until the last one is in its conversation. The limit is what reading the
same mailbox over the same reader costs without a hub behind it.
"""

import asyncio
import sys
import tempfile
import time
from email.message import EmailMessage
from pathlib import Path

import asyncpg
import msgspec
import psutil

from channels.email.imap.client import ImapClient
from hub.migrate import migrate
from infra.postgres import Postgres
from tests.servers.chaos import MAILBOX, connect_mailbox
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.hub import HubProcess


MAILS = 5_000
CLIENTS = 500
COUNT = "SELECT count(*) FROM message WHERE kind = 'inbound'"
PATIENCE = 300.0  # seconds


def letter(number: int) -> EmailMessage:
    """Return a mail of some client: a text, an HTML, and now and then a file."""
    mail = EmailMessage()
    mail["From"] = f"Client {number % CLIENTS} <client{number % CLIENTS}@client.test>"
    mail["To"] = MAILBOX
    mail["Subject"] = f"Order {number}"
    mail["Message-ID"] = f"<{number}@client.test>"
    mail["Date"] = "Tue, 24 Nov 2026 12:00:00 +0200"
    text = f"Good day, where is order {number}?\n" + "We have waited for a week now. " * 20
    mail.set_content(text)
    mail.add_alternative(f"<html><body><p>{text}</p></body></html>", subtype="html")
    if number % 10 == 0:
        mail.add_attachment(
            b"%PDF" * 10_000, maintype="application", subtype="pdf", filename="a.pdf"
        )
    return mail


async def fetch_all(dovecot: Dovecot) -> float:
    """Return how many mails a second the reader alone fetches."""
    began = time.perf_counter()
    async with await ImapClient.open(
        "127.0.0.1",
        dovecot.imap,
        security="plain",
        context=dovecot.context(),
        allow_private=True,
    ) as client:
        await client.sign_in(MAILBOX, PASSWORD)
        await client.select("INBOX")
        uids = await client.search("ALL")
        read = [mail.uid async for mail in client.fetch(uids)]
        await client.log_out()
    return len(read) / (time.perf_counter() - began)


async def until_stored(postgres: Postgres, hub: HubProcess, mails: int) -> tuple[float, float]:
    """Wait until every mail is stored; return the hub's own peak and its workers' share, in MB."""
    peak = workers = 0.0
    connection = await asyncpg.connect(
        host=str(postgres.socket_folder), user="postgres", database="postgres"
    )
    try:
        async with asyncio.timeout(PATIENCE):
            while await connection.fetchval(COUNT) < mails:
                process = psutil.Process(hub.pid)
                peak = max(peak, process.memory_info().rss / 1e6)
                children = process.children(recursive=True)
                workers = max(workers, sum(one.memory_info().rss for one in children) / 1e6)
                await asyncio.sleep(0.1)
    finally:
        await connection.close()
    return peak, workers


async def main(mails: int = MAILS) -> None:
    """Measure once and print the result."""
    with tempfile.TemporaryDirectory(prefix="sync", ignore_cleanup_errors=True) as folder:
        base = Path(folder)
        with Postgres(base / "pg") as postgres:
            async with Dovecot(base / "dovecot") as dovecot:
                await migrate(postgres.url)
                await connect_mailbox(postgres.url, base, dovecot)
                await dovecot.put([letter(number) for number in range(mails)], MAILBOX)
                limit = await fetch_all(dovecot)
                async with HubProcess(base, postgres.url) as hub:
                    began = time.perf_counter()
                    peak, workers = await until_stored(postgres, hub, mails)
                    seconds = time.perf_counter() - began
    said = {
        "bench": "mail-sync",
        "value": round(seconds, 1),
        "unit": f"s for {mails} mails",
        "limit": round(mails / limit, 1),
        "ratio": round(seconds * limit / mails, 1),
        "hub_mb": round(peak),
        "workers_mb": round(workers),
    }
    print(msgspec.json.encode(said).decode())


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:])))
