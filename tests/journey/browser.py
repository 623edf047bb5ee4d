"""Debian's Chromium, driven as an agent's browser."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright, expect

from tests.servers.peers import require


SWITCHES = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE = 20_000  # milliseconds an element may take to appear: machines of tests are slow


expect.set_options(timeout=PATIENCE)


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Start a browser."""
    program = require("chromium", "chromium")
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=str(program), args=[*SWITCHES])
        try:
            yield browser
        finally:
            await browser.close()


async def new_page(browser: Browser, *, width: int = 1440, height: int = 900) -> Page:
    """Open a tab of a browser that nobody used before."""
    context = await browser.new_context(viewport={"width": width, "height": height}, locale="en")
    page = await context.new_page()
    page.set_default_timeout(PATIENCE)
    return page


class Film:
    """Screenshots of a journey: kept where ``PUNTE_FILM`` says, else taken and thrown away."""

    def __init__(self, name: str) -> None:
        folder = os.environ.get("PUNTE_FILM")
        self._folder = Path(folder) if folder else None
        self._name = name
        self._count = 0

    async def take(self, page: Page, what: str) -> None:
        """Take a picture of the page as it is."""
        self._count += 1
        if self._folder is not None:
            await page.screenshot(path=self._folder / f"{self._name}-{self._count}-{what}.png")
