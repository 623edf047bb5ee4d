-- The JSON of a task. crm_core/task_views.py declares the same shape.
CREATE OR REPLACE FUNCTION task_json(t task) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'id', t.id, 'rev', t.rev, 'kind', t.kind, 'title', t.title, 'body', t.body,
        'phone', t.phone, 'due_at', t.due_at, 'overdue_at', t.overdue_at, 'status', t.status,
        'result_code', t.result_code, 'result_note', t.result_note,
        'card', (SELECT jsonb_build_object('id', k.id, 'name', k.display_name, 'number', k.number)
                   FROM card AS k WHERE k.id = t.card_id),
        'conversation_id', t.conversation_id, 'branch_id', t.branch_id, 'team_id', t.team_id,
        'assignee_id', t.assignee_id, 'author_id', t.author_id, 'done_by', t.done_by,
        'done_at', t.done_at, 'created_at', t.created_at, 'updated_at', t.updated_at)
$$;

-- Who sees a task: whoever would see a conversation of its branch, team and assignee.
CREATE OR REPLACE FUNCTION task_audience(t task) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_build_object('c', 1, 'b', t.branch_id, 't', t.team_id, 'a', t.assignee_id,
                              'f', '[]'::jsonb)
$$;

-- Announce a task as it is now. ``before`` is its audience before the change.
CREATE OR REPLACE FUNCTION publish_task(task_id uuid, before jsonb DEFAULT NULL) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO event (type, data, audience, audience_before)
    SELECT 'task.changed', jsonb_build_object('type', 'task.changed', 'task', task_json(t)),
           task_audience(t), nullif(before, task_audience(t))
      FROM task AS t WHERE t.id = task_id
$$;
