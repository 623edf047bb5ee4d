import { IconSignature, IconX } from '@tabler/icons-react';
import { useT } from '@/ui/i18n';
import css from './composer.module.css';

interface SignatureLineProps {
  signature: string;
  onRemove: () => void;
}

/** What will stand below the answer, and the way to leave it out this once. */
export function SignatureLine({ signature, onRemove }: SignatureLineProps) {
  const t = useT();
  return (
    <div className={css.signature} role="group" aria-label={t('composer.signature')}>
      <IconSignature size={16} stroke={1.6} aria-hidden />
      <span>{signature.trim().replaceAll('\n', ' · ')}</span>
      <button type="button" aria-label={t('composer.no_signature')} onClick={onRemove}>
        <IconX size={14} aria-hidden />
      </button>
    </div>
  );
}
