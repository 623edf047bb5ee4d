"""Who an SMS is from and to: numbers in E.164, short codes and names of letters.

A name of letters (3GPP TS 23.040 section 9.1.2.5: at most 11 characters) is shown by handsets and
cannot be answered.
"""

import re
from typing import Literal

import msgspec

from crm_core.phones import read_phone
from inbox.contract import Address


NAME_LIMIT = 11  # characters
NAME = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 &+_.\-]{1,11}")
SHORT_CODE = re.compile(r"\d{3,8}")
INTERNATIONAL = re.compile(r"\+?[1-9]\d{6,14}")

SenderKind = Literal["number", "short", "name"]


class Sender(msgspec.Struct, frozen=True):
    """A sender; ``value`` is E.164, the digits of a short code, or a name."""

    kind: SenderKind
    value: str

    @property
    def is_one_way(self) -> bool:
        """Whether clients cannot answer it."""
        return self.kind == "name"


def read_sender(text: str, region: str) -> Sender:
    """Return the sender a person wrote.

    Raises:
        ValueError: It is none; the message says how to write one.
    """
    text = text.strip()
    number = read_phone(text, region).e164
    if number is not None:
        return Sender("number", number)
    if SHORT_CODE.fullmatch(text):
        return Sender("short", text)
    if NAME.fullmatch(text):
        return Sender("name", text)
    if len(text) > NAME_LIMIT and NAME.fullmatch(text[:NAME_LIMIT]):
        raise ValueError(f"a name has at most {NAME_LIMIT} characters: shorten it")
    raise ValueError("write a number like +37322123456, a short code or a name of letters")


def kind_of(value: str) -> SenderKind:
    """Return what an address that was read before is."""
    if value.startswith("+"):
        return "number"
    return "short" if value.isdecimal() else "name"


def party(text: str, region: str) -> Address:
    """Return the address of somebody who wrote or is written to.

    A number that no plan knows keeps its digits: carriers hand over what they please, and what
    came from there must be findable again.
    """
    text = text.strip()
    number = read_phone(text, region).e164
    if number is None and INTERNATIONAL.fullmatch(text) and len(text.lstrip("+")) > 8:
        number = f"+{text.lstrip('+')}"
    if number is not None:
        return Address("phone", number)
    return Address("external_id", text)


def thread_key(ours: str, theirs: str) -> str:
    """Return the key of the line between one of our senders and somebody."""
    return f"{ours}:{theirs}"


def ours_of(key: str) -> str:
    """Return our side of a thread key; "" when it names none."""
    ours, colon, _ = key.partition(":")
    return ours if colon else ""
