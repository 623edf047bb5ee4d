import { describe, expect, it } from 'vitest';
import { presets, readMoment } from '@/entities/conversation/snooze';

const TUESDAY = new Date(2026, 10, 24, 15, 0);
const said = (text: string) => {
  const moment = readMoment(text, TUESDAY);
  return (
    moment && [moment.getMonth() + 1, moment.getDate(), moment.getHours(), moment.getMinutes()]
  );
};

describe('snooze', () => {
  it.each([
    ['tomorrow 9', [11, 25, 9, 0]],
    ['mâine la 14:30', [11, 25, 14, 30]],
    ['maine', [11, 25, 9, 0]],
    ['завтра в 10', [11, 25, 10, 0]],
    ['послезавтра', [11, 26, 9, 0]],
    ['через 2 часа', [11, 24, 17, 0]],
    ['peste 3 zile', [11, 27, 15, 0]],
    ['in 1 week', [12, 1, 15, 0]],
    ['next mon', [11, 30, 9, 0]],
    ['joi 10', [11, 26, 10, 0]],
    ['в пятницу 18:15', [11, 27, 18, 15]],
    ['5pm', [11, 24, 17, 0]],
    ['9', [11, 25, 9, 0]],
  ])('reads "%s"', (text, expected) => {
    expect(said(text)).toEqual(expected);
  });

  it.each(['', 'never', 'today 9', 'mâine poate', '99:99'])('reads no moment in "%s"', (text) => {
    expect(said(text)).toBeNull();
  });

  it('offers only moments that are still ahead, each once', () => {
    const late = presets(new Date(2026, 10, 24, 19, 0));
    expect(late.map(({ key }) => key)).not.toContain('this_evening');
    const sunday = presets(new Date(2026, 10, 29, 12, 0)).map(({ at }) => at.getTime());
    expect(new Set(sunday).size).toBe(sunday.length);
  });
});
