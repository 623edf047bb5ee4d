/** Colours and hours of a widget's settings, as its form shows them. */

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Day = (typeof DAYS)[number];

export interface Hours {
  zone: string;
  always: boolean;
  week: Partial<Record<Day, [string, string][]>>;
  holidays: string[];
}

export const isColor = (text: string) => /^#[0-9a-f]{6}$/i.test(text);

/** Relative luminance of `#rrggbb` (WCAG 2.2). */
function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = parseInt(color.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return red * 0.2126 + green * 0.7152 + blue * 0.0722;
}

/** Contrast of two colours, from 1 to 21. */
export function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

/** What the widget writes on its colour, and how well that can be read. */
export function inkOn(color: string): { ink: string; ratio: number } {
  const [white, black] = [contrast(color, '#ffffff'), contrast(color, '#000000')];
  return white >= black ? { ink: '#ffffff', ratio: white } : { ink: '#000000', ratio: black };
}

/** What is typed, one origin a line. */
export const originsOf = (text: string): string[] =>
  text
    .split(/[\s,]+/)
    .map((each) => each.replace(/\/+$/, ''))
    .filter(Boolean);

/** The line a site puts into its pages. */
export const snippetOf = (hub: string, key: string): string =>
  `<script async src="${hub}/w/loader.js" data-key="${key}"></script>`;
