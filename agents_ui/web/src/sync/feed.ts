/** Brings what the live connection hears into the store, once per frame. */

import type {
  Card,
  ConversationItem,
  ConversationPage,
  ConversationSnapshot,
  HubState,
  Id,
  ViewKey,
} from '@/api/types';
import { noteWake } from '@/api/http';
import { Ephemera } from './ephemera';
import type { Cursor, HubFrame, Placed, Topic } from './frames';
import type { Sink, SnapshotRefused } from './live';
import { Floors, putItem, reduce, type Notes } from './reduce';
import { draftKey, type Store } from './store';
import { emptyTimeline, installPage } from './timelines';
import type { LinkState } from './types';
import type { Waits } from './waits';
import { extend, install } from './windows';

/** How many changes are remembered for lists whose page was read before them. */
const RECENT = 4000;

export interface FeedOptions {
  store: Store;
  waits: Waits;
  notes: Notes;
  /** Topics on screen now. */
  watched: () => readonly Topic[];
  /** Runs `flush` before the next paint. */
  schedule: (flush: () => void) => void;
  /** Told of every event after it is in the store. */
  heard?: (event: Placed) => void;
  /** Lists whose membership only the hub can tell. */
  refresh: (key: ViewKey) => void;
  build: string;
}

export class Feed implements Sink {
  readonly floors = new Floors();
  private readonly options: FeedOptions;
  private readonly store: Store;
  private readonly ephemera: Ephemera;
  private queue: Placed[] = [];
  private scheduled = false;
  private recent: { cursor: Cursor; id: Id }[] = [];

  constructor(options: FeedOptions) {
    this.options = options;
    this.store = options.store;
    this.ephemera = new Ephemera(options.store, options.waits);
  }

  apply(events: readonly Placed[]): void {
    if (events.length === 0) return;
    this.queue.push(...events);
    if (this.scheduled) return;
    this.scheduled = true;
    this.options.schedule(() => this.flush());
  }

  /** Applies everything that waits; one bad event never stops the rest. */
  flush(): void {
    this.scheduled = false;
    const events = this.queue;
    this.queue = [];
    this.store.batch.run(() => {
      for (const event of events) {
        try {
          reduce(this.store, event, this.floors, this.options.notes);
          this.remember(event);
          this.options.heard?.(event);
        } catch (error) {
          console.error('event not applied', event, error);
        }
      }
    });
  }

  wanted(): Topic[] {
    return ['state', ...this.options.watched()];
  }

  snapshot(topic: Topic, data: unknown, cursor: Cursor): void {
    this.flush();
    this.store.batch.run(() => {
      const [kind, ...rest] = topic.split(':');
      const name = rest.join(':');
      if (kind === 'state') this.installState(data as HubState);
      else if (kind === 'view') this.installView(name as ViewKey, data as ConversationPage, cursor);
      else if (kind === 'conv') this.installConversation(data as ConversationSnapshot, cursor);
      else this.store.cards.set(name, data as Card);
    });
  }

  refused(topic: Topic, error: SnapshotRefused): void {
    const [kind, ...rest] = topic.split(':');
    const name = rest.join(':');
    if (kind === 'conv') {
      this.store.timelines.set(name, { ...emptyTimeline(name), load: 'failed', error });
    }
    const window = kind === 'view' ? this.store.views.get(name) : undefined;
    if (window) this.store.views.set(name, { ...window, load: 'failed', error });
  }

  settled(): void {
    const watched = new Set<string>(this.options.watched());
    this.store.batch.run(() => {
      for (const id of this.store.timelines.keys()) {
        if (!watched.has(`conv:${id}`)) this.store.timelines.delete(id);
      }
      for (const key of this.store.views.keys()) {
        if (!watched.has(`view:${key}`)) this.store.views.delete(key);
      }
      const kept = new Set([
        ...this.store.views.all().flatMap((window) => [...window.ids]),
        ...this.store.timelines.keys(),
      ]);
      for (const id of this.store.conversations.keys()) {
        if (!kept.has(id)) this.store.conversations.delete(id);
      }
    });
  }

  frame(frame: Extract<HubFrame, { op: 'counts' | 'eph' | 'build' }>): void {
    if (frame.op === 'eph') return this.ephemera.apply(frame.e);
    if (frame.op === 'build') {
      if (this.options.build && frame.build && frame.build !== this.options.build) {
        this.store.link.set({ ...this.store.link.get(), stale: true });
      }
      return;
    }
    this.store.batch.run(() => {
      for (const [key, count] of Object.entries(frame.v)) {
        this.store.counts.set(key, count);
        if (key === 'scheduled') this.options.refresh(key);
      }
    });
  }

  link(state: LinkState, behind: number): void {
    const before = this.store.link.get();
    if (before.state === state && before.behind === behind) return;
    if (state === 'connecting') this.ephemera.clear();
    const since = state === 'live' ? null : (before.since ?? Date.now());
    this.store.link.set({ ...before, state, behind, since });
  }

  slept(): void {
    noteWake();
  }

  installState(state: HubState): void {
    const byId = <R extends { id: Id }>(rows: readonly R[]) =>
      rows.map((row) => [row.id, row] as const);
    this.store.batch.run(() => {
      this.store.me.set(state.me);
      this.store.agents.replace(byId(state.agents));
      this.store.teams.replace(byId(state.teams));
      this.store.branches.replace(byId(state.branches));
      this.store.tags.replace(byId(state.tags));
      this.store.accounts.replace(byId(state.accounts));
      this.store.counts.replace(Object.entries(state.counts));
      this.store.presence.replace(Object.entries(state.presence));
    });
  }

  /** A page of a list, from the socket or from HTTP, as of `cursor`. */
  installView(key: ViewKey, page: ConversationPage, cursor: Cursor, below = false): void {
    this.store.batch.run(() => {
      for (const item of page.items) putItem(this.store, item, cursor, this.floors);
      (below ? extend : install)(this.store, key, page, this.changedSince(cursor));
    });
  }

  installConversation(snapshot: ConversationSnapshot, cursor: Cursor): void {
    const { conversation, timeline, drafts } = snapshot;
    this.store.batch.run(() => {
      putItem(this.store, conversation, cursor, this.floors);
      installPage(this.store, conversation.id, timeline);
      for (const kind of ['reply', 'note'] as const) {
        const draft = drafts.find((one) => one.kind === kind);
        const key = draftKey(conversation.id, kind);
        if (draft) this.options.notes.remoteDraft(draft);
        else if (this.store.drafts.get(key)?.state === 'saved') this.store.drafts.delete(key);
      }
    });
  }

  /** A row as an answer over HTTP has it. */
  putRow(item: ConversationItem, cursor: Cursor): void {
    this.store.batch.run(() => putItem(this.store, item, cursor, this.floors));
  }

  private changedSince(cursor: Cursor): Set<Id> {
    return new Set(this.recent.filter((one) => one.cursor > cursor).map((one) => one.id));
  }

  private remember(event: Placed): void {
    if (event.type !== 'conversation.changed') return;
    this.recent.push({ cursor: event.c, id: event.conversation.id });
    if (this.recent.length > RECENT) this.recent = this.recent.slice(-RECENT / 2);
  }
}
