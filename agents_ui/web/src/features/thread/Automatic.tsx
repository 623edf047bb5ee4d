import { IconRobot } from '@tabler/icons-react';
import { useId, useState, type ReactNode } from 'react';
import type { Message } from '@/api/types';
import { useT } from '@/ui/i18n';
import css from './message.module.css';

/** An out-of-office note, a bounce or a receipt: named for what it is, and folded. */
export function Automatic({ message, children }: { message: Message; children: ReactNode }) {
  const t = useT();
  const id = useId();
  const [open, setOpen] = useState(false);
  const what = message.automatic === 'receipt' ? 'thread.auto.receipt' : 'thread.auto.reply';
  return (
    <div className={css.automatic}>
      <p className={css.state}>
        <IconRobot size={16} stroke={1.6} aria-hidden />
        <span className={css.summary}>
          <b>{t(what)}</b> {open ? '' : firstLine(message.text)}
        </span>
        <button
          type="button"
          className={css.link}
          aria-expanded={open}
          aria-controls={id}
          onClick={() => setOpen(!open)}
        >
          {t(open ? 'thread.hide' : 'thread.show')}
        </button>
      </p>
      <div id={id} hidden={!open}>
        {open && children}
      </div>
    </div>
  );
}

function firstLine(text: string): string {
  return text.trim().split('\n', 1)[0]?.slice(0, 120) ?? '';
}
