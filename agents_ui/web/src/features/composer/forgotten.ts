const WORDS = [
  /\battach(?:ed|ment|ments|ing)?\b/iu,
  /\b(?:enclosed|enclosing)\b/iu,
  /(?<!\p{L})ata[sșş](?:at\p{L}*|ez|eaz[aă]|[aă]m|[aă]rii|ament\p{L}*)(?!\p{L})/iu,
  /(?<!\p{L})(?:anexat|anexez|anexa|anexat[aă]|[iî]n anex[aă])(?!\p{L})/iu,
  /(?<!\p{L})(?:прикреп|прилаг|прилож|во вложении|вложени|вложил)\p{L}*/iu,
];

/** The word of a text that promises an attachment, or null. Quoted lines promise nothing. */
export function promisedAttachment(text: string): string | null {
  const own = text
    .split('\n')
    .filter((line) => !line.startsWith('>'))
    .join('\n');
  for (const word of WORDS) {
    const found = word.exec(own);
    if (found) return found[0];
  }
  return null;
}
