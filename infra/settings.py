"""What an operator may set: ``PUNTE_*`` in the environment or in one ``.env`` file."""

import difflib
import os
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import quote, urlsplit, urlunsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from infra.errors import Invalid


PREFIX = "PUNTE_"
NEIGHBOURS = ("PUNTE_NODE", "PUNTE_HUB", "PUNTE_DOMAIN", "PUNTE_FILM")  # of tools and tests
UNPREFIXED = ("DATABASE_URL", "REDIS_URL")  # names that other software set for years
SECRETS = Path("/run/secrets")  # where container engines mount secrets as files
ALL_ROLES = ("web", "channels", "jobs")

Network = IPv4Network | IPv6Network
Role = Literal["web", "channels", "jobs"]


class SettingsWrong(Invalid):
    """A setting has an unknown name or an impossible value."""

    code = "settings.wrong"
    title = "The settings are wrong"


class Settings(BaseSettings):
    """Every setting of a hub; the text under each one is the operator's documentation."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        extra="forbid",
        frozen=True,
        use_attribute_docstrings=True,
        populate_by_name=True,
    )

    data: Path = Path("data")
    """Folder for everything the hub keeps: embedded PostgreSQL, attachments, the secret key."""

    host: str = "127.0.0.1"
    """Address to listen on; 0.0.0.0 lets other machines in (put a TLS proxy in front)."""

    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    """Port of everything: pages, API and live connection; 0 takes a free one."""

    public_url: str = ""
    """Address people type, such as https://hub.example.com; empty means http://HOST:PORT."""

    trusted_proxies: Annotated[tuple[Network, ...], NoDecode] = ()
    """Networks whose X-Forwarded-For and X-Forwarded-Proto are believed, separated by commas."""

    database_url: Annotated[str, Field(validation_alias="DATABASE_URL")] = ""
    """postgresql://USER:PASSWORD@HOST/NAME of PostgreSQL 15-18; empty starts the embedded one."""

    database_password_file: Path | None = None
    """File with the password of DATABASE_URL, so that the URL itself is no secret."""

    redis_url: Annotated[str, Field(validation_alias="REDIS_URL")] = ""
    """redis://HOST:6379/0; needed by two or more nodes, nothing is lost when it forgets all."""

    roles: Annotated[tuple[Role, ...], NoDecode] = ("web", "channels", "jobs")
    """What this node does, separated by commas: web (pages, API), channels (mailboxes), jobs."""

    workers: Annotated[int, Field(ge=1, le=64)] = 2
    """Processes that parse incoming messages, apart from the hub so that they may be killed."""

    secret_key: SecretStr | None = None
    """Keys that seal passwords and tokens, newest first; unset keeps one in DATA/secret.key."""

    sandbox: bool = False
    """Refuse to send anything that is not to this machine or to example domains."""

    upload_limit: Annotated[int, Field(ge=1024)] = 50 * 1024 * 1024
    """Largest attachment an agent may upload, in bytes."""

    log_format: Literal["console", "json"] = "console"
    """console for people, json (one object a line) for collectors."""

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """Least important lines to write."""

    @field_validator("data", mode="after")
    @classmethod
    def _absolute(cls, data: Path) -> Path:
        return data.expanduser().absolute()

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _networks(cls, value: Any) -> Any:
        return tuple(ip_network(part) for part in _split(value))

    @field_validator("roles", mode="before")
    @classmethod
    def _roles(cls, value: Any) -> Any:
        return tuple(_split(value))

    @field_validator("public_url", mode="after")
    @classmethod
    def _origin(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in {"http", "https"} or not parts.netloc):
            raise ValueError("must start with http:// or https:// and name a host")
        return value.rstrip("/")

    @field_validator("database_url", mode="after")
    @classmethod
    def _driver(cls, value: str) -> str:
        if not value:
            return value
        scheme, separator, rest = value.partition("://")
        if not separator or scheme not in {"postgres", "postgresql", "postgresql+asyncpg"}:
            raise ValueError("must start with postgresql://")
        # asyncpg spells libpq's option differently
        return f"postgresql+asyncpg://{rest.replace('sslmode=', 'ssl=')}"

    @model_validator(mode="after")
    def _roles_not_empty(self) -> "Settings":
        if not self.roles:
            raise ValueError("roles must name at least one of " + ", ".join(ALL_ROLES))
        return self

    @property
    def base_url(self) -> str:
        """The address people type, without a slash at the end."""
        if self.public_url:
            return self.public_url
        host = "127.0.0.1" if self.host in {"", "0.0.0.0", "::"} else self.host  # noqa: S104
        return f"http://{host}:{self.port}"

    @property
    def database(self) -> str:
        """DATABASE_URL with its password filled in; empty when PostgreSQL is embedded."""
        if not self.database_url or self.database_password_file is None:
            return self.database_url
        secret = quote(self.database_password_file.read_text("utf-8").strip(), safe="")
        parts = urlsplit(self.database_url)
        user, _, place = parts.netloc.rpartition("@")
        name = user.partition(":")[0] or "postgres"
        return urlunsplit(parts._replace(netloc=f"{name}:{secret}@{place}"))


def load(env_file: Path | None = Path(".env")) -> Settings:
    """Return the settings of the environment and of ``env_file``, the environment winning.

    Args:
        env_file: Missing is fine; None reads no file.

    Raises:
        SettingsWrong: A name is unknown or a value impossible; the message names every one.
    """
    problems = [
        f"{name} is no setting of Punte{_nearest(name)}"
        for name in sorted(os.environ)
        if name.upper().startswith(PREFIX) and name.upper() not in {*names(), *NEIGHBOURS}
    ]
    if problems:
        raise SettingsWrong("\n".join(problems))
    sources: dict[str, Any] = {
        "_env_file": env_file,
        "_secrets_dir": SECRETS if SECRETS.is_dir() else None,
    }
    try:
        return Settings(**sources)
    except ValidationError as error:
        raise SettingsWrong("\n".join(_explain(each) for each in error.errors())) from error


def names() -> dict[str, str]:
    """Return the environment name of every setting and its documentation."""
    return {
        str(field.validation_alias or PREFIX + name.upper()): field.description or ""
        for name, field in Settings.model_fields.items()
    }


def _split(value: Any) -> list[str]:
    parts = value.split(",") if isinstance(value, str) else list(value)
    return [str(part).strip() for part in parts if str(part).strip()]


def _nearest(name: str) -> str:
    found = difflib.get_close_matches(name.upper(), names(), n=1, cutoff=0.5)
    return f"; did you mean {found[0]}?" if found else "; `punte settings` lists them"


def _explain(error: Any) -> str:
    place = str(error["loc"][0]) if error["loc"] else "settings"
    name = place.upper()
    if error["type"] == "extra_forbidden":
        return f"{name} in .env is no setting of Punte{_nearest(name)}"
    if name not in UNPREFIXED and not name.startswith(PREFIX):
        name = PREFIX + name
    return f"{name}: {error['msg'].removeprefix('Value error, ')}"
