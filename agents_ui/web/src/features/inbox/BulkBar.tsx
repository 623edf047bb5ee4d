import {
  IconAlarm,
  IconCheck,
  IconShieldX,
  IconTag,
  IconTrash,
  IconUserPlus,
  IconX,
} from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import type { ConversationItem, Id } from '@/api/types';
import { useHub } from '@/entities/live';
import { MomentMenu } from '@/entities/pick/MomentMenu';
import { AssigneePicker, TagPicker } from '@/entities/pick/pickers';
import type { ConversationPatch } from '@/sync/types';
import { useHotkeys } from '@/ui/hotkeys';
import { useT } from '@/ui/i18n';
import { toastError } from '@/ui/toast';
import { changeAll } from './bulk';
import css from './list.module.css';

export type Shown = 'assign' | 'snooze' | 'tags' | null;

interface BulkBarProps {
  ids: readonly Id[];
  /** The picker a key asked for. */
  first: Shown;
  onDone: () => void;
}

/** What can be done to all picked rows. */
export function BulkBar({ ids, first, onDone }: BulkBarProps) {
  const t = useT();
  const hub = useHub();
  const [shown, setShown] = useState<Shown>(first);
  const [tags, setTags] = useState<readonly string[]>([]);
  const apply = (patch: ConversationPatch) => applyTo(() => patch);
  const applyTo = (patchOf: (row: ConversationItem) => ConversationPatch) => {
    const rows = ids.flatMap((id) => hub.store.conversations.get(id) ?? []);
    changeAll(hub, rows, patchOf).catch((error: unknown) =>
      toastError(t('conversation.change_failed'), error),
    );
    onDone();
  };
  const show = (which: Shown) => (on: boolean) => setShown(on ? which : null);
  useHotkeys('keys.bulk', [
    { keys: 'e', run: () => apply({ status: 'closed' }) },
    { keys: 'a', run: () => setShown('assign') },
    { keys: 'h', run: () => setShown('snooze') },
    { keys: 'l', run: () => setShown('tags') },
    { keys: 'escape', run: onDone },
  ]);
  const tool = (label: string, icon: ReactNode, onClick: () => void) => (
    <button type="button" className={css.action} title={label} aria-label={label} onClick={onClick}>
      {icon}
    </button>
  );
  const closeTags = (on: boolean) => {
    setShown(on ? 'tags' : null);
    if (on || tags.length === 0) return;
    applyTo((row) => ({ tag_ids: [...new Set([...row.tag_ids, ...tags])] }));
  };
  return (
    <div className={css.bulk} role="toolbar" aria-label={t('inbox.bulk.label')}>
      <span className={css.picked} role="status">
        {t('inbox.bulk.picked', { count: ids.length })}
      </span>
      <AssigneePicker
        value={null}
        onPick={(agent) => apply({ assignee_id: agent })}
        opened={shown === 'assign'}
        onOpened={show('assign')}
      >
        {tool(t('pick.assignee'), <IconUserPlus size={18} stroke={1.6} aria-hidden />, () =>
          setShown('assign'),
        )}
      </AssigneePicker>
      <TagPicker value={tags} onPick={setTags} opened={shown === 'tags'} onOpened={closeTags}>
        {tool(t('pick.tags'), <IconTag size={18} stroke={1.6} aria-hidden />, () =>
          closeTags(shown !== 'tags'),
        )}
      </TagPicker>
      <MomentMenu
        label={t('conversation.snooze')}
        opened={shown === 'snooze'}
        onOpened={show('snooze')}
        onPick={(until) => apply({ status: 'snoozed', snoozed_until: until.toISOString() })}
      >
        {tool(t('conversation.snooze'), <IconAlarm size={18} stroke={1.6} aria-hidden />, () =>
          setShown(shown === 'snooze' ? null : 'snooze'),
        )}
      </MomentMenu>
      {tool(t('conversation.close'), <IconCheck size={18} stroke={1.8} aria-hidden />, () =>
        apply({ status: 'closed' }),
      )}
      {tool(t('conversation.spam'), <IconShieldX size={18} stroke={1.6} aria-hidden />, () =>
        apply({ folder: 'spam' }),
      )}
      {tool(t('conversation.trash'), <IconTrash size={18} stroke={1.6} aria-hidden />, () =>
        apply({ folder: 'trash' }),
      )}
      {tool(t('inbox.bulk.clear'), <IconX size={18} stroke={1.6} aria-hidden />, onDone)}
    </div>
  );
}
