/** A hub in memory: a log, sessions that are only cursors, snapshots, and every fault we can think of. */

import type { ConversationItem, HubState, Message } from '@/api/types';
import type { ClientFrame, Cursor, EventData, HubFrame, Placed, Topic } from '@/sync/frames';
import { conversation, hubState, message, minute } from './fixtures';

const CAP = 40;

/** What happens to the bytes between browser and hub. */
export type Fault = 'cut' | 'blackhole' | 'restart';

export class FakeHub {
  readonly rows = new Map<string, ConversationItem>();
  readonly messages: Message[] = [];
  epoch = 'e1';
  /** Runs just before each snapshot is read: commits made here put it ahead of the stream. */
  beforeSnapshot: () => void = () => {};
  requests: { method: string; path: string; body: unknown; key: string | null }[] = [];
  /** Answers instead of the hub, e.g. a refusal or a lost connection. */
  intercept: (method: string, path: string) => Response | Promise<Response> | null = () => null;

  private log: Placed[] = [];
  private pruned = '';
  private serial = 0;
  private readonly sockets = new Set<FakeSocket>();
  private readonly accepted = new Map<string, Message>();

  /** The position after the last event; fixed width, so text compares as numbers do. */
  get head(): Cursor {
    return place(this.serial);
  }

  readonly socket = (): WebSocket => {
    const socket = new FakeSocket(this);
    this.sockets.add(socket);
    return socket as unknown as WebSocket;
  };

  commit(event: EventData): void {
    this.serial += 1;
    this.log.push({ ...event, c: place(this.serial) });
  }

  /** Creates or changes a conversation and announces it. */
  touch(id: string, change: Partial<ConversationItem> = {}): ConversationItem {
    const have = this.rows.get(id) ?? conversation({ id, rev: 0 });
    const row = {
      ...have,
      last_activity_at: minute(this.serial + 1),
      ...change,
      rev: have.rev + 1,
    };
    this.rows.set(id, row);
    this.commit({ type: 'conversation.changed', conversation: row });
    return row;
  }

  /** Adds a message from the client. */
  receive(id: string, change: Partial<Message> = {}): Message {
    const row = this.rows.get(id) ?? this.touch(id, { last_seq: 0, inbound_count: 0 });
    const next = message({
      id: `m${id}-${row.last_seq + 1}`,
      conversation_id: id,
      seq: row.last_seq + 1,
      ...change,
    });
    this.messages.push(next);
    const inbound = next.kind === 'inbound' ? 1 : 0;
    this.touch(id, { last_seq: next.seq, inbound_count: row.inbound_count + inbound });
    this.commit({ type: 'message.changed', message: next });
    return next;
  }

  /** Sends each session what it lacks, as one frame. */
  pump(): void {
    for (const socket of this.sockets) socket.pump(this.log);
  }

  say(frame: HubFrame): void {
    for (const socket of this.sockets) socket.deliver(frame);
  }

  fault(kind: Fault): void {
    for (const socket of this.sockets) {
      if (kind === 'blackhole') socket.deaf = true;
      else socket.break(kind === 'restart' ? 1012 : 1006);
    }
  }

  /** The log is pruned: whoever is behind must begin anew. */
  prune(): void {
    this.pump(); // whoever is connected has been sent it
    this.log = [];
    this.pruned = this.head;
  }

  /** History was rewritten: a restore from backup. */
  rewrite(): void {
    this.epoch = `${this.epoch}x`;
    this.fault('restart');
  }

  leave(socket: FakeSocket): void {
    this.sockets.delete(socket);
  }

  hear(socket: FakeSocket, frame: ClientFrame): void {
    if (frame.op === 'hello') this.welcome(socket, frame.epoch, frame.cursor);
    else if (frame.op === 'ping') socket.deliver({ op: 'pong', c: frame.c });
    else if (frame.op === 'snap') {
      for (const topic of frame.topics) {
        this.beforeSnapshot();
        const { epoch, head: cursor } = this;
        socket.deliver({
          op: 'snap',
          id: frame.id,
          epoch,
          cursor,
          topic,
          more: false,
          data: this.snapshot(topic),
        });
      }
    }
  }

  state(): HubState {
    return hubState({ cursor: this.head, epoch: this.epoch });
  }

  /** Stands in for `fetch`. */
  readonly fetch = async (input: string, init: RequestInit = {}): Promise<Response> => {
    const method = init.method ?? 'GET';
    const body: unknown = typeof init.body === 'string' ? JSON.parse(init.body) : null;
    const key = new Headers(init.headers).get('Idempotency-Key');
    this.requests.push({ method, path: input, body, key });
    const early = await this.intercept(method, input);
    if (early) return early;
    return this.answer(method, new URL(input, 'http://hub.test'), body, key);
  };

  private answer(method: string, url: URL, body: unknown, key: string | null): Response {
    const [, , kind, id = '', part] = url.pathname.split('/');
    if (kind === 'conversations' && method === 'GET') {
      if (!id) return json(this.snapshot(`view:${url.searchParams.get('view') ?? 'all'}`));
      if (part === 'messages') return json(this.timeline(id));
      if (part === 'drafts') return json([]);
      return json(this.rows.get(id));
    }
    if (part === 'messages' && method === 'POST' && key) return json(this.accept(id, key, body));
    if (part === 'drafts' && method === 'PUT') return json({ rev: 1 });
    if (method === 'PATCH') return json(this.touch(id, body as Partial<ConversationItem>));
    return new Response(null, { status: 204 });
  }

  private accept(id: string, key: string, body: unknown): Message {
    const have = this.accepted.get(key);
    if (have) return have;
    const { text } = body as { text: string };
    const sent = this.receive(id, { kind: 'outbound', text, client_token: key });
    this.accepted.set(key, sent);
    return sent;
  }

  private welcome(socket: FakeSocket, epoch: string | null, cursor: Cursor | null): void {
    const missed = this.log.filter((event) => cursor !== null && event.c > cursor);
    const complete = cursor !== null && cursor >= this.pruned;
    const resumed = epoch === this.epoch && complete && missed.length <= CAP;
    socket.cursor = resumed && cursor !== null ? cursor : this.head;
    const mode = resumed ? 'resumed' : epoch === null ? 'fresh' : 'reset';
    const n = resumed ? missed.length : 0;
    socket.deliver({
      op: 'ready',
      sid: 's1',
      epoch: this.epoch,
      mode,
      cursor: socket.cursor,
      n,
      hb: 15,
      now: 0,
      build: 'test',
      why: null,
    });
    socket.welcomed = true;
  }

  private snapshot(topic: Topic): unknown {
    const [kind, id = ''] = topic.split(':');
    if (kind === 'state') return this.state();
    if (kind === 'view') {
      const items = [...this.rows.values()]
        .filter((row) => id !== 'all' || row.status === 'open' || row.status === 'waiting')
        .toSorted((a, b) => b.last_activity_at.localeCompare(a.last_activity_at));
      return { cursor: this.head, items, next: null };
    }
    return { conversation: this.rows.get(id), timeline: this.timeline(id), drafts: [] };
  }

  private timeline(id: string) {
    const messages = this.messages.filter((one) => one.conversation_id === id);
    const last_seq = messages.at(-1)?.seq ?? 0;
    return { messages, entries: [], first_seq: 1, last_seq, has_more_before: false };
  }
}

/** One connection; deliveries keep their order and arrive later than they were sent. */
class FakeSocket {
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: ((close: { code: number }) => void) | null = null;
  onerror: (() => void) | null = null;
  readyState = 0;
  cursor: Cursor = '';
  welcomed = false;
  deaf = false;
  private readonly hub: FakeHub;

  constructor(hub: FakeHub) {
    this.hub = hub;
    setTimeout(() => {
      if (this.readyState !== 0 || this.deaf) return;
      this.readyState = 1;
      this.onopen?.();
    }, 5);
  }

  send(text: string): void {
    setTimeout(() => {
      if (this.readyState === 1 && !this.deaf) this.hub.hear(this, JSON.parse(text) as ClientFrame);
    }, 5);
  }

  deliver(frame: HubFrame): void {
    const data = JSON.stringify(frame);
    setTimeout(() => {
      if (this.readyState === 1 && !this.deaf) this.onmessage?.({ data });
    }, 5);
  }

  pump(log: readonly Placed[]): void {
    if (!this.welcomed) return;
    const news = log.filter((event) => event.c > this.cursor);
    const last = news.at(-1);
    if (!last) return;
    this.deliver({ op: 'ev', p: this.cursor, e: news });
    this.cursor = last.c;
  }

  break(code: number): void {
    this.readyState = 3;
    this.hub.leave(this);
    this.onclose?.({ code });
  }

  close(): void {
    this.readyState = 3;
    this.hub.leave(this);
  }
}

function place(serial: number): Cursor {
  return serial.toString(16).padStart(8, '0');
}

function json(body: unknown): Response {
  return new Response(JSON.stringify(body), { headers: { 'Content-Type': 'application/json' } });
}
