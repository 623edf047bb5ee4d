import { useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '@/api/http';
import type { Card, Id, Time } from '@/api/types';
import { useAgent, useMay } from '@/entities/live';
import { shortDateTime } from '@/lib/format';
import { useT } from '@/ui/i18n';
import { toastDone, toastError } from '@/ui/toast';
import { Section } from './Section';
import css from './card.module.css';

export interface Merge {
  id: Id;
  winner_id: Id;
  loser_id: Id;
  loser_name: string;
  by: Id | null;
  at: Time;
  undone_at: Time | null;
}

/** Cards that were merged into this one. Each merge can be undone, however old it is. */
export function Merges({ card }: { card: Card }) {
  const t = useT();
  const queries = useQueryClient();
  const { data = [] } = useQuery({
    queryKey: ['merges', card.id, card.rev],
    queryFn: () => api.get<Merge[]>(`/api/cards/${card.id}/merges`),
    enabled: useMay('card.merge'),
  });
  const standing = data.filter(({ undone_at }) => undone_at === null);
  if (standing.length === 0) return null;
  return (
    <Section title={t('card.merges')} closed>
      <ul className={css.lines}>
        {standing.map((merge) => (
          <MergeLine
            key={merge.id}
            merge={merge}
            onUndone={() => void queries.invalidateQueries()}
          />
        ))}
      </ul>
    </Section>
  );
}

function MergeLine({ merge, onUndone }: { merge: Merge; onUndone: () => void }) {
  const t = useT();
  const by = useAgent(merge.by);
  return (
    <li className={css.line}>
      <span className={css.lineText}>
        {merge.loser_name}
        <br />
        <span className={css.faint}>
          {shortDateTime(merge.at)}
          {by && ` · ${by.name}`}
        </span>
      </span>
      <button
        type="button"
        className={css.small}
        onClick={() => void undoMerge(merge.id).then(onUndone)}
      >
        {t('card.unmerge')}
      </button>
    </li>
  );

  async function undoMerge(id: Id): Promise<void> {
    try {
      await api.post(`/api/merges/${id}/undo`);
      toastDone(t('card.unmerged', { name: merge.loser_name }));
    } catch (error) {
      toastError(t('card.unmerge_failed'), error);
    }
  }
}
