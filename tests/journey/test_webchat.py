"""Website chat in Chromium: a visitor on the demo page, an agent at the desk, a bad network."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from playwright.async_api import Browser, Frame, Locator, Page, expect

from tests.fault_proxy import FaultProxy
from tests.journey.browser import PATIENCE, Film, chromium, new_page
from tests.journey.test_accessibility import AXE, RULES
from tests.journey.test_main_job import become_owner, open_folder, setup_link
from tests.servers.hub import HubProcess
from tests.servers.ports import free_port


pytestmark = [pytest.mark.journey, pytest.mark.slow, pytest.mark.timeout(420)]

CORNER = (48, 48)  # pixels from the lower right corner to the middle of the button
QUESTION = "Hello, is the table Codru there in two metres?"
ANSWER = "Good day! It is, in oak and in walnut."
CUTS = 20
HOSTILE = """
* { display: none !important; font-size: 90px !important; }
html, body { display: block !important; }
body { transform: rotate(3deg); filter: invert(1); overflow: hidden; }
div, button, iframe { position: static !important; width: 1px !important; opacity: 0 !important;
  pointer-events: none !important; visibility: hidden !important; z-index: -1 !important; }
"""
BROKEN = """
if (window === top) {
  Array.prototype.toJSON = Object.prototype.toJSON = () => 'prototype';
  Array.from = Array.prototype.includes = () => { throw new Error('site'); };
  window.onmessage = () => { throw new Error('site'); };
  JSON.stringify = () => { throw new Error('site'); };
}
"""


@pytest.fixture(scope="module")
async def hub() -> AsyncIterator[HubProcess]:
    """A fresh hub, which gives itself a widget to try once it has an owner."""
    with open_folder("webchat") as data:
        async with HubProcess(data, "") as process:
            yield process


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
async def agent(browser, hub) -> Page:
    """The owner at the desk."""
    page = await new_page(browser)
    await become_owner(page, await setup_link(hub))
    async with asyncio.timeout(60):  # until the hub has made its demo
        config = f"{at(hub)}/w/demo/config"
        while (await page.request.get(config)).status != 200:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.2)
    return page


def at(hub: HubProcess) -> str:
    return f"http://127.0.0.1:{hub.port}"


@asynccontextmanager
async def visitor(browser: Browser, address: str, **options) -> AsyncIterator[Page]:
    """Somebody on a page with the widget."""
    options = {"viewport": {"width": 1100, "height": 800}, "locale": "en", **options}
    context = await browser.new_context(**options)
    page = await context.new_page()
    page.set_default_timeout(PATIENCE)
    await page.goto(address)
    yield page
    await context.close()


async def open_chat(page: Page) -> Frame:
    """Press the button, which is in a closed shadow tree; return the frame of the chat."""
    size = page.viewport_size
    assert size is not None
    async with asyncio.timeout(20):
        while not (frame := frame_of(page)):
            await page.mouse.click(size["width"] - CORNER[0], size["height"] - CORNER[1])
            await asyncio.sleep(0.5)
    await expect(frame.get_by_label("Write a message")).to_be_visible()
    return frame


async def came_back(page: Page) -> Frame:
    """Return the frame of a chat that opens by itself."""
    async with asyncio.timeout(20):
        while not (frame := frame_of(page)):  # noqa: ASYNC110 - frames tell nobody
            await asyncio.sleep(0.1)
    return frame


def frame_of(page: Page) -> Frame | None:
    return next((frame for frame in page.frames if "/w/demo?" in frame.url), None)


async def write(frame: Frame, text: str) -> None:
    await frame.get_by_label("Write a message").fill(text)
    await frame.get_by_label("Write a message").press("Enter")


async def texts(frame: Frame, side: str) -> list[str]:
    """Return what the messages of one side say, as the visitor sees them."""
    return await frame.locator(f".message.{side} .bubble p").all_inner_texts()


async def open_case(agent: Page, hub: HubProcess, text: str) -> None:
    """Open the conversation of the visitor who wrote ``text``."""
    async with asyncio.timeout(30):
        while not (case := await find_case(agent, hub, text)):  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.2)
    await agent.goto(f"{at(hub)}/inbox/all/{case}")
    await expect(agent.locator("textarea").last).to_be_visible()


async def find_case(agent: Page, hub: HubProcess, text: str) -> str | None:
    """Return the conversation whose row shows ``text``."""
    found = await agent.request.get(f"{at(hub)}/api/conversations?view=all&limit=50")
    return next(
        (str(each["id"]) for each in (await found.json())["items"] if text in str(each)), None
    )


async def answer(agent: Page, text: str) -> None:
    """Write and send, whatever the visitor writes meanwhile."""
    editor = agent.locator("textarea").last
    await insist(agent, editor)
    await editor.fill(text)
    await editor.press("Control+Enter")
    await insist(agent, editor)


async def insist(agent: Page, editor: Locator) -> None:
    """Send anyway, each time the hub says that something came in meanwhile."""
    anyway = agent.get_by_role("button", name="Send anyway")
    await agent.wait_for_timeout(300)
    await expect(editor.or_(anyway).first).to_be_visible()
    while await anyway.is_visible():
        await anyway.click()
        await agent.wait_for_timeout(300)
        await expect(editor.or_(anyway).first).to_be_visible()


async def test_a_visitor_and_an_agent_talk_and_see_each_other_write(hub, browser, agent):
    film = Film("webchat")
    async with visitor(browser, f"{at(hub)}/widget/demo") as page:
        frame = await open_chat(page)
        await write(frame, QUESTION)
        await expect(frame.locator(".message.in .meta").last).to_contain_text("Sent")
        await film.take(page, "asked")
        await open_case(agent, hub, QUESTION)
        await agent.locator("textarea").last.press_sequentially(ANSWER, delay=10)
        await expect(frame.locator(".dots")).to_be_visible()
        await film.take(page, "agent-writes")
        await agent.locator("textarea").last.press("Control+Enter")
        await expect(frame.get_by_text(ANSWER)).to_be_visible()
        await expect(frame.locator(".message.in .meta").last).to_contain_text("Read")
        await film.take(page, "answered")
        await film.take(agent, "desk")

        await page.reload()  # the conversation is open, so the frame comes back by itself
        frame = await came_back(page)
        await expect(frame.get_by_text(ANSWER)).to_be_visible()
        assert await texts(frame, "in") == [QUESTION]


async def test_hard_cuts_lose_and_double_nothing(hub, browser, agent):
    rng = random.Random(3)
    async with (
        FaultProxy(f"127.0.0.1:{hub.port}", rng) as proxy,
        visitor(browser, f"http://{proxy.host}/widget/demo") as page,
    ):
        frame = await open_chat(page)
        said, told = [], []
        await write(frame, "first of the cuts")
        await expect(frame.locator(".message.in .meta").last).to_contain_text("Sent")
        await open_case(agent, hub, "first of the cuts")
        for number in range(CUTS):
            said.append(f"visitor {number}")
            await write(frame, said[-1])
            if number % 4 == 0:
                told.append(f"agent {number}")
                await answer(agent, told[-1])
            await asyncio.sleep(rng.uniform(0, 0.4))
            proxy.reset_all()
        await expect(frame.get_by_text(said[-1])).to_be_visible()
        await expect(frame.locator(".message.sending, .message.failed")).to_have_count(0)
        await expect(frame.get_by_text(told[-1], exact=True)).to_be_visible()
        assert await texts(frame, "in") == ["first of the cuts", *said]
        assert (await texts(frame, "out"))[1:] == told
        await page.reload()  # and this is what the hub has
        frame = await came_back(page)
        await expect(frame.get_by_text(said[-1], exact=True)).to_be_visible()
        assert await texts(frame, "in") == ["first of the cuts", *said]
        assert (await texts(frame, "out"))[1:] == told


async def test_where_sockets_are_blocked_polls_carry_the_talk(hub, browser, agent):
    async with visitor(browser, "about:blank") as page:
        await page.add_init_script(
            "window.WebSocket = class extends EventTarget {"
            " constructor() { super(); setTimeout(() => this.onclose?.({code: 1006})); }"
            " close() {} send() {} }"
        )
        await page.goto(f"{at(hub)}/widget/demo")
        frame = await open_chat(page)
        await write(frame, "no sockets here")
        await expect(frame.locator(".message.in .meta").last).to_contain_text("Sent")
        await open_case(agent, hub, "no sockets here")
        await answer(agent, "polls it is")
        await expect(frame.get_by_text("polls it is")).to_be_visible()


async def test_nothing_is_fetched_or_stored_before_the_visitor_acts(hub, browser, agent):
    async with visitor(browser, "about:blank") as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url.removeprefix(at(hub))))
        await page.goto(f"{at(hub)}/widget/demo")
        await page.wait_for_timeout(1500)
        ours = [path for path in asked if path.startswith("/w/") and "/assets/demo" not in path]
        assert ours == ["/w/loader.js", "/w/demo/config?lang=en"]
        assert await page.evaluate("Object.keys(localStorage)") == []
        assert await page.context.cookies() == []


async def test_no_page_breaks_the_button(hub, browser, agent):
    async with visitor(browser, "about:blank") as page:
        await page.add_init_script(BROKEN)
        await page.goto(f"{at(hub)}/widget/demo")
        await page.evaluate(
            "css => { const sheet = new CSSStyleSheet(); sheet.replaceSync(css);"
            " document.adoptedStyleSheets = [sheet]; }",
            HOSTILE,
        )
        await open_chat(page)


@asynccontextmanager
async def site(hub: HubProcess, headers: dict[str, str]) -> AsyncIterator[str]:
    """A site of another origin with the widget in it; gives its address."""
    page = (
        "<!doctype html><html lang=en><title>Shop</title>"
        f'<script async src="{at(hub)}/w/loader.js" data-key="demo"></script><p>Shop</p></html>'
    )

    async def serve(_request: web.Request) -> web.Response:
        return web.Response(text=page, content_type="text/html", headers=headers)

    app = web.Application()
    app.router.add_get("/", serve)
    runner = web.AppRunner(app)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield f"http://localhost:{port}"
    finally:
        await runner.cleanup()


async def test_a_foreign_site_is_refused_and_an_allowed_one_may_be_strict(hub, browser, agent):
    policy = (
        f"default-src 'none'; script-src {at(hub)}; connect-src {at(hub)}; frame-src {at(hub)};"
        " require-trusted-types-for 'script'"
    )
    headers = {"Content-Security-Policy": policy, "Referrer-Policy": "no-referrer"}
    async with site(hub, headers) as address, visitor(browser, address) as page:
        await page.wait_for_timeout(1000)
        await page.mouse.click(1100 - CORNER[0], 800 - CORNER[1])
        await page.wait_for_timeout(500)
        assert frame_of(page) is None  # the hub did not even tell its settings

        await allow(agent, hub, address)
        await page.reload()
        frame = await open_chat(page)
        await write(frame, "from a strict site")
        await expect(frame.locator(".message.in .meta").last).to_contain_text("Sent")


async def allow(agent: Page, hub: HubProcess, origin: str) -> None:
    """Let a site show the widget, as the settings do."""
    changed = await agent.evaluate(
        """async origin => {
            const accounts = await (await fetch('/api/accounts')).json();
            const {id, rev, config} = accounts.find(each => each.provider === 'webchat');
            const body = JSON.stringify({rev, config: {...config, origins: [origin]}});
            const headers = {'content-type': 'application/json'};
            const answer = await fetch(`/api/accounts/${id}`, {method: 'PATCH', headers, body});
            return [answer.status, await answer.text()];
        }""",
        origin,
    )
    assert changed[0] == 200, changed
    await asyncio.sleep(3)  # settings are read anew by then


@pytest.mark.parametrize(("scheme", "width"), [("light", 1100), ("dark", 390)], ids=str)
async def test_the_chat_has_no_serious_fault(hub, browser, agent, scheme, width):
    options = {
        "viewport": {"width": width, "height": 800},
        "color_scheme": scheme,
        "bypass_csp": True,  # axe is brought in as a script of the frame
    }
    async with visitor(browser, f"{at(hub)}/widget/demo", **options) as page:
        frame = await open_chat(page)
        found = await faults(frame, "empty")
        await write(frame, f"axe {scheme}")
        await expect(frame.locator(".message.in .meta").last).to_contain_text("Sent")
        found += await faults(frame, "thread")
        await frame.get_by_label("Emoji").click()
        await frame.get_by_label("More").click()
        await expect(frame.get_by_role("menuitem").first).to_be_visible()
        found += await faults(frame, "menu")
        await frame.get_by_role("menuitem", name="Call me back").click()
        await frame.get_by_role("button", name="Send").click()
        await expect(frame.get_by_text("Fill this in")).to_be_visible()
        found += await faults(frame, "callback")
        assert not found, "\n".join(found)


async def faults(frame: Frame, where: str) -> list[str]:
    """Return what axe finds serious or critical in the frame as it is."""
    if not await frame.evaluate("() => 'axe' in window"):
        await frame.add_script_tag(path=str(AXE))
    await frame.wait_for_timeout(300)  # what fades in has no contrast of its own yet
    found = await frame.evaluate(
        "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", RULES
    )
    return [
        f"{where}: {one['id']} ({one['help']}): {[node['target'] for node in one['nodes']][:5]}"
        for one in found["violations"]
        if one["impact"] in {"serious", "critical"}
    ]
