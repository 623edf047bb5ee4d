"""The settings of one bind to a short-message centre."""

import re
import ssl
from collections.abc import Iterator, Mapping
from typing import Any, Literal

import msgspec

from channels.sms.rules import RULES, rules_problem
from channels.sms.smpp.coding import Alphabet
from channels.sms.smpp.pdu import Party
from channels.sms.smpp.receipts import Ids


BindMode = Literal["transceiver", "transmitter_receiver", "transmitter"]
"""One bind for both ways, one for each way, or sending alone."""

Smart = Literal["off", "suggest"]
"""What the composer does about letters that make a text longer than it must be. What is sent is
what the agent sees: parts of a text are counted before the account's settings are known."""

E164 = re.compile(r"\+[1-9][0-9]{6,14}")
SHORT_CODE = re.compile(r"[0-9]{3,8}")
ALPHANUMERIC = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 ._&+-]{1,11}")

INTERNATIONAL, NATIONAL, NETWORK, ALPHA = 1, 2, 3, 5  # types of number (SMPP 3.4 section 5.2.5)
ISDN = 1  # numbering plan E.164 (section 5.2.6)


class SmppAccount(msgspec.Struct, frozen=True):
    """The settings of one bind, valid against ``SCHEMA``.

    Attributes:
        address: What clients see as the sender: E.164, a short code, or up to 11 letters.
        bind: How we bind; see ``BindMode``.
        window: How many submit_sm may wait for their answer at once.
        rate: Messages a second the provider allows; 0 is no limit of ours.
        source_ton, source_npi: None chooses by the form of ``address``.
        alphabet: What the centre means by data_coding 0.
        receipt_ids: How receipts write ids that answers write the other way.
        region: Country whose national numbers clients' numbers are read by.
        validity_hours: How long the network tries; 0 leaves it to the centre.
        price: For one part, a decimal number; "" when nobody said.
        optout_reply, help_reply, quiet_from, quiet_to: See ``channels.sms.rules``.
    """

    host: str
    port: int
    address: str
    system_id: str
    security: Literal["plain", "tls"] = "plain"
    system_type: str = ""
    address_range: str = ""
    bind: BindMode = "transceiver"
    window: int = 10
    rate: float = 10.0
    enquire_seconds: int = 30
    source_ton: int | None = None
    source_npi: int | None = None
    alphabet: Alphabet = "gsm7"
    smart: Smart = "suggest"
    receipts: bool = True
    receipt_ids: Ids = "same"
    validity_hours: int = 0
    region: str = "RO"
    price: str = ""
    currency: str = "EUR"
    optout_reply: str = ""
    help_reply: str = ""
    quiet_from: str = ""
    quiet_to: str = ""
    trusted_certificate: str = ""
    allow_private: bool = False

    @property
    def source(self) -> Party:
        """The sender as packets carry it."""
        ton, npi, value = NETWORK, 0, self.address
        if E164.fullmatch(self.address):
            ton, npi, value = INTERNATIONAL, ISDN, self.address[1:]
        elif not SHORT_CODE.fullmatch(self.address):
            ton, npi = ALPHA, 0
        return Party(
            ton if self.source_ton is None else self.source_ton,
            npi if self.source_npi is None else self.source_npi,
            value,
        )

    @property
    def is_one_way(self) -> bool:
        """Nobody can answer letters."""
        has_number = E164.fullmatch(self.address) or SHORT_CODE.fullmatch(self.address)
        return self.bind == "transmitter" or not has_number

    def tls(self) -> ssl.SSLContext | None:
        """Return the TLS context the centre is verified with; None for plain connections.

        Raises:
            ssl.SSLError: The trusted certificate is none.
        """
        if self.security == "plain":
            return None
        context = ssl.create_default_context()
        if self.trusted_certificate:
            context.load_verify_locations(cadata=self.trusted_certificate)
        return context


def read_account(config: Mapping[str, Any]) -> SmppAccount:
    """Return the settings in a configuration.

    Raises:
        msgspec.ValidationError: It does not fit ``SCHEMA``; the message says where.
    """
    return msgspec.convert(config, SmppAccount)


def validated(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return a configuration with its defaults.

    Raises:
        ValueError: It breaks a rule; the message names the field and the remedy.
    """
    try:
        account = read_account(config)
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from error
    problem = next(_problems(account), None)
    if problem is not None:
        raise ValueError(problem)
    complete: dict[str, Any] = msgspec.to_builtins(account)
    return complete


RANGES: Mapping[str, tuple[float, float, str]] = {
    "port": (1, 65535, "a port is a number from 1 to 65535"),
    "window": (1, 1_000, "from 1 to 1000; the provider says how many"),
    "rate": (0, 10_000, "messages a second from 0 (no limit) to 10000"),
    "enquire_seconds": (5, 600, "from 5 to 600"),
    "validity_hours": (0, 168, "from 0 (the provider decides) to 168"),
}
FORMS: Mapping[str, tuple[str, str]] = {
    "host": (r"[\x21-\x7e]{1,253}", "say where the centre is"),
    "system_id": (r"[\x20-\x7e]{1,15}", "1 to 15 characters, as the provider gave it"),
    "system_type": (r"[\x20-\x7e]{0,12}", "at most 12 characters, mostly none at all"),
    "region": (r"[A-Z]{2}", "two capital letters of a country, such as RO"),
    "price": (r"([0-9]{1,6}(\.[0-9]{1,6})?)?", "a decimal number, such as 0.035"),
    "currency": (r"[A-Z]{3}", "three capital letters, such as EUR"),
}


def _problems(account: SmppAccount) -> Iterator[str]:
    for name, (least, most, remedy) in RANGES.items():
        if not least <= getattr(account, name) <= most:
            yield f"{name}: {remedy}"
    for name, (form, remedy) in FORMS.items():
        if not re.fullmatch(form, getattr(account, name)):
            yield f"{name}: {remedy}"
    if not any(one.fullmatch(account.address) for one in (E164, SHORT_CODE, ALPHANUMERIC)):
        yield "address: a number like +40721000000, a short code, or at most 11 Latin letters"
    if (problem := rules_problem(account.quiet_from, account.quiet_to)) is not None:
        yield problem
    try:
        account.tls()
    except (ssl.SSLError, ValueError):
        yield "trusted_certificate: paste the certificate in PEM form"


def _text(title: str, limit: int, **more: Any) -> dict[str, Any]:
    return {"type": "string", "title": title, "maxLength": limit, **more}


def _number(title: str, least: int, most: int, default: int | None) -> dict[str, Any]:
    kind = "integer" if default is not None else ["integer", "null"]
    return {"type": kind, "title": title, "minimum": least, "maximum": most, "default": default}


SCHEMA: Mapping[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "SMPP",
    "type": "object",
    "required": ["host", "port", "address", "system_id"],
    "additionalProperties": False,
    "properties": {
        "host": _text("Host", 253, minLength=1),
        "port": _number("Port", 1, 65535, 2775),
        "security": _text("Security", 10, enum=["plain", "tls"], default="plain"),
        "system_id": _text("System ID", 15, minLength=1),
        "address": _text("Sender", 16, minLength=1),
        "system_type": _text("System type", 12, default=""),
        "address_range": _text("Address range", 40, default=""),
        "bind": _text(
            "Bind",
            30,
            enum=["transceiver", "transmitter_receiver", "transmitter"],
            default="transceiver",
        ),
        "window": _number("Window", 1, 1_000, 10),
        "rate": {
            "type": "number",
            "title": "Messages a second",
            "minimum": 0,
            "maximum": 10_000,
            "default": 10,
        },
        "enquire_seconds": _number("Seconds between enquire_link", 5, 600, 30),
        "source_ton": _number("Sender's type of number (TON)", 0, 7, None),
        "source_npi": _number("Sender's numbering plan (NPI)", 0, 18, None),
        "alphabet": _text(
            "Default alphabet", 10, enum=["gsm7", "latin1", "ascii"], default="gsm7"
        ),
        "smart": _text("Plain spelling", 10, enum=["off", "suggest"], default="suggest"),
        "receipts": {"type": "boolean", "title": "Ask for delivery receipts", "default": True},
        "receipt_ids": _text(
            "Message ids in receipts", 10, enum=["same", "decimal", "hex"], default="same"
        ),
        "validity_hours": _number("Hours the network tries", 0, 168, 0),
        "region": _text("Country of national numbers", 2, default="RO"),
        "price": _text("Price of a part", 15, default=""),
        "currency": _text("Currency", 3, default="EUR"),
        **RULES,
        "trusted_certificate": _text("Certificate to trust (PEM)", 20_000, default=""),
        "allow_private": {
            "type": "boolean",
            "title": "The centre may be inside the network",
            "default": False,
        },
    },
    "examples": [
        {
            "host": "smpp.example.com",
            "port": 2775,
            "system_id": "punte",
            "address": "+40721000000",
        }
    ],
}

SECRETS = ("password",)

PRESETS: Mapping[str, Mapping[str, Any]] = {
    "SMPP": {"port": 2775},
    "SMPP (TLS)": {"port": 3550, "security": "tls"},
}
