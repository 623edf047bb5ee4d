/** The frames of `hub.v1`. Cursors are opaque text of one width: plain comparison orders them. */

import type {
  Account,
  Agent,
  Card,
  Conversation,
  Count,
  Draft,
  DraftKind,
  Entry,
  Id,
  Message,
  Tag,
  Team,
} from '@/api/types';

export const PROTOCOL = 'hub.v1';

export type Cursor = string;
export type Topic = 'state' | `view:${string}` | `conv:${string}` | `card:${string}`;

export type EventData =
  | { type: 'conversation.changed'; conversation: Conversation }
  | { type: 'message.changed'; message: Message }
  | { type: 'entry.added'; entry: Entry }
  | { type: 'card.changed'; card: Card }
  | { type: 'card.merged' | 'card.unmerged'; winner_id: Id; loser_id: Id }
  | { type: 'read.changed'; conversation_id: Id; last_seq: number; inbound_count: number }
  | { type: 'draft.changed'; draft: Draft }
  | { type: 'draft.changed'; deleted: { conversation_id: Id; kind: DraftKind } }
  | { type: 'account.changed'; account: Account }
  | { type: 'agent.changed'; agent: Agent }
  | { type: 'team.changed'; team: Team }
  | { type: 'tag.changed'; tag: Tag }
  | { type: 'session.revoked'; session_id?: Id }
  | { type: 'gone'; kind: 'conversation' | 'card'; id: Id };

export type Placed = EventData & { c: Cursor };

export type Ephemeral =
  | { t: 'typing'; conversation_id: Id; agent_id: Id; kind: DraftKind; on: boolean }
  | { t: 'viewing'; conversation_id: Id | null; agent_id: Id }
  | { t: 'presence'; agent_id: Id; status: string };

export type ClientFrame =
  | {
      op: 'hello';
      v: 1;
      sid: string | null;
      epoch: string | null;
      cursor: Cursor | null;
      build: string;
      vis: Visibility;
    }
  | { op: 'snap'; id: number; topics: Topic[] }
  | { op: 'ping'; c: number }
  | { op: 'typing'; conversation_id: Id; kind: DraftKind; on: boolean }
  | { op: 'view'; conversation_id: Id | null }
  | { op: 'vis'; v: Visibility };

export type Visibility = 'visible' | 'hidden';

export type HubFrame =
  | {
      op: 'ready';
      sid: string;
      epoch: string;
      mode: 'fresh' | 'resumed' | 'reset';
      why?: string;
      cursor: Cursor;
      n: number;
      hb: number;
      now: number;
      build: string;
    }
  | { op: 'ev'; p: Cursor; e: Placed[] }
  | { op: 'counts'; v: Record<string, Count> }
  | { op: 'snap'; id: number; epoch: string; cursor: Cursor; topic: Topic; data: unknown }
  | { op: 'eph'; e: Ephemeral[] }
  | { op: 'hb'; cursor: Cursor; now: number }
  | { op: 'pong'; c: number }
  | { op: 'err'; id?: number; code: string; msg: string }
  | { op: 'bye'; code: number; in_ms: number }
  | { op: 'build'; build: string };

/** Close codes after which this tab must not simply resume. */
export const CLOSED_AUTH = 4401;
export const CLOSED_REPLACED = 4409;
export const CLOSED_ENDED = 4410;
export const CLOSED_OBSOLETE = 4426;
export const CLOSED_RESTART = 1012;
