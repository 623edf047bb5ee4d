/** The frames of `hub.v1`. Cursors are opaque text of one width: plain comparison orders them. */

import type { Conversation, Count } from '@/api/types';
import type * as Hub from '@/api/types.gen';

export const PROTOCOL = 'hub.v1';

export type Cursor = string;
export type Topic = 'state' | `view:${string}` | `conv:${string}` | `card:${string}`;

/** One event, placed in the log by its cursor `c`. */
export type Placed =
  | (Omit<Hub.ConversationChanged, 'conversation'> & { conversation: Conversation })
  | Exclude<Hub.Events['e'][number], Hub.ConversationChanged>;
type WithoutCursor<E> = E extends unknown ? Omit<E, 'c'> : never;
export type EventData = WithoutCursor<Placed>;

export type Ephemeral = Hub.Ephemera['e'][number];

export type ClientFrame =
  | Hub.Hello
  | (Omit<Hub.SnapRequest, 'topics'> & { topics: Topic[] })
  | Hub.Ping
  | Hub.Typing
  | Hub.Viewing
  | Hub.Visibility;

export type HubFrame =
  | Hub.Ready
  | (Omit<Hub.Events, 'e'> & { e: Placed[] })
  | (Omit<Hub.Counts, 'v'> & { v: Record<string, Count> })
  | (Omit<Hub.Snap, 'topic'> & { topic: Topic })
  | Hub.Ephemera
  | Hub.Heartbeat
  | Hub.Pong
  | Hub.Error
  | Hub.Bye
  | Hub.Build;

/** Close codes after which this tab must not simply resume. */
export const CLOSED_AUTH = 4401;
export const CLOSED_REPLACED = 4409;
export const CLOSED_ENDED = 4410;
export const CLOSED_OBSOLETE = 4426;
