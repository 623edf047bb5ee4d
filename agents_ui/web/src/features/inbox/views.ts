import {
  IconAlarm,
  IconAlertTriangle,
  IconAt,
  IconCircleCheck,
  IconClockHour4,
  IconHourglass,
  IconInbox,
  IconPencil,
  IconShieldX,
  IconStack2,
  IconTrash,
  IconUserQuestion,
} from '@tabler/icons-react';
import type { ViewKey } from '@/api/types';
import { useAccount, useTag, useTeam } from '@/entities/live';
import type { Key } from '@/lib/i18n';
import { useT } from '@/ui/i18n';

/** The lists every agent has; each counts what the agent may see. */
export const STANDARD = [
  { key: 'mine', icon: IconInbox },
  { key: 'unassigned', icon: IconUserQuestion },
  { key: 'mentions', icon: IconAt },
  { key: 'all', icon: IconStack2 },
  { key: 'waiting', icon: IconHourglass },
  { key: 'snoozed', icon: IconAlarm },
  { key: 'drafts', icon: IconPencil },
  { key: 'scheduled', icon: IconClockHour4 },
  { key: 'failed', icon: IconAlertTriangle },
  { key: 'closed', icon: IconCircleCheck },
  { key: 'spam', icon: IconShieldX },
  { key: 'trash', icon: IconTrash },
] as const;

export type StandardKey = (typeof STANDARD)[number]['key'];

const isStandard = (view: string): view is StandardKey => STANDARD.some(({ key }) => key === view);

export const viewLabel = (view: StandardKey): Key => `inbox.view.${view}`;

/** What a view is called: our word for a standard one, the administrator's name for the rest. */
export function useViewName(view: ViewKey): string {
  const t = useT();
  const [kind, id = null] = view.split(':') as [string, string?];
  const team = useTeam(kind === 'team' ? id : null);
  const account = useAccount(kind === 'account' ? id : null);
  const tag = useTag(kind === 'tag' ? id : null);
  if (isStandard(view)) return t(viewLabel(view));
  return team?.name ?? account?.name ?? tag?.name ?? t('inbox.view.gone');
}

/** Why a list is empty, in a sentence of its own where the view has one. */
export function emptyKeys(view: ViewKey): { title: Key; text: Key } {
  if (!isStandard(view)) return { title: 'inbox.empty.other', text: 'inbox.empty.other_text' };
  return { title: `inbox.empty.${view}`, text: `inbox.empty.${view}_text` };
}
