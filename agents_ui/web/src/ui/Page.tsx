import type { ReactNode } from 'react';
import css from './page.module.css';

interface PageProps {
  title: string;
  lead?: string;
  actions?: ReactNode;
  children: ReactNode;
}

/** A page of settings: a title that says what it is for, its main action, its sections. */
export function Page({ title, lead, actions, children }: PageProps) {
  return (
    <div className={css.page}>
      <header className={css.head}>
        <div className={css.words}>
          <h1 className={css.title}>{title}</h1>
          {lead && <p className={css.lead}>{lead}</p>}
        </div>
        {actions && <div className={css.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}

interface SectionProps {
  title?: string;
  text?: string;
  children: ReactNode;
}

export function Section({ title, text, children }: SectionProps) {
  return (
    <section className={css.section}>
      {title && <h2 className={css.sectionTitle}>{title}</h2>}
      {text && <p className={css.text}>{text}</p>}
      {children}
    </section>
  );
}

/** Rows of one kind, in a quiet frame. */
export function Rows({ label, children }: { label: string; children: ReactNode }) {
  return (
    <ul className={css.rows} aria-label={label}>
      {children}
    </ul>
  );
}

interface RowProps {
  lead?: ReactNode;
  title: ReactNode;
  meta?: ReactNode;
  end?: ReactNode;
  children?: ReactNode;
}

export function Row({ lead, title, meta, end, children }: RowProps) {
  return (
    <li className={css.row}>
      <div className={css.line}>
        {lead}
        <div className={css.rowWords}>
          <div className={css.rowTitle}>{title}</div>
          {meta && <div className={css.meta}>{meta}</div>}
        </div>
        {end && <div className={css.end}>{end}</div>}
      </div>
      {children}
    </li>
  );
}

type Tone = 'good' | 'warn' | 'bad' | 'info' | 'quiet';

/** A word about a state; its colour only repeats it. */
export function Badge({ tone, children }: { tone: Tone; children: ReactNode }) {
  return (
    <span className={css.badge} data-tone={tone}>
      {children}
    </span>
  );
}
