"""A visitor leaves, the answer follows by mail, and the mail's answer comes back."""

import asyncio
import email
import re
import tempfile
from email.message import EmailMessage, Message
from email.policy import default
from pathlib import Path

import pytest

from hub.operator import OPERATOR
from inbox.connecting import NewAccount, create_account
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.ports import free_port
from tests.servers.postfix import Postfix


ALICE = "alice@client.test"
SUPPORT = "support@hub.test"
FIELDS = [{"key": "email", "label": {"en": "E-mail"}, "type": "email"}]


@pytest.fixture
async def mail():
    """Dovecot with both mailboxes, and Postfix between them."""
    with tempfile.TemporaryDirectory(prefix="mail", ignore_cleanup_errors=True) as name:
        base = Path(name)
        base.chmod(0o755)  # noqa: ASYNC240 - nobody waits
        relay = free_port()
        dovecot = Dovecot(base / "dovecot", relay=relay)
        postfix = Postfix(base / "postfix", lmtp=dovecot.lmtp)
        postfix.smtp = relay
        async with dovecot, postfix:
            yield dovecot, postfix


async def mailbox(office, dovecot: Dovecot) -> str:
    """Connect the support mailbox; return its account."""
    where = {"host": "127.0.0.1", "security": "plain"}
    config = {
        "address": SUPPORT,
        "name": "Mobila",
        "imap": where | {"port": dovecot.imap},
        "smtp": where | {"port": dovecot.submission},
        "allow_private": True,
    }
    async with office.hub.db.transaction() as tx:
        return str(
            await create_account(
                tx,
                office.hub.adapters,
                office.hub.vault,
                NewAccount(
                    provider="email.imap",
                    name="Mobila",
                    config=config,
                    secrets={"password": PASSWORD},
                    branch_id=await tx.fetchval("SELECT id FROM branch LIMIT 1"),
                ),
                viewer=OPERATOR,
            )
        )


async def letters(dovecot: Dovecot, count: int = 1) -> list[Message]:
    """Return what came into Alice's mailbox, once it is that many."""
    async with asyncio.timeout(60):
        while True:
            found = [
                file
                for file in dovecot.base.glob(f"mail/{ALICE}/Maildir/*/*")
                if file.parent.name in {"new", "cur"}
            ]
            if len(found) >= count:
                return [
                    email.message_from_bytes(file.read_bytes(), policy=default)
                    for file in sorted(found, key=lambda one: one.stat().st_mtime)
                ]
            await asyncio.sleep(0.1)


@pytest.mark.timeout(180)
async def test_an_answer_follows_by_mail_and_the_mails_answer_comes_back(office, mail):
    dovecot, postfix = mail
    account = await mailbox(office, dovecot)
    key = await office.widget(
        prechat={"on": True, "fields": FIELDS},
        mail_account=account,
        continuity={"after_minutes": 0.01, "interval_minutes": 0.01},
    )
    await office.until(  # what came before it is connected is old mail
        "SELECT 1 FROM channel_account WHERE kind = 'email' AND health ->> 'state' = 'connected'"
    )
    async with office.visitor(key) as alice:
        await alice.ask("form", form="prechat", values={"email": ALICE})
        await alice.write("Când vine masa?")
        visitor_id = alice.me.get("id") or ""
    rows = await office.until("SELECT id FROM webchat_visitor")
    visitor_id = str(rows[0]["id"])
    await office.answer(visitor_id, "Vineri, între 10 și 12.")
    await office.until("SELECT 1 FROM webchat_entry WHERE kind = 'out'")
    await asyncio.sleep(1)
    await office.hub.webchat.follow()
    (letter,) = await letters(dovecot)
    body = letter.get_body(("plain",)).get_content()
    assert "Vineri, între 10 și 12." in body
    await office.hub.webchat.follow()  # nothing new: no second mail
    assert len(await letters(dovecot)) == 1

    reply = EmailMessage()
    reply["From"], reply["To"] = f"Alice <{ALICE}>", SUPPORT
    reply["Subject"], reply["Message-ID"] = f"Re: {letter['Subject']}", "<re@client.test>"
    reply["In-Reply-To"] = reply["References"] = letter["Message-ID"]
    reply.set_content("Mulțumesc, aștept.")
    await postfix.submit(reply, SUPPORT, sender=ALICE)
    rows = await office.until(
        "SELECT conversation_id, visibility FROM message WHERE text LIKE 'Mulțumesc%'"
    )
    assert rows[0]["visibility"] == "public"
    assert len(await office.sql("SELECT 1 FROM conversation")) == 1
    out = await office.sql("SELECT 1 FROM message WHERE kind = 'outbound'")
    assert len(out) == 1  # the mail is no second answer for agents to read
    entries = await office.sql("SELECT data FROM conversation_event WHERE type = 'channel'")
    assert len(entries) == 1

    secret = re.search(r"#m=([\w-]{43})", body)
    assert secret is not None
    async with office.visitor(key) as elsewhere:
        await elsewhere.say("link", secret=secret[1])
        session = await elsewhere.wait(lambda f: f["t"] == "session")
        assert session["me"]["level"] == "verified"
    async with office.visitor(key, token=session["token"]) as back:
        await back.entry(lambda e: e.get("text") == "Vineri, între 10 și 12.")
        assert any(e["t"] == "note" and e["kind"] == "mailed" for e in back.log.values())


@pytest.mark.timeout(180)
async def test_a_code_by_mail_proves_the_address(office, mail):
    dovecot, _ = mail
    key = await office.widget(mail_account=await mailbox(office, dovecot))
    async with office.visitor(key) as alice:
        await alice.say("otp", kind="email", value=ALICE)
        assert (await alice.wait(lambda f: f["t"] == "otp", 60))["state"] == "sent"
        (letter,) = await letters(dovecot)
        body = letter.get_body(("plain",)).get_content()
        code = re.search(r"\b\d{6}\b", body)[0]
        wrong = f"{(int(code) + 1) % 10**6:06d}"
        await alice.say("otp_code", code=wrong)
        tried = await alice.wait(lambda f: f["t"] == "otp")
        assert (tried["state"], tried["left"]) == ("wrong", 4)
        await alice.say("otp_code", code=code)
        assert (await alice.wait(lambda f: f["t"] == "otp"))["state"] == "proven"
        assert (await alice.wait(lambda f: f["t"] == "session"))["me"]["level"] == "verified"
        await alice.say("otp_code", code=code)
        assert (await alice.wait(lambda f: f["t"] == "otp"))["state"] == "expired"
