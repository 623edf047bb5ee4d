/**
 * The page around the frame, if there is one. What comes is believed of its window and its origin
 * alone, what goes is addressed to that origin; the hub's `frame-ancestors` says who it may be.
 */

export type Say = (name: string, ...rest: unknown[]) => void;

export const isFramed = parent !== window;

/** Origin of the page around us, as the browser says; empty when there is none. */
export const site = isFramed ? (location.ancestorOrigins?.[0] ?? origin(document.referrer)) : '';

function origin(address: string): string {
  try {
    return new URL(address).origin;
  } catch {
    return '';
  }
}

export const tell: Say = (...punte) => {
  if (site) parent.postMessage({ punte }, site);
};

/** Calls `heard` with every command of the page, and tells it that we listen. */
export function listen(heard: (name: string, ...rest: unknown[]) => void): void {
  addEventListener('message', (event: MessageEvent<{ punte?: unknown } | null>) => {
    if (!site || event.source !== parent || event.origin !== site) return;
    const call = event.data?.punte;
    if (Array.isArray(call)) heard(String(call[0]), ...(call.slice(1) as unknown[]));
  });
  tell('ready');
}
