-- Take tokens from the rate buckets of an account: all of them, or none when one has too few.
-- Returns how many seconds to wait and the first bucket that has too few; 0 and null when taken.
-- A bucket may give more than it holds to one big call: it owes the rest, and later calls wait.
CREATE OR REPLACE FUNCTION take_tokens(
    account uuid, scopes text[], rates float8[], bursts float8[], weight float8,
    moment timestamptz, OUT wait float8, OUT short text)
LANGUAGE plpgsql AS $$
DECLARE
    b record;
    left_now float8;
    needed float8;
BEGIN
    wait := 0;
    INSERT INTO rate_bucket (account_id, scope, tokens, at)
    SELECT account, u.scope, u.burst, moment FROM unnest(scopes, bursts) AS u (scope, burst)
     ORDER BY u.scope ON CONFLICT DO NOTHING;
    FOR b IN SELECT r.scope, r.tokens, r.at, u.rate, u.burst
               FROM unnest(scopes, rates, bursts) AS u (scope, rate, burst)
               JOIN rate_bucket AS r ON r.account_id = account AND r.scope = u.scope
              ORDER BY r.scope FOR UPDATE OF r
    LOOP
        left_now := least(b.burst, b.tokens
                          + greatest(0, extract(epoch FROM moment - b.at)) * b.rate);
        needed := least(weight, b.burst);
        IF left_now < needed AND (needed - left_now) / b.rate > wait THEN
            wait := (needed - left_now) / b.rate;
            short := b.scope;
        END IF;
    END LOOP;
    IF wait = 0 THEN
        UPDATE rate_bucket AS r
           SET tokens = least(u.burst, r.tokens
                              + greatest(0, extract(epoch FROM moment - r.at)) * u.rate) - weight,
               at = greatest(r.at, moment)
          FROM unnest(scopes, rates, bursts) AS u (scope, rate, burst)
         WHERE r.account_id = account AND r.scope = u.scope;
    END IF;
END $$;
