/** Long polls, where sockets do not pass: fetched only there. */

import type { Frame, FromHub } from './protocol.ts';

interface Owner {
  hello(): Frame & { token: string };
  hear(frame: FromHub): void;
  /** It is over; `code` as of sockets, 0 where the hub could not be reached. */
  fail(code: number, wait?: number): void;
}

const WAIT = 25; // seconds a poll waits for news
const CODES: Record<number, number> = { 401: 4401, 403: 4403, 429: 4429 };

export class Polls {
  readonly #base: string;
  readonly #signal: AbortSignal;
  readonly #owner: Owner;

  constructor(base: string, signal: AbortSignal, owner: Owner) {
    this.#base = base;
    this.#signal = signal;
    this.#owner = owner;
  }

  /** Asks again and again until it fails, or is aborted. */
  async run(): Promise<void> {
    let wait = 0;
    while (!this.#signal.aborted) {
      const hello = { ...this.#owner.hello(), wait };
      if (!(await this.#ask('poll', hello, hello.token))) return;
      wait = WAIT;
    }
  }

  /** Says something; what has a `cid` is said again after the next welcome if this fails. */
  async post(frames: Frame[]): Promise<void> {
    if (frames.length) await this.#ask('send', frames, this.#owner.hello().token);
  }

  async #ask(path: string, body: unknown, token: string): Promise<boolean> {
    try {
      const answer = await fetch(`${this.#base}/${path}`, {
        method: 'POST',
        credentials: 'omit',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: this.#signal,
      });
      if (answer.ok) {
        for (const frame of (await answer.json()) as FromHub[]) this.#owner.hear(frame);
        return true;
      }
      const wait = +(answer.headers.get('retry-after') ?? 30) * 1000;
      this.#owner.fail(CODES[answer.status] ?? 0, wait);
    } catch {
      if (!this.#signal.aborted) this.#owner.fail(0);
    }
    return false;
  }
}
