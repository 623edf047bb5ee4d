"""A hub with years behind it, made in seconds: what lists and searches are measured on."""

import asyncpg


TEAMS = 20
AGENTS = 200
TAGS = 50
ACCOUNTS = 12
OPEN = 10_000  # conversations being worked on, however many lie in the archive

STAFF = """
INSERT INTO branch (id, name, code, timezone, phone_region, currency)
VALUES (gen_random_uuid(), 'Chișinău', 'CHI', 'Europe/Chisinau', 'MD', 'MDL');
INSERT INTO team (id, branch_id, name, rev)
SELECT gen_random_uuid(), b.id, 'Team ' || n, 1 FROM branch AS b, generate_series(1, {teams}) AS n;
INSERT INTO agent (id, login, login_key, name, branch_id, status, locale, signature,
                   recovery_codes, preferences, created_at, rev)
SELECT gen_random_uuid(), 'agent' || n, 'agent' || n, 'Agent ' || n, b.id, 'active', 'ro', '',
       '{{}}', '{{}}', now(), 1
  FROM branch AS b, generate_series(1, {agents}) AS n;
INSERT INTO tag (id, name, name_key, color, rev)
SELECT gen_random_uuid(), 'Tag ' || n, 'tag' || n, 'gray', 1 FROM generate_series(1, {tags}) AS n;
INSERT INTO channel_account (id, kind, provider, name, address, config, secrets, is_enabled,
                             branch_id, reopen_days, health, lease_epoch, created_at, rev)
SELECT gen_random_uuid(), 'email', 'email.imap', 'Mailbox ' || n, 'box' || n || '@hub.test',
       '{{}}', '', true, b.id, 14, '{{}}', 0, now(), 1
  FROM branch AS b, generate_series(1, {accounts}) AS n;
"""

CARDS = """
INSERT INTO card (id, kind, display_name, given_name, family_name, legal_name, about, lifecycle,
                  branch_id, custom, provenance, search_text, search_grams, name_key, sort_key,
                  created_at, updated_at, rev)
SELECT gen_random_uuid(), 'person', 'Client ' || n, '', '', '', '', 'client', b.id, '{}', '{}', '',
       '{}', '', 'client' || n, now(), now(), 1
  FROM branch AS b, generate_series(1, $1::int) AS n
"""

CONVERSATIONS = """
WITH ids AS (
    SELECT (SELECT array_agg(id ORDER BY name) FROM team) AS teams,
           (SELECT array_agg(id ORDER BY login) FROM agent) AS agents,
           (SELECT array_agg(id ORDER BY name) FROM tag) AS tags,
           (SELECT array_agg(id ORDER BY name) FROM channel_account) AS accounts,
           (SELECT array_agg(id) FROM card) AS cards,
           (SELECT id FROM branch) AS branch)
INSERT INTO conversation (id, card_id, origin_card_id, subject, status, folder, snoozed_until,
    priority, branch_id, team_id, assignee_id, follower_ids, tag_ids, channels, account_id,
    last_seq, last_public_seq, inbound_count, failed_count, last_activity_at, waiting_since,
    preview, preview_kind, closed_at, created_at, rev)
SELECT gen_random_uuid(), d.card, d.card, 'Comanda ' || d.n, d.status, 'inbox',
       CASE d.status WHEN 'snoozed' THEN now() + interval '1 day' END, 1, d.branch,
       CASE WHEN d.chance[1] < 0.9 THEN d.teams[1 + floor($2 * power(d.chance[2], 2))::int] END,
       CASE WHEN d.chance[3] < 0.7 THEN d.agents[1 + floor($3 * power(d.chance[4], 2))::int] END,
       CASE WHEN d.chance[5] < 0.01
            THEN ARRAY[d.agents[1 + floor($3 * d.chance[6])::int]] ELSE '{}' END,
       CASE WHEN d.chance[7] < 0.3
            THEN ARRAY[d.tags[1 + floor($4 * power(d.chance[8], 2))::int]] ELSE '{}' END,
       '{email}', d.accounts[1 + floor($5 * power(d.chance[9], 2))::int], 4, 4, 2,
       CASE WHEN d.n > $1 - 2000 AND d.n % 50 = 0 THEN 1 ELSE 0 END,
       now() - interval '1 minute' * ($1 - d.n), now() - interval '1 minute' * ($1 - d.n),
       'Bună ziua, unde este comanda mea?', 'inbound',
       CASE d.status WHEN 'closed' THEN now() END, now() - interval '1 minute' * ($1 - d.n), 1
  FROM (SELECT n, ids.*, ids.cards[1 + floor(array_length(ids.cards, 1) * random())::int] AS card,
               ARRAY[random(), random(), random(), random(), random(), random(), random(),
                     random(), random()] AS chance,
               CASE WHEN n <= $1 - $6 OR random() < 0.1 THEN 'closed'
                    WHEN random() < 0.7 THEN 'open'
                    WHEN random() < 0.7 THEN 'waiting' ELSE 'snoozed' END AS status
          FROM ids, generate_series(1, $1::int) AS n) AS d
"""

READ = """
INSERT INTO read_state (agent_id, conversation_id, last_seq, inbound_count)
SELECT a.id, c.id, 4, 2 FROM agent AS a
  JOIN conversation AS c ON c.assignee_id = a.id AND c.status <> 'closed'
"""


async def drop_indexes(connection: asyncpg.Connection, *tables: str) -> list[str]:
    """Drop the indexes of ``tables`` that guard nothing; return how to make them again."""
    rows = await connection.fetch(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY($1)"
        " AND indexname NOT IN (SELECT conname FROM pg_constraint)",
        list(tables),
    )
    for row in rows:
        await connection.execute(f'DROP INDEX "{row["indexname"]}"')
    return [row["indexdef"] for row in rows]


async def fill(connection: asyncpg.Connection, *, conversations: int) -> None:
    """Make a hub of ``conversations``: the newest ones are being worked on."""
    await connection.execute("SET session_replication_role = replica")  # no triggers: it is a copy
    await connection.execute("SET synchronous_commit = off; SET maintenance_work_mem = '256MB'")
    indexes = await drop_indexes(connection, "conversation", "card")
    await connection.execute(
        STAFF.format(teams=TEAMS, agents=AGENTS, tags=TAGS, accounts=ACCOUNTS)
    )
    await connection.execute(CARDS, conversations * 2 // 5)
    await connection.execute(
        CONVERSATIONS, conversations, TEAMS, AGENTS, TAGS, ACCOUNTS, OPEN, timeout=300
    )
    for index in indexes:
        await connection.execute(index, timeout=300)
    await connection.execute(READ)
    await connection.execute("VACUUM ANALYZE")
