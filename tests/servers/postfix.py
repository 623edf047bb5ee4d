"""A private Postfix that delivers to a private Dovecot; it needs root, as Postfix does."""

import asyncio
import os
import shutil
import signal
import smtplib
import subprocess
from email.message import EmailMessage
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

from tests.servers.certificates import self_signed
from tests.servers.peers import require
from tests.servers.ports import free_port, listening


MAIN = """
compatibility_level = 3.6
queue_directory = {base}/queue
data_directory = {base}/data
mail_owner = postfix
setgid_group = postdrop
myhostname = mx.hub.test
mydomain = hub.test
myorigin = hub.test
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
local_recipient_maps =
alias_maps =
alias_database =
virtual_mailbox_domains = hub.test, client.test
virtual_transport = lmtp:inet:127.0.0.1:{lmtp}
recipient_delimiter = +
default_transport = error:no external mail
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_recipient_restrictions =
  check_recipient_access inline:{{
    {{tempfail@client.test = 451 4.2.1 try later}} {{gone@client.test = 550 5.1.1 no such user}}
  }},
  permit_mynetworks, reject
message_size_limit = 52428800
mailbox_size_limit = 0
virtual_mailbox_limit = 0
disable_dns_lookups = yes
smtp_dns_support_level = disabled
smtp_host_lookup = native
notify_classes =
minimal_backoff_time = 2s
maximal_backoff_time = 4s
queue_run_delay = 2s
maillog_file = {base}/mail.log
maillog_file_prefixes = {base}
smtpd_tls_security_level = may
smtpd_tls_cert_file = {base}/cert.pem
smtpd_tls_key_file = {base}/key.pem
smtpd_peername_lookup = no
smtputf8_enable = yes
"""

MASTER = """
127.0.0.1:{smtp} inet n - n - - smtpd
pickup    unix  n - n 60 1 pickup
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 300 1 qmgr
tlsmgr    unix  - - n 1000? 1 tlsmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
verify    unix  - - n - 1 verify
flush     unix  n - n 1000? 0 flush
proxymap  unix  - - n - - proxymap
smtp      unix  - - n - - smtp
relay     unix  - - n - - smtp
showq     unix  n - n - - showq
error     unix  - - n - - error
retry     unix  - - n - - error
discard   unix  - - n - - discard
lmtp      unix  - - n - - lmtp
anvil     unix  - - n - 1 anvil
scache    unix  - - n - 1 scache
postlog   unix-dgram n - n - 1 postlogd
"""


class Postfix:
    """One private instance.

    It takes mail for ``hub.test`` and ``client.test`` from the loopback without a password,
    puts ``tempfail@client.test`` off and knows no ``gone@client.test``.
    """

    def __init__(self, base: Path, *, lmtp: int) -> None:
        self.program = require("postfix", "postfix")
        if os.geteuid() != 0:
            pytest.skip("Postfix only starts as root")
        self.base = base
        self.smtp = free_port()
        self._lmtp = lmtp

    async def __aenter__(self) -> Self:
        self._configure()
        await asyncio.to_thread(self._start)
        await listening(self.smtp)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # ``postfix stop`` does not stop an instance outside its default directory.
        pid = int((self.base / "queue" / "pid" / "master.pid").read_text())
        running = Path(f"/proc/{pid}")
        os.kill(pid, signal.SIGTERM)
        async with asyncio.timeout(15):
            while running.exists():  # noqa: ASYNC110, ASYNC240 - nothing announces it
                await asyncio.sleep(0.02)

    async def submit(
        self, message: EmailMessage | bytes, *to: str, sender: str = "alice@client.test"
    ) -> None:
        """Send a mail; return when Postfix has said 250."""
        raw = message if isinstance(message, bytes) else message.as_bytes()
        await asyncio.to_thread(self._submit, raw, to or ("support@hub.test",), sender)

    def _submit(self, raw: bytes, to: tuple[str, ...], sender: str) -> None:
        with smtplib.SMTP("127.0.0.1", self.smtp, timeout=30) as client:
            client.sendmail(sender, to, raw)

    def _start(self) -> None:
        subprocess.run(
            [self.program, "-c", str(self.base / "etc"), "start"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=True,
            timeout=30,
        )

    def _configure(self) -> None:
        for name in ("etc", "queue", "data"):
            (self.base / name).mkdir(parents=True, exist_ok=True)
        self.base.chmod(0o755)
        shutil.chown(self.base / "data", "postfix", "postfix")
        self_signed(self.base / "cert.pem", self.base / "key.pem")
        (self.base / "etc" / "main.cf").write_text(MAIN.format(base=self.base, lmtp=self._lmtp))
        (self.base / "etc" / "master.cf").write_text(MASTER.format(smtp=self.smtp))
