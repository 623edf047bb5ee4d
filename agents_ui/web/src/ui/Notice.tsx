import { IconAlertCircle, IconCircleCheck, IconInfoCircle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import css from './notice.module.css';

const ICONS = {
  bad: IconAlertCircle,
  warn: IconAlertCircle,
  good: IconCircleCheck,
  info: IconInfoCircle,
};

interface Props {
  tone: keyof typeof ICONS;
  title?: string;
  children?: ReactNode;
}

/** A message in the flow of a page: a word and a glyph, never colour alone. */
export function Notice({ tone, title, children }: Props) {
  const Icon = ICONS[tone];
  return (
    <div className={css.notice} data-tone={tone} role={tone === 'bad' ? 'alert' : 'status'}>
      <Icon size={18} stroke={1.6} aria-hidden className={css.icon} />
      <div>
        {title && <div className={css.title}>{title}</div>}
        {children}
      </div>
    </div>
  );
}
