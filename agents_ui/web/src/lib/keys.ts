/** Keyboard shortcuts that work on every layout: letters by position, or by sign on Latin layouts. */

export interface Chord {
  mod: boolean;
  shift: boolean;
  alt: boolean;
  key: string;
}

/** Reads "mod+shift+k". `mod` is Ctrl, or Command on a Mac. */
export function chord(text: string): Chord {
  const parts = text.toLowerCase().split('+');
  return {
    mod: parts.includes('mod'),
    shift: parts.includes('shift'),
    alt: parts.includes('alt'),
    key: parts.at(-1) === '' ? '+' : (parts.at(-1) ?? ''),
  };
}

export type KeyPress = Pick<
  KeyboardEvent,
  'key' | 'code' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'
>;

/** Whether the press means the chord. With a Cyrillic layout on, the key labelled J still is J. */
export function matches(press: KeyPress, want: Chord): boolean {
  if ((press.ctrlKey || press.metaKey) !== want.mod || press.altKey !== want.alt) return false;
  const key = meaning(press);
  if (key !== want.key) return false;
  // Signs such as "?" need Shift on many layouts; only letters and named keys compare it.
  return isSign(key) || press.shiftKey === want.shift;
}

/** The key the agent means: its Latin sign, or for other alphabets the sign printed at its place. */
export function meaning(press: KeyPress): string {
  const key = press.key.toLowerCase();
  if (key.length !== 1 || key.charCodeAt(0) < 128) return key;
  if (press.code.startsWith('Key')) return press.code.slice(3).toLowerCase();
  if (press.code.startsWith('Digit')) return press.code.slice(5);
  return PLACES[press.shiftKey ? `Shift${press.code}` : press.code] ?? key;
}

const PLACES: Record<string, string> = {
  BracketLeft: '[',
  BracketRight: ']',
  Slash: '/',
  ShiftSlash: '?',
  Period: '.',
  Comma: ',',
};

function isSign(key: string): boolean {
  return key.length === 1 && !/[a-z0-9]/.test(key);
}

/** True while the press belongs to text being typed. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return (
    target.isContentEditable ||
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement ||
    (target instanceof HTMLInputElement && !['checkbox', 'radio', 'button'].includes(target.type))
  );
}
