import query from '@tanstack/eslint-plugin-query';
import hooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

/** lib, api, sync <- ui <- entities <- features <- app; a feature never imports another. */
const ban = (...layers) => ({
  patterns: [
    { group: ['../*'], message: 'Import by the @/ alias.' },
    ...layers.map((layer) => ({
      group: [`@/${layer}`, `@/${layer}/**`],
      message: `Layers: lib, api, sync <- ui <- entities <- features <- app. This file may not reach ${layer}.`,
    })),
  ],
});
const reactFree = {
  group: ['react', 'react-dom', 'react/*', '@mantine/*', '@tanstack/react-*'],
  message: 'No React here.',
};
const layer = (files, rule, ...extra) => ({
  files,
  rules: { 'no-restricted-imports': ['error', { patterns: [...rule.patterns, ...extra] }] },
});
const features = [
  'auth',
  'setup',
  'profile',
  'settings',
  'palette',
  'inbox',
  'thread',
  'composer',
  'card',
  'callbacks',
  'search',
];

export default tseslint.config(
  { ignores: ['dist/**'] },
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
  },
  hooks.configs.flat.recommended,
  ...query.configs['flat/recommended'],
  { rules: { '@typescript-eslint/only-throw-error': 'off' } }, // TanStack Router throws its redirects
  { rules: { 'react-hooks/incompatible-library': 'off' } }, // TanStack Virtual; there is no compiler yet
  {
    files: ['**/*.test.ts', '**/*.test.tsx', 'src/test/**'],
    rules: { '@typescript-eslint/require-await': 'off' },
  },
  layer(['src/lib/**'], ban('api', 'sync', 'ui', 'entities', 'features', 'app'), reactFree),
  layer(['src/api/**'], ban('sync', 'ui', 'entities', 'features', 'app'), reactFree),
  layer(['src/sync/**'], ban('ui', 'entities', 'features', 'app'), reactFree),
  layer(['src/ui/**'], ban('entities', 'features', 'app')),
  layer(['src/entities/**'], ban('features', 'app')),
  ...features.map((name) =>
    layer(
      [`src/features/${name}/**`],
      ban('app', ...features.filter((other) => other !== name).map((other) => `features/${other}`)),
    ),
  ),
);
