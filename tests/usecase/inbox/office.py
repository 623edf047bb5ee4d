"""A small company at work: agents, a mailbox, clients who write."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec

from crm_core.staff.roles import seed_roles
from crm_core.staff.tables import AgentRoleRow, AgentRow, BranchRow, TeamMemberRow, TeamRow
from crm_core.staff.visibility import Viewer, load_viewer
from inbox.change import ConversationPatch, change_conversation
from inbox.contract import (
    AccountId,
    Address,
    Capabilities,
    ExternalRef,
    Level,
    MediaCaps,
    MessageIn,
    RichText,
    ThreadRef,
)
from inbox.ingest import OwnAccount, item_of, store
from inbox.posting import MessageGiven
from inbox.reply import reply
from inbox.views import Message
from infra.clock import new_id, now
from infra.db import Database
from tests import seed


MAIL = Capabilities(
    text_max=10_000_000,
    text_unit="bytes",
    text_split=False,
    subject=True,
    copies=True,
    initiate="always",
    media={"file": MediaCaps(mimes={"*/*": Level.FULL}, max_bytes=25_000_000)},
)
CHAT = Capabilities(text_max=4096, text_unit="utf16", text_split=True, initiate="always")

ANA = Address("email", "ana@example.ro", display="Ana Țurcanu")
BOB = Address("email", "bob@example.ro", display="Bob")


class Office:
    """One database with agents and a mailbox."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.roles: Mapping[str, UUID] = {}
        self.count = 0

    async def open(self, *, undo_seconds: int = 0) -> "Office":
        """Make the company."""
        async with self.db.transaction() as tx:
            self.roles = await seed_roles(tx)
            branch = BranchRow(name="Chișinău", code="CHI")
            tx.session.add(branch)
            await tx.session.flush()
            team = TeamRow(name="Support", branch_id=branch.id)
            tx.session.add(team)
        self.branch_id, self.team_id = branch.id, team.id
        self.account_id = await seed.account(self.db, branch_id=branch.id)
        self.chat_id = await seed.account(
            self.db, branch_id=branch.id, kind="telegram", provider="paper", address="@hub"
        )
        self.caps = {
            "email.imap": msgspec.structs.replace(MAIL, undo_seconds=undo_seconds),
            "paper": msgspec.structs.replace(CHAT, undo_seconds=undo_seconds),
        }
        return self

    def caps_of(self, provider: str, *_config: object) -> Capabilities:
        """Return what a channel carries."""
        return self.caps[provider]

    async def agent(self, *, role: str = "owner", team: bool = False, name: str = "") -> Viewer:
        """Hire somebody."""
        self.count += 1
        login = f"agent{self.count}"
        row = AgentRow(
            login=login,
            login_key=login,
            name=name or login,
            branch_id=self.branch_id,
            status="active",
        )
        async with self.db.transaction() as tx:
            tx.session.add(row)
            await tx.session.flush()
            tx.session.add(AgentRoleRow(agent_id=row.id, role_id=self.roles[role]))
            if team:
                tx.session.add(TeamMemberRow(team_id=self.team_id, agent_id=row.id))
        async with self.db.read() as raw:
            return await load_viewer(raw, row.id)

    async def write(
        self, text: str = "Salut", *, sender: Address = ANA, thread: str = "", **fields: Any
    ) -> UUID:
        """Let a client write a mail; return the message's id."""
        account = OwnAccount(self.account_id, "email", frozenset({"support@hub.test"}))
        name = fields.pop("name", f"<{new_id()}@client.test>")
        event = MessageIn(
            account=AccountId(self.account_id),
            dedup_key=name,
            at=now() - timedelta(seconds=1),
            ref=ExternalRef(ThreadRef(AccountId(self.account_id), ""), name),
            sender=sender,
            parts=(RichText(text=text),),
            subject=fields.pop("subject", "Comanda"),
            references=(thread,) if thread else (),
            **fields,
        )
        async with self.db.transaction() as tx:
            (stored,) = await store(tx, [item_of(event, account)])
        return stored.message_id

    async def chat(
        self,
        text: str = "Salut",
        *,
        user: str = "77",
        name: str = "",
        thread: ThreadRef | None = None,
        account_id: UUID | None = None,
        **fields: Any,
    ) -> UUID:
        """Let a client write in a chat; return the message's id."""
        account_id = account_id or self.chat_id
        account = OwnAccount(account_id, "telegram", frozenset())
        name = name or str(new_id())
        chosen = thread or ThreadRef(AccountId(account_id), f"chat{user}")
        event = MessageIn(
            account=AccountId(account_id),
            dedup_key=fields.pop("dedup_key", name),
            at=now(),
            ref=ExternalRef(chosen, name),
            sender=Address("telegram_user", user, display=fields.pop("display", "Ion")),
            parts=fields.pop("parts", (RichText(text=text),)),
            **fields,
        )
        async with self.db.transaction() as tx:
            (stored,) = await store(tx, [item_of(event, account)])
        return stored.message_id

    async def case(self, text: str = "Salut", **fields: Any) -> UUID:
        """Let a client begin a conversation; return its id."""
        return await self.place_of(await self.write(text, **fields))

    async def place_of(self, message_id: UUID) -> UUID:
        """Return the conversation of a message."""
        found: UUID = await self.value(
            "SELECT conversation_id FROM message WHERE id = $1", message_id
        )
        return found

    async def answer(
        self,
        conversation_id: UUID,
        viewer: Viewer,
        text: str = "Bună ziua",
        *,
        token: UUID | None = None,
        **fields: Any,
    ) -> UUID:
        """Let an agent answer, having seen everything unless told otherwise."""
        if "base_seq" not in fields:
            fields["base_seq"] = await self.value(
                "SELECT last_public_seq FROM conversation WHERE id = $1", conversation_id
            )
        async with self.db.transaction() as tx:
            posted = await reply(
                tx,
                conversation_id,
                given=MessageGiven(text=text, **fields),
                token=token or new_id(),
                viewer=viewer,
                caps_of=self.caps_of,
            )
        return posted.message_id

    async def change(self, conversation_id: UUID, viewer: Viewer, **fields: Any) -> dict[str, Any]:
        """Let an agent change a conversation."""
        async with self.db.transaction() as tx:
            text = await change_conversation(
                tx, conversation_id, patch=ConversationPatch(**fields), viewer=viewer
            )
        return msgspec.json.decode(text)

    async def row(self, sql: str, *args: Any) -> dict[str, Any]:
        """Return one row."""
        async with self.db.read() as raw:
            return dict(await raw.fetchrow(sql, *args))

    async def rows(self, sql: str, *args: Any) -> Sequence[dict[str, Any]]:
        """Return every row."""
        async with self.db.read() as raw:
            return [dict(row) for row in await raw.fetch(sql, *args)]

    async def value(self, sql: str, *args: Any) -> Any:
        """Return one value."""
        async with self.db.read() as raw:
            return await raw.fetchval(sql, *args)

    async def shown(self, message_id: UUID) -> Message:
        """Return a message as agents get it."""
        text = await self.value(
            "SELECT message_json(m)::text FROM message AS m WHERE m.id = $1", message_id
        )
        return msgspec.json.decode(text, type=Message)

    async def conversation(self, conversation_id: UUID) -> dict[str, Any]:
        """Return a conversation's row."""
        return await self.row("SELECT * FROM conversation WHERE id = $1", conversation_id)

    async def entries(self, conversation_id: UUID) -> list[str]:
        """Return the types of a conversation's timeline entries, in order."""
        rows = await self.rows(
            "SELECT type FROM conversation_event WHERE conversation_id = $1 ORDER BY seq",
            conversation_id,
        )
        return [row["type"] for row in rows]
