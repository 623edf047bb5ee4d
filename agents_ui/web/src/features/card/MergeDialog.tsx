import { Button, Modal, TextInput } from '@mantine/core';
import { IconArrowsExchange, IconSearch } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useDeferredValue, useState } from 'react';
import { api, withQuery } from '@/api/http';
import type { Card, Id } from '@/api/types';
import { Avatar } from '@/entities/agent/Avatar';
import { tMaybe } from '@/lib/i18n';
import { useT } from '@/ui/i18n';
import { EmptyState, ErrorState, Skeleton } from '@/ui/states';
import { toastError, toastUndo } from '@/ui/toast';
import type { Merge } from './Merges';
import { sideOf, type Choices, type Difference } from './merge';
import css from './merge.module.css';

interface MergeDialogProps {
  card: Card;
  onClose: () => void;
}

/** Finds the other card of the same client, shows both side by side, and merges them. */
export function MergeDialog({ card, onClose }: MergeDialogProps) {
  const t = useT();
  const [other, setOther] = useState<Id | null>(null);
  const [swapped, setSwapped] = useState(false);
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={t('card.merge_title', { name: card.display_name })}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      {other === null ? (
        <FindCard card={card} onPick={setOther} />
      ) : (
        <Compare
          winner={swapped ? other : card.id}
          loser={swapped ? card.id : other}
          onSwap={() => setSwapped(!swapped)}
          onBack={() => setOther(null)}
          onClose={onClose}
        />
      )}
    </Modal>
  );
}

function FindCard({ card, onPick }: { card: Card; onPick: (id: Id) => void }) {
  const t = useT();
  const [text, setText] = useState(card.family_name || card.display_name);
  const q = useDeferredValue(text.trim());
  const { data, error } = useQuery({
    queryKey: ['cards', q],
    queryFn: ({ signal }) =>
      api.get<{ items: Card[] }>(withQuery('/api/cards', { q, limit: 12 }), { signal }),
    enabled: q !== '',
  });
  const found = data?.items.filter(({ id }) => id !== card.id) ?? [];
  return (
    <>
      <TextInput
        data-autofocus
        label={t('card.merge_find')}
        placeholder={t('card.merge_find_example')}
        leftSection={<IconSearch size={16} aria-hidden />}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      {error && <ErrorState error={error} />}
      {data && found.length === 0 && (
        <EmptyState title={t('card.merge_none')} text={t('card.merge_none_text')} />
      )}
      <ul className={css.found}>
        {found.map((one) => (
          <li key={one.id}>
            <button type="button" onClick={() => onPick(one.id)}>
              <Avatar id={one.id} name={one.display_name} size="sm" />
              <span>
                <b>{one.display_name}</b>
                <span className={css.faint}>
                  {one.identities.map(({ value }) => value).join(' · ')}
                </span>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

interface Preview {
  winner: Card;
  loser: Card;
  fields: Difference[];
  moves: Record<string, number>;
}

/** Rows a merge moves, in the order they are worth naming. */
const MOVED = ['conversation', 'card_identity', 'activity'] as const;

interface CompareProps {
  winner: Id;
  loser: Id;
  onSwap: () => void;
  onBack: () => void;
  onClose: () => void;
}

function Compare({ winner, loser, onSwap, onBack, onClose }: CompareProps) {
  const t = useT();
  const queries = useQueryClient();
  const [chosen, setChosen] = useState<Choices>({});
  const { data, error } = useQuery({
    queryKey: ['merge preview', winner, loser],
    queryFn: () => api.post<Preview>(`/api/cards/${winner}/merge/preview`, { loser_id: loser }),
  });
  const merge = useMutation({
    mutationFn: () =>
      api.post<{ merge: Merge }>(`/api/cards/${winner}/merge`, {
        loser_id: loser,
        choices: chosen,
      }),
    onSuccess: ({ merge: made }) => {
      onClose();
      void queries.invalidateQueries();
      toastUndo(t('card.merged', { name: data?.loser.display_name ?? '' }), () => {
        api
          .post(`/api/merges/${made.id}/undo`)
          .then(() => queries.invalidateQueries())
          .catch((reason: unknown) => toastError(t('card.unmerge_failed'), reason));
      });
    },
  });
  if (error) return <ErrorState error={error} onRetry={onBack} />;
  if (!data) return <Skeleton lines={8} />;
  return (
    <>
      <table className={css.compare}>
        <thead>
          <tr>
            <th scope="col">
              <span className="visually-hidden">{t('card.fields')}</span>
            </th>
            <th scope="col">
              {data.winner.display_name}
              <span className={css.faint}>{t('card.merge_stays')}</span>
            </th>
            <th scope="col">
              {data.loser.display_name}
              <span className={css.faint}>{t('card.merge_goes')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {data.fields.map((row) => (
            <tr key={row.field}>
              <th scope="row">{tMaybe(`card.field.${row.field}`, row.field)}</th>
              {(['winner', 'loser'] as const).map((which) => (
                <td key={which} aria-label={say(row.field, row[which])}>
                  <label className={css.choice}>
                    <input
                      type="radio"
                      name={`merge-${row.field}`}
                      checked={sideOf(row, chosen) === which}
                      onChange={() => setChosen({ ...chosen, [row.field]: which })}
                    />
                    <span>{say(row.field, row[which])}</span>
                  </label>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {data.fields.length === 0 && <p>{t('card.merge_no_difference')}</p>}
      <p className={css.faint}>
        {MOVED.flatMap((table) => {
          const count = data.moves[table] ?? 0;
          return count > 0 ? [t(`card.moves.${table}`, { count })] : [];
        }).join(' · ')}
      </p>
      <p className={css.faint}>{t('card.merge_undo_hint')}</p>
      {merge.error && <ErrorState error={merge.error} />}
      <div className={css.foot}>
        <Button variant="subtle" onClick={onBack}>
          {t('card.merge_another')}
        </Button>
        <Button variant="default" onClick={onSwap} leftSection={<IconArrowsExchange size={16} />}>
          {t('card.merge_swap')}
        </Button>
        <Button loading={merge.isPending} onClick={() => merge.mutate()}>
          {t('card.merge_do')}
        </Button>
      </div>
    </>
  );
}

/** A value in the reader's words where its field has a list of them. */
function say(field: string, value: unknown): string {
  if (value === null || value === undefined || value === '') return '—';
  return typeof value === 'string'
    ? tMaybe(`card.${field}.${value}`, value)
    : JSON.stringify(value);
}
