import { Button, Popover, TextInput } from '@mantine/core';
import { useState, type FormEvent, type ReactElement } from 'react';
import { presets, readMoment, toLocalInput } from '@/entities/conversation/snooze';
import { shortDateTime } from '@/lib/format';
import type { Key } from '@/lib/i18n';
import { useT } from '@/ui/i18n';
import css from './pick.module.css';

interface MomentMenuProps {
  label: string;
  opened: boolean;
  onOpened: (opened: boolean) => void;
  onPick: (at: Date) => void;
  /** The child only says where the menu hangs; something else opens it. */
  anchored?: boolean;
  children: ReactElement;
}

/** A moment in the future: a preset, words such as "mâine 9", or an exact time. */
export function MomentMenu({
  label,
  opened,
  onOpened,
  onPick,
  anchored = false,
  children,
}: MomentMenuProps) {
  return (
    <Popover
      opened={opened}
      onChange={onOpened}
      position="bottom-start"
      width={340}
      shadow="md"
      trapFocus
      returnFocus
      withRoles={!anchored}
    >
      <Popover.Target>{children}</Popover.Target>
      <Popover.Dropdown aria-label={label}>
        {opened && (
          <Moments
            onPick={(at) => {
              onOpened(false);
              onPick(at);
            }}
          />
        )}
      </Popover.Dropdown>
    </Popover>
  );
}

function Moments({ onPick }: { onPick: (at: Date) => void }) {
  const t = useT();
  const [now] = useState(() => new Date());
  const [words, setWords] = useState('');
  const [exact, setExact] = useState(() => toLocalInput(new Date(now.getTime() + 86_400_000)));
  const read = words.trim() === '' ? null : readMoment(words, now);
  const chosen = new Date(exact);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (read) onPick(read);
  };
  return (
    <div className={css.moments}>
      {presets(now).map((preset) => (
        <button
          key={preset.key}
          type="button"
          className={css.moment}
          onClick={() => onPick(preset.at)}
        >
          {t(`moment.${preset.key}` as Key)}
          <span className={css.hint}>{shortDateTime(preset.at.toISOString())}</span>
        </button>
      ))}
      <form className={css.own} onSubmit={submit}>
        <TextInput
          label={t('moment.words')}
          placeholder={t('moment.words_example')}
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
          description={describe()}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
        />
        <div className={css.exact}>
          <TextInput
            type="datetime-local"
            label={t('moment.exact')}
            value={exact}
            min={toLocalInput(now)}
            onChange={(event) => setExact(event.currentTarget.value)}
          />
          <Button
            variant="light"
            flex="none"
            disabled={!(chosen.getTime() > now.getTime())}
            onClick={() => onPick(chosen)}
          >
            {t('moment.set')}
          </Button>
        </div>
      </form>
    </div>
  );

  function describe() {
    if (words.trim() === '') return undefined;
    return read ? shortDateTime(read.toISOString()) : t('moment.not_understood');
  }
}
