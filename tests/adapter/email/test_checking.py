"""Trying a mailbox's settings step by step."""

import base64

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from inbox.contract import HealthState, SendFailed
from tests.adapter.email.conftest import op_of, outbound, settings
from tests.servers.context import MemoryContext
from tests.servers.dovecot import PASSWORD
from tests.servers.ports import free_port


@pytest.fixture
def ctx(dovecot, user):
    """A mailbox whose mail goes out by Dovecot's submission, which wants the password too."""
    smtp = {"host": "127.0.0.1", "port": dovecot.submission, "security": "plain"}
    return MemoryContext(settings(dovecot, user, smtp=smtp), password=PASSWORD)


async def failure_of(adapter, ctx) -> tuple[str, str]:
    with pytest.raises(SendFailed) as failed:
        await adapter.check(ctx)
    return failed.value.error.scope, failed.value.error.code


async def test_settings_that_work_are_told_with_their_steps(adapter, ctx, user):
    info = await adapter.check(ctx)
    assert info.steps == adapter.check_steps
    assert info.address.value == user
    assert (await adapter.probe(ctx)).state is HealthState.CONNECTED


async def test_the_first_step_that_fails_is_told(adapter, ctx, user):
    ctx.secrets["password"] = "wrong"
    assert await failure_of(adapter, ctx) == ("settings,imap_connect", "auth.refused")
    assert (await adapter.probe(ctx)).code == "auth.refused"
    ctx.secrets["password"] = PASSWORD
    ctx.config["smtp"]["port"] = free_port()
    told = ("settings,imap_connect,imap_sign_in,imap_folders", "host.refused")
    assert await failure_of(adapter, ctx) == told
    ctx.config["sent_folder"] = "Nowhere"
    assert await failure_of(adapter, ctx) == (
        "settings,imap_connect,imap_sign_in",
        "imap.no_folder",
    )
    ctx.config["imap"]["port"] = free_port()
    assert await failure_of(adapter, ctx) == ("settings", "host.refused")
    ctx.config["imap"] = {"host": 5}
    assert await failure_of(adapter, ctx) == ("", "settings.invalid")


async def test_a_host_nobody_knows_is_told(adapter, ctx):
    ctx.config["imap"]["host"] = "no-such-host.invalid"
    assert await failure_of(adapter, ctx) == ("settings", "host.not_found")


async def test_what_is_sent_can_be_signed(adapter, relay, script):
    key = rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    ).decode()
    public = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    record = b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)
    relay.config["dkim"] = {"selector": "s1", "domain": "hub.test"}
    relay.secrets["dkim_key"] = pem
    await adapter.send(relay, op_of(adapter, outbound(relay.account)))
    raw = script.taken[0].raw
    assert dkim.verify(raw, dnsfunc=lambda name, timeout=5: record)
    assert not dkim.verify(b"From: x@evil.test\r\n" + raw, dnsfunc=lambda name, timeout=5: record)
    relay.secrets["dkim_key"] = "no key"
    with pytest.raises(SendFailed) as failed:
        await adapter.send(relay, op_of(adapter, outbound(relay.account)))
    assert failed.value.error.code == "dkim.bad_key"
