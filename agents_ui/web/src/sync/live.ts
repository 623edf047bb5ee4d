/**
 * The live connection: where this tab is in the hub's log, and how it gets back there.
 *
 * Rules. Chain: each frame of events names the position before it; a mismatch means something is
 * missing, so resume. Once: only events beyond the position are applied. Floor: a snapshot may be
 * ahead of the stream, so what it already holds is skipped (by the sink, which knows what it
 * covers). A reset keeps everything on screen until the snapshot is there.
 */

import type { ClientFrame, Cursor, HubFrame, Placed, Topic } from './frames';
import { CLOSED_AUTH, CLOSED_ENDED, CLOSED_OBSOLETE, CLOSED_REPLACED, PROTOCOL } from './frames';
import type { LinkState } from './types';
import { Waits } from './waits';

const SID = 'punte.sid';
const DELAYS = [0, 100, 250, 500, 1000, 2000, 5000];
const CONNECT_MS = 4000;
const PONG_MS = 400;
const SNAP_MS = 5000;
const SLEPT_MS = 3500;
const TICK_MS = 1000;
const SNAP_TRIES_MS = [200, 400, 800, 1600, 3000];

/** What the tab does with what arrives. */
export interface Sink {
  /** New events in order, never one twice. */
  apply(events: readonly Placed[]): void;
  /** What a reset has to ask for, most urgent first. */
  wanted(): Topic[];
  snapshot(topic: Topic, data: unknown, cursor: Cursor): void;
  /** The hub will not give it: it is gone, or not for this agent. */
  refused(topic: Topic, error: SnapshotRefused): void;
  /** Every wanted snapshot is in: what none of them covered is of an older world. */
  settled(): void;
  frame(frame: Extract<HubFrame, { op: 'counts' | 'eph' | 'build' }>): void;
  link(state: LinkState, behind: number): void;
  slept(): void;
}

export interface LiveOptions {
  url: string;
  build: string;
  sink: Sink;
  /** Survives a reload of this tab. */
  memory?: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
  socket?: (url: string) => WebSocket;
  random?: () => number;
  hidden?: () => boolean;
}

export class Live {
  cursor: Cursor | null = null;
  epoch: string | null = null;

  private readonly options: LiveOptions;
  /** One tab, across reloads: a newer socket of it replaces the older. */
  private readonly sid: string;
  private readonly waits = new Waits();
  private socket: WebSocket | null = null;
  private generation = 0;
  private tries = 0;
  private ready = false;
  private ended = true;
  private heartbeat = 15;
  private heardAt = 0;
  private tickedAt = 0;
  private chain: Cursor | null = null;
  private resync: { buffer: Placed[] } | null = null;
  private behind = 0;
  private spread = 0;
  private asked = 0;
  private readonly answers = new Map<number, Answer>();

  constructor(options: LiveOptions) {
    this.options = options;
    this.sid = options.memory?.getItem(SID) ?? crypto.randomUUID();
    // While the page lives its id is not in the memory that duplicating the tab copies.
    options.memory?.removeItem(SID);
  }

  /** The page is being left: if it is a reload, the next one is the same tab. */
  leave(): void {
    this.options.memory?.setItem(SID, this.sid);
  }

  /** Begins from a state read elsewhere, or from nothing. */
  start(epoch: string | null, cursor: Cursor | null): void {
    this.epoch = epoch;
    this.cursor = cursor;
    this.ended = false;
    this.tickedAt = Date.now();
    this.waits.every(TICK_MS, () => this.tick());
    this.connect();
  }

  stop(): void {
    this.end('offline');
  }

  get isReady(): boolean {
    return this.ready;
  }

  /** Sends a frame if the hub can hear it now; frames like typing are worthless later. */
  say(frame: ClientFrame): boolean {
    if (!this.ready || this.socket?.readyState !== 1) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  /** Asks for a snapshot over this socket; HTTP's pooled connections may be dead after a sleep. */
  ask(topic: Topic): Promise<{ data: unknown; cursor: Cursor }> {
    return new Promise((resolve, reject) => {
      const id = ++this.asked;
      this.answers.set(id, { resolve, reject });
      this.waits.after(SNAP_MS, () => this.refuse(id, new Error('no snapshot in time')));
      if (!this.say({ op: 'snap', id, topics: [topic] }))
        this.refuse(id, new Error('not connected'));
    });
  }

  /** The page came back to the front or the network did: prove the connection, quickly. */
  probe(): void {
    if (this.ended) return;
    const generation = this.generation;
    const heard = this.heardAt;
    if (!this.say({ op: 'ping', c: generation })) return this.wake();
    this.waits.after(PONG_MS, () => {
      if (this.generation === generation && this.heardAt === heard) this.wake();
    });
  }

  /** Opens a new socket at once, without waiting for the old one to notice that it is dead. */
  wake(): void {
    if (this.ended) return;
    this.tries = 0;
    this.spread = 0;
    this.options.sink.slept();
    this.connect();
  }

  private tick(): void {
    const now = Date.now();
    const hidden = this.options.hidden?.() ?? false;
    // Hidden pages get a tick a minute, so there only silence proves anything.
    const slept = !hidden && now - this.tickedAt > SLEPT_MS;
    this.tickedAt = now;
    if (slept || (this.socket && now - this.heardAt > (this.heartbeat + 3) * 1000)) this.wake();
  }

  private connect(): void {
    this.drop();
    const generation = ++this.generation;
    const make = this.options.socket ?? ((url: string) => new WebSocket(url, PROTOCOL));
    const socket = (this.socket = make(this.options.url));
    this.heardAt = Date.now();
    this.show('connecting');
    const current = () => generation === this.generation;
    const timeout = this.waits.after(CONNECT_MS, () => current() && this.lost(0));
    socket.onopen = () => {
      if (current()) this.hello(socket);
    };
    socket.onmessage = (message: MessageEvent<string>) => {
      if (!current()) return;
      this.heardAt = Date.now();
      const frame = JSON.parse(message.data) as HubFrame;
      if (frame.op === 'ready') this.waits.cancel(timeout);
      this.receive(frame);
    };
    socket.onclose = (close: CloseEvent) => {
      if (current()) this.lost(close.code);
    };
    socket.onerror = () => {
      if (current()) this.lost(0);
    };
  }

  private hello(socket: WebSocket): void {
    const frame: ClientFrame = {
      op: 'hello',
      v: 1,
      sid: this.sid,
      epoch: this.epoch,
      cursor: this.cursor,
      build: this.options.build,
      vis: this.options.hidden?.() ? 'hidden' : 'visible',
    };
    socket.send(JSON.stringify(frame));
  }

  private receive(frame: HubFrame): void {
    switch (frame.op) {
      case 'ready':
        return this.onReady(frame);
      case 'ev':
        return this.onEvents(frame.p, frame.e);
      case 'hb':
        return this.onHeartbeat(frame.cursor);
      case 'snap':
        return this.onSnapshot(frame);
      case 'err':
        if (frame.id !== null) this.refuse(frame.id, new SnapshotRefused(frame.code, frame.msg));
        return;
      case 'bye':
        this.spread = frame.in_ms;
        return;
      case 'counts':
      case 'eph':
      case 'build':
        return this.options.sink.frame(frame);
      case 'pong':
        return;
    }
  }

  private onReady(frame: Extract<HubFrame, { op: 'ready' }>): void {
    this.tries = 0;
    this.ready = true;
    this.heartbeat = frame.hb;
    this.options.sink.frame({ op: 'build', build: frame.build });
    if (frame.mode === 'resumed') {
      this.chain = this.cursor;
      this.behind = frame.n;
      // The snapshot of an earlier reset may never have come: ask again, the buffer goes on.
      if (this.resync) return void this.settle(this.resync);
      return this.show(frame.n > 0 ? 'catching-up' : 'live');
    }
    const keep = this.resync && this.epoch === frame.epoch ? this.resync.buffer : [];
    this.epoch = frame.epoch;
    this.chain = this.cursor = frame.cursor;
    this.behind = 0;
    void this.settle((this.resync = { buffer: keep }));
  }

  private onEvents(before: Cursor, events: readonly Placed[]): void {
    if (before !== this.chain && before !== this.cursor) return this.wake();
    const fresh = events.filter((event) => this.cursor === null || event.c > this.cursor);
    const last = events.at(-1);
    if (last) this.chain = last.c;
    const newest = fresh.at(-1);
    if (newest) this.cursor = newest.c;
    if (this.resync) {
      this.resync.buffer.push(...fresh);
      return;
    }
    this.options.sink.apply(fresh);
    this.behind = Math.max(0, this.behind - events.length);
    this.show(this.behind > 0 ? 'catching-up' : 'live');
  }

  /** The hub has sent everything up to here: less than what arrived would be another log. */
  private onHeartbeat(cursor: Cursor): void {
    if (this.cursor !== null && cursor < this.cursor) return this.wake();
    this.cursor = cursor;
    if (!this.resync) {
      this.behind = 0;
      this.show('live');
    }
  }

  private onSnapshot(frame: Extract<HubFrame, { op: 'snap' }>): void {
    const answer = this.answers.get(frame.id);
    this.answers.delete(frame.id);
    if (frame.epoch !== this.epoch) answer?.reject(new Error('snapshot of another log'));
    else if (frame.data === null) answer?.reject(new SnapshotRefused('hub.not_found', ''));
    else answer?.resolve({ data: frame.data, cursor: frame.cursor });
  }

  /** Takes a snapshot of everything on screen, then the events that came meanwhile. */
  private async settle(sync: { buffer: Placed[] }): Promise<void> {
    this.show('syncing');
    const generation = this.generation;
    const floor = this.cursor;
    const done = new Set<Topic>();
    for (let attempt = 0; this.generation === generation; attempt += 1) {
      const missing = this.options.sink.wanted().filter((topic) => !done.has(topic));
      if (missing.length === 0) break;
      const results = await Promise.all(missing.map((topic) => this.take(topic, floor)));
      if (this.generation !== generation || this.resync !== sync) return;
      for (const [at, ok] of results.entries()) if (ok && missing[at]) done.add(missing[at]);
      if (!results.every(Boolean)) {
        await this.waits.sleep(SNAP_TRIES_MS[Math.min(attempt, SNAP_TRIES_MS.length - 1)] ?? 0);
      }
    }
    if (this.generation !== generation || this.resync !== sync) return;
    this.resync = null;
    this.options.sink.settled();
    this.options.sink.apply(sync.buffer);
    this.show('live');
  }

  /** One snapshot; false when it must be asked for again. */
  private async take(topic: Topic, floor: Cursor | null): Promise<boolean> {
    const generation = this.generation;
    try {
      const { data, cursor } = await this.ask(topic);
      if (this.generation !== generation) return false;
      // A replica may lag behind the log: a snapshot older than the reset would lose what is between.
      if (floor !== null && cursor < floor) return false;
      this.options.sink.snapshot(topic, data, cursor);
      return true;
    } catch (error) {
      if (!(error instanceof SnapshotRefused)) return false;
      this.options.sink.refused(topic, error);
      return true; // asking again would not help
    }
  }

  private refuse(id: number, error: Error): void {
    this.answers.get(id)?.reject(error);
    this.answers.delete(id);
  }

  private lost(code: number): void {
    if (code === CLOSED_AUTH || code === CLOSED_ENDED) return this.end('auth');
    if (code === CLOSED_REPLACED) return this.end('replaced');
    if (code === CLOSED_OBSOLETE) return this.end('obsolete');
    this.drop();
    this.show('offline');
    const random = this.options.random ?? Math.random;
    const delay = (DELAYS[Math.min(this.tries, DELAYS.length - 1)] ?? 0) * (0.5 + random());
    const generation = ++this.generation;
    this.tries += 1;
    this.waits.after(delay + this.spread * random(), () => {
      if (this.generation === generation) this.connect();
    });
    this.spread = 0;
  }

  private end(state: LinkState): void {
    this.drop();
    this.generation += 1;
    this.ended = true;
    this.resync = null;
    this.waits.clear();
    this.show(state);
  }

  /** Forgets the socket before closing it: `close()` of a dead connection takes long to report. */
  private drop(): void {
    const socket = this.socket;
    this.socket = null;
    this.ready = false;
    for (const id of this.answers.keys()) this.refuse(id, new Error('connection lost'));
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = socket.onerror = null;
    socket.close();
  }

  private show(state: LinkState): void {
    this.options.sink.link(state, this.behind);
  }
}

/** The hub's word that a snapshot cannot be had. */
export class SnapshotRefused extends Error {
  override readonly name = 'SnapshotRefused';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message || code);
    this.code = code;
  }
}

interface Answer {
  resolve: (answer: { data: unknown; cursor: Cursor }) => void;
  reject: (error: Error) => void;
}
