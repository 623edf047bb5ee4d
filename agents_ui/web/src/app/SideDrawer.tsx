import { Drawer } from '@mantine/core';
import type { ReactNode } from 'react';
import { useT } from '@/ui/i18n';
import css from './inbox.module.css';

interface Props {
  side: 'left' | 'right';
  title: string;
  size: number | string;
  onClose: () => void;
  children: ReactNode;
}

/** A pane that has no room of its own on this window. */
export function SideDrawer({ side, title, size, onClose, children }: Props) {
  const t = useT();
  return (
    <Drawer
      opened
      onClose={onClose}
      position={side}
      title={title}
      size={size}
      padding={side === 'right' ? 0 : 'md'}
      classNames={{ header: css.drawerHead ?? '' }}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      {children}
    </Drawer>
  );
}
