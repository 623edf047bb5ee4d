/** Who is typing, looking and present: worth nothing when late, so it expires by itself. */

import type { ClientTyping, DraftKind, Id } from '@/api/types';
import type { Ephemeral } from './frames';
import type { Store } from './store';
import type { Waits } from './waits';

const TTL_MS = 10_000;

export class Ephemera {
  private readonly store: Store;
  private readonly waits: Waits;
  private readonly seenAt = new Map<string, number>();

  constructor(store: Store, waits: Waits) {
    this.store = store;
    this.waits = waits;
  }

  apply(news: readonly Ephemeral[]): void {
    this.store.batch.run(() => {
      for (const one of news) this.take(one);
    });
  }

  /** After a new connection nothing of this is known any more. */
  clear(): void {
    this.store.typing.replace([]);
    this.store.viewers.replace([]);
    this.store.clientTyping.replace([]);
  }

  private take(one: Ephemeral): void {
    if (one.t === 'client_typing') return this.clientTypes(one);
    if (one.t === 'presence') return this.store.presence.set(one.agent_id, one.status);
    if (one.agent_id === this.store.me.get()?.id) return;
    if (one.t === 'typing') return this.type(one.conversation_id, one.agent_id, one.kind, one.on);
    this.look(one.agent_id, one.on ? one.conversation_id : null);
  }

  private type(conversationId: Id, agentId: Id, kind: DraftKind, on: boolean): void {
    const others = (this.store.typing.get(conversationId) ?? []).filter(
      (typing) => typing.agent_id !== agentId,
    );
    const next = on ? [...others, { agent_id: agentId, kind }] : others;
    this.store.typing.set(conversationId, next);
    if (on) {
      this.expire(`typing ${agentId}`, () => this.type(conversationId, agentId, kind, false));
    }
  }

  private clientTypes({ conversation_id, name, activity }: ClientTyping): void {
    this.store.clientTyping.set(conversation_id, { name, activity });
    this.expire(`client ${conversation_id}`, () => this.store.clientTyping.delete(conversation_id));
  }

  private look(agentId: Id, conversationId: Id | null): void {
    for (const id of this.store.viewers.keys()) {
      const viewers = this.store.viewers.get(id) ?? [];
      if (id !== conversationId && viewers.includes(agentId)) {
        this.store.viewers.set(
          id,
          viewers.filter((other) => other !== agentId),
        );
      }
    }
    if (conversationId === null) return;
    const viewers = this.store.viewers.get(conversationId) ?? [];
    if (!viewers.includes(agentId)) {
      this.store.viewers.set(conversationId, [...viewers, agentId]);
    }
    this.expire(`viewing ${agentId}`, () => this.look(agentId, null));
  }

  private expire(what: string, undo: () => void): void {
    const at = performance.now();
    this.seenAt.set(what, at);
    this.waits.after(TTL_MS, () => {
      if (this.seenAt.get(what) === at) undo();
    });
  }
}
