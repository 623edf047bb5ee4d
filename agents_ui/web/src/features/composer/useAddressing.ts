import type { Message, Recipient } from '@/api/types';
import { useAccounts } from '@/entities/live';
import { compare, hasOthers, known, replyLines } from './recipients';

export interface Addressing {
  /** Whom the answer goes to. */
  lines: Recipient[];
  /** Who gets it when everybody is answered; null when that is nobody more. */
  everybody: Recipient[] | null;
  /** Who gets it when only the writer is answered. */
  writer: Recipient[];
  /** Lower-case addresses nobody in this conversation has used. */
  fresh: ReadonlySet<string>;
  /** Who took part in the last message and gets nothing now. */
  dropped: string[];
}

/** Whom an answer goes to: everybody of the last message, unless the agent chose otherwise. */
export function useAddressing(
  messages: readonly Message[],
  chosen: readonly Recipient[],
  /** The address an e-mail goes to, where no mail of the conversation names one. */
  address: string | null = null,
): Addressing {
  const own = useAccounts().map(({ address }) => address);
  const last = messages.findLast(
    ({ kind, visibility, channel }) =>
      visibility === 'public' &&
      (kind === 'inbound' || kind === 'outbound') &&
      (channel === 'email' || channel === ''),
  );
  const given: Recipient[] =
    address === null ? [] : [{ role: 'to', kind: 'email', value: address, display: null }];
  const writer = last ? replyLines(last, own, false) : given;
  const all = last ? replyLines(last, own, true) : given;
  const everybody = last && hasOthers(last, own) ? all : null;
  const lines = chosen.length > 0 ? [...chosen] : all;
  const isPublic = messages.filter(({ visibility }) => visibility === 'public');
  const { added, dropped } = compare(
    lines,
    [...known(isPublic, own), ...given.map(({ value }) => value)],
    all,
  );
  return {
    lines,
    everybody,
    writer,
    fresh: new Set(added.map(({ value }) => value.toLowerCase())),
    dropped,
  };
}
