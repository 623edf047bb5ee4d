"""Bringing one IMAP folder into the journal: every mail exactly once, whatever breaks.

What is to be done is what the server has minus what the journal has; the cursor only saves
looking at everything each time. A mail is in the journal before anything else happens to it,
and nothing on the server is ever changed, so any connection may break at any point.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from datetime import datetime, timedelta
from typing import Literal

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

CHUNK = 200  # mails asked for at once
BATCH = 100  # mails in one commit
BATCH_BYTES = 8 << 20
WHOLE_UP_TO = 4 << 20  # bytes; a bigger mail comes in slices
MAIL_LIMIT = 50 << 20  # bytes; of a bigger mail only the beginning is kept
BEGINNING = 1 << 20  # bytes
CHUNK_TIME = 1800.0  # seconds one chunk may take, however slowly it drips
TRIES = 3  # how often a mail may break the connection before it is left out


class Suspects:
    """Mails that broke something when they were fetched, over all connections of a run."""

    def __init__(self) -> None:
        self._tries: Counter[tuple[str, int, int]] = Counter()

    def accuse(self, folder: str, uidvalidity: int, uid: int) -> None:
        """Note that a mail could not be fetched."""
        self._tries[folder, uidvalidity, uid] += 1

    def is_guilty(self, folder: str, uidvalidity: int, uid: int) -> bool:
        """Tell whether a mail is to be left out, so that those behind it arrive."""
        return self._tries[folder, uidvalidity, uid] >= TRIES

    def pardon(self) -> None:
        """Give every mail another chance."""
        self._tries.clear()

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
        await self._store([])

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
        await self._take(self._missing(found))
        if found:
            self.mark.uid = max(self.mark.uid, found[-1])

    async def compare(self, *, at_most: int | None = None) -> bool:
        """Bring in whatever the journal lacks, live mail first; tell whether that was all.

        Mail can become visible late, below UIDs already seen, so this is done now and then.
        Backlog comes oldest first, so that conversations keep their order.
        """
        await self.read_new()
        missing = self._missing(await self._client.search(*self._window()))
        now_due = missing[:at_most]
        for start in range(0, len(now_due), CHUNK):
            await self._reporter.connected(backlog=len(missing) - start)
            await self._take(now_due[start : start + CHUNK])
            if self._client.has_news:
                await self.read_new()
        return len(now_due) == len(missing)

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

    async def _take(self, uids: Sequence[int]) -> None:
        for start in range(0, len(uids), CHUNK):
            chunk = uids[start : start + CHUNK]
            try:
                async with asyncio.timeout(CHUNK_TIME):
                    await self._take_chunk(chunk)
            except (ImapError, OSError) as error:
                culprit = next((uid for uid in chunk if uid not in self.known.uids), None)
                if culprit is not None:
                    self._suspects.accuse(self.folder, self._uidvalidity, culprit)
                    self.tell_of_suspects()
                if not isinstance(error, Refused):
                    raise

    def tell_of_suspects(self) -> None:
        """Show the administrator how many mails cannot be fetched."""
        self._reporter.note("unreadable", str(self._suspects.guilty or ""))

    async def _take_chunk(self, uids: Sequence[int]) -> None:
        if self.known.before:
            uids = await self._recognise(uids)
        sizes = [mail async for mail in self._client.fetch(uids, SIZES)] if uids else []
        wanted = [mail for mail in sizes if self._is_wanted(mail.at)]
        small = [mail.uid for mail in wanted if mail.size <= WHOLE_UP_TO]
        if small:
            await self._ingest(self._client.fetch(small))
        for mail in wanted:
            if mail.size > WHOLE_UP_TO:
                await self._take_big(mail)

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
        raws = [self._raw(mail, kind="known") for mail in old]
        await self._commit(raws, old)
        return [mail.uid for mail in heads if mail.uid not in self.known.uids]

    async def _ingest(self, stream: AsyncGenerator[Fetched, None]) -> None:
        mails: list[Fetched] = []
        weight = 0
        try:
            async with aclosing(stream):
                async for mail in stream:
                    if mail.body is None or mail.uid in self.known.uids:
                        continue
                    mails.append(mail)
                    weight += len(mail.body)
                    if len(mails) >= BATCH or weight >= BATCH_BYTES:
                        batch, mails, weight = mails, [], 0
                        await self._commit([self._raw(mail) for mail in batch], batch)
        except (ImapError, OSError):
            # What arrived is kept, so every attempt gets further and the culprit is found.
            await self._commit([self._raw(mail) for mail in mails], mails)
            raise
        await self._commit([self._raw(mail) for mail in mails], mails)

    async def _take_big(self, mail: Fetched) -> None:
        limit = MAIL_LIMIT if mail.size <= MAIL_LIMIT else BEGINNING
        body = bytearray()
        async with aclosing(self._client.slices(mail.uid, limit)) as slices:
            async for piece in slices:
                body += piece
        whole = Fetched(mail.uid, mail.size, mail.at, body)
        if body:
            await self._commit([self._raw(whole)], [whole])

    def _raw(self, mail: Fetched, *, kind: str = "mail") -> Raw:
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

    async def _commit(self, raws: Sequence[Raw], mails: Sequence[Fetched]) -> None:
        if not raws:
            return
        await self._store(raws)
        for raw, mail in zip(raws, mails, strict=True):
            self.known.add(mail.uid, raw.key.rpartition("/")[2])
            if self._role == "inbox" and mail.uid > self.mark.uid:
                self._reporter.received(mail.at)

    async def _store(self, raws: Sequence[Raw]) -> None:
        try:
            await self._ctx.ingest(raws, self._cursor.dump())
        except LeaseLost:
            raise
        except Exception as error:
            raise NotStored(repr(error)) from error


MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
