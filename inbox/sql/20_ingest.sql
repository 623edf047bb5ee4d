-- Taking messages in: many per call, one commit, every rule of threading in one place.
--
-- ``ingest(items)`` takes what ``inbox.ingest`` made of contract events and returns a row per item.
-- Where each message belongs is decided one by one (``ingest_place``), for one may refer to the
-- one before; what is known by then is written for all of them at once.
-- Lock order: every address's advisory lock in one sorted go, then conversations.

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
            string_to_array(who ->> 'grams', E'\x1f'), who ->> 'display', who ->> 'status',
            false, CASE WHEN (who ->> 'verified')::bool THEN moment END, moment, moment)
    RETURNING * INTO known;
    RETURN known;
END $$;

-- The card an identity leads to and the card it belongs to, made when it has none. A shared
-- identity leads to the card it last talked to.
CREATE OR REPLACE FUNCTION ingest_card(
    who identity, seed jsonb, branch uuid, moment timestamptz, OUT card_id uuid, OUT origin_id uuid)
LANGUAGE plpgsql AS $$
DECLARE
    is_shared bool;
BEGIN
    SELECT link.card_id, link.origin_card_id, link.shared INTO card_id, origin_id, is_shared
      FROM card_identity AS link WHERE link.identity_id = who.id AND link.until IS NULL LIMIT 1;
    IF is_shared THEN
        SELECT link.card_id, link.origin_card_id INTO card_id, origin_id
          FROM card_identity AS link
          LEFT JOIN LATERAL (SELECT max(c.last_activity_at) AS last FROM conversation AS c
                              WHERE c.card_id = link.card_id) AS talk ON true
         WHERE link.identity_id = who.id AND link.until IS NULL
         ORDER BY talk.last DESC NULLS LAST, link.since, link.id
         LIMIT 1;
    END IF;
    IF card_id IS NOT NULL THEN
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
            seed ->> 'search_text', string_to_array(seed ->> 'search_grams', E'\x1f'),
            seed ->> 'name_key', seed ->> 'sort_key', moment, moment, moment, 1);
    INSERT INTO card_identity (id, card_id, origin_card_id, identity_id, label, is_primary, shared,
                               linked_by, since)
    VALUES ((seed ->> 'link_id')::uuid, card_id, card_id, who.id, '', true, false, 'auto', moment);
END $$;

-- The thread a message belongs to, and how that was proved: '' (its own key), 'proof' (a keyed
-- code came back), 'seen' (it refers to a message that is here), 'referenced' (it refers to a
-- message that another one referred to). Ids are looked at from the nearest to the farthest.
CREATE OR REPLACE FUNCTION ingest_thread(
    item jsonb, of_account uuid, moment timestamptz, OUT thread_id uuid, OUT proof text,
    OUT conv_id uuid)
LANGUAGE plpgsql AS $$
BEGIN
    IF item ->> 'thread_key' <> '' THEN
        SELECT t.id, '', CASE WHEN c.merged_into IS NULL THEN c.id ELSE conversation_root(c.id) END
          INTO thread_id, proof, conv_id
          FROM thread AS t JOIN conversation AS c ON c.id = t.conversation_id
         WHERE t.account_id = of_account AND t.key = item ->> 'thread_key';
        RETURN;
    END IF;
    IF item ->> 'proven_thread' IS NOT NULL THEN
        SELECT t.id, 'proof', conversation_root(t.conversation_id) INTO thread_id, proof, conv_id
          FROM thread AS t
         WHERE t.id = (item ->> 'proven_thread')::uuid AND t.account_id = of_account;
        IF FOUND THEN
            RETURN;
        END IF;
    END IF;
    SELECT r.thread_id, CASE r.kind WHEN 'referenced' THEN 'referenced' ELSE 'seen' END,
           (SELECT conversation_root(t.conversation_id) FROM thread AS t WHERE t.id = r.thread_id)
      INTO thread_id, proof, conv_id
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
    outcome := 'stored';
    stored := (item ->> 'message_id')::uuid;
    is_public := true;

    who := ingest_identity(item -> 'peer', moment);
    who_id := who.id;
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
    IF is_public AND item -> 'copied' <> '[]' THEN
        FOR other IN SELECT * FROM jsonb_array_elements(item -> 'copied') LOOP
            someone := ingest_identity(other, moment);
            INSERT INTO participant (conversation_id, identity_id, role, since_seq)
            VALUES (conv.id, someone.id, 'cc', seq) ON CONFLICT DO NOTHING;
        END LOOP;
    END IF;
END $$;

CREATE OR REPLACE FUNCTION ingest(items jsonb)
RETURNS TABLE (ix int, outcome text, message_id uuid) LANGUAGE plpgsql AS $$
DECLARE
    item jsonb;
    acc channel_account;
    p record;
    at_ix int[] := '{}';
    outcomes text[] := '{}';
    messages uuid[] := '{}';
    convs uuid[] := '{}';
    threads uuid[] := '{}';
    seqs int[] := '{}';
    whos uuid[] := '{}';
    cards uuid[] := '{}';
    origins uuid[] := '{}';
    publics bool[] := '{}';
    subjects bool[] := '{}';
BEGIN
    -- Everybody who takes addresses' locks takes them in this order, so batches cannot deadlock.
    PERFORM pg_advisory_xact_lock(k.key) FROM (
        SELECT DISTINCT hashtextextended(a.who, 0) AS key
          FROM jsonb_array_elements(items) AS i,
               jsonb_array_elements_text(i -> 'locks') AS a (who)
         ORDER BY 1) AS k;
    FOR item IN SELECT * FROM jsonb_array_elements(items) LOOP
        IF acc.id IS NULL OR acc.id <> (item ->> 'account')::uuid THEN
            SELECT * INTO acc FROM channel_account WHERE id = (item ->> 'account')::uuid;
        END IF;
        p := ingest_place(item, acc);
        outcomes := outcomes || p.outcome;
        messages := messages || p.stored;
        IF p.outcome = 'stored' THEN
            at_ix := at_ix || cardinality(messages);
            convs := convs || p.conv_id;
            threads := threads || p.its_thread;
            seqs := seqs || p.seq;
            whos := whos || p.who_id;
            cards := cards || p.on_card;
            origins := origins || p.origin;
            publics := publics || p.is_public;
            subjects := subjects || p.keeps_subject;
        END IF;
    END LOOP;

    INSERT INTO message (id, conversation_id, seq, kind, visibility, thread_id, account_id,
        channel, identity_id, subject, text, reply_text, folds, html, recipients, mention_ids,
        external_id, dedup_key, journal_id, meta, at, created_at, rev)
    SELECT i.message_id, placed.conv, placed.seq,
           CASE WHEN i.from_us THEN 'outbound' ELSE 'inbound' END,
           CASE WHEN placed.is_public THEN 'public' ELSE 'internal' END, placed.thread, i.account,
           a.kind, CASE WHEN NOT i.from_us THEN placed.who END,
           CASE WHEN placed.keeps_subject THEN i.subject END, i.text, i.reply_text, i.folds,
           i.html, i.recipients, '{}',
           -- another message under a name that is taken, such as a list's copy, goes without
           CASE WHEN NOT EXISTS (SELECT FROM message AS m WHERE m.thread_id = placed.thread
                                    AND m.external_id = i.external_id) THEN i.external_id END,
           i.dedup_key, i.journal_id, i.meta, i.at, i.now, 1
      FROM unnest(at_ix, convs, seqs, threads, whos, publics, subjects)
           AS placed (ix, conv, seq, thread, who, is_public, keeps_subject)
      JOIN ROWS FROM (jsonb_to_recordset(items) AS (
               message_id uuid, account uuid, from_us bool, subject text, text text,
               reply_text text, folds jsonb, html text, recipients jsonb, external_id text,
               dedup_key text, journal_id bigint, meta jsonb, at timestamptz, now timestamptz))
           WITH ORDINALITY AS i ON i.ordinality = placed.ix
      JOIN channel_account AS a ON a.id = i.account
     ORDER BY placed.ix;
    INSERT INTO attachment (id, message_id, position, kind, filename, mime, size, blob,
                            content_id, is_inline, unavailable)
    SELECT f.id, messages[x.ix], f.ordinality - 1, f.kind, f.filename, f.mime, f.size, f.blob,
           f.content_id, f.inline, f.unavailable
      FROM unnest(at_ix) AS x (ix),
           ROWS FROM (jsonb_to_recordset(items -> (x.ix - 1) -> 'attachments') AS (
               id uuid, kind text, filename text, mime text, size bigint, blob text,
               content_id text, inline bool, unavailable text)) WITH ORDINALITY AS f
     WHERE items -> (x.ix - 1) -> 'attachments' <> '[]';
    INSERT INTO activity (id, at, kind, card_id, origin_card_id, conversation_id, identity_id,
                          direction, channel, ref, summary, data)
    SELECT i.activity_id, i.now, 'message', placed.card, placed.origin, placed.conv, placed.who,
           CASE WHEN i.from_us THEN 'out' ELSE 'in' END, a.kind, i.message_id, i.preview,
           jsonb_build_object('subject', i.subject, 'seq', placed.seq, 'automatic', i.automatic)
      FROM unnest(at_ix, convs, seqs, whos, cards, origins)
           AS placed (ix, conv, seq, who, card, origin)
      JOIN ROWS FROM (jsonb_to_recordset(items) AS (
               activity_id uuid, message_id uuid, account uuid, from_us bool, subject text,
               preview text, automatic text, now timestamptz))
           WITH ORDINALITY AS i ON i.ordinality = placed.ix
      JOIN channel_account AS a ON a.id = i.account;
    UPDATE card AS c SET last_in_at = coalesce(met.was_in, c.last_in_at),
                         last_out_at = coalesce(met.was_out, c.last_out_at)
      FROM (SELECT placed.card,
                   max(i.now) FILTER (WHERE NOT i.from_us AND placed.is_public) AS was_in,
                   max(i.now) FILTER (WHERE i.from_us) AS was_out
              FROM unnest(at_ix, cards, publics) AS placed (ix, card, is_public)
              JOIN ROWS FROM (jsonb_to_recordset(items) AS (from_us bool, now timestamptz))
                   WITH ORDINALITY AS i ON i.ordinality = placed.ix
             GROUP BY placed.card) AS met
     WHERE c.id = met.card;
    INSERT INTO search_queue (message_id) SELECT messages[x.ix] FROM unnest(at_ix) AS x (ix);
    UPDATE journal AS j SET
           state = CASE done.outcome WHEN 'stored' THEN 'processed'
                                     WHEN 'own_copy' THEN 'ignored' ELSE 'duplicate' END,
           reason = nullif(done.outcome, 'stored'), message_id = done.stored,
           processed_at = i.now
      FROM unnest(outcomes, messages) WITH ORDINALITY AS done (outcome, stored, ix)
      JOIN ROWS FROM (jsonb_to_recordset(items) AS (journal_id bigint, now timestamptz))
           WITH ORDINALITY AS i ON i.ordinality = done.ix
     WHERE j.id = i.journal_id AND j.state <> 'processed';
    INSERT INTO event (type, data, audience)
    SELECT 'conversation.changed',
           jsonb_build_object('type', 'conversation.changed', 'conversation', conversation_json(c)),
           conversation_audience(c)
      FROM (SELECT conv, min(place) AS place FROM unnest(convs) WITH ORDINALITY AS u (conv, place)
             GROUP BY conv) AS touched
      JOIN conversation AS c ON c.id = touched.conv
     ORDER BY touched.place;
    INSERT INTO event (type, data, audience)
    SELECT 'message.changed',
           jsonb_build_object('type', 'message.changed', 'message', message_json(m)),
           conversation_audience(c)
      FROM unnest(at_ix, convs) AS x (ix, conv)
      JOIN message AS m ON m.id = messages[x.ix]
      JOIN conversation AS c ON c.id = x.conv
     ORDER BY x.ix;
    RETURN QUERY SELECT (done.place - 1)::int, done.outcome, done.stored
                   FROM unnest(outcomes, messages) WITH ORDINALITY
                        AS done (outcome, stored, place);
END $$;
