-- The card a card is shown as: itself, or what it was merged into in the end.
CREATE OR REPLACE FUNCTION card_root(of_card uuid) RETURNS uuid
LANGUAGE sql STABLE AS $$
    WITH RECURSIVE up AS (
        SELECT id, merged_into FROM card WHERE id = of_card
        UNION ALL
        SELECT c.id, c.merged_into FROM card AS c JOIN up ON c.id = up.merged_into
    )
    SELECT id FROM up WHERE merged_into IS NULL
$$;
