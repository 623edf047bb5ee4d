/** One tab of the browser does what must happen once: leftover sends, sounds, notifications. */

export interface Leader {
  isLeader(): boolean;
  resign(): void;
}

/** Stands for election; when the leader's tab closes or dies, the next in line takes over. */
export function electLeader(
  elected: () => void,
  locks: LockManager | undefined = navigator.locks,
): Leader {
  let leads = false;
  let resign = () => {};
  if (!locks) {
    leads = true; // an origin without TLS has no locks; each tab then does it, keys keep it single
    elected();
    return { isLeader: () => leads, resign };
  }
  const held = new Promise<void>((resolve) => {
    resign = () => {
      leads = false;
      resolve();
    };
  });
  const abort = new AbortController();
  locks
    .request('punte-leader', { signal: abort.signal }, () => {
      leads = true;
      elected();
      return held;
    })
    .catch(() => undefined); // resigned while waiting
  return {
    isLeader: () => leads,
    resign: () => {
      abort.abort();
      resign();
    },
  };
}
