/** Texts as they are compared: case, accents and a forgotten keyboard layout do not matter. */

const LATIN = "qwertyuiop[]asdfghjkl;'zxcvbnm,.";
const CYRILLIC = 'йцукенгшщзхъфывапролджэячсмитьбю';

/** Lower case, without accents: "Bălți" is "balti", "Ёлка" is "елка". */
export function fold(text: string): string {
  return text.toLocaleLowerCase().normalize('NFD').replace(/\p{M}/gu, '');
}

/** What the same keys would have written with the other layout on. */
export function otherLayout(text: string): string {
  const swap = (sign: string) => {
    const latin = LATIN.indexOf(sign);
    if (latin >= 0) return CYRILLIC[latin] ?? sign;
    const cyrillic = CYRILLIC.indexOf(sign);
    return cyrillic >= 0 ? (LATIN[cyrillic] ?? sign) : sign;
  };
  return Array.from(text.toLocaleLowerCase(), swap).join('');
}

/** How well a query fits a text: 0 not at all, more is better. Words may come in any order. */
export function fit(text: string, query: string): number {
  return Math.max(
    fitFolded(fold(text), fold(query)),
    fitFolded(fold(text), fold(otherLayout(query))),
  );
}

function fitFolded(text: string, query: string): number {
  const words = query.split(/\s+/).filter(Boolean);
  let score = 1;
  for (const word of words) {
    const at = text.indexOf(word);
    if (at < 0) return 0;
    const startsWord = at === 0 || /[^\p{L}\p{N}]/u.test(text[at - 1] ?? '');
    score += startsWord ? 2 : 1;
  }
  return score + (text.startsWith(query) ? 2 : 0);
}
