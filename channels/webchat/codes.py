"""Secrets sent to an address: one-time codes, and links in mails that lead back to the chat."""

import hmac
import secrets
from datetime import timedelta
from hashlib import sha256
from typing import Literal
from uuid import UUID

import msgspec

from infra.clock import now
from infra.db import Writes


CODE_LIFE = timedelta(minutes=10)
LINK_LIFE = timedelta(days=14)
TRIES = 5

ADD = """
INSERT INTO webchat_code (hash, visitor_id, how, kind, value, "left", created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (hash) DO NOTHING
"""
NEWEST = """
SELECT hash, created_at, kind, value, "left" FROM webchat_code
 WHERE visitor_id = $1 AND how = 'otp' AND used_at IS NULL AND expires_at > $2
 ORDER BY created_at DESC LIMIT 1 FOR UPDATE
"""
OPEN_LINK = """
SELECT c.visitor_id, c.value, v.merged_into FROM webchat_code AS c
  JOIN webchat_visitor AS v ON v.id = c.visitor_id
 WHERE c.hash = $1 AND c.how = 'link' AND c.expires_at > $2 AND v.account_id = $3
"""


class Tried(msgspec.Struct, frozen=True):
    """What became of a code: ``proven`` with the address, ``wrong`` or ``expired``."""

    state: Literal["proven", "wrong", "expired"]
    left: int = 0
    kind: str = ""
    value: str = ""


class Opened(msgspec.Struct, frozen=True):
    """Whose link it is, and the mail address it was sent to."""

    visitor_id: UUID
    email: str


async def new_code(tx: Writes, key: bytes, visitor_id: UUID, kind: str, value: str) -> str:
    """Return a code of six digits for an address; codes given before are worth nothing."""
    code = f"{secrets.randbelow(10**6):06d}"
    moment = now()
    await tx.execute(
        "UPDATE webchat_code SET used_at = $2 WHERE visitor_id = $1 AND how = 'otp'"
        " AND used_at IS NULL",
        visitor_id,
        moment,
    )
    hashed = _code_hash(key, visitor_id, code + moment.isoformat())
    await tx.execute(
        ADD, hashed, visitor_id, "otp", kind, value, TRIES, moment, moment + CODE_LIFE
    )
    return code


async def try_code(tx: Writes, key: bytes, visitor_id: UUID, code: str) -> Tried:
    """Say whether ``code`` is the visitor's; the fifth wrong one ends it."""
    row = await tx.fetchrow(NEWEST, visitor_id, now())
    if row is None or row["left"] < 1:
        return Tried("expired")
    expected = _code_hash(key, visitor_id, code + row["created_at"].isoformat())
    if not hmac.compare_digest(expected, row["hash"]):
        await tx.execute(
            'UPDATE webchat_code SET "left" = "left" - 1 WHERE hash = $1', row["hash"]
        )
        return Tried("wrong", left=row["left"] - 1)
    await tx.execute("UPDATE webchat_code SET used_at = $2 WHERE hash = $1", row["hash"], now())
    return Tried("proven", kind=row["kind"], value=row["value"])


async def new_link(tx: Writes, visitor_id: UUID, email: str) -> str:
    """Return the secret of a link in a mail to ``email``; it works for two weeks."""
    secret = secrets.token_urlsafe(32)
    moment = now()
    hashed = sha256(secret.encode()).digest()
    await tx.execute(
        ADD, hashed, visitor_id, "link", "email", email, TRIES, moment, moment + LINK_LIFE
    )
    return secret


async def open_link(tx: Writes, account_id: UUID, secret: str) -> Opened | None:
    """Return whose link it is; None when it is no link, or an old one."""
    row = await tx.fetchrow(OPEN_LINK, sha256(secret.encode()).digest(), now(), account_id)
    if row is None:
        return None
    return Opened(row["merged_into"] or row["visitor_id"], row["value"])


async def one_browser_only(
    tx: Writes, account_id: UUID, jti: str, *, visitor_id: UUID, before: bytes, after: bytes
) -> bool:
    """Say whether a signed token may be used by the session ``before``, which becomes ``after``.

    The first session that shows it owns it.
    """
    hashed = sha256(f"{account_id}/{jti}".encode()).digest()
    moment = now()
    await tx.execute(
        ADD, hashed, visitor_id, "jti", "jti", before.hex(), 1, moment, moment + CODE_LIFE * 2
    )
    owned = await tx.fetchval(
        "UPDATE webchat_code SET value = $3 WHERE hash = $1 AND value = $2 RETURNING 1",
        hashed,
        before.hex(),
        after.hex(),
    )
    return owned is not None


def _code_hash(key: bytes, visitor_id: UUID, code: str) -> bytes:
    return hmac.new(key, f"otp/{visitor_id}/{code}".encode(), sha256).digest()
