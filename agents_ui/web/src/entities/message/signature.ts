/** Between a text and a signature, as mail programs have agreed on. */
const DELIMITER = '\n\n-- \n';

/** The text with the agent's signature below it. */
export function signed(text: string, signature: string): string {
  const own = signature.trim();
  return own === '' ? text.trimEnd() : `${text.trimEnd()}${DELIMITER}${own}`;
}

/** The text as it was before it was signed, for going on with it. */
export function unsigned(text: string, signature: string): string {
  const tail = `${DELIMITER}${signature.trim()}`;
  return signature.trim() !== '' && text.endsWith(tail) ? text.slice(0, -tail.length) : text;
}
