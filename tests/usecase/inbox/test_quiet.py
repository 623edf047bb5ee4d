"""Nobody is woken by a text, and who is awake is answered."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from inbox.offers import offers_in
from inbox.quiet import ends_at
from infra.clock import now
from tests.usecase.inbox.office import CHAT
from tests.usecase.inbox.test_optout import Texts


@pytest.mark.parametrize(
    ("at", "until"),
    [
        ("2026-11-24T20:59:00+02:00", None),
        ("2026-11-24T21:00:00+02:00", "2026-11-25T08:00:00+02:00"),
        ("2026-11-25T00:30:00+02:00", "2026-11-25T08:00:00+02:00"),
        ("2026-11-25T07:59:59+02:00", "2026-11-25T08:00:00+02:00"),
        ("2026-11-25T08:00:00+02:00", None),
        ("2026-03-28T22:00:00+02:00", "2026-03-29T08:00:00+03:00"),  # the clock is moved
    ],
)
def test_quiet_hours_go_over_midnight_on_the_clock_of_the_branch(at, until):
    moment = datetime.fromisoformat(at).astimezone(UTC)
    end = ends_at("21:00", "08:00", "Europe/Chisinau", moment)
    assert end == (until and datetime.fromisoformat(until))


def test_quiet_hours_of_one_day_and_none_at_all():
    noon = datetime(2026, 11, 24, 12, tzinfo=UTC)
    assert ends_at("11:00", "13:00", "UTC", noon) == noon + timedelta(hours=1)
    assert ends_at("13:00", "14:00", "UTC", noon) is None
    assert ends_at("", "", "UTC", noon) is None
    assert ends_at("12:00", "12:00", "UTC", noon) is None
    assert ends_at("25:00", "nine", "UTC", noon) is None
    assert ends_at("11:00", "13:00", "Nowhere/City", noon) is not None


@pytest.fixture
async def always_quiet(office):
    """An account whose quiet hours are nearly the whole day, from a minute ago on."""
    zone = await office.value("SELECT timezone FROM branch WHERE id = $1", office.branch_id)
    assert zone == "Europe/Chisinau"
    local = now().astimezone(ZoneInfo(zone))
    return await Texts(office, await office.agent()).connect(
        quiet_from=f"{local - timedelta(minutes=1):%H:%M}",
        quiet_to=f"{local - timedelta(minutes=2):%H:%M}",
    )


async def age(texts, minutes):
    async with texts.office.db.transaction() as tx:
        await tx.execute("UPDATE message SET at = at - $1::interval", timedelta(minutes=minutes))


async def test_an_answer_in_quiet_hours_waits_for_their_end(always_quiet):
    texts = always_quiet
    case = await texts.hear("Bună ziua")
    await age(texts, 40)
    message = await texts.answer(case)
    due = await texts.office.value(
        "SELECT not_before FROM delivery WHERE message_id = $1", message
    )
    assert due > now() + timedelta(hours=20)
    assert await texts.send() == []


async def test_who_has_just_written_is_answered(always_quiet):
    texts = always_quiet
    case = await texts.hear("Bună ziua")
    await texts.answer(case)
    assert await texts.send() == ["Bună ziua"]


async def test_what_falls_due_in_quiet_hours_waits_at_the_door(always_quiet):
    texts = always_quiet
    case = await texts.hear("Bună ziua")
    message = await texts.answer(case)
    await age(texts, 40)
    assert await texts.send() == []
    assert await texts.states(message) == [("queued", None)]


async def test_the_composer_is_told_until_when_a_text_waits(always_quiet):
    texts = always_quiet
    case = await texts.hear("Bună ziua")
    assert (await offer(texts, case)).reason == ""
    await age(texts, 40)
    told = await offer(texts, case)
    assert (told.reason, told.possible) == ("quiet_hours", True)
    assert told.until > now() + timedelta(hours=20)


async def offer(texts, case):
    async with texts.office.db.read() as raw:
        offers = await offers_in(raw, case, viewer=texts.agent, caps_of=lambda *_: CHAT)
    return next(one for one in offers if one.channel == "sms")
