"""Bringing one IMAP folder into the journal: every mail exactly once, whatever breaks.

What is to be done is what the server has minus what the journal has; the cursor only saves
looking at everything each time. A mail is in the journal before anything else happens to it,
and nothing on the server is ever changed, so any connection may break at any point.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import aclosing
from datetime import datetime, timedelta
from typing import Literal, TypeVar

from channels.email.account import MailAccount
from channels.email.errors import NotStored
from channels.email.imap.answers import Fetched, Selected
from channels.email.imap.client import SIZES, ImapClient
from channels.email.imap.failures import ImapError, Refused
from channels.email.keys import (
    HEADER,
    Cursor,
    FolderMark,
    Key,
    Known,
    fingerprint,
    known_mails,
)
from channels.email.reporting import Reporter
from inbox.contract import LeaseLost, Raw, RunContext
from infra.clock import now


Role = Literal["inbox", "sent"]

T = TypeVar("T")

PORTION = 200  # mails asked for at once
PORTION_BYTES = 16 << 20
PORTION_TIME = 1800.0  # seconds one portion may take, however slowly it drips
BATCH = 100  # mails in one commit
WHOLE_UP_TO = 4 << 20  # bytes; a bigger mail comes in slices
MAIL_LIMIT = 50 << 20  # bytes; of a bigger mail only the beginning is kept
BEGINNING = 1 << 20  # bytes
TRIES = 3  # how often a mail may break the connection before it is left out


class Suspects:
    """Mails that broke something when they were fetched, over all connections of a run."""

    def __init__(self) -> None:
        self._tries: Counter[tuple[str, int, int]] = Counter()
        self._since = time.monotonic()

    def accuse(self, folder: str, uidvalidity: int, uid: int) -> None:
        """Note that a mail could not be fetched."""
        self._tries[folder, uidvalidity, uid] += 1

    def is_guilty(self, folder: str, uidvalidity: int, uid: int) -> bool:
        """Tell whether a mail is to be left out, so that those behind it arrive."""
        return self._tries[folder, uidvalidity, uid] >= TRIES

    def pardon(self, *, after: float) -> None:
        """Give every mail another chance, when the last one was so many seconds ago."""
        if time.monotonic() - self._since > after:
            self._tries.clear()
            self._since = time.monotonic()

    @property
    def guilty(self) -> int:
        """How many mails are left out."""
        return sum(tries >= TRIES for tries in self._tries.values())


class FolderReader:
    """Reads one folder over one connection; ``select`` comes first, and again after others."""

    def __init__(
        self,
        client: ImapClient,
        ctx: RunContext,
        account: MailAccount,
        *,
        folder: str,
        role: Role,
        cursor: Cursor,
        suspects: Suspects,
        reporter: Reporter,
    ) -> None:
        self.folder = folder
        self._client = client
        self._ctx = ctx
        self._account = account
        self._role = role
        self._cursor = cursor
        self._suspects = suspects
        self._reporter = reporter
        self._known: Known | None = None
        self._uidvalidity = 0

    async def select(self) -> bool:
        """Open the folder; tell whether it has to be compared with the journal.

        It has to at first, and whenever the server has numbered it anew.
        """
        self._client.settle()
        answer = await self._client.select(self.folder)
        if self._known is not None and answer.uidvalidity == self._uidvalidity:
            return False
        self._uidvalidity = answer.uidvalidity
        keys = await self._ctx.known_keys(f"{self.folder}/")
        self._known = known_mails(keys, self.folder, answer.uidvalidity)
        await self._remember(answer)
        return True

    async def _remember(self, answer: Selected) -> None:
        mark = self._cursor.folders.get(self.folder)
        if mark is not None and mark.uidvalidity == answer.uidvalidity:
            return
        uidnext = answer.uidnext or max(await self._client.search("ALL"), default=0) + 1
        if mark is None:
            mark = self._first_mark(answer.uidvalidity, uidnext)
        else:
            mark = FolderMark(answer.uidvalidity, uidnext - 1, None, mark.since)
        self._cursor.folders[self.folder] = mark
        await self.store([])

    def _first_mark(self, uidvalidity: int, uidnext: int) -> FolderMark:
        match self._account.import_policy:
            case "new":
                return FolderMark(uidvalidity, uidnext - 1, uidnext, now())
            case "days":
                since = now() - timedelta(days=self._account.import_days)
                return FolderMark(uidvalidity, uidnext - 1, None, since)
            case "all":
                return FolderMark(uidvalidity, uidnext - 1)

    @property
    def mark(self) -> FolderMark:
        """How far the folder was read."""
        return self._cursor.folders[self.folder]

    @property
    def known(self) -> Known:
        """What the journal has of the folder."""
        if self._known is None:
            raise ImapError("the folder is not selected")
        return self._known

    async def read_new(self) -> None:
        """Bring in what came since the last look."""
        self._client.settle()
        first = self.mark.uid + 1
        # ``n:*`` names the last mail even when its UID is smaller.
        found = [uid for uid in await self._client.search("UID", f"{first}:*") if uid >= first]
        for portion in portions(await self._described(found), key=size_of):
            await self.take(portion)
        if found:
            self.mark.uid = max(self.mark.uid, found[-1])

    async def due(self) -> list[Fetched]:
        """Return the time and size of every mail the journal lacks.

        Mail can become visible late, below UIDs already seen, so all are looked at.
        """
        return await self._described(await self._client.search(*self._window()))

    async def take(self, due: Sequence[Fetched]) -> None:
        """Bring in a portion of mails."""
        mails: list[Fetched] = []
        try:
            await self.collect(due, into=mails)
        finally:
            # Also when it broke: every attempt gets further, so the culprit is found.
            await self.keep(mails)

    async def collect(self, due: Sequence[Fetched], *, into: list[Fetched]) -> None:
        """Fetch a portion of whole mails; the caller keeps what arrived, also when it breaks."""
        try:
            async with asyncio.timeout(PORTION_TIME):
                await self._collect(due, into)
        except (ImapError, OSError) as error:
            self._accuse(due, into)
            if not isinstance(error, Refused):
                raise

    async def keep(self, mails: Sequence[Fetched]) -> None:
        """Put whole mails into the journal, in order."""
        ordered = sorted(mails, key=lambda mail: mail.uid)
        for start in range(0, len(ordered), BATCH):
            batch = ordered[start : start + BATCH]
            raws = [self.raw(mail) for mail in batch]
            await self.store(raws)
            self.kept(raws, batch)

    def kept(self, raws: Sequence[Raw], mails: Sequence[Fetched]) -> None:
        """Note that the journal has mails now."""
        for raw, mail in zip(raws, mails, strict=True):
            self.known.add(mail.uid, raw.key.rpartition("/")[2])
            if self._role == "inbox" and mail.uid > self.mark.uid:
                self._reporter.received(mail.at)

    async def store(self, raws: Sequence[Raw]) -> None:
        """Write payloads into the journal, with the cursor.

        Raises:
            LeaseLost: Another node runs the account now.
            NotStored: The database does not take them.
        """
        try:
            await self._ctx.ingest(raws, self._cursor.dump())
        except LeaseLost:
            raise
        except Exception as error:
            raise NotStored(repr(error)) from error

    def raw(self, mail: Fetched, *, kind: str = "mail") -> Raw:
        """Return a mail as the journal's payload."""
        body = bytes(mail.body or b"")
        key = Key(self.folder, self._uidvalidity, mail.uid, fingerprint(body))
        headers = {
            "role": self._role,
            "address": self._account.address,
            "authserv_id": self._account.authserv_id,
        }
        if mail.at is not None:
            headers["internal_date"] = mail.at.isoformat()
        if kind == "mail" and mail.size > MAIL_LIMIT:
            headers["truncated_from"] = str(mail.size)
        return Raw(key=str(key), body=body, headers=headers, kind=kind)

    def tell_of_suspects(self) -> None:
        """Show the administrator how many mails cannot be fetched."""
        self._reporter.note("unreadable", str(self._suspects.guilty or ""))

    # ------------------------------------------------------------ what is wanted

    def _window(self) -> tuple[str, ...]:
        if self.mark.first_uid is not None:
            return ("UID", f"{self.mark.first_uid}:*")
        if self.mark.since is not None:
            # SINCE looks at the date alone, in whatever zone the server lives.
            day = self.mark.since - timedelta(days=1)
            return ("SINCE", f"{day.day}-{MONTHS[day.month - 1]}-{day.year}")
        return ("ALL",)

    def _missing(self, uids: Sequence[int]) -> list[int]:
        first = self.mark.first_uid or 0
        return [
            uid
            for uid in uids
            if uid >= first
            and uid not in self.known.uids
            and not self._suspects.is_guilty(self.folder, self._uidvalidity, uid)
        ]

    async def _described(self, uids: Sequence[int]) -> list[Fetched]:
        """Return the time and size of those mails that are wanted and not known."""
        missing = self._missing(uids)
        if missing and self.known.before:
            missing = await self._recognise(missing)
        if not missing:
            return []
        asked = set(missing)  # a server may tell of other mails in between
        sizes = [mail async for mail in self._client.fetch(missing, SIZES)]
        return [mail for mail in sizes if mail.uid in asked and self._is_wanted(mail.at)]

    def _is_wanted(self, at: datetime | None) -> bool:
        since = self.mark.since
        return self.mark.first_uid is not None or since is None or at is None or at >= since

    async def _recognise(self, uids: Sequence[int]) -> list[int]:
        """Return those of the mails that were not known before the folder was numbered anew.

        A mail counts as known only as often as it was there before: a forged copy of its
        header beside it makes all of them be fetched, and the inbox compares the whole.
        """
        items = f"(UID RFC822.SIZE INTERNALDATE {HEADER})"
        heads = [mail async for mail in self._client.fetch(uids, items) if mail.body is not None]
        prints = {mail.uid: fingerprint(mail.body or b"") for mail in heads}
        present = self.known.now + Counter(prints.values())
        old = [m for m in heads if present[prints[m.uid]] <= self.known.before[prints[m.uid]]]
        for start in range(0, len(old), BATCH):
            batch = old[start : start + BATCH]
            raws = [self.raw(mail, kind="known") for mail in batch]
            await self.store(raws)
            self.kept(raws, batch)
        return [mail.uid for mail in heads if mail.uid not in self.known.uids]

    # ------------------------------------------------------------ fetching

    async def _collect(self, due: Sequence[Fetched], mails: list[Fetched]) -> None:
        small = [mail.uid for mail in due if mail.size <= WHOLE_UP_TO]
        if small:
            async with aclosing(self._client.fetch(small)) as stream:
                async for mail in stream:
                    mails += [mail] if mail.body is not None else []
        for mail in due:
            if mail.size > WHOLE_UP_TO:
                mails += await self._sliced(mail)

    async def _sliced(self, mail: Fetched) -> list[Fetched]:
        limit = MAIL_LIMIT if mail.size <= MAIL_LIMIT else BEGINNING
        body = bytearray()
        async with aclosing(self._client.slices(mail.uid, limit)) as slices:
            async for piece in slices:
                body += piece
        return [Fetched(mail.uid, mail.size, mail.at, body)] if body else []

    def _accuse(self, due: Sequence[Fetched], arrived: Sequence[Fetched]) -> None:
        """Blame the first mail that did not arrive."""
        have = {mail.uid for mail in arrived}
        culprit = next((mail.uid for mail in due if mail.uid not in have), None)
        if culprit is not None:
            self._suspects.accuse(self.folder, self._uidvalidity, culprit)
            self.tell_of_suspects()


def size_of(mail: Fetched) -> int:
    """Return how many bytes of a mail will be in memory."""
    return mail.size if mail.size <= MAIL_LIMIT else BEGINNING


def portions(due: Sequence[T], *, key: Callable[[T], int]) -> Iterator[list[T]]:
    """Yield mails in portions that fit into memory, at least one mail each."""
    portion: list[T] = []
    weight = 0
    for one in due:
        if portion and (len(portion) >= PORTION or weight + key(one) > PORTION_BYTES):
            yield portion
            portion, weight = [], 0
        portion.append(one)
        weight += key(one)
    if portion:
        yield portion


MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
