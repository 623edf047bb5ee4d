-- Taking messages in: many per call, one commit, every rule of threading in one place.
--
-- ``ingest(items)`` takes what ``inbox.ingest`` made of contract events and returns a row per item.
-- Where each message belongs is decided one by one (``ingest_place``), for one may refer to the
-- one before; what is known by then is written for all of them at once.
-- Lock order: every address's advisory lock in one sorted go, then conversations.

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
    authors uuid[] := '{}';
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
            authors := authors || p.who_id;
            cards := cards || p.on_card;
            origins := origins || p.origin;
            publics := publics || p.is_public;
            subjects := subjects || p.keeps_subject;
        END IF;
    END LOOP;

    INSERT INTO message (id, conversation_id, seq, kind, visibility, thread_id, account_id,
        channel, identity_id, subject, text, reply_text, folds, spans, parts, html, recipients,
        mention_ids, external_id, reply_to_external, album, dedup_key, journal_id, meta, at,
        created_at, rev)
    SELECT i.message_id, placed.conv, placed.seq,
           CASE WHEN i.from_us THEN 'outbound' ELSE 'inbound' END,
           CASE WHEN placed.is_public THEN 'public' ELSE 'internal' END, placed.thread, i.account,
           a.kind, CASE WHEN NOT i.from_us THEN placed.author END,
           CASE WHEN placed.keeps_subject THEN i.subject END, i.text, i.reply_text, i.folds,
           i.spans, i.parts, i.html, i.recipients, '{}',
           -- another message under a name that is taken, such as a list's copy, goes without
           CASE WHEN NOT EXISTS (SELECT FROM message AS m WHERE m.thread_id = placed.thread
                                    AND m.external_id = i.external_id) THEN i.external_id END,
           i.reply_to, i.joint, i.dedup_key, i.journal_id, i.meta, i.at, i.now, 1
      FROM unnest(at_ix, convs, seqs, threads, authors, publics, subjects)
           AS placed (ix, conv, seq, thread, author, is_public, keeps_subject)
      JOIN ROWS FROM (jsonb_to_recordset(items) AS (
               message_id uuid, account uuid, from_us bool, subject text, text text,
               reply_text text, folds jsonb, spans jsonb, parts jsonb, html text,
               recipients jsonb, external_id text, reply_to text, joint text, dedup_key text,
               journal_id bigint, meta jsonb, at timestamptz, now timestamptz))
           WITH ORDINALITY AS i ON i.ordinality = placed.ix
      JOIN channel_account AS a ON a.id = i.account
     ORDER BY placed.ix;
    INSERT INTO attachment (id, message_id, position, kind, filename, mime, size, blob,
                            content_id, is_inline, unavailable, duration, handle, handle_until)
    SELECT f.id, messages[x.ix], f.ordinality - 1, f.kind, f.filename, f.mime, f.size, f.blob,
           f.content_id, f.inline, f.unavailable, f.duration, f.handle, f.handle_until
      FROM unnest(at_ix) AS x (ix),
           ROWS FROM (jsonb_to_recordset(items -> (x.ix - 1) -> 'attachments') AS (
               id uuid, kind text, filename text, mime text, size bigint, blob text,
               content_id text, inline bool, unavailable text, duration float8, handle text,
               handle_until timestamptz)) WITH ORDINALITY AS f
     WHERE items -> (x.ix - 1) -> 'attachments' <> '[]';
    INSERT INTO activity (id, at, kind, card_id, origin_card_id, conversation_id, identity_id,
                          direction, channel, ref, summary, data)
    SELECT i.activity_id, i.now, 'message', placed.card, placed.origin, placed.conv, placed.who,
           CASE WHEN i.from_us THEN 'out' ELSE 'in' END, a.kind, i.message_id, i.preview,
           jsonb_build_object('subject', i.subject, 'seq', placed.seq, 'automatic', i.automatic)
      FROM unnest(at_ix, convs, seqs, authors, cards, origins)
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
           state = CASE WHEN done.outcome IN ('stored', 'amended') THEN 'processed'
                        WHEN done.outcome = 'own_copy' THEN 'ignored' ELSE 'duplicate' END,
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
