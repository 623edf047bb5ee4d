import { useVirtualizer } from '@tanstack/react-virtual';
import { IconArrowUp } from '@tabler/icons-react';
import { useEffect, useRef, useState, type KeyboardEvent, type MouseEvent } from 'react';
import type { Id } from '@/api/types';
import { useHub, useMe } from '@/entities/live';
import type { ViewWindow } from '@/sync/types';
import { useT } from '@/ui/i18n';
import { later } from '@/ui/lazy';
import type { Shown } from './BulkBar';
import { ConversationRow } from './ConversationRow';
import { extend, keep, NOTHING, toggle } from './selection';
import { useHeldOrder } from './useHeldOrder';
import { useListKeys } from './useListKeys';
import css from './list.module.css';

const BulkBar = later(async () => (await import('./BulkBar')).BulkBar);
const RowActions = later(async () => (await import('./RowActions')).RowActions);

interface RowsProps {
  list: ViewWindow;
  name: string;
  selected: Id | null;
  onOpen: (id: Id) => void;
}

const COMFORTABLE = 76;
const COMPACT = 44;
/** Rows from the end at which the next page is asked for. */
const AHEAD = 25;

export function Rows({ list, name, selected, onOpen }: RowsProps) {
  const t = useT();
  const hub = useHub();
  const height = useMe().preferences.density === 'compact' ? COMPACT : COMFORTABLE;
  const scroller = useRef<HTMLDivElement>(null);
  const { order, waiting, hold, release } = useHeldOrder(list.ids);
  const [picked, setPicked] = useState(NOTHING);
  const [wanted, setWanted] = useState<Shown>(null);
  const [hovered, setHovered] = useState<Id | null>(null);
  const [cursor, setCursor] = useState<Id | null>(selected);
  const [followed, setFollowed] = useState(selected);
  if (followed !== selected) {
    setFollowed(selected);
    if (selected !== null) setCursor(selected);
  }
  const at = cursor === null ? -1 : order.indexOf(cursor);
  const [place, setPlace] = useState(at);
  if (at >= 0 && at !== place) setPlace(at);
  const selection = keep(picked, order);
  const virtual = useVirtualizer({
    count: order.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: 8,
    getItemKey: (index) => order[index] ?? index,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  const needsMore = list.next !== null && list.more !== 'loading' && last >= order.length - AHEAD;
  useEffect(() => {
    if (needsMore) void hub.loadMore(list.key);
  }, [needsMore, hub, list.key]);

  const revealed = useRef(false);
  useEffect(() => {
    if (revealed.current || at < 0) return;
    revealed.current = true;
    virtual.scrollToIndex(at, { align: 'auto' });
  }, [at, virtual]);

  const goTo = (id: Id) => {
    setCursor(id);
    hold();
    virtual.scrollToIndex(order.indexOf(id), { align: 'auto' });
  };
  const keys = useListKeys({
    order,
    at,
    place,
    cursor,
    selected,
    selection,
    goTo,
    onOpen,
    setPicked,
    setWanted,
  });
  const onClick = (event: MouseEvent<HTMLElement>) => {
    const id = rowAt(event);
    if (id === null) return;
    const onFace = (event.target as Element).closest('[data-pick]') !== null;
    if (event.shiftKey) setPicked(extend(selection, id, order));
    else if (onFace || event.ctrlKey || event.metaKey) setPicked(toggle(selection, id));
    else onOpen(id);
    setCursor(id);
  };
  const hoveredAt = hovered === null ? -1 : order.indexOf(hovered);
  return (
    <>
      {waiting > 0 && (
        <button type="button" className={css.waiting} onClick={release}>
          <IconArrowUp size={16} aria-hidden />
          {t('inbox.updates', { count: waiting })}
        </button>
      )}
      <div
        ref={scroller}
        className={css.scroller}
        onMouseMove={(event) => {
          hold();
          setHovered(rowAt(event) ?? hovered);
        }}
        onMouseLeave={() => {
          setHovered(null);
          release();
        }}
      >
        <div
          className={css.rows}
          role="listbox"
          tabIndex={0}
          aria-label={name}
          aria-multiselectable
          aria-activedescendant={cursor === null ? undefined : `row-${cursor}`}
          style={{ height: virtual.getTotalSize() }}
          onClick={onClick}
          onKeyDown={(event: KeyboardEvent) => keys.onKeyDown(event)}
          onFocus={() => setCursor((before) => before ?? order[0] ?? null)}
        >
          {items.map((item) => {
            const id = order[item.index];
            if (id === undefined) return null;
            return (
              <ConversationRow
                key={id}
                id={id}
                top={item.start}
                height={height}
                position={item.index + 1}
                total={list.next === null ? order.length : -1}
                open={id === selected}
                cursor={id === cursor}
                picked={selection.ids.has(id)}
              />
            );
          })}
        </div>
        {hovered !== null && hoveredAt >= 0 && (
          <RowActions
            key={hovered}
            id={hovered}
            top={hoveredAt * height + (height - 38) / 2}
            onPick={() => setPicked(toggle(selection, hovered))}
          />
        )}
        {list.next !== null && <div className={css.more}>{t('inbox.loading_more')}</div>}
      </div>
      {selection.ids.size > 0 && (
        <BulkBar
          ids={[...selection.ids]}
          first={wanted}
          onDone={() => {
            setPicked(NOTHING);
            setWanted(null);
          }}
        />
      )}
    </>
  );
}

function rowAt(event: MouseEvent): Id | null {
  const row = (event.target as Element).closest<HTMLElement>('[data-id]');
  return row?.dataset.id ?? null;
}
