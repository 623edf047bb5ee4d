"""The main job, from the printed link on: a real mail in, a typed answer out, one conversation."""

import asyncio
import email
import re
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from email.message import EmailMessage, Message
from email.policy import default
from pathlib import Path
from zlib import crc32

import pytest
from playwright.async_api import Page, expect

from crm_core.staff.setup import setup_link as make_setup_link
from infra.bus import LocalBus
from infra.db import Database
from tests.journey.browser import Film, chromium, new_page
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.hub import HubProcess
from tests.servers.peers import require
from tests.servers.ports import free_port
from tests.servers.postfix import Postfix
from tools.cluster import cluster


pytestmark = [pytest.mark.journey, pytest.mark.slow, pytest.mark.timeout(420)]

SUPPORT = "support@hub.test"
ALICE = "alice@client.test"
QUESTION = "Bună ziua, când se livrează bucătăria „Vera” din comanda 1042?"
ANSWER = "Bună ziua, Alice! Bucătăria ajunge vineri, între 10 și 12."
THANKS = "Mulțumesc, vă aștept vineri!"


@contextmanager
def open_folder(prefix: str) -> Iterator[Path]:
    """Make a folder that servers with users of their own can enter."""
    with tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@pytest.fixture
async def mail():
    """Dovecot with the support mailbox and Alice's, and Postfix between them."""
    with open_folder("mail") as base:
        relay = free_port()
        dovecot = Dovecot(base / "dovecot", relay=relay)
        postfix = Postfix(base / "postfix", lmtp=dovecot.lmtp)
        postfix.smtp = relay
        async with dovecot, postfix:
            yield dovecot, postfix


@pytest.fixture
async def hub():
    """A fresh hub with an embedded database, as ``punte run`` starts it."""
    with open_folder("hub") as data:
        async with HubProcess(data, "") as process:
            yield process


def written(text: str, *, subject: str, answers: Message | None = None) -> bytes:
    """Return a mail as Alice's program writes it."""
    mail = EmailMessage()
    mail["From"] = f"Alice Popa <{ALICE}>"
    mail["To"] = f"Support <{SUPPORT}>"
    mail["Subject"] = subject
    mail["Message-ID"] = f"<{crc32(text.encode())}@client.test>"
    if answers is not None:
        mail["In-Reply-To"] = answers["Message-ID"]
        mail["References"] = f"{answers['References']} {answers['Message-ID']}"
    mail.set_content(text)
    return mail.as_bytes()


async def setup_link(hub: HubProcess) -> str:
    """Return the address the hub printed for its first owner."""
    async with asyncio.timeout(30):
        while True:
            if found := re.search(r"http://\S+/setup#\S+", hub.log.read_text()):
                return found[0]
            await asyncio.sleep(0.1)


async def arrived(dovecot: Dovecot) -> Message:
    """Return the mail that came into Alice's mailbox; a first try may fail on a busy machine."""
    async with asyncio.timeout(150):
        while True:
            for file in dovecot.base.glob(f"mail/{ALICE}/Maildir/*/*"):
                if file.parent.name in {"new", "cur"}:
                    return email.message_from_bytes(file.read_bytes(), policy=default)
            await asyncio.sleep(0.1)


async def become_owner(page: Page, link: str) -> None:
    """Set name and password with the printed link."""
    await page.goto(link)
    await page.get_by_label("Name", exact=True).fill("Ana Munteanu")
    await page.get_by_label("E-mail").fill("ana@hub.test")
    await page.get_by_label("New password").fill("correct horse battery")
    await page.get_by_role("button", name="Begin").click()
    await expect(page.get_by_role("link", name="Settings").first).to_be_visible()


async def connect_mailbox(page: Page, dovecot: Dovecot, film: Film) -> None:
    """Walk through the wizard; its test signs in at the real servers."""
    await page.goto(
        page.url.split("/", 3)[0] + "//" + page.url.split("/")[2] + "/settings/channels"
    )
    await page.get_by_role("button", name="Connect a channel").first.click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("button", name="E-mail").click()
    await dialog.get_by_role("button", name="Another server").click()
    await dialog.get_by_label("E-mail address").fill(SUPPORT)
    await dialog.get_by_label("Sender name").fill("Punte Support")
    await dialog.get_by_label("Password", exact=True).fill(PASSWORD)
    await dialog.get_by_role("button", name="Next").click()
    for group, port in (("Incoming mail", dovecot.imap), ("Outgoing mail", dovecot.submission)):
        server = dialog.get_by_role("group", name=re.compile(group))
        await server.get_by_label("Server").fill("127.0.0.1")
        await server.get_by_label("Port").fill(str(port))
        await server.get_by_label("Security").click()
        await page.get_by_role("option", name="None").click()
    await dialog.get_by_text("Unusual settings").click()
    await dialog.get_by_label("The servers are inside our network").check()
    await dialog.get_by_role("button", name="Test and continue").click()
    await expect(dialog.get_by_text("Receiving and sending work.")).to_be_visible()
    await film.take(page, "mailbox-tested")
    await dialog.get_by_role("button", name="Connect", exact=True).click()
    await expect(dialog.get_by_text(f"{SUPPORT} is connected")).to_be_visible()
    await dialog.get_by_role("button", name="Done").click()
    row = page.get_by_role("listitem").filter(has_text=SUPPORT)
    await expect(row.get_by_text("Works")).to_be_visible()
    await film.take(page, "channel-works")


async def do_the_main_job(address: str, link: str, dovecot: Dovecot, postfix: Postfix) -> None:
    """Set the hub up, connect the mailbox, answer a mail and see the thanks come in."""
    film = Film("main-job")
    async with chromium() as browser:
        page = await new_page(browser)
        await become_owner(page, link)
        await connect_mailbox(page, dovecot, film)
        await page.goto(f"{address}/inbox/unassigned")

        await postfix.submit(written(QUESTION, subject="Comanda 1042"), SUPPORT, sender=ALICE)
        row = page.get_by_role("option").filter(has_text="Alice Popa")
        await expect(row).to_be_visible()
        await film.take(page, "mail-arrived")
        await row.click()
        asked = page.get_by_role("article", name="Message from Alice Popa")
        await expect(asked.get_by_text(QUESTION)).to_be_visible()

        await page.get_by_placeholder("Write a reply").fill(ANSWER)
        await film.take(page, "answer-typed")
        await expect(page.get_by_role("button", name="Send", exact=True)).to_be_enabled()
        await page.keyboard.press("Control+Enter")
        await expect(page.get_by_text("You", exact=True)).to_be_visible()
        answer = await arrived(dovecot)
        question_id = email.message_from_bytes(written(QUESTION, subject=""))["Message-ID"]
        assert (answer["In-Reply-To"], answer["References"]) == (question_id, question_id)
        assert answer["Subject"] == "Re: Comanda 1042"
        assert ANSWER in answer.get_body(("plain",)).get_content()
        await film.take(page, "answer-sent")

        await postfix.submit(
            written(THANKS, subject="Re: Comanda 1042", answers=answer), SUPPORT, sender=ALICE
        )
        thread = page.get_by_role("log").or_(page.get_by_role("main"))
        await expect(thread.get_by_text(THANKS).last).to_be_visible()
        await expect(thread.get_by_text(ANSWER).last).to_be_visible()
        await film.take(page, "thanks-arrived")
        await page.get_by_role("link", name=re.compile("^Mine")).click()
        await expect(page.get_by_role("option").filter(has_text="Alice Popa")).to_have_count(1)
        await film.take(page, "one-conversation")


async def test_a_mail_comes_in_live_and_the_answer_goes_out(hub, mail):
    await do_the_main_job(f"http://127.0.0.1:{hub.port}", await setup_link(hub), *mail)


async def test_the_browser_may_be_on_one_node_and_the_mailbox_on_another(mail):
    require("redis-server", "redis-server")
    with open_folder("two") as folder, ExitStack() as stack:
        nodes = cluster(folder / "cluster", roles=("web,jobs", "web,channels"))
        started = await asyncio.to_thread(stack.enter_context, nodes)
        url = started.database_url.replace("postgresql://", "postgresql+asyncpg://")
        db = Database(url, LocalBus())
        async with db.transaction() as tx:
            token = await make_setup_link(tx)
        await db.close()
        browsing = started.nodes[0]
        await do_the_main_job(browsing, f"{browsing}/setup#token={token}", *mail)
