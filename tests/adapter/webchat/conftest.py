"""A whole hub with a widget, and an agent who answers."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from hub import app
from hub.app import Hub
from hub.operator import OPERATOR
from hub.process import listening
from inbox.connecting import NewAccount, create_account
from infra.clock import new_id
from infra.db import Database
from infra.settings import Settings
from tests.seed import branch
from tests.servers.visitor import Visitor


class Office:
    """The hub, its address, and an agent at the desk."""

    def __init__(self, hub: Hub | None, base: str, db: Database | None = None) -> None:
        self.hub: Any = hub
        self.base = base
        self.db: Any = db or self.hub.db

    async def widget(self, secrets: dict[str, str] | None = None, **config: Any) -> str:
        """Connect a widget; return its key."""
        key = config.pop("address", "") or f"w{new_id().hex[-10:]}"
        async with self.hub.db.transaction() as tx:
            branch = await tx.fetchval("SELECT id FROM branch LIMIT 1")
            self.account_id = await create_account(
                tx,
                self.hub.adapters,
                self.hub.vault,
                NewAccount(
                    provider="webchat",
                    name="Site",
                    config={"address": key, "name": "Mobila", "csat": True} | config,
                    secrets=secrets or {},
                    branch_id=branch,
                ),
                viewer=OPERATOR,
            )
        return key

    def visitor(self, key: str, **more: Any) -> Visitor:
        return Visitor(self.base, key, **more)

    async def sql(self, query: str, *args: Any) -> list[Any]:
        async with self.db.read() as raw:
            return list(await raw.fetch(query, *args))

    async def until(self, query: str, *args: Any, within: float = 30.0) -> list[Any]:
        """Return the rows of a query once there are some."""
        async with asyncio.timeout(within):
            while not (rows := await self.sql(query, *args)):  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.05)
        return rows

    async def answer(self, visitor_id: str, text: str, **more: Any) -> str:
        """Let an agent answer in a visitor's thread; return the message's id."""
        rows = await self.until(
            "SELECT t.id, t.conversation_id, t.peer_identity_id, t.account_id FROM thread AS t"
            " WHERE t.key = $1",
            visitor_id,
        )
        row, message_id = rows[0], new_id()
        async with self.db.transaction() as tx:
            seq = await tx.fetchval(
                "UPDATE conversation SET last_seq = last_seq + 1, status = 'waiting',"
                " first_reply_at = coalesce(first_reply_at, now()) WHERE id = $1"
                " RETURNING last_seq",
                row["conversation_id"],
            )
            await tx.execute(
                "INSERT INTO message (id, conversation_id, seq, kind, visibility, thread_id,"
                " account_id, channel, identity_id, text, reply_text, folds, recipients,"
                " mention_ids, meta, at, created_at, rev, spans, parts)"
                " VALUES ($1, $2, $3, 'outbound', 'public', $4, $5, 'webchat', $6, $7, $7, '[]',"
                " '[]', '{}', '{}', now(), now(), 1, '[]', '[]')",
                message_id,
                row["conversation_id"],
                seq,
                row["id"],
                row["account_id"],
                row["peer_identity_id"],
                text,
            )
            await tx.execute(
                "INSERT INTO delivery (id, message_id, identity_id, role, part, state,"
                " not_before, attempts, updated_at)"
                " VALUES ($1, $2, $3, 'to', 0, 'queued', now(), 0, now())",
                new_id(),
                message_id,
                row["peer_identity_id"],
            )
            tx.wrote()
        return str(message_id)


@pytest.fixture
async def office(url, tmp_path) -> AsyncIterator[Office]:
    settings = Settings(data=tmp_path, DATABASE_URL=url, port=0, workers=1, _env_file=None)
    async with app.run(settings) as hub, listening(hub.web, settings) as port:
        await branch(hub.db)
        yield Office(hub, f"http://127.0.0.1:{port}")


def decoded(body: bytes) -> Any:
    return msgspec.json.decode(body)
