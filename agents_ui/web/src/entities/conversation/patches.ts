import type { ConversationItem } from '@/api/types';
import type { ConversationPatch } from '@/sync/types';

/** The patch that takes a patch back, from the row as it was before. */
export function inverse(
  row: ConversationItem,
  patch: ConversationPatch,
  me: string,
): ConversationPatch {
  const back: ConversationPatch = {};
  if (patch.status !== undefined || patch.snoozed_until !== undefined) {
    back.status = row.status;
    if (row.snoozed_until !== null) back.snoozed_until = row.snoozed_until;
  }
  if (patch.priority !== undefined) back.priority = row.priority;
  if (patch.assignee_id !== undefined) back.assignee_id = row.assignee_id;
  if (patch.team_id !== undefined) back.team_id = row.team_id;
  if (patch.subject !== undefined) back.subject = row.subject;
  if (patch.folder !== undefined) back.folder = row.folder;
  if (patch.tag_ids !== undefined) back.tag_ids = row.tag_ids;
  if (patch.following !== undefined) back.following = row.follower_ids.includes(me);
  return back;
}

/** Rows that get the same patch together, so that changing 200 rows takes a few requests. */
export function grouped(
  rows: readonly ConversationItem[],
  patchOf: (row: ConversationItem) => ConversationPatch,
): { ids: string[]; patch: ConversationPatch }[] {
  const groups = new Map<string, { ids: string[]; patch: ConversationPatch }>();
  for (const row of rows) {
    const patch = patchOf(row);
    const key = JSON.stringify(patch);
    const group = groups.get(key);
    if (group) group.ids.push(row.id);
    else groups.set(key, { ids: [row.id], patch });
  }
  return [...groups.values()];
}
