"""The adapter before npm's telegram-test-api: a Bot API server that nobody here wrote.

It knows text and buttons only (https://github.com/jehy/telegram-test-api).
"""

import asyncio
from contextlib import asynccontextmanager

import aiohttp
import msgspec
import pytest
from aiohttp import web

from inbox.contract import Button, ButtonPressed, MessageIn, Raw, RichText, Span
from tests.adapter.telegram.test_sending import Hand
from tests.servers.peers import node, node_module
from tests.servers.ports import free_port, listening
from tests.servers.telegram.people import Client
from tests.servers.telegram.world import Bot


SCRIPT = """
const TelegramServer = require(process.argv[1]);
const server = new TelegramServer({ host: '127.0.0.1', port: Number(process.argv[2]) });
server.start();
"""
ION = 701


class Peer:
    """The server, seen as the stand-in is."""

    def __init__(self, port):
        self.url = f"http://127.0.0.1:{port}"
        self.bot = Bot()

    async def post(self, path, **body):
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{self.url}/{path}", json=body) as answer,
        ):
            return await answer.json()

    async def client(self, path="sendMessage", **fields):
        """Let the client do something."""
        person = {"id": ION, "first_name": "Ion", "is_bot": False}
        chat = {"id": ION, "first_name": "Ion", "type": "private"}
        sent = {"botToken": self.bot.token, "from": person, "chat": chat, "date": 1795500000}
        await self.post(path, **sent, **fields)

    async def said(self):
        """Return what the bot has in the chat."""
        history = (await self.post("getUpdatesHistory", token=self.bot.token))["result"]
        return [one["message"] for one in history if "chat_id" in one.get("message", {})]


@asynccontextmanager
async def peer():
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        node(), "-e", SCRIPT, str(node_module("telegram-test-api")), str(port)
    )
    try:
        await listening(port)
        yield Peer(port)
    finally:
        process.kill()
        await process.wait()


@pytest.fixture
async def hand():
    async with peer() as server:
        client = Client(server.bot)
        made = Hand(server, client, key=str(ION))
        yield made
        await made.adapter.close()


async def received(hand):
    """Return what the updates mean that the server has for us."""
    updates = await hand.adapter._wire.call(hand.ctx, "getUpdates", {"timeout": 0})
    raws = [Raw(key=str(one["update_id"]), body=msgspec.json.encode(one)) for one in updates]
    return [event for raw in raws for event in hand.adapter.normalize(hand.ctx.account, raw)]


async def test_a_text_comes_in(hand):
    await hand.telegram.client(text="Bună ziua 😀")
    (event,) = await received(hand)
    assert isinstance(event, MessageIn)
    assert event.parts[0].text == "Bună ziua 😀"
    assert (event.sender.value, event.ref.thread.key) == (str(ION), str(ION))


async def test_a_text_goes_out_is_edited_and_taken_back(hand):
    text = RichText(text="100 lei", spans=(Span(0, 3, "bold"),))
    ((name,),) = await hand.send(text, buttons=((Button("da", "Da"),),))
    (shown,) = await hand.telegram.said()
    assert shown["text"] == "100 lei"
    assert shown["reply_markup"]["inline_keyboard"] == [[{"text": "Da", "callback_data": "da"}]]
    await hand.adapter.edit(hand.ctx, hand.ref(name), hand.message("90 lei"))
    assert [one["text"] for one in await hand.telegram.said()] == ["90 lei"]
    await hand.adapter.delete(hand.ctx, [hand.ref(name)])
    assert await hand.telegram.said() == []


async def test_a_pressed_button_comes_in_and_is_answered(hand):
    ((name,),) = await hand.send("Confirmați?", buttons=((Button("da", "Da"),),))
    chat = {"id": ION, "first_name": "Ion", "type": "private"}
    asked = {"message_id": int(name), "chat": chat, "date": 1795500000, "text": "Confirmați?"}
    await hand.telegram.client("sendCallback", data="da", message=asked)
    (event,) = [one for one in await received(hand) if isinstance(one, ButtonPressed)]
    assert event.button == "da"
    await hand.adapter.answer_button(hand.ctx, event.answer_token, "Mulțumim")


async def test_a_text_is_pushed_to_a_hook(hand):
    taken = []

    async def take(request):
        taken.append(await request.read())
        return web.Response()

    app = web.Application()
    app.router.add_post("/hook", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        await hand.adapter._wire.call(hand.ctx, "setWebhook", {"url": url})
        await hand.telegram.client(text="prin cârlig")
        async with asyncio.timeout(10):
            while not taken:  # noqa: ASYNC110 - the peer announces nothing
                await asyncio.sleep(0.02)
        (event,) = hand.adapter.normalize(hand.ctx.account, Raw(key="1", body=taken[0]))
        assert event.parts[0].text == "prin cârlig"
    finally:
        await runner.cleanup()
