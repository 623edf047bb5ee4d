import { Button } from '@mantine/core';
import { IconMailPlus } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { ViewKey } from '@/api/types';
import { useAccounts, useCount, useMay } from '@/entities/live';
import { useT } from '@/ui/i18n';
import { EmptyState } from '@/ui/states';
import { emptyKeys, STANDARD } from './views';

/** Why there is nothing in a view, and where the agent's work is instead. */
export function EmptyList({ view }: { view: ViewKey }) {
  const t = useT();
  const accounts = useAccounts();
  const mayConnect = useMay('account.manage');
  const [mine] = useCount('mine');
  const [unassigned] = useCount('unassigned');
  if (accounts.length === 0) return <FirstRun mayConnect={mayConnect} />;
  const icon = STANDARD.find(({ key }) => key === view)?.icon;
  const Icon = icon ?? STANDARD[0].icon;
  const keys = emptyKeys(view);
  const next = view !== 'mine' && mine > 0 ? 'mine' : unassigned > 0 ? 'unassigned' : null;
  return (
    <EmptyState
      icon={<Icon size={26} stroke={1.6} />}
      title={t(keys.title)}
      text={t(keys.text)}
      action={
        next !== null &&
        next !== view && (
          <Button
            variant="default"
            renderRoot={(props) => <Link to="/inbox/$view" params={{ view: next }} {...props} />}
          >
            {t(`inbox.go.${next}`, { count: next === 'mine' ? mine : unassigned })}
          </Button>
        )
      }
    />
  );
}

function FirstRun({ mayConnect }: { mayConnect: boolean }) {
  const t = useT();
  return (
    <EmptyState
      icon={<IconMailPlus size={26} stroke={1.6} />}
      title={t('inbox.first.title')}
      text={t(mayConnect ? 'inbox.first.text' : 'inbox.first.text_ask')}
      action={
        mayConnect && (
          <Button
            renderRoot={(props) => (
              <Link to="/settings/$page" params={{ page: 'channels' }} {...props} />
            )}
          >
            {t('inbox.first.connect')}
          </Button>
        )
      }
    />
  );
}
