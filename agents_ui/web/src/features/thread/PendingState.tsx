import { IconAlertTriangle, IconClock, IconCloudOff } from '@tabler/icons-react';
import type { Message } from '@/api/types';
import { useHub, useLink, useMe, usePending } from '@/entities/live';
import { unsigned } from '@/entities/message/signature';
import { tMaybe } from '@/lib/i18n';
import { useT } from '@/ui/i18n';
import css from './message.module.css';

/** What holds a message this browser has promised to send. */
export function PendingState({ message }: { message: Message }) {
  const t = useT();
  const hub = useHub();
  const link = useLink();
  const { signature } = useMe();
  const pending = usePending(message.conversation_id).find(({ token }) => token === message.id);
  if (!pending) return null;
  if (pending.state === 'refused') {
    const { code = '', detail = '' } = pending.problem ?? {};
    const takeBack = () => {
      hub.discard(pending.token);
      const { kind, text, recipients = [], attachments, subject = '', base_seq } = pending.body;
      hub.saveDraft(
        pending.conversation_id,
        kind,
        { text: unsigned(text, signature), recipients, attachments, subject },
        base_seq,
      );
    };
    return (
      <div className={css.trouble} role="alert">
        <IconAlertTriangle size={18} stroke={1.6} aria-hidden />
        <div className={css.reasons}>
          <strong>{t('message.refused')}</strong>
          <p>{tMaybe(`problem.${code}`, detail)}</p>
        </div>
        <button type="button" className={css.button} onClick={takeBack}>
          {t('message.edit')}
        </button>
        <button type="button" className={css.button} onClick={() => hub.resend(pending.token)}>
          {t('message.retry')}
        </button>
      </div>
    );
  }
  const offline = link.state !== 'live' && pending.state === 'waiting';
  return (
    <p className={css.state} data-state="pending">
      {offline ? <IconCloudOff size={14} aria-hidden /> : <IconClock size={14} aria-hidden />}
      {t(offline ? 'message.offline' : 'message.state.sending')}
    </p>
  );
}
