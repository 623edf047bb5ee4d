import pytest

from crm_core.staff.passwords import (
    HASHER,
    UNKNOWN,
    WeakPassword,
    check_password,
    hash_password,
    is_outdated,
    password_fits,
)
from crm_core.staff.sign_in import login_form


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("short", "too_short"),
        ("x" * 300, "too_long"),
        ("ion.popescu@example.md", "like_login"),
        ("Ion.Popescu", "like_login"),
        ("ion.popescu@example.md123", "like_login"),
        ("1234567890", "common"),
        ("PASSWORD123", "common"),
        ("abababababab", "common"),
        ("пароль123456", "common"),
    ],
)
def test_a_weak_password_is_refused_with_its_reason(password, reason):
    with pytest.raises(WeakPassword) as refused:
        check_password(password, login="ion.popescu@example.md")
    assert refused.value.extra["reason"] == reason


@pytest.mark.parametrize("password", ["correct horse", "0123456789ab!", "парольная фраза"])
def test_length_alone_makes_a_good_password(password):
    check_password(password, login="ion.popescu@example.md")


async def test_only_the_same_password_fits_in_any_unicode_form():
    stored = await hash_password("mătușă Țurcanu")
    assert stored.startswith("$argon2id$")
    assert await password_fits("mătușă Țurcanu", stored)
    assert not await password_fits("mătușă Turcanu", stored)


@pytest.mark.parametrize("stored", [None, "", "plain", UNKNOWN])
async def test_nothing_fits_a_hash_that_is_none(stored):
    assert not await password_fits("", stored)
    assert not await password_fits("x" * 5_000, stored)


async def test_a_hash_with_weaker_parameters_is_outdated():
    assert not is_outdated(await hash_password("x"))
    assert not is_outdated(UNKNOWN)
    weaker = HASHER.__class__(time_cost=1, memory_cost=1_024, parallelism=1)
    assert is_outdated(weaker.hash("x"))


def test_logins_compare_without_case_and_width():
    assert login_form(" Ｉon@Example.md ") == "ion@example.md"
