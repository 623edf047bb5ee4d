-- The JSON of a timeline line. crm_core/views.py declares the same shape.
CREATE OR REPLACE FUNCTION activity_json(a activity) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_build_object(
        'id', a.id, 'at', a.at, 'kind', a.kind, 'direction', a.direction, 'channel', a.channel,
        'summary', a.summary, 'conversation_id', a.conversation_id, 'agent_id', a.agent_id,
        'ref', a.ref, 'data', a.data)
$$;
