"""The settings of an account at a gateway: what every one has, and what its preset asks for."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from channels.sms.account import COMMON, schema_of, text_field, validated_account
from channels.sms.gateway.grammar import Preset, Setting, read_preset


CUSTOM_SECRETS = ("password", "token", "api_key", "hook_secret")
"""Secrets a preset of an administrator's own may name."""

BASE = text_field("Address of the interface, when it is not the usual one", 500, default="")
VALUE_NAME = re.compile(r"[a-z][a-z0-9_]{0,40}")


def gateway_schema(preset: Preset) -> dict[str, Any]:
    """Return the JSON Schema of an account at a provider of ours."""
    own = {one.name: _field(one) for one in preset.settings}
    required = [one.name for one in preset.settings if one.required]
    schema = schema_of(preset.title, {"base_url": BASE, **own}, required=required)
    schema["x-secrets"] = [
        {"name": one.name, "title": one.title, "help": one.help, "required": one.required}
        for one in preset.secrets
    ]
    return schema


def custom_schema() -> dict[str, Any]:
    """Return the JSON Schema of an account whose preset an administrator writes."""
    more = {
        "base_url": BASE,
        "preset": {"type": "object", "title": "Preset", "description": "docs/channels/sms.md"},
        "values": {
            "type": "object",
            "title": "Values the preset fills in",
            "additionalProperties": {"type": "string", "maxLength": 1000},
            "default": {},
        },
    }
    return schema_of("Gateway of your own", more, required=["preset"])


def validated_gateway(preset: Preset, config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of an account at a provider of ours, with their defaults.

    Raises:
        ValueError: They break a rule; the message names the field and the remedy.
    """
    own = {one.name: one for one in preset.settings}
    known = {*COMMON, "base_url", *own}
    _no_strangers(config, known)
    complete = validated_account(
        {"per_second": preset.per_second}
        | {name: value for name, value in config.items() if name in COMMON}
    )
    complete["base_url"] = _base(str(config.get("base_url", "")), complete)
    if not complete["base_url"] and not preset.base:
        raise ValueError("base_url: say where the interface is, such as https://sms.example.com")
    for name, setting in own.items():
        if name != "base_url":
            complete[name] = _setting(setting, config.get(name, setting.default))
    return complete


def validated_custom(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of an account with a preset of its own.

    Raises:
        ValueError: They break a rule; the message names the field and the remedy.
    """
    _no_strangers(config, {*COMMON, "base_url", "preset", "values"})
    values = config.get("values", {})
    if not isinstance(values, Mapping) or not all(isinstance(one, str) for one in values.values()):
        raise ValueError('values: write names and texts, such as {"user": "shop"}')
    for name in values:
        if not VALUE_NAME.fullmatch(name):
            raise ValueError(f"values.{name}: names are small letters, digits and _")
        if name in CUSTOM_SECRETS:
            raise ValueError(f"values.{name}: this is kept as a secret, enter it there")
    if not isinstance(config.get("preset"), Mapping):
        raise ValueError(  # noqa: TRY004 - what a person wrote
            "preset: write it as docs/channels/sms.md shows, or copy one that is there"
        )
    preset = custom_preset(config)
    complete = validated_account(
        {"per_second": preset.per_second}
        | {name: value for name, value in config.items() if name in COMMON}
    )
    complete["base_url"] = _base(str(config.get("base_url", "")), complete)
    if "{base}" in preset.send.url and not complete["base_url"] and not preset.base:
        raise ValueError("base_url: the preset fills in {base}, so say what it is")
    if preset.base:
        _base(preset.base, complete)
    complete["preset"] = dict(config["preset"])
    complete["values"] = dict(values)
    return complete


def custom_preset(config: Mapping[str, Any]) -> Preset:
    """Return the preset an account brings.

    Raises:
        ValueError: It breaks a rule; the message names the field and the remedy.
    """
    values = config.get("values", {})
    document = {"name": "custom", "title": "Gateway of your own", **config.get("preset", {})}
    try:
        return read_preset(document, variables=[*CUSTOM_SECRETS, *values])
    except ValueError as error:
        raise ValueError(f"preset.{error}") from error


def _field(setting: Setting) -> dict[str, Any]:
    more: dict[str, Any] = {}
    if setting.help:
        more["description"] = setting.help
    if setting.pattern:
        more["pattern"] = f"^(?:{setting.pattern})?$"
    if not setting.required:
        more["default"] = setting.default
    return text_field(setting.title, 500, **more)


def _setting(setting: Setting, value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{setting.name}: write a text")  # noqa: TRY004 - what a person wrote
    text: str = value.strip()
    if not text and setting.required:
        raise ValueError(f"{setting.name}: enter the {setting.title} of your account")
    if text and setting.pattern and not re.fullmatch(setting.pattern, text):
        raise ValueError(f"{setting.name}: this is no {setting.title}: copy it again, as a whole")
    return text


def _base(url: str, account: Mapping[str, Any]) -> str:
    """Return an address without its final slash.

    Plain HTTP carries passwords in the open: it is for servers inside the network.
    """
    url = url.strip().rstrip("/")
    if not url:
        return ""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
        raise ValueError("base_url: write an address like https://sms.example.com")
    if parts.scheme == "http" and not account["allow_private"]:
        raise ValueError("base_url: http is only for servers inside the network (allow_private)")
    return url


def _no_strangers(config: Mapping[str, Any], known: set[str]) -> None:
    for name in config:
        if name not in known:
            raise ValueError(
                f"{name}: there is no such setting; there is {', '.join(sorted(known))}"
            )
