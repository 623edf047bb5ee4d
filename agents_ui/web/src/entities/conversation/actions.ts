import { useMemo } from 'react';
import type { ConversationItem, Priority } from '@/api/types';
import { useHub } from '@/entities/live';
import { shortDateTime } from '@/lib/format';
import { t } from '@/lib/i18n';
import type { ConversationPatch, Hub } from '@/sync/types';
import { toastError, toastUndo } from '@/ui/toast';
import { inverse } from './patches';

/** What an agent does to one conversation: at once on the screen, with words and a way back. */
export interface Actions {
  close: (row: ConversationItem) => void;
  open: (row: ConversationItem) => void;
  wait: (row: ConversationItem) => void;
  snooze: (row: ConversationItem, until: Date) => void;
  assign: (row: ConversationItem, agentId: string | null) => void;
  team: (row: ConversationItem, teamId: string | null) => void;
  priority: (row: ConversationItem, priority: Priority) => void;
  tags: (row: ConversationItem, tagIds: string[]) => void;
  move: (row: ConversationItem, folder: ConversationItem['folder']) => void;
  follow: (row: ConversationItem, on: boolean) => void;
  rename: (row: ConversationItem, subject: string) => void;
}

export function useActions(): Actions {
  const hub = useHub();
  return useMemo(() => actionsOf(hub), [hub]);
}

function actionsOf(hub: Hub): Actions {
  const agent = (id: string) => hub.store.agents.get(id)?.name ?? '';
  const team = (id: string) => hub.store.teams.get(id)?.name ?? '';
  const change = (row: ConversationItem, patch: ConversationPatch, said: string) => {
    const back = inverse(row, patch, hub.store.me.get()?.id ?? '');
    const put = (next: ConversationPatch) => hub.patch(row.id, next);
    const failed = (error: unknown) => toastError(t('conversation.change_failed'), error);
    put(patch)
      .then(() => toastUndo(said, () => void put(back).catch(failed)))
      .catch(failed);
  };
  return {
    close: (row) => change(row, { status: 'closed' }, t('conversation.did.closed')),
    open: (row) => change(row, { status: 'open' }, t('conversation.did.opened')),
    wait: (row) => change(row, { status: 'waiting' }, t('conversation.did.waiting')),
    snooze: (row, until) =>
      change(
        row,
        { status: 'snoozed', snoozed_until: until.toISOString() },
        t('conversation.did.snoozed', { until: shortDateTime(until.toISOString()) }),
      ),
    assign: (row, id) =>
      change(
        row,
        { assignee_id: id },
        id === null
          ? t('conversation.did.unassigned')
          : t('conversation.did.assigned', { name: agent(id) }),
      ),
    team: (row, id) =>
      change(
        row,
        { team_id: id },
        id === null
          ? t('conversation.did.no_team')
          : t('conversation.did.team', { name: team(id) }),
      ),
    priority: (row, priority) => change(row, { priority }, t('conversation.did.priority')),
    tags: (row, tag_ids) => change(row, { tag_ids }, t('conversation.did.tags')),
    move: (row, folder) => change(row, { folder }, t(`conversation.did.${folder}`)),
    follow: (row, following) =>
      change(
        row,
        { following },
        t(following ? 'conversation.did.followed' : 'conversation.did.unfollowed'),
      ),
    rename: (row, subject) => change(row, { subject }, t('conversation.did.renamed')),
  };
}
