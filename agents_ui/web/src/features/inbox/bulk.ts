import { api } from '@/api/http';
import type { ConversationItem, Id } from '@/api/types';
import { grouped, inverse } from '@/entities/conversation/patches';
import { list } from '@/lib/format';
import { t } from '@/lib/i18n';
import type { ConversationPatch, Hub } from '@/sync/types';
import { toastError, toastUndo } from '@/ui/toast';

interface BulkResult {
  failed: { id: Id; code: string; detail: string }[];
}

const change = (ids: readonly Id[], patch: ConversationPatch) =>
  api.post<BulkResult>('/api/conversations/bulk', { ids, patch }, { timeout: 60_000 });

const NAMED = 3;

/** What did not work, by number and reason: nothing fails in silence. */
export class SomeFailed extends Error {
  constructor(failed: BulkResult['failed'], rows: readonly ConversationItem[]) {
    const numbers = new Map(rows.map(({ id, number }) => [id, `#${number}`]));
    const named = failed.slice(0, NAMED).map(({ id, detail }) => `${numbers.get(id)}: ${detail}`);
    const more = failed.length - named.length;
    super(list(more > 0 ? [...named, t('inbox.bulk.more', { count: more })] : named));
  }
}

/** Change many conversations at once, report what could not be changed, and offer the way back. */
export async function changeAll(
  hub: Hub,
  rows: readonly ConversationItem[],
  patchOf: (row: ConversationItem) => ConversationPatch,
): Promise<void> {
  const answers = await Promise.all(
    grouped(rows, patchOf).map(({ ids, patch }) => change(ids, patch)),
  );
  const failed = answers.flatMap((answer) => answer.failed);
  if (failed.length > 0) {
    const title = t('inbox.bulk.some_failed', { count: failed.length });
    toastError(title, new SomeFailed(failed, rows));
  }
  const refused = new Set(failed.map(({ id }) => id));
  const done = rows.filter(({ id }) => !refused.has(id));
  if (done.length === 0) return;
  toastUndo(t('inbox.bulk.done', { count: done.length }), () => {
    const me = hub.store.me.get()?.id ?? '';
    const steps = grouped(done, (row) => inverse(row, patchOf(row), me));
    Promise.all(steps.map((step) => change(step.ids, step.patch))).catch((error: unknown) =>
      toastError(t('conversation.change_failed'), error),
    );
  });
}
