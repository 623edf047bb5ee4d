import { Menu } from '@mantine/core';
import { IconCheck, IconChevronDown, IconRosetteDiscountCheck } from '@tabler/icons-react';
import { useState } from 'react';
import type { ChannelOption } from '@/api/types';
import { ChannelIcon } from '@/entities/agent/Avatar';
import { shortDateTime } from '@/lib/format';
import { tMaybe } from '@/lib/i18n';
import { useHotkeys } from '@/ui/hotkeys';
import { useT } from '@/ui/i18n';
import { optionKey } from './useChannels';
import css from './channel.module.css';

interface ChannelPickerProps {
  options: readonly ChannelOption[];
  chosen: ChannelOption;
  onChoose: (option: ChannelOption) => void;
}

export const channelName = (channel: string): string => tMaybe(`channel.${channel}`, channel);

/** Through which channel it goes; with only one there is nothing to choose and it is only said. */
export function ChannelPicker({ options, chosen, onChoose }: ChannelPickerProps) {
  const t = useT();
  const [open, setOpen] = useState(false);
  const several = options.length > 1;
  useHotkeys('keys.composer', [
    {
      keys: 'mod+shift+c',
      label: 'keys.channel',
      run: () => setOpen(several && !open),
      whileTyping: true,
    },
  ]);
  const name = channelName(chosen.channel);
  const words = (
    <>
      <ChannelIcon channel={chosen.channel} size={15} />
      <span className={css.name}>{name}</span>{' '}
      <span className={css.address}>{chosen.display || chosen.address}</span>
    </>
  );
  if (!several) {
    return (
      <span className={css.chip} data-off={chosen.possible ? undefined : ''}>
        {words}
      </span>
    );
  }
  return (
    <Menu opened={open} onChange={setOpen} position="top-start" shadow="md" width={340}>
      <Menu.Target>
        <button
          type="button"
          className={css.chip}
          data-off={chosen.possible ? undefined : ''}
          aria-label={t('via.change', { name: `${name} ${chosen.display || chosen.address}` })}
          title="Ctrl+Shift+C"
        >
          {words}
          <IconChevronDown size={14} aria-hidden />
        </button>
      </Menu.Target>
      <Menu.Dropdown className={css.list ?? ''}>
        <Menu.Label>{t('via.pick')}</Menu.Label>
        {options.map((option) => (
          <Menu.Item
            key={optionKey(option)}
            leftSection={<ChannelIcon channel={option.channel} size={18} />}
            rightSection={option === chosen ? <IconCheck size={16} aria-hidden /> : null}
            aria-current={option === chosen}
            onClick={() => onChoose(option)}
          >
            <Line option={option} />
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function Line({ option }: { option: ChannelOption }) {
  const t = useT();
  const { reason, until, possible, verified } = option;
  return (
    <span className={css.line} data-off={possible ? undefined : ''}>
      <span className={css.first}>
        <span>{option.display || option.address}</span>
        {verified && (
          <IconRosetteDiscountCheck size={14} className={css.good} aria-label={t('via.verified')} />
        )}
        {option.is_default && <span className={css.usual}>{t('via.usual')}</span>}
      </span>
      <span className={css.second}>
        {channelName(option.channel)} · {option.account_name}
      </span>
      {reason !== '' && (
        <span className={css.reason} data-warn={possible || undefined}>
          {tMaybe(`via.reason.${reason}`, reason)}
          {until && `, ${t('via.until', { at: shortDateTime(until) })}`}
        </span>
      )}
    </span>
  );
}
