from uuid import UUID

import pytest

from crm_core.audit import list_changes
from crm_core.cards import CardPatch, edit_card, make_card
from crm_core.identities import add_identity
from crm_core.linking import card_for
from crm_core.staff.agents import MyPatch, change_me
from crm_core.staff.api_keys import make_key
from crm_core.staff.sign_in import change_password, sign_in
from crm_core.staff.tables import ChangeRow
from crm_core.views import Change
from inbox.tables import AccountRow
from infra.clock import new_id
from infra.db import Database
from infra.errors import Forbidden
from infra.vault import Vault
from tests.company import PASSWORD, Company, founded, hired


VAULT = Vault(bytes(range(32)))


@pytest.fixture
async def company(db: Database) -> Company:
    return await founded(db)


async def log(db: Database, company: Company, **which) -> list[Change]:
    """Return the log, oldest first."""
    async with db.read() as source:
        found = await list_changes(source, viewer=company.owner, limit=500, **which)
    return list(reversed(found))


async def test_who_changed_what_from_what_to_what(db: Database, company: Company):
    batch_id = new_id()
    async with db.transaction() as tx:
        await tx.act(company.owner.agent_id, "ui")
        card_id = await make_card(
            tx, fields=CardPatch(display_name="Ion", about="tall"), viewer=company.owner
        )
    async with db.transaction() as tx:
        await tx.act(company.owner.agent_id, "api", batch_id=batch_id)
        await edit_card(tx, card_id, rev=1, patch=CardPatch(about="short"), viewer=company.owner)
    made, edited = await log(db, company, table="card", row=str(card_id))
    assert (made.op, made.via, made.before) == ("insert", "ui", None)
    assert made.after is not None
    assert made.after["about"] == "tall"
    assert "search_grams" not in made.after
    assert (edited.op, edited.via, edited.batch_id) == ("update", "api", batch_id)
    assert edited.actor_id == company.owner.agent_id
    assert (edited.before, edited.after) == ({"about": "tall"}, {"about": "short"})


async def test_secrets_never_reach_the_log_but_their_change_does(db: Database, company: Company):
    opened = await sign_in(db, login="owner", password=PASSWORD, ip="", vault=VAULT)
    await change_password(
        db,
        opened.agent_id,
        current=PASSWORD,
        new="another good password",
        session_id=opened.id,
    )
    async with db.transaction() as tx:
        _, key = await make_key(tx, name="k", scopes=["card.read"], viewer=company.owner)
        tx.session.add(
            AccountRow(
                kind="email",
                provider="email.imap",
                name="Shop",
                address="shop@example.md",
                secrets="v1.sealed-secret",
                branch_id=company.branch_id,
            )
        )
    changed = (await log(db, company, table="agent"))[-1]
    assert changed.before is not None
    assert set(changed.before) == {"password"}
    assert changed.before != changed.after
    async with db.read() as source:
        everything = "\n".join(
            row[0] for row in await source.fetch("SELECT to_jsonb(c)::text FROM change AS c")
        )
    assert "argon2" not in everything
    assert "sealed-secret" not in everything
    assert key[9:] not in everything


async def test_what_only_the_machine_writes_is_no_change(db: Database, company: Company):
    async with db.transaction() as tx:
        account = AccountRow(
            kind="email",
            provider="email.imap",
            name="Shop",
            address="shop@example.md",
            branch_id=company.branch_id,
        )
        tx.session.add(account)
        card_id = await make_card(tx, fields=CardPatch(display_name="Ion"), viewer=company.owner)
        await change_me(tx, company.owner.agent_id, patch=MyPatch(preferences={"a": 1}))
    before = len(await log(db, company))
    async with db.transaction() as tx:
        await tx.execute(
            "UPDATE channel_account SET health = '{}', cursor = '7', lease_epoch = 9,"
            " lease_owner = 'n', health_at = now()"
        )
        await tx.execute("UPDATE card SET last_in_at = now() WHERE id = $1", card_id)
        await tx.execute("UPDATE agent SET totp_used_step = 5")
    assert len(await log(db, company)) == before
    async with db.transaction() as tx:
        await tx.execute("UPDATE channel_account SET name = 'Shop 2', cursor = '8'")
    assert (await log(db, company))[-1].after == {"name": "Shop 2"}


async def test_a_strangers_card_is_told_by_the_journal_and_a_persons_by_the_log(
    db: Database, company: Company
):
    async with db.transaction() as tx:
        await tx.act(None, "channel")
        lead = await card_for(
            tx, kind="email", value="ion@example.md", branch_id=company.branch_id
        )
    assert lead.card_id is not None
    assert not await log(db, company, table="card")
    assert not await log(db, company, table="identity")
    async with db.transaction() as tx:
        await tx.act(company.owner.agent_id, "ui")
        await add_identity(tx, lead.card_id, kind="phone", value="069123456", viewer=company.owner)
    assert [change.op for change in await log(db, company, table="card_identity")] == ["insert"]


async def test_rows_without_an_id_are_named_by_their_parts(db: Database, company: Company):
    ion = await hired(db, company, "ion")
    rows = {change.row for change in await log(db, company, table="team_member")}
    assert f"{company.team_id}/{ion.agent_id}" in rows
    assert await log(db, company, table="agent_role")
    assert len(await log(db, company, table="role_grant")) > 50


async def test_many_rows_of_one_statement_are_logged_each(db: Database, company: Company):
    async with db.transaction() as tx:
        ids = [
            await make_card(tx, fields=CardPatch(display_name=name), viewer=company.owner)
            for name in "abc"
        ]
        await tx.execute("UPDATE card SET about = display_name, rev = rev + 1")
        await tx.execute("DELETE FROM card WHERE id = $1", ids[0])
    changes = await log(db, company, table="card")
    assert [change.op for change in changes] == ["insert"] * 3 + ["update"] * 3 + ["delete"]
    for change in changes[3:6]:
        assert change.after == {"about": "abc"[ids.index(UUID(change.row))]}


async def test_the_log_is_paged_and_needs_its_permission(db: Database, company: Company):
    ion = await hired(db, company, "ion", "manager")
    auditor = await hired(db, company, "ana", "auditor")
    async with db.read() as source:
        with pytest.raises(Forbidden):
            await list_changes(source, viewer=ion)
        first = await list_changes(source, viewer=auditor, limit=2)
        rest = await list_changes(source, viewer=auditor, before=first[-1].id, limit=2)
    assert first[-1].id > rest[0].id


async def test_every_audited_table_has_its_three_triggers(db: Database):
    async with db.read() as source:
        rows = await source.fetch(
            "SELECT tgrelid::regclass::text AS name, count(*) FROM pg_trigger"
            " WHERE tgname LIKE 'audit_%' GROUP BY 1"
        )
    assert len(rows) == 16
    assert {row["count"] for row in rows} == {3}
    assert ChangeRow.__tablename__ not in {row["name"] for row in rows}
