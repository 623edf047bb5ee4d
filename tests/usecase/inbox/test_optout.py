"""STOP is obeyed by every way a message can leave, and nothing else is STOP."""

from datetime import timedelta

import msgspec
import pytest

from inbox.bounces import apply_delivery_changed
from inbox.contract import (
    AccountId,
    Address,
    DeliveryChanged,
    ExternalRef,
    Fault,
    MessageIn,
    Piece,
    RichText,
    SendError,
    ThreadRef,
)
from inbox.ingest import OwnAccount, item_of, store
from inbox.optout import NotOptedOut, heed, lift, wish_of
from inbox.recipients import Unreachable
from infra.clock import new_id, now
from tests import seed
from tests.usecase.inbox.office import CHAT
from tests.usecase.inbox.provider import Post, error, sender


PHONE = Address("phone", "+40721000001")


class Texts:
    """An SMS account, its client and its provider."""

    def __init__(self, office, agent):
        self.office = office
        self.agent = agent
        self.post = Post()

    async def connect(self, **config):
        self.account = await seed.account(
            self.office.db,
            branch_id=self.office.branch_id,
            kind="sms",
            provider="sms.smpp",
            address=f"+4072199{new_id().int % 10_000:04}",
        )
        self.office.caps["sms.smpp"] = CHAT
        async with self.office.db.transaction() as tx:
            await tx.execute(
                "UPDATE channel_account SET config = $2::jsonb WHERE id = $1",
                self.account,
                msgspec.json.encode(config).decode(),
            )
        return self

    def event(self, text, *, name="", piece=None, parts=None):
        name = name or str(new_id())
        account = AccountId(self.account)
        return MessageIn(
            account=account,
            dedup_key=name,
            at=now(),
            ref=ExternalRef(ThreadRef(account, PHONE.value), name),
            sender=PHONE,
            parts=parts or (RichText(text=text),),
            piece=piece,
        )

    async def hear(self, text, **fields):
        """Let the client write; return the conversation."""
        event = self.event(text, **fields)
        own = OwnAccount(self.account, "sms", frozenset())
        async with self.office.db.transaction() as tx:
            await tx.act(None, "channel")
            (stowed,) = await store(tx, [item_of(event, own)])
            if stowed.outcome == "stored":
                await heed(tx, event, stowed.message_id)
        return await self.office.place_of(stowed.message_id)

    async def answer(self, case, text="Bună ziua", **fields):
        return await self.office.answer(case, self.agent, text, **fields)

    async def send(self):
        await sender(self.office.db, self.post).run_due()
        return [op.payload["text"] for op in self.post.calls]

    async def states(self, message):
        rows = await self.office.rows(
            "SELECT state, error_code FROM delivery WHERE message_id = $1", message
        )
        return [(row["state"], row["error_code"]) for row in rows]

    async def status(self):
        row = await self.office.row(
            "SELECT status, status_reason FROM identity WHERE value = $1", PHONE.value
        )
        return row["status"], row["status_reason"]


@pytest.fixture
async def texts(office):
    return await Texts(office, await office.agent()).connect(
        optout_reply="Nu vă mai scriem.", help_reply="Punte, 0800 800 800"
    )


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("STOP", "stop"),
        ("  stop. ", "stop"),
        ("Stop All", "stop"),
        ("dezabonare", "stop"),
        ("Oprește", "stop"),
        ("СТОП", "stop"),
        ("отписаться!", "stop"),
        ("START", "start"),
        ("Da, primesc", None),
        ("DA PRIMESC", "start"),
        ("старт", "start"),
        ("ajutor", "help"),
        ("Помощь", "help"),
        ("stop by at noon", None),
        ("non-stop", None),
        ("end of story", None),
        ("", None),
        ("da", None),
    ],
)
async def test_only_a_word_alone_is_a_wish(office, text, wish):
    texts = Texts(office, None)
    texts.account = new_id()
    assert wish_of(texts.event(text)) == wish


async def test_a_part_of_a_long_text_is_no_wish(office):
    texts = Texts(office, None)
    texts.account = new_id()
    assert wish_of(texts.event("STOP", piece=Piece(key="k", n=1, total=2))) is None


async def test_stop_shuts_the_address_says_so_and_confirms_once(texts):
    case = await texts.hear("Bună ziua")
    assert await texts.hear("STOP") == case
    assert await texts.status() == ("opted_out", "client")
    assert (await texts.office.entries(case)).count("opt_out") == 1
    await texts.hear("stop")
    assert await texts.send() == ["Nu vă mai scriem."]
    assert (await texts.office.entries(case)).count("opt_out") == 1


async def test_stop_is_written_into_the_log_of_changes(texts):
    await texts.hear("STOP")
    row = await texts.office.row(
        "SELECT via, c::text AS diff FROM change AS c WHERE c::text LIKE '%opted_out%'"
    )
    assert row["via"] == "channel"
    assert "opted_out" in row["diff"]


async def test_an_answer_to_who_opted_out_is_refused(texts):
    case = await texts.hear("STOP")
    with pytest.raises(Unreachable):
        await texts.answer(case)


async def test_stop_cancels_what_is_queued_and_scheduled(texts):
    case = await texts.hear("Bună ziua")
    soon = await texts.answer(case, not_before=now() + timedelta(hours=1))
    at_once = await texts.answer(case)
    await texts.hear("STOP")
    assert await texts.states(soon) == [("cancelled", "recipient.opted_out")]
    assert await texts.states(at_once) == [("cancelled", "recipient.opted_out")]
    assert await texts.send() == ["Nu vă mai scriem."]


async def test_what_was_queued_by_whatever_else_is_stopped_before_the_provider(texts):
    case = await texts.hear("Bună ziua")
    message = await texts.answer(case)
    async with texts.office.db.transaction() as tx:
        await tx.execute("UPDATE identity SET status = 'opted_out' WHERE value = $1", PHONE.value)
    assert await texts.send() == []
    assert await texts.states(message) == [("failed", "recipient.opted_out")]
    assert "delivery_failed" in await texts.office.entries(case)


async def test_start_opens_the_address_again(texts):
    case = await texts.hear("STOP")
    await texts.hear("START")
    assert await texts.status() == ("ok", "client")
    assert (await texts.office.entries(case))[-1] == "opt_in"
    await texts.answer(case)
    assert "Bună ziua" in await texts.send()


async def test_a_stop_that_is_delivered_again_does_not_undo_a_later_start(texts):
    await texts.hear("STOP", name="one")
    await texts.hear("START", name="two")
    await texts.hear("STOP", name="one")
    assert (await texts.status())[0] == "ok"


async def test_help_is_answered_and_not_for_ever(texts):
    for _ in range(3):
        await texts.hear("HELP")
    assert await texts.send() == ["Punte, 0800 800 800"]


async def test_every_sms_account_obeys(texts):
    await texts.hear("STOP")
    other = await Texts(texts.office, texts.agent).connect()
    case = await other.hear("Bună ziua")
    with pytest.raises(Unreachable):
        await other.answer(case)


async def test_a_provider_that_refuses_the_address_says_the_same(texts):
    case = await texts.hear("Bună ziua")
    await texts.answer(case)
    texts.post.script = error(Fault.REFUSED, "21610")
    await texts.send()
    assert await texts.status() == ("opted_out", "21610")
    assert "opt_out" in await texts.office.entries(case)


async def test_a_receipt_that_refuses_says_the_same(texts):
    case = await texts.hear("Bună ziua")
    message = await texts.answer(case)
    await texts.send()
    name = (
        await texts.office.row("SELECT provider_id FROM delivery WHERE message_id = $1", message)
    )["provider_id"]
    account = AccountId(texts.account)
    async with texts.office.db.transaction() as tx:
        await apply_delivery_changed(
            tx,
            DeliveryChanged(
                account=account,
                dedup_key="r",
                at=now(),
                ref=ExternalRef(ThreadRef(account, PHONE.value), name),
                state="failed",
                error=SendError(fault=Fault.REFUSED, code="sms.refused"),
            ),
        )
    assert (await texts.status())[0] == "opted_out"


async def test_an_agent_notes_a_renewed_consent_with_its_reason(texts):
    case = await texts.hear("STOP")
    identity = await texts.office.value("SELECT id FROM identity WHERE value = $1", PHONE.value)
    async with texts.office.db.transaction() as tx:
        await lift(tx, case, identity, reason="a sunat și a cerut", viewer=texts.agent)
    assert await texts.status() == ("ok", "agent: a sunat și a cerut")
    await texts.answer(case)
    with pytest.raises(NotOptedOut):
        async with texts.office.db.transaction() as tx:
            await lift(tx, case, identity, reason="încă o dată", viewer=texts.agent)
