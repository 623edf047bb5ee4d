import {
  IconArrowDownLeft,
  IconArrowMerge,
  IconArrowUpRight,
  IconLock,
  IconPhone,
  IconPoint,
} from '@tabler/icons-react';
import type { Activity, Id } from '@/api/types';
import { useAgent } from '@/entities/live';
import { fullTime, listTime } from '@/lib/format';
import { tMaybe } from '@/lib/i18n';
import { useNow } from '@/ui/clock';
import { useT } from '@/ui/i18n';
import { More } from './More';
import { usePages } from './paging';
import css from './card.module.css';

interface HappeningsProps {
  cardId: Id;
  onOpen: (id: Id) => void;
}

/** Everything that happened with the client on every channel, newest first. */
export function Happenings({ cardId, onOpen }: HappeningsProps) {
  const t = useT();
  const pages = usePages<Activity>(`/api/cards/${cardId}/timeline`);
  if (pages.isSuccess && pages.items.length === 0) {
    return <p className={css.none}>{t('card.nothing_happened')}</p>;
  }
  return (
    <>
      <ol className={css.lines}>
        {pages.items.map((one) => (
          <Happening key={one.id} activity={one} onOpen={onOpen} />
        ))}
      </ol>
      <More pages={pages} />
    </>
  );
}

const ICONS = {
  note: IconLock,
  call: IconPhone,
  merge: IconArrowMerge,
  in: IconArrowDownLeft,
  out: IconArrowUpRight,
  other: IconPoint,
} as const;

function glyphOf({ kind, direction }: Activity): keyof typeof ICONS {
  if (kind === 'note' || kind === 'call' || kind === 'merge') return kind;
  return direction === 'in' || direction === 'out' ? direction : 'other';
}

function Happening({ activity, onOpen }: { activity: Activity; onOpen: (id: Id) => void }) {
  const now = useNow();
  const agent = useAgent(activity.agent_id);
  const { conversation_id: id, kind, direction, at, summary } = activity;
  const Icon = ICONS[glyphOf(activity)];
  const what = tMaybe(`card.activity.${kind}_${direction}`, tMaybe(`card.activity.${kind}`, kind));
  const content = (
    <>
      <Icon size={16} stroke={1.7} aria-hidden />
      <span className={css.lineText}>
        <span className={css.faint}>
          {what}
          {agent && ` · ${agent.name}`}
        </span>
        <br />
        {summary}
      </span>
      <time className={css.faint} dateTime={at} title={fullTime(at)}>
        {listTime(at, now)}
      </time>
    </>
  );
  return (
    <li>
      {id === null ? (
        <div className={css.line}>{content}</div>
      ) : (
        <button type="button" className={css.line} onClick={() => onOpen(id)}>
          {content}
        </button>
      )}
    </li>
  );
}
