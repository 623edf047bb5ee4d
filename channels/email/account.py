"""A mailbox's settings: what the form asks for, and what the channel reads from it."""

import re
import ssl
from collections.abc import Iterator, Mapping
from typing import Any, Literal

import msgspec

from channels.email.addressing import ascii_domain
from channels.email.imap.client import Security


CONTROL = re.compile(r"[\x00-\x1f\x7f]")
ADDRESS = re.compile(r"[^\x00-\x20\x7f@<>]+@[^\x00-\x20\x7f@<>]+")
SAVES_SENT_ITSELF = ("gmail.com", "googlemail.com", "office365.com", "outlook.com")
"""Endings of host names whose providers keep a copy of what is submitted to them."""


class Server(msgspec.Struct, frozen=True):
    """Where a server is, and how the connection to it is secured."""

    host: str
    port: int
    security: Security = "tls"


class OAuth(msgspec.Struct, frozen=True):
    """Signing in at the provider instead of keeping a password.

    Attributes:
        tenant: Microsoft's directory; ``common`` for any.
        scopes: Space-separated; "" for the provider's own.
    """

    provider: Literal["google", "microsoft", "custom"] = "custom"
    client_id: str = ""
    authorize_url: str = ""
    token_url: str = ""
    tenant: str = "common"
    scopes: str = ""


class Dkim(msgspec.Struct, frozen=True):
    """Signing what is sent, for servers that do not; the key is the secret ``dkim_key``."""

    selector: str = ""
    domain: str = ""


class MailAccount(msgspec.Struct, frozen=True):
    """The settings of one mailbox, valid against ``SCHEMA``.

    Attributes:
        user: Name to sign in with; the address when empty.
        sent_folder: ``auto`` looks for the server's own, ``none`` never looks, else a name.
        save_sent: Whether a copy of what is sent is put into the sent folder.
        authserv_id: Whose Authentication-Results are believed (RFC 8601 section 2.2).
        plus_addressing: Mail to ``user+anything`` arrives, so answers can carry a code in it.
        trusted_certificate: PEM of a certificate to trust beside the system's.
        allow_private: The servers may be inside the network.
    """

    address: str
    imap: Server
    smtp: Server
    name: str = ""
    auth: Literal["password", "oauth"] = "password"
    user: str = ""
    oauth: OAuth = OAuth()
    import_policy: Literal["new", "days", "all"] = "new"
    import_days: int = 30
    sent_folder: str = "auto"
    save_sent: Literal["auto", "always", "never"] = "auto"
    plus_addressing: bool = False
    authserv_id: str = ""
    dkim: Dkim = Dkim()
    trusted_certificate: str = ""
    allow_private: bool = False

    @property
    def login(self) -> str:
        """The name to sign in with."""
        return self.user or self.address

    @property
    def domain(self) -> str:
        """The domain of the address, in its ASCII form (RFC 5890)."""
        return ascii_domain(self.address).rpartition("@")[2].lower()

    @property
    def saves_sent(self) -> bool:
        """A copy of what is sent has to be put into the sent folder by us."""
        if self.save_sent == "auto":
            return not self.smtp.host.lower().rstrip(".").endswith(SAVES_SENT_ITSELF)
        return self.save_sent == "always"

    def tls(self) -> ssl.SSLContext:
        """Return the TLS context its servers are verified with.

        Raises:
            ssl.SSLError: The trusted certificate is none.
        """
        context = ssl.create_default_context()
        if self.trusted_certificate:
            context.load_verify_locations(cadata=self.trusted_certificate)
        return context


def read_account(config: Mapping[str, Any]) -> MailAccount:
    """Return the settings in a configuration.

    Raises:
        msgspec.ValidationError: It does not fit ``SCHEMA``; the message says where.
    """
    return msgspec.convert(config, MailAccount)


def validated(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return a configuration with its defaults.

    Raises:
        ValueError: It breaks a rule; the message names the field and the remedy.
    """
    try:
        account = read_account(config)
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from error
    problem = next(_problems(account), None)
    if problem is not None:
        raise ValueError(problem)
    complete: dict[str, Any] = msgspec.to_builtins(account)
    return complete


def _problems(account: MailAccount) -> Iterator[str]:
    if not ADDRESS.fullmatch(account.address):
        yield "address: write it like support@example.com"
    if CONTROL.search(account.login):
        yield "user: it has characters no server takes"
    yield from _server_problems("imap", account.imap, account.allow_private)
    yield from _server_problems("smtp", account.smtp, account.allow_private)
    if account.auth == "oauth":
        yield from _oauth_problems(account.oauth)
    try:
        account.tls()
    except (ssl.SSLError, ValueError):
        yield "trusted_certificate: paste the certificate in PEM form"


def _server_problems(name: str, server: Server, allow_private: bool) -> Iterator[str]:
    if not server.host or CONTROL.search(server.host):
        yield f"{name}.host: say where the server is"
    if not 0 < server.port < 65536:
        yield f"{name}.port: a port is a number from 1 to 65535"
    if server.security == "plain" and not allow_private:
        yield f"{name}.security: plain is only for servers inside the network (allow_private)"


def _oauth_problems(settings: OAuth) -> Iterator[str]:
    if not settings.client_id:
        yield "oauth.client_id: register the hub with the provider and enter what it gave you"
    pages = (settings.token_url, settings.authorize_url)
    is_web = all(page.startswith(("https://", "http://")) for page in pages)
    if settings.provider == "custom" and not is_web:
        yield "oauth.token_url: a provider of your own needs both addresses"


def _server(title: str, port: int, security: str) -> dict[str, Any]:
    return {
        "type": "object",
        "title": title,
        "required": ["host", "port"],
        "additionalProperties": False,
        "properties": {
            "host": {"type": "string", "title": "Host", "minLength": 1, "maxLength": 253},
            "port": {
                "type": "integer",
                "title": "Port",
                "minimum": 1,
                "maximum": 65535,
                "default": port,
            },
            "security": {
                "type": "string",
                "title": "Security",
                "enum": ["tls", "starttls", "plain"],
                "default": security,
            },
        },
    }


def _text(title: str, limit: int = 320, **more: Any) -> dict[str, Any]:
    return {"type": "string", "title": title, "maxLength": limit, **more}


SCHEMA: Mapping[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Mailbox",
    "type": "object",
    "required": ["address", "imap", "smtp"],
    "additionalProperties": False,
    "properties": {
        "address": _text("Address", format="email", minLength=3),
        "name": _text("Sender name", 100, default=""),
        "auth": _text("Sign in with", enum=["password", "oauth"], default="password"),
        "user": _text("User name", default=""),
        "imap": _server("Incoming mail (IMAP)", 993, "tls"),
        "smtp": _server("Outgoing mail (SMTP)", 587, "starttls"),
        "oauth": {
            "type": "object",
            "title": "Sign-in at the provider",
            "additionalProperties": False,
            "properties": {
                "provider": _text(
                    "Provider", enum=["google", "microsoft", "custom"], default="custom"
                ),
                "client_id": _text("Client ID", default=""),
                "authorize_url": _text("Authorization URL", 2000, format="uri", default=""),
                "token_url": _text("Token URL", 2000, format="uri", default=""),
                "tenant": _text("Directory (tenant)", 100, default="common"),
                "scopes": _text("Scopes", 1000, default=""),
            },
        },
        "import_policy": _text("Import", enum=["new", "days", "all"], default="new"),
        "import_days": {
            "type": "integer",
            "title": "Days to import",
            "minimum": 1,
            "maximum": 3650,
            "default": 30,
        },
        "sent_folder": _text("Sent folder", 200, default="auto"),
        "save_sent": _text(
            "Save a copy of sent mail", enum=["auto", "always", "never"], default="auto"
        ),
        "plus_addressing": {
            "type": "boolean",
            "title": "Mail to user+anything@ arrives",
            "default": False,
        },
        "authserv_id": _text("Authentication server", 253, default=""),
        "dkim": {
            "type": "object",
            "title": "DKIM signature",
            "additionalProperties": False,
            "properties": {
                "selector": _text("Selector", 63, default=""),
                "domain": _text("Domain", 253, default=""),
            },
        },
        "trusted_certificate": _text("Certificate to trust (PEM)", 20_000, default=""),
        "allow_private": {
            "type": "boolean",
            "title": "Servers inside the network are allowed",
            "default": False,
        },
    },
}

SECRETS = ("password", "client_secret", "refresh_token", "dkim_key")


STARTTLS = (587, "starttls")
TLS = (465, "tls")


def _preset(
    imap: str, smtp: str, submission: tuple[int, str] = STARTTLS, **more: Any
) -> dict[str, Any]:
    port, security = submission
    return {
        "imap": {"host": imap, "port": 993, "security": "tls"},
        "smtp": {"host": smtp, "port": port, "security": security},
    } | more


PRESETS: Mapping[str, Mapping[str, Any]] = {
    "Gmail": _preset(
        "imap.gmail.com",
        "smtp.gmail.com",
        auth="oauth",
        oauth={"provider": "google"},
        authserv_id="mx.google.com",
        plus_addressing=True,
    ),
    "Microsoft 365": _preset(
        "outlook.office365.com",
        "smtp.office365.com",
        auth="oauth",
        oauth={"provider": "microsoft"},
        plus_addressing=True,
    ),
    "Yandex": _preset("imap.yandex.com", "smtp.yandex.com", TLS, plus_addressing=True),
    "Mail.ru": _preset("imap.mail.ru", "smtp.mail.ru", TLS),
    "IMAP": _preset("", ""),
}
