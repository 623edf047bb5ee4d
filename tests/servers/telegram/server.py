"""The server: takes calls over HTTP, checks them, carries them out, and does what is planned."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from tests.servers.telegram import changing, limits, sending
from tests.servers.telegram.hooks import Hook
from tests.servers.telegram.people import Client
from tests.servers.telegram.request import ApiError, Sent, bad, read_request
from tests.servers.telegram.scenarios import Call, Cut, Page, Planned, Refuse, Scenario, Slow
from tests.servers.telegram.schema import bot_api, fields_problem
from tests.servers.telegram.updates import HOOK_SET, HOOKED
from tests.servers.telegram.world import Bot


Method = Callable[[Bot, Sent], Any | Awaitable[Any]]

MEDIA = {
    "sendPhoto": "photo",
    "sendVideo": "video",
    "sendAudio": "audio",
    "sendVoice": "voice",
    "sendVideoNote": "video_note",
    "sendAnimation": "animation",
    "sendDocument": "document",
    "sendSticker": "sticker",
}
BIGGEST_BODY = 2100 << 20


class TelegramServer:
    """The stand-in.

    Attributes:
        bots: Bots by token.
        calls: Every call but those to ``getUpdates``, in the order they came.
        is_local: It is a "local Bot API server": bigger files.
        hurry: What pauses between pushes to a hook are multiplied with.
    """

    def __init__(self, *, is_local: bool = False) -> None:
        self.url = ""
        self.is_local = is_local
        self.hurry = 0.02
        self.bots: dict[str, Bot] = {}
        self.bot = self.add_bot(Bot())
        self.calls: list[Call] = []
        self._planned: list[Planned] = []
        self._changed = asyncio.Condition()
        self._methods = self._table()

    # ------------------------------------------------------------ for tests

    def add_bot(self, bot: Bot) -> Bot:
        """Let there be another bot."""
        self.bots[bot.token] = bot
        return bot

    def client(self, first_name: str = "Ion", **about: Any) -> Client:
        """Return somebody who has started the bot."""
        return Client(self.bot, first_name=first_name, **about)

    def plan(
        self,
        scenario: Scenario,
        *,
        method: str | None = None,
        chat: int | None = None,
        times: int = 1,
    ) -> None:
        """Let something go wrong with the next calls of a method, in a chat."""
        self._planned.append(Planned(scenario, method, chat, times))

    def mend(self) -> None:
        """Forget what was planned."""
        self._planned.clear()

    def called(self, method: str) -> list[Call]:
        """Return the calls of a method."""
        return [call for call in self.calls if call.method == method]

    def done(self, method: str) -> list[Call]:
        """Return the calls of a method that were carried out."""
        return [call for call in self.called(method) if call.done]

    async def until(self, holds: Callable[[], Any], *, within: float = 20.0) -> None:
        """Wait until something holds; looked at after every call."""
        async with asyncio.timeout(within), self._changed:
            while not holds():
                try:
                    async with asyncio.timeout(0.05):
                        await self._changed.wait()
                except TimeoutError:
                    continue

    # ------------------------------------------------------------ HTTP

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer a call."""
        method = self._name(request.match_info["method"])
        call = Call(method)
        if method != "getUpdates":
            self.calls.append(call)
        try:
            return await self._answer(request, call)
        finally:
            async with self._changed:
                self._changed.notify_all()

    async def _answer(self, request: web.Request, call: Call) -> web.StreamResponse:
        scenario = self._next(call.method, {}) if self._is_unread(call.method) else None
        if isinstance(scenario, Cut) and scenario.when == "before_read":
            return self._cut(request)
        try:
            bot = self._bot(request)
            sent = await self._read(request, call)
            scenario = scenario or self._next(call.method, sent.params)
            if scenario is not None:
                return await self._misbehave(request, bot, sent, call, scenario)
            return answered(call, await self._do(bot, sent, call))
        except ApiError as error:
            return refused(call, error)

    async def _misbehave(
        self, request: web.Request, bot: Bot, sent: Sent, call: Call, scenario: Scenario
    ) -> web.StreamResponse:
        match scenario:
            case Refuse(code, description, parameters):
                raise ApiError(code, description, **parameters)
            case Page(status, body):
                call.status = status
                return web.Response(status=status, text=body, content_type="text/html")
            case Slow(seconds):
                result = await self._do(bot, sent, call)
                await asyncio.sleep(seconds)
                return answered(call, result)
            case Cut(when):
                if when == "after_read":
                    await self._do(bot, sent, call)
                return self._cut(request)

    @staticmethod
    def _cut(request: web.Request) -> web.StreamResponse:
        if request.transport is not None:
            request.transport.abort()
        return web.Response()

    async def _read(self, request: web.Request, call: Call) -> Sent:
        fields = bot_api().methods.get(call.method)
        if fields is None:
            await request.read()
            raise ApiError(404, "Not Found: method not found")
        sent = await read_request(request, fields)
        call.params, call.files = sent.params, sent.files
        given = dict(sent.params)
        for name in sent.files.keys() & fields.keys():
            given.setdefault(name, f"attach://{name}")
        if wrong := fields_problem(bot_api(), fields, given, ""):
            raise bad(wrong)
        return sent

    async def _do(self, bot: Bot, sent: Sent, call: Call) -> Any:
        result = self._methods[call.method](bot, sent)
        if asyncio.iscoroutine(result):
            result = await result
        call.done, call.result = True, result
        return result

    async def download(self, request: web.Request) -> web.StreamResponse:
        """Answer with a file."""
        found = self._bot(request).file_at(request.match_info["path"])
        if found is None:
            return web.json_response(
                {"ok": False, "error_code": 404, "description": "Not Found"}, status=404
            )
        return web.Response(body=found.data, content_type="application/octet-stream")

    def _bot(self, request: web.Request) -> Bot:
        bot = self.bots.get(request.match_info["token"])
        if bot is None:
            raise ApiError(401, "Unauthorized")
        return bot

    def _name(self, text: str) -> str:
        names = {name.lower(): name for name in bot_api().methods}
        return names.get(text.lower(), text)

    def _is_unread(self, method: str) -> bool:
        """Tell whether the body of the next call is not to be looked at."""
        return any(
            isinstance(one.scenario, Cut)
            and one.scenario.when == "before_read"
            and one.is_for(method, {"chat_id": one.chat})
            for one in self._planned
        )

    def _next(self, method: str, params: dict[str, Any]) -> Scenario | None:
        for one in self._planned:
            if one.is_for(method, params):
                one.times -= 1
                return one.scenario
        return None

    # ------------------------------------------------------------ methods

    def _table(self) -> dict[str, Method]:
        most = limits.LOCAL_UPLOAD if self.is_local else limits.UPLOAD

        def media(kind: str) -> Method:
            return lambda bot, sent: sending.send_media(bot, sent, kind, most=most)

        return {
            **{name: media(kind) for name, kind in MEDIA.items()},
            "getMe": lambda bot, _: bot.me(),
            "getUpdates": self._poll,
            "setWebhook": self._set_hook,
            "deleteWebhook": self._delete_hook,
            "getWebhookInfo": self._hook_info,
            "logOut": lambda *_: True,
            "close": lambda *_: True,
            "sendMessage": sending.send_message,
            "sendMediaGroup": lambda bot, sent: sending.send_media_group(bot, sent, most=most),
            "sendLocation": sending.send_place,
            "sendVenue": sending.send_place,
            "sendContact": sending.send_contact,
            "editMessageText": changing.edit_text,
            "editMessageCaption": changing.edit_caption,
            "editMessageMedia": lambda bot, sent: changing.edit_media(bot, sent, most=most),
            "editMessageReplyMarkup": changing.edit_markup,
            "deleteMessage": lambda b, s: changing.delete(b, s, [s.params["message_id"]]),
            "deleteMessages": lambda b, s: changing.delete(b, s, s.params["message_ids"]),
            "deleteBusinessMessages": changing.delete_business,
            "readBusinessMessage": changing.read,
            "getBusinessConnection": lambda b, s: b.business(
                s.params["business_connection_id"]
            ).as_connection(),
            "setMessageReaction": changing.react,
            "sendChatAction": changing.act,
            "answerCallbackQuery": changing.answer,
            "getFile": self._file,
            "getChat": lambda b, s: (
                {"accent_color_id": 0, "max_reaction_count": 11}
                | {"accepted_gift_types": {}}
                | b.chat(s.params["chat_id"]).info
            ),
            "setMyCommands": lambda *_: True,
            "getMyCommands": lambda *_: [],
        }

    def _file(self, bot: Bot, sent: Sent) -> dict[str, Any]:
        most = limits.LOCAL_UPLOAD if self.is_local else limits.DOWNLOAD
        found = bot.downloadable(sent.params["file_id"], most=most)
        keys = ("file_id", "file_unique_id", "file_size")
        return {key: found.info[key] for key in keys} | {"file_path": found.path}

    async def _poll(self, bot: Bot, sent: Sent) -> list[Any]:
        if bot.hook is not None:
            raise HOOKED
        bot.updates.choose(sent.params.get("allowed_updates"))
        return await bot.updates.poll(
            offset=sent.params.get("offset", 0),
            limit=sent.params.get("limit", 100),
            seconds=sent.params.get("timeout", 0),
        )

    async def _set_hook(self, bot: Bot, sent: Sent) -> bool:
        url = sent.params["url"]
        if not url:
            return await self._delete_hook(bot, sent)
        if not url.startswith(("http://127.0.0.1", "http://localhost", "https://")):
            raise bad("bad webhook: An HTTPS URL must be provided for webhook")
        await self._delete_hook(bot, sent)
        bot.updates.end_poll(HOOK_SET)
        bot.updates.choose(sent.params.get("allowed_updates"))
        bot.hook = Hook(
            bot.updates,
            url,
            secret=sent.params.get("secret_token", ""),
            max_connections=sent.params.get("max_connections", 40),
            hurry=self.hurry,
        )
        return True

    async def _delete_hook(self, bot: Bot, sent: Sent) -> bool:
        if bot.hook is not None:
            await bot.hook.close()
            bot.hook = None
        if sent.params.get("drop_pending_updates"):
            bot.updates.waiting.clear()
        return True

    def _hook_info(self, bot: Bot, _sent: Sent) -> dict[str, Any]:
        hook = bot.hook
        info: dict[str, Any] = {
            "url": hook.url if hook else "",
            "has_custom_certificate": False,
            "pending_update_count": len(bot.updates.waiting),
        }
        if hook is not None:
            info |= {"max_connections": hook.max_connections, "ip_address": "127.0.0.1"}
        if hook is not None and hook.last_error:
            info |= {
                "last_error_date": hook.last_error_at,
                "last_error_message": hook.last_error,
            }
        if bot.updates.allowed is not None:
            info["allowed_updates"] = sorted(bot.updates.allowed)
        return info

    async def close(self) -> None:
        """Stop pushing to hooks and end polls."""
        for bot in self.bots.values():
            if bot.hook is not None:
                await bot.hook.close()


def answered(call: Call, result: Any) -> web.Response:
    """Return the answer with a result."""
    call.status = 200
    return web.json_response({"ok": True, "result": result})


def refused(call: Call, error: ApiError) -> web.Response:
    """Return the answer with an error."""
    call.status, call.error = error.code, error.description
    body: dict[str, Any] = {
        "ok": False,
        "error_code": error.code,
        "description": error.description,
    }
    if error.parameters:
        body["parameters"] = error.parameters
    return web.json_response(body, status=error.code, dumps=json.dumps)


@asynccontextmanager
async def telegram_server(
    *, is_local: bool = False, port: int = 0
) -> AsyncIterator[TelegramServer]:
    """Run the stand-in on a port of the loopback."""
    server = TelegramServer(is_local=is_local)
    app = web.Application(client_max_size=BIGGEST_BODY)
    app.router.add_route("*", "/bot{token}/{method}", server.handle)
    app.router.add_get("/file/bot{token}/{path:.+}", server.download)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield server
    finally:
        await server.close()
        await runner.cleanup()
