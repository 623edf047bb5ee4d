"""Receiving from a real Dovecot: every mail once, whatever breaks."""

import asyncio
import hashlib
from datetime import timedelta
from email import message_from_bytes
from email.policy import SMTP

import pytest

from channels.email.adapter import EmailAdapter
from channels.email.imap.client import ImapClient
from channels.email.receiving import Pace
from inbox.contract import HealthState
from infra.clock import now
from tests.adapter.email.conftest import HASTY, letter, running, settings
from tests.servers.context import MemoryContext
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.imap_script import CUT, imap_script


async def client_of(dovecot: Dovecot, user: str) -> ImapClient:
    client = await ImapClient.open(
        "127.0.0.1",
        dovecot.imap,
        security="plain",
        context=dovecot.context(),
        allow_private=True,
    )
    await client.sign_in(user, PASSWORD)
    return client


async def test_what_was_there_and_what_comes_is_received(adapter, ctx, dovecot, user):
    await dovecot.deliver_many([letter(f"old {n}") for n in range(3)], user)
    async with running(adapter, ctx):
        await ctx.mails_came(3)
        await ctx.connected()
        await dovecot.deliver(letter("new"), user)
        await ctx.mails_came(4)
    assert ctx.subjects == ["old 0", "old 1", "old 2", "new"]


async def test_only_new_mail_is_imported_when_the_policy_says_so(adapter, dovecot, user):
    ctx = MemoryContext(settings(dovecot, user, import_policy="new"), password=PASSWORD)
    await dovecot.deliver(letter("old"), user)
    async with running(adapter, ctx):
        await ctx.connected()
        await dovecot.deliver(letter("new"), user)
        await ctx.mails_came(1)
    assert ctx.subjects == ["new"]


async def test_recent_mail_is_imported_when_the_policy_says_days(adapter, dovecot, user):
    ctx = MemoryContext(
        settings(dovecot, user, import_policy="days", import_days=2), password=PASSWORD
    )
    await dovecot.deliver(letter("recent"), user)
    async with running(adapter, ctx):
        await ctx.mails_came(1)
        await ctx.connected()
    assert ctx.subjects == ["recent"]


async def test_a_restart_reads_nothing_twice(adapter, ctx, dovecot, user):
    await dovecot.deliver_many([letter(f"first {n}") for n in range(5)], user)
    async with running(adapter, ctx):
        await ctx.mails_came(5)
    await dovecot.deliver(letter("while away"), user)
    async with running(adapter, ctx):
        await ctx.mails_came(6)
        await ctx.connected()
    assert len(ctx.journal) == 6
    assert len(set(ctx.subjects)) == 6


async def test_a_lost_cursor_costs_nothing_but_time(adapter, ctx, dovecot, user):
    await dovecot.deliver_many([letter(f"mail {n}") for n in range(5)], user)
    async with running(adapter, ctx):
        await ctx.mails_came(5)
    ctx._cursor = "not a cursor"
    await dovecot.deliver(letter("one more"), user)
    async with running(adapter, ctx):
        await ctx.mails_came(6)
        await ctx.connected()
    assert len(ctx.journal) == 6


async def test_a_killed_imap_process_delays_and_loses_nothing(adapter, ctx, dovecot, user):
    async with running(adapter, ctx):
        await ctx.connected()
        assert await dovecot.cut(user) >= 1
        await dovecot.deliver(letter("after the cut"), user)
        await ctx.mails_came(1)
        assert (await ctx.is_told(HealthState.DISCONNECTED)).code == "imap.lost"
    assert ctx.subjects == ["after the cut"]


async def test_a_database_that_was_away_loses_nothing(adapter, ctx, dovecot, user):
    async with running(adapter, ctx):
        await ctx.connected()
        ctx.fail_next = ConnectionResetError("the database went away")
        await dovecot.deliver(letter("kept"), user)
        await ctx.mails_came(1)
    assert ctx.subjects == ["kept"]
    assert "email.not_stored" in {one.code for one in ctx.told}


async def test_mails_are_known_again_after_the_folder_was_numbered_anew(
    adapter, ctx, dovecot, user
):
    await dovecot.deliver_many([letter(f"mail {n}") for n in range(10)], user)
    async with running(adapter, ctx):
        await ctx.mails_came(10)
    await dovecot.change_uidvalidity(user)
    await dovecot.deliver(letter("after"), user)
    async with running(adapter, ctx):
        await ctx.mails_came(11)
        await ctx.connected()
    assert len(ctx.mails) == 11
    known = [raw for raw in ctx.journal.values() if raw.kind == "known"]
    assert len(known) == 10
    async with running(adapter, ctx):
        ctx.told.clear()
        await ctx.connected()
    assert len(ctx.journal) == 21


async def test_a_forged_header_hides_no_mail_after_a_renumbering(adapter, ctx, dovecot, user):
    await dovecot.deliver(letter("invoice", "the real one"), user)
    async with running(adapter, ctx):
        await ctx.mails_came(1)
    await dovecot.change_uidvalidity(user)
    await dovecot.deliver(letter("invoice", "the forged one"), user)
    async with running(adapter, ctx):
        await ctx.mails_came(2)
        await ctx.connected()
    assert any(b"forged" in raw.body for raw in ctx.mails)


async def test_a_colleague_who_empties_the_folder_disturbs_nobody(adapter, ctx, dovecot, user):
    await dovecot.put([letter(f"mail {n}") for n in range(2500)], user)
    async with running(adapter, ctx):
        await ctx.mails_came(2500)
        await ctx.connected()
        await dovecot.doveadm("expunge", "-u", user, "mailbox", "INBOX", "all")
        await dovecot.deliver(letter("still here"), user)
        await ctx.mails_came(2501)
        assert HealthState.DISCONNECTED not in {one.state for one in ctx.told}
    assert ctx.subjects[-1] == "still here"


async def test_a_big_mail_comes_in_slices_and_is_whole(adapter, ctx, dovecot, user):
    mail = letter("big")
    content = bytes(range(256)) * 4096 * 30
    mail.add_attachment(content, maintype="application", subtype="zip", filename="big.zip")
    await dovecot.deliver(mail, user)
    async with running(adapter, ctx):
        await ctx.mails_came(1)
    assert hashlib.sha256(attached(ctx.mails[0].body)).digest() == hashlib.sha256(content).digest()


def attached(raw: bytes) -> bytes:
    mail = message_from_bytes(raw, policy=SMTP)
    return next(mail.iter_attachments()).get_content()


async def test_what_was_sent_elsewhere_is_received_as_ours(adapter, ctx, dovecot, user):
    async with await client_of(dovecot, user) as client:
        await client.append("Sent", letter("from my phone").as_bytes(), now())
        await client.log_out()
    async with running(adapter, ctx):
        await ctx.mails_came(1)
    raw = ctx.mails[0]
    assert raw.key.startswith("Sent/")
    assert raw.headers["role"] == "sent"


async def test_nothing_is_marked_as_read(adapter, ctx, dovecot, user):
    await dovecot.deliver(letter("unread"), user)
    async with running(adapter, ctx):
        await ctx.mails_came(1)
    async with await client_of(dovecot, user) as client:
        await client.select("INBOX")
        assert await client.search("UNSEEN") == [1]
        await client.log_out()


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_connections_are_verified(adapter, dovecot, user, security):
    port = dovecot.imaps if security == "tls" else dovecot.imap
    imap = {"host": "localhost", "port": port, "security": security}
    trusted = (dovecot.base / "cert.pem").read_text()
    ctx = MemoryContext(
        settings(dovecot, user, imap=imap, trusted_certificate=trusted), password=PASSWORD
    )
    await dovecot.deliver(letter("secret"), user)
    async with running(adapter, ctx):
        await ctx.mails_came(1)
    stranger = MemoryContext(settings(dovecot, user, imap=imap), password=PASSWORD)
    async with running(adapter, stranger):
        told = await stranger.is_told(HealthState.DISCONNECTED)
    assert (told.code, told.remedy) == ("tls.untrusted", "check_certificate")


async def test_a_wrong_password_is_said_and_not_hammered(dovecot, user):
    ctx = MemoryContext(settings(dovecot, user), password="wrong")
    patient = EmailAdapter([b"k" * 32], pace=Pace(report=0.05))
    async with running(patient, ctx):
        told = await ctx.is_told(HealthState.BAD_CREDENTIALS)
        await asyncio.sleep(0.5)
    assert (told.code, told.remedy) == ("auth.refused", "check_password")
    assert len(ctx.told) == 2  # connecting, and this


async def test_a_restarted_server_is_found_again(adapter, ctx, dovecot, user):
    async with running(adapter, ctx):
        await ctx.connected()
        await dovecot.restart()
        await dovecot.deliver(letter("after the restart"), user)
        await ctx.mails_came(1)
    assert ctx.subjects == ["after the restart"]


async def test_questions_and_answers_are_imported_in_the_order_they_were_written(
    adapter, ctx, dovecot, user
):
    start = now() - timedelta(days=3)
    async with await client_of(dovecot, user) as client:
        for hour in range(6):
            folder = "Sent" if hour % 2 else "INBOX"
            mail = letter(f"hour {hour}").as_bytes()
            await client.append(folder, mail, start + timedelta(hours=hour))
        await client.log_out()
    async with running(adapter, ctx):
        await ctx.mails_came(6)
        await ctx.connected()
    assert ctx.subjects == [f"hour {hour}" for hour in range(6)]
    assert [raw.headers["role"] for raw in ctx.mails] == ["inbox", "sent"] * 3


async def test_a_mail_that_breaks_the_connection_is_left_out_in_the_end(dovecot, user):
    ok = b"{tag} OK done\r\n"
    answers = {
        "LOGIN": ok,
        "LIST": ok,
        "SELECT": b"* OK [UIDVALIDITY 3]\r\n* OK [UIDNEXT 7]\r\n" + ok,
        "UID SEARCH": b"* SEARCH 5 6\r\n" + ok,
        "UID FETCH": b"* 1 FETCH (UID 5 RFC822.SIZE 10)\r\n* 2 FETCH (UID 6 RFC822.SIZE 10)\r\n"
        + ok,
        "UID FETCH 5:6 (UID RFC822.SIZE INTERNALDATE BODY.PEEK[])": CUT,
        "UID FETCH 6 (UID RFC822.SIZE INTERNALDATE BODY.PEEK[])": (
            b"* 2 FETCH (UID 6 RFC822.SIZE 10 BODY[] {13}\r\nSubject: ok\r\n)\r\n" + ok
        ),
        "IDLE": b"+ idling\r\n",
    }
    async with imap_script(answers) as script:
        imap = {"host": "127.0.0.1", "port": script.port, "security": "plain"}
        ctx = MemoryContext(settings(dovecot, user, imap=imap), password=PASSWORD)
        patient = EmailAdapter([b"k" * 32], pace=HASTY)
        async with running(patient, ctx):
            await ctx.mails_came(1)
            told = await ctx.is_told(HealthState.DEGRADED)
    assert (told.code, told.details) == ("imap.unreadable_mail", {"unreadable": "1"})
    assert ctx.subjects == ["ok"]
