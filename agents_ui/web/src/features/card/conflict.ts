/** A field somebody else changed while it was edited here. */
export interface Conflict<T> {
  field: string;
  /** What the editor saw when the edit began. */
  before: T;
  mine: T;
  theirs: T;
}

/** Fields that both sides changed, to different values. Equal edits are no conflict. */
export function conflicts(
  before: Record<string, unknown>,
  mine: Record<string, unknown>,
  theirs: Record<string, unknown>,
): Conflict<unknown>[] {
  return Object.keys(mine)
    .filter((field) => !same(before[field], theirs[field]) && !same(mine[field], theirs[field]))
    .map((field) => ({
      field,
      before: before[field],
      mine: mine[field],
      theirs: theirs[field],
    }));
}

function same(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
}
