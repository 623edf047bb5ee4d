"""A private Kannel 1.4.5: an HTTP gateway for short messages that nobody here wrote.

Its two programs, bearerbox and smsbox, run on free ports of the loopback from a folder of their
own. It binds to a short-message centre (``tests.servers.smsc``) as any client's phone company
would: what is sent through its HTTP interface is encoded, cut and joined by Kannel's own code.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import msgspec

from tests.servers.peers import require
from tests.servers.ports import free_port, listening


USER, PASSWORD = "hub", "hubpw"

CONF = """
group = core
admin-port = {admin}
admin-password = bar
smsbox-port = {boxes}
log-file = "{base}/bearerbox.log"
log-level = 0
box-deny-ip = "*.*.*.*"
box-allow-ip = "127.0.0.1"
admin-interface = "127.0.0.1"
smsbox-interface = "127.0.0.1"
dlr-storage = internal

group = smsc
smsc = smpp
smsc-id = CENTRE
host = 127.0.0.1
port = {smsc}
transceiver-mode = true
smsc-username = "{system_id}"
smsc-password = "pw"
system-type = ""
address-range = ""
max-pending-submits = 20
reconnect-delay = 1
enquire-link-interval = 5

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {http}
sendsms-interface = "127.0.0.1"
log-file = "{base}/smsbox.log"
log-level = 0

group = sendsms-user
username = {user}
password = {password}
concatenation = true
max-messages = 10
"""

SERVICE = """
group = sms-service
keyword = default
get-url = "{url}"
max-messages = 0
catch-all = true
concatenation = true
"""


class Kannel(msgspec.Struct, frozen=True):
    """A running gateway.

    Attributes:
        url: Where messages are sent: ``/cgi-bin/sendsms`` of smsbox.
    """

    port: int
    url: str
    base: Path

    async def send(self, sender: str, to: str, text: str, **more: str) -> int:
        """Send a text as somebody's phone would; return the HTTP status."""
        query = {
            "username": USER,
            "password": PASSWORD,
            "from": sender,
            "to": to,
            "text": text,
            "charset": "UTF-8",
            "coding": "0" if text.isascii() else "2",
            **more,
        }
        async with (
            aiohttp.ClientSession() as http,
            http.get(self.url, params=query) as response,
        ):
            return response.status

    def log(self) -> str:
        """Return what its programs wrote into their logs."""
        files = [self.base / "bearerbox.log", self.base / "smsbox.log"]
        return "\n".join(file.read_text("latin-1") for file in files if file.exists())


@asynccontextmanager
async def kannel(
    smsc_port: int, base: Path, *, mo_url: str = "", system_id: str = "kannel"
) -> AsyncIterator[Kannel]:
    """Run a gateway that is bound to a centre.

    Args:
        smsc_port: Where the centre is (``tests.servers.smsc``).
        base: An empty folder.
        mo_url: Called for every message in, with Kannel's own placeholders (``%p``, ``%b``, ...).
        system_id: The name it binds by.
    """
    bearerbox = require("bearerbox", "kannel")
    smsbox = require("smsbox", "kannel")
    ports = {name: free_port() for name in ("admin", "boxes", "http")}
    conf = base / "kannel.conf"
    text = CONF.format(
        base=base, smsc=smsc_port, system_id=system_id, user=USER, password=PASSWORD, **ports
    )
    conf.write_text(text + (SERVICE.format(url=mo_url) if mo_url else ""))
    async with _running(bearerbox, conf):
        await listening(ports["boxes"])
        async with _running(smsbox, conf):
            await listening(ports["http"])
            url = f"http://127.0.0.1:{ports['http']}/cgi-bin/sendsms"
            yield Kannel(ports["http"], url, base)


@asynccontextmanager
async def _running(program: str, conf: Path) -> AsyncIterator[None]:
    command: Sequence[str] = (program, "-v", "4", str(conf))
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=conf.parent,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
