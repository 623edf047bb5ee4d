"""Keeping a bind: store what comes, acknowledge what is stored, and bind again after failures.

The centre hears deliver_sm_resp only after the commit. It may not hear it at all when the session
breaks right then, and delivers again; nothing in the packet tells such a repetition from a client
who wrote the same once more. So the cursor, written in the same commit, holds the packets whose
answer the centre has not certainly read: only those are taken for repetitions, once each, and
only in a later session.
"""

import asyncio
import hashlib
import random
import time
from collections.abc import Sequence

import msgspec
import structlog

from channels.sms.smpp.account import SmppAccount, read_account
from channels.sms.smpp.binds import Binds
from channels.sms.smpp.pdu import Command, Pdu
from channels.sms.smpp.session import LATER, Pace, Role, Session
from channels.sms.smpp.statuses import problem_of
from inbox.contract import Health, HealthState, LeaseLost, Raw, RunContext
from infra.clock import now


log = structlog.get_logger()

BATCH = 64  # packets of one commit
REPEATED_WITHIN = 3_600.0  # seconds after which a centre has given up repeating
MOST_UNCONFIRMED = 500
KINDS = {Command.DELIVER_SM: "deliver_sm", Command.DATA_SM: "data_sm"}


class Unconfirmed(msgspec.Struct, array_like=True):
    """A stored packet whose answer the centre may not have read.

    Attributes:
        digest: Of its command and body.
        key: Under which it is in the journal.
        at: Unix time.
        answer: The answer's number in its session; 0 in one that is over.
    """

    digest: str
    key: str
    at: float
    answer: int = 0


class Receiver:
    """Receives for one account until it is cancelled or loses the lease."""

    def __init__(self, ctx: RunContext, binds: Binds, pace: Pace) -> None:
        self._ctx = ctx
        self._binds = binds
        self._pace = pace
        self._failures = 0
        self._open: list[Unconfirmed] = []
        self._suspects: list[Unconfirmed] = []

    async def run(self) -> None:
        """Receive, whatever happens.

        Raises:
            LeaseLost: Another node runs the account now.
        """
        with self._binds.run_here(self._ctx.account):
            self._suspects = _read_cursor(await self._ctx.cursor())
            while True:
                began = time.monotonic()
                try:
                    await self._session()
                except LeaseLost:
                    raise
                except Exception as error:  # noqa: BLE001 - whatever it was, the bind must go on
                    if time.monotonic() - began > self._pace.steady:
                        self._failures = 0
                    await self._recover(error)

    async def _recover(self, error: Exception) -> None:
        problem = problem_of(error)
        self._failures += 1
        delay = self._delay(problem.pause)
        log.info(
            "smpp.disconnected",
            account=str(self._ctx.account),
            code=problem.code,
            error=repr(error),
            delay=round(delay, 1),
        )
        await self._tell(problem.as_health(error))
        await asyncio.sleep(delay)

    def _delay(self, pause: float | None) -> float:
        if pause is not None and self._pace.pauses:
            return pause * random.uniform(1.0, 1.2)  # noqa: S311 - not a secret
        ceiling = min(self._pace.longest, self._pace.first * 2 ** min(self._failures - 1, 20))
        return random.uniform(0.0, ceiling)  # noqa: S311 - not a secret

    async def _session(self) -> None:
        """Bind and receive until the session is lost."""
        account = read_account(self._ctx.config)
        await self._tell(Health(state=HealthState.CONNECTING))
        session = await Session.open(
            account, self._ctx.secret("password"), _role_of(account), self._pace
        )
        try:
            if session.role == "transceiver" or account.bind == "transmitter":
                self._binds.share(self._ctx.account, session)
            await self._tell(Health(state=HealthState.CONNECTED, backlog=0))
            await self._until_lost(session, account)
        finally:
            self._binds.unshare(self._ctx.account, session)
            self._suspects = [*self._suspects, *self._open][-MOST_UNCONFIRMED:]
            self._open = []
            await session.close()

    async def _until_lost(self, session: Session, account: SmppAccount) -> None:
        """Store what comes until the session ends or the lease does.

        No TaskGroup: in Python 3.11 it forgets that it was cancelled itself when a task of it
        fails in the same moment, and the account would bind once more on a hub that stops.
        """
        storing = asyncio.create_task(self._store_all(session, account))
        losing = asyncio.create_task(session.wait_lost())
        try:
            await asyncio.wait({storing, losing}, return_when=asyncio.FIRST_COMPLETED)
            for task in (storing, losing):
                if task.done():
                    task.result()
        finally:
            storing.cancel()
            losing.cancel()
            await asyncio.gather(storing, losing, return_exceptions=True)

    async def _tell(self, health: Health) -> None:
        try:
            await self._ctx.health(health)
        except LeaseLost:
            raise
        except Exception as error:  # noqa: BLE001 - the database is away: it is told the next time
            log.warning("smpp.not_told", account=str(self._ctx.account), error=repr(error))

    # ------------------------------------------------------------ storing

    async def _store_all(self, session: Session, account: SmppAccount) -> None:
        while True:
            batch = [await session.incoming.get()]
            while len(batch) < BATCH and not session.incoming.empty():
                batch.append(session.incoming.get_nowait())
            await self._store(session, account, batch)

    async def _store(self, session: Session, account: SmppAccount, batch: Sequence[Pdu]) -> None:
        """Commit packets, then acknowledge them; what cannot be stored stays at the centre."""
        self._open = [one for one in self._open if one.answer > session.confirmed]
        suspects = _recent(self._suspects)
        marks = [_mark(pdu, suspects) for pdu in batch]
        headers = {
            "region": account.region,
            "alphabet": account.alphabet,
            "ids": account.receipt_ids,
        }
        raws = [
            Raw(
                key=mark.key,
                kind=KINDS[Command(pdu.command)],
                body=pdu.body,
                headers={**headers, "packet": mark.key},
                received_at=now(),
            )
            for pdu, mark in zip(batch, marks, strict=True)
        ]
        unconfirmed = [*suspects, *self._open, *marks][-MOST_UNCONFIRMED:]
        try:
            await self._ctx.ingest(raws, cursor=msgspec.json.encode(unconfirmed).decode())
        except LeaseLost:
            raise
        except Exception as error:  # noqa: BLE001 - the centre keeps them and comes again
            log.warning("smpp.not_stored", account=str(self._ctx.account), error=repr(error))
            for pdu in batch:
                session.answer(pdu, LATER)
            return
        self._suspects = suspects
        for pdu, mark in zip(batch, marks, strict=True):
            mark.answer = session.answer(pdu, 0)
        self._open += marks


def _role_of(account: SmppAccount) -> Role:
    match account.bind:
        case "transceiver":
            return "transceiver"
        case "transmitter":
            return "transmitter"
        case _:
            return "receiver"


def _mark(pdu: Pdu, suspects: list[Unconfirmed]) -> Unconfirmed:
    """Name a packet: as before when it repeats one that was not confirmed, else anew."""
    digest = hashlib.sha256(pdu.command.to_bytes(4, "big") + pdu.body).hexdigest()[:24]
    at = now().timestamp()
    for number, one in enumerate(suspects):
        if one.digest == digest:
            del suspects[number]
            return Unconfirmed(digest, one.key, at)
    return Unconfirmed(digest, f"{digest}/{time.time_ns():x}", at)


def _recent(suspects: Sequence[Unconfirmed]) -> list[Unconfirmed]:
    since = now().timestamp() - REPEATED_WITHIN
    return [one for one in suspects if one.at >= since]


def _read_cursor(cursor: str | None) -> list[Unconfirmed]:
    if not cursor:
        return []
    try:
        return msgspec.json.decode(cursor, type=list[Unconfirmed])
    except msgspec.MsgspecError:
        return []
