import { IconAlertTriangle } from '@tabler/icons-react';
import { useEffect, useRef } from 'react';
import { list } from '@/lib/format';
import { useT } from '@/ui/i18n';
import type { Reason } from './guard';
import css from './composer.module.css';

interface AskProps {
  reasons: readonly Reason[];
  onSend: () => void;
  onBack: () => void;
}

/** What the agent should look at once more before the message leaves. */
export function Ask({ reasons, onSend, onBack }: AskProps) {
  const t = useT();
  const back = useRef<HTMLButtonElement>(null);
  useEffect(() => back.current?.focus(), []);
  return (
    <div className={css.ask} role="alertdialog" aria-label={t('composer.ask')}>
      <IconAlertTriangle size={18} stroke={1.6} aria-hidden />
      <ul>
        {reasons.map((reason) => (
          <li key={reason.kind}>{words(reason)}</li>
        ))}
      </ul>
      <button ref={back} type="button" className={css.small} onClick={onBack}>
        {t('composer.go_back')}
      </button>
      <button type="button" className={css.small} data-strong="" onClick={onSend}>
        {t('composer.send_anyway')}
      </button>
    </div>
  );

  function words(reason: Reason): string {
    switch (reason.kind) {
      case 'recipients':
        return t('composer.ask.recipients', {
          names: list(reason.addresses),
          count: reason.addresses.length,
        });
      case 'attachment':
        return t('composer.ask.attachment', { word: reason.word });
      case 'mention':
        return t('composer.ask.mention', { names: list(reason.names) });
    }
  }
}
