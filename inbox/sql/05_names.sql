-- What messages are called at their providers, and finding them by it.
--
-- A name is unique inside its thread, on some channels inside the account. ``message.external_id``
-- is the first name; further ones, of an album's items or a split text's parts, are in
-- ``message_ref`` under a hash that names the thread too.

CREATE OR REPLACE FUNCTION thread_ref_hash(of_thread uuid, name text) RETURNS bytea
LANGUAGE sql IMMUTABLE AS $$
    SELECT substring(sha256(convert_to(of_thread::text || '/' || btrim(name), 'UTF8'))
                     FROM 1 FOR 16)
$$;

-- The message with a name in a thread; null when there is none, or none yet.
CREATE OR REPLACE FUNCTION message_named(in_thread uuid, name text) RETURNS uuid
LANGUAGE sql STABLE AS $$
    SELECT coalesce(
        (SELECT m.id FROM message AS m WHERE m.thread_id = in_thread AND m.external_id = name),
        (SELECT r.message_id FROM thread AS t JOIN message_ref AS r
             ON r.account_id = t.account_id AND r.ref_hash = thread_ref_hash(in_thread, name)
          WHERE t.id = in_thread),
        (SELECT d.message_id FROM delivery AS d JOIN message AS m ON m.id = d.message_id
          WHERE d.provider_id = name AND m.thread_id = in_thread LIMIT 1))
$$;
