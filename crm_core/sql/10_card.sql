-- The JSON of a card, made in this one place for the API, the live events and the browser.
-- Field names are law: crm_core/views.py declares the same shape and a test compares them.

-- After a merge two origins may hold one address, and each brings its primary ones: the first of
-- each is shown, and nothing has to be put back when the merge is undone.
CREATE OR REPLACE FUNCTION card_identities_json(of_card uuid) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    WITH held AS (
        SELECT DISTINCT ON (link.identity_id) link.*
          FROM card_identity AS link
         WHERE link.card_id = of_card AND link.until IS NULL
         ORDER BY link.identity_id, link.is_primary DESC, link.origin_card_id <> of_card,
                  link.since, link.id
    ), ranked AS (
        SELECT i AS identity, held.id AS link_id, held.label, held.shared, held.since,
               row_number() OVER (PARTITION BY i.kind ORDER BY held.is_primary DESC,
                                  held.origin_card_id <> of_card, held.since, held.id) AS place
          FROM held JOIN identity AS i ON i.id = held.identity_id
    )
    SELECT coalesce(jsonb_agg(jsonb_build_object(
               'link_id', link_id, 'id', (identity).id, 'kind', (identity).kind,
               'value', (identity).value, 'display', (identity).display, 'label', label,
               'is_primary', place = 1, 'shared', shared, 'status', (identity).status,
               'status_reason', (identity).status_reason,
               'verified_at', (identity).verified_at, 'extension', (identity).extension)
               ORDER BY place, since, link_id), '[]')
      FROM ranked
$$;

CREATE OR REPLACE FUNCTION card_json(c card) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'id', c.id, 'number', c.number, 'rev', c.rev, 'kind', c.kind,
        'display_name', c.display_name, 'given_name', c.given_name,
        'family_name', c.family_name, 'legal_name', c.legal_name, 'birthday', c.birthday,
        'locale', c.locale, 'about', c.about, 'lifecycle', c.lifecycle,
        'branch_id', c.branch_id, 'team_id', c.team_id, 'owner_id', c.owner_id,
        'custom', c.custom, 'provenance', c.provenance, 'merged_into', c.merged_into)
        || jsonb_build_object(
        'identities', card_identities_json(c.id),
        'first_contact_at', c.first_contact_at, 'last_in_at', c.last_in_at,
        'last_out_at', c.last_out_at, 'created_at', c.created_at, 'updated_at', c.updated_at)
$$;

CREATE OR REPLACE FUNCTION card_audience(c card) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_build_object('k', 1, 'b', c.branch_id, 't', c.team_id, 'o', c.owner_id)
$$;

-- Announce a card as it is now. ``before`` is its audience before the change, when that differs.
CREATE OR REPLACE FUNCTION publish_card(card_id uuid, before jsonb DEFAULT NULL) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO event (type, data, audience, audience_before)
    SELECT 'card.changed', jsonb_build_object('type', 'card.changed', 'card', card_json(c)),
           card_audience(c), nullif(before, card_audience(c))
      FROM card AS c WHERE c.id = card_id
$$;
