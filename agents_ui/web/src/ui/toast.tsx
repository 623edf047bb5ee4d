import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { t } from '@/lib/i18n';

const UNDO_MS = 8000;
let lastUndo: { id: string; run: () => void } | null = null;

/** Says what was done and offers to take it back: by the button, or by `Z` while it shows. */
export function toastUndo(message: string, undo: () => void): void {
  const id = crypto.randomUUID();
  const run = () => {
    notifications.hide(id);
    if (lastUndo?.id === id) lastUndo = null;
    undo();
  };
  lastUndo = { id, run };
  notifications.show({
    id,
    autoClose: UNDO_MS,
    onClose: () => {
      if (lastUndo?.id === id) lastUndo = null;
    },
    message: (
      <span className="toast-line">
        {message}
        <Button size="compact-sm" variant="subtle" onClick={run}>
          {t('common.undo')}
        </Button>
      </span>
    ),
  });
}

/** Takes back the newest thing that can be; false when there is none. */
export function undoLast(): boolean {
  lastUndo?.run();
  return lastUndo !== null;
}

export function toastDone(message: string): void {
  notifications.show({ message, color: 'teal', autoClose: 4000 });
}

/** For failures that have no place of their own on the screen. */
export function toastError(title: string, error: unknown): void {
  const message = error instanceof Error ? error.message : t('common.failed_hint');
  notifications.show({ title, message, color: 'red', autoClose: 10_000 });
}
