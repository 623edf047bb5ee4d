import { cloneElement, Fragment, useSyncExternalStore, type ReactElement } from 'react';
import { locale, onLocale, t, type Key, type Vars } from '@/lib/i18n';

/** `t`, re-rendering the component when the language changes. */
export function useT(): typeof t {
  useSyncExternalStore(onLocale, locale);
  return t;
}

/** A text with markup: `<0>…</0>` in the catalogue becomes `parts[0]` around the words. */
export function T({ k, vars, parts }: { k: Key; vars?: Vars; parts: readonly ReactElement[] }) {
  const text = useT()(k, vars);
  const pieces = text.split(/<(\d)>(.*?)<\/\1>/g);
  return pieces.map((piece, at) => {
    if (at % 3 === 0) return <Fragment key={at}>{piece}</Fragment>;
    if (at % 3 === 1) return null;
    const part = parts[Number(pieces[at - 1])];
    return part ? cloneElement(part, { key: at }, piece) : piece;
  });
}
