-- The JSON of agents and of how they are organised. crm_core/views.py declares the same shapes.

CREATE OR REPLACE FUNCTION agent_team_ids(of_agent uuid) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT coalesce(jsonb_agg(m.team_id ORDER BY m.team_id), '[]')
      FROM team_member AS m JOIN team AS t ON t.id = m.team_id
     WHERE m.agent_id = of_agent AND t.archived_at IS NULL
$$;

CREATE OR REPLACE FUNCTION colleague_json(a agent) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('id', a.id, 'name', a.name, 'status', a.status,
                              'team_ids', agent_team_ids(a.id))
$$;

CREATE OR REPLACE FUNCTION agent_json(a agent) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT colleague_json(a) || jsonb_build_object(
        'rev', a.rev, 'login', a.login, 'branch_id', a.branch_id, 'manager_id', a.manager_id,
        'locale', a.locale, 'has_totp', a.totp IS NOT NULL,
        'role_keys', (SELECT coalesce(jsonb_agg(r.key ORDER BY r.key), '[]')
                        FROM agent_role AS ar JOIN role AS r ON r.id = ar.role_id
                       WHERE ar.agent_id = a.id))
$$;

CREATE OR REPLACE FUNCTION team_json(t team) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'id', t.id, 'rev', t.rev, 'name', t.name, 'branch_id', t.branch_id,
        'member_ids', (SELECT coalesce(jsonb_agg(m.agent_id ORDER BY m.agent_id), '[]')
                         FROM team_member AS m JOIN agent AS a ON a.id = m.agent_id
                        WHERE m.team_id = t.id AND a.status <> 'left'))
$$;

CREATE OR REPLACE FUNCTION branch_json(b branch) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_build_object('id', b.id, 'name', b.name, 'code', b.code,
                              'timezone', b.timezone, 'phone_region', b.phone_region)
$$;

CREATE OR REPLACE FUNCTION role_json(r role) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'id', r.id, 'key', r.key, 'name', r.name,
        'grants', (SELECT coalesce(jsonb_agg(jsonb_build_object(
                              'entity', g.entity, 'action', g.action, 'scope', g.scope)
                              ORDER BY g.entity, g.action), '[]')
                     FROM role_grant AS g WHERE g.role_id = r.id))
$$;

CREATE OR REPLACE FUNCTION tag_json(t tag) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_build_object('id', t.id, 'rev', t.rev, 'name', t.name, 'color', t.color)
$$;

-- Announce an agent to everybody, as colleagues see them.
CREATE OR REPLACE FUNCTION publish_agent(agent_id uuid) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO event (type, data, audience)
    SELECT 'agent.changed',
           jsonb_build_object('type', 'agent.changed', 'agent', colleague_json(a)), '{}'
      FROM agent AS a WHERE a.id = agent_id
$$;

CREATE OR REPLACE FUNCTION publish_team(team_id uuid) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO event (type, data, audience)
    SELECT 'team.changed',
           jsonb_build_object('type', 'team.changed', 'team', team_json(t),
                              'archived', t.archived_at IS NOT NULL), '{}'
      FROM team AS t WHERE t.id = team_id
$$;

CREATE OR REPLACE FUNCTION publish_tag(tag_id uuid) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO event (type, data, audience)
    SELECT 'tag.changed',
           jsonb_build_object('type', 'tag.changed', 'tag', tag_json(t),
                              'archived', t.archived_at IS NOT NULL), '{}'
      FROM tag AS t WHERE t.id = tag_id
$$;
