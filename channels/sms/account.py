"""What every SMS account is asked for, whichever gateway it uses."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec
import phonenumbers

from channels.sms.gsm import Smart
from channels.sms.rules import RULES, rules_problem
from channels.sms.sender import Sender, kind_of, read_sender
from inbox.contract import Cost


PREFIX = re.compile(r"\+?\d{0,9}")
CURRENCY = re.compile(r"[A-Z]{3}")


class Price(msgspec.Struct, frozen=True):
    """What one part costs to numbers that begin with ``prefix``; "" is every other number."""

    price: str
    prefix: str = ""


class SmsAccount(msgspec.Struct, frozen=True):
    """The common settings of an SMS account.

    Attributes:
        address: The sender: E.164, a short code or a name; see ``channels.sms.sender``.
        region: Country code whose spellings of numbers are meant when nothing says otherwise.
        smart: What is done about letters that make a message longer.
        prices: Prices of one part, for estimates and when the provider tells none.
        per_second: Calls the provider takes a second.
        test_to: A number that ``check`` sends a message to.
        optout_reply, help_reply, quiet_from, quiet_to: See ``channels.sms.rules``.
        allow_private: The gateway may be inside the network.
    """

    address: str
    name: str = ""
    region: str = "MD"
    smart: Smart = "suggest"
    prices: tuple[Price, ...] = ()
    currency: str = "EUR"
    per_second: float = 10.0
    test_to: str = ""
    optout_reply: str = ""
    help_reply: str = ""
    quiet_from: str = ""
    quiet_to: str = ""
    allow_private: bool = False

    @property
    def sender(self) -> Sender:
        """The sender, which was read before."""
        return Sender(kind_of(self.address), self.address)

    def cost(self, number: str, parts: int) -> Cost | None:
        """Return what ``parts`` to a number cost by the price table; None when it has no row."""
        fitting = [row for row in self.prices if number.startswith(row.prefix)]
        if not fitting or not parts:
            return None
        row = max(fitting, key=lambda one: len(one.prefix))
        amount = Decimal(row.price) * parts
        return Cost(amount=f"{amount.normalize():f}", currency=self.currency, units=parts)


def read_account(config: Mapping[str, Any]) -> SmsAccount:
    """Return the common settings in a configuration that was validated.

    Raises:
        msgspec.ValidationError: It is not one.
    """
    return msgspec.convert(config, SmsAccount)


def validated_account(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the common settings with their defaults, the address in its canonical form.

    Raises:
        ValueError: They break a rule; the message names the field and the remedy.
    """
    try:
        account = read_account(config)
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from error
    if account.region not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError("region: write the two letters of a country, such as MD")
    try:
        sender = read_sender(account.address, account.region)
    except ValueError as error:
        raise ValueError(f"address: {error}") from error
    test_to = _test_number(account)
    if not 0 < account.per_second <= 1000:
        raise ValueError("per_second: calls a second are a number from 0.1 to 1000")
    if not CURRENCY.fullmatch(account.currency):
        raise ValueError("currency: write its three letters, such as EUR")
    problem = rules_problem(account.quiet_from, account.quiet_to)
    if problem is not None:
        raise ValueError(problem)
    prices = tuple(_price(row) for row in account.prices)
    complete: dict[str, Any] = msgspec.to_builtins(
        msgspec.structs.replace(account, address=sender.value, test_to=test_to, prices=prices)
    )
    return complete


def _test_number(account: SmsAccount) -> str:
    if not account.test_to:
        return ""
    try:
        found = read_sender(account.test_to, account.region)
    except ValueError:
        found = Sender("name", "")
    if found.kind != "number":
        raise ValueError("test_to: write a number like +37369123456, or leave it empty")
    return found.value


def _price(row: Price) -> Price:
    if not PREFIX.fullmatch(row.prefix):
        raise ValueError("prices.prefix: write the beginning of numbers, such as +373")
    try:
        price = Decimal(row.price)
    except InvalidOperation as error:
        raise ValueError("prices.price: write a decimal number such as 0.035") from error
    if not price.is_finite() or not 0 <= price < 1000:
        raise ValueError("prices.price: a part costs between 0 and 1000")
    prefix = f"+{row.prefix.lstrip('+')}" if row.prefix.lstrip("+") else ""
    return Price(price=f"{price:f}", prefix=prefix)


def text_field(title: str, limit: int = 320, **more: Any) -> dict[str, Any]:
    """Return the JSON Schema of a text."""
    return {"type": "string", "title": title, "maxLength": limit, **more}


COMMON: Mapping[str, Any] = {
    "address": text_field("Sender: a number, a short code or a name", 32, minLength=1),
    "name": text_field("Name", 100, default=""),
    "region": text_field("Country of local numbers", 2, minLength=2, default="MD"),
    "smart": text_field(
        "Plain letters when they save parts",
        enum=["off", "suggest", "always"],
        default="suggest",
    ),
    "prices": {
        "type": "array",
        "title": "Price of one part",
        "items": {
            "type": "object",
            "required": ["price"],
            "additionalProperties": False,
            "properties": {
                "prefix": text_field("Numbers that begin with", 10, default=""),
                "price": text_field("Price", 12),
            },
        },
        "default": [],
    },
    "currency": text_field("Currency", 3, default="EUR"),
    "per_second": {
        "type": "number",
        "title": "Calls a second",
        "minimum": 0.1,
        "maximum": 1000,
        "default": 10,
    },
    "test_to": text_field("Send a test message to", 32, default=""),
    **RULES,
    "allow_private": {
        "type": "boolean",
        "title": "Servers inside the network are allowed",
        "default": False,
    },
}


def schema_of(
    title: str, properties: Mapping[str, Any], *, required: Sequence[str] = ()
) -> dict[str, Any]:
    """Return the JSON Schema of an SMS account with settings of its own."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        "type": "object",
        "required": ["address", *required],
        "additionalProperties": False,
        "properties": {**COMMON, **properties},
    }
