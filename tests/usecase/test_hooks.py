"""Where providers call: believed only with proof, and acknowledged only after the commit."""

import io

import pytest

from hub.hooks import BODY_LIMIT
from inbox.adapters import Adapters
from inbox.connecting import take_leave
from inbox.contract import Fault, Forged, Raw, Reply, SendError, SendFailed
from infra.blobs import Blobs
from infra.bus import LocalBus
from infra.db import Database
from tests import seed
from tests.company import founded
from tests.conformance.channel import PaperAdapter
from tests.usecase.hooked import KEY, VAULT, served


PROOF = {"X-Proof": "right"}


class Called(PaperAdapter):
    """Paper that is pushed."""

    def __init__(self):
        super().__init__()
        self.urls = []
        self.farewells = 0
        self.is_sulking = False

    def authenticate(self, _ctx, req):
        if req.headers.get("x-proof") != "right":
            raise Forged("no proof")

    def accept(self, _ctx, req):
        self.urls.append((req.method, req.path, req.url))
        return [Raw(key=req.query.get("id", "1"), body=req.body)], Reply(body=b"took it")

    async def provision(self, ctx, public_url):
        """Nobody has to be told."""

    async def deprovision(self, _ctx):
        self.farewells += 1
        if self.is_sulking:
            raise SendFailed(SendError(fault=Fault.TRANSIENT, code="paper.away"))


@pytest.fixture
async def company(db):
    return await founded(db)


async def paper_of(db, company):
    account_id = await seed.account(
        db, branch_id=company.branch_id, kind="telegram", provider="paper", address="paper"
    )
    async with db.transaction() as tx:
        await tx.execute("UPDATE channel_account SET hook_key = $1", KEY)
    return account_id


@pytest.fixture
async def account_id(db, company):
    return await paper_of(db, company)


@pytest.fixture
async def post(db, tmp_path, account_id):
    async with served(db, tmp_path, Called()) as post:
        yield post


async def test_a_call_is_in_the_journal_when_it_is_answered(post):
    status, text, _ = await post.call(f"/hook/{KEY}/dlr?id=7", headers=PROOF)
    assert (status, text) == (200, "took it")
    assert await post.rows() == 1
    assert post.adapter.urls == [("POST", "/dlr", f"https://hub.example/hook/{KEY}/dlr?id=7")]


async def test_the_same_call_again_is_one_row(post):
    for _ in range(3):
        status, _, _ = await post.call(headers=PROOF)
        assert status == 200
    assert await post.rows() == 1


@pytest.mark.parametrize("headers", [{}, {"X-Proof": "wrong"}])
async def test_a_forged_call_is_refused_and_leaves_nothing(post, headers):
    status, _, _ = await post.call(headers=headers)
    assert status == 403
    assert await post.rows() == 0


async def test_nobody_lives_at_another_key(post):
    status, _, _ = await post.call("/hook/another", headers=PROOF)
    assert status == 404


async def test_an_account_that_is_switched_off_takes_nothing(post, db):
    async with db.transaction() as tx:
        await tx.execute("UPDATE channel_account SET is_enabled = false")
    status, _, _ = await post.call(headers=PROOF)
    assert status == 404


async def test_a_body_without_end_is_refused(post):
    status, _, _ = await post.call(headers=PROOF, body=io.BytesIO(b"x" * (BODY_LIMIT + 1)))
    assert status == 413
    assert await post.rows() == 0


async def test_the_key_stays_out_of_the_log(post, capfd):
    await post.call(headers=PROOF)
    await post.call(headers={})
    seen = capfd.readouterr()
    assert "hook.forged" in seen.out + seen.err
    assert KEY not in seen.out + seen.err


async def test_a_provider_is_asked_to_come_again_while_the_database_is_away(tmp_path, db):
    away = Database("postgresql+asyncpg://postgres@/hub?host=/nowhere", LocalBus())
    async with served(away, tmp_path, Called(), truth=db) as post:
        status, _, headers = await post.call(headers=PROOF)
        assert (status, headers["Retry-After"]) == (503, "30")
        assert await post.rows() == 0
    await away.close()


@pytest.mark.parametrize("is_sulking", [False, True])
async def test_a_provider_is_told_of_an_account_that_goes(db, tmp_path, company, is_sulking):
    account_id = await paper_of(db, company)
    adapter = Called()
    adapter.is_sulking = is_sulking
    blobs, adapters = Blobs(tmp_path / "blobs"), Adapters({"paper": lambda: adapter})
    await take_leave(db, VAULT, blobs, adapters, account_id, viewer=company.owner)
    assert adapter.farewells == 1
