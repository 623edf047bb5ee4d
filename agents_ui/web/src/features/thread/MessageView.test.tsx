import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, it } from 'vitest';
import type { Message } from '@/api/types';
import { MessageView } from '@/features/thread/MessageView';
import { Desk } from '@/test/desk';
import { conversationOf, deliveryOf, messageOf } from '@/test/samples';

let desk: Desk;

function show(parts: Partial<Message>) {
  desk.show(
    <MessageView message={messageOf(parts)} first conversation={conversationOf()} marked={false} />,
  );
  return screen.getByRole('article');
}

beforeEach(() => {
  desk = new Desk();
});

it('folds a quote and shows it on a click', async () => {
  const text = 'Da\n> vechi';
  const article = show({ text, folds: [{ start: 3, end: text.length, kind: 'quote' }] });
  expect(article.textContent).not.toContain('vechi');
  await userEvent.click(screen.getByRole('button', { name: 'Show quoted text' }));
  expect(article.textContent).toContain('> vechi');
});

it('shows HTML only in a frame that runs no scripts, without images from outside', async () => {
  show({ has_html: true, remote_images: 2 });
  const frame = screen.getByTitle<HTMLIFrameElement>('Mail from Ion Rusu');
  expect(frame.getAttribute('sandbox')).not.toContain('allow-scripts');
  expect(frame.getAttribute('src')).toBe('/m/message-1/body?images=0');
  await userEvent.click(screen.getByRole('button', { name: 'Show images' }));
  expect(screen.getByTitle('Mail from Ion Rusu').getAttribute('src')).toContain('images=1');
});

it('says in words why one recipient got nothing', () => {
  const deliveries = [
    deliveryOf({ id: 'd1' }),
    deliveryOf({ id: 'd2', state: 'failed', display: 'Contabil', error_code: 'smtp.mailbox_full' }),
  ];
  const article = show({ kind: 'outbound', deliveries });
  expect(article.textContent).toContain('Contabil: the mailbox is full');
  expect(article.textContent).toContain('1 other recipient got it');
});

it('claims nothing when nobody knows whether a mail was sent', () => {
  const article = show({ kind: 'outbound', deliveries: [deliveryOf({ state: 'unknown' })] });
  expect(article.textContent).toContain('It is not known whether this was sent');
  expect(screen.getByRole('button', { name: 'Send once more' })).toBeTruthy();
});

it('folds an automatic reply and names it', () => {
  const article = show({ automatic: 'auto_reply', text: 'Sunt plecat.\n\nRevin luni.' });
  expect(article.textContent).toContain('Automatic reply');
  expect(article.textContent).not.toContain('Revin luni');
});

it('offers to accept an outsider who proved nothing', () => {
  const article = show({ visibility: 'internal' });
  expect(article.dataset.kind).toBe('outsider');
  expect(screen.getByRole('button', { name: 'Accept sender' })).toBeTruthy();
});
