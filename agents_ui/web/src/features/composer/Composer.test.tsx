import { act, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Pending } from '@/sync/types';
import { Composer } from '@/features/composer/Composer';
import { Desk } from '@/test/desk';
import { messageOf } from '@/test/samples';

let desk: Desk;
const user = userEvent.setup();
const text = () =>
  screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Reply to the client' });
const press = (name: string) => user.click(screen.getByRole('button', { name }));

function open() {
  desk.conversation({ last_seq: 3 });
  desk.said(messageOf({ seq: 3 }));
  desk.show(<Composer conversationId="conversation" />);
}

beforeEach(() => {
  desk = new Desk();
});

describe('writing an answer', () => {
  it('sends it signed, to the client, against what was on the screen', async () => {
    open();
    await user.type(text(), 'Da, livrăm vineri.');
    await press('Send');
    expect(desk.sent).toMatchObject([
      {
        kind: 'reply',
        text: 'Da, livrăm vineri.\n\n-- \nAna\nPunte',
        base_seq: 3,
        status_after: 'waiting',
        recipients: [{ role: 'to', value: 'ion@rusu.md' }],
      },
    ]);
    expect(text().value).toBe('');
    expect(desk.verbs()).toContain('dropDraft');
  });

  it('keeps the text of the composer to itself while it is typed', async () => {
    open();
    await user.type(text(), 'a');
    expect(desk.verbs()[0]).toBe('typing');
    expect(desk.store.drafts.size).toBe(0);
  });

  it('asks before an answer leaves without the file it promises', async () => {
    open();
    await user.type(text(), 'Vă atașez factura.');
    await press('Send');
    expect(desk.sent).toEqual([]);
    expect(screen.getByRole('alertdialog').textContent).toContain('atașez');
    await press('Send anyway');
    expect(desk.sent).toHaveLength(1);
  });

  it('says who wrote meanwhile, and keeps the old base until the agent has read it', async () => {
    open();
    await user.type(text(), 'Da');
    const author = { kind: 'agent' as const, id: 'ion', name: 'Ion', address: null };
    const recipients = [
      { role: 'to' as const, kind: 'email', value: 'ion@rusu.md', display: null },
    ];
    const answer = messageOf({ seq: 4, kind: 'outbound', author, recipients });
    act(() => desk.said(messageOf({ seq: 3 }), answer));
    expect(screen.getByText(/Ion wrote while you were writing/)).toBeTruthy();
    await press('I have read it');
    await press('Send');
    expect(desk.sent[0]?.base_seq).toBe(4);
  });

  it('sends a note without recipients and with whom it mentions', async () => {
    desk.store.agents.set('ion', {
      id: 'ion',
      name: 'Ion',
      status: 'active',
      team_ids: [],
      rev: 1,
    });
    open();
    await user.click(screen.getByRole('tab', { name: 'Note' }));
    await user.type(screen.getByRole('textbox', { name: 'Note for the team' }), '@Ion vezi{Enter}');
    await press('Add note');
    expect(desk.sent).toMatchObject([{ kind: 'note', mention_ids: ['ion'] }]);
    expect(desk.sent[0]).not.toHaveProperty('recipients');
  });
});

describe('an answer the hub refused', () => {
  const refused: Pending = {
    token: 'token',
    conversation_id: 'conversation',
    body: {
      kind: 'reply',
      text: 'Da, putem.\n\n-- \nAna\nPunte',
      base_seq: 3,
      attachments: [],
      mention_ids: [],
    },
    at: 0,
    state: 'refused',
    problem: {
      code: 'conversation.changed',
      detail: '',
      members: { entries: [messageOf({ seq: 4, text: 'Nu mai e nevoie.' })] },
    },
  };

  beforeEach(() => {
    desk.store.pending.set('conversation', [refused]);
    open();
  });

  it('shows what came in above the kept text', () => {
    expect(screen.getByText('Nu mai e nevoie.')).toBeTruthy();
    expect(screen.getByText('Da, putem.')).toBeTruthy();
  });

  it('sends it against what was just shown', async () => {
    await press('Send anyway');
    expect(desk.asked.find(({ verb }) => verb === 'resend')?.with).toEqual([
      'token',
      { base_seq: 4 },
    ]);
  });

  it('goes back into the composer without its signature', async () => {
    await press('Edit');
    const saved = desk.asked.find(({ verb }) => verb === 'saveDraft')?.with;
    expect(saved).toMatchObject(['conversation', 'reply', { text: 'Da, putem.' }, 4]);
  });
});
