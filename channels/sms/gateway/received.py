"""Taking a provider's web request apart into plain values."""

import codecs
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from channels.sms.gateway.grammar import Incoming, Preset, Verify
from channels.sms.gateway.incoming import Delivered
from inbox.contract import Request


CODECS = {"gsm": "utf-8", "ucs-2": "utf-16-be", "ucs2": "utf-16-be", "binary": "latin-1"}
"""Names of character sets that Python calls otherwise, as Kannel hands text over."""

FORM = {"", "application/x-www-form-urlencoded"}


def delivered_of(preset: Preset, call: Request) -> Delivered:
    """Return what a request carries, without the secrets that proved whose it is."""
    content = call.headers.get("content-type", "").partition(";")[0].strip().lower()
    first = call.body.lstrip()[:1]
    is_form = content in FORM and first not in {b"{", b"[", b"<"}
    pairs = _pairs(urlsplit(call.url).query)
    if is_form:
        pairs += _pairs(call.body.decode("latin-1"))
    secret = {"bodySHA256", *_parameters(preset)}
    values: dict[str, Any] = {}
    for name, value in _decoded(pairs, preset.mo):
        if name in secret:
            continue
        if name in values:
            earlier = values[name]
            values[name] = [*earlier, value] if isinstance(earlier, list) else [earlier, value]
        else:
            values[name] = value
    body = "" if is_form else call.body.decode("utf-8", "replace")
    return Delivered(kind=kind_of(call.path), values=values, body=body)


def kind_of(path: str) -> str:
    """Return what a call is about, by its address: ``mo``, ``dlr``, or "" when it is open."""
    name = path.strip("/").partition("/")[0].lower()
    return name if name in {"mo", "dlr"} else ""


def _parameters(preset: Preset) -> Iterator[str]:
    for incoming in (preset.mo, preset.dlr):
        if incoming is not None:
            yield from _names(incoming.verify)


def _names(rule: Verify) -> Iterator[str]:
    if rule.param:
        yield rule.param
    for one in rule.of:
        yield from _names(one)


def _pairs(query: str) -> list[tuple[str, bytes]]:
    """Return names and raw values: a value may be text of any character set."""
    pairs = []
    for field in query.split("&"):
        name, _, value = field.partition("=")
        if name:
            text = unquote_to_bytes(name.replace("+", " ")).decode("utf-8", "replace")
            pairs.append(
                (text, unquote_to_bytes(value.replace("+", " ").encode("latin-1", "replace")))
            )
    return pairs


def _decoded(
    pairs: list[tuple[str, bytes]], messages: Incoming | None
) -> Iterator[tuple[str, str]]:
    """Yield values as text; the message's own is in the character set that comes with it."""
    fields: Mapping[str, Any] = messages.fields if messages is not None else {}
    named = {name: value.decode("latin-1") for name, value in pairs}
    codec = _codec(named.get(str(fields.get("charset", "")), ""))
    for name, value in pairs:
        yield name, value.decode(codec if name == fields.get("text") else "utf-8", "replace")


def _codec(charset: str) -> str:
    name = CODECS.get(charset.lower(), charset or "utf-8")
    try:
        return codecs.lookup(name).name
    except LookupError:
        return "utf-8"
