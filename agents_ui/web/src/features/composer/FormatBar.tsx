import { IconBold, IconCode, IconItalic, IconLink, IconStrikethrough } from '@tabler/icons-react';
import type { Level } from '@/api/types';
import { useHotkeys } from '@/ui/hotkeys';
import { useT } from '@/ui/i18n';
import css from './channel.module.css';

const KINDS = [
  { kind: 'bold', Icon: IconBold, keys: ' (Ctrl+B)' },
  { kind: 'italic', Icon: IconItalic, keys: ' (Ctrl+I)' },
  { kind: 'strike', Icon: IconStrikethrough, keys: '' },
  { kind: 'code', Icon: IconCode, keys: '' },
  { kind: 'link', Icon: IconLink, keys: '' },
] as const;

interface FormatBarProps {
  formatting: Record<string, Level>;
  onFormat: (kind: string) => void;
}

/** The formatting a channel shows; a channel that shows none has no bar. */
export function FormatBar({ formatting, onFormat }: FormatBarProps) {
  const t = useT();
  const carries = (kind: string) => (formatting[kind] ?? -1) > 0;
  const kinds = KINDS.filter(({ kind }) => carries(kind));
  useHotkeys('keys.composer', [
    {
      keys: 'mod+b',
      label: 'keys.bold',
      run: () => carries('bold') && onFormat('bold'),
      whileTyping: true,
    },
    {
      keys: 'mod+i',
      label: 'keys.italic',
      run: () => carries('italic') && onFormat('italic'),
      whileTyping: true,
    },
  ]);
  if (kinds.length === 0) return null;
  return (
    <span className={css.format} role="group" aria-label={t('format.bar')}>
      {kinds.map(({ kind, Icon, keys }) => (
        <button
          key={kind}
          type="button"
          aria-label={t(`format.${kind}`)}
          title={t(`format.${kind}`) + keys}
          // The selection in the text must survive the press.
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => onFormat(kind)}
        >
          <Icon size={17} stroke={1.7} aria-hidden />
        </button>
      ))}
    </span>
  );
}
