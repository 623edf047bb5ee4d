import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { ChannelOption } from '@/api/types';
import { Composer } from '@/features/composer/Composer';
import { Desk } from '@/test/desk';
import { capsOf, messageOf, optionOf } from '@/test/samples';

let desk: Desk;
const user = userEvent.setup();

const telegram = optionOf({ thread_id: 'chat', is_default: true });
const sms = optionOf({
  account_id: 'number',
  identity_id: 'phone',
  channel: 'sms',
  address: '+37369123456',
  display: '',
  caps: capsOf({
    text_max: 2,
    text_unit: 'sms_segments',
    text_split: false,
    formatting: {},
    media: {},
    metered: true,
  }),
});

function open(...options: ChannelOption[]) {
  vi.stubGlobal('fetch', () => Promise.resolve(new Response(JSON.stringify(options))));
  desk.conversation({ id: 'conversation', channels: ['telegram'], last_seq: 3 });
  desk.said(messageOf({ seq: 3, channel: 'telegram' }));
  desk.show(<Composer conversationId="conversation" />);
}

const write = async (text: string) => {
  await user.type(screen.getByRole('textbox', { name: 'Reply to the client' }), text);
};
const send = () => user.click(screen.getByRole('button', { name: 'Send' }));

beforeEach(() => {
  desk = new Desk();
});

afterEach(() => vi.unstubAllGlobals());

it('answers in the chat, with formatting as ranges and without a signature', async () => {
  open(telegram);
  await screen.findByText('Telegram');
  await write('**Da**, vineri.');
  await send();
  expect(desk.sent[0]).toMatchObject({
    text: 'Da, vineri.',
    spans: [{ start: 0, end: 2, kind: 'bold' }],
    thread_id: 'chat',
  });
  expect(desk.sent[0]).not.toHaveProperty('recipients');
});

it('says why a channel is closed, and what to use instead', async () => {
  open({ ...telegram, possible: false, reason: 'blocked' }, sms);
  await screen.findByText('The client blocked us here');
  await write('Da');
  expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Send' }).disabled).toBe(true);
  await user.click(screen.getByRole('button', { name: 'Use SMS' }));
  await send();
  expect(desk.sent[0]).toMatchObject({ via: { account_id: 'number', identity_id: 'phone' } });
});

it('counts text messages and cuts nothing that is too long', async () => {
  open({ ...sms, is_default: true });
  await screen.findByText('SMS');
  await user.click(screen.getByRole('textbox', { name: 'Reply to the client' }));
  await user.paste('ă'.repeat(135));
  expect(screen.getByText('3 SMS')).toBeTruthy();
  expect(screen.getByText('Longer than the 2 SMS this account allows')).toBeTruthy();
  expect(screen.getByRole('button', { name: 'Write it plainly: 3 → 1' })).toBeTruthy();
  expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Send' }).disabled).toBe(true);
});
