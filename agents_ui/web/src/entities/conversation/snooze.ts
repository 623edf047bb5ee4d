/** A moment offered for snoozing or for sending later. */
export interface Preset {
  key: 'in_3_hours' | 'this_evening' | 'tomorrow_morning' | 'next_monday' | 'in_a_week';
  at: Date;
}

/** The moments worth offering now, each at least half an hour away, soonest first. */
export function presets(now: Date): Preset[] {
  const soon = now.getTime() + 30 * 60_000;
  const all: Preset[] = [
    { key: 'in_3_hours', at: new Date(now.getTime() + 3 * 3_600_000) },
    { key: 'this_evening', at: at(now, 0, 18) },
    { key: 'tomorrow_morning', at: at(now, 1, 9) },
    { key: 'next_monday', at: at(now, daysToMonday(now), 9) },
    { key: 'in_a_week', at: at(now, 7, 9) },
  ];
  const kept = all.filter(({ at }, index) => {
    const same = all.findIndex((other) => other.at.getTime() === at.getTime());
    return at.getTime() >= soon && same === index;
  });
  return kept.sort((a, b) => a.at.getTime() - b.at.getTime());
}

function daysToMonday(now: Date): number {
  return (8 - now.getDay()) % 7 || 7;
}

function at(now: Date, days: number, hour: number): Date {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, hour);
}

/** The value of a `datetime-local` input for a moment. */
export function toLocalInput(moment: Date): string {
  const shifted = new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 16);
}

const UNITS: readonly [RegExp, number][] = [
  [/^(?:m|min|mins|minutes?|minute?|minut(?:e|ul)?|мин(?:ут(?:у|ы)?)?)$/u, 60_000],
  [/^(?:h|hours?|or[aăe]|ore|ч|час(?:а|ов)?)$/u, 3_600_000],
  [/^(?:d|days?|zi|zile|д|день|дня|дней)$/u, 86_400_000],
  [/^(?:w|weeks?|s[aă]pt[aă]m[aâ]n[aăi]|недел[юиь])$/u, 7 * 86_400_000],
];
const IN = /^(?:in|[iî]n|peste|через)\s+(?:(\d{1,3})\s*)?(\p{L}+)$/u;
const DAYS: readonly [RegExp, number][] = [
  [/^(?:today|azi|ast[aă]zi|сегодня)/u, 0],
  [/^(?:tomorrow|tmr|m[aâ]ine|завтра)/u, 1],
  [/^(?:poim[aâ]ine|послезавтра)/u, 2],
];
const WEEKDAYS: readonly RegExp[] = [
  /^(?:sun|dum|вс|вос)\p{L}*/u,
  /^(?:mon|lun|пн|пон)\p{L}*/u,
  /^(?:tue|mar|вт)\p{L}*/u,
  /^(?:wed|mie|ср)\p{L}*/u,
  /^(?:thu|joi|чт|чет)\p{L}*/u,
  /^(?:fri|vin|пт|пят)\p{L}*/u,
  /^(?:sat|s[aâ]m|сб|суб)\p{L}*/u,
];

/**
 * Read "tomorrow 9", "mâine la 14:30", "через 2 часа", "next mon", "joi 10". Null when it says
 * no moment, or one that has passed.
 */
export function readMoment(text: string, now: Date): Date | null {
  const said = text.trim().toLowerCase().normalize('NFC');
  const moment = afterSpan(said, now) ?? onDay(said, now);
  return moment !== null && moment.getTime() > now.getTime() ? moment : null;
}

function afterSpan(said: string, now: Date): Date | null {
  const found = IN.exec(said);
  if (!found) return null;
  const unit = UNITS.find(([name]) => name.test(found[2]!));
  return unit ? new Date(now.getTime() + Number(found[1] ?? 1) * unit[1]) : null;
}

function onDay(said: string, now: Date): Date | null {
  const words = said.replace(/^(?:next|on|în|in|следующ\p{L}*|во?|pe)\s+/u, '');
  const named = DAYS.find(([name]) => name.test(words));
  const weekday = named ? -1 : WEEKDAYS.findIndex((name) => name.test(words));
  const start = named?.[0] ?? WEEKDAYS[weekday];
  const rest = start ? words.replace(start, '') : words;
  const time = timeIn(rest);
  if (start === undefined) return time ? nextAt(now, time) : null;
  if (rest.trim() !== '' && !time) return null;
  const days = named ? named[1] : (weekday - now.getDay() + 7) % 7 || 7;
  const [hour, minute] = time ?? [9, 0];
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, hour, minute);
}

function timeIn(text: string): [number, number] | null {
  const found = /^\s*(?:at|la|ora|в|@)?\s*(\d{1,2})(?:[:.h](\d{2}))?\s*(am|pm)?\s*$/u.exec(text);
  if (!found) return null;
  const hour = (Number(found[1]) % (found[3] ? 12 : 24)) + (found[3] === 'pm' ? 12 : 0);
  const minute = Number(found[2] ?? 0);
  return hour < 24 && minute < 60 ? [hour, minute] : null;
}

function nextAt(now: Date, [hour, minute]: [number, number]): Date {
  const today = new Date(now.getFullYear(), now.getMonth(), now.getDate(), hour, minute);
  if (today.getTime() > now.getTime()) return today;
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1, hour, minute);
}
