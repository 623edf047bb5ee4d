"""What a browser is told of a widget: nothing secret, in the visitor's language."""

from collections.abc import Mapping

import msgspec

from channels.webchat.account import Form, WidgetAccount
from channels.webchat.answers import Online
from channels.webchat.protocol import TEXT_LIMIT


class PublicField(msgspec.Struct, frozen=True, omit_defaults=True):
    """A question; ``type`` is text, email, phone, select or long."""

    key: str
    label: str
    type: str = "text"
    required: bool = False
    options: tuple[str, ...] = ()


class PublicForm(msgspec.Struct, frozen=True, omit_defaults=True):
    """A form; with ``consent``, a box with that text must be ticked, sent as ``consent`` = "1"."""

    fields: tuple[PublicField, ...]
    consent: str = ""


class PublicRule(msgspec.Struct, frozen=True):
    """When to say ``text`` first; see ``account.Rule``."""

    id: str
    text: str
    path: str
    seconds: float
    scroll: int
    again_days: int
    online_only: bool


class PublicFiles(msgspec.Struct, frozen=True):
    """What may be sent: bytes, and endings without dots."""

    max_bytes: int
    types: tuple[str, ...]


class PublicCaptcha(msgspec.Struct, frozen=True):
    """The challenge to show when ``nack`` says ``captcha``."""

    kind: str
    site_key: str


class PublicConfig(msgspec.Struct, frozen=True, kw_only=True):
    """``GET /w/<key>/config?lang=ro``, and ``welcome.cfg``.

    Attributes:
        lang: The language chosen; the widget's own words are of it, ``texts`` replace some.
        hide: The button is not to be shown now.
        otp: How an address can be proven by a code.
    """

    key: str
    name: str
    lang: str
    color: str
    theme: str
    launcher: str
    offset: tuple[int, int]
    texts: Mapping[str, str]
    greeting: str
    rules: tuple[PublicRule, ...]
    hide: bool
    online: Online
    prechat: PublicForm | None
    contact: PublicForm | None
    callback: PublicForm | None
    csat: bool
    identified_only: bool
    files: PublicFiles | None
    captcha: PublicCaptcha | None
    otp: tuple[str, ...]
    telegram: str
    text_limit: int = TEXT_LIMIT


LANGUAGES = ("en", "ro", "ru")


def language_of(account: WidgetAccount, *wanted: str) -> str:
    """Return the language to speak: the account's fixed one, else the first that is known."""
    if account.language:
        return account.language
    known = {*LANGUAGES, *account.texts}
    for each in wanted:
        for candidate in (each, each.partition("-")[0].lower()):
            if candidate in known:
                return candidate
    return "en"


def in_language(texts: Mapping[str, str], lang: str) -> str:
    """Return the text in ``lang``, else in English, else in any."""
    short = lang.partition("-")[0]
    return texts.get(lang) or texts.get(short) or texts.get("en") or next(iter(texts.values()), "")


def public_config(account: WidgetAccount, lang: str, online: Online) -> PublicConfig:
    """Return what a browser is told."""
    hidden = account.hide == "offline" and not online.on
    hidden |= account.hide == "closed" and not online.hours
    captcha = account.captcha
    return PublicConfig(
        key=account.address,
        name=account.name,
        lang=lang,
        color=account.color,
        theme=account.theme,
        launcher=account.launcher,
        offset=account.offset,
        texts=account.texts.get(lang, {}),
        greeting=in_language(account.greeting, lang),
        rules=tuple(
            PublicRule(
                id=str(number),
                text=in_language(rule.text, lang),
                path=rule.path,
                seconds=rule.seconds,
                scroll=rule.scroll,
                again_days=rule.again_days,
                online_only=rule.online_only,
            )
            for number, rule in enumerate(account.rules)
        ),
        hide=hidden,
        online=online,
        prechat=_form(account.prechat, lang),
        contact=_form(account.contact, lang),
        callback=_form(account.callback, lang),
        csat=account.csat,
        identified_only=account.identified_only,
        files=PublicFiles(account.files.max_bytes, account.files.types)
        if account.files.on
        else None,
        captcha=PublicCaptcha(captcha.kind, captcha.site_key) if captcha.kind else None,
        otp=(
            *(("email",) if account.mail_account else ()),
            *(("phone",) if account.sms_account else ()),
        ),
        telegram=account.telegram,
    )


def _form(form: Form, lang: str) -> PublicForm | None:
    if not form.on:
        return None
    return PublicForm(
        fields=tuple(
            PublicField(
                f.key,
                in_language(f.label, lang),
                f.type,
                f.required,
                f.options,
            )
            for f in form.fields
        ),
        consent=in_language(form.consent, lang),
    )
