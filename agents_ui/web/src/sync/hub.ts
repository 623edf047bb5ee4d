/** The hub as the browser sees it: a live store and the verbs that change things. */

import { api, Problem } from '@/api/http';
import type { ConversationItem, HubState, Id, Me, ViewKey } from '@/api/types';
import { Drafts } from './drafts';
import { Feed } from './feed';
import type { Placed } from './frames';
import { electLeader, type Leader } from './leader';
import { Live } from './live';
import { Outbox } from './outbox';
import { openPersist, type Persist } from './persist';
import { amend } from './reduce';
import { Store } from './store';
import { addMessage } from './timelines';
import type { ConversationPatch, Hub, MeChange } from './types';
import { Waits } from './waits';
import { Watches } from './watches';
import { place } from './windows';

const TYPING_MS = 3000;

export interface HubOptions {
  state: HubState;
  /** The build this page was made from; another one at the hub means "reload when convenient". */
  build: string;
  url?: string;
  persist?: Persist;
  socket?: (url: string) => WebSocket;
  schedule?: (flush: () => void) => void;
  heard?: (event: Placed) => void;
}

/** Builds the hub for one signed-in agent from `GET /api/state`. */
export function createHub(options: HubOptions): Hub {
  return new LiveHub(options);
}

class LiveHub implements Hub {
  readonly store = new Store();
  private readonly state: HubState;
  private readonly persist: Persist;
  private readonly waits = new Waits();
  private readonly feed: Feed;
  private readonly live: Live;
  private readonly watches: Watches;
  private readonly outbox: Outbox;
  private readonly drafts: Drafts;
  private readonly guessed = new Set<Id>();
  private leader: Leader | null = null;
  private typedAt = 0;
  private looking: Id | null = null;
  private unlisten: () => void = () => {};

  constructor(options: HubOptions) {
    this.state = options.state;
    const persist = options.persist ?? openPersist(options.state.me.id);
    this.persist = persist;
    this.feed = new Feed({
      store: this.store,
      waits: this.waits,
      build: options.build,
      watched: () => this.watches.topics(),
      schedule: options.schedule ?? beforePaint,
      heard: options.heard ?? (() => {}),
      refresh: (key: ViewKey) => {
        if (this.watches.topics().includes(`view:${key}`)) void this.watches.loadView(key);
      },
      notes: {
        guessed: (id) => this.learn(id),
        agentChanged: (id) => void this.refreshMe(id),
        accepted: (conversationId, token) => this.outbox.settle(conversationId, token),
        remoteDraft: (draft) => this.drafts.remote(draft),
      },
    });
    this.live = new Live({
      url: options.url ?? liveUrl(),
      build: options.build,
      sink: this.feed,
      memory: sessionStorage,
      hidden: () => document.visibilityState === 'hidden',
      ...(options.socket ? { socket: options.socket } : {}),
    });
    this.watches = new Watches(this.store, this.feed, this.live);
    this.drafts = new Drafts(this.store, persist, this.waits);
    this.outbox = new Outbox({
      store: this.store,
      persist,
      waits: this.waits,
      isLeader: () => this.leader?.isLeader() ?? false,
      accepted: (message) => addMessage(this.store, message),
    });
    this.feed.installState(options.state);
  }

  start(): void {
    this.leader = electLeader(() => this.outbox.flush());
    this.live.start(this.state.epoch, this.state.cursor);
    const unsubscribe = this.store.link.subscribe(() => {
      if (this.store.link.get().state === 'live') this.onLive();
    });
    const unwatch = onComeback(() => this.live.probe());
    const onHide = () => {
      if (document.visibilityState === 'hidden') void this.drafts.flush();
      this.live.say({ op: 'vis', v: document.visibilityState });
    };
    const onLeave = () => this.live.leave();
    document.addEventListener('visibilitychange', onHide);
    window.addEventListener('pagehide', onLeave);
    this.waits.every(TYPING_MS + 2000, () => this.look());
    this.unlisten = () => {
      unsubscribe();
      unwatch();
      document.removeEventListener('visibilitychange', onHide);
      window.removeEventListener('pagehide', onLeave);
    };
    void Promise.all([this.outbox.load(), this.drafts.load()]).catch(console.error);
  }

  stop(): void {
    this.unlisten();
    this.live.stop();
    this.leader?.resign();
    this.waits.clear();
  }

  async changeMe(change: MeChange): Promise<Me> {
    const me = await api.patch<Me>('/api/me', change);
    this.store.me.set(me);
    return me;
  }

  async forget(): Promise<void> {
    this.stop();
    await this.persist.wipe();
  }

  resume(): void {
    this.live.stop();
    this.live.start(this.live.epoch, this.live.cursor);
  }

  watchView: Hub['watchView'] = (key, order = 'newest') => this.watches.view(key, order);
  watchConversation: Hub['watchConversation'] = (id) => this.watches.conversation(id);
  watchCard: Hub['watchCard'] = (id) => this.watches.card(id);
  loadMore: Hub['loadMore'] = (key) => this.watches.loadMore(key);
  loadOlder: Hub['loadOlder'] = (id) => this.watches.loadOlder(id);
  loadBackTo: Hub['loadBackTo'] = (id, seq) => this.watches.loadBackTo(id, seq);

  send: Hub['send'] = (conversationId, body) => {
    let token = '';
    this.store.batch.run(() => {
      token = this.outbox.add(conversationId, body);
      this.drafts.drop(conversationId, body.kind);
    });
    return token;
  };
  resend: Hub['resend'] = (token, change) => this.outbox.again(token, change);
  discard: Hub['discard'] = (token) => this.outbox.discard(token);

  saveDraft: Hub['saveDraft'] = (id, kind, body, seq) => this.drafts.save(id, kind, body, seq);
  dropDraft: Hub['dropDraft'] = (id, kind) => this.drafts.drop(id, kind);
  flushDrafts: Hub['flushDrafts'] = () => this.drafts.flush();

  async patch(id: Id, patch: ConversationPatch): Promise<ConversationItem> {
    const before = this.store.conversations.get(id);
    if (before) this.show(guess(before, patch, this.store.me.get()));
    const cursor = this.live.cursor ?? '';
    try {
      const item = await api.patch<ConversationItem>(`/api/conversations/${id}`, patch);
      this.feed.putRow(item, cursor);
      return item;
    } catch (error) {
      const now = this.store.conversations.get(id);
      // An event may have brought a newer row meanwhile; that one is true already.
      if (before && now?.rev === before.rev) this.show(before);
      if (error instanceof Problem && error.status === 409) this.learn(id);
      throw error;
    }
  }

  markRead(id: Id, seq: number): void {
    const row = this.store.conversations.get(id);
    if (!row) return;
    const before = row.read_count;
    if (row.last_seq <= seq) amend(this.store, id, { read_count: row.inbound_count });
    api.post(`/api/conversations/${id}/read`, { seq }).catch(() => {
      amend(this.store, id, { read_count: before });
    });
  }

  async markUnread(id: Id, seq: number): Promise<void> {
    await api.post(`/api/conversations/${id}/unread`, { seq });
    this.learn(id);
  }

  typing: Hub['typing'] = (conversationId, kind, on) => {
    const now = Date.now();
    if (on && now - this.typedAt < TYPING_MS) return;
    this.typedAt = on ? now : 0;
    this.live.say({ op: 'typing', conversation_id: conversationId, kind, on });
  };

  viewing(conversationId: Id | null): void {
    this.looking = conversationId;
    this.live.say({ op: 'view', conversation_id: conversationId });
  }

  /** Others forget after ten seconds who is looking, so it is said again. */
  private look(): void {
    if (this.looking !== null && document.visibilityState === 'visible') {
      this.live.say({ op: 'view', conversation_id: this.looking });
    }
  }

  private onLive(): void {
    this.outbox.flush();
    this.look();
  }

  private show(row: ConversationItem): void {
    this.store.batch.run(() => {
      this.store.conversations.set(row.id, row);
      place(this.store, row);
    });
  }

  private learn(id: Id): void {
    if (this.guessed.has(id)) return;
    this.guessed.add(id);
    this.watches
      .loadRow(id)
      .catch(() => undefined) // the row stays as the event said it
      .finally(() => this.guessed.delete(id));
  }

  private async refreshMe(id: Id): Promise<void> {
    if (id !== this.store.me.get()?.id) return;
    try {
      this.store.me.set(await api.get<Me>('/api/me'));
    } catch (error) {
      console.error('own profile not refreshed', error);
    }
  }
}

/** The row as it will be if the hub agrees. */
function guess(row: ConversationItem, patch: ConversationPatch, me: Me | null): ConversationItem {
  const { following, ...fields } = patch;
  const next = { ...row, ...fields };
  if (following !== undefined && me) {
    const others = row.follower_ids.filter((id) => id !== me.id);
    next.follower_ids = following ? [...others, me.id] : others;
  }
  return next;
}

function beforePaint(flush: () => void): void {
  if (document.visibilityState === 'hidden') setTimeout(flush, 50);
  else requestAnimationFrame(flush);
}

function liveUrl(): string {
  const { protocol, host } = window.location;
  return `${protocol === 'https:' ? 'wss' : 'ws'}://${host}/live`;
}

/** Calls when the page or the network comes back. */
function onComeback(run: () => void): () => void {
  const visible = () => {
    if (document.visibilityState !== 'hidden') run();
  };
  const windowEvents = ['online', 'focus', 'pageshow'] as const;
  for (const name of windowEvents) window.addEventListener(name, visible);
  document.addEventListener('visibilitychange', visible);
  document.addEventListener('resume', visible);
  return () => {
    for (const name of windowEvents) window.removeEventListener(name, visible);
    document.removeEventListener('visibilitychange', visible);
    document.removeEventListener('resume', visible);
  };
}
