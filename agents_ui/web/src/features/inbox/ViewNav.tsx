import { IconUsers } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { ViewKey } from '@/api/types';
import { ChannelIcon } from '@/entities/agent/Avatar';
import { TagDot } from '@/entities/conversation/bits';
import { useAccounts, useCount, useMe, useTags, useTeams } from '@/entities/live';
import { useHotkeys } from '@/ui/hotkeys';
import { useT } from '@/ui/i18n';
import { STANDARD, viewLabel } from './views';
import css from './nav.module.css';

export interface ViewNavProps {
  current: ViewKey;
  onOpen: (view: ViewKey) => void;
}

/** The lists an agent can look at, each with how many conversations it has and how many are unread. */
export function ViewNav({ current, onOpen }: ViewNavProps) {
  const t = useT();
  const me = useMe();
  const teams = useTeams().toSorted((a, b) => byMembership(me.team_ids, a, b));
  const accounts = useAccounts();
  const tags = useTags().toSorted((a, b) => a.name.localeCompare(b.name));
  useHotkeys(
    'keys.views',
    STANDARD.slice(0, 9).map(({ key }, at) => ({
      keys: `alt+${at + 1}`,
      label: viewLabel(key),
      run: () => onOpen(key),
    })),
  );
  const link = (key: ViewKey, name: string, icon: ReactNode) => (
    <ViewLink
      key={key}
      view={key}
      name={name}
      icon={icon}
      current={key === current}
      onOpen={onOpen}
    />
  );
  return (
    <nav className={css.nav} aria-label={t('inbox.views')}>
      <ul className={css.group}>
        {STANDARD.map(({ key, icon: Icon }) =>
          link(key, t(viewLabel(key)), <Icon size={18} stroke={1.6} aria-hidden />),
        )}
      </ul>
      <Group title={t('inbox.teams')}>
        {teams.map(({ id, name }) =>
          link(`team:${id}`, name, <IconUsers size={18} stroke={1.6} aria-hidden />),
        )}
      </Group>
      <Group title={t('inbox.channels')}>
        {accounts.map(({ id, name, kind }) =>
          link(`account:${id}`, name, <ChannelIcon channel={kind} size={18} />),
        )}
      </Group>
      <Group title={t('inbox.tags')}>
        {tags.map(({ id, name, color }) => link(`tag:${id}`, name, <TagDot color={color} />))}
      </Group>
    </nav>
  );
}

interface Named {
  id: string;
  name: string;
}

function byMembership(mine: readonly string[], a: Named, b: Named): number {
  const own = Number(mine.includes(b.id)) - Number(mine.includes(a.id));
  return own || a.name.localeCompare(b.name);
}

function Group({ title, children }: { title: string; children: ReactNode[] }) {
  if (children.length === 0) return null;
  return (
    <>
      <h2 className={css.heading}>{title}</h2>
      <ul className={css.group}>{children}</ul>
    </>
  );
}

interface ViewLinkProps {
  view: ViewKey;
  name: string;
  icon: ReactNode;
  current: boolean;
  onOpen: (view: ViewKey) => void;
}

function ViewLink({ view, name, icon, current, onOpen }: ViewLinkProps) {
  const t = useT();
  const [total, unread] = useCount(view);
  return (
    <li>
      <a
        className={css.link}
        href={`/inbox/${view}`}
        aria-current={current ? 'page' : undefined}
        data-trouble={view === 'failed' && total > 0 ? '' : undefined}
        onClick={(event) => {
          if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
          event.preventDefault();
          onOpen(view);
        }}
      >
        <span className={css.icon}>{icon}</span>
        <span className={css.name}>{name}</span>
        {unread > 0 && (
          <span className={css.unread} aria-hidden>
            {unread}
          </span>
        )}
        {total > 0 && (
          <span className={css.total} aria-hidden>
            {total}
          </span>
        )}
        <span className="visually-hidden">
          {t('inbox.count_total', { count: total })}
          {unread > 0 && `, ${t('inbox.count_unread', { count: unread })}`}
        </span>
      </a>
    </li>
  );
}
