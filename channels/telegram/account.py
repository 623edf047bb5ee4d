"""A bot's settings: what the form asks for, and what the channel reads from it."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec


CLOUD = "https://api.telegram.org"
MIB = 1024 * 1024
CLOUD_FILE = 20 * MIB
"""Bytes of the largest file a bot can fetch. https://core.telegram.org/bots/api#getfile"""
LOCAL_FILE = 2000 * MIB
"""The same with a server of one's own in local mode."""
ADDRESS = re.compile(r"@?[A-Za-z0-9_]{3,32}")
CONTROL = re.compile(r"[\x00-\x20\x7f]")


class BotAccount(msgspec.Struct, frozen=True):
    """The settings of one bot, valid against ``SCHEMA``.

    Attributes:
        address: ``@name`` of the bot, or its id.
        mode: Whether we ask Telegram for news, or it calls us.
        api_base: Where the Bot API is.
        local_mode: That server runs with ``--local``: files may have 2000 MB.
        take_over: The bot is ours even when another program receives its messages now.
        allow_private: The server may be inside the network.
    """

    address: str
    mode: Literal["polling", "webhook"] = "polling"
    api_base: str = CLOUD
    local_mode: bool = False
    take_over: bool = False
    allow_private: bool = False

    @property
    def largest_file(self) -> int:
        """Bytes of the largest file that can be fetched."""
        return LOCAL_FILE if self.local_mode and self.api_base != CLOUD else CLOUD_FILE


def read_account(config: Mapping[str, Any]) -> BotAccount:
    """Return the settings in a configuration.

    Raises:
        msgspec.ValidationError: It does not fit ``SCHEMA``; the message says where.
    """
    return msgspec.convert(config, BotAccount)


def validated(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return a configuration with its defaults.

    Raises:
        ValueError: It breaks a rule; the message names the field and the remedy.
    """
    try:
        account = read_account(config)
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from error
    account = msgspec.structs.replace(
        account, address=_address(account.address), api_base=account.api_base.rstrip("/") or CLOUD
    )
    problem = next(_problems(account), None)
    if problem is not None:
        raise ValueError(problem)
    complete: dict[str, Any] = msgspec.to_builtins(account)
    return complete


def _address(typed: str) -> str:
    """Return a bot's name with its ``@``; an id stays as it is."""
    name = typed.strip().removeprefix("https://").removeprefix("t.me/")
    return name if name.isdecimal() or name.startswith("@") or not name else f"@{name}"


def _problems(account: BotAccount) -> Iterator[str]:
    if not ADDRESS.fullmatch(account.address):
        yield "address: write the bot's name like @my_bot, or the digits its token begins with"
    try:
        url = urlsplit(account.api_base)
        host, port = url.hostname, url.port
    except ValueError:
        host, port, url = None, None, urlsplit("")
    is_plain_url = not (url.query or url.fragment or url.username or url.password)
    if CONTROL.search(account.api_base) or not host or port == 0 or not is_plain_url:
        yield f"api_base: write it like {CLOUD}"
    elif url.scheme not in {"https", "http"}:
        yield "api_base: the address begins with https://"
    elif url.scheme == "http" and not account.allow_private:
        yield "api_base: http is only for servers inside the network (allow_private)"
    if account.local_mode and account.api_base == CLOUD:
        yield "local_mode: Telegram's own server has no local mode; enter yours in api_base"


SCHEMA: Mapping[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Telegram bot",
    "type": "object",
    "required": ["address"],
    "additionalProperties": False,
    "properties": {
        "address": {
            "type": "string",
            "title": "Name of the bot",
            "minLength": 3,
            "maxLength": 33,
        },
        "mode": {
            "type": "string",
            "title": "Receive messages by",
            "enum": ["polling", "webhook"],
            "default": "polling",
        },
        "api_base": {
            "type": "string",
            "title": "Bot API server",
            "format": "uri",
            "maxLength": 500,
            "default": CLOUD,
        },
        "local_mode": {
            "type": "boolean",
            "title": "The server runs with --local",
            "default": False,
        },
        "take_over": {
            "type": "boolean",
            "title": "Take the bot over from another program",
            "default": False,
        },
        "allow_private": {
            "type": "boolean",
            "title": "The server may be inside the network",
            "default": False,
        },
    },
    "examples": [{"address": "@punte_bot"}, {"address": "123456", "mode": "webhook"}],
}

SECRETS = ("bot_token",)
