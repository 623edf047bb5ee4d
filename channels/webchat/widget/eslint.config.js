import tseslint from 'typescript-eslint';

/** What could turn a visitor's or an agent's text into markup or code is not to be had here. */
const markup = ['innerHTML', 'outerHTML', 'insertAdjacentHTML', 'dangerouslySetInnerHTML'].map(
  (name) => ({
    selector: `:matches(Identifier, JSXIdentifier)[name="${name}"]`,
    message: 'Texts become text nodes.',
  }),
);

export default tseslint.config(
  { ignores: ['node_modules/**'] },
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      'no-eval': 'error',
      'no-implied-eval': 'error',
      'no-restricted-syntax': ['error', ...markup],
    },
  },
  { files: ['*.js'], ...tseslint.configs.disableTypeChecked },
);
