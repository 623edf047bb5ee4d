import type { DraftBody, DraftKind } from '@/api/types';
import { mentionedIn } from './editing';
import { promisedAttachment } from './forgotten';
import type { Reason } from './guard';

interface Circumstances {
  kind: DraftKind;
  body: DraftBody;
  fresh: ReadonlySet<string>;
  people: readonly { id: string; name: string }[];
}

/** What an agent should see before a message leaves: each a slip that cannot be taken back. */
export function reasonsToAsk({ kind, body, fresh, people }: Circumstances): Reason[] {
  if (kind === 'note') return [];
  const reasons: Reason[] = [];
  if (fresh.size > 0) reasons.push({ kind: 'recipients', addresses: [...fresh] });
  const word = body.attachments.length === 0 ? promisedAttachment(body.text) : null;
  if (word !== null) reasons.push({ kind: 'attachment', word });
  const ids = new Set(mentionedIn(body.text, people));
  const names = people.filter(({ id }) => ids.has(id)).map(({ name }) => name);
  if (names.length > 0) reasons.push({ kind: 'mention', names });
  return reasons;
}
