"""Copies in the folder for sent mail, on a real server."""

import pytest

from inbox.contract import SendFailed
from tests.adapter.email.conftest import op_of, outbound, running, settings
from tests.servers.context import MemoryContext
from tests.servers.dovecot import PASSWORD
from tests.servers.ports import free_port


@pytest.fixture
def ctx(dovecot, user, script) -> MemoryContext:
    smtp_server = {"host": "127.0.0.1", "port": script.port, "security": "plain"}
    return MemoryContext(settings(dovecot, user, smtp=smtp_server), password=PASSWORD)


async def test_what_was_sent_is_saved_once_and_found(ctx, script, relayed):
    op = op_of(relayed, outbound(ctx.account))
    assert await relayed.was_sent(ctx, op) is None
    receipt = await relayed.send(ctx, op)
    await relayed.send(ctx, op)  # as a worker does that died before it wrote down the first
    assert await relayed.was_sent(ctx, op) == receipt
    async with running(relayed, ctx):
        await ctx.connected()
    assert [raw.headers["role"] for raw in ctx.mails] == ["sent"]


async def test_a_mail_stays_sent_when_no_copy_can_be_kept(ctx, script, relayed):
    ctx.config["imap"] = {"host": "127.0.0.1", "port": free_port(), "security": "plain"}
    receipt = await relayed.send(ctx, op_of(relayed, outbound(ctx.account)))
    assert receipt.state == "sent"
    assert len(script.taken) == 1


async def test_whether_it_was_sent_is_not_guessed_when_nobody_answers(ctx, relayed):
    ctx.config["imap"] = {"host": "127.0.0.1", "port": free_port(), "security": "plain"}
    with pytest.raises(SendFailed):
        await relayed.was_sent(ctx, op_of(relayed, outbound(ctx.account)))


@pytest.fixture
def relayed(adapter, monkeypatch):
    """The adapter over a relay that asks for no password."""

    async def nobody(client):
        return None

    monkeypatch.setattr(adapter, "_smtp_sign_in", lambda ctx, account: nobody)
    return adapter
