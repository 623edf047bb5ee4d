import type { ReactNode } from 'react';
import { LanguageMenu, ThemeChoice } from '@/ui/Preferences';
import { Logo } from '@/ui/Logo';
import css from './frame.module.css';

interface Props {
  title: string;
  lead?: string;
  children: ReactNode;
}

/** The page around everything that happens before somebody is signed in. */
export function AuthFrame({ title, lead, children }: Props) {
  return (
    <div className={css.page}>
      <header className={css.top}>
        <LanguageMenu />
        <ThemeChoice />
      </header>
      <main className={css.main}>
        <div className={css.brand}>
          <Logo size={34} />
          Punte
        </div>
        <section className={css.card}>
          <h1 className={css.title}>{title}</h1>
          {lead && <p className={css.lead}>{lead}</p>}
          {children}
        </section>
      </main>
    </div>
  );
}
