/**
 * The connection: a WebSocket, or long polls where sockets do not pass. It comes back by itself,
 * with jitter; what must not get lost is the business of its owner, who is told of every welcome.
 */

import type { Polls } from './polls.ts';
import type { Frame, FromHub } from './protocol.ts';

export type Health = 'connecting' | 'on' | 'lost' | 'refused';

export interface Owner {
  /** The first frame of a connection. */
  hello(): Frame & { token: string };
  hear(frame: FromHub): void;
  health(state: Health): void;
  /** The token is dead: a new visitor begins. */
  expired(): void;
}

const PATIENCE = 8000; // ms until a socket has to be welcomed
const SILENCE = 25_000; // ms after which we ask whether the hub is there
const LONGEST = 30_000; // ms between attempts
const REFUSED_TWICE = 2; // sockets that failed, before polls are tried

export class Link {
  #socket: WebSocket | undefined;
  #polling: AbortController | undefined;
  #polls: Polls | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #watch: ReturnType<typeof setTimeout> | undefined;
  #attempts = 0;
  #failedSockets = 0;
  #stopped = true;
  #welcomed = false;

  readonly #base: string;
  readonly #owner: Owner;

  constructor(base: string, owner: Owner) {
    this.#base = base;
    this.#owner = owner;
  }

  /** Connects, or connects again at once. */
  open(): void {
    this.#stopped = false;
    this.#end();
    if (this.#failedSockets >= REFUSED_TWICE) void this.#poll();
    else this.#dial();
  }

  /** Ends the connection until `open`. */
  close(): void {
    this.#stopped = true;
    this.#end();
  }

  /** Connects at once if we are waiting for the next attempt: the network has come back. */
  hurry(): void {
    if (!this.#stopped && !this.#welcomed && this.#timer !== undefined) {
      this.#attempts = 0;
      this.open();
    }
  }

  /** Says it if somebody listens; returns whether. */
  send(...frames: Frame[]): boolean {
    if (!this.#welcomed) return false;
    if (this.#socket) frames.forEach((frame) => this.#socket!.send(JSON.stringify(frame)));
    else void this.#polls?.post(frames);
    return true;
  }

  #end(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#watch);
    this.#timer = undefined;
    this.#welcomed = false;
    const socket = this.#socket;
    const polling = this.#polling;
    this.#socket = this.#polling = undefined;
    socket?.close();
    polling?.abort();
  }

  #again(wait?: number): void {
    this.#end();
    if (this.#stopped) return;
    this.#owner.health('lost');
    const most = Math.min(LONGEST, 500 * 2 ** this.#attempts++);
    this.#timer = setTimeout(() => this.open(), wait ?? most * (0.3 + 0.7 * Math.random()));
  }

  #heard(frame: FromHub): void {
    if (frame.t === 'welcome') {
      this.#welcomed = true;
      this.#attempts = 0;
      this.#owner.health('on');
    }
    this.#owner.hear(frame);
  }

  // ------------------------------------------------------------------ sockets

  #dial(): void {
    const address = new URL(`${this.#base}/live`, location.href);
    address.protocol = address.protocol.replace('http', 'ws');
    let socket: WebSocket;
    try {
      socket = new WebSocket(address, 'chat.v1');
    } catch {
      this.#failedSockets++;
      this.#again();
      return;
    }
    this.#socket = socket;
    this.#watch = setTimeout(() => this.#failed(socket), PATIENCE);
    socket.onopen = () => socket.send(JSON.stringify(this.#owner.hello()));
    socket.onmessage = (event: MessageEvent<string>) => {
      if (socket !== this.#socket) return;
      this.#failedSockets = 0;
      this.#listen(socket);
      this.#heard(JSON.parse(event.data) as FromHub);
    };
    socket.onclose = ({ code }) => {
      if (socket === this.#socket) this.#failed(socket, code);
    };
  }

  #failed(socket: WebSocket, code = 0): void {
    if (socket !== this.#socket) return;
    if (!this.#welcomed && code < 4000) this.#failedSockets++;
    this.#over(code);
  }

  /** Does what the end of a connection asks for; `code` as of sockets, 0 for none. */
  #over(code: number, wait?: number): void {
    if (code === 4401) {
      this.#owner.expired();
      this.open();
    } else if (code === 4403) {
      this.close();
      this.#owner.health('refused');
    } else if (code === 4429) this.#again(wait ?? 30_000);
    else if (code === 1012) this.#again(Math.random() * 2000);
    else this.#again();
  }

  /** Asks a silent hub whether it is there: a dead network does not say so. */
  #listen(socket: WebSocket): void {
    clearTimeout(this.#watch);
    this.#watch = setTimeout(() => {
      socket.send('{"t":"ping"}');
      this.#watch = setTimeout(() => this.#failed(socket), PATIENCE);
    }, SILENCE);
  }

  // ------------------------------------------------------------------ polls

  /** Fetches what polls need, and lets it work in place of the socket. */
  async #poll(): Promise<void> {
    const polling = (this.#polling = new AbortController());
    const { Polls } = await import('./polls.ts');
    if (polling !== this.#polling) return;
    const part = <R>(use: R) => (polling === this.#polling ? use : undefined);
    this.#polls = new Polls(this.#base, polling.signal, {
      hello: () => this.#owner.hello(),
      hear: (frame) => part(true) && this.#heard(frame),
      fail: (code, wait) => {
        if (!part(true)) return;
        this.#failedSockets = code ? this.#failedSockets : 0; // begin with sockets again
        this.#over(code, wait);
      },
    });
    void this.#polls.run();
  }
}
