/** Ctrl-K: everything that can be done and everyone who can be found, by typing a part of it. */

import { Modal } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useId, useState, type KeyboardEvent, type ReactNode } from 'react';
import { fit } from '@/lib/fold';
import { useT } from '@/ui/i18n';
import { Keys } from '@/ui/Keys';
import css from './palette.module.css';

export interface PaletteAction {
  id: string;
  title: string;
  icon: ReactNode;
  keys?: string;
  run: () => void;
}

export interface PaletteHit {
  id: string;
  group: 'people' | 'conversations' | 'messages';
  title: string;
  subtitle: string;
  run: () => void;
}

interface Props {
  opened: boolean;
  onClose: () => void;
  query: string;
  onQuery: (query: string) => void;
  actions: readonly PaletteAction[];
  /** What the hub found; comes later and stands below, so nothing moves under the hand. */
  hits: readonly PaletteHit[];
  /** Opens the page with every result. */
  onAll: (query: string) => void;
}

interface Row {
  id: string;
  group: string;
  title: string;
  subtitle?: string;
  icon?: ReactNode;
  keys?: string | undefined;
  run: () => void;
}

const MOST_ACTIONS = 8;

export function Palette(props: Props) {
  const t = useT();
  return (
    <Modal.Root
      opened={props.opened}
      onClose={props.onClose}
      size={640}
      yOffset="12vh"
      transitionProps={{ duration: 80 }}
    >
      <Modal.Overlay backgroundOpacity={0.35} />
      <Modal.Content aria-label={t('palette.title')} radius="md">
        <Modal.Body p={0}>{props.opened && <Box {...props} />}</Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}

function Box({ onClose, query, onQuery, actions, hits, onAll }: Props) {
  const t = useT();
  const id = useId();
  const [at, setAt] = useState(0);
  const rows = useRows(query, actions, hits, onAll);
  const current = Math.min(at, rows.length - 1);
  const run = (row: Row | undefined) => {
    if (!row) return;
    onClose();
    onQuery('');
    row.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      const next = (current + step + rows.length) % Math.max(1, rows.length);
      setAt(next);
      show(`${id}-${next}`);
    } else if (event.key === 'Enter' && !event.nativeEvent.isComposing) {
      event.preventDefault();
      run(rows[current]);
    }
  };
  return (
    <div className={css.box}>
      <div className={css.line}>
        <IconSearch size={20} stroke={1.6} aria-hidden />
        <input
          className={css.input}
          role="combobox"
          aria-expanded
          aria-controls={`${id}-list`}
          aria-activedescendant={rows.length > 0 ? `${id}-${current}` : undefined}
          aria-label={t('palette.title')}
          placeholder={t('palette.placeholder')}
          value={query}
          data-autofocus
          maxLength={200}
          onChange={(event) => {
            onQuery(event.currentTarget.value);
            setAt(0);
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      <div className={css.list} role="listbox" id={`${id}-list`} aria-label={t('palette.title')}>
        {rows.map((row, index) => (
          <div key={row.id} role="presentation">
            {row.group !== rows[index - 1]?.group && <div className={css.group}>{row.group}</div>}
            {/* The keyboard stays in the field above; the pointer may pick too. */}
            <div
              id={`${id}-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === current}
              className={css.row}
              onPointerMove={() => setAt(index)}
              onClick={() => run(row)}
              onKeyDown={onKeyDown}
            >
              {row.icon && <span className={css.icon}>{row.icon}</span>}
              <span className={css.title}>{row.title}</span>
              {row.subtitle && <span className={css.subtitle}>{row.subtitle}</span>}
              {row.keys && <Keys keys={row.keys} />}
            </div>
          </div>
        ))}
      </div>
      {rows.length === 0 && <p className={css.none}>{t('palette.none')}</p>}
    </div>
  );
}

function useRows(
  query: string,
  actions: readonly PaletteAction[],
  hits: readonly PaletteHit[],
  onAll: (query: string) => void,
): Row[] {
  const t = useT();
  const wanted = query.trim();
  const fitting = actions
    .map((action) => ({ action, score: wanted ? fit(action.title, wanted) : 1 }))
    .filter(({ score }) => score > 0)
    .toSorted((a, b) => b.score - a.score)
    .slice(0, MOST_ACTIONS);
  const rows: Row[] = fitting.map(({ action }) => ({ ...action, group: t('palette.actions') }));
  rows.push(...hits.map((hit) => ({ ...hit, group: t(`palette.${hit.group}`) })));
  if (wanted) {
    rows.push({
      id: 'all',
      group: t('palette.search'),
      title: t('palette.all', { query: wanted }),
      icon: <IconSearch size={18} stroke={1.6} aria-hidden />,
      run: () => onAll(wanted),
    });
  }
  return rows;
}

/** Scrolls the list, and only the list, until the row is in it. */
function show(id: string): void {
  const row = document.getElementById(id);
  const list = row?.closest<HTMLElement>('[role=listbox]');
  if (!row || !list) return;
  const top = row.offsetTop - list.offsetTop;
  if (top < list.scrollTop) list.scrollTop = top - 28;
  const bottom = top + row.offsetHeight;
  if (bottom > list.scrollTop + list.clientHeight) list.scrollTop = bottom - list.clientHeight;
}
