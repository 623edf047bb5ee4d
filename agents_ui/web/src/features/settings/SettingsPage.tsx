import { IconArrowLeft, IconLock } from '@tabler/icons-react';
import { lazy, Suspense, type ReactNode } from 'react';
import { useMe } from '@/entities/live';
import { useT } from '@/ui/i18n';
import { useLayout } from '@/ui/layout';
import { EmptyState, PaneBoundary, Skeleton } from '@/ui/states';
import { SETTINGS_PAGES, type SettingsKey } from './pages';
import css from './settings.module.css';

const ChannelsPage = lazy(() => import('./channels/ChannelsPage'));
const AgentsPage = lazy(() => import('./agents/AgentsPage'));
const TeamsPage = lazy(() => import('./teams/TeamsPage'));
const TagsPage = lazy(() => import('./tags/TagsPage'));
const KeysPage = lazy(() => import('./keys/KeysPage'));
const JournalPage = lazy(() => import('./journal/JournalPage'));
const AuditPage = lazy(() => import('./audit/AuditPage'));

const CONTENT: Record<SettingsKey, ReactNode> = {
  channels: <ChannelsPage />,
  agents: <AgentsPage />,
  teams: <TeamsPage />,
  tags: <TagsPage />,
  keys: <KeysPage />,
  journal: <JournalPage />,
  audit: <AuditPage />,
};

interface Props {
  page: string | null;
  onOpen: (page?: string) => void;
}

export function SettingsPage({ page, onOpen }: Props) {
  const t = useT();
  const layout = useLayout();
  const { permissions } = useMe();
  const allowed = SETTINGS_PAGES.filter(({ needs }) => needs in permissions);
  const single = layout === 'phone';
  const current = allowed.find(({ key }) => key === page) ?? (single ? null : allowed[0]);
  if (allowed.length === 0) {
    return (
      <EmptyState
        icon={<IconLock size={26} stroke={1.6} />}
        title={t('admin.nothing_allowed')}
        text={t('admin.nothing_allowed_text')}
      />
    );
  }
  return (
    <div className={css.settings}>
      {!(single && current) && (
        <nav className={css.nav} aria-label={t('admin.title')} data-pane>
          <h2 className={css.heading}>{t('admin.title')}</h2>
          {allowed.map(({ key, label, icon: Icon }) => (
            <a
              key={key}
              className={css.link}
              href={`/settings/${key}`}
              aria-current={key === current?.key ? 'page' : undefined}
              onClick={(event) => {
                if (event.ctrlKey || event.metaKey || event.shiftKey) return;
                event.preventDefault();
                onOpen(key);
              }}
            >
              <Icon size={18} stroke={1.6} aria-hidden />
              {t(label)}
            </a>
          ))}
        </nav>
      )}
      {current && (
        // A pane that scrolls must be reachable by keyboard even when it holds only text.
        <div
          className={css.content}
          data-pane
          tabIndex={0}
          role="region"
          aria-label={t(current.label)}
        >
          {single && (
            <button type="button" className={css.back} onClick={() => onOpen()}>
              <IconArrowLeft size={18} stroke={1.6} aria-hidden />
              {t('admin.title')}
            </button>
          )}
          <PaneBoundary resetKey={current.key}>
            <Suspense fallback={<Skeleton />}>{CONTENT[current.key]}</Suspense>
          </PaneBoundary>
        </div>
      )}
    </div>
  );
}
