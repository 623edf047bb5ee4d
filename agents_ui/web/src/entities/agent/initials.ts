/** Up to two letters that stand for a name, or for an address where there is no name. */
export function initials(name: string): string {
  const words = name
    .replace(/@.*$/, '')
    .split(/[\s._-]+/)
    .filter((word) => /^[\p{L}\p{N}]/u.test(word));
  const [first = '', second = ''] = [words[0], words.length > 1 ? words.at(-1) : ''];
  const letters = firstLetter(first) + firstLetter(second);
  return letters.toLocaleUpperCase() || '?';
}

const firstLetter = (word: string): string => /^./u.exec(word)?.[0] ?? '';

/** One of `count` hues for an id: the same person has the same colour on every screen. */
export function hueOf(id: string, count: number): number {
  let hash = 0;
  for (const char of id) hash = (hash * 31 + char.charCodeAt(0)) >>> 0;
  return hash % count;
}
