"""Writing a mail (RFC 5322) from what ``render`` decided; the same bytes every time."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from email.headerregistry import Address, BaseHeader, HeaderRegistry
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy, Policy
from email.utils import format_datetime
from hashlib import sha256
from typing import Any, ClassVar, Literal

from channels.email.account import MailAccount
from channels.email.addressing import ascii_domain


class IdsHeader(BaseHeader):
    """A header of message ids, folded between them.

    The standard library encodes an id that is longer than a line as if it were text, which
    breaks threading (https://github.com/python/cpython/issues/79986).
    """

    max_count: ClassVar[Literal[1] | None] = 1

    @classmethod
    def parse(cls, value: str, kwds: dict[str, Any]) -> None:
        """Take the ids as they are."""
        if not value.isascii() or any(char < " " for char in value):
            raise ValueError("a message id is printable ASCII")
        kwds["parse_tree"] = None
        kwds["decoded"] = value

    def fold(self, *, policy: "Policy[Any]") -> str:
        """Return the field with one id a line."""
        lines = f"{policy.linesep} ".join(str(self).split())
        return f"{self.name}: {lines}{policy.linesep}"


def _policy(*, utf8: bool) -> "EmailPolicy[EmailMessage]":
    registry = HeaderRegistry()
    for name in ("message-id", "in-reply-to", "references"):
        registry.map_to_type(name, IdsHeader)
    return SMTP.clone(header_factory=registry, utf8=utf8, cte_type="7bit")


ASCII = _policy(utf8=False)
UTF8 = _policy(utf8=True)


def compose(
    account: MailAccount, payload: Mapping[str, Any], blobs: Mapping[str, bytes]
) -> EmailMessage:
    """Return the whole mail.

    Args:
        account: Whose mail it is.
        payload: Of the ``WireOp``.
        blobs: Content of the attachments, by name.
    """
    people = [*payload["to"], *payload["cc"], *payload["reply_to"], {"address": account.address}]
    is_ascii = all(ascii_domain(person["address"]).isascii() for person in people)
    mail = EmailMessage(policy=ASCII if is_ascii else UTF8)
    _write_header(mail, account, payload)
    mail.set_content(payload["text"] or "\n", cte="quoted-printable")
    if payload["html"]:
        mail.add_alternative(payload["html"], subtype="html", cte="quoted-printable")
    for attachment in payload["attachments"]:
        _attach(mail, attachment, blobs[attachment["blob"]])
    _freeze_boundaries(mail, payload["message_id"])
    return mail


def _write_header(mail: EmailMessage, account: MailAccount, payload: Mapping[str, Any]) -> None:
    mail["Date"] = format_datetime(datetime.fromisoformat(payload["date"]))
    mail["From"] = _address(payload["sender_name"] or account.name, account.address)
    mail["To"] = _addresses(payload["to"])
    if payload["cc"]:
        mail["Cc"] = _addresses(payload["cc"])
    if payload["reply_to"]:
        mail["Reply-To"] = _addresses(payload["reply_to"])
    elif account.plus_addressing:
        user, _, domain = account.address.rpartition("@")
        coded = f"{user}+{payload['reply_code']}@{domain}"
        mail["Reply-To"] = _address(payload["sender_name"] or account.name, coded)
    mail["Subject"] = payload["subject"]
    mail["Message-ID"] = payload["message_id"]
    if payload["in_reply_to"]:
        mail["In-Reply-To"] = payload["in_reply_to"]
    if payload["references"]:
        mail["References"] = " ".join(payload["references"])
    if payload["automatic"]:
        mail["Auto-Submitted"] = "auto-replied"
        mail["X-Auto-Response-Suppress"] = "All"


def _addresses(people: Sequence[Mapping[str, str]]) -> list[Address]:
    return [_address(person["name"], person["address"]) for person in people]


def _address(name: str, address: str) -> Address:
    user, _, domain = ascii_domain(address).rpartition("@")
    return Address(name, user, domain)


def _attach(mail: EmailMessage, attachment: Mapping[str, Any], content: bytes) -> None:
    main, _, sub = attachment["mime"].partition("/")
    if main in {"multipart", "message"} or not sub:
        main, sub = "application", "octet-stream"
    about: dict[str, Any] = {"maintype": main, "subtype": sub}
    if attachment["filename"]:
        about["filename"] = attachment["filename"]
    page = mail.get_body(("html",))
    if attachment["inline"] and attachment["content_id"] and isinstance(page, EmailMessage):
        about |= {"cid": f"<{attachment['content_id']}>", "disposition": "inline"}
        page.add_related(content, **about)
    else:
        mail.add_attachment(content, **about)


def _freeze_boundaries(mail: EmailMessage, seed: str) -> None:
    for number, part in enumerate(mail.walk()):
        if part.is_multipart():
            part.set_boundary(f"={sha256(f'{seed}/{number}'.encode()).hexdigest()[:32]}=")
