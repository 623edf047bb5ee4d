"""Slowing down whoever guesses: per login and per block of addresses.

A try is counted before it is judged and forgiven when it was right, so a hundred tries at the
same time count as a hundred.
"""

from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from math import ceil

from infra.clock import now
from infra.db import Database, Transaction
from infra.errors import RateLimited


FORGET = timedelta(minutes=15)  # without a try the count starts anew
FIRST_BLOCK, LONGEST_BLOCK = 30.0, 900.0  # seconds
ALLOWED = {"login": 5, "ip": 20}  # failures before the first block

COUNT = """
INSERT INTO sign_in_attempt AS a (key, failures, blocked_until, last_at)
VALUES ($1, 1, NULL, $2)
ON CONFLICT (key) DO UPDATE SET
    failures = CASE WHEN a.blocked_until > $2 THEN a.failures
                    WHEN a.last_at < $3 THEN 1 ELSE a.failures + 1 END,
    last_at = CASE WHEN a.blocked_until > $2 THEN a.last_at ELSE $2 END
RETURNING failures, blocked_until
"""
BLOCK = "UPDATE sign_in_attempt SET blocked_until = $2 WHERE key = $1"
FORGIVE_LOGIN = "DELETE FROM sign_in_attempt WHERE key = $1"
FORGIVE_BLOCK = """
UPDATE sign_in_attempt SET failures = greatest(failures - 1, 0), blocked_until = NULL
 WHERE key = $1
"""
OLD = "DELETE FROM sign_in_attempt WHERE last_at < $1 AND coalesce(blocked_until, $2) <= $2"


class Throttled(RateLimited):
    """Too many wrong tries; ``retry_after`` says in how many seconds the next one is heard."""

    code = "session.throttled"
    title = "Too many attempts"


def login_key(login: str) -> str:
    """Return what tries for one login are counted under."""
    return f"login/{login[:200]}"


def block_key(ip: str) -> str:
    """Return what tries from one household or office are counted under: a /24 or a /64."""
    try:
        address = ip_address(ip.partition("%")[0])
    except ValueError:
        return "ip/unknown"
    if address.version == 6 and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return f"ip/{ip_network((address, 24 if address.version == 4 else 64), strict=False)}"


async def count_try(db: Database, *keys: str) -> None:
    """Count a try under each key; committed before anything is judged.

    Raises:
        Throttled: It is not heard.
    """
    moment = now()
    async with db.transaction() as tx:
        blocks = [await _count(tx, key, moment) for key in sorted(keys)]
    left = max(((until - moment).total_seconds() for until in blocks if until), default=0.0)
    if left > 0:
        raise Throttled(f"try again in {ceil(left)} seconds", retry_after=ceil(left))


async def forgive(tx: Transaction, *keys: str) -> None:
    """Take back a try that was right. A login starts anew; an address block loses one."""
    for key in sorted(keys):
        await tx.execute(FORGIVE_LOGIN if key.startswith("login/") else FORGIVE_BLOCK, key)


async def forget_old_tries(tx: Transaction) -> None:
    """Delete counts that slow nobody down any more."""
    moment = now()
    await tx.execute(OLD, moment - timedelta(days=1), moment)


async def _count(tx: Transaction, key: str, moment: datetime) -> datetime | None:
    """Count a try and return until when the key is blocked; this try may be the last heard."""
    row = await tx.fetchrow(COUNT, key, moment, moment - FORGET)
    if row is None:
        return None
    until: datetime | None = row["blocked_until"]
    if until is not None and until > moment:
        return until
    excess = row["failures"] - ALLOWED[key.partition("/")[0]]
    if excess >= 0:
        seconds = min(FIRST_BLOCK * 2 ** min(excess, 10), LONGEST_BLOCK)
        await tx.execute(BLOCK, key, moment + timedelta(seconds=seconds))
    return None
