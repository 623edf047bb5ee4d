"""One conversation, many channels: what is offered, going over, joining."""

from datetime import timedelta
from uuid import UUID

import msgspec
import pytest

from crm_core.identities import add_identity
from crm_core.merge import merge_cards
from crm_core.staff.tables import TeamRow
from inbox.carried import described
from inbox.contract import (
    AccountId,
    Address,
    ExternalRef,
    Level,
    MessageIn,
    RichText,
    Span,
    ThreadRef,
)
from inbox.delivery import Fate, settle
from inbox.ingest import OwnAccount, item_of, store
from inbox.joining import CannotJoin, join, parallel_to, unjoin
from inbox.offers import offers_in, offers_of
from inbox.optout import OPTED_OUT
from inbox.posting import Via
from inbox.switching import OpenElsewhere
from infra.clock import new_id, now
from infra.errors import Invalid, NotFound
from tests import seed
from tests.usecase.inbox.office import ANA, CHAT


PHONE = "+37369123456"
SMS = msgspec.structs.replace(CHAT, thread_key="own:peer")


@pytest.fixture
async def phone(office) -> UUID:
    """An SMS account of the company."""
    office.caps["sms.paper"] = SMS
    office.caps["webchat"] = msgspec.structs.replace(CHAT, initiate="never")
    return await seed.account(
        office.db,
        branch_id=office.branch_id,
        kind="sms",
        provider="sms.paper",
        address="+37322000",
    )


async def texted(office, account_id: UUID, text: str = "Alo", sender: str = PHONE) -> UUID:
    """Let a client send an SMS; return the conversation."""
    account = AccountId(account_id)
    event = MessageIn(
        account=account,
        dedup_key=str(new_id()),
        at=now(),
        ref=ExternalRef(ThreadRef(account, f"+37322000:{sender}"), str(new_id())),
        sender=Address("phone", sender),
        parts=(RichText(text=text),),
    )
    async with office.db.transaction() as tx:
        (stored,) = await store(tx, [item_of(event, OwnAccount(account, "sms", frozenset()))])
    return await office.place_of(stored.message_id)


async def with_phone(office, conversation_id: UUID, viewer) -> UUID:
    """Put the number on the conversation's card; return its identity."""
    card_id = await office.value("SELECT card_id FROM conversation WHERE id = $1", conversation_id)
    async with office.db.transaction() as tx:
        await add_identity(tx, card_id, kind="phone", value=PHONE, viewer=viewer)
    return await office.value("SELECT id FROM identity WHERE value = $1", PHONE)


async def offered(office, conversation_id: UUID, viewer):
    async with office.db.read() as raw:
        return await offers_in(raw, conversation_id, viewer=viewer, caps_of=office.caps_of)


async def test_every_channel_that_reaches_the_client_is_offered(office, phone):
    agent = await office.agent()
    case = await office.case(sender=ANA)
    await with_phone(office, case, agent)
    offers = await offered(office, case, agent)
    assert {(one.channel, one.possible, one.is_default) for one in offers} == {
        ("email", True, True),
        ("sms", True, False),
    }


@pytest.mark.parametrize(
    ("status", "reason", "possible"),
    [
        ("opted_out", "opted_out", False),
        ("blocked_us", "blocked", False),
        ("wrong", "wrong", False),
        ("bounced", "bounced", True),
    ],
)
async def test_a_closed_way_says_why(office, phone, status, reason, possible):
    agent = await office.agent()
    case = await office.case(sender=ANA)
    who = await with_phone(office, case, agent)
    async with office.db.transaction() as tx:
        await tx.execute("UPDATE identity SET status = $2 WHERE id = $1", who, status)
    sms = next(one for one in await offered(office, case, agent) if one.channel == "sms")
    assert (sms.reason, sms.possible) == (reason, possible)


async def test_a_window_that_closed_says_since_when(office):
    agent = await office.agent()
    case = await office.place_of(await office.chat())
    closed = now() - timedelta(hours=1)
    async with office.db.transaction() as tx:
        await tx.execute("UPDATE thread SET window_until = $1", closed)
    (way,) = await offered(office, case, agent)
    assert (way.reason, way.possible, way.until) == ("window_closed", False, closed)


async def test_an_answer_goes_over_another_channel_in_the_same_conversation(office, phone):
    agent = await office.agent()
    case = await office.case(sender=ANA)
    who = await with_phone(office, case, agent)
    await office.answer(case, agent, via=Via(account_id=phone, identity_id=who))
    assert (
        await office.value("SELECT key FROM thread WHERE account_id = $1", phone)
        == f"+37322000:{PHONE}"
    )
    assert await texted(office, phone) == case  # and the answer comes back into it
    assert await office.value("SELECT channels FROM conversation WHERE id = $1", case) == [
        "email",
        "sms",
    ]
    default = [one.channel for one in await offered(office, case, agent) if one.is_default]
    assert default == ["sms"]


async def test_a_line_of_another_open_conversation_is_not_taken(office, phone):
    agent = await office.agent()
    other = await texted(office, phone)
    case = await office.case(sender=ANA)
    await merge_cards_of(office, case, other, agent)
    who = await office.value("SELECT id FROM identity WHERE value = $1", PHONE)
    sms = next(one for one in await offered(office, case, agent) if one.channel == "sms")
    assert (sms.reason, sms.elsewhere_id) == ("open_elsewhere", other)
    with pytest.raises(OpenElsewhere):
        await office.answer(case, agent, via=Via(account_id=phone, identity_id=who))


async def test_a_line_of_a_conversation_one_does_not_see_is_not_named(office, phone):
    agent = await office.agent()
    other = await texted(office, phone)
    case = await office.case(sender=ANA)
    await merge_cards_of(office, case, other, agent)
    manager = await office.agent(role="manager", team=True)
    async with office.db.transaction() as tx:
        team = TeamRow(name="Vânzări", branch_id=office.branch_id)
        tx.session.add(team)
        await tx.session.flush()
        await tx.execute("UPDATE conversation SET team_id = $2 WHERE id = $1", other, team.id)
    who = await office.value("SELECT id FROM identity WHERE value = $1", PHONE)
    with pytest.raises(OpenElsewhere) as refused:
        await office.answer(case, manager, via=Via(account_id=phone, identity_id=who))
    assert refused.value.args[0] == "this line is a conversation's you do not see"
    sms = next(one for one in await offered(office, case, manager) if one.channel == "sms")
    assert (sms.reason, sms.elsewhere_id) == ("open_elsewhere", None)


async def test_an_address_of_somebody_else_is_refused(office, phone):
    agent = await office.agent()
    await texted(office, phone)
    case = await office.case(sender=ANA)
    who = await office.value("SELECT id FROM identity WHERE value = $1", PHONE)
    with pytest.raises(NotFound):
        await office.answer(case, agent, via=Via(account_id=phone, identity_id=who))


async def test_a_link_that_runs_script_is_refused(office):
    agent = await office.agent()
    case = await office.place_of(await office.chat())
    with pytest.raises(Invalid):
        await office.answer(case, agent, "aici", spans=[Span(0, 4, "link", "javascript:alert(1)")])


async def test_a_card_is_offered_what_can_begin(office, phone):
    agent = await office.agent()
    case = await office.case(sender=ANA)
    await with_phone(office, case, agent)
    card = await office.value("SELECT card_id FROM conversation WHERE id = $1", case)
    async with office.db.read() as raw:
        offers = await offers_of(raw, card, viewer=agent, caps_of=office.caps_of)
    assert {one.channel: one.possible for one in offers} == {"email": True, "sms": True}


# ---------------------------------------------------------------- joining


async def merge_cards_of(office, one: UUID, other: UUID, viewer) -> None:
    cards = [
        await office.value("SELECT card_id FROM conversation WHERE id = $1", case)
        for case in (one, other)
    ]
    async with office.db.transaction() as tx:
        await merge_cards(tx, *cards, viewer=viewer)


async def state_of(office, case: UUID) -> list[tuple]:
    async with office.db.read() as raw:
        rows = await raw.fetch(
            "SELECT seq, text FROM message WHERE conversation_id = $1 ORDER BY seq", case
        )
        row = await raw.fetchrow(
            "SELECT status, inbound_count, merged_into FROM conversation WHERE id = $1", case
        )
    return [tuple(one) for one in rows], tuple(row)


async def two_of_one_client(office, phone, agent):
    mail = await office.case(sender=ANA)
    sms = await texted(office, phone)
    await merge_cards_of(office, mail, sms, agent)
    return mail, sms


async def test_the_other_conversation_of_the_client_is_seen_and_joined(office, phone):
    agent = await office.agent()
    mail, sms = await two_of_one_client(office, phone, agent)
    async with office.db.read() as raw:
        near = msgspec.json.decode(await parallel_to(raw, mail, viewer=agent))
    assert [one["id"] for one in near] == [str(sms)]
    async with office.db.transaction() as tx:
        await join(tx, mail, sms, viewer=agent)
    (texts, (status, count, _)) = await state_of(office, mail)
    assert [text for _, text in texts] == ["Salut", "Alo"]
    assert (status, count) == ("open", 2)
    assert await texted(office, phone, "Și încă ceva") == mail


async def test_taking_apart_restores_both(office, phone):
    agent = await office.agent()
    mail, sms = await two_of_one_client(office, phone, agent)
    before = await state_of(office, mail), await state_of(office, sms)
    async with office.db.transaction() as tx:
        _, move = await join(tx, mail, sms, viewer=agent)
    async with office.db.transaction() as tx:
        await unjoin(tx, move, viewer=agent)
    assert (await state_of(office, mail), await state_of(office, sms)) == before
    assert await texted(office, phone, "Din nou") == sms


async def test_what_came_while_joined_goes_back_with_its_thread(office, phone):
    agent = await office.agent()
    mail, sms = await two_of_one_client(office, phone, agent)
    async with office.db.transaction() as tx:
        _, move = await join(tx, mail, sms, viewer=agent)
    await texted(office, phone, "Între timp")
    async with office.db.transaction() as tx:
        await unjoin(tx, move, viewer=agent)
    texts, (_, count, _) = await state_of(office, sms)
    assert [text for _, text in texts] == ["Alo", "Între timp"]
    assert count == 2


async def test_what_failed_while_joined_goes_back_with_its_thread(office, phone):
    agent = await office.agent()
    mail, sms = await two_of_one_client(office, phone, agent)
    async with office.db.transaction() as tx:
        _, move = await join(tx, mail, sms, viewer=agent)
    thread = await office.value("SELECT id FROM thread WHERE account_id = $1", phone)
    answer = await office.answer(mail, agent, thread_id=thread)
    (copy,) = await office.rows("SELECT id FROM delivery WHERE message_id = $1", answer)
    async with office.db.transaction() as tx:
        await settle(tx, answer, {copy["id"]: Fate(state="failed", error=OPTED_OUT)})
    assert (await office.conversation(mail))["failed_count"] == 1
    async with office.db.transaction() as tx:
        await unjoin(tx, move, viewer=agent)
    assert (await office.conversation(mail))["failed_count"] == 0
    assert (await office.conversation(sms))["failed_count"] == 1


async def test_two_clients_are_not_joined(office, phone):
    agent = await office.agent()
    mail = await office.case(sender=ANA)
    sms = await texted(office, phone)
    async with office.db.transaction() as tx:
        with pytest.raises(CannotJoin):
            await join(tx, mail, sms, viewer=agent)


def test_levels_are_what_the_browser_is_told():
    caps = msgspec.structs.replace(SMS, formatting={"bold": Level.FULL})
    assert described(caps)["formatting"] == {"bold": 2}
    assert msgspec.json.encode(described(caps))
