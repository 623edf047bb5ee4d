import type { Message } from '@/api/types';
import type { Pending } from '@/sync/types';

/** Why an answer is held back until the agent says so once more. */
export type Reason =
  | { kind: 'recipients'; addresses: string[] }
  | { kind: 'attachment'; word: string }
  | { kind: 'mention'; names: string[] };

/** An answer the hub refused because somebody wrote to the client meanwhile. */
export interface Refused {
  token: string;
  text: string;
  entries: Message[];
  /** The newest entry the agent has seen once these are shown. */
  seq: number;
}

/** The refused answer of a conversation that waits for the agent's decision, if there is one. */
export function refusedBy(pending: readonly Pending[]): Refused | null {
  const held = pending.find(
    ({ state, problem }) => state === 'refused' && problem?.code === 'conversation.changed',
  );
  if (!held) return null;
  const entries = (held.problem?.members.entries ?? []) as Message[];
  const seq = entries.reduce((newest, entry) => Math.max(newest, entry.seq), held.body.base_seq);
  return { token: held.token, text: held.body.text, entries, seq };
}

/** What colleagues and the client added in public after an entry: what the writer has not seen. */
export function addedAfter(
  messages: readonly Message[],
  seq: number,
  me: string,
): readonly Message[] {
  return messages.filter(
    ({ seq: at, visibility, author }) => at > seq && visibility === 'public' && author.id !== me,
  );
}
