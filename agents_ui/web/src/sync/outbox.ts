/** Messages this browser promised to send: shown at once, sent exactly once, kept until accepted. */

import { api, Problem, Unreachable } from '@/api/http';
import type { Id, Message } from '@/api/types';
import type { Persist } from './persist';
import type { Store } from './store';
import type { Outgoing, Pending } from './types';
import type { Waits } from './waits';

const RETRY_MS = [1000, 2000, 5000, 10_000, 15_000];

export interface OutboxOptions {
  store: Store;
  persist: Persist;
  waits: Waits;
  /** Only one tab sends what was left over; every tab sends its own. */
  isLeader: () => boolean;
  accepted: (message: Message) => void;
}

export class Outbox {
  private readonly options: OutboxOptions;
  private readonly sending = new Set<string>();
  private readonly mine = new Set<string>();
  private failures = 0;

  constructor(options: OutboxOptions) {
    this.options = options;
  }

  /** Takes up what an earlier tab left. */
  async load(): Promise<void> {
    for (const pending of await this.options.persist.outbox()) {
      const state = pending.state === 'sending' ? 'waiting' : pending.state;
      this.put({ ...pending, state });
    }
    this.flush();
  }

  add(conversationId: Id, body: Outgoing): string {
    const pending: Pending = {
      token: crypto.randomUUID(),
      conversation_id: conversationId,
      body,
      at: Date.now(),
      state: 'waiting',
      problem: null,
    };
    this.mine.add(pending.token);
    this.put(pending);
    void this.promise(pending);
    return pending.token;
  }

  /** Sends a refused message again. The hub has not taken it, so the key is still free. */
  again(token: string, change: Partial<Outgoing> = {}): void {
    const pending = this.find(token);
    if (!pending) return;
    this.mine.add(token);
    const next: Pending = {
      ...pending,
      body: { ...pending.body, ...change },
      state: 'waiting',
      problem: null,
    };
    this.put(next);
    void this.promise(next);
  }

  discard(token: string): Pending | undefined {
    const pending = this.find(token);
    if (!pending || this.sending.has(token)) return undefined;
    this.forget(pending.conversation_id, token);
    return pending;
  }

  /** The hub has it: by its answer or by an event, whichever came first. */
  settle(conversationId: Id, token: string): void {
    if (this.options.store.pending.get(conversationId)?.some((one) => one.token === token)) {
      this.forget(conversationId, token);
    }
  }

  /** Sends everything that waits; called whenever the hub may be reachable again. */
  flush(): void {
    for (const pending of this.options.store.pending.all().flat()) {
      const ours = this.mine.has(pending.token) || this.options.isLeader();
      if (pending.state === 'waiting' && ours) void this.post(pending);
    }
  }

  private async promise(pending: Pending): Promise<void> {
    try {
      await this.options.persist.putPending(pending);
    } catch (error) {
      console.error('the outbox cannot be kept on this machine', error);
    }
    await this.post(pending);
  }

  private async post(pending: Pending): Promise<void> {
    const { token, conversation_id } = pending;
    if (this.sending.has(token)) return;
    this.sending.add(token);
    this.put({ ...pending, state: 'sending' });
    try {
      const path = `/api/conversations/${conversation_id}/messages`;
      const message = await api.post<Message>(path, pending.body, { idempotencyKey: token });
      this.failures = 0;
      this.options.store.batch.run(() => {
        this.options.accepted(message);
        this.forget(conversation_id, token);
      });
    } catch (error) {
      this.failed(pending, error);
    } finally {
      this.sending.delete(token);
    }
  }

  private failed(pending: Pending, error: unknown): void {
    if (!this.find(pending.token)) return; // the event was faster than the broken answer
    const passing =
      error instanceof Unreachable || (error instanceof Problem && isPassing(error.status));
    if (passing) {
      this.put({ ...pending, state: 'waiting' });
      const delay = RETRY_MS[Math.min(this.failures++, RETRY_MS.length - 1)] ?? 0;
      this.options.waits.after(delay, () => this.flush());
      return;
    }
    const problem =
      error instanceof Problem
        ? { code: error.code, detail: error.message, members: error.members }
        : { code: 'browser.failed', detail: String(error), members: {} };
    const refused: Pending = { ...pending, state: 'refused', problem };
    this.put(refused);
    this.options.persist.putPending(refused).catch(console.error);
  }

  private find(token: string): Pending | undefined {
    return this.options.store.pending
      .all()
      .flat()
      .find((pending) => pending.token === token);
  }

  private put(pending: Pending): void {
    const { pending: rows } = this.options.store;
    const have = rows.get(pending.conversation_id) ?? [];
    const at = have.findIndex((one) => one.token === pending.token);
    const next = at < 0 ? [...have, pending] : have.with(at, pending);
    rows.set(pending.conversation_id, next);
  }

  private forget(conversationId: Id, token: string): void {
    const { pending: rows } = this.options.store;
    const left = (rows.get(conversationId) ?? []).filter((one) => one.token !== token);
    if (left.length > 0) rows.set(conversationId, left);
    else rows.delete(conversationId);
    this.mine.delete(token);
    this.options.persist.dropPending(token).catch(console.error);
  }
}

/** Refusals that say "not now": too many calls, restarting, behind a broken proxy, signed out. */
function isPassing(status: number): boolean {
  return status === 401 || status === 408 || status === 425 || status === 429 || status >= 500;
}
