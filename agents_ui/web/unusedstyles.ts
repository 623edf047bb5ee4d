import { transform, type Selector } from 'lightningcss';
import type { Plugin } from 'vite';

const MANTINE_CLASS = /^m_[0-9a-f]+$/;

/**
 * Leaves out the styles of Mantine's components that no chunk contains.
 *
 * Its sheet is one file for every component; a component names its classes in its code, so a class
 * that no script mentions styles nothing.
 */
export function unusedStyles(): Plugin {
  return {
    name: 'unused-styles',
    apply: 'build',
    enforce: 'post',
    generateBundle(_options, bundle) {
      const files = Object.values(bundle);
      const scripts = files.flatMap((file) => (file.type === 'chunk' ? file.code : [])).join('\n');
      for (const file of files) {
        if (file.type !== 'asset' || !file.fileName.endsWith('.css')) continue;
        file.source = without(file.source, (name) => scripts.includes(name));
      }
    },
  };
}

function without(source: string | Uint8Array, isUsed: (name: string) => boolean): Uint8Array {
  const isLive = (selector: Selector) =>
    selector.every(
      (part) => part.type !== 'class' || !MANTINE_CLASS.test(part.name) || isUsed(part.name),
    );
  return transform({
    filename: 'sheet.css',
    code: typeof source === 'string' ? new TextEncoder().encode(source) : source,
    minify: true,
    visitor: {
      Rule: {
        style(rule) {
          return rule.value.selectors.some(isLive) ? undefined : [];
        },
      },
    },
  }).code;
}
