import { lazy, Suspense, type ComponentType, type ReactNode } from 'react';

type Loader<P> = () => Promise<ComponentType<P>>;

/** A part of the page in its own chunk: fetched when the browser has nothing better to do. */
export function later<P extends object>(
  load: Loader<P>,
  waiting: ReactNode = null,
): ComponentType<P> {
  const Part = lazy(async () => ({ default: await load() }));
  waits.push(load as Loader<never>);
  return function Later(props: P) {
    return (
      <Suspense fallback={waiting}>
        <Part {...props} />
      </Suspense>
    );
  };
}

const waits: Loader<never>[] = [];

/** Fetches the parts that will be wanted next, one after another, once the page is usable. */
export function fetchLater(): void {
  const next = waits.shift();
  if (!next) return;
  const idle = (run: () => void) =>
    'requestIdleCallback' in window ? requestIdleCallback(run) : setTimeout(run, 200);
  // A part that cannot be fetched now is asked for again when it is shown.
  idle(() => void next().then(fetchLater, fetchLater));
}
