"""A private Dovecot: IMAP, IMAPS, LMTP and submission on ports of its own, as any user."""

import asyncio
import getpass
import os
import shutil
import smtplib
import ssl
import subprocess
from collections.abc import Sequence
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.servers.certificates import self_signed
from tests.servers.peers import require
from tests.servers.ports import free_port, listening


PACKAGES = "dovecot-imapd dovecot-lmtpd dovecot-submissiond"
PASSWORD = "secret"
BOXES = tuple(f"box{n}@hub.test" for n in range(1, 201))
"""Mailboxes for tests that want one of their own; all exist from the start."""
USERS = (
    "support@hub.test",
    "sales@hub.test",
    "alice@client.test",
    "bob@client.test",
    *BOXES,
)

CONFIG = """
base_dir = {base}/run
state_dir = {base}/state
log_path = {base}/dovecot.log
info_log_path = {base}/dovecot-info.log
protocols = imap lmtp submission
listen = 127.0.0.1
hostname = mx.hub.test
default_internal_user = {internal}
default_login_user = {login}
default_internal_group = {group}
ssl = yes
ssl_cert = <{base}/cert.pem
ssl_key = <{base}/key.pem
ssl_dh =
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2 oauthbearer
auth_failure_delay = 0
first_valid_uid = 1
{owner}
mail_home = {base}/mail/%u
mail_location = maildir:~/Maildir
mail_fsync = never
recipient_delimiter = +
lmtp_save_to_detail_mailbox = no
mail_max_userip_connections = 200
imap_idle_notify_interval = 2 mins
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {base}/users
}}
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {base}/oauth2.conf.ext
}}
userdb {{
  driver = static
  args = {static} home={base}/mail/%u
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox "{sent}" {{
    special_use = \\Sent
    auto = subscribe
  }}
  mailbox Junk {{
    special_use = \\Junk
    auto = subscribe
  }}
}}
service imap-login {{
  chroot =
  process_min_avail = 1
  service_count = 0
  client_limit = 500
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service imap {{
  process_limit = 500
}}
service anvil {{
  chroot =
  client_limit = 1500
}}
service stats {{
  chroot =
}}
service auth {{
  client_limit = 1500
}}
service lmtp {{
  inet_listener lmtp {{
    port = {lmtp}
  }}
}}
service submission-login {{
  chroot =
  inet_listener submission {{
    port = {submission}
  }}
}}
submission_relay_host = 127.0.0.1
submission_relay_port = {relay}
submission_relay_trusted = yes
submission_max_mail_size = 60M
"""

OAUTH = """
introspection_url = http://127.0.0.1:{tokens}/introspect?token=
introspection_mode = get
username_attribute = email
force_introspection = yes
active_attribute = active
active_value = true
"""


class Dovecot:
    """One private instance.

    Args:
        base: Empty directory it lives in; the path must be short, for its sockets.
        tokens: Port of the token server asked whether an OAuth token is good.
        relay: Port of the SMTP server that submission hands mail to.
        sent: Name of the folder for sent mail.
    """

    def __init__(
        self, base: Path, *, tokens: int = 9, relay: int = 25, sent: str = "Sent"
    ) -> None:
        self.program = require("dovecot", PACKAGES)
        self.base = base
        self.imap, self.imaps, self.lmtp, self.submission = (free_port() for _ in range(4))
        self._tokens = tokens
        self._relay = relay
        self._sent = sent

    async def __aenter__(self) -> Self:
        self._configure()
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Start it and wait until it answers."""
        # It keeps inherited pipes open for ever, so it gets none.
        await asyncio.to_thread(self._run, self.program, "-c", self._conf)
        await listening(self.imap)

    async def stop(self) -> None:
        """Stop it with all its connections."""
        await asyncio.to_thread(self._run, self._doveadm, "-c", self._conf, "stop", check=False)
        pid = self.base / "run" / "master.pid"
        async with asyncio.timeout(15):
            while pid.exists():  # noqa: ASYNC110 - nothing announces it
                await asyncio.sleep(0.02)

    async def restart(self) -> None:
        """Stop and start it."""
        await self.stop()
        await self.start()

    async def cut(self, user: str) -> int:
        """Kill the processes that serve a user, without a goodbye; return how many."""
        listed = await asyncio.to_thread(
            subprocess.run,
            [self._doveadm, "-c", str(self._conf), "-f", "tab", "who", "-1", user],
            capture_output=True,
            text=True,
            check=False,
        )
        pids = {line.split("\t")[2] for line in listed.stdout.splitlines()[1:] if "\t" in line}
        for pid in pids:
            await asyncio.to_thread(self._run, "/bin/kill", "-9", pid, check=False)
        return len(pids)

    async def doveadm(self, *arguments: str) -> None:
        """Run one of its administration commands."""
        await asyncio.to_thread(self._run, self._doveadm, "-c", self._conf, *arguments)

    async def change_uidvalidity(self, user: str) -> None:
        """Make it number the user's mails anew; who is connected is cut off."""
        await self.cut(user)
        await asyncio.sleep(1.1)  # the number is the time, in seconds
        for index in (self.base / "mail" / user / "Maildir").glob("**/dovecot*"):
            if index.is_file():
                index.unlink()

    def context(self) -> ssl.SSLContext:
        """Return a TLS context that trusts it."""
        return ssl.create_default_context(cafile=self.base / "cert.pem")

    async def deliver(
        self, message: EmailMessage | bytes, *to: str, sender: str = "alice@client.test"
    ) -> None:
        """Put a mail into mailboxes by LMTP, without a mail server between."""
        await self.deliver_many([message], *to, sender=sender)

    async def deliver_many(
        self, messages: Sequence[EmailMessage | bytes], *to: str, sender: str = "alice@client.test"
    ) -> None:
        """Put mails into mailboxes over one connection."""
        raws = [raw if isinstance(raw, bytes) else raw.as_bytes() for raw in messages]
        await asyncio.to_thread(self._deliver, raws, to or ("support@hub.test",), sender)

    async def put(self, messages: Sequence[EmailMessage], user: str) -> None:
        """Put many mails into a mailbox at once, behind the server's back."""
        await asyncio.to_thread(self._put, messages, self.base / "mail" / user / "Maildir")

    @staticmethod
    def _put(messages: Sequence[EmailMessage], maildir: Path) -> None:
        owner = maildir.parents[1].stat()
        for name in ("cur", "new", "tmp"):
            (maildir / name).mkdir(parents=True, exist_ok=True)
        for number, message in enumerate(messages):
            (maildir / "new" / f"{1_000_000 + number}.{number}.put").write_bytes(
                message.as_bytes(policy=SMTP)
            )
        for path in (maildir.parent, maildir, *maildir.rglob("*")):
            os.chown(path, owner.st_uid, owner.st_gid)

    def _deliver(self, raws: Sequence[bytes], to: Sequence[str], sender: str) -> None:
        with smtplib.LMTP("127.0.0.1", self.lmtp, timeout=30) as client:
            for raw in raws:
                client.sendmail(sender, to, raw)

    @property
    def _conf(self) -> Path:
        return self.base / "dovecot.conf"

    @property
    def _doveadm(self) -> str:
        return shutil.which("doveadm") or "/usr/bin/doveadm"

    @staticmethod
    def _run(*command: str | Path, check: bool = True) -> None:
        subprocess.run(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=check,
            timeout=30,
        )

    def _configure(self) -> None:
        for name in ("run", "state", "mail"):
            (self.base / name).mkdir(parents=True, exist_ok=True)
        self.base.chmod(0o755)
        root = os.geteuid() == 0
        me = getpass.getuser()
        if root:
            shutil.chown(self.base / "mail", "mail", "mail")
        self_signed(self.base / "cert.pem", self.base / "key.pem")
        (self.base / "users").write_text(
            "".join(f"{user}:{{PLAIN}}{PASSWORD}::::::\n" for user in USERS)
        )
        (self.base / "oauth2.conf.ext").write_text(OAUTH.format(tokens=self._tokens))
        self._conf.write_text(
            CONFIG.format(
                base=self.base,
                internal="dovecot" if root else me,
                login="dovenull" if root else me,
                group="dovecot" if root else me,
                owner="mail_uid = mail\nmail_gid = mail" if root else "",
                static="uid=mail gid=mail" if root else f"uid={me} gid={me}",
                sent=self._sent,
                imap=self.imap,
                imaps=self.imaps,
                lmtp=self.lmtp,
                submission=self.submission,
                relay=self._relay,
            )
        )
