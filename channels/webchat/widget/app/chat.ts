/** The visitor's side of the chat: what is known, and everything that can be done. */

import * as host from './host.ts';
import { Link, type Health } from './link.ts';
import { add, EMPTY, isGap, pend, prepend, settle, type Log } from './log.ts';
import type {
  Config,
  Conv,
  Durable,
  FileRef,
  Frame,
  FromHub,
  Me,
  Msg,
  Online,
  OtpState,
  Page,
} from './protocol.ts';
import { newId, newToken, type Storage } from './storage.ts';

export interface State {
  health: Health;
  cfg: Config | null;
  me: Me;
  log: Log;
  /** The company has read the visitor's messages up to here; and the visitor theirs. */
  read: number;
  seen: number;
  typing: string | null;
  conv: Conv;
  online: Online | null;
  otp: { state: OtpState | 'asked'; left: number; kind: string; value: string } | null;
  /** The last form the hub refused, or took. */
  form: { cid: string; state: 'sending' | 'taken' | 'refused'; code: string; field: string } | null;
  open: boolean;
  sound: boolean;
}

export class Chat {
  state: State;
  readonly #link: Link;
  #token: string;
  #jwt = '';
  #page: Page | undefined;
  #typingTimer: ReturnType<typeof setTimeout> | undefined;
  #typedAt = 0;
  #got = 0;
  #secret: string | null = null;

  readonly #base: string;
  readonly #lang: string;
  readonly #storage: Storage;
  readonly #changed: () => void;
  readonly #sounded: () => void;

  constructor(
    base: string,
    lang: string,
    storage: Storage,
    changed: () => void,
    sounded: () => void,
  ) {
    this.#base = base;
    this.#lang = lang;
    this.#storage = storage;
    this.#changed = changed;
    this.#sounded = sounded;
    this.#token = storage.get('token') ?? newToken();
    this.state = {
      ...FRESH,
      open: !host.isFramed,
      sound: storage.get('sound') === '1',
      log: { ...EMPTY, pending: storage.unsent().filter(isSend).map(asPending) },
    };
    this.#link = new Link(base, {
      hello: () => this.#hello(),
      hear: (frame) => this.#hear(frame),
      health: (health) => this.#set({ health }),
      expired: () => this.#forget(),
    });
  }

  /** Connects; `secret`, of a mail's link, proves the visitor's address. */
  start(secret: string | null): void {
    this.#secret = secret;
    host.listen((name, ...rest) => this.#told(name, ...rest));
    addEventListener('online', () => this.#link.hurry());
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') this.#link.hurry();
      this.#look();
    });
    this.#link.open();
  }

  #set(change: Partial<State>): void {
    this.state = { ...this.state, ...change };
    this.#changed();
  }

  // ------------------------------------------------------------------ what the page says

  #told(name: string, ...rest: unknown[]): void {
    const [first, second, third] = rest;
    if (name === 'open' || name === 'close') {
      this.#set({ open: name === 'open' });
      this.#look();
      host.tell('event', name);
    } else if (name === 'page') {
      const text = (value: unknown, most: number) =>
        (typeof value === 'string' ? value : '').slice(0, most);
      this.#page = { url: text(first, 2048), title: text(second, 300), ref: text(third, 2048) };
      this.#link.send({ t: 'page', ...this.#page });
    } else if (name === 'identify') {
      this.#jwt = String((first as { jwt?: string } | null)?.jwt ?? first);
      this.#link.send({ t: 'identify', jwt: this.#jwt });
    } else if (name === 'attrs' && first && typeof first === 'object') {
      const values = Object.entries(first).map(([key, value]) => [key, String(value)]);
      this.#link.send({ t: 'attrs', values: Object.fromEntries(values) as object });
    } else if (name === 'logout') this.logout();
  }

  /** Ends the session on the hub and forgets it here. */
  logout(): void {
    this.#link.send({ t: 'logout' });
    this.#forget();
    this.#link.open();
  }

  #forget(): void {
    this.#storage.clear();
    this.#token = newToken();
    this.#jwt = '';
    this.#got = 0;
    host.tell('active', '');
    host.tell('unread', 0);
    const { cfg, open, sound, online } = this.state;
    this.#set({ ...FRESH, cfg, open, sound, online });
  }

  // ------------------------------------------------------------------ what the hub says

  #hello(): Frame & { token: string } {
    const { log, cfg } = this.state;
    return {
      t: 'hello',
      token: this.#token,
      after: log.seq,
      lang: this.#lang,
      site: host.site,
      cfg: !cfg,
      ...(this.#page && { page: { t: 'page', ...this.#page } }),
      ...(this.#jwt && { jwt: this.#jwt }),
    };
  }

  #hear(frame: FromHub): void {
    const { state } = this;
    if (frame.t === 'welcome') {
      const { me, cfg = state.cfg, read = 0, start } = frame;
      const log = start > state.log.seq ? { ...state.log, seq: start, start } : state.log;
      this.#set({ me, cfg, read: Math.max(read, state.read), log, online: cfg?.online ?? null });
      this.#link.send(...this.#storage.unsent().map(wire));
      if (this.#secret) this.#link.send({ t: 'link', secret: this.#secret });
      this.#secret = null;
    } else if (frame.t === 'msg' || frame.t === 'amend' || frame.t === 'note') {
      if (isGap(state.log, frame)) this.#link.open();
      else if (frame.seq > state.log.seq) {
        this.#set({ log: add(state.log, frame) });
        if (frame.t === 'msg') this.#arrived(frame);
      }
    } else if (frame.t === 'ack') {
      this.#storage.drop(frame.cid);
      const { form } = state;
      this.#set({
        log: settle(state.log, frame.cid, 'sent'),
        ...(form?.cid === frame.cid && { form: { ...form, state: 'taken' as const } }),
      });
    } else if (frame.t === 'nack') this.#refused(frame);
    else if (frame.t === 'session') {
      this.#set({ me: frame.me });
      if (frame.token) this.#storage.set('token', (this.#token = frame.token));
      if (frame.me.level === 'verified') host.tell('event', 'identified');
      if (frame.reset) this.#again();
    } else if (frame.t === 'resync') this.#again();
    else if (frame.t === 'older') {
      this.#set({ log: prepend(state.log, frame.before, frame.entries ?? []) });
    } else if (frame.t === 'typing') this.#typing(frame.on === false ? null : (frame.name ?? ''));
    else if (frame.t === 'st') this.#set({ read: Math.max(state.read, frame.upto) });
    else if (frame.t === 'conv') {
      this.#set({ conv: frame });
      const { status = 'none' } = frame;
      host.tell('active', status === 'waiting' || status === 'open' ? '1' : '');
    } else if (frame.t === 'online') this.#set({ online: frame });
    else if (frame.t === 'otp') {
      const { kind = '', value = '' } = state.otp ?? {};
      this.#set({ otp: { state: frame.state, left: frame.left ?? 0, kind, value } });
    }
  }

  #again(): void {
    this.#set({ log: { ...EMPTY, pending: this.state.log.pending }, read: 0, seen: 0 });
    this.#link.open();
  }

  #refused({ cid = '', code, field = '', retry = 0 }: FromHub & { t: 'nack' }): void {
    const frame = this.#storage.unsent().find((each) => each.cid === cid);
    if (retry && frame) {
      setTimeout(() => this.#link.send(wire(frame)), retry * 1000);
      return;
    }
    const { form, log } = this.state;
    if (!frame || !isSend(frame)) this.#storage.drop(cid);
    this.#set({
      log: settle(log, cid, 'failed', code),
      ...(form?.cid === cid && { form: { ...form, state: 'refused' as const, code, field } }),
    });
  }

  #arrived(message: Msg): void {
    if (message.dir === 'in') {
      if (message.seq > this.state.seen) this.#set({ seen: message.seq });
    } else {
      this.#typing(null);
      if (this.state.health === 'on' && message.at > Date.now() - 60_000) {
        if (!this.#isLooking()) host.tell('tease', (message.text ?? '').slice(0, 140));
        if (this.state.sound) this.#sounded();
        host.tell('event', 'message');
      }
    }
    this.#look();
  }

  #typing(name: string | null): void {
    clearTimeout(this.#typingTimer);
    if (this.state.typing !== name) this.#set({ typing: name });
    if (name !== null) this.#typingTimer = setTimeout(() => this.#typing(null), 6000);
  }

  #isLooking(): boolean {
    return this.state.open && document.visibilityState === 'visible';
  }

  /** Tells the hub what has arrived and what has been seen, and the page what has not. */
  #look(): void {
    const { log, seen } = this.state;
    if (this.#isLooking() && log.seq > seen) {
      this.#set({ seen: log.seq });
      this.#link.send({ t: 'read', upto: log.seq });
    } else if (log.seq > this.#got) this.#link.send({ t: 'got', upto: log.seq });
    this.#got = log.seq;
    const isNew = (item: { t: string; seq: number; dir?: string }) =>
      item.t === 'msg' && item.dir === 'out' && item.seq > this.state.seen;
    host.tell('unread', log.items.filter(isNew).length);
  }

  // ------------------------------------------------------------------ what the visitor does

  /** Keeps a frame until the hub has it; returns its `cid`. */
  #durable(frame: Frame, cid = newId()): string {
    const kept: Durable = { ...frame, cid, at: Date.now() };
    this.#storage.set('token', this.#token);
    this.#storage.keep(kept);
    this.#link.send(wire(kept));
    host.tell('active', '1');
    return cid;
  }

  send(text: string, files: FileRef[] = [], again?: string): void {
    const ids = files.map((file) => file.id);
    const cid = this.#durable({ t: 'send', text, files: ids, refs: files }, again);
    const pending = { cid, text, files, at: Date.now(), state: 'sending' as const, reason: '' };
    this.#set({ log: pend(this.state.log, pending) });
    this.#typedAt = 0;
  }

  /** Gives up on a message that was refused. */
  discard(cid: string): void {
    this.#storage.drop(cid);
    const { log } = this.state;
    this.#set({ log: { ...log, pending: log.pending.filter((each) => each.cid !== cid) } });
  }

  /** Says that the visitor writes, every 3 s at most. */
  type(): void {
    if (Date.now() - this.#typedAt < 3000) return;
    this.#typedAt = Date.now();
    this.#link.send({ t: 'typing', on: true });
  }

  submit(form: 'prechat' | 'contact' | 'callback', values: Record<string, string>): void {
    const frame = form === 'callback' ? { t: form, values } : { t: 'form', form, values };
    const cid = this.#durable(frame);
    this.#set({ form: { cid, state: 'sending', code: '', field: '' } });
  }

  endForm(): void {
    this.#set({ form: null });
  }

  rate(score: number, comment: string): void {
    this.#durable({ t: 'csat', score, comment });
    this.#set({ conv: { ...this.state.conv, csat: false } });
  }

  pick(id: string, button: string): void {
    this.#durable({ t: 'pick', id, button });
  }

  askCode(kind: string, value: string): void {
    this.#storage.set('token', this.#token);
    this.#set({ otp: { state: 'asked', left: 0, kind, value } });
    this.#link.send({ t: 'otp', kind, value });
  }

  giveCode(code: string): void {
    this.#link.send({ t: 'otp_code', code });
  }

  endCode(): void {
    this.#set({ otp: null });
  }

  older(): void {
    this.#link.send({ t: 'older', before: this.state.log.start + 1 });
  }

  setSound(sound: boolean): void {
    this.#storage.set('sound', sound ? '1' : null);
    this.#set({ sound });
  }

  get authorization(): string {
    this.#storage.set('token', this.#token);
    return `Bearer ${this.#token}`;
  }

  address(path: string): string {
    return `${this.#base}/${path}`;
  }
}

const FRESH: State = {
  health: 'connecting',
  cfg: null,
  me: {},
  log: EMPTY,
  read: 0,
  seen: 0,
  typing: null,
  conv: {},
  online: null,
  otp: null,
  form: null,
  open: false,
  sound: false,
};

/** Returns what the hub is to hear of a frame: not what we remember of it for ourselves. */
const wire = ({ at, refs, ...frame }: Durable): Frame => frame;

const isSend = (frame: Frame) => frame.t === 'send';

const asPending = (frame: Durable) => ({
  cid: frame.cid,
  text: frame.text as string,
  files: (frame.refs ?? []) as FileRef[],
  at: frame.at,
  state: 'sending' as const,
  reason: '',
});
