-- The audit log: who changed which row, through what, from what to what.
--
-- Statement triggers with transition tables write one row of ``change`` per changed row, in the
-- same commit. Who acts is said by ``Transaction.act``: punte.actor, punte.via, punte.batch.
-- Secrets never reach the log: it says that one was set or replaced, not what it is. Columns that
-- only the machine writes are left out, and a change of nothing else is no change.

CREATE OR REPLACE FUNCTION audit_hidden(of_table text) RETURNS text[]
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE of_table
        WHEN 'agent' THEN ARRAY['password', 'totp', 'totp_pending', 'recovery_codes']
        WHEN 'api_key' THEN ARRAY['token_hash']
        WHEN 'channel_account' THEN ARRAY['secrets']
        ELSE '{}' END
$$;

CREATE OR REPLACE FUNCTION audit_ignored(of_table text) RETURNS text[]
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE of_table
        WHEN 'agent' THEN ARRAY['rev', 'totp_used_step', 'preferences']
        WHEN 'api_key' THEN ARRAY['used_at']
        WHEN 'card' THEN ARRAY['rev', 'updated_at', 'search_text', 'search_grams', 'name_key',
                               'sort_key', 'provenance', 'first_contact_at', 'last_in_at',
                               'last_out_at']
        WHEN 'identity' THEN ARRAY['grams', 'reversed', 'last_seen_at']
        WHEN 'card_merge' THEN ARRAY['winner_before', 'winner_after']
        WHEN 'channel_account' THEN ARRAY['rev', 'cursor', 'health', 'health_at', 'lease_owner',
                                          'lease_until', 'lease_epoch', 'paused_until']
        WHEN 'task' THEN ARRAY['rev', 'updated_at']
        WHEN 'team' THEN ARRAY['rev']
        WHEN 'tag' THEN ARRAY['rev']
        ELSE '{}' END
$$;

-- A row as the log keeps it: a secret becomes a digest's beginning, so that a change shows and
-- the secret does not. The digest is salted with the row's id: equal secrets look different.
CREATE OR REPLACE FUNCTION audit_row(of_table text, key text, row_data jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    result jsonb := row_data - audit_ignored(of_table);
    name text;
BEGIN
    FOREACH name IN ARRAY audit_hidden(of_table) LOOP
        IF result ? name AND result -> name NOT IN ('null', '""', '[]') THEN
            result := jsonb_set(result, ARRAY[name], to_jsonb(
                '•' || left(md5(key || (result ->> name)), 6)));
        END IF;
    END LOOP;
    RETURN result;
END $$;

CREATE OR REPLACE FUNCTION audit_key(of_table text, row_data jsonb) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE of_table
        WHEN 'team_member' THEN (row_data ->> 'team_id') || '/' || (row_data ->> 'agent_id')
        WHEN 'agent_role' THEN (row_data ->> 'agent_id') || '/' || (row_data ->> 'role_id')
        WHEN 'role_grant' THEN (row_data ->> 'role_id') || '/' || (row_data ->> 'entity') || '.'
                               || (row_data ->> 'action')
        ELSE row_data ->> 'id' END
$$;

CREATE OR REPLACE FUNCTION audit_write(of_table text, op text, before jsonb, after jsonb)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    key text := audit_key(of_table, coalesce(after, before));
    was jsonb := audit_row(of_table, key, before);
    is_now jsonb := audit_row(of_table, key, after);
BEGIN
    IF was IS DISTINCT FROM is_now THEN
        INSERT INTO change (at, actor_id, via, batch_id, table_name, row_id, op, before, after)
        VALUES (clock_timestamp(), nullif(current_setting('punte.actor', true), '')::uuid,
                coalesce(current_setting('punte.via', true), ''),
                nullif(current_setting('punte.batch', true), '')::uuid,
                of_table, key, op, was, is_now);
    END IF;
END $$;

-- A channel makes a card and its addresses for every stranger: the journal tells that story.
CREATE OR REPLACE FUNCTION audit_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('punte.via', true) = 'channel'
       AND TG_TABLE_NAME IN ('card', 'identity', 'card_identity') THEN
        RETURN NULL;
    END IF;
    PERFORM audit_write(TG_TABLE_NAME, 'insert', NULL, to_jsonb(n)) FROM new_rows AS n;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION audit_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM audit_write(TG_TABLE_NAME, 'delete', to_jsonb(o), NULL) FROM old_rows AS o;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION audit_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM audit_write(TG_TABLE_NAME, 'update', o.data, n.data)
       FROM (SELECT to_jsonb(r) AS data FROM old_rows AS r) AS o
       JOIN (SELECT to_jsonb(r) AS data FROM new_rows AS r) AS n
         ON audit_key(TG_TABLE_NAME, n.data) = audit_key(TG_TABLE_NAME, o.data);
    RETURN NULL;
END $$;

-- Every message moves a card's times and nothing else. Whatever people answer for counts its
-- ``rev``, merges it or deletes it: looking at these first keeps the ingest's path short.
CREATE OR REPLACE FUNCTION audit_card_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM audit_write('card', 'update', to_jsonb(o), to_jsonb(n))
       FROM old_rows AS o JOIN new_rows AS n ON n.id = o.id
      WHERE (n.rev, n.merged_into, n.deleted_at)
            IS DISTINCT FROM (o.rev, o.merged_into, o.deleted_at);
    RETURN NULL;
END $$;

DO $$
DECLARE
    audited text;
    handler text;
BEGIN
    FOREACH audited IN ARRAY ARRAY['card', 'identity', 'card_identity', 'card_merge', 'agent',
        'team', 'team_member', 'agent_role', 'role', 'role_grant', 'api_key', 'tag', 'branch',
        'channel_account', 'task', 'claim'] LOOP
        CONTINUE WHEN EXISTS (SELECT FROM pg_trigger WHERE tgname = 'audit_delete'
                                 AND tgrelid = audited::regclass);
        handler := CASE audited WHEN 'card' THEN 'audit_card_update' ELSE 'audit_update' END;
        EXECUTE format('CREATE TRIGGER audit_insert AFTER INSERT ON %I'
            ' REFERENCING NEW TABLE AS new_rows'
            ' FOR EACH STATEMENT EXECUTE FUNCTION audit_insert()', audited);
        EXECUTE format('CREATE TRIGGER audit_update AFTER UPDATE ON %I'
            ' REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows'
            ' FOR EACH STATEMENT EXECUTE FUNCTION %I()', audited, handler);
        EXECUTE format('CREATE TRIGGER audit_delete AFTER DELETE ON %I'
            ' REFERENCING OLD TABLE AS old_rows'
            ' FOR EACH STATEMENT EXECUTE FUNCTION audit_delete()', audited);
    END LOOP;
END $$;
