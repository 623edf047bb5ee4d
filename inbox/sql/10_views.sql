-- The JSON of accounts, conversations, messages and timeline entries, made in this one place for
-- the API, the live events and the browser. inbox/views.py declares the same shapes.

CREATE OR REPLACE FUNCTION account_json(a channel_account) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'id', a.id, 'rev', a.rev, 'kind', a.kind, 'provider', a.provider, 'name', a.name,
        'address', a.address, 'config', a.config, 'is_enabled', a.is_enabled,
        'branch_id', a.branch_id, 'team_id', a.team_id, 'reopen_days', a.reopen_days,
        'health', jsonb_build_object(
            'state', coalesce(a.health ->> 'state', 'unconfigured'),
            'code', coalesce(a.health ->> 'code', ''),
            'remedy', coalesce(a.health ->> 'remedy', ''),
            'text', coalesce(a.health ->> 'text', ''),
            'backlog', a.health -> 'backlog',
            'last_received_at', a.health -> 'last_received_at',
            'lag_seconds', a.health -> 'lag_seconds',
            'details', coalesce(a.health -> 'details', '{}')),
        'health_at', a.health_at, 'paused_until', a.paused_until)
$$;

CREATE OR REPLACE FUNCTION publish_account(account_id uuid) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO event (type, data, audience)
    SELECT 'account.changed',
           jsonb_build_object('type', 'account.changed', 'account', account_json(a)),
           jsonb_build_object('p', 'account.read')
      FROM channel_account AS a WHERE a.id = account_id
$$;

CREATE OR REPLACE FUNCTION conversation_json(c conversation) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'id', c.id, 'number', c.number, 'rev', c.rev, 'subject', c.subject, 'status', c.status,
        'folder', c.folder, 'priority', c.priority, 'snoozed_until', c.snoozed_until,
        'closed_at', c.closed_at, 'created_at', c.created_at,
        'card', (SELECT jsonb_build_object('id', k.id, 'name', k.display_name,
                                           'number', k.number, 'lifecycle', k.lifecycle)
                   FROM card AS k WHERE k.id = c.card_id),
        'branch_id', c.branch_id, 'team_id', c.team_id, 'assignee_id', c.assignee_id,
        'follower_ids', c.follower_ids, 'tag_ids', c.tag_ids, 'channels', c.channels,
        'account_id', c.account_id,
        -- mail has none: its lists need not look
        'is_group', c.channels <> '{email}' AND EXISTS (
            SELECT FROM thread AS t WHERE t.conversation_id = c.id AND t.is_group))
        || jsonb_build_object(
        'last_seq', c.last_seq, 'last_public_seq', c.last_public_seq,
        'inbound_count', c.inbound_count, 'failed_count', c.failed_count,
        'waiting_since', c.waiting_since, 'last_activity_at', c.last_activity_at,
        'preview', c.preview, 'preview_kind', c.preview_kind, 'continues_id', c.continues_id,
        'related_id', c.related_id, 'merged_into', c.merged_into)
$$;

CREATE OR REPLACE FUNCTION conversation_audience(c conversation) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_build_object('c', 1, 'b', c.branch_id, 't', c.team_id, 'a', c.assignee_id,
                              'f', c.follower_ids)
$$;

-- Announce a conversation as it is now. ``before`` is its audience before the change.
CREATE OR REPLACE FUNCTION publish_conversation(conversation_id uuid, before jsonb DEFAULT NULL)
RETURNS void LANGUAGE sql AS $$
    INSERT INTO event (type, data, audience, audience_before)
    SELECT 'conversation.changed',
           jsonb_build_object('type', 'conversation.changed', 'conversation', conversation_json(c)),
           conversation_audience(c), nullif(before, conversation_audience(c))
      FROM conversation AS c WHERE c.id = conversation_id
$$;

-- What the one card is called that holds an address; null when several do, or none.
CREATE OR REPLACE FUNCTION holder_name(of_identity uuid) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT min(k.display_name) FROM card_identity AS l JOIN card AS k ON k.id = l.card_id
     WHERE l.identity_id = of_identity AND l.until IS NULL
    HAVING count(DISTINCT k.id) = 1
$$;

CREATE OR REPLACE FUNCTION message_author_json(m message) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN m.agent_id IS NOT NULL THEN
            (SELECT jsonb_build_object('kind', 'agent', 'id', a.id, 'name', a.name,
                                       'address', NULL)
               FROM agent AS a WHERE a.id = m.agent_id)
        WHEN m.kind = 'inbound' THEN
            (SELECT jsonb_build_object('kind', 'client', 'id', i.id,
                        'name', coalesce(m.meta ->> 'sender_name', nullif(i.display, ''),
                                         holder_name(i.id), i.value),
                        'address', i.value)
               FROM identity AS i WHERE i.id = m.identity_id)
        ELSE jsonb_build_object('kind', 'system', 'id', NULL,
                                'name', coalesce(m.meta ->> 'sender_name', ''), 'address', NULL)
    END
$$;

CREATE OR REPLACE FUNCTION message_attachments_json(of_message uuid) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object(
               'id', f.id, 'kind', f.kind, 'filename', f.filename, 'mime', f.mime,
               'size', f.size, 'duration', f.duration, 'inline', f.is_inline,
               'content_id', f.content_id,
               'unavailable', f.unavailable) ORDER BY f.position), '[]')
      FROM attachment AS f WHERE f.message_id = of_message
$$;

CREATE OR REPLACE FUNCTION message_deliveries_json(of_message uuid) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object(
               'id', d.id, 'identity_id', d.identity_id, 'address', i.value,
               'display', i.display, 'role', d.role, 'part', d.part, 'state', d.state,
               'not_before', d.not_before, 'attempts', d.attempts,
               'error_code', d.error_code, 'error_text', d.error_text,
               'updated_at', d.updated_at)
               ORDER BY array_position(ARRAY['to', 'cc', 'bcc'], d.role), d.part, d.id), '[]')
      FROM delivery AS d JOIN identity AS i ON i.id = d.identity_id
     WHERE d.message_id = of_message
$$;

CREATE OR REPLACE FUNCTION message_reactions_json(of_message uuid) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object(
               'who', CASE r.who WHEN 'us' THEN 'us' ELSE 'client' END,
               'name', coalesce(a.name, nullif(i.display, ''), i.value, ''),
               'emojis', r.emojis) ORDER BY r.at, r.who), '[]')
      FROM reaction AS r
      LEFT JOIN agent AS a ON a.id = r.agent_id
      LEFT JOIN identity AS i ON i.id = r.identity_id
     WHERE r.message_id = of_message AND r.emojis <> '{}'
$$;

-- The pieces of a long text that are here, by number.
CREATE OR REPLACE FUNCTION message_pieces_json(pieces jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN pieces IS NOT NULL THEN jsonb_build_object(
        'have', (SELECT jsonb_agg(n::int ORDER BY n::int)
                   FROM jsonb_object_keys(pieces -> 'texts') AS n),
        'total', pieces -> 'total') END
$$;

-- What is taken back is not shown. A message at its first revision has no reactions and no edits:
-- either raises it, so new messages are not asked about them.
CREATE OR REPLACE FUNCTION message_json(m message) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'id', m.id, 'conversation_id', m.conversation_id, 'seq', m.seq, 'rev', m.rev,
        'kind', m.kind, 'visibility', m.visibility, 'channel', m.channel,
        'thread_id', m.thread_id, 'account_id', m.account_id,
        'author', message_author_json(m), 'at', m.at, 'created_at', m.created_at,
        'subject', m.subject,
        'text', CASE WHEN m.deleted_at IS NULL THEN m.text ELSE '' END,
        'folds', CASE WHEN m.deleted_at IS NULL THEN m.folds ELSE '[]' END, 'has_html', m.html IS NOT NULL AND m.deleted_at IS NULL,
        'remote_images', coalesce((m.meta ->> 'remote_images')::int, 0),
        'recipients', m.recipients, 'mention_ids', m.mention_ids,
        'in_reply_to', CASE WHEN m.in_reply_to IS NULL AND m.reply_to_external IS NOT NULL
                            THEN message_named(m.thread_id, m.reply_to_external)
                            ELSE m.in_reply_to END)
        || jsonb_build_object(
        'spans', CASE WHEN m.deleted_at IS NULL THEN m.spans ELSE '[]' END,
        'parts', CASE WHEN m.deleted_at IS NULL THEN m.parts ELSE '[]' END,
        'album', CASE WHEN NOT m.meta ? 'pieces' THEN m.album END,
        'pieces', message_pieces_json(m.meta -> 'pieces'),
        'reactions', CASE WHEN m.rev = 1 THEN '[]'::jsonb ELSE message_reactions_json(m.id) END,
        'edits', CASE WHEN m.edited_at IS NULL THEN 0
                      ELSE (SELECT count(*) FROM message_edit AS e WHERE e.message_id = m.id) END)
        || jsonb_build_object(
        'attachments', CASE WHEN m.deleted_at IS NULL THEN message_attachments_json(m.id)
                            ELSE '[]'::jsonb END,
        'deliveries', CASE WHEN m.kind = 'outbound' THEN message_deliveries_json(m.id)
                           ELSE '[]'::jsonb END,
        'automatic', coalesce(m.meta ->> 'automatic', ''),
        'trust', coalesce(m.meta ->> 'trust', ''),
        'warnings', coalesce(m.meta -> 'warnings', '[]'),
        'calendar', coalesce(m.meta -> 'calendar', '[]'),
        'client_token', m.client_token, 'edited_at', m.edited_at,
        'deleted_at', m.deleted_at, 'quoted', m.meta -> 'quoted')
$$;

-- Announce a message as it is now, to those who see its conversation.
CREATE OR REPLACE FUNCTION publish_message(message_id uuid) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO event (type, data, audience)
    SELECT 'message.changed',
           jsonb_build_object('type', 'message.changed', 'message', message_json(m),
                              'scheduled', m.meta ? 'scheduled'),
           conversation_audience(c)
      FROM message AS m JOIN conversation AS c ON c.id = m.conversation_id
     WHERE m.id = message_id
$$;

CREATE OR REPLACE FUNCTION event_json(e conversation_event) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_build_object(
        'conversation_id', e.conversation_id, 'seq', e.seq, 'at', e.at, 'kind', 'event',
        'type', e.type, 'actor', jsonb_build_object('kind', e.actor_kind, 'id', e.actor_id),
        'data', e.data)
$$;

-- Announce a timeline entry that was just added.
CREATE OR REPLACE FUNCTION publish_entry(of_conversation uuid, of_seq int) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO event (type, data, audience)
    SELECT 'entry.added', jsonb_build_object('type', 'entry.added', 'entry', event_json(e)),
           conversation_audience(c)
      FROM conversation_event AS e JOIN conversation AS c ON c.id = e.conversation_id
     WHERE e.conversation_id = of_conversation AND e.seq = of_seq
$$;

CREATE OR REPLACE FUNCTION draft_json(d draft) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_build_object(
        'conversation_id', d.conversation_id, 'kind', d.kind, 'body', d.body,
        'base_seq', d.base_seq, 'rev', d.rev, 'updated_at', d.updated_at)
$$;
