"""The adapters under test, each with samples of what its provider hands over and a stand-in."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from email.message import EmailMessage
from typing import Protocol
from urllib.parse import urlencode

import msgspec
import pytest
from twilio.request_validator import RequestValidator

from channels.email.adapter import EmailAdapter
from channels.sms.gateway.adapter import SmsGateway, gateway_of
from inbox.contract import (
    AccountId,
    Adapter,
    Address,
    Fault,
    Pushed,
    Raw,
    Request,
    RunContext,
    SendError,
)
from infra.clock import new_id
from tests.conformance.channel import Desk, PaperAdapter, Sheet
from tests.conformance.smpp import SmsSmpp
from tests.conformance.telegram import Telegram
from tests.conformance.webchat import Webchat
from tests.servers.context import MemoryContext
from tests.servers.sms_gateway import SmsProvider, sms_provider
from tests.servers.smtp_script import Script, smtp_script


class Line(Protocol):
    """An account with a provider that can be told how to answer."""

    adapter: Adapter
    ctx: MemoryContext

    @property
    def handed(self) -> int:
        """How many calls the provider took responsibility for."""

    def break_for(self, fault: Fault) -> None:
        """Let the next calls fail that way."""

    def mend(self) -> None:
        """Let the provider take calls again."""


class Subject(Protocol):
    """One adapter.

    Attributes:
        peer: An address the channel writes to.
        thread: Key of a thread with them.
        payloads: What the provider hands over, by what it is.
        strange: Payloads of kinds the adapter does not know, and what is no payload at all.
        faults: What the stand-in can be told to answer.

    These may be left out:
        about: Names of payloads that speak of another one, and of that one.
        too_big: A message with a file that is not handed over.
        genuine, forged: Requests to an account that a push channel must take, and must refuse.
        settings, secrets: What the account of these requests is given.
    """

    name: str
    peer: Address
    thread: str
    payloads: Mapping[str, Raw]
    strange: Sequence[Raw]
    faults: Sequence[Fault]

    def open(self) -> Adapter:
        """Return the adapter, for what is pure of it."""

    def line(self) -> AbstractAsyncContextManager[Line]:
        """Connect an account to a stand-in."""


# ---------------------------------------------------------------- paper


def sheet(number: int, kind: str, text: str = "Bună", **fields: object) -> Raw:
    """Return a payload of the paper channel."""
    body = Sheet(id=number, type=kind, chat="c1", sender="7", text=text)
    return Raw(key=str(number), body=msgspec.json.encode(msgspec.structs.replace(body, **fields)))


class PaperLine:
    """The paper channel beside its provider."""

    def __init__(self) -> None:
        self.desk = Desk()
        self.adapter = PaperAdapter(self.desk)
        self.ctx = MemoryContext({"name": "desk"}, token="t0ken-of-the-desk")

    @property
    def handed(self) -> int:
        return len(self.desk.taken)

    def break_for(self, fault: Fault) -> None:
        self.desk.mood = SendError(fault=fault, code="paper.mood", retry_after=1.0)

    def mend(self) -> None:
        self.desk.mood = None


class Paper:
    """The smallest channel there is."""

    name = "paper"
    peer = Address("telegram_user", "7")
    thread = "c1"
    payloads: Mapping[str, Raw] = {
        "message": sheet(1, "message"),
        "file": sheet(2, "message", file="content"),
        "receipt": sheet(3, "receipt", "out1", state="delivered"),
        "joined": sheet(4, "joined"),
        "edited": sheet(8, "edited", "Bună seara", about="1"),
        "reaction": sheet(9, "reaction", "👍", about="1"),
        "deleted": sheet(10, "deleted", about="2"),
        "read": sheet(11, "read", about="1"),
        "group": sheet(12, "message", chat="g1", group="Bloc 5"),
        "album": sheet(13, "message", album="a1", file="unu"),
        "album_more": sheet(14, "message", album="a1", file="doi"),
    }
    about: Mapping[str, str] = {"edited": "message", "reaction": "message", "deleted": "file"}
    too_big = sheet(15, "message", size=5 << 20)
    strange = (sheet(5, "hologram"), Raw(key="6", body=b"\xff\x00{"), Raw(key="7", body=b""))
    faults = tuple(Fault)

    def open(self) -> Adapter:
        return PaperAdapter()

    @asynccontextmanager
    async def line(self) -> AsyncIterator[PaperLine]:
        yield PaperLine()


# ---------------------------------------------------------------- e-mail


def mail(number: int, **headers: str) -> Raw:
    """Return a mail as the journal has it."""
    letter = EmailMessage()
    letter["From"] = "Ana <ana@client.test>"
    letter["To"] = "support@hub.test"
    letter["Subject"] = "Comanda"
    letter["Message-ID"] = f"<{number}@client.test>"
    letter["Date"] = "Tue, 24 Nov 2026 12:00:00 +0200"
    for name, value in headers.items():
        letter[name.replace("_", "-")] = value
    letter.set_content("Bună ziua,\n\nunde este comanda?\n")
    return Raw(key=f"INBOX/1/{number}", body=letter.as_bytes(), headers={"role": "inbox"})


def mail_with_file() -> Raw:
    """Return a mail with an attachment."""
    letter = EmailMessage()
    letter["From"] = "ana@client.test"
    letter["Message-ID"] = "<file@client.test>"
    letter.set_content("Vezi fișierul")
    letter.add_attachment(b"%PDF-1.7", "application", "pdf", filename="deviz.pdf")
    return Raw(key="INBOX/1/9", body=letter.as_bytes())


SCRIPTS: Mapping[Fault, Script] = {
    Fault.TRANSIENT: "data_later",
    Fault.THROTTLED: "busy",
    Fault.UNKNOWN: "take_and_cut",
    Fault.CONTENT: "too_big",
    Fault.AUTH: "mail_refused",
}


class EmailLine:
    """The e-mail channel beside a scripted SMTP server."""

    def __init__(self, server: object, port: int) -> None:
        self.server = server
        self.adapter = EmailAdapter([b"k" * 32])
        host = {"host": "127.0.0.1", "port": port, "security": "plain"}
        self.ctx = MemoryContext(
            {
                "address": "support@hub.test",
                "imap": host,
                "smtp": host,
                "allow_private": True,
                "save_sent": "never",
            },
            client_secret="s3cret-of-the-mailbox",  # the stand-in asks for no password
        )

    @property
    def handed(self) -> int:
        return len(self.server.taken)

    def break_for(self, fault: Fault) -> None:
        self.server.script = SCRIPTS[fault]

    def mend(self) -> None:
        self.server.script = "take"


class Email:
    """E-mail over IMAP and SMTP."""

    name = "email"
    peer = Address("email", "ana@client.test")
    thread = "c1"
    payloads: Mapping[str, Raw] = {
        "mail": mail(1),
        "answer": mail(2, In_Reply_To="<x@hub.test>", References="<y@hub.test> <x@hub.test>"),
        "list": mail(3, List_Id="<news.client.test>", Precedence="bulk"),
        "absence": mail(4, Auto_Submitted="auto-replied"),
        "file": mail_with_file(),
    }
    strange = (
        Raw(key="INBOX/1/5", body=b""),
        Raw(key="INBOX/1/6", body=b"\xff\xfe\x00" * 50),
        Raw(key="INBOX/1/7", body=b"Content-Type: x-what/ever\n\nbody"),
    )
    faults = tuple(SCRIPTS)

    def open(self) -> Adapter:
        return EmailAdapter([b"k" * 32])

    @asynccontextmanager
    async def line(self) -> AsyncIterator[EmailLine]:
        async with smtp_script() as server:
            yield EmailLine(server, server.port)


# ---------------------------------------------------------------- SMS over HTTP


def sms(kind: str, **fields: str) -> Raw:
    """Return a call of Twilio as the journal has it."""
    name = "/".join(
        value for key, value in fields.items() if key in {"MessageSid", "MessageStatus"}
    )
    headers = {"region": "RO", "own": "+40213334455", "currency": "EUR"}
    return Raw(key=f"{kind}/{name}", kind=kind, body=msgspec.json.encode(fields), headers=headers)


SMS_ANSWERS: Mapping[Fault, tuple[int, Mapping[str, object]]] = {
    Fault.TRANSIENT: (503, {}),
    Fault.THROTTLED: (429, {"code": 20429, "message": "Too Many Requests"}),
    Fault.UNKNOWN: (0, {}),
    Fault.CONTENT: (400, {"code": 21617, "message": "The concatenated message body exceeds"}),
    Fault.RECIPIENT: (400, {"code": 21211, "message": "Invalid 'To' Phone Number"}),
    Fault.REFUSED: (400, {"code": 21610, "message": "Attempt to send to unsubscribed recipient"}),
    Fault.AUTH: (401, {"code": 20003, "message": "Authenticate"}),
    Fault.FUNDS: (402, {}),
    Fault.BUG: (400, {"code": 21604, "message": "A 'To' phone number is required."}),
}


SMS_SETTINGS = {"address": "+40213334455", "account_sid": f"AC{'0' * 32}", "region": "RO"}
SMS_TOKEN = "t0ken-of-twilio"


def called(
    url: str,
    *,
    signed: Mapping[str, str] | None = None,
    token: str = SMS_TOKEN,
    at: str = "",
) -> Request:
    """Return a call as Twilio's own library signs it.

    Args:
        signed: The fields the signature is of; none leaves it out.
        at: The address the signature is of, when that is another one.
    """
    fields = SMS_CALL
    signature = RequestValidator(token).compute_signature(at or url, signed or fields)
    headers = {"content-type": "application/x-www-form-urlencoded"}
    headers |= {} if signed == {} else {"x-twilio-signature": signature}
    body = urlencode(fields).encode()
    return Request(
        method="POST", path="", url=url, headers=headers, query={}, body=body, peer="192.0.2.1"
    )


SMS_CALL = {"MessageSid": "SM9", "From": "+40721000000", "To": "+40213334455", "Body": "Bună"}


class SmsLine:
    """An account at Twilio beside a stand-in that answers as Twilio documents it."""

    def __init__(self, server: SmsProvider) -> None:
        self.server = server
        self.adapter = gateway_of("twilio")()
        settings = {**SMS_SETTINGS, "base_url": server.url, "allow_private": True}
        self.ctx = MemoryContext(self.adapter.validated(settings), auth_token=SMS_TOKEN)
        self.mend()

    @property
    def handed(self) -> int:
        return len(self.server.taken)

    def break_for(self, fault: Fault) -> None:
        status, body = SMS_ANSWERS[fault]
        self.server.cut = "after" if fault is Fault.UNKNOWN else ""
        self.server.answer = (status or 201, body, {})

    def mend(self) -> None:
        self.server.cut = ""
        self.server.answer = (201, {"sid": "SM{n}", "num_segments": "1"}, {})


class Sms:
    """SMS over a gateway's HTTP interface."""

    name = "sms"
    peer = Address("phone", "+40721000000")
    thread = "c1"
    payloads: Mapping[str, Raw] = {
        "message": sms(
            "mo", MessageSid="SM1", From="+40721000000", To="+40213334455", Body="Bună"
        ),
        "file": sms(
            "mo",
            MessageSid="MM2",
            From="+40721000000",
            To="+40213334455",
            Body="",
            NumMedia="1",
            MediaUrl0="https://api.twilio.com/2010-04-01/Accounts/AC/Messages/MM2/Media/ME1",
            MediaContentType0="image/jpeg",
        ),
        "receipt": sms("dlr", MessageSid="SM3", MessageStatus="delivered"),
        "failure": sms("dlr", MessageSid="SM4", MessageStatus="undelivered", ErrorCode="30003"),
    }
    strange = (
        sms("other", MessageSid="SM5", EventType="something"),
        Raw(key="mo/6", kind="mo", body=b"\xff\x00{"),
        Raw(key="unreadable/7", kind="unreadable", body=b""),
        Raw(key="mo/8", kind="mo", body=b"[" * 100_000),
    )
    settings = SMS_SETTINGS
    secrets: Mapping[str, str] = {"auth_token": SMS_TOKEN}
    faults = tuple(SMS_ANSWERS)

    def genuine(self, ctx: RunContext) -> Sequence[Request]:
        return [called(ctx.hook_url)]

    def forged(self, ctx: RunContext) -> Sequence[Request]:
        return [
            called(ctx.hook_url, signed={}),
            called(ctx.hook_url, signed={**SMS_CALL, "Body": "nu"}),
            called(ctx.hook_url, token="another-token"),
            called(ctx.hook_url, at="https://hub.test/hook/another-account"),
        ]

    def open(self) -> SmsGateway:
        return gateway_of("twilio")()

    @asynccontextmanager
    async def line(self) -> AsyncIterator[SmsLine]:
        async with sms_provider() as server:
            yield SmsLine(server)


SUBJECTS: Sequence[Subject] = (Paper(), Email(), Sms(), SmsSmpp(), Telegram(), Webchat())
ACCOUNT = AccountId(new_id())


def those(can: Callable[[Subject], object]) -> pytest.MarkDecorator:
    """Run a test with the channels that can do something: with each of them, and at least one."""
    chosen = [one for one in SUBJECTS if can(one)]
    if not chosen:
        raise LookupError("no channel can do this")
    return pytest.mark.parametrize("subject", chosen, indirect=True, ids=lambda one: one.name)


def having(sample: str) -> pytest.MarkDecorator:
    """Run a test with the channels that brought such a sample."""
    return those(lambda one: getattr(one, sample, None))


def is_pushed(subject: Subject) -> bool:
    """Whether its provider calls the hub; then ``genuine`` and ``forged`` are a must."""
    return isinstance(subject.open(), Pushed)
