"""How many submit_sm a second a bind does with a window of 50, against the npm centre.

The anchor is the same centre driven by a bare loop: the same bytes, the same number under way,
answers only counted. What the ratio leaves is the cost of our session: packets with a sequence, a
future for each, time limits, the window.
"""

import asyncio
import time
from uuid import uuid4

from bench.ground import main, result
from channels.sms.smpp.account import SmppAccount
from channels.sms.smpp.coding import gsm_encoded
from channels.sms.smpp.pdu import (
    HEADER,
    Command,
    Message,
    Party,
    Pdu,
    write_bind,
    write_message,
)
from channels.sms.smpp.session import Session
from tests.servers.smsc import Smsc, smsc


MESSAGES = 10_000
WINDOW = 50
ROUNDS = 3
TEXT = "Comanda dumneavoastra 1042 a fost expediata si ajunge maine intre 10 si 12."


def packet() -> bytes:
    """Return the body of one submit_sm."""
    client, us = Party(1, 1, "40721000001"), Party(1, 1, "40721999999")
    return write_message(
        Message(source=us, destination=client, text=gsm_encoded(TEXT), registered=1)
    )


async def ours(centre: Smsc) -> float:
    """Return submits a second over a session of ours."""
    account = SmppAccount(
        host="127.0.0.1",
        port=centre.port,
        address="+40721999999",
        system_id=uuid4().hex[:8],
        window=WINDOW,
        allow_private=True,
    )
    session = await Session.open(account, "pw", "transmitter")
    body = packet()
    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(WINDOW):
            group.create_task(_worker(session, body, MESSAGES // WINDOW))
    rate = MESSAGES / (time.perf_counter() - began)
    await session.close()
    return rate


async def _worker(session: Session, body: bytes, count: int) -> None:
    for _ in range(count):
        if not await session.submit(body):
            raise RuntimeError("the centre gave no id")


async def bare(centre: Smsc) -> float:
    """Return submits a second of a loop that does nothing but write and count."""
    reader, writer = await asyncio.open_connection("127.0.0.1", centre.port)
    writer.write(Pdu(Command.BIND_TRANSMITTER, 0, 1, write_bind("bare", "pw", "", "")).packed())
    await _answer(reader)
    body = packet()
    began = time.perf_counter()
    for number in range(MESSAGES + WINDOW):
        if number >= WINDOW:
            await _answer(reader)
        if number < MESSAGES:
            writer.write(Pdu(Command.SUBMIT_SM, 0, number + 2, body).packed())
    rate = MESSAGES / (time.perf_counter() - began)
    writer.close()
    return rate


async def _answer(reader: asyncio.StreamReader) -> None:
    size, _, status, _ = HEADER.unpack(await reader.readexactly(HEADER.size))
    await reader.readexactly(size - HEADER.size)
    if status:
        raise RuntimeError(f"refused: 0x{status:X}")


async def bench() -> None:
    """Measure both in turns, so that a busy moment meets both, and compare the best."""
    async with smsc() as centre:
        await bare(centre)  # the centre's own warming up
        rates = [(await bare(centre), await ours(centre)) for _ in range(ROUNDS)]
        taken = (await centre.state())["count"]
    if taken != MESSAGES * (1 + 2 * ROUNDS):
        raise RuntimeError(f"the centre took {taken} messages")
    anchor, rate = max(one for one, _ in rates), max(one for _, one in rates)
    result("smpp-rate", rate, "submits/s", anchor, rate / anchor, window=WINDOW)


if __name__ == "__main__":
    main(bench)
