import type { Recipient } from '@/api/types';

interface Author {
  name: string;
  address: string | null;
}

/** What the rules need of a message. */
export interface Addressed {
  kind: string;
  author: Author;
  recipients: readonly (Omit<Recipient, 'role'> & { role: string })[];
}

export const sameAddress = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/**
 * Whom an answer goes to. Reply-To wins over the author; an answer to our own message goes to
 * whom that one went to. Our own mailboxes are never addressed.
 */
export function replyLines(message: Addressed, own: readonly string[], all: boolean): Recipient[] {
  const ours = new Set(own.map((address) => address.toLowerCase()));
  const first = message.kind === 'inbound' ? sender(message) : named(message, 'to', 'to');
  const rest = [...named(message, 'to', 'cc'), ...named(message, 'cc', 'cc')];
  const lines = all ? [...first, ...rest] : first;
  return unique(lines.filter(({ value }) => !ours.has(value.toLowerCase())));
}

/** Whether "reply to all" would reach anybody whom "reply" does not. */
export function hasOthers(message: Addressed, own: readonly string[]): boolean {
  return replyLines(message, own, true).length > replyLines(message, own, false).length;
}

function sender({ author, recipients }: Addressed): Recipient[] {
  const answer = recipients.filter(({ role }) => role === 'reply_to');
  if (answer.length > 0) return answer.map((line) => ({ ...line, role: 'to' }));
  if (author.address === null) return [];
  return [{ role: 'to', ...mail(author.address, author.name) }];
}

function named(message: Addressed, from: string, role: Recipient['role']): Recipient[] {
  return message.recipients.filter((line) => line.role === from).map((line) => ({ ...line, role }));
}

function mail(value: string, display: string): Omit<Recipient, 'role'> {
  return { kind: 'email', value, display: display || null };
}

function unique(lines: readonly Recipient[]): Recipient[] {
  const seen = new Set<string>();
  return lines.filter(({ value }) => {
    const key = value.toLowerCase();
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/** Who is new in this conversation, and who was in it and gets nothing now. */
export interface Difference {
  added: Recipient[];
  dropped: string[];
}

/**
 * Compare an answer's lines with everybody who took part so far. `added` needs a confirmation:
 * the hub cannot know whether a new outside address is a colleague or a slip of the keyboard.
 */
export function compare(
  lines: readonly Recipient[],
  known: readonly string[],
  last: readonly Recipient[],
): Difference {
  const before = new Set(known.map((address) => address.toLowerCase()));
  const now = new Set(lines.map(({ value }) => value.toLowerCase()));
  return {
    added: lines.filter(({ value }) => !before.has(value.toLowerCase())),
    dropped: last.map(({ value }) => value).filter((value) => !now.has(value.toLowerCase())),
  };
}

/** Every outside address of a conversation's messages. */
export function known(messages: readonly Addressed[], own: readonly string[]): string[] {
  const ours = new Set(own.map((address) => address.toLowerCase()));
  const all = messages.flatMap(({ author, recipients }) => [
    ...(author.address === null ? [] : [author.address]),
    ...recipients.map(({ value }) => value),
  ]);
  return [...new Set(all.map((address) => address.toLowerCase()))].filter(
    (address) => !ours.has(address),
  );
}

const ADDRESS = /^[^\s@<>,;"]+@[^\s@<>,;"]+\.[^\s@<>,;".]{2,}$/u;

export const isMailAddress = (text: string): boolean => ADDRESS.test(text);

/**
 * Read what was typed or pasted into an address field: `Ana Rusu <ana@x.md>, ion@y.md`.
 * What is no address comes back in `rest`, so that nothing typed is lost.
 */
export function readAddresses(text: string): { found: Omit<Recipient, 'role'>[]; rest: string } {
  const found: Omit<Recipient, 'role'>[] = [];
  const rest: string[] = [];
  for (const part of splitAddresses(text)) {
    const named = /^"?([^"<]*?)"?\s*<([^<>]+)>$/.exec(part);
    const value = (named?.[2] ?? part).trim().replace(/^mailto:/i, '');
    if (isMailAddress(value)) {
      found.push(mail(value, named?.[1]?.trim() ?? ''));
    } else {
      rest.push(part);
    }
  }
  return { found, rest: rest.join(', ') };
}

/** Split at commas, semicolons and line ends that stand outside quotes and angle brackets. */
function splitAddresses(text: string): string[] {
  return (text.match(/(?:"[^"]*"|<[^>]*>|[^,;\n"<])+/g) ?? [])
    .flatMap((part) => (/[<"]/.test(part) ? [part] : part.trim().split(/\s+/)))
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
