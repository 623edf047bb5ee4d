"""Signing in with a login, a password and, when the agent has one, a second factor.

It works on the database, not in one transaction: a wrong try has to be counted for good, and no
transaction stays open while a password is hashed.
"""

import unicodedata
from uuid import UUID

import asyncpg

from crm_core.staff.passwords import check_password, hash_password, is_outdated, password_fits
from crm_core.staff.second_factor import code_fits
from crm_core.staff.sessions import NewSession, end_sessions, open_session
from crm_core.staff.throttling import block_key, count_try, forgive, login_key
from infra.db import Database
from infra.errors import Forbidden, SignInNeeded
from infra.vault import Vault


FIND = "SELECT id, password, totp FROM agent WHERE login_key = $1 AND status = 'active'"
PASSWORD = "SELECT login, login_key, password FROM agent WHERE id = $1 AND status = 'active'"  # noqa: S105
SET_PASSWORD = "UPDATE agent SET password = $2 WHERE id = $1"  # noqa: S105


class SignInWrong(SignInNeeded):
    """Login and password do not belong together; it does not say which one is wrong."""

    code = "session.wrong"
    title = "Login or password is wrong"


class CodeNeeded(SignInNeeded):
    """The password was right: send everything again with a code of the second factor."""

    code = "session.code_needed"
    title = "A code of the second factor is needed"


class CodeNotValid(SignInNeeded):
    """The password was right, the code was not, or was used before."""

    code = "session.code_wrong"
    title = "This code is not valid"


class PasswordWrong(Forbidden):
    """The current password is another one."""

    code = "password.wrong"
    title = "The current password is wrong"


def login_form(login: str) -> str:
    """Return a login as it is compared: NFKC, case-folded, without white space around."""
    return unicodedata.normalize("NFKC", login).strip().casefold()


async def sign_in(
    db: Database,
    *,
    login: str,
    password: str,
    code: str | None = None,
    ip: str,
    user_agent: str = "",
    vault: Vault,
) -> NewSession:
    """Open a session for whoever knows the password, and the second factor where there is one.

    Raises:
        Throttled: Too many wrong tries; this one was not judged.
        SignInWrong: Unknown login or wrong password; both take the same time.
        CodeNeeded: The agent has a second factor and ``code`` is None.
        CodeNotValid: The code is wrong or was used before.
    """
    keys = (login_key(login_form(login)), block_key(ip))
    await count_try(db, *keys)
    async with db.read() as source:
        found = await source.fetchrow(FIND, login_form(login))
    stored = found["password"] if found else None
    if not await password_fits(password, stored) or found is None:
        raise SignInWrong
    if found["totp"] is not None and code is None:
        # The login's count stays: who knows the password must not guess codes for ever.
        async with db.transaction() as tx:
            await forgive(tx, keys[1])
        raise CodeNeeded
    rehashed = await hash_password(password) if is_outdated(found["password"]) else None
    opened = await _open(db, found, keys, code=code, ip=ip, user_agent=user_agent, vault=vault)
    if rehashed is not None:
        async with db.transaction() as tx:
            await tx.execute(SET_PASSWORD, found["id"], rehashed)
    return opened


async def change_password(
    db: Database, agent_id: UUID, *, current: str, new: str, session_id: UUID
) -> None:
    """Set a new password for whoever knows the current one; other sessions end.

    Raises:
        Throttled: Too many wrong tries.
        PasswordWrong: The current password is another one.
        WeakPassword: The new one breaks the policy.
    """
    login = await confirm_password(db, agent_id, password=current)
    check_password(new, login=login)
    hashed = await hash_password(new)
    async with db.transaction() as tx:
        await tx.act(agent_id, "ui")
        await tx.execute(SET_PASSWORD, agent_id, hashed)
        await end_sessions(tx, agent_id, keep=session_id)


async def confirm_password(db: Database, agent_id: UUID, *, password: str) -> str:
    """Make sure that a signed-in agent knows the password; return the login.

    Raises:
        Throttled: Too many wrong tries.
        PasswordWrong: It is another one.
    """
    async with db.read() as source:
        found = await source.fetchrow(PASSWORD, agent_id)
    if found is None:
        raise PasswordWrong
    key = login_key(found["login_key"])
    await count_try(db, key)
    if not await password_fits(password, found["password"]):
        raise PasswordWrong
    async with db.transaction() as tx:
        await forgive(tx, key)
    return str(found["login"])


async def _open(
    db: Database,
    found: asyncpg.Record,
    keys: tuple[str, str],
    *,
    code: str | None,
    ip: str,
    user_agent: str,
    vault: Vault,
) -> NewSession:
    async with db.transaction() as tx:
        await tx.act(found["id"], "ui")
        if found["totp"] is not None and not await code_fits(
            tx, found["id"], sealed=found["totp"], code=code or "", vault=vault
        ):
            raise CodeNotValid
        await forgive(tx, *keys)
        return await open_session(tx, found["id"], ip=ip, user_agent=user_agent)
