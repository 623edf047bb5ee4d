import type { FormattedRange, Message } from './types.gen';

/** Shapes of the hub's newest answers, by hand until its own description names them. */

/** How well a channel carries something: -2 refused, -1 dropped, 0 as plain text, 1 in part, 2 whole. */
export type Level = number;

/** What a message said before a change. */
export interface MessageEdit {
  n: number;
  at: string;
  actor_kind: 'client' | 'agent';
  text: string;
  spans: FormattedRange[];
  parts: Message['parts'];
}

export interface MediaCaps {
  max_bytes: number;
  max_caption: number;
  per_message: number;
  mimes: Record<string, Level>;
}

/** What a channel can carry. */
export interface Caps {
  text_max: number;
  text_unit: 'codepoints' | 'utf16' | 'sms_segments' | 'bytes';
  text_split: boolean;
  formatting: Record<string, Level>;
  media: Record<string, MediaCaps>;
  subject: boolean;
  copies: boolean;
  html: boolean;
  reply?: Level;
  edit: boolean;
  edit_seconds: number | null;
  delete: boolean;
  delete_seconds: number | null;
  reactions: number;
  allowed_reactions: string[] | null;
  buttons: number;
  metered: boolean;
  undo_seconds: number;
  typing_out: boolean;
  window_seconds: number | null;
  groups: boolean;
}

export type Obstacle =
  | ''
  | 'window_closed'
  | 'opted_out'
  | 'blocked'
  | 'unverified'
  | 'bounced'
  | 'wrong'
  | 'unreachable'
  | 'switched_off'
  | 'paused'
  | 'client_writes_first'
  | 'open_elsewhere'
  | 'left'
  | 'quiet_hours'
  | 'one_way';

/** One way to write to a client: through which account, to which address. */
export interface ChannelOption {
  account_id: string;
  account_name: string;
  provider: string;
  channel: string;
  identity_id: string;
  address: string;
  display: string;
  kind: string;
  thread_id: string | null;
  is_default: boolean;
  possible: boolean;
  reason: Obstacle;
  until: string | null;
  elsewhere_id: string | null;
  verified: boolean;
  caps: Caps;
}

export interface Price {
  amount: string;
  currency: string;
  units: number;
}

/** What becomes of a text on its way through a channel, before it is sent. */
export interface Estimate {
  parts: number;
  units: number;
  unit_max: number;
  encoding: string | null;
  losses: string[];
  cost: Price | null;
  suggestion: { text: string; parts: number } | null;
}

/** What a visitor says of themselves, and what they did on the site. */
export interface Visitor {
  claims: { id: string; kind: string; value: string; at: string }[];
  pages: { url: string; title: string; referrer: string; at: string }[];
  forms: { form: string; values: Record<string, string>; at: string }[];
}

export interface DeepLink {
  url: string;
  expires_at: string | null;
}

/** Something an agent is to do: a call somebody asked for. */
export interface Task {
  id: string;
  rev: number;
  kind: string;
  title: string;
  body: string;
  due_at: string | null;
  status: 'open' | 'done' | 'cancelled';
  result_code: string | null;
  result_note: string | null;
  card: { id: string; name: string; number: number } | null;
  phone: string | null;
  conversation_id: string | null;
  assignee_id: string | null;
  team_id: string | null;
  done_at: string | null;
  created_at: string;
  updated_at: string;
}

export interface TaskChanged {
  type: 'task.changed';
  c: string;
  task: Task;
}

/** The client is writing right now. */
export interface ClientTyping {
  t: 'client_typing';
  conversation_id: string;
  name: string;
  activity: 'text' | 'voice' | 'file';
}
