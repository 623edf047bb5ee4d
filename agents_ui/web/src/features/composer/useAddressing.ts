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
  channel: string;
}

/** Whom an answer goes to: everybody of the last message, unless the agent chose otherwise. */
export function useAddressing(
  messages: readonly Message[],
  chosen: readonly Recipient[],
): Addressing {
  const own = useAccounts().map(({ address }) => address);
  const last = messages.findLast(
    ({ kind, visibility }) =>
      visibility === 'public' && (kind === 'inbound' || kind === 'outbound'),
  );
  const writer = last ? replyLines(last, own, false) : [];
  const all = last ? replyLines(last, own, true) : [];
  const everybody = last && hasOthers(last, own) ? all : null;
  const lines = chosen.length > 0 ? [...chosen] : all;
  const isPublic = messages.filter(({ visibility }) => visibility === 'public');
  const { added, dropped } = compare(lines, known(isPublic, own), all);
  return {
    lines,
    everybody,
    writer,
    fresh: new Set(added.map(({ value }) => value.toLowerCase())),
    dropped,
    channel: last?.channel ?? '',
  };
}
