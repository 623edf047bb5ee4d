import { Button, Modal } from '@mantine/core';
import { lazy, Suspense, useEffect, useState } from 'react';
import { onSignedOut } from '@/api/http';
import { useHub, useLink, useMe } from '@/entities/live';
import { useT } from '@/ui/i18n';

const SignInForm = lazy(async () => ({ default: (await import('@/features/auth')).SignInForm }));

/** The session ended while somebody works: sign in over the page, so that nothing is lost. */
export function SignedOut() {
  const t = useT();
  const hub = useHub();
  const me = useMe();
  const { state } = useLink();
  const [refused, setRefused] = useState(false);
  useEffect(() => {
    onSignedOut(() => setRefused(true));
    return () => onSignedOut(() => {});
  }, []);
  const ended = refused || state === 'auth';
  const goOn = (who: { id: string }) => {
    if (who.id !== me.id) return window.location.reload();
    setRefused(false);
    hub.resume();
  };
  return (
    <>
      <Modal
        opened={ended}
        onClose={() => {}}
        withCloseButton={false}
        closeOnEscape={false}
        closeOnClickOutside={false}
        title={t('auth.again_title')}
        centered
      >
        <p>{t('auth.again_text')}</p>
        <Suspense>{ended && <SignInForm login={me.login} onDone={goOn} />}</Suspense>
      </Modal>
      <Modal
        opened={state === 'replaced' || state === 'obsolete'}
        onClose={() => {}}
        withCloseButton={false}
        closeOnEscape={false}
        closeOnClickOutside={false}
        title={t(state === 'obsolete' ? 'shell.obsolete' : 'shell.replaced')}
        centered
      >
        <p>{t(state === 'obsolete' ? 'shell.obsolete_text' : 'shell.replaced_text')}</p>
        <Button data-autofocus onClick={() => window.location.reload()}>
          {t(state === 'obsolete' ? 'shell.reload' : 'shell.use_here')}
        </Button>
      </Modal>
    </>
  );
}
