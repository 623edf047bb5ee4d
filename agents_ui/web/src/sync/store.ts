/** Every live row this browser holds, each kind in its own observable map. */

import type {
  Account,
  Agent,
  Branch,
  Card,
  ConversationItem,
  Count,
  Id,
  Me,
  Message,
  Tag,
  Task,
  Team,
} from '@/api/types';
import { Batch, Cell, Cells } from './cells';
import type {
  ClientWriting,
  Link,
  LocalDraft,
  Pending,
  Timeline,
  Typing,
  ViewWindow,
} from './types';

export class Store {
  readonly batch = new Batch();

  readonly conversations = new Cells<ConversationItem>(this.batch);
  readonly messages = new Cells<Message>(this.batch);
  readonly cards = new Cells<Card>(this.batch);
  readonly accounts = new Cells<Account>(this.batch);
  readonly agents = new Cells<Agent>(this.batch);
  readonly teams = new Cells<Team>(this.batch);
  readonly branches = new Cells<Branch>(this.batch);
  readonly tags = new Cells<Tag>(this.batch);
  readonly tasks = new Cells<Task>(this.batch);

  /** By conversation. */
  readonly timelines = new Cells<Timeline>(this.batch);
  readonly pending = new Cells<readonly Pending[]>(this.batch);
  readonly typing = new Cells<readonly Typing[]>(this.batch);
  readonly clientTyping = new Cells<ClientWriting>(this.batch);
  readonly viewers = new Cells<readonly Id[]>(this.batch);
  /** By `draftKey`. */
  readonly drafts = new Cells<LocalDraft>(this.batch);
  /** By view. */
  readonly views = new Cells<ViewWindow>(this.batch);
  readonly counts = new Cells<Count>(this.batch);
  /** By agent. */
  readonly presence = new Cells<string>(this.batch);

  readonly me = new Cell<Me | null>(this.batch, null);
  readonly link = new Cell<Link>(this.batch, {
    state: 'offline',
    since: null,
    behind: 0,
    stale: false,
  });
}

export function draftKey(conversationId: Id, kind: string): string {
  return `${conversationId}/${kind}`;
}
