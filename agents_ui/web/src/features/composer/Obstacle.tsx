import { IconAlertTriangle } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { ChannelOption, Id } from '@/api/types';
import { shortDateTime } from '@/lib/format';
import { tMaybe } from '@/lib/i18n';
import { useT } from '@/ui/i18n';
import { LiftOptOut } from './LiftOptOut';
import { channelName } from './ChannelPicker';
import css from './channel.module.css';
import own from './composer.module.css';

interface ObstacleProps {
  /** Where the client opted out; none where nothing was begun. */
  conversationId?: Id;
  option: ChannelOption;
  /** What can be used instead. */
  instead: ChannelOption | undefined;
  onChoose: (option: ChannelOption) => void;
}

/** Why the chosen channel cannot be used as usual, and what helps. */
export function Obstacle({ conversationId, option, instead, onChoose }: ObstacleProps) {
  const t = useT();
  const { reason, until, elsewhere_id } = option;
  if (reason === '') return null;
  const why = tMaybe(`via.reason.${reason}`, reason);
  return (
    <div className={css.obstacle} role="status">
      <IconAlertTriangle size={18} stroke={1.6} aria-hidden />
      <span>
        <strong>
          {why}
          {until && `, ${t('via.until', { at: shortDateTime(until) })}`}
        </strong>{' '}
        {tMaybe(`via.remedy.${reason}`, '')}
      </span>
      {elsewhere_id && (
        <Link
          className={own.small}
          to="/inbox/$view/$conversation"
          params={{ view: 'all', conversation: elsewhere_id }}
        >
          {t('via.go_there')}
        </Link>
      )}
      {reason === 'opted_out' && conversationId && (
        <LiftOptOut option={option} conversationId={conversationId} />
      )}
      {!option.possible && instead && (
        <button type="button" className={own.small} onClick={() => onChoose(instead)}>
          {t('via.use', { name: channelName(instead.channel) })}
        </button>
      )}
    </div>
  );
}
