"""Addresses of clients: the one form each is stored, compared and searched in."""

import re
from functools import lru_cache
from typing import Literal

import idna
import msgspec

from crm_core.grams import trigrams
from crm_core.phones import REGION, digits_of, pretty, read_phone
from infra.errors import Invalid


AddressKind = Literal[
    "email", "phone", "telegram_user", "telegram_chat", "web_visitor", "sip_uri", "external_id"
]

LONGEST_MAIL = 320  # characters: 64 of the local part, 255 of the domain (RFC 5321 section 4.5.3)
LONGEST_ID = 255  # characters of ids and URIs
MAIL = re.compile(r"(?:mailto:)?([^\s@<>()\[\]\\,;:\"]+)@([^\s@<>()\[\]\\,;:\"/]+)", re.IGNORECASE)
DECIMAL = re.compile(r"-?[1-9][0-9]{0,18}")
SIP = re.compile(r"sips?:[^\s<>\"]+", re.IGNORECASE)
INVISIBLE = re.compile(r"[\x00-\x20\x7f-\xa0\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff]")
CASELESS = frozenset({"email", "sip_uri"})


class InvalidAddress(Invalid):
    """The text is not an address of its kind."""

    code = "identity.invalid_address"
    title = "Not a valid address"


class Canonical(msgspec.Struct, frozen=True):
    """An address as it is stored.

    Attributes:
        value: Canonical: E.164, mail with lower-case IDNA domain, decimal id.
        compare: What two spellings of one address share.
        raw: As it was written.
        extension: Of a phone number, digits only.
    """

    kind: AddressKind
    value: str
    compare: str
    raw: str = ""
    extension: str | None = None


def canonical(kind: AddressKind, text: str, *, region: str = REGION) -> Canonical:
    """Read ``text`` as an address of ``kind``; ``region`` says how local phone numbers read.

    Raises:
        InvalidAddress: It is none.
    """
    raw = text.strip()
    value, extension = raw, None
    match kind:
        case "email":
            value = _mail(raw)
        case "phone":
            reading = read_phone(raw, region)
            value, extension = reading.e164 or "", reading.ext
        case "telegram_user" | "telegram_chat":
            value = raw if DECIMAL.fullmatch(raw) else ""
        case "sip_uri":
            value = raw if SIP.fullmatch(raw) and len(raw) <= LONGEST_ID else ""
        case "web_visitor" | "external_id":
            value = "" if INVISIBLE.search(raw) or len(raw) > LONGEST_ID else raw
    if not value:
        raise InvalidAddress(f"{raw[:LONGEST_ID]!r} is not a valid {kind} address")
    return Canonical(kind, value, compare_key(kind, value), raw, extension)


def compare_key(kind: str, value: str) -> str:
    """Return what every spelling of a canonical ``value`` shares.

    Mailboxes compare without case, as every large provider treats them, though RFC 5321 section
    2.4 leaves it to the host. Dots and tags are not folded: other hosts tell them apart.
    """
    return value.casefold() if kind in CASELESS else value


def address_grams(kind: str, value: str) -> list[str]:
    """Return the pieces an address is found by: of its digits, or of its mailbox and domain."""
    text = digits_of(value) if kind == "phone" else compare_key(kind, value)
    return trigrams(text[:LONGEST_MAIL])


def address_name(kind: str, value: str) -> str:
    """Return what a client is called who gave nothing but an address."""
    match kind:
        case "phone":
            return pretty(value)
        case "email":
            return _readable_mail(value)
        case _:
            return value


@lru_cache(4_096)
def mail_domain(domain: str) -> str:
    """Return a mail domain in lower case, as IDNA A-labels where it needs them (RFC 5891).

    A name that is no IDNA but is in use, such as one with an underscore, is only lower-cased.
    """
    domain = domain.casefold().rstrip(".")
    if domain.isascii():
        return domain
    try:
        return idna.encode(domain, uts46=True).decode()
    except idna.IDNAError:
        return domain


def _mail(text: str) -> str:
    found = MAIL.fullmatch(text.strip("<>"))
    if found is None or INVISIBLE.search(text) or len(text) > LONGEST_MAIL:
        return ""
    return f"{found[1]}@{mail_domain(found[2])}"


def _readable_mail(value: str) -> str:
    local, _, domain = value.rpartition("@")
    if "xn--" not in domain:
        return value
    try:
        return f"{local}@{idna.decode(domain)}"
    except idna.IDNAError:
        return value
