/** What must survive a crash of the tab: unsent messages and unsaved drafts, in IndexedDB. */

import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import type { LocalDraft, Pending } from './types';

interface Schema extends DBSchema {
  outbox: { key: string; value: Pending };
  drafts: { key: string; value: LocalDraft };
}

export interface Persist {
  outbox(): Promise<Pending[]>;
  putPending(pending: Pending): Promise<void>;
  dropPending(token: string): Promise<void>;
  drafts(): Promise<Map<string, LocalDraft>>;
  putDraft(key: string, draft: LocalDraft): Promise<void>;
  dropDraft(key: string): Promise<void>;
  /** On sign-out nothing of this agent stays on the machine. */
  wipe(): Promise<void>;
}

/** One database an agent, so that two people at one machine never see each other's text. */
export function openPersist(agentId: string): Persist {
  let opened: Promise<IDBPDatabase<Schema>> | null = null;
  const name = `punte-${agentId}`;
  const db = () =>
    (opened ??= openDB<Schema>(name, 1, {
      upgrade(fresh) {
        fresh.createObjectStore('outbox', { keyPath: 'token' });
        fresh.createObjectStore('drafts');
      },
    }));
  return {
    outbox: async () => (await db()).getAll('outbox'),
    putPending: async (pending) => void (await (await db()).put('outbox', pending)),
    dropPending: async (token) => (await db()).delete('outbox', token),
    drafts: async () => {
      const tx = (await db()).transaction('drafts');
      const [keys, rows] = await Promise.all([tx.store.getAllKeys(), tx.store.getAll()]);
      return new Map(rows.map((row, at) => [keys[at] ?? '', row]));
    },
    putDraft: async (key, draft) => void (await (await db()).put('drafts', draft, key)),
    dropDraft: async (key) => (await db()).delete('drafts', key),
    wipe: async () => {
      const tx = (await db()).transaction(['outbox', 'drafts'], 'readwrite');
      await Promise.all([tx.objectStore('outbox').clear(), tx.objectStore('drafts').clear()]);
      await tx.done;
    },
  };
}
