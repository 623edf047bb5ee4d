import asyncio
import time
from uuid import UUID

import pyotp
import pytest
from argon2 import PasswordHasher

from crm_core.staff.passwords import WeakPassword, is_outdated
from crm_core.staff.second_factor import (
    STEP,
    CodeWrong,
    NotPending,
    begin_totp,
    confirm_totp,
    disable_totp,
)
from crm_core.staff.sessions import (
    end_session,
    end_sessions,
    open_session,
    session_of,
    sessions_of,
    touch_session,
)
from crm_core.staff.sign_in import (
    CodeNeeded,
    CodeNotValid,
    PasswordWrong,
    SignInWrong,
    change_password,
    confirm_password,
    sign_in,
)
from crm_core.staff.throttling import Throttled, block_key
from crm_core.staff.tidying import forget_access
from infra.db import Database
from infra.errors import NotFound
from infra.vault import Vault
from tests.company import PASSWORD, Company, founded
from tests.reading import events_of


VAULT = Vault(bytes(range(32)))
SOMEWHERE = "203.0.113.7"


async def enter(db: Database, login: str = "owner", password: str = PASSWORD, **more):
    """Sign in from somewhere."""
    return await sign_in(
        db, **{"login": login, "password": password, "ip": SOMEWHERE, "vault": VAULT, **more}
    )


async def with_second_factor(db: Database, agent_id: UUID) -> tuple[pyotp.TOTP, list[str]]:
    """Turn the second factor on; the code it took is used up."""
    async with db.transaction() as tx:
        enrolment = await begin_totp(tx, agent_id, vault=VAULT)
    app = pyotp.TOTP(enrolment.secret)
    async with db.transaction() as tx:
        codes = await confirm_totp(tx, agent_id, code=app.now(), vault=VAULT)
    return app, list(codes)


def later(app: pyotp.TOTP) -> str:
    """Return the code of the next step: a clock that runs ahead by less than a step."""
    return app.at(time.time() + STEP)


@pytest.fixture
async def company(db: Database) -> Company:
    return await founded(db)


async def test_the_right_password_opens_a_session(db: Database, company: Company):
    opened = await enter(db, login="  OWNER ", user_agent="Firefox")
    async with db.read() as source:
        session = await session_of(source, opened.token)
    assert session is not None
    assert session.agent_id == company.owner.agent_id
    assert session.ip == SOMEWHERE
    assert session.user_agent == "Firefox"


@pytest.mark.parametrize("token", ["", "x", "x" * 43])
async def test_no_other_token_opens_a_session(db: Database, company: Company, token: str):
    await enter(db)
    async with db.read() as source:
        assert await session_of(source, token) is None


async def test_a_session_token_is_stored_hashed_only(db: Database, company: Company):
    opened = await enter(db)
    async with db.read() as source:
        stored = await source.fetchval("SELECT token_hash FROM session")
    assert opened.token.encode() not in stored
    assert len(opened.token) >= 43


async def test_a_wrong_password_and_an_unknown_login_are_one_error(db: Database, company: Company):
    with pytest.raises(SignInWrong) as wrong:
        await enter(db, password="wrong password")
    with pytest.raises(SignInWrong) as unknown:
        await enter(db, login="nobody")
    assert str(wrong.value) == str(unknown.value)


@pytest.mark.slow
async def test_an_unknown_login_takes_as_long_as_a_known_one(db: Database, company: Company):
    async def seconds(login: str) -> float:
        start = time.perf_counter()
        with pytest.raises(SignInWrong):
            await enter(db, login=login, password="wrong password")
        async with db.transaction() as tx:
            await tx.execute("DELETE FROM sign_in_attempt")
        return time.perf_counter() - start

    known = min([await seconds("owner") for _ in range(9)])  # the rest is the machine's noise
    unknown = min([await seconds("nobody") for _ in range(9)])
    assert 0.5 < known / unknown < 2


async def test_after_five_wrong_passwords_the_right_one_has_to_wait(
    db: Database, company: Company
):
    for _ in range(5):
        with pytest.raises(SignInWrong):
            await enter(db, password="wrong password")
    with pytest.raises(Throttled) as throttled:
        await enter(db)
    assert 0 < throttled.value.extra["retry_after"] <= 30
    async with db.transaction() as tx:
        await tx.execute("UPDATE sign_in_attempt SET blocked_until = now() - interval '1 second'")
    assert await enter(db)
    async with db.read() as source:
        count = "SELECT count(*) FROM sign_in_attempt WHERE key LIKE 'login/%'"
        assert await source.fetchval(count) == 0


async def test_every_further_block_is_longer(db: Database, company: Company):
    waits = []
    for _ in range(7):
        with pytest.raises((SignInWrong, Throttled)):
            await enter(db, password="wrong password")
        async with db.transaction() as tx:
            waits.append(
                await tx.fetchval(
                    "SELECT extract(epoch FROM blocked_until - last_at)::float"
                    " FROM sign_in_attempt WHERE key = 'login/owner'"
                )
            )
            await tx.execute("UPDATE sign_in_attempt SET blocked_until = now() - interval '1 s'")
    assert waits[4:] == [30.0, 60.0, 120.0]


async def test_a_hundred_tries_at_once_are_counted_one_by_one(db: Database, company: Company):
    tries = (enter(db, password="wrong password") for _ in range(30))
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(result, SignInWrong) for result in results) <= 5


async def test_many_logins_from_one_block_of_addresses_are_slowed_down(
    db: Database, company: Company
):
    for number in range(20):
        with pytest.raises(SignInWrong):
            await enter(db, login=f"nobody{number}", ip=f"203.0.113.{number}")
    with pytest.raises(Throttled):
        await enter(db, ip="203.0.113.200")
    assert await enter(db, ip="198.51.100.1")


def test_addresses_are_counted_by_their_block():
    assert block_key("203.0.113.7") == block_key("203.0.113.200") == "ip/203.0.113.0/24"
    assert block_key("::ffff:203.0.113.7") == "ip/203.0.113.0/24"
    assert block_key("2001:db8::1") == block_key("2001:db8::ffff") == "ip/2001:db8::/64"
    assert block_key("fe80::1%eth0") == "ip/fe80::/64"
    assert block_key("") == "ip/unknown"


async def test_a_second_factor_is_asked_for_after_the_password(db: Database, company: Company):
    app, _ = await with_second_factor(db, company.owner.agent_id)
    with pytest.raises(CodeNeeded):
        await enter(db)
    with pytest.raises(SignInWrong):
        await enter(db, password="wrong password", code=later(app))
    with pytest.raises(CodeNotValid):
        await enter(db, code="000000")
    assert await enter(db, code=later(app))


async def test_a_code_works_once(db: Database, company: Company):
    app, _ = await with_second_factor(db, company.owner.agent_id)
    code = later(app)
    results = await asyncio.gather(
        *(enter(db, code=code) for _ in range(4)), return_exceptions=True
    )
    assert sum(not isinstance(result, Exception) for result in results) == 1


async def test_the_code_that_turned_the_factor_on_is_used_up(db: Database, company: Company):
    app, _ = await with_second_factor(db, company.owner.agent_id)
    with pytest.raises(CodeNotValid):
        await enter(db, code=app.at(time.time() - STEP))


async def test_a_recovery_code_works_once_in_any_spelling(db: Database, company: Company):
    _, codes = await with_second_factor(db, company.owner.agent_id)
    assert len(set(codes)) == 10
    assert await enter(db, code=codes[0].upper().replace("-", " "))
    with pytest.raises(CodeNotValid):
        await enter(db, code=codes[0])
    assert await enter(db, code=codes[1])


async def test_the_secret_is_sealed_and_shown_as_a_picture(db: Database, company: Company):
    async with db.transaction() as tx:
        enrolment = await begin_totp(tx, company.owner.agent_id, vault=VAULT)
        stored = await tx.fetchval("SELECT totp_pending FROM agent")
    assert enrolment.secret not in stored
    assert enrolment.uri.startswith("otpauth://totp/Punte:owner")
    assert enrolment.svg.startswith("<svg")


async def test_a_second_factor_counts_only_after_its_first_code(db: Database, company: Company):
    async with db.transaction() as tx:
        with pytest.raises(NotPending):
            await confirm_totp(tx, company.owner.agent_id, code="000000", vault=VAULT)
        await begin_totp(tx, company.owner.agent_id, vault=VAULT)
        with pytest.raises(CodeWrong):
            await confirm_totp(tx, company.owner.agent_id, code="000000", vault=VAULT)
    assert await enter(db)


async def test_without_the_second_factor_the_password_is_enough(db: Database, company: Company):
    await with_second_factor(db, company.owner.agent_id)
    async with db.transaction() as tx:
        await disable_totp(tx, company.owner.agent_id)
    assert await enter(db)


async def test_a_new_password_ends_every_other_session(db: Database, company: Company):
    here, there = await enter(db), await enter(db)
    await change_password(
        db, here.agent_id, current=PASSWORD, new="another good password", session_id=here.id
    )
    async with db.read() as source:
        assert await session_of(source, here.token)
        assert await session_of(source, there.token) is None
    with pytest.raises(SignInWrong):
        await enter(db)
    assert await enter(db, password="another good password")


async def test_a_password_is_changed_only_by_who_knows_it(db: Database, company: Company):
    here = await enter(db)
    with pytest.raises(PasswordWrong):
        await change_password(
            db, here.agent_id, current="wrong password", new=PASSWORD, session_id=here.id
        )
    with pytest.raises(WeakPassword):
        await change_password(db, here.agent_id, current=PASSWORD, new="short", session_id=here.id)
    assert await confirm_password(db, here.agent_id, password=PASSWORD) == "owner"


async def test_sessions_are_listed_and_ended_one_by_one(db: Database, company: Company):
    here, there = await enter(db), await enter(db)
    async with db.transaction() as tx:
        assert {session.id for session in await sessions_of(tx, here.agent_id)} == {
            here.id,
            there.id,
        }
        await end_session(tx, there.id, agent_id=here.agent_id)
        with pytest.raises(NotFound):
            await end_session(tx, there.id, agent_id=here.agent_id)
    async with db.read() as source:
        assert await session_of(source, there.token) is None
    told = (await events_of(db))[-1]
    assert told.decoded()["type"] == "session.revoked"
    assert told.decoded()["session_id"] == str(there.id)
    assert told.audience == {"me": str(here.agent_id)}


async def test_signing_out_everywhere_leaves_no_session(db: Database, company: Company):
    opened = [await enter(db) for _ in range(3)]
    async with db.transaction() as tx:
        await end_sessions(tx, company.owner.agent_id)
    async with db.read() as source:
        assert [await session_of(source, each.token) for each in opened] == [None] * 3


async def test_nobody_ends_the_session_of_another_agent(db: Database, company: Company):
    here = await enter(db)
    async with db.transaction() as tx:
        with pytest.raises(NotFound):
            await end_session(tx, here.id, agent_id=here.id)


async def test_an_idle_session_ends_and_a_used_one_lives_to_its_absolute_end(
    db: Database, company: Company
):
    async with db.transaction() as tx:
        opened = await open_session(tx, company.owner.agent_id)
        await tx.execute(
            "UPDATE session SET created_at = now() - interval '29 days',"
            " seen_at = now() - interval '1 hour'"
        )
        session = await session_of(tx, opened.token)
        assert session is not None
        assert session.is_stale
        await touch_session(tx, session)
        session = await session_of(tx, opened.token)
        assert session is not None
        assert (session.expires_at - session.created_at).days == 30
        await tx.execute("UPDATE session SET expires_at = now() - interval '1 second'")
        assert await session_of(tx, opened.token) is None


async def test_what_opens_nothing_any_more_is_forgotten(db: Database, company: Company):
    with pytest.raises(SignInWrong):
        await enter(db, login="nobody")
    await enter(db)
    async with db.transaction() as tx:
        await forget_access(tx)
        for table in ("session", "sign_in_attempt", "one_time_link"):
            assert await tx.fetchval(f"SELECT count(*) FROM {table}") > 0
        await tx.execute("UPDATE session SET expires_at = now() - interval '1 second'")
        await tx.execute("UPDATE sign_in_attempt SET last_at = now() - interval '2 days'")
        await tx.execute("UPDATE one_time_link SET expires_at = now() - interval '31 days'")
        await forget_access(tx)
        for table in ("session", "sign_in_attempt", "one_time_link"):
            assert await tx.fetchval(f"SELECT count(*) FROM {table}") == 0


async def test_a_hash_with_weaker_parameters_is_replaced_at_the_next_sign_in(
    db: Database, company: Company
):
    weaker = PasswordHasher(time_cost=1, memory_cost=1_024, parallelism=1).hash(PASSWORD)
    async with db.transaction() as tx:
        await tx.execute("UPDATE agent SET password = $1", weaker)
    await enter(db)
    async with db.read() as source:
        assert not is_outdated(await source.fetchval("SELECT password FROM agent"))


async def test_who_left_knows_no_password_any_more(db: Database, company: Company):
    opened = await enter(db)
    async with db.transaction() as tx:
        await tx.execute("UPDATE agent SET status = 'left'")
    with pytest.raises(SignInWrong):
        await enter(db)
    with pytest.raises(PasswordWrong):
        await confirm_password(db, opened.agent_id, password=PASSWORD)
    async with db.read() as source:
        assert await session_of(source, opened.token) is None
