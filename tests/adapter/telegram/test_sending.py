"""Sending over a socket: what arrives, and what each failure is called."""

import msgspec
import pytest

from channels.telegram.adapter import TelegramAdapter
from channels.telegram.capabilities import capabilities
from channels.telegram.render import render
from inbox.contract import (
    Address,
    Button,
    ExternalRef,
    Fault,
    Media,
    Outbound,
    RichText,
    SendFailed,
    Span,
    Stored,
    ThreadRef,
)
from infra.clock import new_id, now
from tests.adapter.telegram.conftest import png
from tests.servers.context import MemoryContext
from tests.servers.telegram import scenarios
from tests.servers.telegram.people import Client
from tests.servers.telegram.scenarios import Cut, Page, Refuse
from tests.servers.telegram.world import Business, Person


class Hand:
    """A bot that writes to one client."""

    def __init__(self, telegram, client, *, key=None):
        self.telegram = telegram
        self.client = client
        self.adapter = TelegramAdapter()
        self.ctx = MemoryContext(
            {"address": "@punte_bot", "api_base": telegram.url, "allow_private": True},
            bot_token=telegram.bot.token,
        )
        self.thread = ThreadRef(self.ctx.account, key or str(client.chat.id))

    def message(self, *parts, **fields):
        return Outbound(
            id=new_id(),
            thread=self.thread,
            thread_id=new_id(),
            to=Address("telegram_user", str(self.client.id)),
            parts=tuple(RichText(text=one) if isinstance(one, str) else one for one in parts),
            at=now(),
            **fields,
        )

    async def send(self, *parts, **fields):
        """Send a message and return the names of what arrived, call by call."""
        outbound = self.message(*parts, **fields)
        ops = render(outbound, capabilities(self.ctx.config, self.thread)).ops
        receipts = [await self.adapter.send(self.ctx, op) for op in ops]
        return [receipt.external_ids for receipt in receipts]

    def file(self, data, kind="image", mime="image/png", name="a.png"):
        blob = self.ctx.keep_blob(data)
        return Media(kind=kind, source=Stored(blob=blob), mime=mime, size=len(data), filename=name)

    def ref(self, message_id):
        return ExternalRef(self.thread, str(message_id))

    async def fails(self, *parts):
        with pytest.raises(SendFailed) as failed:
            await self.send(*parts or ("Bună",))
        msgspec.json.encode(failed.value.error)
        return failed.value.error


@pytest.fixture
async def hand(telegram):
    made = Hand(telegram, telegram.client("Ana"))
    yield made
    await made.adapter.close()


# ---------------------------------------------------------------- what arrives


async def test_a_formatted_answer_arrives_as_it_was_written(hand):
    asked = hand.client.writes("cât?")
    text = RichText(text="😀 o sută", spans=(Span(2, 8, "bold"),))
    ((name,),) = await hand.send(text, reply_to=hand.ref(asked["message_id"]))
    shown = hand.client.chat.messages[int(name)]
    assert shown["text"] == "😀 o sută"
    assert shown["entities"] == [{"type": "bold", "offset": 3, "length": 6}]
    assert shown["reply_to_message"]["text"] == "cât?"


async def test_an_answer_to_what_is_gone_arrives_all_the_same(hand):
    await hand.send("da", reply_to=hand.ref(999))
    assert hand.client.chat.said() == ["da"]


async def test_a_photo_is_uploaded_once_and_known_from_then_on(hand):
    photo = hand.file(png())
    await hand.send("prima", photo)
    await hand.send("a doua", photo)
    first, second = hand.telegram.done("sendPhoto")
    assert first.files["photo"].data == png()
    assert second.files == {}
    assert hand.client.chat.said() == ["prima", "a doua"]


async def test_a_file_telegram_has_forgotten_is_uploaded_again(hand):
    photo = hand.file(png())
    await hand.send(photo)
    hand.telegram.bot.files.clear()
    error = await hand.fails(photo)
    assert (error.fault, error.code) == (Fault.TRANSIENT, "telegram.file_forgotten")
    await hand.send(photo)
    assert hand.telegram.called("sendPhoto")[-1].files


async def test_every_message_of_an_album_has_its_name(hand):
    names = await hand.send(hand.file(png()), hand.file(png(5, 5)), hand.file(png(6, 6)))
    assert [len(one) for one in names] == [3]
    assert [int(one) for one in names[0]] == list(hand.client.chat.messages)


async def test_a_picture_too_wide_goes_as_a_file_with_all_of_its_album(hand):
    await hand.send("largă", hand.file(png(2100, 100)))
    (shown,) = hand.client.chat.messages.values()
    assert "document" in shown
    assert shown["caption"] == "largă"
    await hand.send(hand.file(png()), hand.file(png(2100, 100)))
    assert all("document" in one for one in hand.client.chat.messages.values())


@pytest.mark.parametrize(
    ("kind", "mime", "method"),
    [
        ("voice", "audio/ogg", "sendVoice"),
        ("audio", "audio/mpeg", "sendAudio"),
        ("video", "video/mp4", "sendVideo"),
        ("video_note", "video/mp4", "sendVideoNote"),
        ("animation", "image/gif", "sendAnimation"),
        ("sticker", "image/webp", "sendSticker"),
        ("file", "application/pdf", "sendDocument"),
    ],
)
async def test_every_kind_of_file_arrives(hand, kind, mime, method):
    await hand.send(hand.file(b"content of some file", kind, mime, "un fișier.bin"))
    (call,) = hand.telegram.done(method)
    (upload,) = call.files.values()
    assert (upload.data, upload.filename) == (b"content of some file", "un fișier.bin")


async def test_a_file_that_is_gone_is_no_call(hand):
    gone = Media(kind="file", source=Stored(blob="00" * 32), mime="a/b", size=1, filename="a")
    error = await hand.fails(gone)
    assert (error.fault, error.code) == (Fault.CONTENT, "telegram.file_missing")
    assert hand.telegram.calls == []


async def test_a_topic_and_a_business_are_written_to(telegram):
    forum = {"id": -100777, "type": "supergroup", "title": "Echipa", "is_forum": True}
    hand = Hand(telegram, Client(telegram.bot, group=forum), key="-100777/t5")
    await hand.send("în temă")
    business = Business("Bz1", Person(500, first_name="Patron"))
    other = Hand(telegram, Client(telegram.bot, business=business))
    other.thread = ThreadRef(other.ctx.account, f"{other.client.chat.id}/bBz1")
    asked = other.client.writes("Bună")
    await other.send("Bună ziua")
    await other.adapter.mark_read(other.ctx, other.ref(asked["message_id"]))
    assert hand.client.chat.messages[1]["message_thread_id"] == 5
    assert other.client.chat.messages[2]["sender_business_bot"]["id"] == telegram.bot.id
    assert telegram.bot.read == [(other.client.chat.id, asked["message_id"])]
    await other.adapter.delete(other.ctx, [other.ref(2)])
    assert 2 in other.client.chat.deleted
    for one in (hand, other):
        await one.adapter.close()


# ---------------------------------------------------------------- what goes wrong


@pytest.mark.parametrize(
    ("scenario", "fault", "code", "done"),
    [
        (scenarios.too_many(7), Fault.THROTTLED, "telegram.throttled", 0),
        (scenarios.BLOCKED, Fault.REFUSED, "telegram.blocked", 0),
        (scenarios.DEACTIVATED, Fault.REFUSED, "telegram.deactivated", 0),
        (scenarios.KICKED, Fault.REFUSED, "telegram.kicked", 0),
        (scenarios.UNAUTHORIZED, Fault.AUTH, "telegram.token_refused", 0),
        (Refuse(404, "Not Found"), Fault.AUTH, "telegram.token_refused", 0),
        (scenarios.BROKEN, Fault.TRANSIENT, "telegram.server_error", 0),
        (scenarios.NO_CHAT, Fault.RECIPIENT, "telegram.no_chat", 0),
        (Refuse(400, "Bad Request: PEER_ID_INVALID"), Fault.RECIPIENT, "telegram.no_chat", 0),
        (scenarios.TOO_LATE, Fault.WINDOW, "telegram.business_window", 0),
        (Refuse(400, "Bad Request: message is too long"), Fault.CONTENT, "telegram.too_long", 0),
        (
            Refuse(400, "Bad Request: can't parse entities: x"),
            Fault.CONTENT,
            "telegram.formatting",
            0,
        ),
        (Refuse(400, "Bad Request: PHOTO_INVALID_DIMENSIONS"), Fault.CONTENT, "telegram.file", 0),
        (Refuse(413, "Request Entity Too Large"), Fault.CONTENT, "telegram.file_too_big", 0),
        (Refuse(400, "Bad Request: BALANCE_TOO_LOW"), Fault.FUNDS, "telegram.stars", 0),
        (scenarios.STRANGE, Fault.BUG, "telegram.refused", 0),
        (Page(502), Fault.UNKNOWN, "telegram.no_answer", 0),
        (Cut("before_read"), Fault.UNKNOWN, "telegram.no_answer", 0),
        (Cut("not_done"), Fault.UNKNOWN, "telegram.no_answer", 0),
        (Cut("after_read"), Fault.UNKNOWN, "telegram.no_answer", 1),
    ],
)
async def test_a_failure_is_named_for_what_may_be_done(hand, scenario, fault, code, done):
    hand.telegram.plan(scenario)
    error = await hand.fails()
    assert (error.fault, error.code) == (fault, code)
    assert len(hand.client.chat.messages) == done
    assert len(hand.telegram.calls) == 1  # nothing is tried twice by itself
    if fault is Fault.THROTTLED:
        assert (error.retry_after, error.scope) == (7.0, f"chat:{hand.client.id}")


async def test_a_server_that_is_not_there_was_not_told_anything(hand):
    hand.ctx.config = {**hand.ctx.config, "api_base": "http://127.0.0.1:1"}
    error = await hand.fails()
    assert (error.fault, error.code) == (Fault.TRANSIENT, "host.refused")


async def test_a_group_that_moved_says_where_to(hand):
    hand.telegram.plan(scenarios.migrated(-100999))
    error = await hand.fails()
    assert error.fault is Fault.MOVED
    assert error.moved_to == ThreadRef(hand.ctx.account, "-100999", group=True)


async def test_no_failure_holds_the_token(hand):
    for scenario in (Page(502), Cut("before_read"), scenarios.UNAUTHORIZED):
        hand.telegram.plan(scenario)
        error = await hand.fails()
        assert hand.ctx.secret("bot_token") not in repr(error)


# ---------------------------------------------------------------- changing what was sent


async def test_a_text_is_edited_and_the_same_text_is_no_trouble(hand):
    ((name,),) = await hand.send("100 lei")
    for _ in "12":
        receipt = await hand.adapter.edit(hand.ctx, hand.ref(name), hand.message("90 lei"))
    assert receipt.external_ids == (name,)
    assert hand.client.chat.said() == ["90 lei"]


async def test_a_caption_and_a_file_are_edited(hand):
    photo, other = hand.file(png()), hand.file(png(9, 9))
    ((name,),) = await hand.send("veche", photo)
    await hand.adapter.edit(hand.ctx, hand.ref(name), hand.message("nouă", photo))
    assert hand.client.chat.said() == ["nouă"]
    assert hand.telegram.called("editMessageMedia") == []
    await hand.adapter.edit(hand.ctx, hand.ref(name), hand.message("alta", other))
    (call,) = hand.telegram.done("editMessageMedia")
    assert next(iter(call.files.values())).data == png(9, 9)
    assert hand.client.chat.said() == ["alta"]


async def test_a_caption_is_edited_also_when_nobody_remembers_the_file(hand):
    ((name,),) = await hand.send("veche", hand.file(png()))
    await hand.adapter.edit(hand.ctx, hand.ref(name), hand.message("nouă"))
    assert hand.client.chat.said() == ["nouă"]


async def test_an_edit_that_does_not_fit_is_refused(hand):
    ((name,),) = await hand.send("scurt")
    with pytest.raises(SendFailed) as failed:
        await hand.adapter.edit(hand.ctx, hand.ref(name), hand.message("x" * 5000))
    assert failed.value.error.code == "telegram.too_long"
    assert hand.client.chat.said() == ["scurt"]


async def test_messages_are_taken_back_for_two_days(hand):
    names = [(await hand.send(text))[0][0] for text in ("a", "b", "c")]
    await hand.adapter.delete(hand.ctx, [hand.ref(one) for one in names[:2]])
    await hand.adapter.delete(hand.ctx, [hand.ref(names[0])])  # gone already
    assert hand.client.chat.said() == ["c"]
    hand.client.chat.messages[int(names[2])]["date"] -= 49 * 3600
    with pytest.raises(SendFailed) as failed:
        await hand.adapter.delete(hand.ctx, [hand.ref(names[2])])
    error = failed.value.error
    assert (error.fault, error.code) == (Fault.WINDOW, "telegram.too_old")


async def test_a_reaction_is_set_and_cleared(hand):
    asked = hand.client.writes("mulțumesc")
    ref = hand.ref(asked["message_id"])
    await hand.adapter.react(hand.ctx, ref, ["❤️"])  # with the variant of a keyboard
    assert hand.client.chat.reactions[asked["message_id"]][0]["emoji"] == "❤"
    await hand.adapter.react(hand.ctx, ref, [])
    assert hand.client.chat.reactions[asked["message_id"]] == []
    with pytest.raises(SendFailed) as failed:
        await hand.adapter.react(hand.ctx, ref, ["🍏"])
    assert failed.value.error.code == "telegram.reaction"


async def test_typing_is_shown_and_ends_by_itself(hand):
    await hand.adapter.typing(hand.ctx, hand.thread, on=True)
    await hand.adapter.typing(hand.ctx, hand.thread, on=False)
    assert hand.client.chat.actions == ["typing"]


async def test_a_pressed_button_is_answered_and_late_is_no_trouble(hand):
    ((name,),) = await hand.send("Confirmați?", buttons=((Button("da", "Da"),),))
    query = hand.client.presses(hand.client.chat.messages[int(name)], "da")
    await hand.adapter.answer_button(hand.ctx, query, "Mulțumim")
    assert hand.telegram.bot.queries[query]["text"] == "Mulțumim"
    await hand.adapter.answer_button(hand.ctx, query, None)
    await hand.adapter.answer_button(hand.ctx, "stranger", None)
