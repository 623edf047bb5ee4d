"""Who somebody is, proved: one client on four channels is one card."""

from datetime import timedelta

from crm_core.linking import lead_of
from inbox.contract import (
    AccountId,
    Address,
    ExternalRef,
    MessageIn,
    RichText,
    SharedContact,
    ThreadRef,
)
from inbox.ingest import OwnAccount, item_of, store
from inbox.proving import Proof, link_hash, proof_of, prove
from infra.clock import new_id, now


PHONE = "+37369123456"
TG = Address("telegram_user", "77", display="Ion")


async def writes(office, sender: Address, *, account=None, kind="telegram", parts=()) -> None:
    account = AccountId(account or office.chat_id)
    event = MessageIn(
        account=account,
        dedup_key=str(new_id()),
        at=now(),
        ref=ExternalRef(ThreadRef(account, sender.value), str(new_id())),
        sender=sender,
        parts=parts or (RichText(text="Bună"),),
    )
    async with office.db.lane(via="channel") as tx:
        await store(tx, [item_of(event, OwnAccount(account, kind, frozenset()))])


async def card_of(office, address: Address, scope: str = "") -> object:
    async with office.db.read() as raw:
        return (await lead_of(raw, kind=address.kind, value=address.value, scope=scope)).card_id


def shared(office, phone: str = PHONE) -> Proof:
    return Proof(
        account=AccountId(office.chat_id),
        who=TG,
        proven=(Address("phone", phone, verified=True),),
        token=None,
        how="contact_shared",
    )


async def confirm(office, proof: Proof):
    async with office.db.transaction() as tx:
        return await prove(tx, proof)


async def link_to(office, card_id, *, days: int = 7) -> str:
    async with office.db.transaction() as tx:
        await tx.execute(
            "INSERT INTO deep_link (hash, account_id, card_id, purpose, created_at, expires_at)"
            " VALUES ($1, $2, $3, 'invite', $4, $5)",
            link_hash("s3cret"),
            office.chat_id,
            card_id,
            now(),
            now() + timedelta(days=days),
        )
    return "s3cret"


def by_link(office, who: Address = TG) -> Proof:
    return Proof(
        account=AccountId(office.chat_id), who=who, proven=(), token="s3cret", how="deep_link"
    )


async def test_a_shared_number_makes_one_card_of_two(office):
    sms = Address("phone", PHONE)
    await writes(office, sms)
    await writes(office, TG)
    old = await card_of(office, sms)
    assert await card_of(office, TG, str(office.chat_id)) != old
    assert await confirm(office, shared(office)) == old
    assert await card_of(office, TG, str(office.chat_id)) == old
    assert await confirm(office, shared(office)) == old  # proving again changes nothing


async def test_the_timeline_tells_of_a_proof_once(office):
    await writes(office, TG)
    for _ in range(2):
        await confirm(office, shared(office))
    async with office.db.read() as raw:
        told = await raw.fetchval(
            "SELECT count(*) FROM conversation_event WHERE type = 'identity_proven'"
        )
    assert told == 1


async def test_a_number_nobody_has_is_put_on_the_card(office):
    await writes(office, TG)
    card = await confirm(office, shared(office))
    assert await card_of(office, Address("phone", PHONE)) == card
    assert await card_of(office, TG, str(office.chat_id)) == card


async def test_two_cards_people_work_with_stay_two(office):
    sms = Address("phone", PHONE)
    await writes(office, sms)
    await writes(office, TG)
    async with office.db.transaction() as tx:
        await tx.execute("UPDATE card SET lifecycle = 'client'")
    assert await confirm(office, shared(office)) == await card_of(office, TG, str(office.chat_id))
    assert await card_of(office, sms) != await card_of(office, TG, str(office.chat_id))
    async with office.db.read() as raw:
        assert await raw.fetchval("SELECT count(*) FROM activity WHERE kind = 'same_client'") == 1


async def test_a_link_of_ours_leads_to_its_card_once(office):
    ana = Address("email", "ana@example.ro")
    await writes(office, ana, account=office.account_id, kind="email")
    card = await card_of(office, ana)
    await link_to(office, card)
    assert await confirm(office, by_link(office)) == card
    assert await confirm(office, by_link(office, Address("telegram_user", "78"))) is None
    assert await card_of(office, TG, str(office.chat_id)) == card


async def test_an_old_link_proves_nothing(office):
    ana = Address("email", "ana@example.ro")
    await writes(office, ana, account=office.account_id, kind="email")
    await link_to(office, await card_of(office, ana), days=-1)
    assert await confirm(office, by_link(office)) is None


async def test_a_contact_of_somebody_else_proves_nothing(office):
    account = AccountId(office.chat_id)
    event = MessageIn(
        account=account,
        dedup_key="1",
        at=now(),
        ref=ExternalRef(ThreadRef(account, "77"), "1"),
        sender=TG,
        parts=(SharedContact(name="Ana", phones=("37369123456",), is_sender=False),),
    )
    assert proof_of(event) is None


async def test_the_same_name_at_two_sites_is_two_people(office):
    """Customer 42 of one shop is not customer 42 of another."""
    cards = []
    for account in (office.chat_id, office.account_id):
        proof = Proof(
            account=AccountId(account),
            who=Address("web_visitor", f"v-{account}"),
            proven=(Address("external_id", "42", verified=True),),
            token=None,
            how="site_token",
        )
        cards.append(await confirm(office, proof))
        assert await confirm(office, proof) == cards[-1]
    assert cards[0] != cards[1]
