import { useSyncExternalStore } from 'react';

/** wide: three panes; medium: the context panel is a drawer; narrow: list or thread; phone: one column. */
export type Layout = 'wide' | 'medium' | 'narrow' | 'phone';

const QUERIES: readonly (readonly [Layout, string])[] = [
  ['wide', '(min-width: 1280px)'],
  ['medium', '(min-width: 900px)'],
  ['narrow', '(min-width: 600px)'],
];

function read(): Layout {
  return QUERIES.find(([, query]) => matchMedia(query).matches)?.[0] ?? 'phone';
}

function subscribe(listener: () => void): () => void {
  const lists = QUERIES.map(([, query]) => matchMedia(query));
  for (const list of lists) list.addEventListener('change', listener);
  return () => {
    for (const list of lists) list.removeEventListener('change', listener);
  };
}

export function useLayout(): Layout {
  return useSyncExternalStore(subscribe, read);
}

const ROOMY = '(min-width: 1360px)';

function subscribeRoomy(listener: () => void): () => void {
  const list = matchMedia(ROOMY);
  list.addEventListener('change', listener);
  return () => list.removeEventListener('change', listener);
}

/** Whether the column of lists fits beside three panes without squeezing the thread. */
export function useRoomForLists(): boolean {
  return useSyncExternalStore(subscribeRoomy, () => matchMedia(ROOMY).matches);
}
