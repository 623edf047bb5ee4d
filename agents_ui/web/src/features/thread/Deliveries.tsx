import {
  IconAlertTriangle,
  IconCheck,
  IconChecks,
  IconClock,
  IconClockHour4,
  IconHelpCircle,
  IconSend,
} from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import { api } from '@/api/http';
import type { Delivery, Message } from '@/api/types';
import { outcomeOf, startOf, troubled, type Outcome } from '@/entities/message/delivery';
import { shortDateTime } from '@/lib/format';
import { tMaybe, type Key } from '@/lib/i18n';
import { useNow } from '@/ui/clock';
import { useT } from '@/ui/i18n';
import { toastError } from '@/ui/toast';
import { Held } from './Held';
import css from './message.module.css';

const ICONS: Partial<Record<Outcome, ReactNode>> = {
  queued: <IconClock size={14} aria-hidden />,
  sending: <IconSend size={14} aria-hidden />,
  sent: <IconCheck size={14} aria-hidden />,
  delivered: <IconChecks size={14} aria-hidden />,
  read: <IconChecks size={14} aria-hidden />,
  cancelled: <IconClock size={14} aria-hidden />,
};

/** What became of a message, never more than is known. */
export function Deliveries({ message }: { message: Message }) {
  const t = useT();
  const now = useNow();
  const outcome = outcomeOf(message, now);
  if (outcome === 'none') return null;
  if (outcome === 'held') return <Held message={message} />;
  if (outcome === 'scheduled') return <Scheduled message={message} />;
  const troubles = troubled(message);
  if (troubles.length > 0) return <Troubles message={message} troubles={troubles} />;
  return (
    <p className={css.state} data-state={outcome}>
      {ICONS[outcome]}
      {t(`message.state.${outcome}` as Key)}
      {outcome === 'cancelled' && <Again message={message} label={t('message.send_again')} />}
    </p>
  );
}

function Scheduled({ message }: { message: Message }) {
  const t = useT();
  const start = startOf(message);
  const cancel = () => {
    api
      .post(`/api/messages/${message.id}/cancel`)
      .catch((error: unknown) => toastError(t('message.cancel_failed'), error));
  };
  return (
    <p className={css.state} data-state="scheduled">
      <IconClockHour4 size={14} aria-hidden />
      {start !== null &&
        t('message.scheduled', { at: shortDateTime(new Date(start).toISOString()) })}
      <button type="button" className={css.link} onClick={cancel}>
        {t('message.cancel')}
      </button>
    </p>
  );
}

/** Recipients who got nothing, or of whom nobody knows, each with the reason in words. */
function Troubles({ message, troubles }: { message: Message; troubles: readonly Delivery[] }) {
  const t = useT();
  const unknown = troubles.every(({ state }) => state === 'unknown');
  const others = message.deliveries.length - troubles.length;
  return (
    <div className={css.trouble} role="alert" data-unknown={unknown || undefined}>
      {unknown ? (
        <IconHelpCircle size={18} stroke={1.6} aria-hidden />
      ) : (
        <IconAlertTriangle size={18} stroke={1.6} aria-hidden />
      )}
      <div className={css.reasons}>
        <strong>{t(unknown ? 'message.unknown' : 'message.failed')}</strong>
        {troubles.map((delivery) => (
          <p key={delivery.id}>
            {delivery.display || delivery.address}: {reason(delivery)}
          </p>
        ))}
        {others > 0 && <p>{t('message.others_sent', { count: others })}</p>}
      </div>
      <Again
        message={message}
        deliveries={troubles}
        label={t(unknown ? 'message.resend' : 'message.retry')}
      />
    </div>
  );

  function reason({ state, error_code, error_text }: Delivery): string {
    const words = tMaybe(`delivery.${error_code}`, '');
    const said = error_text ?? '';
    if (words !== '') return said === '' ? words : `${words} (${said})`;
    return said || t(state === 'unknown' ? 'message.unknown_text' : 'message.failed_text');
  }
}

interface AgainProps {
  message: Message;
  deliveries?: readonly Delivery[];
  label: string;
}

function Again({ message, deliveries, label }: AgainProps) {
  const t = useT();
  const [busy, setBusy] = useState(false);
  const again = async () => {
    setBusy(true);
    const body = deliveries ? { delivery_ids: deliveries.map(({ id }) => id) } : {};
    try {
      await api.post(`/api/messages/${message.id}/retry`, body);
    } catch (error) {
      toastError(t('message.retry_failed'), error);
    }
    setBusy(false);
  };
  return (
    <button type="button" className={css.button} disabled={busy} onClick={() => void again()}>
      {label}
    </button>
  );
}
