"""Answers follow a visitor who left: by mail, in batches, into the same conversation."""

from collections.abc import Awaitable, Sequence
from datetime import timedelta
from typing import Protocol
from uuid import UUID

import msgspec
import structlog

from channels.webchat.account import WidgetAccount, read_account
from channels.webchat.answers import Note
from channels.webchat.codes import new_link
from channels.webchat.log import New, append
from channels.webchat.services import Services
from channels.webchat.words import word
from infra.clock import new_id, now
from infra.db import Transaction


log = structlog.get_logger()

MOST = 50  # visitors of one round

AWAY = """
SELECT v.id, v.email, v.lang, v.seq, greatest(v.seen, v.mailed) AS told, v.mailed_at, v.live_at,
       a.id AS account_id, a.address AS key, a.config::text AS config
  FROM webchat_visitor AS v JOIN channel_account AS a ON a.id = v.account_id
 WHERE v.seq > v.seen AND v.email <> '' AND v.merged_into IS NULL AND v.blocked_at IS NULL
   AND v.seq > v.mailed AND v.live_at < $1 AND a.is_enabled AND a.removed_at IS NULL
   AND EXISTS (SELECT FROM webchat_entry AS e WHERE e.visitor_id = v.id AND e.kind = 'out'
                  AND e.seq > greatest(v.seen, v.mailed))
 ORDER BY v.live_at LIMIT $2
"""

UNSEEN = """
SELECT seq, thread, frame::text AS frame FROM webchat_entry
 WHERE visitor_id = $1 AND kind = 'out' AND seq > $2 ORDER BY seq LIMIT $3
"""

TAKE = """
UPDATE webchat_visitor SET mailed = $3, mailed_at = $4
 WHERE id = $1 AND mailed = $2 AND seen < $3 RETURNING 1
"""

GIVE_BACK = "UPDATE webchat_visitor SET mailed = $2 WHERE id = $1 AND mailed = $3"


class ThreadOf(Protocol):
    """Gives the mail thread of a chat's conversation: ``inbox.continuing.thread_by_mail``."""

    def __call__(
        self,
        tx: Transaction,
        chat_account: UUID,
        key: str,
        *,
        mail_account: UUID,
        to: str,
        subject: str,
    ) -> Awaitable[UUID | None]:
        """Return it, made when there is none; None when the chat has no conversation."""


class NoteMailed(Protocol):
    """Says in the timeline that answers went on by mail: ``inbox.continuing.note_mailed``."""

    def __call__(
        self, tx: Transaction, chat_account: UUID, key: str, *, to: str, count: int
    ) -> Awaitable[None]:
        """Add the entry."""


class Away(msgspec.Struct, frozen=True):
    """A visitor who left with answers unread."""

    visitor: UUID
    email: str
    lang: str
    told: int
    mailed: int
    account_id: UUID
    key: str
    settings: WidgetAccount


class Continuity:
    """Sends what visitors missed; it must be harmless when two nodes run it at once."""

    def __init__(
        self, services: Services, *, public_url: str, thread_of: ThreadOf, note: NoteMailed
    ) -> None:
        self._services = services
        self._public_url = public_url
        self._thread_of = thread_of
        self._note = note

    async def run_due(self) -> int:
        """Send every mail that is due; return how many were sent."""
        return sum([await self._send(one) for one in await self._due()])

    async def _due(self) -> list[Away]:
        moment = now()
        async with self._services.db.read() as sql:
            rows = await sql.fetch(AWAY, moment, MOST)
        found = []
        for row in rows:
            settings = read_account(msgspec.json.decode(row["config"]))
            rules = settings.continuity
            if not (rules.on and settings.mail_account):
                continue
            left = row["live_at"] + timedelta(minutes=rules.after_minutes)
            pause = timedelta(minutes=rules.interval_minutes)
            if left > moment or (row["mailed_at"] and row["mailed_at"] + pause > moment):
                continue
            found.append(
                Away(
                    visitor=row["id"],
                    email=row["email"],
                    lang=row["lang"],
                    told=row["told"],
                    mailed=0,
                    account_id=row["account_id"],
                    key=row["key"],
                    settings=settings,
                )
            )
        return found

    async def _send(self, one: Away) -> int:
        """Send one visitor what they missed; it is taken before it is sent, so once."""
        name = one.settings.name
        subject = word("mail_subject", one.lang).format(name=name)
        async with self._services.db.transaction() as tx:
            await tx.act(None, "channel")
            before = await tx.fetchval(
                "SELECT mailed FROM webchat_visitor WHERE id = $1 FOR NO KEY UPDATE", one.visitor
            )
            if before > one.told:
                return 0  # another node was quicker
            rows = await tx.fetch(UNSEEN, one.visitor, one.told, one.settings.continuity.most)
            if not rows:
                return 0
            upto = rows[-1]["seq"]
            if not await tx.fetchval(TAKE, one.visitor, before, upto, now()):
                return 0
            chat = str(rows[-1]["thread"])
            thread = await self._thread_of(
                tx,
                one.account_id,
                chat,
                mail_account=UUID(one.settings.mail_account),
                to=one.email,
                subject=subject,
            )
            secret = await new_link(tx, one.visitor, one.email)
        said = [msgspec.json.decode(row["frame"]) for row in rows]
        link = f"{self._public_url}/w/{one.key}/page#m={secret}"
        sent = thread is not None and await self._services.post(
            UUID(one.settings.mail_account),
            one.email,
            subject=subject,
            text=mail_text(said, one.lang, link),
            thread=thread,
        )
        async with self._services.db.transaction() as tx:
            await tx.act(None, "channel")
            if not sent:
                await tx.execute(GIVE_BACK, one.visitor, before, upto)
                return 0
            masked = mask(one.email)
            moment = int(now().timestamp() * 1000)
            note = Note(seq=0, id=new_id().hex, at=moment, kind="mailed", values={"to": masked})
            await append(
                tx,
                one.visitor,
                [New(id=note.id, kind="note", frame=msgspec.to_builtins(note))],
            )
            await self._note(tx, one.account_id, chat, to=one.email, count=len(rows))
        await self._services.rooms.announce(one.visitor)
        return 1


def mail_text(said: Sequence[dict[str, object]], lang: str, link: str) -> str:
    """Return the mail: what was said while the visitor was away, and the way back."""
    parts = [word("mail_begin", lang)]
    for frame in said:
        author = frame.get("author")
        name = author.get("name", "") if isinstance(author, dict) else ""
        text = str(frame.get("text") or "")
        lines = [f"{name}: {text}" if name and text else text]
        files = frame.get("files")
        if isinstance(files, list):
            lines += [word("file", lang).format(name=one["name"]) for one in files]
        parts.append("\n".join(line for line in lines if line))
    parts += [word("mail_link", lang).format(link=link), word("mail_reply", lang)]
    return "\n\n".join(parts)


def mask(email: str) -> str:
    """Return an address as whoever knows it recognises it, and nobody else."""
    local, _, domain = email.rpartition("@")
    return f"{local[:1]}***@{domain}"
