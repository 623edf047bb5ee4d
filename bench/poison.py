"""Hostile mails among ordinary ones: none is lost, none stops the others, the loop stays free.

The figure is the longest time the event loop did not turn. The anchor is the same over the
ordinary mails alone.
"""

import asyncio
import random
import time
from collections.abc import Sequence
from contextlib import suppress

from bench.ground import Ground, ground, main, result
from hub.adapters import adapters
from hub.reading import Isolation
from inbox.contract import Raw
from inbox.processing import Processor
from inbox.services import Services
from tests import seed


GOOD = 300
CHANCE = random.Random(3)
HEAD = b"From: a@b.example\r\nTo: support@hub.test\r\nSubject: s%d\r\nMIME-Version: 1.0\r\n"
MIXED = b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n'


def poison() -> list[bytes]:
    """Return sixty mails that stop careless readers."""
    html = b"Content-Type: text/html\r\n\r\n"
    shapes: list[bytes] = [
        b"".join(b"X-H%d: v\r\n" % n for n in range(100_000)) + b"\r\nx",
        b"Cc: " + b",\r\n ".join(b'"U %d" <u%d@x.example>' % (n, n) for n in range(20_000)),
        b"X: " + b"a " * 500_000 + b"\r\n\r\nx",
        b"References: " + b" ".join(b"<%d@x>" % n for n in range(80_000)) + b"\r\n\r\nx",
        b"Subject: " + b"\r\n ".join([b"=?utf-8?q?abc?="] * 20_000) + b"\r\n\r\nx",
        b"".join(MIXED % (n, n) for n in range(3_000)) + b"\r\nx",
        b"Content-Type: message/rfc822\r\n\r\n" * 3_000 + b"Subject: x\r\n\r\nx",
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 100_000,
        b"Content-Disposition: attachment;\r\n "
        + b";\r\n ".join(b"filename*%d=a" % n for n in range(20_000))
        + b"\r\n\r\nx",
        b"Content-Disposition: attachment; filename*99999999999*=utf-8''a\r\n\r\nx",
        b"Reply-To: " + b"(" * 3_000 + b")" * 3_000 + b" <a@b.example>\r\n\r\nx",
        html + b"<div>" * 100_000 + b"x",
        html + b"<table><tr><td>" * 30_000,
        html + b"<p>" + b"x" * 5_000_000,
        b"Content-Type: text/plain; charset=x-no-such\r\n\r\n\xff\xfe\x00\x01",
        b"Content-Transfer-Encoding: base64\r\n\r\n" + b"!" * 200_000,
        b"Content-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:VCALENDAR\r\n" * 500,
        b'Content-Type: application/ms-tnef; name="winmail.dat"\r\n\r\n\x78\x9f\x3e\x22' * 50,
    ]
    mails = [(HEAD % n) + shape for n, shape in enumerate(shapes)]
    while len(mails) < 60:
        mails.append(CHANCE.randbytes(CHANCE.randrange(1, 20_000)))
    return mails


def ordinary(count: int, *, start: int = 0) -> list[Raw]:
    """Return mails as people write them."""
    return [
        Raw(key=f"INBOX/1/{n}", body=(HEAD % n) + b"\r\nGood day, where is order %d?" % n)
        for n in range(start, start + count)
    ]


async def longest_stall(stop: asyncio.Event) -> float:
    """Return the longest time, in ms, between two turns of the loop that should be 2 ms apart."""
    worst, last = 0.0, time.perf_counter()
    while not stop.is_set():
        await asyncio.sleep(0.002)
        turned = time.perf_counter()
        worst, last = max(worst, turned - last - 0.002), turned
    return worst * 1e3


async def work(here: Ground, processor: Processor, batch: Sequence[Raw]) -> float:
    """Take a batch in and work it off; return the longest stall meanwhile."""
    account = here.context(await seed.account(here.db, address=f"m{CHANCE.random()}@hub.test"))
    await account.ingest(batch)
    stop = asyncio.Event()
    watching = asyncio.create_task(longest_stall(stop))
    working = asyncio.create_task(processor.run())
    await here.until_processed()
    working.cancel()
    with suppress(asyncio.CancelledError):
        await working
    stop.set()
    return await watching


async def bench() -> None:
    """Work ordinary mails off, then the same with the poison among them."""
    services = Services(reply_keys=(b"k" * 32,))
    async with ground() as here:
        isolation = Isolation(services, here.folder / "blobs", count=2)
        loaded = adapters(services)
        await isolation.warm(await loaded.get("email.imap"))
        processor = Processor(here.db, here.bus, here.blobs, loaded.get, isolation.read)
        await work(here, processor, ordinary(100, start=10_000))
        alone = await work(here, processor, ordinary(GOOD))
        hostile = [Raw(key=f"INBOX/2/{n}", body=mail) for n, mail in enumerate(poison())]
        mixed = [*ordinary(GOOD, start=50_000), *hostile]
        CHANCE.shuffle(mixed)
        stall = await work(here, processor, mixed)
        await isolation.close()
        async with here.db.read() as sql:
            states = await sql.fetch("SELECT state, count(*) AS n FROM journal GROUP BY state")
            good = await sql.fetchval("SELECT count(*) FROM message WHERE text LIKE 'Good day%'")
    result(
        "poison",
        stall,
        "ms longest stall",
        alone,
        stall,
        lost=100 + 2 * GOOD - good,
        **{row["state"]: row["n"] for row in states},
    )


if __name__ == "__main__":
    main(bench)
