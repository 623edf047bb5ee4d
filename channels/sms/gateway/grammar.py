"""A preset: what a provider's HTTP interface looks like, as data.

There are no expressions: a preset fills in fields, finds values by path and compares them. It is
written in JSON, by us or by an administrator, and read strictly, so that a slip is said and not
guessed at. ``docs/channels/sms.md`` explains every field.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec

from channels.sms.gateway.fill import FILTERS, VARIABLE
from inbox.contract import DeliveryState, Fault, Value


Path = str | list[str]
"""``a.b[0].*.c``; ``*`` is the first value; of several paths the first that is there counts."""

BUILT_IN = frozenset(
    ["to", "from", "text", "ref", "callback", "callback_q", "parts", "encoding", "coding", "base"]
)
LONGEST_PATTERN = 300  # characters of a regular expression
NESTED = re.compile(r"\([^()]*[+*][^()]*\)[+*{]")  # (a+)+ takes exponential time


class Strict(Value, forbid_unknown_fields=True):
    """Base of what a preset is made of: a field nobody knows is a slip."""


class Setting(Strict):
    """Something the form asks for beside what every account has."""

    name: str
    title: str
    help: str = ""
    required: bool = True
    default: str = ""
    pattern: str = ""


class Auth(Strict):
    """How a call proves whose it is."""

    type: Literal["basic", "bearer", "header", "query"]
    user: str = ""
    password: str = ""
    name: str = ""
    value: str = ""


class When(Strict):
    """A condition: everything that is given must hold."""

    http: int | list[int] | None = None
    path: Path | None = None
    among: list[str | int] | None = msgspec.field(default=None, name="in")
    regex: str | None = None
    exists: bool | None = None


class Success(Strict):
    """How an answer says yes, and where it names the message."""

    http: int | list[int] | None = None
    path: Path | None = None
    among: list[str | int] | None = msgspec.field(default=None, name="in")
    regex: str | None = None
    exists: bool | None = None
    id: Path | None = None
    segments: Path | None = None
    cost: Path | None = None
    currency: Path | None = None


class Problem(Strict):
    """What an answer that says no means; ``class`` is a ``Fault`` by its value."""

    when: When
    fault: Fault = msgspec.field(name="class")
    code: Path | None = None
    message: Path | None = None
    retry_after: Path | None = None


class Pattern(Strict):
    """An answer that is read by a regular expression with named groups."""

    regex: str


class Call(Strict):
    """A request and what its answers mean."""

    url: str
    success: Success
    method: Literal["GET", "POST", "PUT"] = "POST"
    encoding: Literal["query", "form", "json", "xml", "raw"] = "form"
    auth: Auth | None = None
    headers: dict[str, str] = msgspec.field(default_factory=dict)
    fields: Any = None
    response: Literal["json", "xml", "text"] | Pattern = "json"
    errors: list[Problem] = msgspec.field(default_factory=list)


class Verify(Strict):
    """How a call of the provider proves whose it is; names of settings, never values."""

    type: Literal["none", "secret", "basic", "hmac", "twilio", "vonage", "plivo", "smsru", "any"]
    key: str = ""
    user: str = ""
    param: str = ""
    header: str = ""
    alg: Literal["sha1", "sha256", "sha512"] = "sha256"
    digest: Literal["hex", "base64"] = "hex"
    prefix: str = ""
    of: list["Verify"] = msgspec.field(default_factory=list)


class Answer(Strict):
    """What the provider wants to hear back."""

    status: int = 200
    body: str = ""
    type: str = "text/plain"


class Lines(Strict):
    """Parameters ``name[0]``, ``name[1]``, ... whose lines are values."""

    name: str
    lines: list[str]


class Files(Strict):
    """Files of a message: a count and numbered fields, ``{n}`` from 0."""

    count: str
    url: str
    mime: str


class Incoming(Strict):
    """What the provider hands over: messages or receipts."""

    fields: dict[str, Path]
    verify: Verify = Verify(type="secret", param="k", key="hook_secret")
    format: Literal["form", "json", "xml"] | Lines = "form"
    items: str | None = None
    when: When | None = None
    map: dict[str, DeliveryState] = msgspec.field(default_factory=dict)
    reply: Answer = Answer()
    files: Files | None = None


class MediaHosts(Strict):
    """Where files are fetched from, signed in, and where from there we may be sent on."""

    hosts: list[str]
    follow: list[str] = msgspec.field(default_factory=list)
    user: str = ""
    password: str = ""


class Preset(Strict):
    """A provider."""

    name: str
    title: str
    send: Call
    source: str = ""
    base: str = ""
    settings: list[Setting] = msgspec.field(default_factory=list)
    secrets: list[Setting] = msgspec.field(default_factory=list)
    check: Call | None = None
    dlr: Incoming | None = None
    mo: Incoming | None = None
    media: MediaHosts | None = None
    per_second: float = 10
    note: str = ""

    @property
    def is_two_way(self) -> bool:
        """Whether clients' messages come in."""
        return self.mo is not None


def read_preset(document: Any, *, variables: Sequence[str] = ()) -> Preset:
    """Return the preset in ``document``.

    Args:
        document: Decoded JSON.
        variables: Names that may be filled in beside those the preset declares.

    Raises:
        ValueError: It breaks a rule; the message names the field and the remedy.
    """
    try:
        preset = msgspec.convert(document, Preset)
    except msgspec.ValidationError as error:
        raise ValueError(_readable(str(error))) from error
    declared = {one.name for one in (*preset.settings, *preset.secrets)}
    problem = next(_problems(preset, {*declared, *variables, *BUILT_IN}), None)
    if problem is not None:
        raise ValueError(problem)
    return preset


def _readable(text: str) -> str:
    what, _, where = text.partition(" - at `$")
    field = where.rstrip("`").lstrip(".") or "the preset"
    return f"{field}: {what[0].lower()}{what[1:]}"


def _problems(preset: Preset, known: set[str]) -> Iterator[str]:
    for name, call in (("send", preset.send), ("check", preset.check)):
        if call is not None:
            yield from _call_problems(name, call, known)
    filled = {name for _, text in _templates(preset.send) for name, _ in VARIABLE.findall(text)}
    if "text" not in filled:
        yield "send.fields: nowhere is {text} filled in, so the message would be empty"
    if "to" not in filled:
        yield "send.fields: nowhere is {to} filled in, so nobody would get it"
    for name, incoming in (("dlr", preset.dlr), ("mo", preset.mo)):
        if incoming is not None:
            yield from _incoming_problems(name, incoming, known)


def _call_problems(name: str, call: Call, known: set[str]) -> Iterator[str]:
    if not call.url.startswith(("https://", "http://", "{base}")):
        yield f"{name}.url: begin it with https:// (or {{base}})"
    if VARIABLE.search(urlsplit(call.url).netloc.replace("{base}", "")):
        yield f"{name}.url: the host may not be filled in, only {{base}} as a whole"
    for where, text in _templates(call):
        for variable, filter_name in VARIABLE.findall(text):
            if variable not in known:
                yield f"{name}.{where}: {{{variable}}} is nothing known; there is {_list(known)}"
            if filter_name and filter_name not in FILTERS:
                yield f"{name}.{where}: |{filter_name} is no filter; there is {_list(FILTERS)}"
    yield from _fields_problems(name, call)
    conditions: list[When | Success] = [call.success, *(row.when for row in call.errors)]
    for condition in conditions:
        yield from _condition_problems(name, condition)
    if isinstance(call.response, Pattern):
        yield from _pattern_problems(f"{name}.response.regex", call.response.regex)


def _fields_problems(name: str, call: Call) -> Iterator[str]:
    if call.encoding in {"json", "query", "form"} and not isinstance(call.fields, dict | None):
        yield f"{name}.fields: with encoding {call.encoding} it is an object of fields"
    if call.encoding in {"xml", "raw"} and not isinstance(call.fields, str):
        yield f"{name}.fields: with encoding {call.encoding} it is the text of the body"


def _incoming_problems(name: str, incoming: Incoming, known: set[str]) -> Iterator[str]:
    needed = {"mo": ("from", "text"), "dlr": ("status",)}[name]
    for field in needed:
        if field not in incoming.fields:
            yield f"{name}.fields: say where {field} is"
    if name == "dlr" and not {"id", "ref"} & set(incoming.fields):
        yield "dlr.fields: say where id (the provider's) or ref (ours) is"
    if name == "dlr" and not incoming.map:
        yield 'dlr.map: say what each status means, such as {"1": "delivered"}'
    if incoming.when is not None:
        yield from _condition_problems(f"{name}.when", incoming.when)
    yield from _verify_problems(f"{name}.verify", incoming.verify, known)


def _verify_problems(where: str, verify: Verify, known: set[str]) -> Iterator[str]:
    if verify.type == "any":
        if not verify.of:
            yield f"{where}.of: list the ways that are enough"
        for one in verify.of:
            yield from _verify_problems(f"{where}.of", one, known)
    elif verify.type != "none" and verify.key not in known:
        yield f"{where}.key: name the secret it is checked with; there is {_list(known)}"
    if verify.type == "secret" and not (verify.param or verify.header):
        yield f"{where}.param: say in which parameter (or header) the secret comes"
    if verify.type == "hmac" and not verify.header:
        yield f"{where}.header: say in which header the signature comes"


def _condition_problems(where: str, condition: When | Success) -> Iterator[str]:
    tests = (condition.among, condition.regex, condition.exists)
    if condition.path is None and any(one is not None for one in tests):
        yield f"{where}: in, regex and exists compare what is at a path: give the path"
    if condition.regex is not None:
        yield from _pattern_problems(f"{where}.regex", condition.regex)


def _pattern_problems(where: str, pattern: str) -> Iterator[str]:
    if len(pattern) > LONGEST_PATTERN or NESTED.search(pattern):
        yield f"{where}: it is too long, or repeats a repetition: write it simpler"
    try:
        re.compile(pattern)
    except re.error as error:
        yield f"{where}: it is no regular expression ({error})"


def _templates(call: Call) -> Iterator[tuple[str, str]]:
    yield "url", call.url
    for key, value in call.headers.items():
        yield f"headers.{key}", value
    if call.auth is not None:
        for part in (call.auth.user, call.auth.password, call.auth.name, call.auth.value):
            yield "auth", part
    yield from _texts("fields", call.fields)


def _texts(where: str, value: Any) -> Iterator[tuple[str, str]]:
    match value:
        case str():
            yield where, value
        case Mapping():
            for key, inner in value.items():
                yield from _texts(f"{where}.{key}", inner)
        case list():
            for n, inner in enumerate(value):
                yield from _texts(f"{where}[{n}]", inner)
        case _:
            pass


def _list(names: Any) -> str:
    return ", ".join(sorted(names))
