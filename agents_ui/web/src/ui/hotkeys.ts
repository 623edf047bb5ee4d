/** One listener for the page; the newest scope that knows a key gets it. */

import { useEffect, useLayoutEffect, useRef } from 'react';
import { chord, isTyping, matches, type Chord } from '@/lib/keys';
import type { Key } from '@/lib/i18n';

export interface Hotkey {
  /** "j", "shift+a", "mod+enter", or a sequence "g i". */
  keys: string;
  /** What the cheat sheet calls it; without one it is not listed. */
  label?: Key;
  run: () => void;
  /** Also while text is being typed. Only for chords with a modifier, and Escape. */
  whileTyping?: boolean;
}

export interface Listed {
  keys: string;
  label: Key;
  group: Key;
}

interface Scope {
  group: Key;
  hotkeys: readonly Hotkey[];
}

const SEQUENCE_MS = 1200;
const scopes: Scope[] = [];
let prefix: { at: number; chord: string } | null = null;
let enabled = true;

/** Single letters off (WCAG 2.1.4); chords with a modifier stay. */
export function setHotkeysEnabled(on: boolean): void {
  enabled = on;
}

/** Adds shortcuts for as long as the component is mounted. Later scopes win. */
export function useHotkeys(group: Key, hotkeys: readonly Hotkey[]): void {
  const current = useRef<Scope>({ group, hotkeys });
  useLayoutEffect(() => {
    current.current.group = group;
    current.current.hotkeys = hotkeys;
  });
  useEffect(() => {
    const scope = current.current;
    scopes.push(scope);
    if (scopes.length === 1) document.addEventListener('keydown', onKey);
    return () => {
      scopes.splice(scopes.indexOf(scope), 1);
      if (scopes.length === 0) document.removeEventListener('keydown', onKey);
    };
  }, []);
}

/** Everything that works right now, for the cheat sheet. */
export function listHotkeys(): Listed[] {
  const seen = new Set<string>();
  return scopes.toReversed().flatMap(({ group, hotkeys }) =>
    hotkeys.flatMap(({ keys, label }) => {
      if (!label || seen.has(keys)) return [];
      seen.add(keys);
      return [{ keys, label, group }];
    }),
  );
}

function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing) return;
  const typing = isTyping(event.target) || isOverlaid(event.target);
  const before = prefix && event.timeStamp - prefix.at < SEQUENCE_MS ? prefix.chord : null;
  prefix = null;
  for (const scope of scopes.toReversed()) {
    for (const hotkey of scope.hotkeys) {
      const [first, second] = hotkey.keys.split(' ') as [string, string?];
      const want = chord(second && before === first ? second : first);
      if (!matches(event, want) || !allowed(want, typing, hotkey)) continue;
      if (second && before !== first) {
        prefix = { at: event.timeStamp, chord: first };
        continue;
      }
      if (!second && before && isPrefixed(before, want)) continue;
      event.preventDefault();
      prefix = null;
      hotkey.run();
      return;
    }
  }
}

/** Whether some sequence starting with `first` ends in this key: then the sequence wins. */
function isPrefixed(first: string, want: Chord): boolean {
  return scopes.some(({ hotkeys }) =>
    hotkeys.some(({ keys }) => {
      const [start, end] = keys.split(' ');
      return start === first && end === want.key;
    }),
  );
}

function allowed(want: Chord, typing: boolean, hotkey: Hotkey): boolean {
  if (typing) return hotkey.whileTyping === true;
  return enabled || want.mod || want.alt || want.key.length > 1;
}

/** A dialog or menu has the keyboard: single letters belong to it. */
function isOverlaid(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('[role=dialog],[role=menu]') !== null;
}
