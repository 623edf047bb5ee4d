"""Visitors and their sessions: who a token belongs to, and who turns out to be whom."""

import secrets
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec

from channels.webchat.answers import Me
from infra.clock import new_id, now
from infra.db import Raw, Writes


COLUMNS = """v.id, v.account_id, v.seq, v.level, v.external_id, v.name, v.email, v.phone,
       v.proven_email, v.proven_phone, v.proof::text AS proof, v.prechat::text AS prechat,
       v.lang, v.spoke, v.got, v.seen, v.answered, v.asked_for,
       v.blocked_at IS NOT NULL AS blocked, v.merged_into"""

FIND = f"""
SELECT {COLUMNS}, s.ended_at IS NOT NULL AS ended, s.replaces
  FROM webchat_session AS s JOIN webchat_visitor AS v ON v.id = s.visitor_id
 WHERE s.hash = $1 AND s.account_id = $2
"""  # noqa: S608 - constants

LOAD = f"SELECT {COLUMNS} FROM webchat_visitor AS v WHERE v.id = $1"  # noqa: S608 - constants

MAKE = """
INSERT INTO webchat_visitor (id, account_id, seq, level, name, email, phone, proven_email,
    proven_phone, attributes, lang, site, spoke, got, seen, answered, mailed, live_at, created_at)
VALUES ($1, $2, 0, 'anonymous', '', '', '', '', '', '{}', $3, $4, false, 0, 0, 0, 0, $5, $5)
"""

OPEN = """
INSERT INTO webchat_session (hash, account_id, visitor_id, replaces, created_at)
VALUES ($1, $2, $3, $4, $5) ON CONFLICT (hash) DO NOTHING RETURNING 1
"""

PROVEN = """
UPDATE webchat_visitor SET level = 'verified',
       external_id = coalesce($2, external_id),
       name = coalesce(nullif($3, ''), name),
       email = coalesce(nullif($4, ''), email),
       proven_email = coalesce(nullif($4, ''), proven_email),
       phone = coalesce(nullif($5, ''), phone),
       proven_phone = coalesce(nullif($5, ''), proven_phone),
       attributes = attributes || $6::jsonb, proof = $7::jsonb
 WHERE id = $1
"""

KNOWN_AS = """
SELECT id FROM webchat_visitor
 WHERE account_id = $1 AND merged_into IS NULL AND id <> $2 AND (
       ($3::text IS NOT NULL AND external_id = $3)
    OR (($3::text IS NULL OR external_id IS NULL)
        AND (($4 <> '' AND proven_email = $4) OR ($5 <> '' AND proven_phone = $5))))
 ORDER BY (external_id IS NOT DISTINCT FROM $3) DESC, created_at LIMIT 1
"""


class Visitor(msgspec.Struct, frozen=True):
    """A visitor as a session needs them; see ``tables.VisitorRow``."""

    id: UUID
    account_id: UUID
    seq: int
    level: str
    external_id: str | None
    name: str
    email: str
    phone: str
    proven_email: str
    proven_phone: str
    proof: Mapping[str, Any] | None
    prechat: Mapping[str, str] | None
    lang: str
    spoke: bool
    got: int
    seen: int
    answered: int
    asked_for: UUID | None
    blocked: bool

    @property
    def me(self) -> Me:
        """What the visitor is told of themselves."""
        return Me(
            id=str(self.id),
            level=msgspec.convert(self.level, type=Any),
            name=self.name,
            email=self.email,
            phone=self.phone,
            prechat=self.prechat is not None,
        )


class Ended(Exception):
    """The token was given up, replaced, or its visitor turned out to be somebody else."""


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """What was proven of a visitor, and how: ``IdentityProven`` of the contract."""

    how: str
    external_id: str | None = None
    email: str = ""
    phone: str = ""
    name: str = ""
    attributes: Mapping[str, str] = {}


def hash_of(token: str) -> bytes:
    """Return what is kept of a token.

    Raises:
        Ended: It is no token.
    """
    try:
        raw = urlsafe_b64decode(f"{token}=".encode())
    except ValueError as error:
        raise Ended("no token") from error
    if len(raw) != 32:
        raise Ended("no token")
    return sha256(raw).digest()


def new_token() -> str:
    """Return a token: 32 random bytes, base64url (RFC 4648 section 5) without padding."""
    return secrets.token_urlsafe(32)


async def find(tx: Writes, account_id: UUID, hashed: bytes) -> Visitor | None:
    """Return whose token it is; None when nobody acted with it yet.

    A token given in place of another ends that one now: it has arrived.

    Raises:
        Ended: See there.
    """
    row = await tx.fetchrow(FIND, hashed, account_id)
    if row is None:
        return None
    if row["ended"] or row["merged_into"] is not None:
        raise Ended("the session is over")
    if row["replaces"] is not None:
        await tx.execute(
            "UPDATE webchat_session SET ended_at = coalesce(ended_at, $2) WHERE hash = $1",
            row["replaces"],
            now(),
        )
        await tx.execute("UPDATE webchat_session SET replaces = NULL WHERE hash = $1", hashed)
    return _visitor(row)


async def load(raw: Raw | Writes, visitor_id: UUID) -> Visitor:
    """Return a visitor.

    Raises:
        Ended: There is none.
    """
    row = await raw.fetchrow(LOAD, visitor_id)
    if row is None or row["merged_into"] is not None:
        raise Ended("no such visitor")
    return _visitor(row)


async def begin(tx: Writes, account_id: UUID, hashed: bytes, *, lang: str, site: str) -> Visitor:
    """Return the visitor of a token, made now if this is the first thing they do.

    Raises:
        Ended: The token is not valid any more.
    """
    await tx.execute("SELECT pg_advisory_xact_lock($1)", int.from_bytes(hashed[:8], signed=True))
    known = await find(tx, account_id, hashed)
    if known is not None:
        return known
    visitor_id = await _make(tx, account_id, lang=lang, site=site)
    await tx.execute(OPEN, hashed, account_id, visitor_id, None, now())
    return await load(tx, visitor_id)


async def end(tx: Writes, hashed: bytes) -> None:
    """End a session; its token is worth nothing from now on."""
    await tx.execute(
        "UPDATE webchat_session SET ended_at = coalesce(ended_at, $2) WHERE hash = $1",
        hashed,
        now(),
    )


async def end_all(tx: Writes, visitor_id: UUID) -> None:
    """End every session of a visitor."""
    await tx.execute(
        "UPDATE webchat_session SET ended_at = coalesce(ended_at, $2) WHERE visitor_id = $1",
        visitor_id,
        now(),
    )


async def prove(
    tx: Writes, visitor: Visitor, before: bytes, after: bytes, proof: Proof
) -> tuple[Visitor, bool]:
    """Make a visitor who they proved to be; the session ``before`` becomes ``after``.

    An anonymous visitor becomes the one who is known by that name or address, and what they
    wrote goes along. A visitor the site knew by another name is left behind: somebody else sits
    at the browser now.

    Returns:
        The visitor, and whether the log is another one.
    """
    await tx.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))",
        f"webchat/{visitor.account_id}/{proof.external_id or proof.email or proof.phone}",
    )
    is_switch = (
        proof.external_id is not None
        and visitor.external_id is not None
        and visitor.external_id != proof.external_id
    )
    known: UUID | None = await tx.fetchval(
        KNOWN_AS,
        visitor.account_id,
        visitor.id,
        proof.external_id,
        proof.email,
        proof.phone,
    )
    if is_switch:
        await end(tx, before)
        known = known or await _make(tx, visitor.account_id, lang=visitor.lang, site="")
    elif known is not None and visitor.external_id is None:
        await _merge(tx, visitor.id, known)
    else:
        known = None
    owner = await load(tx, known or visitor.id)
    admitted = await admit(tx, owner, after, proof, replaces=None if is_switch else before)
    return admitted, known is not None


async def admit(
    tx: Writes, visitor: Visitor, hashed: bytes, proof: Proof, *, replaces: bytes | None
) -> Visitor:
    """Write down what a visitor proved, and open a session in place of another."""
    await tx.execute(
        PROVEN,
        visitor.id,
        proof.external_id,
        proof.name,
        proof.email,
        proof.phone,
        msgspec.json.encode(proof.attributes).decode(),
        msgspec.json.encode(proof).decode(),
    )
    if hashed != replaces:
        await tx.execute(OPEN, hashed, visitor.account_id, visitor.id, replaces, now())
    return await load(tx, visitor.id)


async def _make(tx: Writes, account_id: UUID, *, lang: str, site: str) -> UUID:
    visitor_id = new_id()
    await tx.execute(MAKE, visitor_id, account_id, lang, site, now())
    return visitor_id


async def _merge(tx: Writes, from_id: UUID, into_id: UUID) -> None:
    """Move a visitor's log behind that of whom they turned out to be."""
    for each in sorted((from_id, into_id)):
        await tx.execute("SELECT 1 FROM webchat_visitor WHERE id = $1 FOR NO KEY UPDATE", each)
    last: int = await tx.fetchval("SELECT seq FROM webchat_visitor WHERE id = $1", into_id)
    moved = await tx.execute(
        "UPDATE webchat_entry AS e SET visitor_id = $2, seq = e.seq + $3,"
        " cid = CASE WHEN EXISTS (SELECT FROM webchat_entry AS o WHERE o.visitor_id = $2"
        "                            AND o.cid = e.cid) THEN NULL ELSE e.cid END"
        " WHERE e.visitor_id = $1",
        from_id,
        into_id,
        last,
    )
    await tx.execute(
        "UPDATE webchat_visitor SET seq = $2, spoke = true WHERE id = $1",
        into_id,
        last + int(moved.split()[1]),
    )
    await tx.execute(
        "UPDATE webchat_visitor SET merged_into = $2, seq = 0 WHERE id = $1", from_id, into_id
    )
    await tx.execute(
        "UPDATE webchat_visitor SET merged_into = $2 WHERE merged_into = $1", from_id, into_id
    )
    await tx.execute(
        "UPDATE webchat_file SET visitor_id = $2 WHERE visitor_id = $1", from_id, into_id
    )


def _visitor(row: Any) -> Visitor:
    return Visitor(
        **{
            name: row[name]
            for name in Visitor.__struct_fields__
            if name not in {"proof", "prechat"}
        },
        proof=_json(row["proof"]),
        prechat=_json(row["prechat"]),
    )


def _json(text: str | None) -> Any:
    return None if text is None else msgspec.json.decode(text)
