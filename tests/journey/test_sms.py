"""Texts by SMPP: a client's phone company on one side, an agent's browser on the other.

The phone company is Kannel, the operator's centre is the npm package ``smpp``; neither knows us.
"""

import asyncio
import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from channels.sms.gsm import count
from tests.journey.browser import Film, chromium, new_page
from tests.journey.test_main_job import become_owner, setup_link
from tests.servers.hub import HubProcess
from tests.servers.kannel import Kannel, kannel
from tests.servers.smsc import Smsc, smsc


pytestmark = [pytest.mark.journey, pytest.mark.slow, pytest.mark.timeout(420)]

CLIENT, OURS = "+40721000001", "+40721999999"
QUESTION = "Buna ziua, cat costa bucataria Vera?"
ANSWER = (
    "Bună ziua! Bucătăria „Vera” costă 12 400 de lei, cu montaj și transport. "
    "Vă așteptăm la magazin, sâmbătă între 10 și 16, ca să alegeți fronturile. "
    "Mulțumim că ne-ați scris!"
)

FETCH = """async ([method, path, body, key]) => {
  const answer = await fetch(path, {method, body: body && JSON.stringify(body),
    headers: {'Content-Type': 'application/json', ...(key ? {'Idempotency-Key': key} : {})}});
  const text = await answer.text();
  return {status: answer.status, body: text ? JSON.parse(text) : null};
}"""


@contextmanager
def open_folder(prefix: str) -> Iterator[Path]:
    """Make a folder with a short path."""
    with tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True) as name:
        yield Path(name)


@pytest.fixture
async def centre():
    async with smsc() as running:
        yield running


@pytest.fixture
async def phone(centre):
    """The client's phone company, bound to the same centre."""
    with open_folder("kannel") as base:
        async with kannel(centre.port, base) as gateway:
            await centre.bound(1)
            await centre.route({OURS: "punte", OURS[1:]: "punte"})
            yield gateway


@pytest.fixture
async def hub():
    with open_folder("hub") as data:
        async with HubProcess(data, "") as process:
            yield process


@pytest.fixture
async def page(hub, centre, phone):
    """An owner's tab, on a hub whose SMPP account is bound."""
    async with chromium() as browser:
        opened = await new_page(browser)
        await become_owner(opened, await setup_link(hub))
        await connect(opened, centre)
        await centre.bound(2)
        await opened.goto(f"http://127.0.0.1:{hub.port}/inbox/unassigned")
        yield opened


async def api(page: Page, method: str, path: str, body: object = None, key: str = "") -> Any:
    """Ask the hub as the page does."""
    return await page.evaluate(FETCH, [method, path, body, key])


async def connect(page: Page, centre: Smsc) -> None:
    """Connect the account, with the provider's data."""
    config = {
        "host": "127.0.0.1",
        "port": centre.port,
        "system_id": "punte",
        "address": OURS,
        "allow_private": True,
        "optout_reply": "Nu va mai scriem.",
    }
    account = {
        "provider": "sms.smpp",
        "name": "SMS",
        "config": config,
        "secrets": {"password": "pw"},
    }
    made = await api(page, "POST", "/api/accounts", account)
    assert made["status"] == 201, made


async def open_case(page: Page, phone: Kannel, text: str = QUESTION) -> None:
    """Let the client write, and open what came."""
    assert await phone.send(CLIENT, OURS, text) == 202
    row = page.get_by_role("option").filter(has_text="721")
    await expect(row).to_be_visible()
    await row.click()
    await expect(page.get_by_role("log").get_by_text(text)).to_be_visible()


async def answer(page: Page, text: str) -> None:
    """Type an answer and send it."""
    await page.get_by_placeholder("Write a reply").fill(text)
    await expect(page.get_by_role("button", name="Send", exact=True)).to_be_enabled()
    await page.keyboard.press("Control+Enter")


async def case_of(page: Page) -> str:
    """Return the id of the only conversation."""
    found = await api(page, "GET", "/api/conversations?view=all")
    return str(found["body"]["items"][0]["id"])


async def until_states(page: Page, wanted: set[str], within: float = 30.0) -> None:
    """Wait until the copies of the newest answer are in these states."""
    case = await case_of(page)
    async with asyncio.timeout(within):
        while True:
            shown = await api(page, "GET", f"/api/conversations/{case}/messages")
            said = [one for one in shown["body"]["messages"] if one["kind"] == "outbound"]
            if said and {one["state"] for one in said[-1]["deliveries"]} == wanted:
                return
            await asyncio.sleep(0.2)


async def test_a_text_comes_in_live_and_a_long_answer_is_delivered(page, centre, phone):
    film = Film("sms")
    await open_case(page, phone)
    await film.take(page, "text-arrived")
    await centre.behave(receipts="delivered")
    await answer(page, ANSWER)
    await expect(page.get_by_text("Delivered").first).to_be_visible()
    await film.take(page, "answer-delivered")
    taken = [one for one in await centre.taken() if one["from"] == OURS[1:]]
    assert "".join(one["text"] for one in taken) == ANSWER
    assert len(taken) == count(ANSWER).parts == 3
    assert {one["to"] for one in taken} == {CLIENT[1:]}


async def test_a_refused_text_is_shown_and_tried_again(page, centre, phone):
    await open_case(page, phone)
    await centre.behave(submit="refuse", status=0x01)
    await answer(page, "Costa 12 400 lei.")
    await expect(page.get_by_text("Not delivered").first).to_be_visible()
    await centre.behave()
    await page.get_by_role("button", name="Try again").first.click()
    await until_states(page, {"sent"})
    assert [one["text"] for one in await ours(centre)] == ["Costa 12 400 lei."]


async def test_what_nobody_knows_is_said_and_never_sent_again_by_itself(page, centre, phone):
    await open_case(page, phone)
    await centre.behave(submit="take_and_drop", times=1)
    await answer(page, "Costa 12 400 lei.")
    await expect(page.get_by_text("It is not known whether this was sent")).to_be_visible()
    await centre.bound(2)
    await asyncio.sleep(3)
    assert len(await ours(centre)) == 1


async def test_stop_is_honoured(page, centre, phone):
    await open_case(page, phone)
    assert await phone.send(CLIENT, OURS, "STOP") == 202
    await expect(page.get_by_text("does not want messages").first).to_be_visible()
    await centre.until(lambda state: bool(texts_of(state)))
    case = await case_of(page)
    said = {"kind": "reply", "text": "Totusi...", "base_seq": 99}
    key = "0198f000-0000-7000-8000-000000000001"
    refused = await api(page, "POST", f"/api/conversations/{case}/messages", said, key)
    assert refused["body"]["code"] == "recipient.unreachable"
    await asyncio.sleep(2)
    assert [one["text"] for one in await ours(centre)] == ["Nu va mai scriem."]


async def test_a_hub_that_is_killed_takes_each_text_in_once(page, hub, centre, phone):
    words = [f"Intrebarea {n}" for n in range(12)]
    for number, text in enumerate(words):
        assert await phone.send(f"+4072100{number:04}", OURS, text) == 202
        if number % 4 == 3:
            await hub.kill()  # in the middle of whatever it does with them
            await hub.start()
    seen: Counter[str] = Counter()
    async with asyncio.timeout(90):
        while set(words) - set(seen):
            await asyncio.sleep(1)
            seen = await stored(page)
    await asyncio.sleep(2)
    assert await stored(page) == Counter(words)


async def test_a_hub_killed_between_two_parts_sends_none_twice(page, hub, centre, phone):
    await open_case(page, phone)
    await centre.behave(submit="silent", after=1)
    await answer(page, ANSWER)
    await centre.until(lambda state: len(texts_of(state)) == 1)
    await asyncio.sleep(1)  # the second part is on its way, and nobody will answer
    await hub.kill()
    await centre.behave()
    await hub.start()
    await page.reload()
    await expect(page.get_by_text("It is not known whether this was sent")).to_be_visible(
        timeout=120_000
    )
    assert len(await ours(centre)) == 1
    await page.get_by_role("button", name=re.compile("Send once more|Try again")).first.click()
    await until_states(page, {"sent"}, within=60)
    assert [one["text"] for one in await ours(centre)] == [
        one["text"] for one in sorted(await ours(centre), key=place_of)
    ]
    assert "".join(one["text"] for one in await ours(centre)) == ANSWER


def place_of(taken: dict[str, Any]) -> int:
    """Return which part a packet was."""
    return bytes.fromhex(taken["hex"])[5]


def texts_of(state: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what the centre took from us."""
    return [one for one in state["taken"] if one["from"] == OURS[1:]]


async def ours(centre: Smsc) -> list[dict[str, Any]]:
    """Return what the centre took from us, in order."""
    return texts_of(await centre.state())


async def stored(page: Page) -> Counter[str]:
    """Count the texts that came in, by what they say."""
    found = await api(page, "GET", "/api/conversations?view=all&limit=100")
    seen: Counter[str] = Counter()
    for item in found["body"]["items"]:
        shown = await api(page, "GET", f"/api/conversations/{item['id']}/messages")
        seen.update(one["text"] for one in shown["body"]["messages"] if one["kind"] == "inbound")
    return seen
