import { useVirtualizer } from '@tanstack/react-virtual';
import { IconArrowDown } from '@tabler/icons-react';
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { ConversationItem } from '@/api/types';
import { timelineRows, type TimelineRow } from '@/entities/message/timeline';
import { useHub } from '@/entities/live';
import type { Timeline as Loaded } from '@/sync/types';
import { useT } from '@/ui/i18n';
import { ClientTyping } from './ClientTyping';
import { JumpContext } from './jump';
import { TimelineItem } from './TimelineItem';
import { useStickToEnd } from './useStickToEnd';
import { useTimelineParts } from './useTimelineParts';
import css from './thread.module.css';

interface TimelineProps {
  conversation: ConversationItem;
  timeline: Loaded;
  /** How many messages were unread when the conversation was opened. */
  unread: number;
  seq?: number | undefined;
}

/** Rows from the top at which older messages are asked for. */
const AHEAD = 12;
const AT_END = 80;

/**
 * Everything said in a conversation, anchored at its end: what comes in below or above never
 * moves what the agent reads.
 */
export function Timeline({ conversation, timeline, unread, seq: given }: TimelineProps) {
  const t = useT();
  const hub = useHub();
  const id = conversation.id;
  const scroller = useRef<HTMLDivElement>(null);
  useStickToEnd(scroller);
  const { messages, entries } = useTimelineParts(id, timeline.items);
  const rows = useMemo(
    () => timelineRows(messages, entries, { unread, dayOf: localDay }),
    [messages, entries, unread],
  );
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => estimate(rows[index]),
    overscan: 6,
    getItemKey: (index) => rows[index]?.key ?? index,
    anchorTo: 'end',
    followOnAppend: true,
    scrollEndThreshold: AT_END,
    paddingStart: 12,
    paddingEnd: 30,
  });
  const items = virtual.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const wantsOlder = timeline.has_more_before && timeline.older !== 'loading' && first < AHEAD;
  useEffect(() => {
    if (wantsOlder) void hub.loadOlder(id);
  }, [wantsOlder, hub, id]);

  const placed = useRef(false);
  useLayoutEffect(() => {
    if (placed.current || rows.length === 0) return;
    placed.current = true;
    const divider = rows.findIndex(({ type }) => type === 'unread');
    if (divider >= 0) virtual.scrollToIndex(divider, { align: 'start' });
    else virtual.scrollToIndex(rows.length - 1, { align: 'end' });
  }, [rows, virtual]);

  const [target, setTarget] = useState<number | undefined>(undefined);
  const [linked, setLinked] = useState(given);
  if (linked !== given) {
    setLinked(given);
    setTarget(undefined);
  }
  const seq = target ?? given;
  const [shown, setShown] = useState<number | null>(null);
  const jump = useCallback((to: number) => {
    setShown(null);
    setTarget(to);
  }, []);
  const wanted = seq === undefined ? -1 : rows.findIndex((row) => holds(row, seq));
  useEffect(() => {
    if (seq !== undefined) void hub.loadBackTo(id, seq);
  }, [hub, id, seq]);
  useEffect(() => {
    if (wanted < 0 || seq === undefined || shown === seq) return;
    setShown(seq);
    virtual.scrollToIndex(wanted, { align: 'center' });
  }, [wanted, seq, shown, virtual]);

  const [seen, setSeen] = useState(conversation.last_seq);
  const atEnd = virtual.isAtEnd(AT_END);
  if (atEnd && seen !== conversation.last_seq) setSeen(conversation.last_seq);
  const fresh = messages.filter(
    (message) => message.seq > seen && message.kind === 'inbound',
  ).length;
  return (
    <JumpContext value={jump}>
      <div className={css.stage}>
        <div ref={scroller} className={css.scroller} role="log" aria-label={t('thread.messages')}>
          {timeline.older === 'loading' && (
            <p className={css.older} role="status">
              {t('thread.loading_older')}
            </p>
          )}
          <div className={css.rows} style={{ height: virtual.getTotalSize() }}>
            {items.map((item) => {
              const row = rows[item.index];
              if (!row) return null;
              return (
                <div
                  key={item.key}
                  ref={virtual.measureElement}
                  data-index={item.index}
                  className={css.slot}
                  style={{ transform: `translateY(${item.start}px)` }}
                >
                  <TimelineItem
                    row={row}
                    conversation={conversation}
                    marked={seq !== undefined && holds(row, seq)}
                  />
                </div>
              );
            })}
          </div>
        </div>
        {!atEnd && rows.length > 0 && (
          <button
            type="button"
            className={css.down}
            data-fresh={fresh > 0 ? '' : undefined}
            onClick={() => virtual.scrollToIndex(rows.length - 1, { align: 'end' })}
          >
            <IconArrowDown size={18} aria-hidden />
            <span className={fresh > 0 ? undefined : 'visually-hidden'}>
              {fresh > 0 ? t('thread.new_messages', { count: fresh }) : t('thread.to_end')}
            </span>
          </button>
        )}
        <ClientTyping conversationId={id} />
      </div>
    </JumpContext>
  );
}

function holds(row: TimelineRow, seq: number): boolean {
  if (row.type === 'message') return row.message.seq === seq;
  return row.type === 'events' && row.entries.some((entry) => entry.seq === seq);
}

function estimate(row: TimelineRow | undefined): number {
  if (row?.type !== 'message') return 40;
  const { message } = row;
  if (message.has_html) return 320;
  return Math.min(600, 76 + Math.ceil(message.text.length / 80) * 21);
}

/** The calendar day a reader would say it was. */
function localDay(at: string): string {
  const date = new Date(at);
  const [month, day] = [date.getMonth() + 1, date.getDate()].map((n) => String(n).padStart(2, '0'));
  return `${date.getFullYear()}-${month}-${day}`;
}
