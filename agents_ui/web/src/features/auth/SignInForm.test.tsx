import { MantineProvider } from '@mantine/core';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Me } from '@/api/types';
import { hubState } from '@/test/fixtures';
import { SignInForm } from './SignInForm';

interface Answer {
  status: number;
  body: unknown;
  headers?: Record<string, string>;
}

let answers: Answer[] = [];
let sent: unknown[] = [];
let done: Me[] = [];

beforeEach(() => {
  [answers, sent, done] = [[], [], []];
  vi.stubGlobal('fetch', async (_path: string, init: RequestInit) => {
    sent.push(JSON.parse(init.body as string));
    const { status, body, headers = {} } = answers.shift() ?? { status: 500, body: {} };
    return new Response(JSON.stringify(body), { status, headers });
  });
  render(
    <MantineProvider>
      <SignInForm onDone={(me) => done.push(me)} />
    </MantineProvider>,
  );
});
afterEach(() => vi.unstubAllGlobals());

const me = hubState().me;
const refusal = (status: number, code: string, more = {}): Answer => ({
  status,
  body: { code, title: code, status, detail: code, ...more },
});

async function enter(password = 'a good long one') {
  const user = userEvent.setup();
  await user.type(screen.getByLabelText('E-mail'), 'ion@example.md');
  await user.type(screen.getByLabelText('Password'), password);
  await user.click(screen.getByRole('button', { name: 'Sign in' }));
  return user;
}

test('the right password signs in without asking for more', async () => {
  answers = [{ status: 200, body: me }];
  await enter();
  expect(done).toEqual([me]);
  expect(sent).toEqual([{ login: 'ion@example.md', password: 'a good long one' }]);
});

test('empty fields are named before anything is sent', async () => {
  await userEvent.click(screen.getByRole('button', { name: 'Sign in' }));
  expect(screen.getByText('Enter an e-mail address')).toBeTruthy();
  expect(screen.getByText('Enter the password')).toBeTruthy();
  expect(sent).toEqual([]);
});

test('a wrong password says what to check and keeps the login', async () => {
  answers = [refusal(401, 'session.wrong')];
  await enter();
  expect((await screen.findByRole('alert')).textContent).toContain('Caps Lock');
  expect(screen.getByLabelText<HTMLInputElement>('E-mail').value).toBe('ion@example.md');
});

test('the second factor is asked for only when the hub wants it, and sent with the password', async () => {
  answers = [refusal(401, 'session.code_needed'), { status: 200, body: me }];
  const user = await enter();
  await user.type(await screen.findByLabelText('Code from the app'), '123456');
  await user.click(screen.getByRole('button', { name: 'Sign in' }));
  expect(sent.at(-1)).toMatchObject({ password: 'a good long one', code: '123456' });
  expect(done).toHaveLength(1);
});

test('a recovery code stands in for the app', async () => {
  answers = [refusal(401, 'session.code_needed'), { status: 200, body: me }];
  const user = await enter();
  await user.click(await screen.findByRole('button', { name: 'Use a recovery code' }));
  await user.type(screen.getByLabelText('Recovery code'), 'abcde-fghij');
  await user.click(screen.getByRole('button', { name: 'Sign in' }));
  expect(sent.at(-1)).toMatchObject({ code: 'abcde-fghij' });
});

test('too many attempts show the seconds left, and the button waits', async () => {
  answers = [refusal(429, 'session.throttled', { retry_after: 30 })];
  await enter();
  expect((await screen.findByRole('status')).textContent).toMatch(/Try again in (30|29) seconds/);
  expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Sign in' }).disabled).toBe(true);
});
