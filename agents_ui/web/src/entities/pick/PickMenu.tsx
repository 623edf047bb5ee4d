import { Combobox, useCombobox } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { useEffect, useState, type ReactElement, type ReactNode } from 'react';
import { useT } from '@/ui/i18n';
import css from './pick.module.css';

export interface Choice {
  value: string;
  label: string;
  icon?: ReactNode;
  hint?: string;
}

interface PickMenuProps {
  /** What is chosen here, for a screen reader: "Assign to". */
  label: string;
  choices: readonly Choice[];
  chosen: readonly string[];
  onPick: (value: string) => void;
  /** The list stays open, as for tags. */
  multiple?: boolean;
  opened: boolean;
  onOpened: (opened: boolean) => void;
  /** The button the list hangs on. */
  children: ReactElement;
}

/** A searchable list on a button: arrows, Enter, Escape, and typing in any alphabet. */
export function PickMenu({
  label,
  choices,
  chosen,
  onPick,
  multiple = false,
  opened,
  onOpened,
  children,
}: PickMenuProps) {
  const t = useT();
  const [search, setSearch] = useState('');
  const [wasOpened, setWasOpened] = useState(opened);
  if (wasOpened !== opened) {
    setWasOpened(opened);
    setSearch('');
  }
  const combobox = useCombobox({ opened, onOpenedChange: onOpened });
  const { selectFirstOption, focusSearchInput, focusTarget } = combobox;
  useEffect(() => {
    if (!opened) return;
    focusSearchInput();
    return focusTarget;
  }, [opened, focusSearchInput, focusTarget]);
  useEffect(() => {
    if (opened) selectFirstOption(); // of those that are shown now
  }, [opened, search, selectFirstOption]);
  const shown = choices.filter((choice) => plain(choice.label).includes(plain(search)));
  return (
    <Combobox
      store={combobox}
      position="bottom-start"
      width={260}
      shadow="md"
      withinPortal
      onOptionSubmit={(value) => {
        onPick(value);
        if (!multiple) combobox.closeDropdown();
      }}
    >
      <Combobox.Target targetType="button" withAriaAttributes>
        {children}
      </Combobox.Target>
      <Combobox.Dropdown>
        <Combobox.Search
          value={search}
          aria-label={label}
          placeholder={label}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
        <Combobox.Options mah={300} className={css.options} aria-label={label}>
          {shown.map((choice) => (
            <Combobox.Option
              key={choice.value}
              value={choice.value}
              active={chosen.includes(choice.value)}
              className={css.option}
            >
              {choice.icon}
              <span className={css.label}>{choice.label}</span>
              {choice.hint && <span className={css.hint}>{choice.hint}</span>}
              {chosen.includes(choice.value) && <IconCheck size={16} aria-hidden />}
            </Combobox.Option>
          ))}
          {shown.length === 0 && <Combobox.Empty>{t('pick.nothing')}</Combobox.Empty>}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}

/** Without case and accents: "stefan" finds "Ștefan". */
function plain(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().trim();
}
