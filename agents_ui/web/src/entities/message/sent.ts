import type { DraftBody } from '@/api/types';

/** Longer than any undo window: what was sent before these cannot be taken back any more. */
const KEPT = 20;
const bodies = new Map<string, DraftBody>();

/** Keep what was written, with its files and without its signature, in case it is taken back. */
export function rememberSent(token: string, body: DraftBody): void {
  bodies.set(token, body);
  const [oldest] = bodies.keys();
  if (bodies.size > KEPT && oldest !== undefined) bodies.delete(oldest);
}

/** What a message was written as, when this page wrote it. */
export function recallSent(token: string | null): DraftBody | undefined {
  return token === null ? undefined : bodies.get(token);
}
