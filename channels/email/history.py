"""Bringing in everything that is missing, in the order it was written.

What clients wrote is in one folder and what was answered in another. Read one after the other,
every conversation of an imported mailbox would have all its questions before all its answers.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from channels.email.folder import BATCH, FolderReader, portions, size_of
from channels.email.imap.answers import Fetched
from channels.email.reporting import Reporter


BEGINNING = datetime(1, 1, 1, tzinfo=UTC)


class Due(msgspec.Struct, frozen=True):
    """A mail that is missing, and who reads its folder."""

    reader: FolderReader
    mail: Fetched

    @property
    def at(self) -> datetime:
        """When the server got it."""
        return self.mail.at or BEGINNING


async def catch_up(readers: Sequence[FolderReader], reporter: Reporter) -> None:
    """Bring in what the journal lacks of every folder; live mail of the first goes first.

    The first folder is open afterwards.
    """
    missing: list[Due] = []
    for reader in reversed(readers):
        await reader.select()
        missing += [Due(reader, mail) for mail in await reader.due()]
    missing.sort(key=lambda due: due.at)
    left = len(missing)
    for portion in portions(missing, key=lambda due: size_of(due.mail)):
        await reporter.connected(backlog=left)
        await _take(readers, portion)
        await readers[0].select()
        await readers[0].read_new()
        left -= len(portion)


async def _take(readers: Sequence[FolderReader], portion: Sequence[Due]) -> None:
    arrived: list[Due] = []
    try:
        for reader in readers:
            due = [one.mail for one in portion if one.reader is reader]
            if due:
                await _collect(reader, due, arrived)
    finally:
        await _keep(sorted(arrived, key=lambda due: due.at))


async def _collect(reader: FolderReader, due: Sequence[Fetched], arrived: list[Due]) -> None:
    mails: list[Fetched] = []
    await reader.select()
    try:
        await reader.collect(due, into=mails)
    finally:
        arrived += [Due(reader, mail) for mail in mails]


async def _keep(arrived: Sequence[Due]) -> None:
    for start in range(0, len(arrived), BATCH):
        batch = arrived[start : start + BATCH]
        raws = [due.reader.raw(due.mail) for due in batch]
        await batch[0].reader.store(raws)
        for due, raw in zip(batch, raws, strict=True):
            due.reader.kept([raw], [due.mail])
