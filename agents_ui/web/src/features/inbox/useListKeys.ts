import type { KeyboardEvent } from 'react';
import type { ConversationItem, Id } from '@/api/types';
import { useActions } from '@/entities/conversation/actions';
import { useHub, useMe } from '@/entities/live';
import { useHotkeys } from '@/ui/hotkeys';
import type { Shown } from './BulkBar';
import { extend, NOTHING, toggle, type Selection } from './selection';

/** Rows a page key moves over. */
const PAGE = 8;

interface ListKeys {
  order: readonly Id[];
  cursor: Id | null;
  /** Where the cursor is in the order; -1 when its row has left the list. */
  at: number;
  /** Where it was last: a row that leaves hands its place to the next one. */
  place: number;
  selected: Id | null;
  selection: Selection;
  goTo: (id: Id) => void;
  onOpen: (id: Id) => void;
  setPicked: (selection: Selection) => void;
  setWanted: (picker: Shown) => void;
}

/** The list by keyboard: J and K anywhere, arrows while the list has the focus. */
export function useListKeys(list: ListKeys): { onKeyDown: (event: KeyboardEvent) => void } {
  const { order, at, place, cursor, selected, selection, goTo, onOpen, setPicked, setWanted } =
    list;
  const hub = useHub();
  const me = useMe();
  const actions = useActions();
  const next = (by: number) => move(at >= 0 ? at + by : place + (by > 0 ? by - 1 : by));
  const move = (to: number) => {
    const id = order[Math.max(0, Math.min(order.length - 1, to))];
    if (id === undefined) return;
    goTo(id);
    if (selected !== null) onOpen(id);
  };
  const open = () => {
    if (cursor !== null) onOpen(cursor);
  };
  const pick = () => {
    if (cursor !== null) setPicked(toggle(selection, cursor));
  };
  const choose = (picker: Shown) => {
    if (cursor === null) return;
    setPicked({ ids: new Set([cursor]), anchor: cursor });
    setWanted(picker);
  };
  const pickRange = () => {
    if (cursor !== null) setPicked(extend(selection, cursor, order));
  };
  useHotkeys('keys.list', [
    { keys: 'j', label: 'keys.next', run: () => next(1) },
    { keys: 'k', label: 'keys.previous', run: () => next(-1) },
    { keys: 'o', label: 'keys.open', run: open },
    { keys: 'x', label: 'keys.pick', run: pick },
    { keys: 'shift+x', label: 'keys.pick_range', run: pickRange },
    { keys: 'a', label: 'keys.assign', run: () => choose('assign') },
    { keys: 'h', label: 'keys.snooze', run: () => choose('snooze') },
    { keys: 'l', label: 'keys.tags', run: () => choose('tags') },
    { keys: 'e', label: 'keys.close', run: () => withRow(closeOrOpen) },
    { keys: 'shift+a', label: 'keys.assign_me', run: () => withRow(assignMe) },
    { keys: 'u', label: 'keys.unread', run: () => withRow(unread) },
  ]);
  return { onKeyDown };

  function withRow(act: (current: ConversationItem) => void): void {
    const current = cursor === null ? undefined : hub.store.conversations.get(cursor);
    if (current) act(current);
  }
  function closeOrOpen(current: ConversationItem): void {
    (current.status === 'closed' ? actions.open : actions.close)(current);
  }
  function assignMe(current: ConversationItem): void {
    actions.assign(current, me.id);
  }
  function unread(current: ConversationItem): void {
    void hub.markUnread(current.id, current.last_seq);
  }
  function onKeyDown(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const presses: Record<string, () => void> = {
      ArrowDown: () => next(1),
      ArrowUp: () => next(-1),
      PageDown: () => next(PAGE),
      PageUp: () => next(-PAGE),
      Home: () => move(0),
      End: () => move(order.length - 1),
      Enter: open,
      ' ': pick,
    };
    if (event.key === 'Escape' && selection.ids.size > 0) presses.Escape = () => setPicked(NOTHING);
    const press = presses[event.key];
    if (!press) return;
    event.preventDefault();
    press();
  }
}
