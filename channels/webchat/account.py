"""A widget's settings: what an administrator may say of it, with defaults that work."""

import re
import secrets
from collections.abc import Iterator, Mapping
from datetime import date, time
from typing import Annotated, Any, Literal, dataclass_transform
from urllib.parse import urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import Meta


KEY = re.compile(r"[A-Za-z0-9_-]{3,64}")
COLOR = re.compile(r"#[0-9a-fA-F]{6}")
FIELD_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
LANG = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SECRETS = ("jwt_secret", "jwt_secret_old", "captcha_secret")

Text = Annotated[str, Meta(max_length=2000)]
Texts = Annotated[dict[str, Text], Meta(max_length=20)]
"""A text by language (BCP 47); ``en`` stands in for those that are missing."""
Clock = Annotated[str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$")]


@dataclass_transform(kw_only_default=True, frozen_default=True)
class Setting(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of the settings' parts."""


class Field(Setting):
    """A question of a form.

    Attributes:
        key: ``name``, ``email`` and ``phone`` are understood as the visitor's own.
    """

    key: str
    label: Texts
    type: Literal["text", "email", "phone", "select", "long"] = "text"
    required: bool = False
    options: Annotated[tuple[Text, ...], Meta(max_length=50)] = ()


class Form(Setting):
    """A form; ``consent`` is the text whose box must be ticked, none when empty.

    Attributes:
        version: Of the consent's text: it is stored with each consent.
    """

    on: bool = False
    fields: Annotated[tuple[Field, ...], Meta(max_length=20)] = ()
    consent: Texts = {}
    version: Annotated[str, Meta(max_length=40)] = "1"


NAME = Field(key="name", label={"en": "Name", "ro": "Nume", "ru": "Имя"})
EMAIL = Field(key="email", label={"en": "E-mail", "ro": "E-mail", "ru": "Эл. почта"}, type="email")
PHONE = Field(
    key="phone",
    label={"en": "Phone", "ro": "Telefon", "ru": "Телефон"},
    type="phone",
    required=True,
)
TOPIC = Field(key="topic", label={"en": "Topic", "ro": "Subiect", "ru": "Тема"})


class Hours(Setting):
    """Office hours.

    Attributes:
        zone: IANA time zone.
        always: The office never closes; ``week`` is not looked at.
        week: ``{"mon": [["09:00", "18:00"]], ...}``; a day that is missing is closed.
        holidays: Days that are closed, ISO 8601.
    """

    zone: str = "Europe/Bucharest"
    always: bool = True
    week: dict[str, tuple[tuple[Clock, Clock], ...]] = {}
    holidays: Annotated[tuple[str, ...], Meta(max_length=400)] = ()


class Continuity(Setting):
    """Going on by mail when the visitor left and their address is known.

    Attributes:
        after_minutes: Without a live connection.
        interval_minutes: At least, between two mails to one visitor.
        most: Messages in one mail.
    """

    on: bool = True
    after_minutes: Annotated[float, Meta(ge=0.01, le=1440)] = 3.0
    interval_minutes: Annotated[float, Meta(ge=0.01, le=1440)] = 10.0
    most: Annotated[int, Meta(ge=1, le=100)] = 20


class SiteKey(Setting):
    """A key the site signs its visitors with.

    Attributes:
        secret: HS256: which of the account's secrets it is.
        public_key: EdDSA: the public key in PEM form.
    """

    kid: Annotated[str, Meta(min_length=1, max_length=100)]
    alg: Literal["HS256", "EdDSA"] = "HS256"
    secret: Literal["jwt_secret", "jwt_secret_old"] = "jwt_secret"  # noqa: S105 - a name
    public_key: Annotated[str, Meta(max_length=2000)] = ""


class Files(Setting):
    """Files a visitor may send: endings of their names, without dots."""

    on: bool = True
    max_bytes: Annotated[int, Meta(ge=1024, le=200 << 20)] = 20 << 20
    types: Annotated[tuple[str, ...], Meta(max_length=100)] = (
        *("jpg", "jpeg", "png", "gif", "webp", "heic", "pdf", "txt", "csv", "doc", "docx"),
        *("xls", "xlsx", "odt", "ods", "mp3", "m4a", "ogg", "wav", "mp4", "mov", "webm", "zip"),
    )


class Rule(Setting):
    """When to say something first; the widget executes it and the hub stores nothing.

    Attributes:
        path: Beginning of the page's path.
        seconds: After so long on the page.
        scroll: After so many percent of it.
        again_days: Not to the same browser again for so long.
        online_only: Only while somebody could answer.
    """

    text: Texts
    path: Annotated[str, Meta(max_length=300)] = "/"
    seconds: Annotated[float, Meta(ge=0, le=3600)] = 15.0
    scroll: Annotated[int, Meta(ge=0, le=100)] = 0
    again_days: Annotated[int, Meta(ge=0, le=365)] = 7
    online_only: bool = True


class Captcha(Setting):
    """A challenge, asked for only under attack; the secret is ``captcha_secret``."""

    kind: Literal["", "hcaptcha", "turnstile"] = ""
    site_key: Annotated[str, Meta(max_length=200)] = ""
    verify_url: Annotated[str, Meta(max_length=500)] = ""


class WidgetAccount(Setting):
    """The settings of one widget.

    Attributes:
        address: The widget's key, in every address of it; made when empty.
        name: What the visitor sees above the chat.
        origins: Pages that may show the widget, such as ``https://shop.example``; ``*`` is any,
            ``https://*.example`` any host of a domain.
        launcher: Side of the page; ``offset`` is its distance from the corner in pixels.
        texts: Words of the widget to replace: ``{"ro": {"title": ...}}``.
        hide: When not to show the button at all.
        agents: How much of an agent the visitor sees.
        queue: Tell the place in the queue.
        reply_minutes: Expected time to the first answer, told to the visitor; 0 tells none.
        csat: Ask how it was, after closing.
        identified_only: Serve only visitors the site vouches for.
        page_query: Keep the query of the pages' addresses; it may hold secrets.
        mail_account: The e-mail account that codes and continued answers go through.
        sms_account: The account that codes to phones go through.
        telegram: Address of a bot to go on in, shown as a link.
        demo: May be shown at ``/widget/demo``.
    """

    address: str = ""
    name: Annotated[str, Meta(max_length=100)] = "Punte"
    origins: Annotated[tuple[str, ...], Meta(max_length=100)] = ()
    color: str = "#2563eb"
    theme: Literal["auto", "light", "dark"] = "auto"
    launcher: Literal["right", "left"] = "right"
    offset: Annotated[tuple[int, int], Meta()] = (20, 20)
    language: str = ""
    texts: dict[str, dict[str, Text]] = {}
    greeting: Texts = {}
    rules: Annotated[tuple[Rule, ...], Meta(max_length=20)] = ()
    hide: Literal["never", "offline", "closed"] = "never"
    agents: Literal["full", "name", "team"] = "name"
    queue: bool = True
    reply_minutes: Annotated[int, Meta(ge=0, le=10080)] = 0
    csat: bool = True
    hours: Hours = Hours()
    prechat: Form = Form(fields=(NAME, EMAIL))
    contact: Form = Form(fields=(NAME, EMAIL))
    callback: Form = Form(on=True, fields=(PHONE, NAME, TOPIC))
    identified_only: bool = False
    keys: Annotated[tuple[SiteKey, ...], Meta(max_length=10)] = ()
    continuity: Continuity = Continuity()
    mail_account: str = ""
    sms_account: str = ""
    files: Files = Files()
    captcha: Captcha = Captcha()
    page_query: bool = False
    phone_region: Annotated[str, Meta(max_length=2)] = "RO"
    telegram: Annotated[str, Meta(max_length=300)] = ""
    keep_days: Annotated[int, Meta(ge=1, le=3650)] = 365
    demo: bool = False


def _schema() -> dict[str, Any]:
    """Return the settings' JSON Schema, with the parts it refers to beside its properties."""
    described = msgspec.json.schema(WidgetAccount)
    parts: dict[str, Any] = described["$defs"]
    return {**parts.pop("WidgetAccount"), "$defs": parts}


SCHEMA: Mapping[str, Any] = _schema()


def read_account(config: Mapping[str, Any]) -> WidgetAccount:
    """Return the settings in a configuration.

    Raises:
        msgspec.ValidationError: It does not fit ``SCHEMA``; the message says where.
    """
    return msgspec.convert(config, WidgetAccount)


def validated(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return a configuration with its defaults, and with a key of its own.

    Raises:
        ValueError: It breaks a rule; the message names the field and the remedy.
    """
    try:
        account = read_account(config)
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from error
    if not account.address:
        account = msgspec.structs.replace(account, address=secrets.token_urlsafe(12))
    account = msgspec.structs.replace(
        account, origins=tuple(dict.fromkeys(o.strip().rstrip("/") for o in account.origins))
    )
    problem = next(_problems(account), None)
    if problem is not None:
        raise ValueError(problem)
    complete: dict[str, Any] = msgspec.to_builtins(account)
    return complete


def _problems(account: WidgetAccount) -> Iterator[str]:
    if not KEY.fullmatch(account.address):
        yield "address: the widget's key has 3 to 64 letters, digits, hyphens and underscores"
    if not account.name.strip():
        yield "name: say what visitors see above the chat"
    if not COLOR.fullmatch(account.color):
        yield "color: write it like #2563eb"
    for origin in account.origins:
        if not _is_origin(origin):
            yield f"origins: write {origin[:80]!r} like https://shop.example, without a path"
    if account.language and not LANG.fullmatch(account.language):
        yield "language: write it like ro"
    yield from _hours_problems(account.hours)
    for name, form in (
        ("prechat", account.prechat),
        ("contact", account.contact),
        ("callback", account.callback),
    ):
        yield from _form_problems(name, form)
    if account.callback.on and not any(f.key == "phone" for f in account.callback.fields):
        yield "callback.fields: a call needs the field phone"
    yield from _key_problems(account)
    yield from _account_problems(account)


def _is_origin(origin: str) -> bool:
    if origin == "*":
        return True
    parts = urlsplit(origin)
    try:
        bare = not (parts.path or parts.query or parts.fragment or parts.username) and (
            parts.port is None or parts.port > 0
        )
    except ValueError:
        return False
    host = (parts.hostname or "").removeprefix("*.")
    is_host = re.fullmatch(r"[a-z0-9.-]+|\[?[0-9a-f:]+\]?", host) is not None
    return parts.scheme in {"http", "https"} and bare and is_host


def _hours_problems(hours: Hours) -> Iterator[str]:
    try:
        ZoneInfo(hours.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield f"hours.zone: {hours.zone[:60]!r} is no time zone; write it like Europe/Bucharest"
    for day, spans in hours.week.items():
        if day not in DAYS:
            yield f"hours.week: the days are {', '.join(DAYS)}"
        for start, end in spans:
            if start >= end:
                yield f"hours.week.{day}: {start} is not before {end}"
    for day in hours.holidays:
        try:
            date.fromisoformat(day)
        except ValueError:
            yield f"hours.holidays: write {day[:30]!r} like 2026-12-01"
    if not hours.always and not any(hours.week.values()):
        yield "hours.week: say when the office is open, or that it always is"


def _form_problems(name: str, form: Form) -> Iterator[str]:
    keys = [field.key for field in form.fields]
    for field in form.fields:
        if not FIELD_KEY.fullmatch(field.key):
            yield f"{name}.fields: {field.key[:40]!r} may have small letters, digits and _"
        if field.type == "select" and not field.options:
            yield f"{name}.fields.{field.key}: say what there is to choose from"
        if not field.label:
            yield f"{name}.fields.{field.key}: it needs a label"
    if len(set(keys)) < len(keys) or "consent" in keys:
        yield f"{name}.fields: every field needs a key of its own (consent is taken)"


def _key_problems(account: WidgetAccount) -> Iterator[str]:
    kids = [key.kid for key in account.keys]
    if len(set(kids)) < len(kids):
        yield "keys: every key needs a kid of its own"
    for key in account.keys:
        if key.alg == "EdDSA" and "BEGIN PUBLIC KEY" not in key.public_key:
            yield f"keys.{key.kid}: paste the Ed25519 public key in PEM form"
    if account.identified_only and not account.keys:
        yield "identified_only: add a key first, or nobody could be identified"


def _account_problems(account: WidgetAccount) -> Iterator[str]:
    for name in ("mail_account", "sms_account"):
        value = getattr(account, name)
        try:
            if value:
                UUID(value)
        except ValueError:
            yield f"{name}: choose an account of the hub"
    captcha = account.captcha
    if captcha.kind and not (captcha.site_key and captcha.verify_url.startswith("https://")):
        yield "captcha: it needs the site key and the https address that checks answers"
    if account.telegram and not account.telegram.startswith("https://t.me/"):
        yield "telegram: write it like https://t.me/yourbot"


def clock_of(text: str) -> time | None:
    """Return a time of day; None is midnight at the day's end."""
    return None if text == "24:00" else time.fromisoformat(text)
