import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { useId, useState } from 'react';
import type { Entry } from '@/api/types';
import { useHub } from '@/entities/live';
import { sayEntry } from '@/entities/message/sayEntry';
import { clockTime, fullTime } from '@/lib/format';
import { useT } from '@/ui/i18n';
import css from './thread.module.css';

/** More changes than this between two messages are one line until somebody asks. */
const SHOWN = 2;

/** What happened between two messages, in sentences: "Ana assigned this to Ion". */
export function EventGroup({ entries }: { entries: readonly Entry[] }) {
  const t = useT();
  const id = useId();
  const [open, setOpen] = useState(false);
  if (entries.length <= SHOWN) return <EventLines entries={entries} />;
  return (
    <div className={css.changes}>
      <button
        type="button"
        className={css.unfold}
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpen(!open)}
      >
        {open ? (
          <IconChevronDown size={14} aria-hidden />
        ) : (
          <IconChevronRight size={14} aria-hidden />
        )}
        {t('thread.changes', { count: entries.length })}
      </button>
      <div id={id} hidden={!open}>
        {open && <EventLines entries={entries} />}
      </div>
    </div>
  );
}

function EventLines({ entries }: { entries: readonly Entry[] }) {
  const { store } = useHub();
  useT();
  return (
    <ul className={css.events}>
      {entries.map((entry) => (
        <li key={entry.seq}>
          {sayEntry(entry, {
            agent: (id) => store.agents.get(id)?.name,
            team: (id) => store.teams.get(id)?.name,
            tag: (id) => store.tags.get(id)?.name,
          })}
          <time dateTime={entry.at} title={fullTime(entry.at)}>
            {clockTime(entry.at)}
          </time>
        </li>
      ))}
    </ul>
  );
}
