import { useEffect, useState } from 'react';
import { api } from '@/api/http';
import type { Message } from '@/api/types';
import { startsIn } from '@/entities/message/delivery';
import { useHub, useMe } from '@/entities/live';
import { recallSent } from '@/entities/message/sent';
import { unsigned } from '@/entities/message/signature';
import { useT } from '@/ui/i18n';
import { toastError } from '@/ui/toast';
import css from './message.module.css';

/** The undo window of a sent message: seconds that run down, and the way back into the composer. */
export function Held({ message }: { message: Message }) {
  const t = useT();
  const hub = useHub();
  const { id: me, signature } = useMe();
  const [now, setNow] = useState(() => Date.now());
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), 250);
    return () => window.clearInterval(timer);
  }, []);
  const left = Math.ceil(startsIn(message, now) / 1000);
  const undo = async () => {
    setBusy(true);
    try {
      await api.post(`/api/messages/${message.id}/cancel`);
      const written = recallSent(message.client_token) ?? {
        text: unsigned(message.text, signature),
        recipients: message.recipients.filter(({ role }) => role !== 'reply_to'),
        attachments: [],
        subject: '',
      };
      hub.saveDraft(message.conversation_id, 'reply', written, message.seq);
    } catch (error) {
      toastError(t('message.undo_failed'), error);
      setBusy(false);
    }
  };
  return (
    <p className={css.state} data-state="held">
      {left > 0 ? (
        <>
          <span className={css.countdown} aria-hidden>
            {left}
          </span>
          {t('message.held')}
          {message.author.id === me && (
            <button type="button" className={css.link} disabled={busy} onClick={() => void undo()}>
              {t('common.undo')}
            </button>
          )}
        </>
      ) : (
        t('message.state.sending')
      )}
    </p>
  );
}
