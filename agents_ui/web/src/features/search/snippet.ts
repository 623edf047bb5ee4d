/** A stretch of a snippet; `hit` marks what the search found. */
export interface Part {
  text: string;
  hit: boolean;
}

/** Read the hub's marks: U+0002 opens a hit and U+0003 closes it. */
export function parts(snippet: string): Part[] {
  const found: Part[] = [];
  let hit = false;
  let text = '';
  const close = () => {
    if (text !== '') found.push({ text, hit });
    text = '';
  };
  for (const char of snippet) {
    if (char === '\u0002' || char === '\u0003') {
      close();
      hit = char === '\u0002';
    } else {
      text += char;
    }
  }
  close();
  return found;
}

/** The snippet without its marks. */
export function plain(snippet: string): string {
  return snippet.replaceAll('\u0002', '').replaceAll('\u0003', '').replace(/\s+/g, ' ').trim();
}
