import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { onSignedOut } from '@/api/http';
import { useHub, useLink, useMe } from '@/entities/live';
import { later } from '@/ui/lazy';

const SignInAgain = later(async () => (await import('./SignedOutDialogs')).SignInAgain);
const Ended = later(async () => (await import('./SignedOutDialogs')).Ended);

/** Watches for the end of the session, or of this tab: nothing that was written may be lost. */
export function SignedOut() {
  const hub = useHub();
  const me = useMe();
  const { state } = useLink();
  const queries = useQueryClient();
  const [refused, setRefused] = useState(false);
  useEffect(() => {
    onSignedOut(() => setRefused(true));
    return () => onSignedOut(() => {});
  }, []);
  const goOn = (who: { id: string }) => {
    if (who.id !== me.id) return window.location.reload();
    setRefused(false);
    hub.resume();
    void queries.invalidateQueries(); // what was refused meanwhile
  };
  if (state === 'replaced' || state === 'obsolete') return <Ended state={state} />;
  if (refused || state === 'auth') return <SignInAgain login={me.login} onDone={goOn} />;
  return null;
}
