/** React's view of the live store: one hook per question, each re-rendering for its own row only. */

import { createContext, useCallback, useContext, useEffect, useSyncExternalStore } from 'react';
import type { ReactNode } from 'react';
import type {
  Account,
  Agent,
  Branch,
  Card,
  ConversationItem,
  Count,
  DraftKind,
  Id,
  Me,
  Message,
  Tag,
  Task,
  Team,
  ViewKey,
} from '@/api/types';
import type { Cell, Cells } from '@/sync/cells';
import { draftKey } from '@/sync/store';
import type {
  ClientWriting,
  Hub,
  Link,
  LocalDraft,
  Order,
  Pending,
  Timeline,
  Typing,
  ViewWindow,
} from '@/sync/types';

const HubContext = createContext<Hub | null>(null);

export function HubProvider({ hub, children }: { hub: Hub; children: ReactNode }) {
  return <HubContext value={hub}>{children}</HubContext>;
}

export function useHub(): Hub {
  const hub = useContext(HubContext);
  if (!hub) throw new Error('useHub needs a HubProvider');
  return hub;
}

function useCell<V>(cell: Cell<V>): V {
  return useSyncExternalStore(
    useCallback((listener: () => void) => cell.subscribe(listener), [cell]),
    () => cell.get(),
  );
}

function useRow<V>(cells: Cells<V>, key: string | null): V | undefined {
  return useSyncExternalStore(
    useCallback(
      (listener: () => void) => (key === null ? () => undefined : cells.subscribe(key, listener)),
      [cells, key],
    ),
    () => (key === null ? undefined : cells.get(key)),
  );
}

function useRows<V>(cells: Cells<V>): readonly V[] {
  return useSyncExternalStore(
    useCallback((listener: () => void) => cells.subscribeAll(listener), [cells]),
    () => cells.all(),
  );
}

export const useLink = (): Link => useCell(useHub().store.link);
/** Who is signed in. Below the sign-in gate there is always somebody. */
export function useMe(): Me {
  const me = useCell(useHub().store.me);
  if (!me) throw new Error('nobody is signed in');
  return me;
}
export const useMaybeMe = (): Me | null => useCell(useHub().store.me);
/** True when the role grants the action in any scope; the hub still decides for each row. */
export const useMay = (permission: string): boolean => permission in useMe().permissions;

export const useConversation = (id: Id | null): ConversationItem | undefined =>
  useRow(useHub().store.conversations, id);
export const useMessage = (id: Id): Message | undefined => useRow(useHub().store.messages, id);
export const useCard = (id: Id | null): Card | undefined => useRow(useHub().store.cards, id);
export const useAgent = (id: Id | null): Agent | undefined => useRow(useHub().store.agents, id);
export const useTeam = (id: Id | null): Team | undefined => useRow(useHub().store.teams, id);
export const useTag = (id: Id | null): Tag | undefined => useRow(useHub().store.tags, id);
export const useAccount = (id: Id | null): Account | undefined =>
  useRow(useHub().store.accounts, id);

export const useAgents = (): readonly Agent[] => useRows(useHub().store.agents);
export const useTeams = (): readonly Team[] => useRows(useHub().store.teams);
export const useTaskRows = (): readonly Task[] => useRows(useHub().store.tasks);
export const useTags = (): readonly Tag[] => useRows(useHub().store.tags);
export const useAccounts = (): readonly Account[] => useRows(useHub().store.accounts);
export const useBranches = (): readonly Branch[] => useRows(useHub().store.branches);

const NOTHING: readonly never[] = [];
export const usePresence = (id: Id | null): string =>
  useRow(useHub().store.presence, id) ?? 'offline';
export const useTyping = (id: Id): readonly Typing[] =>
  useRow(useHub().store.typing, id) ?? NOTHING;
export const useViewers = (id: Id): readonly Id[] => useRow(useHub().store.viewers, id) ?? NOTHING;
export const useClientTyping = (id: Id): ClientWriting | undefined =>
  useRow(useHub().store.clientTyping, id);
export const usePending = (id: Id): readonly Pending[] =>
  useRow(useHub().store.pending, id) ?? NOTHING;
/** How many messages of this browser the hub does not have yet. */
export const usePendingCount = (): number => useRows(useHub().store.pending).flat().length;
export const useDraft = (id: Id, kind: DraftKind): LocalDraft | undefined =>
  useRow(useHub().store.drafts, draftKey(id, kind));

const NO_COUNT: Count = [0, 0];
export const useCount = (key: ViewKey): Count => useRow(useHub().store.counts, key) ?? NO_COUNT;

/** The list of a view, kept live while the component is mounted. */
export function useView(key: ViewKey, order: Order = 'newest'): ViewWindow | undefined {
  const hub = useHub();
  useEffect(() => hub.watchView(key, order), [hub, key, order]);
  return useRow(hub.store.views, key);
}

/** The timeline of a conversation, kept live while the component is mounted. */
export function useTimeline(id: Id): Timeline | undefined {
  const hub = useHub();
  useEffect(() => hub.watchConversation(id), [hub, id]);
  return useRow(hub.store.timelines, id);
}

/** A card, kept live while the component is mounted. */
export function useLiveCard(id: Id): Card | undefined {
  const hub = useHub();
  useEffect(() => hub.watchCard(id), [hub, id]);
  return useRow(hub.store.cards, id);
}
