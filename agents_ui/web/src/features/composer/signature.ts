/** The text with the agent's signature below it, after the delimiter mail programs know. */
export function signed(text: string, signature: string): string {
  const own = signature.trim();
  return own === '' ? text.trimEnd() : `${text.trimEnd()}\n\n-- \n${own}`;
}
