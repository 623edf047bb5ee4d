"""Rates of providers: a call takes its tokens before it is begun, or waits and holds nobody up.

The buckets are rows, so every worker on every node draws from the same ones. Too few tokens for a
chat put off that chat alone; too few for the account put off the account.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from inbox import outbox
from inbox.contract import Adapter, Paced, Rate, WireOp
from inbox.outbox import Claimed
from infra.clock import now
from infra.db import Transaction


ACCOUNT = "acct"
"""The bucket every call of an account draws from."""

PATIENCE = 0.3  # seconds a worker may stand and wait; longer waits go back into the queue

IDLE = timedelta(hours=1)

TAKE = "SELECT wait, short FROM take_tokens($1, $2, $3, $4, $5, $6)"


class Wait(NamedTuple):
    """How long a call has to wait, in seconds, and for which bucket."""

    seconds: float
    scope: str


async def take(
    tx: Transaction, account_id: UUID, op: WireOp, rates: Mapping[str, Rate]
) -> Wait | None:
    """Take the tokens of a call; return how long to wait when there are too few."""
    limited = {
        scope: rate
        for scope in op.bucket
        if (rate := rates.get(scope.partition(":")[0])) is not None
    }
    if not limited:
        return None
    row = await tx.fetchrow(
        TAKE,
        account_id,
        list(limited),
        [rate.per_second for rate in limited.values()],
        [rate.burst for rate in limited.values()],
        float(op.weight),
        now(),
    )
    if row is None or not row["wait"]:
        return None
    return Wait(row["wait"], row["short"])


async def put_off(tx: Transaction, claimed: Claimed, wait: Wait) -> None:
    """Let what waits for the same bucket wait until it has tokens again."""
    thread_id = None if wait.scope == ACCOUNT else claimed.thread_id
    until = now() + timedelta(seconds=wait.seconds)
    await outbox.postpone(tx, claimed.account_id, until, thread_id=thread_id)


async def forget_buckets(tx: Transaction) -> None:
    """Forget buckets nobody drew from for an hour: they are full, as a new one is."""
    await tx.execute("DELETE FROM rate_bucket WHERE at < $1 AND tokens >= 0", now() - IDLE)


def rates_of(adapter: Adapter, config: Mapping[str, Any]) -> Mapping[str, Rate]:
    """Return the rates of an account; none when its provider sets none."""
    return adapter.rates(config) if isinstance(adapter, Paced) else {}
