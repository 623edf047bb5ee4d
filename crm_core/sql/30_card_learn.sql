-- Take the name an address came with, when the card has none yet and nobody wrote one: a channel
-- fills what is empty and overwrites nothing. ``seed`` is crm_core.seeds.CardSeed as JSON.
CREATE OR REPLACE FUNCTION card_learn(of_card uuid, seed jsonb, moment timestamptz)
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    -- Nearly every card has a name: finding that out costs less than an update of nothing.
    IF seed ->> 'search_text' = ''
       OR NOT EXISTS (SELECT FROM card WHERE id = of_card AND search_text = '') THEN
        RETURN false;
    END IF;
    UPDATE card SET
        display_name = seed ->> 'display_name', given_name = seed ->> 'given_name',
        family_name = seed ->> 'family_name', search_text = seed ->> 'search_text',
        search_grams = ARRAY(SELECT jsonb_array_elements_text(seed -> 'search_grams')),
        name_key = seed ->> 'name_key', sort_key = seed ->> 'sort_key',
        provenance = provenance || jsonb_build_object('display_name',
            jsonb_build_object('by', 'channel', 'at', moment, 'rev', rev + 1)),
        updated_at = moment, rev = rev + 1
     WHERE id = of_card AND search_text = ''
       AND coalesce(provenance -> 'display_name' ->> 'by', 'channel') = 'channel';
    IF FOUND THEN
        PERFORM publish_card(of_card);
    END IF;
    RETURN FOUND;
END $$;
