import {
  IconInbox,
  IconPencilPlus,
  IconPhoneCall,
  IconSearch,
  IconSettings,
  IconUsers,
} from '@tabler/icons-react';
import { Link, useLocation } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useCount } from '@/entities/live';
import { useOpenTasks } from '@/entities/task/useTasks';
import type { Key } from '@/lib/i18n';
import { useT } from '@/ui/i18n';
import { Logo } from '@/ui/Logo';
import { AccountMenu } from './AccountMenu';
import css from './shell.module.css';

const ICON = { size: 21, stroke: 1.6, 'aria-hidden': true } as const;

interface Place {
  to: string;
  under: string;
  label: Key;
  icon: ReactNode;
  counts?: 'unread' | 'callbacks';
}

const INBOX: Place = {
  to: '/inbox/mine',
  under: '/inbox',
  label: 'shell.inbox',
  icon: <IconInbox {...ICON} />,
  counts: 'unread',
};
const CLIENTS: Place = {
  to: '/clients',
  under: '/clients',
  label: 'shell.clients',
  icon: <IconUsers {...ICON} />,
};
const CALLBACKS: Place = {
  to: '/callbacks',
  under: '/callbacks',
  label: 'shell.callbacks',
  icon: <IconPhoneCall {...ICON} />,
  counts: 'callbacks',
};
const SETTINGS: Place = {
  to: '/settings',
  under: '/settings',
  label: 'shell.settings',
  icon: <IconSettings {...ICON} />,
};

interface Props {
  onSearch: () => void;
  onHelp: () => void;
}

export function Rail({ onSearch, onHelp }: Props) {
  const t = useT();
  return (
    <nav className={css.rail} aria-label={t('shell.navigation')} data-pane>
      <Link to="/" className={css.brand} aria-label="Punte">
        <Logo size={32} />
      </Link>
      <RailLink place={INBOX} />
      <RailLink place={CLIENTS} />
      <RailLink place={CALLBACKS} />
      <button
        type="button"
        className={css.item}
        data-hint={`${t('shell.search')} · Ctrl K`}
        aria-label={t('shell.search')}
        onClick={onSearch}
      >
        <IconSearch {...ICON} />
      </button>
      <RailLink
        place={{
          to: '/new',
          under: '/new',
          label: 'shell.compose',
          icon: <IconPencilPlus {...ICON} />,
        }}
      />
      <div className={css.grow} />
      <RailLink place={SETTINGS} />
      <AccountMenu onHelp={onHelp} />
    </nav>
  );
}

export function BottomBar({ onSearch }: { onSearch: () => void }) {
  const t = useT();
  return (
    <nav className={css.bar} aria-label={t('shell.navigation')} data-pane>
      <RailLink place={INBOX} labelled />
      <RailLink place={CLIENTS} labelled />
      <RailLink place={CALLBACKS} labelled />
      <button type="button" className={css.item} onClick={onSearch}>
        <IconSearch {...ICON} />
        {t('shell.search_short')}
      </button>
      <RailLink place={SETTINGS} labelled />
      <AccountMenu labelled />
    </nav>
  );
}

function RailLink({ place, labelled = false }: { place: Place; labelled?: boolean }) {
  const t = useT();
  const { pathname } = useLocation();
  const [, unread] = useCount('mine');
  const { count: calls } = useOpenTasks();
  const count = place.counts === 'unread' ? unread : place.counts ? calls : 0;
  const counted = place.counts === 'callbacks' ? 'callbacks.count' : 'shell.unread';
  const label = t(place.label);
  return (
    <Link
      to={place.to}
      className={css.item}
      data-hint={labelled ? undefined : label}
      aria-current={pathname.startsWith(place.under) ? 'page' : undefined}
    >
      {place.icon}
      {labelled ? label : <span className="visually-hidden">{label}</span>}
      {count > 0 && (
        <span className={css.badge}>
          {count > 99 ? '99+' : count}
          <span className="visually-hidden"> {t(counted, { count })}</span>
        </span>
      )}
    </Link>
  );
}
