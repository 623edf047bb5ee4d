import react from '@vitejs/plugin-react';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { precompress } from './precompress.ts';
import { unusedStyles } from './unusedstyles.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const hub = process.env.PUNTE_HUB ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [react(), unusedStyles(), precompress()],
  resolve: { alias: { '@': here('./src'), '@locales': here('./locales') } },
  html: { cspNonce: '__CSP_NONCE__' }, // the hub puts a new one into every page it serves
  build: {
    target: 'es2023',
    outDir: '../static',
    emptyOutDir: true,
    manifest: true,
    assetsInlineLimit: 0, // the page's policy allows no data: fonts or scripts
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [{ name: 'react', test: /node_modules\/(react|react-dom|scheduler)\// }],
        },
      },
    },
  },
  server: {
    proxy: {
      '/api': hub,
      '/m/': hub,
      '/live': { target: hub, ws: true },
    },
  },
  test: {
    environment: 'happy-dom',
    environmentOptions: {
      happyDOM: { settings: { handleDisabledFileLoadingAsSuccess: true } },
    },
    include: ['src/**/*.test.{ts,tsx}'],
    setupFiles: ['src/test/setup.ts'],
  },
});
