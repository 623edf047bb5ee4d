import { screen } from '@testing-library/react';
import { beforeEach, expect, it } from 'vitest';
import type { ConversationItem } from '@/api/types';
import { ConversationRow } from '@/features/inbox/ConversationRow';
import { Desk } from '@/test/desk';
import { agentOf } from '@/test/samples';

let desk: Desk;

function row(parts: Partial<ConversationItem>) {
  desk.conversation(parts);
  desk.show(
    <ConversationRow
      id="conversation"
      top={0}
      height={76}
      position={4}
      total={20}
      open={false}
      cursor={false}
      picked={false}
    />,
  );
  return screen.getByRole('option');
}

beforeEach(() => {
  desk = new Desk();
});

it('counts what the agent has not read, in words too', () => {
  const element = row({ inbound_count: 5, read_count: 2 });
  expect(element.dataset.unread).toBeDefined();
  expect(element.textContent).toContain('3 unread');
  expect(element.getAttribute('aria-posinset')).toBe('4');
});

it('never counts below zero when a mail was removed', () => {
  expect(row({ inbound_count: 1, read_count: 2 }).dataset.unread).toBeUndefined();
});

it('marks a failure and a draft before the preview', () => {
  const element = row({ failed_count: 1, has_draft: true, preview: 'Da' });
  expect(element.textContent).toMatch(/Not sent\s*Draft/);
});

it('shows who writes instead of the preview', () => {
  desk.store.agents.set('ion', agentOf({ id: 'ion', name: 'Ion' }));
  desk.store.typing.set('conversation', [{ agent_id: 'ion', kind: 'reply' }]);
  expect(row({ preview: 'old words' }).textContent).toContain('Ion is writing…');
});
