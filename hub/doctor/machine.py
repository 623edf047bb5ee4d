"""The machine under the hub: disk, port, page files, Redis, the key."""

import asyncio
import json
import shutil
import stat
import urllib.error
import urllib.request
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from redis.asyncio import Redis
from redis.exceptions import RedisError

import agents_ui
from hub.doctor.finding import Finding, ok, problem, warning
from infra.settings import Settings
from infra.vault import KEY_FILE, KeyWrong, Vault


GIB = 1024**3
LITTLE, TOO_LITTLE = 5 * GIB, GIB // 2  # bytes free
PATIENCE = 3.0  # seconds for a neighbour to answer


def disk(settings: Settings) -> Finding:
    """Look for room to write in the data folder."""
    try:
        settings.data.mkdir(parents=True, exist_ok=True)
        probe = settings.data / ".doctor"
        probe.write_bytes(b"x")
        probe.unlink()
    except OSError as error:
        return problem("disk", f"{settings.data}: {error.strerror}", "let the hub's user write it")
    free = shutil.disk_usage(settings.data).free
    text = f"{free / GIB:.1f} GiB free in {settings.data}"
    if free < TOO_LITTLE:
        return problem("disk", text, "make room: PostgreSQL stops when the disk is full")
    if free < LITTLE:
        return warning("disk", text, "make room soon, or move PUNTE_DATA to a larger disk")
    return ok("disk", text)


async def port(settings: Settings) -> Finding:
    """Say who listens on the hub's port: nobody, a hub, or a stranger."""
    place = f"{settings.host}:{settings.port}"
    try:
        server = await asyncio.start_server(_nobody, settings.host, settings.port)
    except OSError as error:
        if await asyncio.to_thread(_is_hub, settings):
            return ok("port", f"a hub answers on {place}")
        return problem(
            "port", f"{place}: {error.strerror}", "stop the other program or set PUNTE_PORT"
        )
    server.close()
    await server.wait_closed()
    return ok("port", f"{place} is free")


def address(settings: Settings) -> Finding:
    """Look for plain HTTP to other machines: passwords would travel in the open."""
    parts = urlsplit(settings.base_url)
    if parts.scheme == "https" or _is_loopback(parts.hostname or ""):
        return ok("address", settings.base_url)
    return warning(
        "address",
        f"{settings.base_url} is not encrypted",
        "put a TLS proxy in front and set PUNTE_PUBLIC_URL to its https:// address",
    )


def pages() -> Finding:
    """Look for the browser app's files."""
    if (Path(agents_ui.__path__[0]) / "static" / "index.html").exists():
        return ok("pages", "the browser app is built")
    return problem("pages", "the browser app is not built", "run `make setup`")


async def redis(settings: Settings) -> Finding:
    """Ask Redis, when there is to be one."""
    if not settings.redis_url:
        return ok("redis", "none: this is the only node")
    client = Redis.from_url(settings.redis_url, socket_connect_timeout=PATIENCE)
    try:
        async with asyncio.timeout(PATIENCE):
            await client.ping()
    except (RedisError, OSError) as error:
        return problem("redis", f"no answer: {error}", "start it, or correct REDIS_URL")
    finally:
        await client.aclose()
    return ok("redis", "it answers")


def key(settings: Settings) -> tuple[Finding, Vault | None]:
    """Read the secret key, and see that nobody else can."""
    path = settings.data / KEY_FILE
    if settings.secret_key is None and path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
        return problem("key", f"others can read {path}", f"chmod 600 {path}"), None
    secret = settings.secret_key.get_secret_value() if settings.secret_key else None
    try:
        vault = Vault.of(secret, settings.data)
    except (KeyWrong, OSError) as error:
        return problem("key", str(error), "bring back the key the secrets were sealed with"), None
    return ok("key", "from PUNTE_SECRET_KEY" if secret else f"in {path}"), vault


async def _nobody(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


def _is_hub(settings: Settings) -> bool:
    here = settings.model_copy(update={"public_url": ""}).base_url
    try:
        with urllib.request.urlopen(f"{here}/openapi.json", timeout=PATIENCE) as answer:  # noqa: S310 - http, our own port
            return bool(json.load(answer)["info"]["title"] == "Punte")
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
