"""A mail as events of the contract. Pure: the same payload always gives the same events."""

import contextlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

import idna
import msgspec

from channels.email import forms
from channels.email.addresses import Mailbox
from channels.email.attachments import Attachment
from channels.email.authentication import trust
from channels.email.bounce import Bounce
from channels.email.mail import Mail, Preview, read_mail
from channels.email.threading import Codes
from inbox.contract import (
    AccountId,
    Address,
    DeliveryChanged,
    DeliveryState,
    Event,
    ExternalRef,
    Fault,
    Forwarded,
    Html,
    Ignored,
    Inline,
    Media,
    MediaKind,
    MessageIn,
    Part,
    Raw,
    Recipient,
    RichText,
    SendError,
    ThreadRef,
)
from inbox.services import Services


Verify = Callable[[str], UUID | None]
"""Returns the thread whose keyed code stands in an address or Message-ID; None without one."""

NOBODY = "unknown-sender@invalid"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MEDIA_KINDS: dict[str, MediaKind] = {"image": "image", "video": "video", "audio": "audio"}
FAULTS = {
    "5.1": (Fault.RECIPIENT, "smtp.no_such_mailbox"),
    "5.2.1": (Fault.RECIPIENT, "smtp.no_such_mailbox"),
    "5.2.2": (Fault.RECIPIENT, "smtp.mailbox_full"),
    "4.2.2": (Fault.RECIPIENT, "smtp.mailbox_full"),
    "5.2.3": (Fault.CONTENT, "smtp.too_big"),
    "5.3.4": (Fault.CONTENT, "smtp.too_big"),
    "4.4": (Fault.RECIPIENT, "smtp.not_delivered_in_time"),
    "5.4.7": (Fault.RECIPIENT, "smtp.not_delivered_in_time"),
    "5.7": (Fault.REFUSED, "smtp.recipient_refused"),
}
"""Enhanced status codes by their beginning. Source: RFC 3463."""


def open_reader(services: Services) -> Callable[[AccountId, Raw], Sequence[Event]]:
    """Return ``normalize`` with the hub's keys, for a process that does nothing else."""
    return partial(normalize, codes=Codes(*services.reply_keys))


def normalize(account: AccountId, raw: Raw, codes: Codes) -> Sequence[Event]:
    """Read a payload and return what it means to the inbox; never raises."""
    mail = read_mail(raw.body, received_at=raw.received_at)
    return to_event(account, raw, mail, verify=partial(codes.thread_of, account))


def to_event(
    account: AccountId, raw: Raw, mail: Mail, *, verify: Verify | None = None
) -> Sequence[Event]:
    """Return what a mail means to the inbox.

    Args:
        account: The mailbox it came to.
        raw: The journal's payload; its ``headers`` say the folder's ``role`` (``sent`` for our
            own mails) and whose Authentication-Results are believed (``authserv_id``).
        mail: The payload as it was read.
        verify: Finds the thread whose keyed code came back.
    """
    if raw.kind == "known":
        return (
            Ignored(account=account, dedup_key=raw.key, at=_at(raw, mail), reason="mail.known"),
        )
    reader = _Normalizer(account, raw, mail, verify)
    changes = reader.changes()
    if changes and all(reader.is_ours(change.ref.message_id) for change in changes):
        return changes
    return (reader.message(), *changes)


class _Normalizer:
    """One mail on its way to events."""

    def __init__(self, account: AccountId, raw: Raw, mail: Mail, verify: Verify | None) -> None:
        self.account = account
        self.raw = raw
        self.mail = mail
        self.verify = verify
        self.at = _at(raw, mail)
        self.thread = ThreadRef(account, "")

    def is_ours(self, message_id: str) -> bool:
        """Tell an id of ours by its code; anybody else can only guess one."""
        return self.verify is not None and self.verify(message_id) is not None

    # ------------------------------------------------------------ reports

    def changes(self) -> list[DeliveryChanged]:
        """Return what the mail reports of mails of ours."""
        reports = [
            self.bounced(index, one)
            for index, one in enumerate(self.mail.bounces)
            if one.original_message_id and one.action != "delayed"
        ]
        return reports + [
            DeliveryChanged(
                account=self.account,
                dedup_key=f"{self.mail.fingerprint}/read/{index}",
                at=self.at,
                ref=ExternalRef(self.thread, message_id),
                state="read",
                recipient=_address(self.mail.sender) if self.mail.sender else None,
            )
            for index, message_id in enumerate(self.mail.read_by)
        ]

    def bounced(self, index: int, bounce: Bounce) -> DeliveryChanged:
        arrived = bounce.action in ("delivered", "relayed", "expanded")
        state: DeliveryState = "delivered" if arrived else "bounced"
        if not arrived and not bounce.permanent:
            state = "failed"
        return DeliveryChanged(
            account=self.account,
            dedup_key=f"{self.mail.fingerprint}/bounce/{index}",
            at=self.at,
            ref=ExternalRef(self.thread, bounce.original_message_id or ""),
            state=state,
            recipient=_address(Mailbox(bounce.recipient)) if bounce.recipient else None,
            error=None if arrived else _error(bounce),
        )

    # ------------------------------------------------------------ the message

    def message(self) -> MessageIn:
        mail = self.mail
        role = self.raw.headers.get("role", "")
        own = self.raw.headers.get("address", "")
        is_ours = role == "sent"  # a Message-ID of ours proves nothing: others have copies
        sender = _address(mail.sender) if mail.sender else Address("email", own or NOBODY)
        if not is_ours and mail.sender is None:
            sender = Address("email", NOBODY)
        visitor = None if is_ours else forms.visitor(mail, own)
        servers = [self.raw.headers["authserv_id"]] if self.raw.headers.get("authserv_id") else []
        believed = "" if is_ours else trust(mail.authentication, servers)
        if visitor and believed != "failed":
            # what proves the program's address says nothing of the visitor's
            sender, believed = _address(visitor), ""
        else:
            visitor = None
        answered = tuple(dict.fromkeys((*mail.answers, *reversed(mail.references))))
        return MessageIn(
            account=self.account,
            dedup_key=mail.fingerprint,
            at=self.at,
            ref=ExternalRef(self.thread, mail.message_id or f"<{mail.fingerprint}@no-id.invalid>"),
            sender=msgspec.structs.replace(sender, verified=believed == "passed"),
            parts=tuple(self.parts()),
            recipients=self.recipients(),
            from_us=is_ours,
            subject=mail.subject,
            references=answered,
            proven_thread=self.proven(answered),
            automatic="" if visitor else mail.automatic,
            trust=believed,
            warnings=self.warnings(),
            context=self.context(visitor),
        )

    def parts(self) -> list[Part]:
        mail = self.mail
        parts: list[Part] = [RichText(text=mail.text, spans=mail.links, folds=mail.folds)]
        if mail.html is not None:
            parts.append(Html(html=mail.html, remote_images=mail.remote_images))
        parts += mail.events
        parts += [self.media(one) for one in mail.attachments]
        return parts + [_forwarded(one) for one in mail.forwarded]

    def media(self, file: Attachment) -> Media:
        return Media(
            kind=MEDIA_KINDS.get(file.mime.partition("/")[0], "file"),
            source=Inline(data=file.data),
            filename=file.filename,
            mime=file.mime,
            size=file.size,
            content_id=file.content_id,
            inline=file.content_id in self.mail.shown_cids,
        )

    def recipients(self) -> tuple[Recipient, ...]:
        mail = self.mail
        author = mail.sender.address.lower() if mail.sender else ""
        answers = [one for one in mail.reply_to if one.address.lower() != author]
        return (
            *(Recipient(_address(one), "to") for one in mail.to),
            *(Recipient(_address(one), "cc") for one in mail.cc),
            *(Recipient(_address(one), "bcc") for one in mail.bcc),
            *(Recipient(_address(one), "reply_to") for one in answers),
        )

    def proven(self, answered: tuple[str, ...]) -> UUID | None:
        """Return the thread whose code came back: in an address first, then in what it answers."""
        if self.verify is None:
            return None
        for token in (*self.mail.delivered_to, *answered):
            if (thread := self.verify(token)) is not None:
                return thread
        return None

    def warnings(self) -> tuple[str, ...]:
        cut = ("mail.too_big",) if "truncated_from" in self.raw.headers else ()
        return tuple(sorted({*self.mail.warnings, *cut}))

    def context(self, visitor: Mailbox | None) -> dict[str, str]:
        found = {}
        if visitor and self.mail.sender:
            found["form"] = self.mail.sender.address
        if self.mail.sent_by:
            found["sent_by"] = self.mail.sent_by.address
        if self.mail.list_id:
            found["list_id"] = self.mail.list_id
        return found


def _at(raw: Raw, mail: Mail) -> datetime:
    """Return when it came; the sender's clock counts only when nobody noted the arrival."""
    received = raw.headers.get("internal_date")
    if received:
        try:
            at = datetime.fromisoformat(received)
        except ValueError:
            pass
        else:
            return at if at.tzinfo else at.replace(tzinfo=UTC)
    return mail.date or raw.received_at or EPOCH


def _error(bounce: Bounce) -> SendError:
    status = bounce.status or ""
    for length in (5, 3):
        if found := FAULTS.get(status[:length]):
            return SendError(fault=found[0], code=found[1], text=bounce.diagnostic or status)
    return SendError(fault=Fault.RECIPIENT, code="smtp.bounced", text=bounce.diagnostic or status)


def _forwarded(one: Preview) -> Forwarded:
    name = (one.sender.name or one.sender.address) if one.sender else ""
    text = f"{one.subject}\n\n{one.text}" if one.subject else one.text
    return Forwarded(origin=name, at=one.date, parts=(RichText(text=text),))


def _address(one: Mailbox) -> Address:
    """Return an address in the form of the contract: lower-case IDNA domain, local part as is."""
    local, _, domain = one.address.rpartition("@")
    if not domain.isascii():
        with contextlib.suppress(idna.IDNAError):
            domain = idna.encode(domain, uts46=True).decode()
    name = one.name if one.name.lower() != one.address.lower() else ""
    return Address("email", f"{local}@{domain.lower()}", display=name or None)
