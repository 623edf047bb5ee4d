"""The reader under aioimaplib against servers that misbehave (defects D1 to D18)."""

import asyncio
import ssl

import pytest

from channels.email.imap.client import ImapClient
from channels.email.imap.failures import (
    Bye,
    ConnectionLost,
    ImapError,
    NotOffered,
    OutOfStep,
    Refused,
    SignInFailed,
)
from inbox.contract import HealthState
from tests.adapter.email.conftest import letter, running, settings
from tests.servers.context import MemoryContext
from tests.servers.dovecot import PASSWORD
from tests.servers.imap_script import CUT, imap_script


OK = b"{tag} OK done\r\n"


async def opened(script, security="plain") -> ImapClient:
    return await ImapClient.open(
        "127.0.0.1",
        script.port,
        security=security,
        context=ssl.create_default_context(),
        allow_private=True,
    )


async def test_a_goodbye_as_greeting_is_told_at_once():
    greeting = b"* BYE Too many connections\r\n"
    async with imap_script(greeting=greeting) as script:
        with pytest.raises(Bye, match="Too many"):
            async with asyncio.timeout(2):
                await opened(script)


async def test_too_many_connections_are_named(adapter, dovecot, user):
    async with imap_script(greeting=b"* BYE Too many simultaneous connections\r\n") as script:
        imap = {"host": "127.0.0.1", "port": script.port, "security": "plain"}
        ctx = MemoryContext(settings(dovecot, user, imap=imap), password=PASSWORD)
        async with running(adapter, ctx):
            told = await ctx.is_told(HealthState.DISCONNECTED)
    assert told.code == "imap.too_many_connections"


async def test_a_refused_token_comes_with_its_reason():
    answers = {"AUTHENTICATE": b"+ eyJzdGF0dXMiOiI0MDEifQ==\r\n", "": b"{tag} NO"}
    async with imap_script(answers) as script:
        client = await opened(script)
        task = asyncio.create_task(client.sign_in_with_token("u", "t"))
        while b"\r\n" not in script.said:  # noqa: ASYNC110 - the script announces nothing
            await asyncio.sleep(0.01)
        assert client._protocol.sasl_error == b"eyJzdGF0dXMiOiI0MDEifQ=="
        client.abort()
        with pytest.raises(ConnectionLost):
            await task


async def test_a_refused_password_is_an_answer_not_a_broken_connection():
    answers = {"LOGIN": b"{tag} NO [AUTHENTICATIONFAILED] no\r\n"}
    async with imap_script(answers) as script, await opened(script) as client:
        with pytest.raises(SignInFailed) as failed:
            await client.sign_in('we"ird user', "pass\\word")
        assert failed.value.code == "AUTHENTICATIONFAILED"
        assert client.is_alive
        assert b'"we\\"ird user" "pass\\\\word"' in script.said[-1]


async def test_plain_text_behind_starttls_is_refused():
    answers = {"STARTTLS": b"{tag} OK go\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n"}
    async with imap_script(answers) as script:
        with pytest.raises(ImapError, match="plain text after STARTTLS"):
            await opened(script, "starttls")


async def test_a_server_without_starttls_gets_no_password():
    answers = {"CAPABILITY": b"* CAPABILITY IMAP4rev1\r\n" + OK}
    async with imap_script(answers) as script:
        with pytest.raises(NotOffered):
            await opened(script, "starttls")
        assert not any(b"LOGIN" in line for line in script.said)


async def test_a_server_that_closes_instead_of_idling_is_noticed():
    answers = {"LOGIN": OK, "SELECT": b"* OK [UIDVALIDITY 1]\r\n" + OK, "IDLE": CUT}
    async with imap_script(answers) as script, await opened(script) as client:
        await client.sign_in("u", "p")
        await client.select("INBOX")
        with pytest.raises(ConnectionLost):
            async with asyncio.timeout(2):
                await client.idle(60)


async def test_a_server_that_refuses_to_idle_is_noticed():
    answers = {"LOGIN": OK, "SELECT": OK, "IDLE": b"{tag} NO not today\r\n"}
    async with imap_script(answers) as script, await opened(script) as client:
        await client.sign_in("u", "p")
        await client.select("INBOX")
        with pytest.raises(Refused):
            async with asyncio.timeout(2):
                await client.idle(60)


async def test_a_silent_server_is_given_up():
    async with imap_script({"LOGIN": OK}) as script, await opened(script) as client:
        await client.sign_in("u", "p")
        with pytest.raises(TimeoutError):
            await client._protocol.call("NOOP", silence=0.2)
        assert not client.is_alive
        with pytest.raises(ConnectionLost):
            await client.noop()


async def test_a_cancelled_command_ends_the_connection():
    async with imap_script({"LOGIN": OK}) as script, await opened(script) as client:
        await client.sign_in("u", "p")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await client.noop()
        assert not client.is_alive


async def test_a_dripping_server_is_understood():
    async with imap_script({"LOGIN": OK}, drip=0.001) as script, await opened(script) as client:
        await client.sign_in("u", "p")
        assert client.offers("IDLE")


async def test_an_endless_line_is_cut_off():
    greeting = b"* OK " + b"x" * (17 << 20)
    async with imap_script(greeting=greeting) as script:
        with pytest.raises(OutOfStep):
            await opened(script)


async def test_news_between_commands_is_not_lost():
    answers = {"LOGIN": OK, "SELECT": OK, "NOOP": b"* 5 EXISTS\r\n" + OK}
    async with imap_script(answers) as script, await opened(script) as client:
        await client.sign_in("u", "p")
        await client.select("INBOX")
        await client.noop()
        assert await client.idle(60)
        client.settle()
        assert not client.has_news


async def test_capabilities_are_asked_again_after_signing_in(dovecot, user):
    async with await ImapClient.open(
        "127.0.0.1",
        dovecot.imap,
        security="plain",
        context=dovecot.context(),
        allow_private=True,
    ) as client:
        assert not client.offers("NAMESPACE")
        await client.sign_in(user, PASSWORD)
        assert client.offers("NAMESPACE")
        await client.log_out()


async def test_a_folder_with_any_name_can_be_opened(dovecot, user):
    async with await ImapClient.open(
        "127.0.0.1",
        dovecot.imap,
        security="plain",
        context=dovecot.context(),
        allow_private=True,
    ) as client:
        await client.sign_in(user, PASSWORD)
        for name in ('Отправленные & "co"', "Elemente trimise", "日本語"):
            await dovecot.doveadm("mailbox", "create", "-u", user, name)
            assert (await client.select(name)).exists == 0
        names = {folder.name for folder in await client.folders()}
        assert {'Отправленные & "co"', "日本語"} <= names
        await client.log_out()


async def test_a_server_without_idle_is_polled(adapter, dovecot, user):
    answers = {
        "CAPABILITY": b"* CAPABILITY IMAP4rev1\r\n" + OK,
        "LOGIN": OK,
        "SELECT": b"* OK [UIDVALIDITY 3]\r\n* OK [UIDNEXT 7]\r\n" + OK,
        "LIST": OK,
        "UID": b"* SEARCH\r\n" + OK,
        "NOOP": b"* 1 EXISTS\r\n" + OK,
    }
    async with imap_script(answers) as script:
        imap = {"host": "127.0.0.1", "port": script.port, "security": "plain"}
        ctx = MemoryContext(settings(dovecot, user, imap=imap), password=PASSWORD)
        async with running(adapter, ctx):
            await ctx.connected()
            await asyncio.sleep(1)
            assert sum(b"NOOP" in line for line in script.said) >= 3
    assert not any(b"IDLE" in line for line in script.said)


async def test_the_socket_rests_while_the_reader_lags(dovecot, user):
    await dovecot.put([letter(f"big {n}", "x" * 70 * 20_000) for n in range(20)], user)
    async with await ImapClient.open(
        "127.0.0.1",
        dovecot.imap,
        security="plain",
        context=dovecot.context(),
        allow_private=True,
    ) as client:
        await client.sign_in(user, PASSWORD)
        await client.select("INBOX")
        rested = 0
        sizes = []
        async for mail in client.fetch(await client.search("ALL")):
            await asyncio.sleep(0.02)
            rested += client._protocol.pending_sync_command is not None and (
                client._protocol.pending_sync_command._is_resting
            )
            sizes.append(len(mail.body))
        await client.log_out()
    assert len(sizes) == 20
    assert min(sizes) > 1_400_000
    assert rested
