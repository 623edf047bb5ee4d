import { IconCheck } from '@tabler/icons-react';
import type { Key } from '@/lib/i18n';
import { useT } from '@/ui/i18n';
import css from './tags.module.css';

export const TAG_COLORS = [
  'gray',
  'red',
  'orange',
  'yellow',
  'green',
  'teal',
  'blue',
  'violet',
  'pink',
] as const;

interface Props {
  value: string;
  onChange: (color: string) => void;
}

/** A palette, not a colour wheel: every choice is readable in both themes. */
export function ColorChoice({ value, onChange }: Props) {
  const t = useT();
  return (
    <fieldset className={css.colors}>
      <legend>{t('tags.color')}</legend>
      {TAG_COLORS.map((color) => (
        <label key={color} className={css.color} data-color={color}>
          <input
            type="radio"
            name="color"
            value={color}
            checked={value === color}
            aria-label={t(`tags.color_${color}` as Key)}
            onChange={() => onChange(color)}
          />
          {value === color && <IconCheck size={16} aria-hidden />}
        </label>
      ))}
    </fieldset>
  );
}
