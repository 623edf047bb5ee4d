/** Text being written: in this browser at once, on the hub a second later, deleted in order. */

import { api, Problem } from '@/api/http';
import type { Draft, DraftBody, DraftKind, Id } from '@/api/types';
import type { Persist } from './persist';
import { draftKey, type Store } from './store';
import type { LocalDraft } from './types';
import type { Waits } from './waits';

const SAVE_MS = 1000;

export class Drafts {
  private readonly store: Store;
  private readonly persist: Persist;
  private readonly waits: Waits;
  /** One write at a time for each draft, so that a delete never lands before a save. */
  private readonly lines = new Map<string, Promise<void>>();
  private readonly due = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(store: Store, persist: Persist, waits: Waits) {
    this.store = store;
    this.persist = persist;
    this.waits = waits;
  }

  /** Takes up what an earlier tab could not bring to the hub. */
  async load(): Promise<void> {
    for (const [key, draft] of await this.persist.drafts()) {
      if (!this.store.drafts.get(key)) this.store.drafts.set(key, draft);
      if (draft.state === 'local') this.later(key);
    }
  }

  save(conversationId: Id, kind: DraftKind, body: DraftBody, baseSeq: number): void {
    if (isEmpty(body)) return this.drop(conversationId, kind);
    const key = draftKey(conversationId, kind);
    const have = this.store.drafts.get(key);
    const draft: LocalDraft = {
      conversation_id: conversationId,
      kind,
      body,
      base_seq: baseSeq,
      rev: have?.rev ?? 0,
      updated_at: new Date().toISOString(),
      state: 'local',
    };
    this.store.drafts.set(key, draft);
    this.persist.putDraft(key, draft).catch(console.error);
    this.later(key);
  }

  drop(conversationId: Id, kind: DraftKind): void {
    const key = draftKey(conversationId, kind);
    const have = this.store.drafts.get(key);
    this.waits.cancel(this.due.get(key));
    this.due.delete(key);
    this.store.drafts.delete(key);
    this.persist.dropDraft(key).catch(console.error);
    if (!have) return;
    this.enqueue(key, () => api.delete(path(conversationId, kind), undefined, { keepalive: true }));
  }

  /** Another tab or machine of this agent wrote; what is being typed here is never overwritten. */
  remote(draft: Draft): void {
    const key = draftKey(draft.conversation_id, draft.kind);
    const have = this.store.drafts.get(key);
    if (have && draft.rev <= have.rev) return;
    if (have?.state === 'local') {
      if (sameBody(have.body, draft.body)) return;
      return this.store.drafts.set(key, { ...have, rev: draft.rev });
    }
    this.store.drafts.set(key, { ...draft, state: 'saved' });
  }

  /** Brings everything to the hub now: the page is being hidden or left. */
  async flush(): Promise<void> {
    for (const key of this.due.keys()) this.push(key);
    await Promise.all(this.lines.values());
  }

  private later(key: string): void {
    this.waits.cancel(this.due.get(key));
    this.due.set(
      key,
      this.waits.after(SAVE_MS, () => this.push(key)),
    );
  }

  private push(key: string): void {
    this.waits.cancel(this.due.get(key));
    this.due.delete(key);
    this.enqueue(key, async () => {
      const draft = this.store.drafts.get(key);
      if (draft?.state !== 'local') return;
      const { conversation_id, kind, body, base_seq } = draft;
      const sent = { body, base_seq, ...(draft.rev > 0 ? { rev: draft.rev } : {}) };
      const saved = await api
        .put<Draft>(path(conversation_id, kind), sent, { keepalive: true })
        .catch((error: unknown) => this.disagreed(key, error));
      if (!saved) return;
      const now = this.store.drafts.get(key);
      if (!now) return;
      const state = sameBody(now.body, body) ? 'saved' : 'local';
      this.store.drafts.set(key, { ...now, rev: Math.max(now.rev, saved.rev), state });
      if (state === 'saved') await this.persist.dropDraft(key);
    });
  }

  /** Another window saved something else: both texts are kept, and the agent chooses. */
  private disagreed(key: string, error: unknown): null {
    const mine = this.store.drafts.get(key);
    if (!(error instanceof Problem) || error.code !== 'draft.changed' || !mine) throw error;
    const theirs = error.members.draft as Draft;
    this.store.drafts.set(key, {
      ...mine,
      rev: theirs.rev,
      state: 'conflict',
      theirs: theirs.body,
    });
    return null;
  }

  private enqueue(key: string, write: () => Promise<unknown>): void {
    const before = this.lines.get(key) ?? Promise.resolve();
    const line = before.then(write).then(
      () => undefined,
      (error: unknown) => {
        // Refused for good: the text stays in this browser. Unreachable: tried again.
        if (!(error instanceof Problem) || error.status >= 500) this.later(key);
      },
    );
    this.lines.set(key, line);
    void line.then(() => {
      if (this.lines.get(key) === line) this.lines.delete(key);
    });
  }
}

function path(conversationId: Id, kind: DraftKind): string {
  return `/api/conversations/${conversationId}/drafts/${kind}`;
}

function isEmpty(body: DraftBody): boolean {
  return body.text.trim() === '' && body.attachments.length === 0;
}

function sameBody(a: DraftBody, b: DraftBody): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
