/**
 * `npm run build`: the loader, the app of the frame and the demo shop, into `../static`.
 *
 * | file of `static`            | served as              | changes           |
 * | --------------------------- | ---------------------- | ----------------- |
 * | `loader.js`                 | `/w/loader.js`         | keeps its name    |
 * | `assets/*`                  | `/w/assets/*`          | named by content  |
 * | `frame.html`                | `/w/<key>`             | names the assets  |
 * | `page.html`                 | `/w/<key>/page`        | names the assets  |
 * | `demo.html`                 | `/widget/demo`         | `__WIDGET_KEY__`  |
 * | `sizes.json`                | not served             | bytes, gzipped    |
 *
 * Every text file has a `.br` and a `.gz` beside it. A budget that is exceeded fails the build.
 */

import { build, transform, type BuildOptions, type Metafile } from 'esbuild';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const HERE = import.meta.dirname;
const OUT = join(HERE, '../static');
const ASSETS = join(OUT, 'assets');
const BUDGET = { loader: 2500, app: 15_000 }; // bytes gzipped
const SHARED = {
  absWorkingDir: HERE,
  bundle: true,
  minify: true,
  legalComments: 'none',
  charset: 'utf8',
  target: ['chrome119', 'firefox128', 'safari16.4'], // adopted sheets, relative colours
  metafile: true,
} satisfies BuildOptions;

await rm(OUT, { recursive: true, force: true });
await mkdir(ASSETS, { recursive: true });

const sheet = await transform(await readFile(join(HERE, 'loader/loader.css'), 'utf8'), {
  loader: 'css',
  minify: true,
  target: SHARED.target,
});
await build({
  ...SHARED,
  entryPoints: ['loader/main.ts'],
  outfile: join(OUT, 'loader.js'),
  define: { STYLE: JSON.stringify(sheet.code.trim()) },
});
const app = await build({
  ...SHARED,
  entryPoints: ['app/main.tsx', 'app/app.css'],
  outdir: ASSETS,
  format: 'esm',
  splitting: true,
  jsx: 'automatic',
  jsxImportSource: 'preact',
  alias: { 'preact/jsx-runtime': join(HERE, 'app/jsx.ts') },
  entryNames: 'app-[hash]',
  assetNames: '[name]-[hash]',
  loader: { '.json': 'file' },
  publicPath: '/w/assets/',
  chunkNames: '[name]-[hash]',
});
const demo = await build({
  ...SHARED,
  entryPoints: ['demo/demo.ts', 'demo/demo.css'],
  outdir: ASSETS,
  format: 'esm',
  entryNames: 'demo-[hash]',
});

const named = {
  __APP_JS__: output(app.metafile, 'app/main.tsx'),
  __APP_CSS__: output(app.metafile, 'app/app.css'),
  __DEMO_JS__: output(demo.metafile, 'demo/demo.ts'),
  __DEMO_CSS__: output(demo.metafile, 'demo/demo.css'),
};
for (const page of ['app/frame.html', 'app/page.html', 'demo/demo.html']) {
  let html = await readFile(join(HERE, page), 'utf8');
  for (const [name, file] of Object.entries(named)) {
    html = html.replaceAll(name, `/w/assets/${file}`);
  }
  await writeFile(join(OUT, basename(page)), html);
}

const sizes = await measure(app.metafile);
await writeFile(join(OUT, 'sizes.json'), `${JSON.stringify(sizes)}\n`);
for (const name of await readdir(OUT, { recursive: true })) {
  if (/\.(js|css|html|json)$/.test(name)) await squeeze(join(OUT, name));
}
for (const part of ['loader', 'app'] as const) {
  const verdict = sizes[part] <= BUDGET[part] ? 'ok' : 'TOO MUCH';
  console.log(`${part}: ${sizes[part]} of ${BUDGET[part]} bytes gzipped, ${verdict}`);
  if (verdict !== 'ok') process.exitCode = 1;
}

/** Returns the name of the file that was made of `entry`. */
function output(meta: Metafile, entry: string): string {
  const found = Object.entries(meta.outputs).find(([, made]) => made.entryPoint === entry);
  if (!found) throw new Error(`nothing was made of ${entry}`);
  return basename(found[0]);
}

/**
 * Returns bytes gzipped: `app` is the code a browser fetches when the chat is opened, `texts` the
 * largest file of words, `later` the code that is fetched when it is needed.
 */
async function measure(
  meta: Metafile,
): Promise<Record<'loader' | 'app' | 'later' | 'css' | 'texts', number>> {
  const sizes = {
    loader: await gzipped(join(OUT, 'loader.js')),
    app: 0,
    later: 0,
    css: 0,
    texts: 0,
  };
  sizes.css = await gzipped(join(ASSETS, named.__APP_CSS__));
  const first = new Set([`assets/${named.__APP_JS__}`]);
  for (const name of first) {
    const { imports } = Object.entries(meta.outputs).find(([path]) => path.endsWith(name))![1];
    for (const { path, kind } of imports) {
      if (kind === 'import-statement') first.add(`assets/${basename(path)}`);
    }
  }
  for (const path of Object.keys(meta.outputs)) {
    const name = basename(path);
    const bytes = await gzipped(join(ASSETS, name));
    if (name.endsWith('.json')) sizes.texts = Math.max(sizes.texts, bytes);
    else if (name.endsWith('.js')) sizes[first.has(`assets/${name}`) ? 'app' : 'later'] += bytes;
  }
  return sizes;
}

async function gzipped(path: string): Promise<number> {
  return gzipSync(await readFile(path), { level: 9 }).length;
}

async function squeeze(path: string): Promise<void> {
  const bytes = await readFile(path);
  const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
  await writeFile(`${path}.br`, brotliCompressSync(bytes, { params }));
  await writeFile(`${path}.gz`, gzipSync(bytes, { level: 9 }));
}
