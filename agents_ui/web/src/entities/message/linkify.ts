/** A piece of plain text: a link where it holds an address that is safe to open. */
export interface Piece {
  text: string;
  href?: string;
}

const LINK =
  /(?:https?:\/\/|www\.)[^\s<>"'«»„“”]+|[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+/gu;
const TAIL = /[.,;:!?…]+$/;

/** Find web and mail addresses in plain text. Only http, https and mailto ever become links. */
export function linkify(text: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const found of text.matchAll(LINK)) {
    const whole = trimTail(found[0]);
    if (whole === '') continue;
    if (found.index > at) pieces.push({ text: text.slice(at, found.index) });
    pieces.push({ text: whole, href: hrefOf(whole) });
    at = found.index + whole.length;
  }
  if (at < text.length) pieces.push({ text: text.slice(at) });
  return pieces;
}

function hrefOf(text: string): string {
  if (/^https?:/i.test(text)) return text;
  return text.toLowerCase().startsWith('www.') ? `https://${text}` : `mailto:${text}`;
}

/** Leave sentence punctuation and a bracket that was opened before the link outside of it. */
function trimTail(text: string): string {
  let link = text.replace(TAIL, '');
  for (const [open, close] of ['()', '[]', '{}']) {
    while (link.endsWith(close!) && count(link, close!) > count(link, open!)) {
      link = link.slice(0, -1).replace(TAIL, '');
    }
  }
  return link;
}

function count(text: string, char: string): number {
  return text.split(char).length - 1;
}
