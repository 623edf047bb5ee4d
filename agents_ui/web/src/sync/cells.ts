/** Observable rows by key. Rows are replaced, never mutated, so identity tells whether one changed. */

type Listener = () => void;

/** Collects what changed until `flush`, so that a burst of events paints once. */
export class Batch {
  private readonly dirty = new Set<Listener>();
  private depth = 0;

  /** Runs `work` and notifies each touched listener once, after the last of it. */
  run(work: () => void): void {
    this.depth += 1;
    try {
      work();
    } finally {
      this.depth -= 1;
      if (this.depth === 0) this.flush();
    }
  }

  touch(listeners: Iterable<Listener>): void {
    for (const listener of listeners) this.dirty.add(listener);
    if (this.depth === 0) this.flush();
  }

  private flush(): void {
    const listeners = [...this.dirty];
    this.dirty.clear();
    for (const listener of listeners) listener();
  }
}

export class Cells<V> {
  private rows = new Map<string, V>();
  private readonly byKey = new Map<string, Set<Listener>>();
  private readonly everything = new Set<Listener>();
  private listed: readonly V[] | null = null;
  private readonly batch: Batch;

  constructor(batch: Batch) {
    this.batch = batch;
  }

  get size(): number {
    return this.rows.size;
  }

  get(key: string): V | undefined {
    return this.rows.get(key);
  }

  /** All rows in insertion order; the same array until something changes. */
  all(): readonly V[] {
    return (this.listed ??= [...this.rows.values()]);
  }

  keys(): readonly string[] {
    return [...this.rows.keys()];
  }

  set(key: string, value: V): void {
    if (this.rows.get(key) === value) return;
    this.rows.set(key, value);
    this.changed(key);
  }

  delete(key: string): void {
    if (this.rows.delete(key)) this.changed(key);
  }

  /** Makes the rows exactly `rows`, touching only the keys that differ. */
  replace(rows: Iterable<readonly [string, V]>): void {
    this.batch.run(() => {
      const next = new Map(rows);
      for (const key of this.rows.keys()) if (!next.has(key)) this.delete(key);
      for (const [key, value] of next) this.set(key, value);
    });
  }

  subscribe(key: string, listener: Listener): () => void {
    let set = this.byKey.get(key);
    if (!set) this.byKey.set(key, (set = new Set()));
    set.add(listener);
    return () => {
      set.delete(listener);
      if (set.size === 0 && this.byKey.get(key) === set) this.byKey.delete(key);
    };
  }

  subscribeAll(listener: Listener): () => void {
    this.everything.add(listener);
    return () => this.everything.delete(listener);
  }

  private changed(key: string): void {
    this.listed = null;
    this.batch.touch([...(this.byKey.get(key) ?? []), ...this.everything]);
  }
}

/** One observable value. */
export class Cell<V> {
  private value: V;
  private readonly listeners = new Set<Listener>();
  private readonly batch: Batch;

  constructor(batch: Batch, value: V) {
    this.batch = batch;
    this.value = value;
  }

  get(): V {
    return this.value;
  }

  set(value: V): void {
    if (Object.is(value, this.value)) return;
    this.value = value;
    this.batch.touch([...this.listeners]);
  }

  subscribe(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}
