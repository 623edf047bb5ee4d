"""Website chat under test: its provider is the hub's own database."""

import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from channels.webchat.adapter import WebchatAdapter
from channels.webchat.normalize import Act, Filled, SeenPage, StoredFile, raw_of
from channels.webchat.rooms import Rooms
from hub.migrate import migrate
from inbox.contract import Address, Fault, Raw, Receipt, RunContext, WireOp
from infra.bus import LocalBus
from infra.db import Database
from infra.postgres import Postgres
from tests import seed
from tests.servers.context import MemoryContext


def act(kind: str, number: int, **fields: object) -> Raw:
    """Return what a visitor did, as the journal has it."""
    at = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
    return raw_of(
        Act(kind=kind, visitor=VISITOR, key=f"{VISITOR}/{number}", at=at, name="Ana", **fields)
    )


VISITOR = UUID("01a20000-0000-7000-8000-000000000001")
NOWHERE = "postgresql+asyncpg://nobody@127.0.0.1:1/nowhere"
BROKEN = {
    Fault.REFUSED: "UPDATE webchat_visitor SET blocked_at = now()",
    Fault.RECIPIENT: "DELETE FROM webchat_visitor",
}
MAKE_VISITOR = """
INSERT INTO webchat_visitor (id, account_id, seq, level, name, email, phone, proven_email,
    proven_phone, attributes, lang, site, spoke, got, seen, answered, mailed, live_at, created_at)
VALUES ($1, $2, 0, 'anonymous', '', '', '', '', '', '{}', '', '', true, 0, 0, 0, 0, now(), now())
"""


class Counted(WebchatAdapter):
    """Remembers which entries it added."""

    def __init__(self, db: Database, rooms: Rooms) -> None:
        super().__init__(db, rooms)
        self.taken: set[str] = set()
        self.alive = db
        self.before = ""

    async def send(self, ctx: RunContext, op: WireOp) -> Receipt:
        if self.before:
            async with self.alive.transaction() as tx:
                await tx.execute(self.before)
        receipt = await super().send(ctx, op)
        self.taken.update(receipt.external_ids)
        return receipt


class WebchatLine:
    """A visitor's log in a real database: website chat is its own provider."""

    def __init__(self, db: Database) -> None:
        self.adapter = Counted(db, Rooms(db, LocalBus()))
        self.ctx = MemoryContext({"address": "site"}, jwt_secret="s3cret-of-the-site")

    @property
    def handed(self) -> int:
        return len(self.adapter.taken)

    def break_for(self, fault: Fault) -> None:
        if fault is Fault.TRANSIENT:
            self.adapter._db = Database(NOWHERE, LocalBus())
        else:
            self.adapter.before = BROKEN[fault]

    def mend(self) -> None:
        self.adapter._db = self.adapter.alive
        self.adapter.before = "UPDATE webchat_visitor SET blocked_at = NULL"


class Webchat:
    """Website chat."""

    name = "webchat"
    peer = Address("web_visitor", str(VISITOR))
    thread = str(VISITOR)
    payloads: Mapping[str, Raw] = {
        "message": act("message", 1, message="m1", text="Bună"),
        "file": act("message", 2, message="m2", files=(StoredFile("ab" * 32, "a.pdf", "a/b", 3),)),
        "form": act("form", 3, forms=(Filled("callback", {"phone": "+40721000000"}),)),
        "button": act("button", 4, message="o1", button="yes"),
        "reaction": act("reaction", 5, message="o1", emojis=("👍",)),
        "delivered": act("delivered", 6, messages={str(VISITOR): ["o1", "o2"]}),
        "read": act("read", 7, messages={str(VISITOR): ["o1", "o2"]}),
        "proof": act("proof", 8, proven=(("email", "ana@client.test"),), how="mail_link"),
        "page": act(
            "page",
            9,
            pages=(SeenPage("https://a.test/", "A", "", datetime(2026, 11, 24, tzinfo=UTC)),),
        ),
    }
    strange = (
        Raw(key="1", body=b""),
        Raw(key="2", body=b"\xff\x00{"),
        Raw(key="3", body=b"[" * 100_000),
        Raw(key="4", body=b'{"kind": "hologram"}'),
    )
    faults: Sequence[Fault] = (Fault.TRANSIENT, Fault.REFUSED, Fault.RECIPIENT)

    def open(self) -> WebchatAdapter:
        db = Database(NOWHERE, LocalBus())  # never connected to
        return WebchatAdapter(db, Rooms(db, LocalBus()))

    @asynccontextmanager
    async def line(self) -> AsyncIterator[WebchatLine]:
        with (
            tempfile.TemporaryDirectory(prefix="pg", ignore_cleanup_errors=True) as folder,
            Postgres(Path(folder) / "pg") as server,
        ):
            await migrate(server.url)
            db = Database(server.url, LocalBus())
            account_id = await seed.account(db, kind="webchat", provider="webchat")
            async with db.transaction() as tx:
                await tx.execute(MAKE_VISITOR, VISITOR, account_id)
            yield WebchatLine(db)
            await db.close()
