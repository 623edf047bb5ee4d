import { IconUserOff, IconUsersMinus } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import type { Priority } from '@/api/types';
import { Avatar } from '@/entities/agent/Avatar';
import { PRIORITIES, PRIORITY_KEYS, PriorityIcon, TagDot } from '@/entities/conversation/bits';
import { useAgents, useMe, useTags, useTeams } from '@/entities/live';
import { useT } from '@/ui/i18n';
import { PickMenu, type Choice } from './PickMenu';

interface PickerProps<T> {
  value: T;
  onPick: (value: T) => void;
  opened: boolean;
  onOpened: (opened: boolean) => void;
  children: ReactElement;
}

const NOBODY = '';

/** Whom a conversation belongs to; "me" comes first, for it is chosen most. */
export function AssigneePicker({ value, onPick, ...rest }: PickerProps<string | null>) {
  const t = useT();
  const me = useMe();
  const others = useAgents().filter(({ id, status }) => id !== me.id && status === 'active');
  const choices: Choice[] = [
    { value: me.id, label: me.name, hint: t('pick.me'), icon: <Face id={me.id} name={me.name} /> },
    { value: NOBODY, label: t('pick.nobody'), icon: <IconUserOff size={18} aria-hidden /> },
    ...others
      .toSorted((a, b) => a.name.localeCompare(b.name))
      .map(({ id, name }) => ({ value: id, label: name, icon: <Face id={id} name={name} /> })),
  ];
  return (
    <PickMenu
      label={t('pick.assignee')}
      choices={choices}
      chosen={[value ?? NOBODY]}
      onPick={(id) => onPick(id === NOBODY ? null : id)}
      {...rest}
    />
  );
}

function Face({ id, name }: { id: string; name: string }) {
  return <Avatar id={id} name={name} size="xs" />;
}

export function TeamPicker({ value, onPick, ...rest }: PickerProps<string | null>) {
  const t = useT();
  const teams = useTeams();
  const choices: Choice[] = [
    ...teams.map(({ id, name }) => ({ value: id, label: name })),
    { value: NOBODY, label: t('pick.no_team'), icon: <IconUsersMinus size={18} aria-hidden /> },
  ];
  return (
    <PickMenu
      label={t('pick.team')}
      choices={choices}
      chosen={[value ?? NOBODY]}
      onPick={(id) => onPick(id === NOBODY ? null : id)}
      {...rest}
    />
  );
}

export function TagPicker({ value, onPick, ...rest }: PickerProps<readonly string[]>) {
  const t = useT();
  const tags = useTags();
  return (
    <PickMenu
      label={t('pick.tags')}
      multiple
      choices={tags.map(({ id, name, color }) => ({
        value: id,
        label: name,
        icon: <TagDot color={color} />,
      }))}
      chosen={value}
      onPick={(id) =>
        onPick(value.includes(id) ? value.filter((other) => other !== id) : [...value, id])
      }
      {...rest}
    />
  );
}

export function PriorityPicker({ value, onPick, ...rest }: PickerProps<Priority>) {
  const t = useT();
  return (
    <PickMenu
      label={t('pick.priority')}
      choices={PRIORITIES.map((priority) => ({
        value: String(priority),
        label: t(PRIORITY_KEYS[priority]),
        icon: <PriorityIcon priority={priority} />,
      }))}
      chosen={[String(value)]}
      onPick={(priority) => onPick(Number(priority) as Priority)}
      {...rest}
    />
  );
}
