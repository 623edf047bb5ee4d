"""What comes before the message it is about: it waits, has its effect, or is let go of."""

from datetime import timedelta

import msgspec
import pytest

from inbox import journal
from inbox.contract import (
    AccountId,
    Address,
    ButtonPressed,
    DeliveryChanged,
    ExternalRef,
    MessageEdited,
    MessageIn,
    Raw,
    RichText,
    ThreadRef,
    TypingIn,
)
from inbox.processing import Processor
from infra.blobs import Blobs
from infra.bus import LocalBus
from infra.clock import now
from tests.conformance.channel import PaperAdapter


class Scripted(PaperAdapter):
    """Payloads are the events themselves, as JSON."""

    def __init__(self) -> None:
        super().__init__()
        self.answered: list[str] = []

    def normalize(self, account, raw):
        return EVENTS.decode(raw.body)

    async def answer_button(self, ctx, token, text):
        self.answered.append(token)


EVENTS = msgspec.json.Decoder(
    list[MessageIn | MessageEdited | DeliveryChanged | ButtonPressed | TypingIn]
)


class Work:
    """A processor and the account it works for."""

    def __init__(self, office, folder) -> None:
        self.office, self.count = office, 0
        self.blobs = Blobs(folder)
        self.adapter = Scripted()
        self.bus = LocalBus()

        async def adapter_of(_provider):
            return self.adapter

        async def line(_account):
            return self.adapter, None

        self.processor = Processor(
            office.db, self.bus, self.blobs, adapter_of, None, open_line=line
        )

    def event(self, kind, **fields):
        self.count += 1
        account = AccountId(self.office.chat_id)
        thread = ThreadRef(account, "c1")
        fields = {
            name: ExternalRef(thread, value) if name == "ref" else value
            for name, value in fields.items()
        }
        return kind(account=account, dedup_key=str(self.count), at=now(), **fields)

    async def receive(self, kind, **fields) -> None:
        await self.take(self.event(kind, **fields))

    async def take(self, *events) -> None:
        raw = Raw(key=str(self.count), body=msgspec.json.encode(events))
        async with self.office.db.transaction() as tx:
            await journal.take(tx, self.blobs, self.office.chat_id, [raw])
        await self.processor.run_due()

    async def message(self, name: str, text: str) -> None:
        await self.receive(
            MessageIn, ref=name, sender=Address("telegram_user", "7"), parts=(RichText(text=text),)
        )

    async def later(self, wait: timedelta) -> None:
        async with self.office.db.transaction() as tx:
            await tx.execute(
                "UPDATE journal SET received_at = received_at - $1::interval, next_try_at = now()"
                " WHERE state = 'received'",
                wait,
            )
        await self.processor.run_due()

    async def rows(self) -> list[tuple[str, str | None]]:
        rows = await self.office.rows("SELECT state, reason FROM journal ORDER BY id")
        return [(row["state"], row["reason"]) for row in rows]


@pytest.fixture
async def work(office, tmp_path):
    return Work(office, tmp_path)


async def test_an_edit_before_its_message_becomes_its_content(work):
    await work.receive(MessageEdited, ref="1", parts=(RichText(text="nou"),))
    assert await work.rows() == [("received", "waits: stranger")]
    await work.message("1", "vechi")
    await work.later(timedelta(seconds=5))
    assert [state for state, _ in await work.rows()] == ["processed", "processed"]
    assert await work.office.value("SELECT text FROM message") == "nou"


async def test_a_payload_that_is_a_message_and_more_waits_for_the_rest(work):
    ion = Address("telegram_user", "7")
    said = work.event(MessageIn, ref="1", sender=ion, parts=(RichText(text="a"),))
    await work.take(said, work.event(MessageEdited, ref="2", parts=(RichText(text="nou"),)))
    assert await work.rows() == [("received", "waits: stranger")]
    await work.message("2", "vechi")
    await work.later(timedelta(seconds=5))
    assert [state for state, _ in await work.rows()] == ["processed", "processed"]
    texts = await work.office.rows("SELECT text FROM message ORDER BY n")
    assert [row["text"] for row in texts] == ["a", "nou"]


async def test_waiting_is_no_failure_however_often_it_is_looked_at(work):
    await work.receive(MessageEdited, ref="1", parts=(RichText(text="nou"),))
    for _ in range(8):
        await work.later(timedelta(seconds=60))
        assert await work.rows() == [("received", "waits: stranger")]


async def test_what_is_about_nothing_here_is_let_go_of(work):
    await work.receive(DeliveryChanged, ref="unknown", state="delivered")
    await work.later(timedelta(minutes=11))
    assert await work.rows() == [("ignored", "stranger")]


async def test_a_pressed_button_is_answered(work):
    await work.message("1", "a")
    await work.receive(
        ButtonPressed,
        ref="1",
        sender=Address("telegram_user", "7"),
        button="y",
        answer_token="t1",
    )
    assert [state for state, _ in await work.rows()] == ["processed", "processed"]
    assert work.adapter.answered == ["t1"]


async def test_typing_is_told_and_not_kept(work):
    await work.message("1", "a")
    thread = ThreadRef(AccountId(work.office.chat_id), "c1")
    async with work.bus.ephemera() as heard:
        await work.receive(
            TypingIn, thread=thread, sender=Address("telegram_user", "7", display="Ion")
        )
        said = msgspec.json.decode(await anext(heard))
    assert said["now"]["t"] == "client_typing"
    assert said["now"]["name"] == "Ion"
    assert said["audience"]["c"] == 1
    assert (await work.rows())[-1] == ("ignored", "typing")
