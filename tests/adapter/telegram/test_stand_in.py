"""Our Bot API server as python-telegram-bot sees it: a client that nobody here wrote."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    ReactionTypeEmoji,
)
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, RetryAfter

from tests.adapter.telegram.conftest import png
from tests.servers.telegram.hooks import SECRET_HEADER
from tests.servers.telegram.scenarios import too_many
from tests.servers.telegram.world import TOKEN


@asynccontextmanager
async def their_bot(telegram, token=TOKEN):
    bot = Bot(token, base_url=f"{telegram.url}/bot", base_file_url=f"{telegram.url}/file/bot")
    async with bot:
        yield bot


@pytest.fixture
async def bot(telegram):
    async with their_bot(telegram) as made:
        yield made


async def test_a_bot_knows_itself(bot):
    me = await bot.get_me()
    assert (me.id, me.username, me.is_bot) == (4242, "punte_bot", True)


async def test_a_wrong_token_is_refused(telegram):
    with pytest.raises(InvalidToken):
        async with their_bot(telegram, "4242:another"):
            pass


async def test_updates_are_kept_until_they_are_confirmed(telegram, bot):
    ana = telegram.client("Ana")
    ana.writes("unu")
    ana.writes("doi")
    first = await bot.get_updates(timeout=1)
    assert [one.message.text for one in first] == ["unu", "doi"]
    assert [one.update_id for one in await bot.get_updates(timeout=1)] == [
        one.update_id for one in first
    ]
    (second,) = await bot.get_updates(offset=first[0].update_id + 1, timeout=1)
    assert second.message.text == "doi"
    assert second.effective_user.first_name == "Ana"


async def test_a_poll_waits_for_what_comes(telegram, bot):
    ana = telegram.client("Ana")
    poll = asyncio.create_task(bot.get_updates(timeout=10))
    await telegram.until(lambda: telegram.bot.updates.polls)
    ana.writes("în sfârșit")
    (update,) = await poll
    assert update.message.text == "în sfârșit"


async def test_reactions_come_only_when_they_are_asked_for(telegram, bot):
    ana = telegram.client()
    message = ana.writes("bun")
    ana.reacts(message, "👍")
    (first,) = await bot.get_updates(timeout=0, allowed_updates=["message", "message_reaction"])
    assert first.message.text == "bun"
    ana.reacts(message, "❤")
    (update,) = await bot.get_updates(offset=first.update_id + 1, timeout=0)
    assert [one.emoji for one in update.message_reaction.new_reaction] == ["❤"]


async def test_the_second_poller_ends_the_first(telegram, bot):
    first = asyncio.create_task(bot.get_updates(timeout=20))
    await telegram.until(lambda: telegram.bot.updates.polls)
    async with their_bot(telegram) as other:
        assert await other.get_updates(timeout=0) == ()
    with pytest.raises(Conflict, match="other getUpdates"):
        await first


async def test_texts_pictures_and_edits_arrive(telegram, bot):
    ana = telegram.client()
    asked = ana.writes("cât costă?")
    sent = await bot.send_message(ana.id, "100 lei", reply_to_message_id=asked["message_id"])
    assert sent.reply_to_message.text == "cât costă?"
    photo = await bot.send_photo(ana.id, png(), caption="așa arată")
    again = await bot.send_photo(ana.id, photo.photo[-1].file_id)
    assert again.photo[-1].file_unique_id == photo.photo[-1].file_unique_id
    await bot.edit_message_text("90 lei", ana.id, sent.message_id)
    assert ana.chat.said() == ["cât costă?", "90 lei", "așa arată", ""]
    with pytest.raises(BadRequest, match="not modified"):
        await bot.edit_message_text("90 lei", ana.id, sent.message_id)
    await bot.delete_message(ana.id, sent.message_id)
    assert ana.chat.said() == ["cât costă?", "așa arată", ""]


async def test_an_album_is_several_messages(telegram, bot):
    ana = telegram.client()
    media = [InputMediaPhoto(png(), caption="două"), InputMediaPhoto(png(5, 5))]
    sent = await bot.send_media_group(ana.id, media)
    assert len({one.media_group_id for one in sent}) == 1
    assert len({one.message_id for one in sent}) == 2


async def test_files_are_fetched_by_their_path(telegram, bot):
    ana = telegram.client()
    ana.sends_file("document", b"%PDF-1.7", name="act.pdf", mime="application/pdf")
    (update,) = await bot.get_updates(timeout=0)
    file = await bot.get_file(update.message.document.file_id)
    assert bytes(await file.download_as_bytearray()) == b"%PDF-1.7"
    assert update.message.document.file_name == "act.pdf"


async def test_buttons_reactions_and_typing(telegram, bot):
    ana = telegram.client()
    buttons = InlineKeyboardMarkup([[InlineKeyboardButton("Da", callback_data="da")]])
    sent = await bot.send_message(ana.id, "Confirmați?", reply_markup=buttons)
    ana.presses(ana.chat.messages[sent.message_id], "da")
    (update,) = await bot.get_updates(timeout=0)
    assert update.callback_query.data == "da"
    await bot.answer_callback_query(update.callback_query.id, "Mulțumim")
    with pytest.raises(BadRequest, match="too old"):
        await bot.answer_callback_query(update.callback_query.id)
    await bot.set_message_reaction(ana.id, sent.message_id, "👍")
    with pytest.raises(BadRequest, match=r"(?i)reaction_invalid"):
        await bot.set_message_reaction(ana.id, sent.message_id, ReactionTypeEmoji("🍏"))
    await bot.send_chat_action(ana.id, "typing")
    assert ana.chat.actions == ["typing"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [("x" * 4097, "too long"), ("😀" * 2049, "too long"), ("  ", "empty")],
)
async def test_what_breaks_a_limit_is_refused(telegram, bot, text, reason):
    ana = telegram.client()
    with pytest.raises(BadRequest, match=reason):
        await bot.send_message(ana.id, text)
    assert ana.chat.messages == {}


async def test_what_goes_wrong_is_said_as_telegram_says_it(telegram, bot, monkeypatch):
    monkeypatch.setenv("PTB_TIMEDELTA", "1")
    ana = telegram.client()
    telegram.plan(too_many(7), method="sendMessage", chat=ana.id)
    with pytest.raises(RetryAfter) as waiting:
        await bot.send_message(ana.id, "a")
    assert waiting.value.retry_after.total_seconds() == 7
    ana.blocks()
    with pytest.raises(Forbidden, match="blocked"):
        await bot.send_message(ana.id, "a")
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(1, "a")
    data = InlineKeyboardMarkup([[InlineKeyboardButton("x", callback_data="ș" * 33)]])
    with pytest.raises(BadRequest, match=r"(?i)button_data_invalid"):
        await bot.send_message(telegram.client().id, "a", reply_markup=data)


@asynccontextmanager
async def hook(answers):
    """A web server that answers with the statuses given, then 200."""
    taken = []

    async def take(request):
        status, headers = answers.pop(0) if answers else (200, {})
        taken.append((request.headers.get(SECRET_HEADER), await request.json(), status))
        return web.Response(status=status, headers=headers)

    app = web.Application()
    app.router.add_post("/hook", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/hook", taken
    finally:
        await runner.cleanup()


async def test_a_hook_gets_the_secret_and_what_it_refused_comes_again_in_order(telegram, bot):
    ana = telegram.client("Ana")
    async with hook([(503, {"Retry-After": "3"}), (500, {})]) as (url, taken):
        await bot.set_webhook(url, secret_token="s3cret", max_connections=5)
        ana.writes("unu")
        ana.writes("doi")
        await telegram.until(lambda: len(taken) == 4)
        assert [body["message"]["text"] for _, body, _ in taken] == ["unu", "unu", "unu", "doi"]
        assert {secret for secret, _, _ in taken} == {"s3cret"}
        info = await bot.get_webhook_info()
        assert (info.url, info.max_connections) == (url, 5)
        assert "500" in info.last_error_message
        with pytest.raises(Conflict, match="webhook is active"):
            await bot.get_updates()
        await bot.delete_webhook()
        assert await bot.get_updates(timeout=0) == ()
