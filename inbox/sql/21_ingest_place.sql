-- Where one message belongs: finds or makes identity, card, thread and conversation, gives the
-- message its number there, and moves the conversation on. The message itself is not written yet.
CREATE OR REPLACE FUNCTION ingest_place(
    item jsonb, acc channel_account, OUT outcome text, OUT stored uuid, OUT conv_id uuid,
    OUT its_thread uuid, OUT seq int, OUT who_id uuid, OUT on_card uuid, OUT origin uuid,
    OUT is_public bool, OUT keeps_subject bool)
LANGUAGE plpgsql AS $$
DECLARE
    moment timestamptz := (item ->> 'now')::timestamptz;
    written timestamptz := (item ->> 'at')::timestamptz;
    ours bool := (item ->> 'from_us')::bool;
    files bool := (item ->> 'automatic') IN ('auto_reply', 'receipt');  -- filed, wakes nobody
    who identity;
    proof text;
    conv conversation;
    related uuid;
    continues uuid;
    is_new bool := false;
    entry jsonb;
    entries jsonb := '[]';
    other jsonb;
    someone identity;
    author identity;
    message_kind text := CASE WHEN ours THEN 'outbound' ELSE 'inbound' END;
BEGIN
    SELECT m.id INTO stored FROM message AS m
     WHERE m.account_id = acc.id AND m.dedup_key = item ->> 'dedup_key';
    IF FOUND THEN
        outcome := 'duplicate';
        RETURN;
    END IF;
    IF (item ->> 'may_be_copy')::bool THEN  -- of what we sent: in the Sent folder, from a list
        SELECT r.message_id INTO stored FROM message_ref AS r
         WHERE r.account_id = acc.id AND r.kind = 'own' AND r.message_id IS NOT NULL
           AND r.ref_hash = decode(item ->> 'own_hash', 'hex');
        IF FOUND THEN
            outcome := 'own_copy';
            RETURN;
        END IF;
    END IF;
    IF item ->> 'joint' IS NOT NULL THEN
        SELECT j.outcome, j.message_id INTO outcome, stored
          FROM ingest_joint(item, acc.id, moment) AS j;
        IF stored IS NOT NULL THEN
            RETURN;
        END IF;
    END IF;
    outcome := 'stored';
    stored := (item ->> 'message_id')::uuid;
    is_public := true;

    who := ingest_identity(item -> 'peer', moment);
    who_id := who.id;
    IF item -> 'author' <> 'null' THEN  -- in a group: the peer is the group
        author := ingest_identity(item -> 'author', moment);
        who_id := author.id;
    END IF;
    SELECT i.card_id, i.origin_id INTO on_card, origin
      FROM ingest_card(who, item -> 'card', acc.branch_id, moment) AS i;

    SELECT t.thread_id, t.proof, t.conv_id INTO its_thread, proof, conv_id
      FROM ingest_thread(item, acc.id, moment) AS t;
    IF its_thread IS NOT NULL THEN
        IF NOT ours AND proof <> ''
           AND NOT takes_part(conv_id, who.id, on_card, item ->> 'trust' = 'failed') THEN
            IF proof = 'proof' THEN
                is_public := false;  -- it holds a copy of ours: for agents only, added to nothing
            ELSE
                related := conv_id;  -- a guess proves nothing: its own conversation, with a hint
                its_thread := NULL;
            END IF;
        END IF;
    END IF;
    IF its_thread IS NOT NULL THEN
        SELECT * INTO conv FROM conversation WHERE id = conv_id FOR UPDATE;
        IF conv.status = 'closed' AND NOT files
           AND conv.closed_at < moment - make_interval(days => acc.reopen_days) THEN
            continues := conv.id;
            conv := NULL;
        END IF;
    END IF;

    IF conv.id IS NULL THEN
        is_new := true;
        conv_id := (item ->> 'conversation_id')::uuid;
        INSERT INTO conversation (id, card_id, origin_card_id, subject, status, folder, priority,
            branch_id, team_id, follower_ids, tag_ids, channels, account_id, last_seq,
            last_public_seq, inbound_count, failed_count, last_activity_at, preview, preview_kind,
            continues_id, related_id, created_at, rev)
        VALUES (conv_id, on_card, origin, coalesce(item ->> 'subject', ''),
            CASE WHEN ours THEN 'waiting' ELSE 'open' END,
            CASE WHEN who.status = 'spam' AND NOT ours THEN 'spam' ELSE 'inbox' END, 1,
            acc.branch_id, acc.team_id, '{}', '{}', ARRAY[acc.kind], acc.id, 0, 0, 0, 0, moment,
            '', '', continues, related, moment, 0)
        RETURNING * INTO conv;
        IF its_thread IS NULL THEN
            its_thread := (item ->> 'thread_id')::uuid;
            INSERT INTO thread (id, account_id, key, peer_identity_id, conversation_id, subject,
                                is_group, created_at)
            VALUES (its_thread, acc.id,
                    coalesce(nullif(item ->> 'thread_key', ''), item ->> 'thread_id'),
                    who.id, conv.id, coalesce(item ->> 'subject', ''),
                    (item ->> 'is_group')::bool, moment);
        ELSE
            UPDATE thread SET conversation_id = conv.id WHERE id = its_thread;
        END IF;
        IF continues IS NOT NULL THEN
            entries := entries || jsonb_build_object('type', 'continues',
                'data', jsonb_build_object('conversation_id', continues));
        END IF;
    ELSIF NOT files AND NOT ours AND is_public THEN
        IF conv.status IN ('closed', 'snoozed') THEN
            entries := entries || jsonb_build_object(
                'type', CASE conv.status WHEN 'snoozed' THEN 'woken' ELSE 'status' END,
                'data', jsonb_build_object('from', conv.status, 'to', 'open', 'why', 'message'));
        END IF;
        IF conv.folder = 'trash' THEN
            entries := entries || jsonb_build_object('type', 'folder', 'data',
                jsonb_build_object('from', 'trash', 'to', 'inbox', 'why', 'message'));
        END IF;
    END IF;
    IF item ->> 'answer_until' IS NOT NULL THEN
        UPDATE thread AS t
           SET window_until = greatest(t.window_until, (item ->> 'answer_until')::timestamptz)
         WHERE t.id = its_thread;
    END IF;
    on_card := conv.card_id;
    origin := conv.origin_card_id;
    keeps_subject := is_new OR item ->> 'subject' IS DISTINCT FROM conv.subject;

    IF entries <> '[]' THEN
        FOR entry IN SELECT * FROM jsonb_array_elements(entries) LOOP
            conv.last_seq := conv.last_seq + 1;
            INSERT INTO conversation_event (conversation_id, seq, at, type, actor_kind, data)
            VALUES (conv.id, conv.last_seq, moment, entry ->> 'type', 'client', entry -> 'data');
            PERFORM publish_entry(conv.id, conv.last_seq);
        END LOOP;
    END IF;
    seq := conv.last_seq + 1;
    UPDATE conversation AS c SET
        last_seq = seq,
        last_public_seq = CASE WHEN is_public THEN seq ELSE c.last_public_seq END,
        inbound_count = c.inbound_count + CASE WHEN ours OR files THEN 0 ELSE 1 END,
        status = CASE WHEN is_new OR files OR NOT is_public THEN c.status
                      WHEN ours THEN CASE WHEN c.status = 'closed' THEN 'closed' ELSE 'waiting' END
                      ELSE 'open' END,
        snoozed_until = CASE WHEN files OR NOT is_public THEN c.snoozed_until END,
        closed_at = CASE WHEN files OR NOT is_public OR ours THEN c.closed_at END,
        folder = CASE WHEN c.folder = 'trash' AND NOT files AND NOT ours AND is_public
                      THEN 'inbox' ELSE c.folder END,
        first_inbound_at = coalesce(c.first_inbound_at, CASE WHEN NOT ours THEN written END),
        first_reply_at = CASE WHEN ours AND c.first_inbound_at IS NOT NULL
                              THEN coalesce(c.first_reply_at, written) ELSE c.first_reply_at END,
        waiting_since = CASE WHEN ours THEN NULL WHEN files OR NOT is_public THEN c.waiting_since
                             ELSE coalesce(c.waiting_since, moment) END,
        last_activity_at = CASE WHEN files AND NOT is_new THEN c.last_activity_at ELSE moment END,
        preview = CASE WHEN files AND NOT is_new THEN c.preview ELSE item ->> 'preview' END,
        preview_kind = CASE WHEN files AND NOT is_new THEN c.preview_kind ELSE message_kind END,
        account_id = acc.id,
        channels = CASE WHEN acc.kind = ANY(c.channels) THEN c.channels
                        ELSE c.channels || acc.kind END,
        rev = c.rev + 1
     WHERE c.id = conv.id;

    IF item ->> 'own_hash' IS NOT NULL THEN
        INSERT INTO message_ref (account_id, ref_hash, thread_id, message_id, kind, at)
        VALUES (acc.id, decode(item ->> 'own_hash', 'hex'), its_thread, stored, 'seen', moment)
        ON CONFLICT (account_id, ref_hash) DO UPDATE
           SET message_id = excluded.message_id, thread_id = excluded.thread_id, kind = 'seen'
         WHERE message_ref.kind = 'referenced';
        IF is_public AND item -> 'references' <> '[]' THEN
            INSERT INTO message_ref (account_id, ref_hash, thread_id, kind, at)
            SELECT DISTINCT acc.id, decode(r.hash, 'hex'), its_thread, 'referenced', moment
              FROM jsonb_array_elements_text(item -> 'references') AS r (hash)
            ON CONFLICT (account_id, ref_hash) DO NOTHING;
        END IF;
    END IF;
    IF is_new OR proof IS DISTINCT FROM '' THEN
        INSERT INTO participant (conversation_id, identity_id, role, since_seq)
        VALUES (conv.id, who.id, CASE WHEN is_public THEN 'customer' ELSE 'third_party' END, seq)
        ON CONFLICT DO NOTHING;
    END IF;
    IF author.id IS NOT NULL THEN
        INSERT INTO participant (conversation_id, identity_id, role, since_seq)
        VALUES (conv.id, author.id, 'cc', seq) ON CONFLICT DO NOTHING;
    END IF;
    IF is_public AND item -> 'copied' <> '[]' THEN
        FOR other IN SELECT * FROM jsonb_array_elements(item -> 'copied') LOOP
            someone := ingest_identity(other, moment);
            INSERT INTO participant (conversation_id, identity_id, role, since_seq)
            VALUES (conv.id, someone.id, 'cc', seq) ON CONFLICT DO NOTHING;
        END LOOP;
    END IF;
END $$;
