"""Reading payloads for ``punte channel parse``: what runs in its killable processes.

Only the reader of the kind that is asked for is imported.
"""

import hashlib
import importlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

import msgspec

from inbox.contract import (
    AccountId,
    Event,
    Forwarded,
    Inline,
    Media,
    MessageEdited,
    MessageIn,
    Part,
    Raw,
    Stored,
)
from inbox.services import Services
from infra.clock import now


ACCOUNT = AccountId(UUID(int=0))
SMS = ("twilio", "vonage", "plivo", "infobip", "smslink", "smsru", "smsc", "kannel", "custom")
READERS = {
    "email": "channels.email.normalize",
    "telegram": "channels.telegram.normalize",
    "webchat": "channels.webchat.normalize",
    "sms.smpp": "channels.sms.smpp.normalize",
    **{f"sms.{name}": "channels.sms.gateway.incoming" for name in SMS},
}
KINDS = tuple(READERS)
CALL = {"kind", "headers", "query", "body", "method", "path", "url", "preset"}
"""Fields of a document that is a whole web request and not only what it carries."""

Reader = Callable[[bytes], Sequence[Event]]


class NotReadable(Exception):
    """The payload is not what its kind hands over; the text says why."""


class _Worker:
    """The reader of this process; ``set_up`` fills it once."""

    read: Reader


def reader_module(kind: str) -> str:
    """Return the module that reads a kind; "" when there is none."""
    return READERS.get(kind, "")


def set_up(argument: bytes) -> None:
    """Open the reader of this worker; called once, before any payload."""
    kind = argument.decode()
    module = importlib.import_module(READERS[kind])
    if kind == "email":
        normalize = module.open_reader(Services(reply_keys=(b"\0" * 32,)))
        _Worker.read = lambda body: normalize(ACCOUNT, _raw(body, "mail"))
    elif kind == "sms.smpp":
        _Worker.read = lambda body: module.normalize(ACCOUNT, _packet(body))
    elif kind.startswith("sms."):
        _Worker.read = _gateway(module, kind.removeprefix("sms."))
    else:
        _Worker.read = lambda body: module.normalize(ACCOUNT, _raw(_checked(body), "event"))


def read(item: bytes) -> bytes:
    """Return what is printed of a payload; whatever is wrong with it is its reason."""
    try:
        events = [_without_data(event) for event in _Worker.read(item)]
        return msgspec.json.encode({"events": events, "quarantined": None})
    except NotReadable as error:
        why = str(error)
    except Exception as error:  # noqa: BLE001 - the payload is to blame
        why = f"{type(error).__name__}: {error}"[:300]
    return msgspec.json.encode(
        {"events": [], "quarantined": why.encode(errors="replace").decode()}
    )


def _raw(body: bytes, kind: str, **headers: str) -> Raw:
    key = hashlib.sha256(body).hexdigest()
    return Raw(key=key, kind=kind, body=body, headers=headers, received_at=now())


def _checked(body: bytes) -> bytes:
    """Return a line that is JSON; a reader that copes with deep nesting sees it, too."""
    try:
        json.loads(body)
    except RecursionError:
        return body
    except ValueError as error:
        raise NotReadable(f"not JSON: {error}") from error
    return body


def _decoded(body: bytes) -> Any:
    try:
        return json.loads(body)
    except RecursionError as error:
        raise NotReadable("nested beyond reason") from error
    except ValueError as error:
        raise NotReadable(f"not JSON: {error}") from error


def _packet(body: bytes) -> Raw:
    """Return a packet from ``{"kind": "deliver_sm", "hex": "..."}``, or from its hex alone."""
    document = _decoded(body)
    document = {"hex": document} if isinstance(document, str) else document
    if not isinstance(document, dict) or not isinstance(document.get("hex"), str):
        raise NotReadable('a packet is {"kind": "deliver_sm", "hex": "..."}')
    try:
        data = bytes.fromhex(document["hex"])
    except ValueError as error:
        raise NotReadable(f"hex: {error}") from error
    return _raw(data, str(document.get("kind", "deliver_sm")), **_texts(document.get("headers")))


def _texts(values: Any) -> dict[str, str]:
    found = values if isinstance(values, Mapping) else {}
    return {str(name): str(value) for name, value in found.items()}


def _gateway(module: Any, name: str) -> Reader:
    """Return what reads calls of a gateway: whole web requests, or what they carry."""
    presets = importlib.import_module("channels.sms.gateway.presets")
    settings = importlib.import_module("channels.sms.gateway.settings")

    def read_call(body: bytes) -> Sequence[Event]:
        document = _decoded(body)
        if name != "custom":
            preset = presets.shipped(name)
        elif isinstance(document, dict) and isinstance(document.get("preset"), dict):
            preset = settings.custom_preset(document)
        else:
            raise NotReadable('a call of sms.custom names its preset: {"preset": {...}, ...}')
        headers = _texts(document.get("headers")) if isinstance(document, dict) else {}
        context = {"region": headers.get("region", "MD"), "own": headers.get("own", "")}
        raws = module.raws_of(preset, _call(module, document), context)
        events: list[Event] = []
        for raw in raws:
            incoming = {"mo": preset.mo, "dlr": preset.dlr}.get(raw.kind)
            stamped = msgspec.structs.replace(raw, received_at=now())
            events += module.normalize(incoming, ACCOUNT, stamped)
        return events

    return read_call


def _call(module: Any, document: Any) -> Any:
    is_whole = isinstance(document, dict) and bool({"body", "query"} & set(document))
    if not is_whole or not set(document) <= CALL:
        values = document if isinstance(document, dict) else {}
        values = {name: value for name, value in values.items() if name != "preset"}
        return module.Delivered(kind="", values=values, body=json.dumps(document))
    kind = str(document.get("kind") or "")
    values = dict(document["query"]) if isinstance(document.get("query"), dict) else {}
    body = document.get("body", "")
    if isinstance(body, str) and body[:1] not in {"{", "[", "<"}:
        values |= dict(parse_qsl(body, keep_blank_values=True))
        body = ""
    elif not isinstance(body, str):
        values |= body if isinstance(body, dict) else {}
        body = json.dumps(body)
    return module.Delivered(kind=kind if kind in {"mo", "dlr"} else "", values=values, body=body)


def _without_data(event: Event) -> Event:
    """Return an event whose files are named by their content, as the inbox stores them."""
    if isinstance(event, MessageIn | MessageEdited):
        return msgspec.structs.replace(event, parts=tuple(map(_named, event.parts)))
    return event


def _named(part: Part) -> Part:
    match part:
        case Media(source=Inline(data=data)):
            source = Stored(blob=hashlib.sha256(data).hexdigest())
            return msgspec.structs.replace(part, source=source)
        case Forwarded(parts=parts):
            return msgspec.structs.replace(part, parts=tuple(map(_named, parts)))
        case _:
            return part
