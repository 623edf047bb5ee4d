-- Taking messages in: many per call, one commit, every rule of threading in one place.
--
-- ``ingest(items)`` takes what ``inbox.ingest`` made of contract events and returns a row per item.
-- It is one statement so that a burst costs one round trip and one flush for up to 100 messages.
-- Lock order: every sender's advisory lock in one sorted go, then threads, then conversations.

-- The identity of an address, made when it is new. The caller holds the address's lock.
CREATE OR REPLACE FUNCTION ingest_identity(who jsonb, moment timestamptz) RETURNS identity
LANGUAGE plpgsql AS $$
DECLARE
    known identity;
BEGIN
    SELECT * INTO known FROM identity
     WHERE kind = who ->> 'kind' AND scope = who ->> 'scope' AND compare = who ->> 'compare';
    IF FOUND THEN
        RETURN known;
    END IF;
    INSERT INTO identity (id, kind, scope, value, compare, raw, extension, grams, display, status,
                          is_own, verified_at, last_seen_at, created_at)
    VALUES ((who ->> 'id')::uuid, who ->> 'kind', who ->> 'scope', who ->> 'value',
            who ->> 'compare', who ->> 'raw', who ->> 'extension',
            ARRAY(SELECT jsonb_array_elements_text(who -> 'grams')), who ->> 'display',
            who ->> 'status', false,
            CASE WHEN (who ->> 'verified')::bool THEN moment END, moment, moment)
    ON CONFLICT (kind, scope, compare) DO UPDATE SET last_seen_at = excluded.last_seen_at
    RETURNING * INTO known;
    RETURN known;
END $$;

-- The card an identity leads to and the card it belongs to, made when it has none. A shared
-- identity leads to the card it last talked to.
CREATE OR REPLACE FUNCTION ingest_card(
    who identity, seed jsonb, branch uuid, moment timestamptz, OUT card_id uuid, OUT origin_id uuid)
LANGUAGE plpgsql AS $$
BEGIN
    SELECT link.card_id, link.origin_card_id INTO card_id, origin_id
      FROM card_identity AS link
      LEFT JOIN LATERAL (
           SELECT max(c.last_activity_at) AS last FROM conversation AS c
            WHERE link.shared AND c.card_id = link.card_id) AS talk ON true
     WHERE link.identity_id = who.id AND link.until IS NULL
     ORDER BY talk.last DESC NULLS LAST, link.since, link.id
     LIMIT 1;
    IF card_id IS NOT NULL THEN
        PERFORM card_learn(card_id, seed, moment);
        RETURN;
    END IF;
    card_id := (seed ->> 'id')::uuid;
    origin_id := card_id;
    INSERT INTO card (id, kind, display_name, given_name, family_name, legal_name, about,
                      lifecycle, branch_id, custom, provenance, search_text, search_grams,
                      name_key, sort_key, first_contact_at, created_at, updated_at, rev)
    VALUES (card_id, 'person', seed ->> 'display_name', seed ->> 'given_name',
            seed ->> 'family_name', '', '', 'stranger', branch, '{}',
            jsonb_build_object('display_name', jsonb_build_object('by', 'channel', 'at', moment)),
            seed ->> 'search_text', ARRAY(SELECT jsonb_array_elements_text(seed -> 'search_grams')),
            seed ->> 'name_key', seed ->> 'sort_key', moment, moment, moment, 1);
    INSERT INTO card_identity (id, card_id, origin_card_id, identity_id, label, is_primary, shared,
                               linked_by, since)
    VALUES ((seed ->> 'link_id')::uuid, card_id, card_id, who.id, '', true, false, 'auto', moment);
END $$;

-- The thread a message belongs to, and how that was proved: '' (its own key), 'proof' (a keyed
-- code came back), 'seen' (it refers to a message that is here), 'referenced' (it refers to a
-- message that another one referred to). Ids are looked at from the nearest to the farthest.
CREATE OR REPLACE FUNCTION ingest_thread(
    item jsonb, of_account uuid, moment timestamptz, OUT thread_id uuid, OUT proof text)
LANGUAGE plpgsql AS $$
BEGIN
    IF item ->> 'thread_key' <> '' THEN
        SELECT t.id, '' INTO thread_id, proof FROM thread AS t
         WHERE t.account_id = of_account AND t.key = item ->> 'thread_key';
        RETURN;
    END IF;
    IF item ->> 'proven_thread' IS NOT NULL THEN
        SELECT t.id, 'proof' INTO thread_id, proof FROM thread AS t
         WHERE t.id = (item ->> 'proven_thread')::uuid AND t.account_id = of_account;
        IF FOUND THEN
            RETURN;
        END IF;
    END IF;
    SELECT r.thread_id, CASE r.kind WHEN 'referenced' THEN 'referenced' ELSE 'seen' END
      INTO thread_id, proof
      FROM jsonb_array_elements_text(item -> 'references') WITH ORDINALITY AS wanted (hash, place)
      JOIN message_ref AS r
        ON r.account_id = of_account AND r.ref_hash = decode(wanted.hash, 'hex')
     WHERE r.kind <> 'referenced' OR r.at > moment - interval '30 days'
     ORDER BY (r.kind = 'referenced'), wanted.place
     LIMIT 1;
END $$;

-- Where a conversation went after merges.
CREATE OR REPLACE FUNCTION conversation_root(of_conversation uuid) RETURNS uuid
LANGUAGE sql STABLE AS $$
    WITH RECURSIVE chain AS (
        SELECT c.id, c.merged_into FROM conversation AS c WHERE c.id = of_conversation
        UNION ALL
        SELECT c.id, c.merged_into FROM conversation AS c JOIN chain ON c.id = chain.merged_into)
    SELECT id FROM chain WHERE merged_into IS NULL
$$;

-- Whether an address may add to a conversation on the strength of a mark that can be guessed.
CREATE OR REPLACE FUNCTION takes_part(
    of_conversation uuid, who uuid, on_card uuid, distrusted bool) RETURNS bool
LANGUAGE sql STABLE AS $$
    SELECT NOT distrusted AND (
        EXISTS (SELECT FROM participant AS p WHERE p.conversation_id = of_conversation
                   AND p.identity_id = who AND p.role <> 'third_party')
        OR EXISTS (SELECT FROM conversation AS c WHERE c.id = of_conversation
                      AND c.card_id = on_card))
$$;

CREATE OR REPLACE FUNCTION ingest_one(item jsonb, OUT outcome text, OUT stored uuid)
LANGUAGE plpgsql AS $$
DECLARE
    moment timestamptz := (item ->> 'now')::timestamptz;
    written timestamptz := (item ->> 'at')::timestamptz;
    acc channel_account;
    ours bool := (item ->> 'from_us')::bool;
    automatic text := item ->> 'automatic';
    files bool := (item ->> 'automatic') IN ('auto_reply', 'receipt');  -- filed, wakes nobody
    who identity;
    other jsonb;
    someone identity;
    on_card uuid;
    origin uuid;
    its_thread uuid;
    proof text;
    conv conversation;
    conv_id uuid;
    related uuid;
    continues uuid;
    is_new bool := false;
    public bool := true;
    seq int;
    entry_seq int;
    entries jsonb := '[]';
    entry jsonb;
    message_kind text;
    external text;
    place int := 0;
BEGIN
    SELECT * INTO acc FROM channel_account WHERE id = (item ->> 'account')::uuid;
    SELECT m.id INTO stored FROM message AS m
     WHERE m.account_id = acc.id AND m.dedup_key = item ->> 'dedup_key';
    IF FOUND THEN
        outcome := 'duplicate';
        RETURN;
    END IF;
    IF ours THEN  -- a copy of what we sent ourselves, found in the Sent folder
        SELECT r.message_id INTO stored FROM message_ref AS r
         WHERE r.account_id = acc.id AND r.kind = 'own' AND r.message_id IS NOT NULL
           AND r.ref_hash = decode(item ->> 'own_hash', 'hex');
        IF FOUND THEN
            outcome := 'own_copy';
            RETURN;
        END IF;
    END IF;

    who := ingest_identity(item -> 'peer', moment);
    SELECT i.card_id, i.origin_id INTO on_card, origin
      FROM ingest_card(who, item -> 'card', acc.branch_id, moment) AS i;

    SELECT t.thread_id, t.proof INTO its_thread, proof FROM ingest_thread(item, acc.id, moment) AS t;
    IF its_thread IS NOT NULL THEN
        SELECT conversation_root(t.conversation_id) INTO conv_id FROM thread AS t
         WHERE t.id = its_thread;
        IF NOT ours AND proof <> ''
           AND NOT takes_part(conv_id, who.id, on_card, item ->> 'trust' = 'failed') THEN
            IF proof = 'proof' THEN
                public := false;  -- it holds a copy of ours: shown to agents, added to nothing
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
                                created_at)
            VALUES (its_thread, acc.id,
                    coalesce(nullif(item ->> 'thread_key', ''), item ->> 'thread_id'),
                    who.id, conv.id, coalesce(item ->> 'subject', ''), moment);
        ELSE
            UPDATE thread SET conversation_id = conv.id WHERE id = its_thread;
        END IF;
        IF continues IS NOT NULL THEN
            entries := entries || jsonb_build_object('type', 'continues',
                'data', jsonb_build_object('conversation_id', continues));
        END IF;
    ELSIF NOT files AND NOT ours AND public THEN
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

    message_kind := CASE WHEN ours THEN 'outbound' ELSE 'inbound' END;
    FOR entry IN SELECT * FROM jsonb_array_elements(entries) LOOP
        conv.last_seq := conv.last_seq + 1;
        INSERT INTO conversation_event (conversation_id, seq, at, type, actor_kind, data)
        VALUES (conv.id, conv.last_seq, moment, entry ->> 'type', 'client', entry -> 'data');
    END LOOP;
    IF NOT public AND NOT EXISTS (SELECT FROM participant AS p
                                   WHERE p.conversation_id = conv.id AND p.identity_id = who.id) THEN
        INSERT INTO participant (conversation_id, identity_id, role, since_seq)
        VALUES (conv.id, who.id, 'third_party', conv.last_seq + 1);
    END IF;
    seq := conv.last_seq + 1;
    UPDATE conversation SET
        last_seq = seq,
        last_public_seq = CASE WHEN public THEN seq ELSE last_public_seq END,
        inbound_count = inbound_count + CASE WHEN ours OR files THEN 0 ELSE 1 END,
        status = CASE WHEN is_new OR files OR NOT public THEN status
                      WHEN ours THEN CASE WHEN status = 'closed' THEN 'closed' ELSE 'waiting' END
                      ELSE 'open' END,
        snoozed_until = CASE WHEN files OR NOT public THEN snoozed_until END,
        closed_at = CASE WHEN files OR NOT public OR ours THEN closed_at END,
        folder = CASE WHEN folder = 'trash' AND NOT files AND NOT ours AND public
                      THEN 'inbox' ELSE folder END,
        first_inbound_at = coalesce(first_inbound_at, CASE WHEN NOT ours THEN written END),
        first_reply_at = CASE WHEN ours AND first_inbound_at IS NOT NULL
                              THEN coalesce(first_reply_at, written) ELSE first_reply_at END,
        waiting_since = CASE WHEN ours THEN NULL WHEN files OR NOT public THEN waiting_since
                             ELSE coalesce(waiting_since, moment) END,
        last_activity_at = CASE WHEN files AND NOT is_new THEN last_activity_at ELSE moment END,
        preview = CASE WHEN files AND NOT is_new THEN preview ELSE item ->> 'preview' END,
        preview_kind = CASE WHEN files AND NOT is_new THEN preview_kind ELSE message_kind END,
        account_id = acc.id,
        channels = CASE WHEN acc.kind = ANY(channels) THEN channels ELSE channels || acc.kind END,
        rev = rev + 1
     WHERE id = conv.id;

    stored := (item ->> 'message_id')::uuid;
    external := item ->> 'external_id';
    IF EXISTS (SELECT FROM message AS m
                WHERE m.thread_id = its_thread AND m.external_id = external) THEN
        external := NULL;  -- another message under a name that is taken, such as a list's copy
    END IF;
    INSERT INTO message (id, conversation_id, seq, kind, visibility, thread_id, account_id, channel,
        identity_id, subject, text, reply_text, folds, html, recipients, mention_ids, external_id,
        dedup_key, journal_id, meta, at, created_at, rev)
    VALUES (stored, conv.id, seq, message_kind, CASE WHEN public THEN 'public' ELSE 'internal' END,
        its_thread, acc.id, acc.kind, CASE WHEN NOT ours THEN who.id END,
        CASE WHEN is_new OR item ->> 'subject' IS DISTINCT FROM conv.subject
             THEN item ->> 'subject' END,
        item ->> 'text', item ->> 'reply_text', item -> 'folds', item ->> 'html',
        item -> 'recipients', '{}', external, item ->> 'dedup_key',
        (item ->> 'journal_id')::bigint, item -> 'meta', written, moment, 1);
    FOR other IN SELECT * FROM jsonb_array_elements(item -> 'attachments') LOOP
        INSERT INTO attachment (id, message_id, position, kind, filename, mime, size, blob,
                                content_id, is_inline, unavailable)
        VALUES ((other ->> 'id')::uuid, stored, place, other ->> 'kind', other ->> 'filename',
                other ->> 'mime', (other ->> 'size')::bigint, other ->> 'blob',
                other ->> 'content_id', (other ->> 'inline')::bool, other ->> 'unavailable');
        place := place + 1;
    END LOOP;
    IF item ->> 'own_hash' IS NOT NULL THEN
        INSERT INTO message_ref (account_id, ref_hash, thread_id, message_id, kind, at)
        VALUES (acc.id, decode(item ->> 'own_hash', 'hex'), its_thread, stored, 'seen', moment)
        ON CONFLICT (account_id, ref_hash) DO UPDATE
           SET message_id = excluded.message_id, thread_id = excluded.thread_id, kind = 'seen'
         WHERE message_ref.kind = 'referenced';
        IF public THEN
            INSERT INTO message_ref (account_id, ref_hash, thread_id, kind, at)
            SELECT DISTINCT acc.id, decode(r.hash, 'hex'), its_thread, 'referenced', moment
              FROM jsonb_array_elements_text(item -> 'references') AS r (hash)
            ON CONFLICT (account_id, ref_hash) DO NOTHING;
        END IF;
    END IF;
    IF public THEN
        INSERT INTO participant (conversation_id, identity_id, role, since_seq)
        VALUES (conv.id, who.id, 'customer', seq) ON CONFLICT DO NOTHING;
        FOR other IN SELECT * FROM jsonb_array_elements(item -> 'copied') LOOP
            someone := ingest_identity(other, moment);
            INSERT INTO participant (conversation_id, identity_id, role, since_seq)
            VALUES (conv.id, someone.id, 'cc', seq) ON CONFLICT DO NOTHING;
        END LOOP;
    END IF;

    UPDATE card SET last_in_at = CASE WHEN ours OR NOT public THEN last_in_at ELSE moment END,
                    last_out_at = CASE WHEN ours THEN moment ELSE last_out_at END
     WHERE id = conv.card_id;
    INSERT INTO activity (id, at, kind, card_id, origin_card_id, conversation_id, identity_id,
                          direction, channel, ref, summary, data)
    VALUES ((item ->> 'activity_id')::uuid, moment, 'message', conv.card_id, conv.origin_card_id,
            conv.id, who.id, CASE WHEN ours THEN 'out' ELSE 'in' END, acc.kind, stored,
            item ->> 'preview',
            jsonb_build_object('subject', item ->> 'subject', 'seq', seq, 'automatic', automatic));
    INSERT INTO search_queue (message_id) VALUES (stored);
    FOR entry_seq IN SELECT generate_series(seq - jsonb_array_length(entries), seq - 1) LOOP
        PERFORM publish_entry(conv.id, entry_seq);
    END LOOP;
    PERFORM publish_conversation(conv.id);
    PERFORM publish_message(stored);
    outcome := 'stored';
END $$;

CREATE OR REPLACE FUNCTION ingest(items jsonb)
RETURNS TABLE (ix int, outcome text, message_id uuid) LANGUAGE plpgsql AS $$
DECLARE
    item jsonb;
    result record;
BEGIN
    -- Everybody who takes addresses' locks takes them in this order, so batches cannot deadlock.
    PERFORM pg_advisory_xact_lock(k.key) FROM (
        SELECT DISTINCT hashtextextended(a.who, 0) AS key
          FROM jsonb_array_elements(items) AS i,
               jsonb_array_elements_text(i -> 'locks') AS a (who)
         ORDER BY 1) AS k;
    ix := 0;
    FOR item IN SELECT * FROM jsonb_array_elements(items) LOOP
        SELECT * INTO result FROM ingest_one(item);
        outcome := result.outcome;
        message_id := result.stored;
        UPDATE journal SET
            state = CASE result.outcome WHEN 'stored' THEN 'processed'
                                        WHEN 'own_copy' THEN 'ignored' ELSE 'duplicate' END,
            reason = CASE result.outcome WHEN 'stored' THEN NULL ELSE result.outcome END,
            message_id = result.stored, processed_at = (item ->> 'now')::timestamptz
         WHERE id = (item ->> 'journal_id')::bigint AND state <> 'processed';
        RETURN NEXT;
        ix := ix + 1;
    END LOOP;
END $$;
