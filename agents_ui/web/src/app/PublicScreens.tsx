import { useState } from 'react';
import { LinkPage, SetupPage } from '@/features/auth';

/** The secret stands behind the # so that it is in no server's log; it leaves the address at once. */
function useToken(): string {
  const [token] = useState(() => {
    const found = new URLSearchParams(window.location.hash.slice(1)).get('token') ?? '';
    if (found) window.history.replaceState(null, '', window.location.pathname);
    return found;
  });
  return token;
}

/** A fresh load, so that nothing of another session is in memory. */
const enter = () => window.location.assign('/');

export function SetupScreen() {
  return <SetupPage token={useToken()} onDone={enter} />;
}

export function LinkScreen() {
  return <LinkPage token={useToken()} onDone={enter} />;
}
