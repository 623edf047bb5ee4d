"""Playing the demo data through the hub's own doors: the journal, the use cases, the sender."""

import random
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from hub.adapters import adapters
from hub.demo.adapter import DemoMailbox
from hub.demo.chats import CHATS, payload
from hub.demo.company import Company, Mailbox
from hub.demo.pictures import paper
from hub.reading import Isolation
from inbox.accounts import AccountContext, load_account
from inbox.attachments import FileGiven
from inbox.change import ConversationPatch, change_conversation
from inbox.contract import Adapter, Capabilities, Event, Fault, Raw, RunContext, SendError
from inbox.drafts import save_draft
from inbox.journal import take
from inbox.notes import add_note
from inbox.posting import MessageGiven
from inbox.processing import Processor
from inbox.reading import mark_read
from inbox.reply import reply
from inbox.sending import Sender
from inbox.services import Services
from inbox.views import DraftBody
from infra.blobs import Blobs
from infra.bus import LocalBus
from infra.clock import Moved, new_id, now
from infra.db import Database
from infra.settings import Settings
from infra.vault import Vault


NOWHERE = SendError(
    fault=Fault.RECIPIENT, code="smtp.no_such_mailbox", text="550 5.1.1 no such user"
)
CUT = SendError(
    fault=Fault.UNKNOWN, code="smtp.cut_after_data", text="the connection broke after the data"
)

LAST = """
SELECT c.id, c.last_public_seq, c.last_seq, c.inbound_count
  FROM conversation AS c WHERE c.id = $1
"""
PLACES = """
SELECT j.key, m.conversation_id FROM journal AS j JOIN message AS m ON m.id = j.message_id
 WHERE j.account_id = $1 AND j.key = ANY($2)
"""
CLOSE = """
UPDATE conversation
   SET status = 'closed', closed_at = last_activity_at, waiting_since = NULL, rev = rev + 1
 WHERE id = ANY($1)
"""
LABEL = "UPDATE conversation SET tag_ids = ARRAY[$2::uuid], rev = rev + 1 WHERE id = ANY($1)"
OWN_ID = "SELECT external_id FROM message WHERE id = $1"
PAPERS = {
    "oferta": ("Oferta", ["Birouri cu reglaj pe inaltime, 14 buc.", "Valabila 30 de zile"]),
    "certificat": ("Certificat EN 71-3", ["Vopsea pe baza de apa", "Style Mobila SRL"]),
}


class Arrival(msgspec.Struct, frozen=True):
    """A mail as a mailbox hands it over.

    Attributes:
        key: Its place in the mailbox.
        role: ``sent`` when it lay in the folder of sent mail.
    """

    key: str
    body: bytes
    at: datetime
    role: str = "inbox"


class Stage:
    """The hub as the story needs it: real parts, a clock that is set, mailboxes that go nowhere.

    Attributes:
        clock: What the time is; whoever acts sets it before.
    """

    def __init__(
        self,
        db: Database,
        settings: Settings,
        company: Company,
        *,
        isolation: Isolation,
        services: Services,
        clock: Moved,
    ) -> None:
        self.db = db
        self.clock = clock
        self._company = company
        self._blobs = Blobs(settings.data / "blobs")
        self._vault = Vault.of(
            settings.secret_key.get_secret_value() if settings.secret_key else None, settings.data
        )
        self._mailbox = DemoMailbox(services.reply_keys, sandbox=True)
        self._chats = {chat.provider: chat() for chat in CHATS.values()}
        bus = LocalBus()
        self._processor = Processor(db, bus, self._blobs, adapters(services).get, isolation.read)
        self._sender = Sender(db, bus, self._open_line, owner="demo")

    @classmethod
    @asynccontextmanager
    async def open(
        cls, db: Database, settings: Settings, company: Company, clock: Moved
    ) -> AsyncIterator["Stage"]:
        """Open the stage; its parsing processes end with the block."""
        secret = settings.secret_key.get_secret_value() if settings.secret_key else None
        keys = Vault.of(secret, settings.data).derive_each("reply")
        services = Services(reply_keys=keys, sandbox=True)
        isolation = Isolation(services, settings.data / "blobs", count=settings.workers)
        try:
            yield cls(db, settings, company, isolation=isolation, services=services, clock=clock)
        finally:
            await isolation.close()

    async def receive(self, mailbox: Mailbox, mails: Sequence[Arrival]) -> Mapping[str, UUID]:
        """Take mails in and file them; return the conversation of each, by its key."""
        raws = [
            Raw(
                key=mail.key,
                body=mail.body,
                received_at=mail.at,
                headers={"role": mail.role, "address": mailbox.address},
            )
            for mail in mails
        ]
        async with self.db.transaction() as tx:
            await take(tx, self._blobs, mailbox.id, raws)
        await self._processor.run_due()
        async with self.db.read() as sql:
            rows = await sql.fetch(PLACES, mailbox.id, [mail.key for mail in mails])
        return {row["key"]: row["conversation_id"] for row in rows}

    async def hear(self, account_id: UUID, key: str, *events: Event) -> UUID | None:
        """Take events of a chat in; return the conversation the first message is in."""
        raw = Raw(key=key, body=payload(events), received_at=now())
        async with self.db.transaction() as tx:
            await take(tx, self._blobs, account_id, [raw])
        await self._processor.run_due()
        async with self.db.read() as sql:
            rows = await sql.fetch(PLACES, account_id, [key])
        return rows[0]["conversation_id"] if rows else None

    async def put_away(self, closed: Sequence[UUID], tagged: Mapping[str, list[UUID]]) -> None:
        """Close and label what was over before the hub was there, all at once."""
        async with self.db.transaction() as tx:
            await tx.act(None, "demo")
            await tx.execute(CLOSE, list(closed))
            for tag, conversations in tagged.items():
                await tx.execute(LABEL, conversations, self._company.tags[tag])

    async def answer(
        self,
        agent: str,
        conversation_id: UUID,
        text: str,
        *,
        extras: tuple[str, ...] = (),
        status: str = "",
        fault: SendError | None = None,
    ) -> str:
        """Answer a conversation and have it sent; return the Message-ID.

        Args:
            fault: What the provider says to it.
        """
        viewer = self._company.viewers[agent]
        given = MessageGiven(
            text=text,
            force=True,
            attachments=[await self._file(extra) for extra in extras if extra in PAPERS],
            status_after="closed" if status == "closed" else None,
        )
        async with self.db.transaction() as tx:
            await tx.act(viewer.agent_id, "demo")
            posted = await reply(
                tx, conversation_id, given=given, token=new_id(), viewer=viewer, caps_of=self._caps
            )
        self.clock.at += timedelta(seconds=30)
        self._mailbox.fault = fault
        await self._sender.run_due()
        async with self.db.read() as sql:
            return str(await sql.fetchval(OWN_ID, posted.message_id) or "")

    async def schedule(self, agent: str, conversation_id: UUID, text: str, at: datetime) -> None:
        """Write an answer that is sent later."""
        viewer = self._company.viewers[agent]
        given = MessageGiven(text=text, force=True, not_before=at)
        async with self.db.transaction() as tx:
            await tx.act(viewer.agent_id, "demo")
            await reply(
                tx, conversation_id, given=given, token=new_id(), viewer=viewer, caps_of=self._caps
            )

    async def note(
        self, agent: str, conversation_id: UUID, text: str, mentions: tuple[str, ...] = ()
    ) -> None:
        """Leave a note."""
        viewer = self._company.viewers[agent]
        ids = [self._company.viewers[login].agent_id for login in mentions]
        given = MessageGiven(kind="note", text=text, mention_ids=ids)
        async with self.db.transaction() as tx:
            await tx.act(viewer.agent_id, "demo")
            await add_note(tx, conversation_id, given=given, token=new_id(), viewer=viewer)

    async def change(self, agent: str, conversation_id: UUID, patch: ConversationPatch) -> None:
        """Change a conversation: status, tags, team, who has it."""
        viewer = self._company.viewers[agent]
        async with self.db.transaction() as tx:
            await tx.act(viewer.agent_id, "demo")
            await change_conversation(tx, conversation_id, patch=patch, viewer=viewer)

    async def read(self, agent: str, conversation_id: UUID) -> None:
        """Have an agent see everything of a conversation."""
        viewer = self._company.viewers[agent]
        async with self.db.transaction() as tx:
            await tx.act(viewer.agent_id, "demo")
            row = await tx.fetchrow(LAST, conversation_id)
            if row is not None:
                await mark_read(tx, conversation_id, seq=row["last_seq"], viewer=viewer)

    async def draft(self, agent: str, conversation_id: UUID, text: str) -> None:
        """Have an agent begin an answer."""
        viewer = self._company.viewers[agent]
        async with self.db.transaction() as tx:
            await tx.act(viewer.agent_id, "demo")
            row = await tx.fetchrow(LAST, conversation_id)
            await save_draft(
                tx,
                conversation_id,
                kind="reply",
                body=DraftBody(text=text),
                base_seq=row["last_public_seq"] if row is not None else 0,
                rev=None,
                viewer=viewer,
            )

    async def _file(self, extra: str) -> FileGiven:
        title, lines = PAPERS[extra]
        content = paper(title, lines)
        name = self._blobs.put_bytes(content)
        async with self.db.transaction() as tx:
            await tx.execute(
                "INSERT INTO blob (sha256, size, created_at) VALUES ($1, $2, $3)"
                " ON CONFLICT DO NOTHING",
                name,
                len(content),
                now(),
            )
        return FileGiven(
            blob=name, filename=f"{extra}.pdf", mime="application/pdf", size=len(content)
        )

    def _caps(self, provider: str, *_settings: object) -> Capabilities:
        chat = self._chats.get(provider)
        if chat is not None:
            return chat.capabilities()
        return msgspec.structs.replace(self._mailbox.capabilities(), undo_seconds=10)

    async def _open_line(self, account_id: UUID) -> tuple[Adapter, RunContext]:
        async with self.db.read() as sql:
            account = await load_account(sql, account_id)
        adapter: Adapter = self._chats.get(account.provider) or self._mailbox
        return adapter, AccountContext(self.db, self._vault, self._blobs, account)


def dice_for(seed: int, what: str) -> random.Random:
    """Return dice of their own for one part of the story, so that parts do not move each other."""
    return random.Random(f"{seed}/{what}")
