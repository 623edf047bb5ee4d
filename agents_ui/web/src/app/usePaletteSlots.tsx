import { useMantineColorScheme } from '@mantine/core';
import {
  IconInbox,
  IconKeyboard,
  IconMoon,
  IconPencilPlus,
  IconPhoneCall,
  IconSettings,
  IconUserCircle,
  IconUsers,
} from '@tabler/icons-react';
import { useState } from 'react';
import type { PaletteAction } from '@/features/palette';
import { useSearchItems } from '@/features/search/useSearchItems';
import { SETTINGS_PAGES } from '@/features/settings/pages';
import type { Key } from '@/lib/i18n';
import { useT } from '@/ui/i18n';
import { useGo } from './useGo';

const ICON = { size: 18, stroke: 1.6, 'aria-hidden': true } as const;
const VIEWS = ['mine', 'unassigned', 'all', 'waiting', 'snoozed', 'drafts', 'failed', 'closed'];

/** What the palette offers: it knows no feature, the app brings them together here. */
export function usePaletteSlots(onHelp: () => void) {
  const go = useGo();
  const [query, onQuery] = useState('');
  const hits = useSearchItems(query, {
    openCard: go.card,
    openConversation: (id, seq) => go.conversation(id, { seq }),
  });
  return { query, onQuery, hits, actions: useActions(onHelp), onAll: go.search };
}

function useActions(onHelp: () => void): PaletteAction[] {
  const t = useT();
  const go = useGo();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const views = VIEWS.map((view) => ({
    id: `view ${view}`,
    title: t('palette.open_view', { name: t(`inbox.view.${view}` as Key) }),
    icon: <IconInbox {...ICON} />,
    run: () => go.inbox(view),
  }));
  const settings = SETTINGS_PAGES.map(({ key, label }) => ({
    id: `settings ${key}`,
    title: t('palette.open_settings', { name: t(label) }),
    icon: <IconSettings {...ICON} />,
    run: () => go.settings(key),
  }));
  return [
    {
      id: 'compose',
      title: t('shell.compose'),
      icon: <IconPencilPlus {...ICON} />,
      keys: 'c',
      run: go.compose,
    },
    ...views.slice(0, 3),
    {
      id: 'clients',
      title: t('shell.clients'),
      icon: <IconUsers {...ICON} />,
      keys: 'g c',
      run: go.clients,
    },
    {
      id: 'callbacks',
      title: t('shell.callbacks'),
      icon: <IconPhoneCall {...ICON} />,
      keys: 'g b',
      run: go.callbacks,
    },
    {
      id: 'profile',
      title: t('shell.profile'),
      icon: <IconUserCircle {...ICON} />,
      keys: 'g p',
      run: go.profile,
    },
    {
      id: 'help',
      title: t('keys.title'),
      icon: <IconKeyboard {...ICON} />,
      keys: '?',
      run: onHelp,
    },
    {
      id: 'theme',
      title: t(colorScheme === 'dark' ? 'palette.light' : 'palette.dark'),
      icon: <IconMoon {...ICON} />,
      run: () => setColorScheme(colorScheme === 'dark' ? 'light' : 'dark'),
    },
    ...views.slice(3),
    ...settings,
  ];
}
