import {
  IconBrandTelegram,
  IconMail,
  IconMessage,
  IconMessageCircle,
  IconPhone,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { hueOf, initials } from './initials';
import css from './avatar.module.css';

interface AvatarProps {
  /** What the colour goes by: the same id has the same colour everywhere. */
  id: string;
  name: string;
  size?: 'xs' | 'sm' | 'md' | 'lg';
  badge?: ReactNode;
}

/** Initials on a colour. The name stands beside it, so a screen reader skips it. */
export function Avatar({ id, name, size = 'md', badge }: AvatarProps) {
  return (
    <span
      className={css.avatar}
      data-size={size}
      data-hue={hueOf(id, 8)}
      data-initials={initials(name)}
      aria-hidden
    >
      {badge && <span className={css.badge}>{badge}</span>}
    </span>
  );
}

const CHANNELS = {
  email: IconMail,
  telegram: IconBrandTelegram,
  sms: IconMessage,
  voice: IconPhone,
  webchat: IconMessageCircle,
} as const;

/** The glyph of a kind of channel. */
export function ChannelIcon({ channel, size = 14 }: { channel: string; size?: number }) {
  const Icon = CHANNELS[channel as keyof typeof CHANNELS] ?? IconMessageCircle;
  return <Icon size={size} stroke={1.8} aria-hidden />;
}
