import { Button, Modal } from '@mantine/core';
import { SignInForm } from '@/features/auth';
import { useT } from '@/ui/i18n';

const FIXED = {
  opened: true,
  onClose: () => {},
  withCloseButton: false,
  closeOnEscape: false,
  closeOnClickOutside: false,
  centered: true,
};

interface AgainProps {
  login: string;
  onDone: (who: { id: string }) => void;
}

/** Sign in over the page somebody is working on. */
export function SignInAgain({ login, onDone }: AgainProps) {
  const t = useT();
  return (
    <Modal {...FIXED} title={t('auth.again_title')}>
      <p>{t('auth.again_text')}</p>
      <SignInForm login={login} onDone={onDone} />
    </Modal>
  );
}

/** This tab cannot go on: a copy of it did, or the hub no longer understands it. */
export function Ended({ state }: { state: 'replaced' | 'obsolete' }) {
  const t = useT();
  const old = state === 'obsolete';
  return (
    <Modal {...FIXED} title={t(old ? 'shell.obsolete' : 'shell.replaced')}>
      <p>{t(old ? 'shell.obsolete_text' : 'shell.replaced_text')}</p>
      <Button data-autofocus onClick={() => window.location.reload()}>
        {t(old ? 'shell.reload' : 'shell.use_here')}
      </Button>
    </Modal>
  );
}
