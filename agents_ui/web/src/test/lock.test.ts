import { expect, test } from 'vitest';
import lock from '../../package-lock.json';
import manifest from '../../package.json';

interface Entry {
  version?: string;
  integrity?: string;
  resolved?: string;
  hasInstallScript?: boolean;
}

const entries = Object.entries(lock.packages as Record<string, Entry>).filter(
  ([name]) => name !== '',
);

test('every package is pinned by version and by content, and comes from no named host', () => {
  for (const [name, { version, integrity, resolved }] of entries) {
    expect([name, Boolean(version && integrity), resolved]).toEqual([name, true, undefined]);
  }
});

test('no package runs anything when it is installed', () => {
  expect(entries.filter(([, entry]) => entry.hasInstallScript)).toEqual([]);
});

test('what we ask for is asked for exactly', () => {
  const wanted = { ...manifest.dependencies, ...manifest.devDependencies };
  for (const [name, version] of Object.entries(wanted)) {
    expect([name, version]).toEqual([name, expect.stringMatching(/^(npm:[\w-]+@)?\d+\.\d+\.\d+$/)]);
  }
});
