"""What belongs to others is not there: every route, with objects the agent may not reach.

After each refusal nothing in the database is different: rights come before writing.
"""

import re
from uuid import UUID

import pytest

from agents_ui.api.catalog import ROUTES
from infra.clock import new_id
from tests.usecase.api.test_files import PNG, put
from tests.usecase.inbox.office import BOB


BODIES = {
    "conversations_change": {"priority": 3},
    "conversations_read": {"seq": 1},
    "conversations_unread": {"seq": 1},
    "messages_write": {"kind": "reply", "text": "x", "force": True},
    "messages_retry": {},
    "messages_edit": {"text": "x", "rev": 1},
    "messages_react": {"emojis": ["x"]},
    "drafts_save": {"body": {"text": "x"}},
    "cards_change": {"rev": 1, "about": "x"},
    "cards_add_identity": {"kind": "email", "value": "x@y.test"},
    "cards_change_identity": {"label": "x"},
    "merges_preview": {"loser_id": "{other}"},
    "merges_merge": {"loser_id": "{other}"},
    "accounts_change": {"name": "x"},
    "agents_change": {"name": "x"},
    "teams_change_team": {"name": "x"},
    "teams_set_members": {"member_ids": []},
    "teams_change_branch": {"name": "x"},
    "tags_change": {"name": "x"},
    "channels_estimate_message": {"account_id": "{account_id}", "text": "x"},
    "channels_invite": {"account_id": "{account_id}"},
    "channels_join_conversation": {"from_id": "{conversation_id}"},
    "tasks_change": {"rev": 1},
    "consents_renew": {"identity_id": "{identity_id}", "reason": "asked by phone"},
    "visitors_accept": {},
    "oauth_start": {"account_id": "{account_id}"},
    "conversations_begin": {
        "account_id": "{account_id}",
        "to": {"kind": "email", "value": "x@y.test"},
        "text": "x",
    },
    "conversations_bulk": {"ids": ["{conversation_id}"], "patch": {"priority": 3}},
}

OF_OBJECTS = re.compile(r"\{(?!token|kind|number|session_id)\w+\}")
STATE = """
SELECT (SELECT count(*) FROM event), (SELECT count(*) FROM change), (SELECT count(*) FROM message),
       (SELECT count(*) FROM draft), (SELECT count(*) FROM read_state),
       (SELECT md5(string_agg(c::text, '' ORDER BY c.id)) FROM conversation AS c),
       (SELECT md5(string_agg(c::text, '' ORDER BY c.id)) FROM card AS c)
"""


@pytest.fixture
async def things(office, desk, owner):
    """One of each thing, none of which a newcomer of another branch may reach."""
    message = await office.write(name="<1@client.test>")
    case = await office.place_of(message)
    other = await office.conversation(await office.case("Altul", sender=BOB))
    answer = await office.answer(case, owner)
    row = await office.conversation(case)
    link = await office.row("SELECT id, identity_id FROM card_identity LIMIT 1")
    async with office.db.transaction() as tx:
        tag_id = new_id()
        await tx.execute(
            "INSERT INTO tag (id, name, name_key, color, rev) VALUES ($1, 'a', 'a', 'red', 1)",
            tag_id,
        )
        task_id, claim_id = new_id(), new_id()
        await tx.execute(
            "INSERT INTO task (id, kind, title, body, phone, status, result_note, card_id,"
            " origin_card_id, conversation_id, branch_id, created_at, updated_at, rev)"
            " SELECT $1, 'callback', '', '', '', 'open', '', card_id, card_id, id, branch_id,"
            " now(), now(), 1 FROM conversation WHERE id = $2",
            task_id,
            case,
        )
        await tx.execute(
            "INSERT INTO claim (id, identity_id, conversation_id, kind, value, at)"
            " VALUES ($1, $2, $3, 'email', 'x@y.test', now())",
            claim_id,
            link["identity_id"],
            case,
        )
    return {
        "conversation_id": case,
        "message_id": answer,
        "attachment_id": await put(office, desk, message, PNG, filename="a", mime="image/png"),
        "card_id": row["card_id"],
        "other": other["card_id"],
        "link_id": link["id"],
        "identity_id": link["identity_id"],
        "account_id": office.account_id,
        "agent_id": owner.agent_id,
        "team_id": office.team_id,
        "branch_id": office.branch_id,
        "tag_id": tag_id,
        "task_id": task_id,
        "claim_id": claim_id,
        "merge_id": new_id(),
        "move_id": new_id(),
        "key_id": new_id(),
        "entry_id": 1,
    }


def filled(value, things):
    """Put the ids of things where their names stand."""
    if isinstance(value, dict):
        return {name: filled(each, things) for name, each in value.items()}
    if isinstance(value, list):
        return [filled(each, things) for each in value]
    if isinstance(value, str):
        return re.sub(r"\{(\w+)\}", lambda m: str(things.get(m[1], "reply")), value)
    return value


@pytest.mark.parametrize("role", ["newcomer", "stranger"])
async def test_what_belongs_to_others_is_not_there(desk, office, things, role):
    agent = await office.agent(role="newcomer")
    if role == "stranger":  # a role that may do nothing at all
        async with office.db.transaction() as tx:
            await tx.execute("DELETE FROM agent_role WHERE agent_id = $1", agent.agent_id)
    named = [r for r in ROUTES if OF_OBJECTS.search(r.path) or r.operation_id in BODIES]
    assert len(named) > 40
    async with desk.browser() as browser:
        await browser.enter(agent)
        for route in named:
            before = tuple((await office.row(STATE)).values())
            answer = await browser.send(
                route.method,
                filled(route.path, things),
                filled(BODIES.get(route.operation_id), things),
                headers={"Idempotency-Key": str(new_id())},
                params={"u": "http://x.test/", "s": "x"} if route.path.endswith("/image") else {},
            )
            where = (route.operation_id, answer.status, answer.text)
            if route.operation_id == "conversations_bulk":
                assert [f["code"] for f in answer.json["failed"]] == ["hub.not_found"], where
            else:
                assert answer.status in {403, 404}, where
            assert tuple((await office.row(STATE)).values()) == before, where
            assert str(UUID(int=0)) not in answer.text


async def test_whoever_only_reads_changes_nothing(desk, office, things):
    auditor = await office.agent(role="auditor")
    async with desk.browser() as browser:
        await browser.enter(auditor)
        own = {"conversations_read", "conversations_unread"}  # one's own marks are no change
        for route in ROUTES:
            writes = route.method != "GET" and OF_OBJECTS.search(route.path)
            if not writes or route.operation_id in own:
                continue
            before = tuple((await office.row(STATE)).values())
            answer = await browser.send(
                route.method,
                filled(route.path, things),
                filled(BODIES.get(route.operation_id), things),
                headers={"Idempotency-Key": str(new_id())},
            )
            where = (route.operation_id, answer.status, answer.text)
            assert answer.status in {403, 404} or route.operation_id == "drafts_discard", where
            assert tuple((await office.row(STATE)).values()) == before, where
