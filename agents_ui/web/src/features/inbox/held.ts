/**
 * Hold a list still while somebody points at it. The rows shown stay where they are and only
 * lose what left the view; what is new or moved waits until the pointer leaves or the agent
 * asks for it.
 */
export interface Held {
  order: readonly string[];
  waiting: number;
}

/** The order to show while the list is held, and how many changes wait. */
export function holdStill(shown: readonly string[], actual: readonly string[]): Held {
  if (shown === actual) return { order: shown, waiting: 0 };
  const present = new Set(actual);
  const before = new Set(shown);
  const order = shown.filter((id) => present.has(id));
  const waiting =
    moved(
      order,
      actual.filter((id) => before.has(id)),
    ) + fresh(actual, before);
  const next = appended(order, actual, before);
  const still = next.length === shown.length && order.length === shown.length;
  return { order: still ? shown : next, waiting };
}

/** Rows of a further page come after the last shown row; they move nothing and never wait. */
function appended(
  order: readonly string[],
  actual: readonly string[],
  before: ReadonlySet<string>,
): readonly string[] {
  const last = actual.findLastIndex((id) => before.has(id));
  return [...order, ...actual.slice(last + 1)];
}

function fresh(actual: readonly string[], before: ReadonlySet<string>): number {
  const last = actual.findLastIndex((id) => before.has(id));
  return actual.slice(0, last + 1).filter((id) => !before.has(id)).length;
}

/** How many rows must move to turn one order into the other: all outside the longest run. */
function moved(from: readonly string[], to: readonly string[]): number {
  const place = new Map(to.map((id, index) => [id, index]));
  const tails: number[] = [];
  for (const id of from) {
    const at = place.get(id) ?? 0;
    let low = 0;
    let high = tails.length;
    while (low < high) {
      const mid = (low + high) >> 1;
      if (tails[mid]! < at) low = mid + 1;
      else high = mid;
    }
    tails[low] = at;
  }
  return from.length - tails.length;
}
