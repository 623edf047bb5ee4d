import { Button, Group, Modal, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { useT } from './i18n';
import { Notice } from './Notice';
import { problemText } from './problem';

interface DialogProps {
  opened: boolean;
  onClose: () => void;
  title: string;
  size?: string | number;
  children: ReactNode;
}

/** A modal: it takes the focus, keeps it, and gives it back. */
export function Dialog({ opened, onClose, title, size = 480, children }: DialogProps) {
  const t = useT();
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={title}
      size={size}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      {children}
    </Modal>
  );
}

interface ConfirmProps {
  /** What is asked about; null while nothing is. */
  opened: boolean;
  title: string;
  text: string;
  action: string;
  busy: boolean;
  error: unknown;
  onConfirm: () => void;
  onClose: () => void;
}

/** For what cannot be taken back: asked once, naming what is affected. */
export function Confirm(props: ConfirmProps) {
  const { opened, title, text, action, busy, error, onConfirm, onClose } = props;
  const t = useT();
  return (
    <Dialog opened={opened} onClose={onClose} title={title}>
      <Stack gap="md">
        <div>{text}</div>
        {error !== null && <Notice tone="bad">{problemText(error)}</Notice>}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            {t('common.cancel')}
          </Button>
          <Button color="red" loading={busy} onClick={onConfirm}>
            {action}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}

interface FooterProps {
  busy: boolean;
  action: string;
  onCancel: () => void;
}

/** The end of every form in a dialog. */
export function FormFooter({ busy, action, onCancel }: FooterProps) {
  const t = useT();
  return (
    <Group justify="flex-end" mt="xs">
      <Button variant="default" onClick={onCancel}>
        {t('common.cancel')}
      </Button>
      <Button type="submit" loading={busy}>
        {action}
      </Button>
    </Group>
  );
}
