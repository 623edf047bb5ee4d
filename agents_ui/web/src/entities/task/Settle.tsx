import { useState, type FormEvent } from 'react';
import type { Task } from '@/api/types';
import { useT } from '@/ui/i18n';
import { toastDone, toastError } from '@/ui/toast';
import { useChangeTask } from './useTasks';
import css from './task.module.css';

const RESULTS = ['called', 'no_answer', 'wrong_number', 'not_needed'] as const;
/** Nobody answered: the call is promised again, this much later. */
const AGAIN_MS = 60 * 60_000;

/** How a call went: one press settles it, a note may go with it. */
export function Settle({ task, onDone }: { task: Task; onDone: () => void }) {
  const t = useT();
  const change = useChangeTask();
  const [result, setResult] = useState<(typeof RESULTS)[number]>('called');
  const [note, setNote] = useState('');
  const [busy, setBusy] = useState(false);
  const put = async (what: Parameters<typeof change>[1]) => {
    setBusy(true);
    try {
      await change(task, what);
      toastDone(t('callbacks.saved'));
      onDone();
    } catch (error) {
      toastError(t('callbacks.failed'), error);
    }
    setBusy(false);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void put({ status: 'done', result_code: result, result_note: note.trim() });
  };
  return (
    <form className={css.settle} onSubmit={submit}>
      <div className={css.results} role="radiogroup" aria-label={t('callbacks.result')}>
        {RESULTS.map((code) => (
          <label key={code} className={css.result}>
            <input
              type="radio"
              name={`result ${task.id}`}
              checked={code === result}
              onChange={() => setResult(code)}
            />
            {t(`callbacks.result.${code}`)}
          </label>
        ))}
      </div>
      <input
        className={css.note}
        value={note}
        maxLength={4000}
        aria-label={t('callbacks.note')}
        placeholder={t('callbacks.note')}
        onChange={(event) => setNote(event.currentTarget.value)}
      />
      <div className={css.verbs}>
        <button type="button" className={css.button} onClick={onDone}>
          {t('common.cancel')}
        </button>
        {result === 'no_answer' && (
          <button
            type="button"
            className={css.button}
            disabled={busy}
            onClick={() =>
              void put({
                result_note: note.trim(),
                due_at: new Date(Date.now() + AGAIN_MS).toISOString(),
              })
            }
          >
            {t('callbacks.again')}
          </button>
        )}
        <button type="submit" className={css.button} data-strong disabled={busy}>
          {t('callbacks.save')}
        </button>
      </div>
    </form>
  );
}
