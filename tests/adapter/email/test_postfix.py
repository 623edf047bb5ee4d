"""Through a real Postfix into a real Dovecot."""

import hashlib
from email import message_from_bytes
from email.policy import SMTP

import pytest

from inbox.contract import Fault, Media, SendFailed, Stored
from tests.adapter.email.conftest import op_of, outbound, running, settings
from tests.servers.context import MemoryContext
from tests.servers.dovecot import PASSWORD


async def test_thirty_megabytes_arrive_as_they_were_sent(adapter, dovecot, user, postfix):
    smtp_server = {"host": "127.0.0.1", "port": postfix.smtp, "security": "plain"}
    sender = MemoryContext(settings(dovecot, user, smtp=smtp_server, save_sent="never"))
    content = hashlib.sha512(b"seed").digest() * (30 << 14)
    blob = sender.keep_blob(content)
    part = Media(kind="file", source=Stored(blob=blob), filename="b.zip", mime="a/zip")
    await adapter.send(sender, op_of(adapter, outbound(sender.account, user, parts=(part,))))
    receiver = MemoryContext(settings(dovecot, user), password=PASSWORD)
    async with running(adapter, receiver):
        await receiver.mails_came(1)
    mail = message_from_bytes(receiver.mails[0].body, policy=SMTP)
    (attachment,) = mail.iter_attachments()
    assert len(content) == 30 << 20
    assert attachment.get_payload(decode=True) == content


async def test_starttls_is_verified(adapter, relay, postfix):
    relay.config["smtp"] = {"host": "localhost", "port": postfix.smtp, "security": "starttls"}
    op = op_of(adapter, outbound(relay.account))
    with pytest.raises(SendFailed) as failed:
        await adapter.send(relay, op)
    assert failed.value.error.code == "tls.untrusted"
    relay.config["trusted_certificate"] = (postfix.base / "cert.pem").read_text()
    assert (await adapter.send(relay, op)).state == "sent"


async def test_its_refusals_are_understood(adapter, relay, postfix):
    relay.config["smtp"] = {"host": "127.0.0.1", "port": postfix.smtp, "security": "plain"}
    names = ("alice@client.test", "gone@client.test", "tempfail@client.test")
    receipt = await adapter.send(relay, op_of(adapter, outbound(relay.account, *names)))
    faults = {name: error.fault for name, error in receipt.refused.items()}
    assert faults == {
        "gone@client.test": Fault.RECIPIENT,
        "tempfail@client.test": Fault.TRANSIENT,
    }


async def test_an_international_address_is_written_to(adapter, relay, postfix):
    relay.config["smtp"] = {"host": "127.0.0.1", "port": postfix.smtp, "security": "plain"}
    message = outbound(relay.account, "ană@client.test")
    with pytest.raises(SendFailed) as failed:
        await adapter.send(relay, op_of(adapter, message))
    assert failed.value.error.fault is not Fault.UNKNOWN
