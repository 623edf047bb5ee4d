/** Returns what can be read on `#rrggbb`: white, or black where white has less contrast. */
export function inkOn(color: string): string {
  const n = parseInt(color.slice(1), 16);
  const light = (n >> 16) ** 2 * 0.21 + ((n >> 8) & 255) ** 2 * 0.72 + (n & 255) ** 2 * 0.07;
  return light > 11900 ? '#000' : '#fff'; // 18 % of white's luminance, at a gamma of 2
}
