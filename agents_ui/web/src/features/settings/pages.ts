import {
  IconHistory,
  IconKey,
  IconListSearch,
  IconMailbox,
  IconTags,
  IconUsers,
  IconUsersGroup,
} from '@tabler/icons-react';
import type { Key } from '@/lib/i18n';

/** The pages of the settings, and what somebody must be allowed to see each. */
export const SETTINGS_PAGES = [
  { key: 'channels', label: 'admin.channels', icon: IconMailbox, needs: 'account.read' },
  { key: 'agents', label: 'admin.agents', icon: IconUsers, needs: 'agent.manage' },
  { key: 'teams', label: 'admin.teams', icon: IconUsersGroup, needs: 'team.manage' },
  { key: 'tags', label: 'admin.tags', icon: IconTags, needs: 'tag.manage' },
  { key: 'keys', label: 'admin.keys', icon: IconKey, needs: 'apikey.manage' },
  { key: 'journal', label: 'admin.journal', icon: IconListSearch, needs: 'journal.read' },
  { key: 'audit', label: 'admin.audit', icon: IconHistory, needs: 'audit.read' },
] as const satisfies { key: string; label: Key; icon: unknown; needs: string }[];

export type SettingsKey = (typeof SETTINGS_PAGES)[number]['key'];
