/** `npm run budget`: what a browser must fetch before the inbox shows, against what we allow. */

import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

interface Chunk {
  file: string;
  imports?: string[];
  css?: string[];
  isEntry?: boolean;
}

const LIMITS = { js: 230_000, css: 42_000, lazy: 150_000 };
const out = new URL('../static/', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', out), 'utf8')) as Record<
  string,
  Chunk
>;

const gzipped = (file: string) => gzipSync(readFileSync(new URL(file, out)), { level: 9 }).length;

function reach(key: string, seen = new Set<string>()): Set<string> {
  if (seen.has(key)) return seen;
  seen.add(key);
  for (const next of manifest[key]?.imports ?? []) reach(next, seen);
  return seen;
}

const entry = Object.keys(manifest).find((key) => manifest[key]?.isEntry);
const first = [...reach(entry ?? ''), ...reach('src/app/InboxScreen.tsx')];
const chunks = [...new Set(first)].flatMap((key) => manifest[key] ?? []);
const files = new Set(chunks.map((chunk) => chunk.file));
const sheets = new Set(chunks.flatMap((chunk) => chunk.css ?? []));
const sum = (names: Iterable<string>) => [...names].reduce((all, name) => all + gzipped(name), 0);
const lazy = Object.values(manifest)
  .map((chunk) => chunk.file)
  .filter((file) => file.endsWith('.js') && !files.has(file));
const measured = {
  js: sum([...files].filter((file) => file.endsWith('.js'))),
  css: sum(sheets),
  lazy: Math.max(0, ...lazy.map(gzipped)),
};

for (const name of ['js', 'css', 'lazy'] as const) {
  const verdict = measured[name] <= LIMITS[name] ? 'ok' : 'TOO MUCH';
  process.stdout.write(`${name}: ${measured[name]} of ${LIMITS[name]} bytes gzipped, ${verdict}\n`);
  if (verdict !== 'ok') process.exitCode = 1;
}
