import { IconChevronRight } from '@tabler/icons-react';
import { useId, useState, type ReactNode } from 'react';
import css from './card.module.css';

interface SectionProps {
  title: string;
  /** Starts folded; what is inside is not even asked for until it is opened. */
  closed?: boolean;
  action?: ReactNode;
  children: ReactNode;
}

export function Section({ title, closed = false, action, children }: SectionProps) {
  const id = useId();
  const [open, setOpen] = useState(!closed);
  return (
    <section className={css.section}>
      <header className={css.sectionHead}>
        <h3>
          <button
            type="button"
            aria-expanded={open}
            aria-controls={id}
            onClick={() => setOpen(!open)}
          >
            <IconChevronRight size={16} stroke={1.8} aria-hidden />
            {title}
          </button>
        </h3>
        {open && action}
      </header>
      <div id={id} hidden={!open}>
        {open && children}
      </div>
    </section>
  );
}
