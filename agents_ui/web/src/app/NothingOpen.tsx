import { Button } from '@mantine/core';
import { IconMessages } from '@tabler/icons-react';
import type { ViewKey } from '@/api/types';
import { useCount } from '@/entities/live';
import { useT } from '@/ui/i18n';
import { EmptyState } from '@/ui/states';
import { useGo } from './useGo';
import css from './inbox.module.css';

/** The middle of the inbox before a conversation is opened. */
export function NothingOpen({ view }: { view: ViewKey }) {
  const t = useT();
  const go = useGo();
  const [total] = useCount(view);
  return (
    <div className={css.nothing}>
      <EmptyState
        icon={<IconMessages size={26} stroke={1.6} />}
        title={t(total > 0 ? 'shell.pick' : 'shell.pick_none')}
        text={t(total > 0 ? 'shell.pick_text' : 'shell.pick_none_text')}
        action={
          <Button variant="default" onClick={go.compose}>
            {t('shell.compose')}
          </Button>
        }
      />
    </div>
  );
}
