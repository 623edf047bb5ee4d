/** Whose value of a field stays after a merge. */
export type Side = 'winner' | 'loser';
export type Choices = Record<string, Side>;

/** A field that differs between two cards, as the hub's preview says it. */
export interface Difference {
  field: string;
  winner: unknown;
  loser: unknown;
  /** What the hub would keep. */
  result: unknown;
}

/** Whose value stays: the agent's choice, else the one the hub would keep. */
export function sideOf({ field, winner, result }: Difference, chosen: Choices): Side {
  return chosen[field] ?? (same(result, winner) ? 'winner' : 'loser');
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
}
