"""Texts by HTTP: a hub in a process of its own behind a real Kannel, from text to delivered."""

import asyncio
import re
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest

from infra.clock import new_id
from tests.servers.hub import HubProcess
from tests.servers.kannel import PASSWORD, USER, kannel
from tests.servers.smsc import smsc


pytestmark = [pytest.mark.journey, pytest.mark.slow, pytest.mark.timeout(240)]

CLIENT, OURS = "+40721000001", "+40721999999"
MO = "from=%p&to=%P&text=%b&charset=%C&id=%I&ts=%T"


class Agent:
    """The first owner of a hub, by its API."""

    def __init__(self, hub: HubProcess, http: aiohttp.ClientSession) -> None:
        self.hub, self.http = hub, http

    async def ask(self, method, path, body=None, *, key=""):
        origin = f"http://127.0.0.1:{self.hub.port}"
        headers = {"Origin": origin} | ({"Idempotency-Key": key} if key else {})
        async with self.http.request(method, origin + path, json=body, headers=headers) as answer:
            said = await answer.json() if answer.content_type.endswith("json") else None
            assert answer.status < 400, (path, answer.status, said)
            return said

    async def enter(self):
        async with asyncio.timeout(30):
            while not (found := re.search(r"/setup#token=([\w-]+)", self.hub.log.read_text())):  # noqa: ASYNC110 - a file announces nothing
                await asyncio.sleep(0.1)
        owner = {"token": found[1], "name": "Ana", "login": "ana", "password": "o parola lunga 7"}
        await self.ask("POST", "/api/setup", owner | {"locale": "ro"})

    async def until(self, path, holds, within=30.0):
        async with asyncio.timeout(within):
            while not holds(said := await self.ask("GET", path)):  # noqa: ASYNC110 - over HTTP
                await asyncio.sleep(0.2)
        return said


@pytest.fixture
async def agent():
    with tempfile.TemporaryDirectory(prefix="hub", ignore_cleanup_errors=True) as data:
        hub = HubProcess(Path(data), "")
        hub.environment["PUNTE_PUBLIC_URL"] = f"http://127.0.0.1:{hub.port}"
        jar = aiohttp.CookieJar(unsafe=True)  # cookies of an address
        async with hub, aiohttp.ClientSession(cookie_jar=jar) as http:
            made = Agent(hub, http)
            await made.enter()
            yield made


async def test_a_text_is_answered_over_kannel_and_delivered(agent, tmp_path):
    config = {
        "address": OURS,
        "region": "RO",
        "base_url": "http://127.0.0.1:1",
        "user": USER,
        "allow_private": True,
    }
    secrets = {"password": PASSWORD, "hook_secret": "h00k-of-kannel"}
    new = {"provider": "sms.kannel", "name": "SMS", "config": config, "secrets": secrets}
    account = await agent.ask("POST", "/api/accounts", new)
    hook = (await agent.ask("GET", f"/api/accounts/{account['id']}/hook"))["url"]
    assert urlsplit(hook).path.startswith("/hook/")
    async with smsc() as centre:
        mo_url = f"{hook}/mo?k=h00k-of-kannel&{MO}"
        async with kannel(centre.port, tmp_path, mo_url=mo_url) as gateway:
            config["base_url"] = f"http://127.0.0.1:{gateway.port}"
            await agent.ask("PATCH", f"/api/accounts/{account['id']}", {"config": config})
            await centre.bound()
            await centre.behave(receipts="delivered")
            text = "Bună, cât costă?"
            message = {"source_addr": CLIENT[1:], "source_addr_ton": 1, "source_addr_npi": 1}
            message |= {"destination_addr": OURS[1:], "dest_addr_ton": 1, "data_coding": 8}
            await centre.deliver({**message, "hex": text.encode("utf-16-be").hex()})
            found = await agent.until("/api/conversations?view=all", lambda said: said["items"])
            case = found["items"][0]["id"]
            page = f"/api/conversations/{case}/messages"
            shown = await agent.ask("GET", page)
            assert [one["text"] for one in shown["messages"]] == [text]
            answer = {"kind": "reply", "text": "12 400 de lei, cu montaj.", "base_seq": 99}
            await agent.ask("POST", page, answer, key=str(new_id()))

            def delivered(said):
                copies = [d for one in said["messages"] for d in one["deliveries"]]
                return copies and {one["state"] for one in copies} == {"delivered"}

            await agent.until(page, delivered)
            (taken,) = await centre.taken()
            assert (taken["from"], taken["to"], taken["text"]) == (
                OURS[1:],
                CLIENT[1:],
                "12 400 de lei, cu montaj.",
            )
    said = agent.hub.log.read_text()
    assert PASSWORD not in said
    assert "h00k-of-kannel" not in said
    assert urlsplit(hook).path.rpartition("/")[2] not in said
