"""The second factor: codes of an authenticator app (RFC 6238), and recovery codes.

Each code of the app works once (RFC 6238 section 5.2), each recovery code once for ever.
"""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from uuid import UUID

import msgspec
import pyotp

from infra.clock import now
from infra.db import Transaction
from infra.errors import Conflict, Invalid
from infra.qr import svg_of
from infra.vault import Vault


STEP = 30  # seconds a code is valid for
DRIFT = (0, -1, 1)  # steps the two clocks may differ by
RECOVERY_CODES = 10
RECOVERY_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that looks like another
ISSUER = "Punte"

PEND = "UPDATE agent SET totp_pending = $2 WHERE id = $1 RETURNING login"
PENDING = "SELECT totp_pending FROM agent WHERE id = $1 FOR UPDATE"
ENABLE = """
UPDATE agent SET totp = $2, totp_pending = NULL, totp_used_step = $3, recovery_codes = $4,
       rev = rev + 1
 WHERE id = $1
"""
DISABLE = """
UPDATE agent SET totp = NULL, totp_pending = NULL, totp_used_step = NULL, recovery_codes = '{}',
       rev = rev + 1
 WHERE id = $1
"""
USE_STEP = """
UPDATE agent SET totp_used_step = $2
 WHERE id = $1 AND coalesce(totp_used_step, -1) < $2 RETURNING id
"""
USE_RECOVERY = """
UPDATE agent SET recovery_codes = array_remove(recovery_codes, $2)
 WHERE id = $1 AND $2 = ANY(recovery_codes) RETURNING id
"""


class CodeWrong(Invalid):
    """The code is not the one the app shows now."""

    code = "totp.code_wrong"
    title = "This code is not valid"


class NotPending(Conflict):
    """No second factor waits to be confirmed."""

    code = "totp.not_pending"
    title = "Start again: no second factor waits to be confirmed"


class Enrolment(msgspec.Struct, frozen=True):
    """A secret for the authenticator app, as text, as URI and as a picture of the URI."""

    secret: str
    uri: str
    svg: str


async def begin_totp(tx: Transaction, agent_id: UUID, *, vault: Vault) -> Enrolment:
    """Make a secret for the agent's app; it counts after ``confirm_totp``."""
    secret = pyotp.random_base32()
    login = await tx.fetchval(PEND, agent_id, vault.seal(secret, place=_place(agent_id)))
    uri = pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=ISSUER)
    return Enrolment(secret, uri, svg_of(uri))


async def confirm_totp(
    tx: Transaction, agent_id: UUID, *, code: str, vault: Vault
) -> Sequence[str]:
    """Turn the second factor on with the first code; return the recovery codes, shown once.

    Raises:
        NotPending: ``begin_totp`` was not called.
        CodeWrong: The app shows another code.
    """
    sealed = await tx.fetchval(PENDING, agent_id)
    if sealed is None:
        raise NotPending
    step = matching_step(vault.open(sealed, place=_place(agent_id)), code)
    if step is None:
        raise CodeWrong
    codes = [_recovery_code() for _ in range(RECOVERY_CODES)]
    await tx.execute(ENABLE, agent_id, sealed, step, [_recovery_hash(code) for code in codes])
    return codes


async def disable_totp(tx: Transaction, agent_id: UUID) -> None:
    """Turn the second factor off."""
    await tx.execute(DISABLE, agent_id)


async def code_fits(
    tx: Transaction, agent_id: UUID, *, sealed: str, code: str, vault: Vault
) -> bool:
    """Whether ``code`` is the app's or a recovery code; either is used up."""
    step = matching_step(vault.open(sealed, place=_place(agent_id)), code)
    if step is not None:
        return await tx.fetchval(USE_STEP, agent_id, step) is not None
    return await tx.fetchval(USE_RECOVERY, agent_id, _recovery_hash(code)) is not None


def matching_step(secret: str, code: str) -> int | None:
    """Return the time step ``code`` belongs to, or None when it is not valid now."""
    code = "".join(code.split())
    current = int(now().timestamp()) // STEP
    app = pyotp.TOTP(secret)
    for drift in DRIFT:
        expected = app.generate_otp(current + drift)
        if hmac.compare_digest(expected.encode(), code.encode()):
            return current + drift
    return None


def _place(agent_id: UUID) -> str:
    return f"totp/{agent_id}"


def _recovery_code() -> str:
    letters = "".join(secrets.choice(RECOVERY_LETTERS) for _ in range(10))
    return f"{letters[:5]}-{letters[5:]}"


def _recovery_hash(code: str) -> str:
    plain = "".join(letter for letter in code.casefold() if letter.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()
