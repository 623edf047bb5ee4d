export interface Difference {
  name: string;
  before: string | null;
  after: string | null;
}

type Row = Record<string, unknown> | null;

/** The fields in which two states of a row differ, as texts; bookkeeping fields are left out. */
export function differences(before: Row, after: Row): Difference[] {
  const names = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})]);
  return [...names]
    .filter((name) => !['rev', 'updated_at', 'id'].includes(name))
    .map((name) => ({ name, before: show(before?.[name]), after: show(after?.[name]) }))
    .filter((field) => field.before !== field.after);
}

function show(value: unknown): string | null {
  if (value === null || value === undefined || value === '') return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
