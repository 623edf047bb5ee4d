import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FakeHub } from '@/test/fakeHub';
import type { Placed, Topic } from './frames';
import { Live, type Sink } from './live';
import type { LinkState } from './types';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Keeps what the rules promise: revisions without a hole, and nothing applied twice. */
class Witness implements Sink {
  readonly revs = new Map<string, number>();
  readonly lost: string[] = [];
  readonly states: LinkState[] = [];
  applied = 0;
  covered = 0;

  apply(events: readonly Placed[]): void {
    for (const event of events) {
      if (event.type !== 'conversation.changed') continue;
      const { id, rev } = event.conversation;
      const have = this.revs.get(id) ?? 0;
      if (rev <= have) {
        this.covered += 1; // below the floor of a snapshot
        continue;
      }
      if (rev > have + 1) this.lost.push(`${id}: had ${have}, got ${rev}`);
      this.revs.set(id, rev);
      this.applied += 1;
    }
  }

  wanted(): Topic[] {
    return ['view:all'];
  }

  snapshot(_topic: Topic, data: unknown): void {
    const { items } = data as { items: { id: string; rev: number }[] };
    for (const { id, rev } of items) {
      if (rev < (this.revs.get(id) ?? 0)) this.lost.push(`${id}: went back to ${rev}`);
      this.revs.set(id, rev);
    }
  }

  settled(): void {}
  refused(): void {}
  frame(): void {}
  slept(): void {}

  link(state: LinkState): void {
    if (this.states.at(-1) !== state) this.states.push(state);
  }
}

function connect(hub: FakeHub): { live: Live; witness: Witness } {
  const witness = new Witness();
  const live = new Live({
    url: 'ws://hub.test/live',
    build: 'test',
    sink: witness,
    socket: hub.socket,
    random: () => 0.5,
  });
  live.start(null, null);
  return { live, witness };
}

/** Longer than any back-off, so that every tab has found its way back. */
async function settle(hub: FakeHub): Promise<void> {
  for (let at = 0; at < 40; at += 1) {
    hub.pump();
    await vi.advanceTimersByTimeAsync(500);
  }
}

const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('touch'), n: fc.integer({ max: 4, min: 0 }) }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('pump'), n: fc.constant(0) }) },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('wait'), n: fc.integer({ max: 900, min: 1 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('burst'), n: fc.integer({ max: 60, min: 20 }) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('cut'), n: fc.constant(0) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('blackhole'), n: fc.constant(0) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('prune'), n: fc.constant(0) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('rewrite'), n: fc.constant(0) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wake'), n: fc.constant(0) }) },
);

test('whatever breaks, nothing is lost and nothing is applied twice', async () => {
  let events = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 80 }), async (steps) => {
      const hub = new FakeHub();
      hub.beforeSnapshot = () => void hub.touch('ahead');
      const { live, witness } = connect(hub);
      for (const { do: what, n } of steps) {
        if (what === 'touch') hub.touch(`c${n}`);
        else if (what === 'burst') for (let at = 0; at < n; at += 1) hub.touch(`c${at % 3}`);
        else if (what === 'pump') hub.pump();
        else if (what === 'wait') await vi.advanceTimersByTimeAsync(n);
        else if (what === 'cut' || what === 'blackhole') hub.fault(what);
        else if (what === 'prune') hub.prune();
        else if (what === 'rewrite') hub.rewrite();
        else live.wake();
      }
      await settle(hub);
      live.stop();
      expect(witness.lost).toEqual([]);
      for (const [id, row] of hub.rows) expect([id, witness.revs.get(id)]).toEqual([id, row.rev]);
      events += witness.applied;
    }),
    { numRuns: 250 },
  );
  expect(events).toBeGreaterThan(1000);
}, 60_000);

test('a frame that does not follow the one before it makes the tab resume', async () => {
  const hub = new FakeHub();
  const { live, witness } = connect(hub);
  await vi.advanceTimersByTimeAsync(100);
  const row = hub.touch('c1');
  hub.say({
    op: 'ev',
    p: 'ffffffff',
    e: [{ type: 'conversation.changed', conversation: row, c: hub.head }],
  });
  await vi.advanceTimersByTimeAsync(6);
  expect(witness.applied).toBe(0);
  await settle(hub);
  expect(witness.revs.get('c1')).toBe(1);
  live.stop();
});

test('silence longer than a heartbeat opens a new socket', async () => {
  const hub = new FakeHub();
  const { live, witness } = connect(hub);
  await vi.advanceTimersByTimeAsync(100);
  expect(witness.states.at(-1)).toBe('live');
  hub.fault('blackhole');
  hub.touch('c1');
  await vi.advanceTimersByTimeAsync(19_000);
  hub.pump();
  await vi.advanceTimersByTimeAsync(100);
  expect(witness.revs.get('c1')).toBe(1);
  live.stop();
});

test('a probe that nobody answers opens a new socket within half a second', async () => {
  const hub = new FakeHub();
  const { live, witness } = connect(hub);
  await vi.advanceTimersByTimeAsync(100);
  hub.fault('blackhole');
  live.probe();
  await vi.advanceTimersByTimeAsync(450);
  expect(witness.states.at(-1)).toBe('live');
  live.stop();
});

test.each([
  [4401, 'auth'],
  [4409, 'replaced'],
  [4410, 'auth'],
  [4426, 'obsolete'],
] as const)('after close code %i the tab rests in state %s', async (code, state) => {
  const hub = new FakeHub();
  const witness = new Witness();
  const made: { onclose: ((close: { code: number }) => void) | null }[] = [];
  const socket = () => {
    const next = hub.socket();
    made.push(next as unknown as (typeof made)[number]);
    return next;
  };
  const live = new Live({ url: '', build: 'test', sink: witness, socket });
  live.start(null, null);
  await vi.advanceTimersByTimeAsync(100);
  made[0]?.onclose?.({ code });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(witness.states.at(-1)).toBe(state);
  expect(made).toHaveLength(1);
});

test('a restart of the hub is a pause, not an end', async () => {
  const hub = new FakeHub();
  const { live, witness } = connect(hub);
  await vi.advanceTimersByTimeAsync(100);
  hub.fault('restart');
  expect(witness.states.at(-1)).toBe('offline');
  await settle(hub);
  expect(witness.states.at(-1)).toBe('live');
  live.stop();
});
