"""How many mails a second go the whole way: IMAP, journal, parsing, card, conversation.

The anchor is what django-helpdesk 2.6.1 did of the same work on such a machine: 21 to 41 mails
a second (its own ``extract_email_metadata``); it is not installed here, so its middle is stored.
"""

import tempfile
import time
from pathlib import Path

from bench.ground import main, result
from bench.mail_sync import letter, until_stored
from hub.migrate import migrate
from infra.postgres import Postgres
from tests.servers.chaos import MAILBOX, connect_mailbox
from tests.servers.dovecot import Dovecot
from tests.servers.hub import HubProcess


MAILS = 5_000
HELPDESK = 31.0  # mails/s, stored: the middle of 21 to 41


async def bench() -> None:
    """Let a hub take a mailbox in; its own start and the workers' are part of the time."""
    with tempfile.TemporaryDirectory(prefix="rate", ignore_cleanup_errors=True) as folder:
        base = Path(folder)
        with Postgres(base / "pg") as postgres:
            async with Dovecot(base / "dovecot") as dovecot:
                await migrate(postgres.url)
                await connect_mailbox(postgres.url, base, dovecot)
                await dovecot.put([letter(number) for number in range(MAILS)], MAILBOX)
                async with HubProcess(base, postgres.url) as hub:
                    began = time.perf_counter()
                    await until_stored(postgres, hub, MAILS)
                    rate = MAILS / (time.perf_counter() - began)
    result("mail-rate", rate, "mails/s", HELPDESK, rate / HELPDESK)


if __name__ == "__main__":
    main(bench)
