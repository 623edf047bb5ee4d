"""Take the pictures of the documentation anew: ``make screenshots``.

Starts a hub on demo data in a folder of its own and looks at it with Debian's Chromium; then the
journey test of the main job is filmed.
"""

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Page, async_playwright

from tools.hubs import ROOT, command, running


IMAGES = ROOT / "docs" / "images"
JOURNEY = IMAGES / "journey"
LARGEST = 300_000  # bytes of a picture
PASSWORD = "demo-for-pictures"  # noqa: S105 - of a hub that lives for a minute
OWNER = "ana@style-mobila.example"
SETTLED = 1500  # milliseconds in which a page loads what it shows
WINDOW = {"width": 1360, "height": 820}


async def main() -> int:
    """Take every picture; return the exit code."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="punte-pictures-") as folder:
        settings = {"PUNTE_DATA": folder, "PUNTE_PORT": "0", "PUNTE_LOG_LEVEL": "error"}
        command("demo", "--password", PASSWORD, *sys.argv[1:], settings=settings)
        with running(settings) as address:
            async with signed_in(address) as page:
                await take_all(page, address)
            async with signed_in(address, scheme="dark") as page:
                await inbox(page, address)
                await take(page, "dark")
    await asyncio.to_thread(film)
    return report()


def film() -> None:
    """Keep the pictures of the journey test: from the printed link to the answered mail."""
    JOURNEY.mkdir(exist_ok=True)
    for old in JOURNEY.glob("*.png"):
        old.unlink()
    walk = "test_a_mail_comes_in_live_and_the_answer_goes_out"
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", f"tests/journey/test_main_job.py::{walk}"],
        check=True,
        cwd=ROOT,
        env={**os.environ, "PUNTE_FILM": str(JOURNEY), "PEERS": "required"},
    )


async def take_all(page: Page, address: str) -> None:
    """Take the pictures of the light theme."""
    await inbox(page, address)
    await take(page, "inbox")
    await page.goto(f"{address}/search?q=stejar")
    await take(page, "search")
    await page.goto(f"{address}/clients")
    await take(page, "clients")
    await page.goto(f"{address}/settings/channels")
    await take(page, "channels")


async def inbox(page: Page, address: str) -> None:
    """Open the first conversation that has an agent's note in it."""
    await page.goto(f"{address}/inbox/all")
    state = await page.request.get(f"{address}/api/conversations?view=all&limit=50")
    items = (await state.json())["items"]
    best = max(items, key=lambda item: min(int(item["last_seq"]), 6))
    await page.goto(f"{address}/inbox/all/{best['id']}")


async def take(page: Page, name: str) -> None:
    """Wait until the page stands still, and keep its picture."""
    await page.wait_for_timeout(SETTLED)
    await page.screenshot(path=IMAGES / f"{name}.png", animations="disabled")


@asynccontextmanager
async def signed_in(address: str, *, scheme: str = "light") -> AsyncIterator[Page]:
    """Open a tab in which the owner is signed in, in English."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    async with async_playwright() as play:
        browser = await play.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        context = await browser.new_context(
            viewport={"width": WINDOW["width"], "height": WINDOW["height"]},
            color_scheme="dark" if scheme == "dark" else "light",
            locale="en",
        )
        origin = {"Origin": address}
        await context.request.post(
            f"{address}/api/session", data={"login": OWNER, "password": PASSWORD}, headers=origin
        )
        await context.request.patch(f"{address}/api/me", data={"locale": "en"}, headers=origin)
        try:
            yield await context.new_page()
        finally:
            await browser.close()


def report() -> int:
    """Say how large the pictures are; one that is too large is a failure."""
    sizes = {path.name: path.stat().st_size for path in sorted(IMAGES.rglob("*.png"))}
    for name, size in sizes.items():
        print(f"{name}: {size:,} bytes")
    return int(any(size > LARGEST for size in sizes.values()))


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
