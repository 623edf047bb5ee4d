"""Passwords: what is accepted, and how they are kept.

Source: NIST SP 800-63B section 3.1.1.2 (length, block list, no composition rules); parameters
of argon2id from the OWASP Password Storage Cheat Sheet.
"""

import asyncio
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from infra.errors import Invalid


SHORTEST, LONGEST = 10, 200  # characters
FEWEST_LETTERS = 4  # different characters
COMMON = frozenset(
    files("crm_core.staff").joinpath("common_passwords.txt").read_text("utf-8").split()
)
UNKNOWN = (
    "$argon2id$v=19$m=19456,t=2,p=1$pKORY/nAIZL1Uqr1xcp1OA"
    "$I1FEnfU2aIyEvceFjrqwnZ3/Y8e2efNISDikCzv1E7I"
)
"""The hash of nobody's password: verifying it takes as long as verifying somebody's."""

HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)  # KiB; 30 ms and 19 MiB
HASHING = ThreadPoolExecutor(2, thread_name_prefix="argon2")
"""Bounds what a storm of sign-ins may take: two cores and twice the memory of one hash."""


class WeakPassword(Invalid):
    """The password breaks the policy; ``reason`` says how.

    It is ``too_short``, ``too_long``, ``like_login`` or ``common``.
    """

    code = "password.weak"
    title = "This password is too weak"


def check_password(password: str, *, login: str) -> None:
    """Make sure that a new password follows the policy.

    Raises:
        WeakPassword: It does not.
    """
    plain = _normal(password).casefold()
    name = login.casefold()
    reason = ""
    if len(plain) < SHORTEST:
        reason = "too_short"
    elif len(plain) > LONGEST:
        reason = "too_long"
    elif plain in {name, name.partition("@")[0]} or plain.replace(name, "") in {"", "1", "123"}:
        reason = "like_login"
    elif plain in COMMON or len(set(plain)) < FEWEST_LETTERS:
        reason = "common"
    if reason:
        raise WeakPassword(reason=reason, shortest=SHORTEST)


async def hash_password(password: str) -> str:
    """Return the password's argon2id hash in PHC format; it works in a thread."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(HASHING, HASHER.hash, _normal(password))


async def password_fits(password: str, stored: str | None) -> bool:
    """Whether ``password`` is the one behind ``stored``.

    It takes the same time when nothing is stored, so a guesser learns nothing about logins.
    """
    loop = asyncio.get_running_loop()
    right = await loop.run_in_executor(HASHING, _verify, stored or UNKNOWN, _normal(password))
    return right and stored is not None


def is_outdated(stored: str) -> bool:
    """Whether a hash was made with weaker parameters than today's."""
    return HASHER.check_needs_rehash(stored)


def _verify(stored: str, password: str) -> bool:
    try:
        return HASHER.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def _normal(password: str) -> str:
    """Return the password as every keyboard spells it (NIST SP 800-63B: NFKC)."""
    return unicodedata.normalize("NFKC", password[: LONGEST * 4])
