/** How long a text is for a channel. */

import { count } from './sms';

export type LengthUnit = 'codepoints' | 'utf16' | 'sms_segments' | 'bytes';

export function lengthIn(text: string, unit: LengthUnit): number {
  switch (unit) {
    case 'codepoints':
      return Array.from(text).length;
    case 'utf16':
      return text.length;
    case 'bytes':
      return new TextEncoder().encode(text).length;
    case 'sms_segments':
      return count(text).parts;
  }
}
