import { Button } from '@mantine/core';
import type { NotificationData, notifications as notificationsType } from '@mantine/notifications';
import { t } from '@/lib/i18n';
import { problemText } from './problem';
import css from './toast.module.css';

const UNDO_MS = 8000;
const DONE_MS = 4000;
const ERROR_MS = 10_000;
let lastUndo: { id: string; run: () => void } | null = null;

/** Says what was done and offers to take it back: by the button, or by `Z` while it shows. */
export function toastUndo(message: string, undo: () => void): void {
  const id = crypto.randomUUID();
  const forget = () => {
    if (lastUndo?.id === id) lastUndo = null;
  };
  const run = () => {
    forget();
    hide(id);
    undo();
  };
  lastUndo = { id, run };
  show({
    id,
    autoClose: UNDO_MS,
    onClose: forget,
    message: (
      <span className={css.line}>
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
  if (lastUndo === null) return false;
  lastUndo.run();
  return true;
}

export function toastDone(message: string): void {
  show({ message, color: 'teal', autoClose: DONE_MS });
}

/** For failures that have no place of their own on the screen. */
export function toastError(title: string, error: unknown): void {
  show({ title, message: problemText(error), color: 'red', autoClose: ERROR_MS });
}

function show(toast: NotificationData): void {
  const closeButtonProps = { 'aria-label': t('common.close') };
  withToasts((toasts) => toasts.show({ closeButtonProps, ...toast }));
}

function hide(id: string): void {
  withToasts((toasts) => toasts.hide(id));
}

type Toasts = typeof notificationsType;

function withToasts(work: (toasts: Toasts) => void): void {
  import('@mantine/notifications')
    .then(({ notifications }) => work(notifications))
    .catch(console.error); // offline before they were fetched: what they would say shows in place too
}
