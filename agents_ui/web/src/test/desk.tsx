import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render } from '@testing-library/react';
import type { ReactNode } from 'react';
import type { ConversationItem, Message } from '@/api/types';
import { HubProvider } from '@/entities/live';
import { Store } from '@/sync/store';
import type { Hub, Outgoing } from '@/sync/types';
import { accountOf, agentOf, conversationOf } from './samples';

/** An agent's desk: the real store, and a hub that only writes down what it is asked. */
export class Desk {
  readonly store = new Store();
  readonly asked: { verb: string; with: unknown[] }[] = [];
  readonly hub: Hub;

  constructor() {
    const note =
      <R,>(verb: string, answer: R) =>
      (...rest: unknown[]): R => {
        this.asked.push({ verb, with: rest });
        return answer;
      };
    const stop = () => {};
    this.hub = {
      store: this.store,
      start: stop,
      stop,
      watchView: () => stop,
      loadMore: note('loadMore', Promise.resolve()),
      watchConversation: () => stop,
      loadOlder: note('loadOlder', Promise.resolve()),
      loadBackTo: note('loadBackTo', Promise.resolve()),
      watchCard: () => stop,
      send: note('send', 'token'),
      resend: note('resend', undefined),
      discard: (token: string) => {
        this.asked.push({ verb: 'discard', with: [token] });
        return this.pending().find((one) => one.token === token);
      },
      patch: note('patch', Promise.resolve(conversationOf())),
      markRead: note('markRead', undefined),
      markUnread: note('markUnread', Promise.resolve()),
      saveDraft: note('saveDraft', undefined),
      dropDraft: note('dropDraft', undefined),
      flushDrafts: note('flushDrafts', Promise.resolve()),
      typing: note('typing', undefined),
      viewing: note('viewing', undefined),
      resume: note('resume', undefined),
      changeMe: note('changeMe', Promise.resolve(agentOf())),
      forget: note('forget', Promise.resolve()),
    };
    this.store.accounts.set('account', accountOf());
    this.store.me.set(agentOf({ name: 'Ana Ceban', signature: 'Ana\nPunte' }));
    this.store.link.set({ state: 'live', since: null, behind: 0, stale: false });
  }

  conversation(parts: Partial<ConversationItem> = {}): ConversationItem {
    const row = conversationOf(parts);
    this.store.conversations.set(row.id, row);
    return row;
  }

  /** What was said, as the conversation's loaded timeline. */
  said(...messages: Message[]): void {
    for (const message of messages) this.store.messages.set(message.id, message);
    const last = messages.at(-1);
    this.store.timelines.set('conversation', {
      conversation_id: 'conversation',
      items: messages.map(({ seq, id }) => ({ seq, kind: 'message', id })),
      first_seq: messages[0]?.seq ?? 0,
      last_seq: last?.seq ?? 0,
      has_more_before: false,
      load: 'ready',
      older: 'idle',
      error: null,
    });
  }

  pending() {
    return this.store.pending.get('conversation') ?? [];
  }

  /** What was handed to the hub to send, newest last. */
  get sent(): Outgoing[] {
    return this.asked.filter(({ verb }) => verb === 'send').map((one) => one.with[1] as Outgoing);
  }

  verbs(): string[] {
    return this.asked.map(({ verb }) => verb);
  }

  show(ui: ReactNode) {
    return render(
      <MantineProvider env="test">
        <QueryClientProvider client={new QueryClient()}>
          <HubProvider hub={this.hub}>{ui}</HubProvider>
        </QueryClientProvider>
      </MantineProvider>,
    );
  }
}
