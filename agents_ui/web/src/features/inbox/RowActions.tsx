import {
  IconAlarm,
  IconCheck,
  IconRotate,
  IconSquareCheck,
  IconUserPlus,
} from '@tabler/icons-react';
import { useState } from 'react';
import type { Id } from '@/api/types';
import { useActions } from '@/entities/conversation/actions';
import { useConversation } from '@/entities/live';
import { MomentMenu } from '@/entities/pick/MomentMenu';
import { AssigneePicker } from '@/entities/pick/pickers';
import { useT } from '@/ui/i18n';
import css from './list.module.css';

interface RowActionsProps {
  id: Id;
  top: number;
  onPick: () => void;
}

/** What can be done to the row under the pointer; beside the listbox, for an option holds no buttons. */
export function RowActions({ id, top, onPick }: RowActionsProps) {
  const t = useT();
  const row = useConversation(id);
  const actions = useActions();
  const [shown, setShown] = useState<'assign' | 'snooze' | null>(null);
  if (!row) return null;
  const closed = row.status === 'closed';
  const toggleLabel = t(closed ? 'conversation.open' : 'conversation.close');
  return (
    <div className={css.actions} role="toolbar" aria-label={t('inbox.row_actions')} style={{ top }}>
      <button
        type="button"
        className={css.action}
        title={t('inbox.pick')}
        aria-label={t('inbox.pick')}
        onClick={onPick}
      >
        <IconSquareCheck size={18} stroke={1.6} aria-hidden />
      </button>
      <AssigneePicker
        value={row.assignee_id}
        onPick={(agent) => actions.assign(row, agent)}
        opened={shown === 'assign'}
        onOpened={(on) => setShown(on ? 'assign' : null)}
      >
        <button
          type="button"
          className={css.action}
          title={t('pick.assignee')}
          aria-label={t('pick.assignee')}
          onClick={() => setShown(shown === 'assign' ? null : 'assign')}
        >
          <IconUserPlus size={18} stroke={1.6} aria-hidden />
        </button>
      </AssigneePicker>
      <MomentMenu
        label={t('conversation.snooze')}
        opened={shown === 'snooze'}
        onOpened={(on) => setShown(on ? 'snooze' : null)}
        onPick={(until) => actions.snooze(row, until)}
      >
        <button
          type="button"
          className={css.action}
          title={t('conversation.snooze')}
          aria-label={t('conversation.snooze')}
          onClick={() => setShown(shown === 'snooze' ? null : 'snooze')}
        >
          <IconAlarm size={18} stroke={1.6} aria-hidden />
        </button>
      </MomentMenu>
      <button
        type="button"
        className={css.action}
        title={toggleLabel}
        aria-label={toggleLabel}
        onClick={() => (closed ? actions.open : actions.close)(row)}
      >
        {closed ? (
          <IconRotate size={18} stroke={1.6} aria-hidden />
        ) : (
          <IconCheck size={18} stroke={1.8} aria-hidden />
        )}
      </button>
    </div>
  );
}
