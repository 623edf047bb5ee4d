import type { Delivery, Message } from '@/api/types';

/** What became of a message, in the one word a reader needs. */
export type Outcome =
  | 'none'
  | 'held'
  | 'scheduled'
  | 'queued'
  | 'sending'
  | 'sent'
  | 'delivered'
  | 'read'
  | 'failed'
  | 'bounced'
  | 'unknown'
  | 'cancelled';

/** Worst first: one recipient who got nothing matters more than nine who did. */
const WORST: readonly string[] = [
  'failed',
  'bounced',
  'unknown',
  'sending',
  'queued',
  'cancelled',
  'sent',
  'delivered',
  'read',
];

/** A send that starts later than this was scheduled by the agent; sooner is the undo window. */
const UNDO_MS = 120_000;

/** The state of a message from its deliveries: the worst one, and why it waits. */
export function outcomeOf(message: Message, now: number): Outcome {
  if (message.kind !== 'outbound' || message.deliveries.length === 0) return 'none';
  const worst = WORST.find((state) => message.deliveries.some((d) => d.state === state));
  if (worst !== 'queued') return (worst ?? 'queued') as Outcome;
  const wait = startsIn(message, now);
  if (wait <= 0) return 'queued';
  return isScheduled(message) ? 'scheduled' : 'held';
}

/** Whether the agent chose a later time, as opposed to the undo window every mail has. */
export function isScheduled(message: Message): boolean {
  const start = startOf(message);
  return start !== null && start - Date.parse(message.created_at) > UNDO_MS;
}

/** Milliseconds until the first recipient's copy leaves; 0 when none is waiting. */
export function startsIn(message: Message, now: number): number {
  const start = startOf(message);
  return start === null ? 0 : Math.max(0, start - now);
}

/** When the waiting copies leave. */
export function startOf(message: Message): number | null {
  const waiting = message.deliveries
    .filter(({ state }) => state === 'queued')
    .map(({ not_before }) => (not_before === null ? 0 : Date.parse(not_before)));
  return waiting.length === 0 ? null : Math.min(...waiting);
}

/** Deliveries a person must look at. */
export function troubled(message: Message): Delivery[] {
  return message.deliveries.filter(({ state }) => ['failed', 'bounced', 'unknown'].includes(state));
}
