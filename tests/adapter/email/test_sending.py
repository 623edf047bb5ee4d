"""Sending: what every answer of a server means."""

import asyncio
from email import message_from_bytes
from email.policy import SMTP
from uuid import UUID

import msgspec
import pytest

from channels.email import smtp
from channels.email.adapter import EmailAdapter
from channels.email.threading import Codes
from inbox.contract import (
    AccountId,
    Address,
    ExternalRef,
    Fault,
    Html,
    Media,
    Recipient,
    RichText,
    SendFailed,
    Stored,
    ThreadRef,
)
from infra.clock import new_id
from tests.adapter.email.conftest import op_of, outbound
from tests.servers.ports import free_port


async def fault_of(adapter, relay, *to) -> tuple[Fault, str]:
    with pytest.raises(SendFailed) as failed:
        await adapter.send(relay, op_of(adapter, outbound(relay.account, *to)))
    return failed.value.error.fault, failed.value.error.code


async def test_a_mail_that_is_taken_is_sent(adapter, relay, script):
    message = outbound(relay.account)
    receipt = await adapter.send(relay, op_of(adapter, message))
    (taken,) = script.taken
    assert (taken.sender, taken.recipients) == ("support@hub.test", ("alice@client.test",))
    mail = message_from_bytes(taken.raw, policy=SMTP)
    assert receipt.external_ids == (mail["Message-ID"],)
    assert receipt.refused == {}
    body = mail.get_body(("plain",)).get_content()
    assert body.splitlines() == ["Good day,", "", "it is on its way.", ".hidden dot"]


@pytest.mark.parametrize(
    ("said", "meaning"),
    [
        ("busy", (Fault.THROTTLED, "smtp.throttled", 0)),
        ("mail_later", (Fault.THROTTLED, "smtp.throttled", 0)),
        ("mail_refused", (Fault.AUTH, "smtp.sender_refused", 0)),
        ("cut_before_data", (Fault.TRANSIENT, "smtp.lost", 0)),
        ("data_later", (Fault.TRANSIENT, "smtp.try_later", 0)),
        ("dot_later", (Fault.TRANSIENT, "smtp.try_later", 0)),
        ("too_big", (Fault.CONTENT, "smtp.too_big", 0)),
        ("policy", (Fault.CONTENT, "smtp.policy", 0)),
        ("take_and_cut", (Fault.UNKNOWN, "smtp.lost_after_data", 1)),
        ("drop_and_cut", (Fault.UNKNOWN, "smtp.lost_after_data", 0)),
    ],
)
async def test_every_failure_is_named_for_what_it_is(adapter, relay, script, said, meaning):
    script.script = said
    assert (*await fault_of(adapter, relay), len(script.taken)) == meaning


async def test_a_cut_in_the_middle_of_the_mail_is_certainly_not_sent(adapter, relay, script):
    script.script = "cut_in_data"
    blob = relay.keep_blob(b"x" * (8 << 20))
    part = Media(kind="file", source=Stored(blob=blob), filename="x.bin", mime="a/b")
    with pytest.raises(SendFailed) as failed:
        await adapter.send(relay, op_of(adapter, outbound(relay.account, parts=(part,))))
    assert failed.value.error.fault is Fault.TRANSIENT
    assert script.taken == []


async def test_silence_after_the_dot_is_unknown(adapter, relay, script, monkeypatch):
    monkeypatch.setattr(smtp, "LAST_REPLY", 0.3)
    script.script = "hang"
    assert await fault_of(adapter, relay) == (Fault.UNKNOWN, "smtp.lost_after_data")
    assert len(script.taken) == 1


@pytest.mark.parametrize(
    ("recipient", "fault", "code"),
    [
        ("later@client.test", Fault.TRANSIENT, "smtp.try_later"),
        ("gone@client.test", Fault.RECIPIENT, "smtp.no_such_mailbox"),
        ("full@client.test", Fault.RECIPIENT, "smtp.mailbox_full"),
        ("blocked@client.test", Fault.REFUSED, "smtp.recipient_refused"),
    ],
)
async def test_a_refused_recipient_is_told_why(adapter, relay, recipient, fault, code):
    assert await fault_of(adapter, relay, recipient) == (fault, code)


async def test_the_others_have_it_when_one_recipient_is_refused(adapter, relay, script):
    op = op_of(adapter, outbound(relay.account, "alice@client.test", "gone@client.test"))
    receipt = await adapter.send(relay, op)
    assert script.taken[0].recipients == ("alice@client.test",)
    assert list(receipt.refused) == ["gone@client.test"]
    assert receipt.refused["gone@client.test"].code == "smtp.no_such_mailbox"


async def test_a_server_that_is_not_there_is_tried_again(adapter, relay):
    relay.config["smtp"]["port"] = free_port()
    assert await fault_of(adapter, relay) == (Fault.TRANSIENT, "host.refused")


async def test_a_host_inside_the_network_is_not_connected_to(adapter, relay, script):
    relay.config["allow_private"] = False
    assert await fault_of(adapter, relay) == (Fault.AUTH, "host.private")


async def test_a_sealed_hub_sends_nothing_out(relay, script):
    relay.config["smtp"]["host"] = "smtp.hub.test"
    sealed = EmailAdapter([b"k" * 32], sandbox=True)
    assert await fault_of(sealed, relay, "alice@gmail.com") == (Fault.CONTENT, "sandbox.sealed")


async def test_every_attempt_sends_the_same_bytes(adapter, relay, script):
    blob = relay.keep_blob(b"\x89PNG")
    part = Media(kind="image", source=Stored(blob=blob), filename="b.png", mime="image/png")
    message = outbound(relay.account, parts=(part,))
    for _ in range(2):
        await adapter.send(relay, op_of(adapter, message))
    assert script.taken[0].raw == script.taken[1].raw


async def test_bcc_is_only_in_the_envelope(adapter, relay, script):
    secret = Recipient(Address("email", "boss@hub.test"), "bcc")
    message = msgspec.structs.replace(outbound(relay.account), copies=(secret,))
    await adapter.send(relay, op_of(adapter, message))
    (taken,) = script.taken
    assert taken.recipients == ("alice@client.test", "boss@hub.test")
    assert b"boss" not in taken.raw


async def test_an_answer_carries_the_ids_of_its_thread(adapter, relay, script):
    thread = ThreadRef(relay.account, "")
    ids = tuple(f"<{'long' * 30}.{n}@client.test>" for n in range(40))
    message = outbound(relay.account, references=ids, reply_to=ExternalRef(thread, ids[-1]))
    await adapter.send(relay, op_of(adapter, message))
    mail = message_from_bytes(script.taken[0].raw, policy=SMTP)
    assert mail["Subject"] == "Re: Your order"
    assert mail["In-Reply-To"] == ids[-1]
    references = mail["References"].split()
    assert (references[0], references[-1]) == (ids[0], ids[-1])
    assert len(" ".join(references)) <= 900
    assert b"=?utf-8" not in script.taken[0].raw


async def test_a_recipient_that_is_no_address_stops_nobody_else(adapter, relay, script):
    op = op_of(adapter, outbound(relay.account, "alice@client.test"))
    wrong = Address("email", "evil\r\nRCPT TO:<x@y.test>")
    op = msgspec.structs.replace(op, recipients=(*op.recipients, wrong))
    receipt = await adapter.send(relay, op)
    assert receipt.refused[wrong.value].code == "smtp.bad_address"
    assert script.taken[0].recipients == ("alice@client.test",)


async def test_a_file_that_is_gone_is_said(adapter, relay, script):
    part = Media(kind="file", source=Stored(blob="0" * 64), filename="gone.pdf")
    with pytest.raises(SendFailed) as failed:
        await adapter.send(relay, op_of(adapter, outbound(relay.account, parts=(part,))))
    assert failed.value.error.code == "smtp.not_writable"
    assert script.attempts == 0


async def test_settings_that_do_not_fit_pause_the_account(adapter, relay):
    relay.config["smtp"] = "nowhere"
    assert await fault_of(adapter, relay) == (Fault.AUTH, "settings.invalid")


async def test_a_line_break_in_a_name_adds_no_header(adapter, relay, script):
    evil = Address("email", "alice@client.test", display="A\r\nBcc: x@y.test")
    message = outbound(relay.account, subject="a\nX-Evil: 1")
    message = msgspec.structs.replace(message, to=evil)
    await adapter.send(relay, op_of(adapter, message))
    mail = message_from_bytes(script.taken[0].raw, policy=SMTP)
    assert mail["Bcc"] is None
    assert mail["X-Evil"] is None


async def test_a_cancelled_send_leaves_no_connection(adapter, relay, script):
    script.script = "hang"
    task = asyncio.create_task(adapter.send(relay, op_of(adapter, outbound(relay.account))))
    while not script.taken:  # noqa: ASYNC110 - the script announces nothing
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def test_an_outbound_message_has_one_call_for_all_its_recipients(adapter):
    account = AccountId(UUID(int=1))
    message = outbound(account, "a@x.test", "b@x.test", "a@x.test")
    op = op_of(adapter, message)
    assert [one.value for one in op.recipients] == ["a@x.test", "b@x.test"]
    assert op.key == f"{message.id}/0"


async def test_an_answer_is_asked_for_at_an_address_that_names_its_thread(adapter, relay, script):
    relay.config["plus_addressing"] = True
    message = outbound(relay.account)
    await adapter.send(relay, op_of(adapter, message))
    address = message_from_bytes(script.taken[0].raw, policy=SMTP)["Reply-To"].addresses[0]
    codes = Codes(b"k" * 32)
    assert codes.thread_of(relay.account, address.addr_spec) == message.thread_id
    assert codes.thread_of(new_id(), address.addr_spec) is None


async def test_what_a_machine_answers_says_so(adapter, relay, script):
    message = msgspec.structs.replace(outbound(relay.account), automatic=True)
    await adapter.send(relay, op_of(adapter, message))
    await adapter.send(relay, op_of(adapter, outbound(relay.account)))
    machine, person = (message_from_bytes(taken.raw, policy=SMTP) for taken in script.taken)
    assert machine["Auto-Submitted"] == "auto-replied"
    assert person["Auto-Submitted"] is None


async def test_an_image_in_the_text_is_shown_there(adapter, relay, script):
    picture = Media(
        kind="image",
        source=Stored(blob=relay.keep_blob(b"\x89PNG")),
        filename="kitchen.png",
        mime="image/png",
        content_id="k1",
        inline=True,
    )
    page = Html(html='<p>Look: <img src="cid:k1"></p>')
    message = outbound(
        relay.account, "alice@client.test", "ana@client.test", parts=(page, picture)
    )
    await adapter.send(relay, op_of(adapter, message))
    mail = message_from_bytes(script.taken[0].raw, policy=SMTP)
    assert mail["Cc"] == "ana@client.test"
    kinds = [part.get_content_type() for part in mail.walk()]
    assert kinds == [
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
    ]
    assert [part["Content-ID"] for part in mail.walk()][-1] == "<k1>"


async def test_text_is_written_as_html_without_being_trusted(adapter, relay, script):
    message = msgspec.structs.replace(
        outbound(relay.account),
        parts=(RichText(text="a <b>\nhttps://hub.test/x?a=1&b=2.\n\n> quoted\n> more"),),
    )
    await adapter.send(relay, op_of(adapter, message))
    mail = message_from_bytes(script.taken[0].raw, policy=SMTP)
    page = mail.get_body(("html",)).get_content()
    assert "a &lt;b&gt;<br>" in page
    assert 'href="https://hub.test/x?a=1&amp;b=2"' in page
    assert "<blockquote" in page
    assert "quoted<br>more" in page
