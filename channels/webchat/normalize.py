"""What visitors did, as the journal has it, and what it means for the inbox."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from channels.webchat.protocol import BAD
from inbox.contract import (
    AccountId,
    Address,
    AddressKind,
    ButtonPressed,
    DeliveryChanged,
    Event,
    ExternalRef,
    FormSubmitted,
    IdentityProven,
    Ignored,
    Media,
    MessageIn,
    PageVisited,
    Part,
    Raw,
    ReactionChanged,
    ReadUpTo,
    RichText,
    Stored,
    ThreadRef,
)
from inbox.contract import MediaKind as Kind
from infra.clock import now


FormName = Literal["prechat", "callback", "csat", "contact"]
How = Literal["site_token", "one_time_code", "mail_link", "deep_link"]


class StoredFile(msgspec.Struct, frozen=True):
    """A file a visitor sent, in the blob store already."""

    blob: str
    name: str
    mime: str
    size: int


class Filled(msgspec.Struct, frozen=True):
    """A form as it was checked."""

    form: FormName
    values: Mapping[str, str]


class SeenPage(msgspec.Struct, frozen=True):
    """A page the visitor looked at."""

    url: str
    title: str
    ref: str
    at: datetime


class Act(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something a visitor did; the body of a journal row.

    Attributes:
        visitor: Whose thread it is.
        thread: The thread of what is referred to, when a merge made it another one.
        name: What to call the visitor.
        key: Unique per account.
        message: Name of the message this is, or refers to.
        messages: By thread, the messages that arrived or were read.
        pages: What the visitor looked at before they did anything.
    """

    kind: Literal[
        "message", "form", "button", "reaction", "delivered", "read", "proof", "page", "pages"
    ]
    visitor: UUID
    key: str
    at: datetime
    name: str = ""
    verified: bool = False
    thread: UUID | None = None
    message: str = ""
    text: str = ""
    files: tuple[StoredFile, ...] = ()
    reply_to: str = ""
    forms: tuple[Filled, ...] = ()
    button: str = ""
    emojis: tuple[str, ...] = ()
    messages: Mapping[str, Sequence[str]] = {}
    how: How = "site_token"
    proven: tuple[tuple[AddressKind, str], ...] = ()
    attributes: Mapping[str, str] = {}
    pages: tuple[SeenPage, ...] = ()
    context: Mapping[str, str] = {}


decode_act = msgspec.json.Decoder(Act)


def raw_of(act: Act) -> Raw:
    """Return what the journal keeps of an act."""
    return Raw(key=act.key, body=msgspec.json.encode(act), kind=act.kind, received_at=act.at)


def normalize(account: AccountId, raw: Raw) -> Sequence[Event]:
    """Say what an act means; never raises on what it does not know."""
    try:
        act = decode_act.decode(raw.body)
    except BAD:
        return (_ignored(account, raw, "not_understood"),)
    return tuple(_events(account, act)) or (_ignored(account, raw, "nothing"),)


def _ignored(account: AccountId, raw: Raw, reason: str) -> Ignored:
    at = raw.received_at or now()
    return Ignored(account=account, dedup_key=raw.key, at=at, reason=reason)


def _events(account: AccountId, act: Act) -> Iterator[Event]:
    thread = ThreadRef(account, str(act.visitor))
    who = Address("web_visitor", str(act.visitor), verified=act.verified, display=act.name or None)
    yield from _main(account, act, thread, who)
    yield from _beside(account, act, thread, who)


def _main(account: AccountId, act: Act, thread: ThreadRef, who: Address) -> Iterator[Event]:
    """Yield what the act itself is."""
    about = ThreadRef(account, str(act.thread or act.visitor))
    base: dict[str, Any] = {"account": account, "dedup_key": act.key, "at": act.at}
    match act.kind:
        case "message":
            yield MessageIn(
                **base,
                ref=ExternalRef(thread, act.message),
                sender=who,
                parts=tuple(_parts(act)),
                reply_to=ExternalRef(about, act.reply_to) if act.reply_to else None,
                context=act.context,
            )
        case "button":
            ref = ExternalRef(about, act.message)
            token = str(act.thread or act.visitor)
            yield ButtonPressed(**base, ref=ref, sender=who, button=act.button, answer_token=token)
        case "reaction":
            ref = ExternalRef(about, act.message)
            yield ReactionChanged(**base, ref=ref, sender=who, emojis=act.emojis)
        case "delivered" | "read":
            yield from _marks(account, act)
        case "proof":
            yield IdentityProven(
                **base,
                thread=thread,
                who=who,
                how=act.how,
                proven=tuple(Address(kind, value, verified=True) for kind, value in act.proven),
                name=act.name or None,
                attributes=act.attributes,
            )
        case _:
            pass


def _marks(account: AccountId, act: Act) -> Iterator[Event]:
    """Yield what arrived, or up to where the visitor has read."""
    for key, names in act.messages.items():
        thread = ThreadRef(account, key)
        if act.kind == "read":
            yield ReadUpTo(
                account=account,
                dedup_key=f"{act.key}/{key}",
                at=act.at,
                thread=thread,
                message_id=names[-1],
            )
            continue
        for name in names:
            yield DeliveryChanged(
                account=account,
                dedup_key=f"{act.key}/{name}",
                at=act.at,
                ref=ExternalRef(thread, name),
                state="delivered",
            )


def _beside(account: AccountId, act: Act, thread: ThreadRef, who: Address) -> Iterator[Event]:
    """Yield what came along with the act: forms, and pages looked at before."""
    for filled in act.forms:
        yield FormSubmitted(
            account=account,
            dedup_key=f"{act.key}/{filled.form}",
            at=act.at,
            thread=thread,
            sender=who,
            form=filled.form,
            values=filled.values,
        )
    for number, page in enumerate(act.pages):
        yield PageVisited(
            account=account,
            dedup_key=f"{act.key}/page/{number}",
            at=page.at,
            thread=thread,
            sender=who,
            url=page.url,
            title=page.title,
            referrer=page.ref,
        )


def _parts(act: Act) -> Iterator[Part]:
    if act.text:
        yield RichText(text=act.text)
    for file in act.files:
        yield Media(
            kind=kind_of(file.mime),
            source=Stored(blob=file.blob),
            filename=file.name,
            mime=file.mime,
            size=file.size,
        )


def kind_of(mime: str) -> Kind:
    """Return the contract's kind of media for a media type."""
    family = mime.partition("/")[0]
    kind: Kind = msgspec.convert(family if family in {"image", "video", "audio"} else "file", Kind)
    return kind
