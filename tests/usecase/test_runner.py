"""Accounts run on one node at a time, and whoever lost the lease can write nothing more."""

import asyncio
import socket
import sys
from contextlib import asynccontextmanager

import pytest

from crm_core.staff.visibility import load_viewer
from hub.runner import AccountRunner, is_dead, node_name
from inbox.accounts import AccountContext, load_account
from inbox.adapters import Adapters
from inbox.connecting import AccountPatch, change_account, remove_account
from inbox.contract import LeaseLost, Raw
from infra.blobs import Blobs
from infra.vault import Vault
from tests import seed
from tests.company import founded
from tests.conformance.channel import Desk, PaperAdapter


VAULT = Vault(b"k" * 32)


class Flaky(PaperAdapter):
    """A channel that fails the first time it runs."""

    def __init__(self, desk):
        super().__init__(desk)
        self.runs = 0

    async def run(self, ctx):
        self.runs += 1
        if self.runs == 1:
            raise RuntimeError("it broke")
        await super().run(ctx)


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture
async def account_id(db):
    company = await founded(db)
    return await seed.account(
        db, branch_id=company.branch_id, kind="telegram", provider="paper", address="paper"
    )


@asynccontextmanager
async def running(db, tmp_path, adapter, *, node="there/1/a"):
    """A node that runs accounts until the block ends."""

    def context_of(account, epoch):
        return AccountContext(db, VAULT, Blobs(tmp_path / "blobs"), account, epoch=epoch)

    async def warm(_adapter):
        """Nothing is isolated here."""

    runner = AccountRunner(
        db, db._bus, Adapters({"paper": lambda: adapter}), context_of, warm=warm, node=node
    )
    task = asyncio.create_task(runner.run())
    try:
        yield runner
    finally:
        task.cancel()
        await asyncio.wait([task])


async def stored(db, count):
    """Wait until the journal holds ``count`` payloads."""
    async with asyncio.timeout(15):
        while True:
            async with db.read() as sql:
                if await sql.fetchval("SELECT count(*) FROM journal") >= count:
                    return
            await asyncio.sleep(0.05)


async def lease(db):
    async with db.read() as sql:
        return await sql.fetchrow("SELECT lease_owner, lease_epoch FROM channel_account")


async def test_an_account_is_run_and_its_lease_given_back(db, tmp_path, desk, account_id):
    desk.write("Salut")
    async with running(db, tmp_path, PaperAdapter(desk)) as runner:
        await stored(db, 1)
        assert list(runner.running) == [account_id]
    assert (await lease(db))["lease_owner"] is None


async def test_two_nodes_never_run_the_same_account(db, tmp_path, desk, account_id):
    async with (
        running(db, tmp_path, PaperAdapter(desk), node="a/1/x") as one,
        running(db, tmp_path, PaperAdapter(desk), node="b/1/x") as two,
    ):
        desk.write("Salut")
        await stored(db, 1)
        await asyncio.sleep(0.3)
        assert len(one.running) + len(two.running) == 1


async def test_whoever_lost_the_lease_writes_nothing(db, tmp_path, desk, account_id):
    async with running(db, tmp_path, PaperAdapter(desk)):
        desk.write("Salut")
        await stored(db, 1)
        old = (await lease(db))["lease_epoch"]
    async with running(db, tmp_path, PaperAdapter(desk)) as runner:
        desk.write("Iar")
        await stored(db, 2)
        ctx = runner._context_of(await _account(db, account_id), old)
        with pytest.raises(LeaseLost):
            await ctx.ingest([Raw(key="late", body=b"{}")])
    async with db.read() as sql:
        assert await sql.fetchval("SELECT count(*) FROM journal WHERE key = 'late'") == 0


async def test_changed_settings_start_the_account_again(db, tmp_path, desk, account_id):
    adapter = PaperAdapter(desk)
    async with running(db, tmp_path, adapter):
        desk.write("Salut")
        await stored(db, 1)
        before = (await lease(db))["lease_epoch"]
        async with db.transaction() as tx:
            viewer = await load_viewer(tx, await tx.fetchval("SELECT id FROM agent"))
            await change_account(
                tx,
                Adapters({"paper": lambda: adapter}),
                VAULT,
                account_id,
                AccountPatch(name="Paper 2"),
                viewer=viewer,
            )
        desk.write("Iar")
        await stored(db, 2)
        async with asyncio.timeout(15):
            while (now := await lease(db))["lease_owner"] is None:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        assert now["lease_epoch"] > before


async def test_a_removed_account_is_left_alone(db, tmp_path, desk, account_id):
    async with running(db, tmp_path, PaperAdapter(desk)) as runner:
        desk.write("Salut")
        await stored(db, 1)
        async with db.transaction() as tx:
            viewer = await load_viewer(tx, await tx.fetchval("SELECT id FROM agent"))
            await remove_account(tx, account_id, viewer=viewer)
        async with asyncio.timeout(15):
            while runner.running:  # noqa: ASYNC110 - nobody announces it
                await asyncio.sleep(0.05)


async def test_an_account_that_fails_is_reported_and_run_again(db, tmp_path, desk, account_id):
    adapter = Flaky(desk)
    desk.write("Salut")
    async with running(db, tmp_path, adapter):
        await stored(db, 1)
    assert adapter.runs == 2


async def test_the_lease_of_a_killed_hub_need_not_run_out(db, tmp_path, desk, account_id):
    gone = await asyncio.create_subprocess_exec(sys.executable, "-c", "")
    await gone.wait()
    dead = f"{socket.gethostname()}/{gone.pid}/x"
    async with db.transaction() as tx:
        await tx.execute(
            "UPDATE channel_account SET lease_owner = $1, lease_until = now() + interval '1 h'",
            dead,
        )
    desk.write("Salut")
    async with running(db, tmp_path, PaperAdapter(desk)):
        await stored(db, 1)


def test_only_a_process_of_this_machine_can_be_known_to_be_dead():
    assert not is_dead(node_name())
    assert not is_dead("elsewhere/999999999/x")
    assert not is_dead("nonsense")


async def _account(db, account_id):
    async with db.read() as sql:
        return await load_account(sql, account_id)
