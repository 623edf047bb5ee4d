const GROUPS: Record<string, readonly number[]> = {
  '+373': [2, 3, 3],
  '+40': [3, 3, 3],
  '+380': [2, 3, 2, 2],
  '+7': [3, 3, 2, 2],
};

/** An E.164 number with spaces where people of the country put them; others in threes. */
export function showPhone(e164: string): string {
  if (!/^\+\d{7,15}$/.test(e164)) return e164;
  const code = Object.keys(GROUPS).find((prefix) => e164.startsWith(prefix));
  const digits = e164.slice(code?.length ?? 0);
  const sizes = code ? GROUPS[code]! : [];
  if (code && digits.length !== sizes.reduce((sum, size) => sum + size, 0)) {
    return `${code} ${digits}`;
  }
  if (!code) return e164.replace(/(\d{3})(?=\d{2})/g, '$1 ');
  let at = 0;
  const groups = sizes.map((size) => digits.slice(at, (at += size)));
  return [code, ...groups].join(' ');
}
