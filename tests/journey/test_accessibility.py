"""Every screen, in both themes and on a phone, against axe-core: nothing serious is wrong."""

import asyncio
import sys
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from tests.journey.browser import PATIENCE, chromium
from tests.journey.test_main_job import open_folder
from tests.servers.hub import ROOT, HubProcess


pytestmark = [pytest.mark.journey, pytest.mark.slow, pytest.mark.timeout(420)]

AXE = ROOT / "agents_ui/web/node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PASSWORD = "demo-parola-2026"
OWNER = "ana@style-mobila.example"
SCREENS = (
    "inbox/mine",
    "inbox/all",
    "inbox/spam",
    "callbacks",
    "new",
    "clients",
    "search?q=comanda",
    "profile",
    "settings/channels",
    "settings/agents",
    "settings/teams",
    "settings/tags",
    "settings/keys",
    "settings/journal",
    "settings/audit",
)


@pytest.fixture(scope="module")
async def hub() -> AsyncIterator[HubProcess]:
    """A hub with the small demo company."""
    with open_folder("a11y") as data:
        process = HubProcess(data, "")
        filling = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "hub", "demo", "--size", "XS", "--password", PASSWORD),
            cwd=ROOT,
            env=process.environment,
        )
        assert await filling.wait() == 0
        async with process:
            yield process


async def open_page(browser: Browser, hub: HubProcess, scheme: str, width: int) -> Page:
    """Open the sign-in page."""
    context = await browser.new_context(
        viewport={"width": width, "height": 850},
        color_scheme=scheme,
        bypass_csp=True,  # axe is brought in as a script of the page
        locale="en",
    )
    page = await context.new_page()
    page.set_default_timeout(PATIENCE)
    await page.goto(f"http://127.0.0.1:{hub.port}/")
    await expect(page.get_by_label("E-mail")).to_be_visible()
    return page


async def sign_in(page: Page) -> None:
    """Sign in as the owner."""
    await page.get_by_label("E-mail").fill(OWNER)
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("navigation").first).to_be_visible()


async def faults(page: Page, where: str) -> list[str]:
    """Return what axe finds serious or critical on the page as it is."""
    if not await page.evaluate("() => 'axe' in window"):
        await page.add_script_tag(path=str(AXE))
    found = await page.evaluate(
        "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", RULES
    )
    return [
        f"{where}: {one['id']} ({one['help']}): {[node['target'] for node in one['nodes']][:5]}"
        for one in found["violations"]
        if one["impact"] in {"serious", "critical"}
    ]


@pytest.mark.parametrize(
    ("scheme", "width"), [("light", 1440), ("dark", 1440), ("light", 390)], ids=str
)
async def test_no_screen_has_a_serious_fault(hub, scheme, width):
    found: list[str] = []
    async with chromium() as browser:
        page = await open_page(browser, hub, scheme, width)
        found += await faults(page, "sign-in")
        await sign_in(page)
        for screen in SCREENS:
            await page.goto(f"http://127.0.0.1:{hub.port}/{screen}")
            await page.wait_for_load_state("networkidle")
            await page.wait_for_timeout(300)  # what fades in has no contrast of its own yet
            found += await faults(page, screen)
        await page.goto(f"http://127.0.0.1:{hub.port}/inbox/all")
        await page.get_by_role("option").first.click()
        await page.wait_for_timeout(800)
        found += await faults(page, "conversation")
        await page.keyboard.press("Control+K")
        await page.wait_for_timeout(400)
        found += await faults(page, "palette")
    assert not found, "\n".join(found)
