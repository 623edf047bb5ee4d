-- Where a message belongs: identity, card, thread, and who may add to a conversation.
-- Called by ``ingest_place`` (21) for one message at a time.

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

-- The message a part belongs to, when another part of it is here. The name of an album is for
-- good; that of a long text is a number which comes round again, so whatever is complete, has this
-- piece already or is old keeps it no longer.
CREATE OR REPLACE FUNCTION ingest_joint(
    item jsonb, of_account uuid, moment timestamptz, OUT outcome text, OUT message_id uuid)
LANGUAGE plpgsql AS $$
DECLARE
    whole message;
BEGIN
    SELECT r.message_id INTO message_id FROM message_ref AS r
     WHERE r.account_id = of_account AND r.ref_hash = decode(item ->> 'dedup_hash', 'hex');
    IF FOUND THEN
        outcome := 'duplicate';
        RETURN;
    END IF;
    SELECT m.* INTO whole FROM thread AS t JOIN message AS m ON m.thread_id = t.id
     WHERE t.account_id = of_account AND t.key = item ->> 'thread_key'
       AND m.album = item ->> 'joint';
    IF NOT FOUND THEN
        RETURN;
    END IF;
    IF item ->> 'piece' IS NOT NULL AND (
           whole.meta #> '{pieces,texts}' ? (item ->> 'piece')
           OR whole.created_at < moment - interval '1 day'
           OR whole.meta #> '{pieces,total}' <> item #> '{meta,pieces,total}') THEN
        UPDATE message SET album = NULL WHERE id = whole.id;
        RETURN;
    END IF;
    outcome := 'amended';
    message_id := whole.id;
END $$;
