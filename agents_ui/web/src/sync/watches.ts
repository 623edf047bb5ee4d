/** Which lists, conversations and cards are on screen, and how their first state is had. */

import { api, withQuery } from '@/api/http';
import type {
  Card,
  ConversationItem,
  ConversationPage,
  ConversationSnapshot,
  Draft,
  Id,
  TimelinePage,
  ViewKey,
} from '@/api/types';
import type { Feed } from './feed';
import type { Cursor, Topic } from './frames';
import type { Live } from './live';
import type { Store } from './store';
import { emptyTimeline, prependPage } from './timelines';
import type { Order } from './types';
import { emptyWindow } from './windows';

const PAGE = 50;
/** Conversations kept right in memory after they left the screen, so that going back is instant. */
const KEPT = 30;

export class Watches {
  private readonly store: Store;
  private readonly feed: Feed;
  private readonly live: Live;
  private readonly counts = new Map<Topic, number>();
  private visited: Id[] = [];

  constructor(store: Store, feed: Feed, live: Live) {
    this.store = store;
    this.feed = feed;
    this.live = live;
  }

  topics(): Topic[] {
    return [...this.counts.keys()];
  }

  view(key: ViewKey, order: Order): () => void {
    const window = this.store.views.get(key);
    if (window?.order !== order || window.load === 'failed') {
      this.store.views.set(key, emptyWindow(key, order));
      void this.loadView(key);
    }
    return this.hold(`view:${key}`);
  }

  async loadView(key: ViewKey): Promise<void> {
    const order = this.store.views.get(key)?.order ?? 'newest';
    try {
      const [page, cursor] =
        order === 'newest' && this.live.isReady
          ? await this.snapshot<ConversationPage>(`view:${key}`)
          : await this.page(key, order);
      if (this.store.views.get(key)?.order !== order) return;
      this.feed.flush();
      this.feed.installView(key, page, cursor);
    } catch (error) {
      const window = this.store.views.get(key);
      if (window) this.store.views.set(key, { ...window, load: 'failed', error });
    }
  }

  async loadMore(key: ViewKey): Promise<void> {
    const window = this.store.views.get(key);
    if (!window || window.next === null || window.more === 'loading') return;
    this.store.views.set(key, { ...window, more: 'loading' });
    try {
      const [page, cursor] = await this.page(key, window.order, window.next);
      const now = this.store.views.get(key);
      // A reset meanwhile began the list anew; what was asked for belongs below another page.
      if (now?.next !== window.next || now.order !== window.order) return;
      this.feed.flush();
      this.feed.installView(key, page, cursor, true);
    } catch (error) {
      const now = this.store.views.get(key);
      if (now) this.store.views.set(key, { ...now, more: 'failed', error });
    }
  }

  conversation(id: Id): () => void {
    const have = this.store.timelines.get(id);
    if (!have || have.load === 'failed') {
      this.store.timelines.set(id, emptyTimeline(id));
      void this.loadConversation(id);
    }
    this.visited = [...this.visited.filter((other) => other !== id), id];
    this.forgetOldest();
    return this.hold(`conv:${id}`);
  }

  async loadOlder(id: Id): Promise<void> {
    const have = this.store.timelines.get(id);
    if (have?.load !== 'ready' || !have.has_more_before || have.older === 'loading') return;
    this.store.timelines.set(id, { ...have, older: 'loading' });
    try {
      const path = `/api/conversations/${id}/messages`;
      const page = await api.get<TimelinePage>(
        withQuery(path, { before_seq: have.first_seq, limit: PAGE }),
      );
      this.store.batch.run(() => prependPage(this.store, id, page));
    } catch (error) {
      const now = this.store.timelines.get(id);
      if (now) this.store.timelines.set(id, { ...now, older: 'failed', error });
    }
  }

  async loadBackTo(id: Id, seq: number): Promise<void> {
    for (;;) {
      const have = this.store.timelines.get(id);
      if (!have?.has_more_before || have.first_seq <= seq || have.older === 'failed') return;
      const before = have.first_seq;
      await this.loadOlder(id);
      if (this.store.timelines.get(id)?.first_seq === before) return;
    }
  }

  card(id: Id): () => void {
    if (!this.store.cards.get(id)) void this.loadCard(id);
    return this.hold(`card:${id}`);
  }

  /** Reads one row whose private half an event could not say. */
  async loadRow(id: Id): Promise<void> {
    const cursor = this.live.cursor ?? '';
    const item = await api.get<ConversationItem>(`/api/conversations/${id}`);
    this.feed.putRow(item, cursor);
  }

  private async loadConversation(id: Id): Promise<void> {
    try {
      const [snapshot, cursor] = this.live.isReady
        ? await this.snapshot<ConversationSnapshot>(`conv:${id}`)
        : await this.conversationByHttp(id);
      this.feed.flush();
      this.feed.installConversation(snapshot, cursor);
    } catch (error) {
      this.store.timelines.set(id, { ...emptyTimeline(id), load: 'failed', error });
    }
  }

  private async conversationByHttp(id: Id): Promise<[ConversationSnapshot, Cursor]> {
    const cursor = this.live.cursor ?? '';
    const path = `/api/conversations/${id}`;
    const [conversation, timeline, drafts] = await Promise.all([
      api.get<ConversationItem>(path),
      api.get<TimelinePage>(withQuery(`${path}/messages`, { limit: PAGE })),
      api.get<Draft[]>(`${path}/drafts`),
    ]);
    return [{ conversation, timeline, drafts }, cursor];
  }

  private async loadCard(id: Id): Promise<void> {
    const card = this.live.isReady
      ? (await this.snapshot<Card>(`card:${id}`))[0]
      : await api.get<Card>(`/api/cards/${id}`);
    const have = this.store.cards.get(id);
    if (!have || have.rev <= card.rev) this.store.cards.set(id, card);
  }

  private async snapshot<D>(topic: Topic): Promise<[D, Cursor]> {
    const { data, cursor } = await this.live.ask(topic);
    return [data as D, cursor];
  }

  private async page(
    key: ViewKey,
    order: Order,
    before?: string,
  ): Promise<[ConversationPage, Cursor]> {
    const path = withQuery('/api/conversations', { view: key, order, before, limit: PAGE });
    const page = await api.get<ConversationPage>(path);
    return [page, page.cursor];
  }

  private hold(topic: Topic): () => void {
    this.counts.set(topic, (this.counts.get(topic) ?? 0) + 1);
    return () => {
      const left = (this.counts.get(topic) ?? 1) - 1;
      if (left > 0) this.counts.set(topic, left);
      else this.counts.delete(topic);
    };
  }

  private forgetOldest(): void {
    const open = this.visited.filter((id) => !this.counts.has(`conv:${id}`));
    for (const id of open.slice(0, Math.max(0, open.length - KEPT))) {
      const messages = this.store.timelines.get(id)?.items ?? [];
      for (const item of messages) if (item.kind === 'message') this.store.messages.delete(item.id);
      this.store.timelines.delete(id);
      this.visited = this.visited.filter((other) => other !== id);
    }
  }
}
