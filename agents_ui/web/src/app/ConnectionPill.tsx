import { Button } from '@mantine/core';
import { IconCloudOff, IconLoader2, IconRefresh } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useHub, useLink, usePendingCount } from '@/entities/live';
import { clockTime } from '@/lib/format';
import { useT } from '@/ui/i18n';
import css from './shell.module.css';

/** Most trouble is over before anybody has to know. */
const HELD_BACK_MS = 1500;
const OFFLINE_MS = 10_000;

export function ConnectionPill() {
  const t = useT();
  const hub = useHub();
  const link = useLink();
  const waiting = usePendingCount();
  const age = useAge(link.since);
  if (link.state === 'live') {
    return link.stale ? (
      <div className={css.pill} role="status">
        <IconRefresh size={16} stroke={1.6} aria-hidden />
        {t('shell.new_build')}
        <Button
          size="compact-xs"
          variant="light"
          onClick={() => void hub.flushDrafts().then(() => window.location.reload())}
        >
          {t('shell.reload')}
        </Button>
      </div>
    ) : null;
  }
  if (age < HELD_BACK_MS || ['auth', 'replaced', 'obsolete'].includes(link.state)) return null;
  if (age > OFFLINE_MS && link.since !== null) {
    return (
      <div className={css.pill} data-tone="warn" role="status">
        <IconCloudOff size={16} stroke={1.6} aria-hidden />
        {t('shell.offline_since', { time: clockTime(new Date(link.since).toISOString()) })}{' '}
        {t('shell.offline_waiting', { count: waiting })}
      </div>
    );
  }
  return (
    <div className={css.pill} role="status">
      <IconLoader2 size={16} stroke={1.6} className={css.spin} aria-hidden />
      {link.state === 'catching-up' || link.state === 'syncing'
        ? t('shell.catching_up')
        : t('shell.reconnecting')}
    </div>
  );
}

/** Milliseconds since a moment, in half seconds; 0 while there is none. */
function useAge(since: number | null): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (since === null) return;
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, [since]);
  return since === null ? 0 : Math.max(0, now - since);
}
