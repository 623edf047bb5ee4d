/** The frames of `chat.v1` that the app reads and writes; channels/webchat/protocol.py is the law. */

export interface Author {
  name?: string;
  photo?: string;
}

export interface FileRef {
  id: string;
  name: string;
  mime: string;
  size: number;
  kind?: 'image' | 'video' | 'audio' | 'file';
}

export interface Span {
  start: number;
  end: number;
  kind: string;
  arg?: string | null;
}

export interface Button {
  id: string;
  label: string;
  url?: string | null;
}

export interface Msg {
  t: 'msg';
  seq: number;
  id: string;
  dir: 'in' | 'out';
  at: number;
  cid?: string;
  text?: string;
  spans?: Span[];
  files?: FileRef[];
  buttons?: Button[][];
  author?: Author;
  reply_to?: string;
  auto?: boolean;
  location?: [number, number];
  /** Of amendments, kept with the message. */
  deleted?: boolean;
  edited?: boolean;
  picked?: string;
  ours?: string[];
  theirs?: string[];
}

export interface Amend {
  t: 'amend';
  seq: number;
  id: string;
  at: number;
  text?: string;
  spans?: Span[];
  deleted?: boolean;
  ours?: string[];
  theirs?: string[];
  picked?: string;
}

export interface Note {
  t: 'note';
  seq: number;
  id: string;
  at: number;
  kind: 'form' | 'callback' | 'csat' | 'mailed';
  cid?: string;
  values?: Record<string, string>;
}

export type Entry = Msg | Amend | Note;

export interface Me {
  id?: string;
  level?: 'anonymous' | 'claimed' | 'verified';
  name?: string;
  email?: string;
  phone?: string;
  prechat?: boolean;
}

export interface Field {
  key: string;
  label: string;
  type?: 'text' | 'email' | 'phone' | 'select' | 'long';
  required?: boolean;
  options?: string[];
}

export interface FormSpec {
  fields: Field[];
  consent?: string;
}

export interface Online {
  on: boolean;
  hours?: boolean;
  opens_at?: number;
  reply_minutes?: number;
}

export interface Config {
  key: string;
  name: string;
  lang: string;
  color: string;
  theme: 'auto' | 'light' | 'dark';
  texts: Record<string, string>;
  greeting: string;
  online: Online;
  prechat: FormSpec | null;
  contact: FormSpec | null;
  callback: FormSpec | null;
  csat: boolean;
  identified_only: boolean;
  files: { max_bytes: number; types: string[] } | null;
  otp: string[];
  telegram: string;
  text_limit: number;
}

export interface Conv {
  status?: 'none' | 'waiting' | 'open' | 'closed';
  position?: number;
  agent?: Author;
  csat?: boolean;
}

export type FromHub =
  | Entry
  | { t: 'welcome'; seq: number; start: number; me: Me; cfg?: Config; read?: number }
  | { t: 'session'; me: Me; token?: string; reset?: boolean }
  | { t: 'ack'; cid: string; seq?: number; id?: string }
  | { t: 'nack'; code: string; cid?: string; field?: string; retry?: number }
  | { t: 'older'; before: number; entries?: Entry[] }
  | { t: 'typing'; on?: boolean; name?: string }
  | { t: 'st'; upto: number }
  | ({ t: 'conv' } & Conv)
  | ({ t: 'online' } & Online)
  | { t: 'otp'; state: OtpState; left?: number }
  | { t: 'resync' }
  | { t: 'pong' };

export type OtpState = 'sent' | 'proven' | 'wrong' | 'expired' | 'too_fast' | 'unavailable';

/** A frame of ours; one with a `cid` is sent until the hub answers for it. */
export interface Frame {
  t: string;
  cid?: string;
  [name: string]: unknown;
}

export interface Durable extends Frame {
  cid: string;
  at: number;
}

export interface Page {
  url: string;
  title: string;
  ref: string;
}
