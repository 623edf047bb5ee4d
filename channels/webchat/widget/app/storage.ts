/**
 * What the frame keeps in its own storage, which browsers part by the site it stands in. Nothing
 * is written before the visitor acts; where storage is forbidden, memory stands in.
 */

import type { Durable } from './protocol.ts';

export class Storage {
  readonly #prefix: string;
  readonly #spare = new Map<string, string>();

  readonly #store: () => globalThis.Storage;

  constructor(key: string, store: () => globalThis.Storage = () => localStorage) {
    this.#store = store;
    this.#prefix = `punte:${key}:`;
  }

  get(name: string): string | null {
    try {
      return this.#store().getItem(this.#prefix + name);
    } catch {
      return this.#spare.get(name) ?? null;
    }
  }

  set(name: string, value: string | null): void {
    try {
      if (value === null) this.#store().removeItem(this.#prefix + name);
      else this.#store().setItem(this.#prefix + name, value);
    } catch {
      if (value === null) this.#spare.delete(name);
      else this.#spare.set(name, value);
    }
  }

  #names(): string[] {
    try {
      return Object.keys(this.#store())
        .filter((name) => name.startsWith(this.#prefix))
        .map((name) => name.slice(this.#prefix.length));
    } catch {
      return [...this.#spare.keys()];
    }
  }

  /** Keeps what must reach the hub: one key a frame, so that two tabs never overwrite each other. */
  keep(frame: Durable): void {
    this.set(`out:${frame.cid}`, JSON.stringify(frame));
  }

  drop(cid: string): void {
    this.set(`out:${cid}`, null);
  }

  /** Returns what has not reached the hub yet, oldest first. */
  unsent(): Durable[] {
    return this.#names()
      .filter((name) => name.startsWith('out:'))
      .flatMap((name) => {
        try {
          return JSON.parse(this.get(name) ?? '') as Durable;
        } catch {
          return [];
        }
      })
      .sort((one, other) => one.at - other.at);
  }

  /** Forgets everything of this visitor. */
  clear(): void {
    for (const name of this.#names()) this.set(name, null);
  }
}

/** Returns a new secret: 32 random bytes in base64url. */
export function newToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

/** Returns a name that nothing else has; `crypto.randomUUID` is missing over plain HTTP. */
export const newId = () => newToken().slice(0, 22);
