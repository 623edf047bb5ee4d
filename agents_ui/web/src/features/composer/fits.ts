/** What a channel does not carry of a message, found while it is written. */

import type { Caps, Upload } from '@/api/types';
import { lengthIn } from '@/lib/length';

export type Misfit =
  | { kind: 'too_long'; by: number }
  | { kind: 'too_many_parts'; max: number }
  | { kind: 'no_files' }
  | { kind: 'no_such_file'; name: string }
  | { kind: 'file_too_big'; name: string; max: number };

/** What stands in the way of sending; nothing is ever cut to make it fit. */
export function misfits(caps: Caps, text: string, files: readonly Upload[]): Misfit[] {
  const found: Misfit[] = [];
  if (caps.text_unit === undefined) return found; // an account whose adapter is not loaded
  const long = lengthIn(text, caps.text_unit);
  if (long > caps.text_max && !caps.text_split) {
    found.push(
      caps.text_unit === 'sms_segments'
        ? { kind: 'too_many_parts', max: caps.text_max }
        : { kind: 'too_long', by: long - caps.text_max },
    );
  }
  if (files.length > 0 && Object.keys(caps.media).length === 0)
    return [...found, { kind: 'no_files' }];
  for (const { filename, mime, size } of files) {
    const taken = [mediaKind(mime), 'file', '*']
      .flatMap((kind) => caps.media[kind] ?? [])
      .find(({ mimes }) => takes(mimes, mime));
    if (!taken) found.push({ kind: 'no_such_file', name: filename });
    else if (size > taken.max_bytes)
      found.push({ kind: 'file_too_big', name: filename, max: taken.max_bytes });
  }
  return found;
}

/** In how many messages a text goes; 1 when it fits into one or is counted otherwise. */
export function messagesOf(caps: Caps, text: string): number {
  if (!caps.text_split || caps.text_unit === 'sms_segments') return 1;
  return Math.max(1, Math.ceil(lengthIn(text, caps.text_unit) / caps.text_max));
}

function takes(mimes: readonly string[], mime: string): boolean {
  const whole = `${mime.split('/')[0]}/*`;
  return mimes.length === 0 || mimes.some((one) => one === mime || one === whole || one === '*/*');
}

function mediaKind(mime: string): string {
  const kind = mime.split('/')[0] ?? '';
  return ['image', 'video', 'audio'].includes(kind) ? kind : 'file';
}
