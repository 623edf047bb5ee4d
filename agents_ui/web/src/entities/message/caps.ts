import type { Caps, Id, Message } from '@/api/types';
import { useAccount } from '@/entities/live';

/** What the channel of an account carries; undefined while nothing is known. */
export function useAccountCaps(accountId: Id | null): Caps | undefined {
  const caps = useAccount(accountId)?.capabilities as Caps | undefined;
  return caps?.text_unit === undefined ? undefined : caps;
}

/** Whether a message of ours is still young enough for what a channel allows for some time. */
export function isWithin(message: Message, seconds: number | null, now: number): boolean {
  return seconds === null || now - Date.parse(message.at) < seconds * 1000;
}

/** Whether a message has gone out at all: before that it is taken back, not changed. */
export function hasLeft(message: Message): boolean {
  return message.deliveries.some(({ state }) =>
    ['accepted', 'sent', 'delivered', 'read'].includes(state),
  );
}
