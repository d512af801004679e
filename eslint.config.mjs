import tseslint from 'typescript-eslint'

export default tseslint.config(
  {ignores: ['site/', 'dist/', '**/build/', 'coverage/', 'node_modules/']},
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: {
      parserOptions: {projectService: {allowDefaultProject: ['*.mjs']}, tsconfigRootDir: import.meta.dirname},
    },
    rules: {
      '@typescript-eslint/explicit-function-return-type': ['error', {allowExpressions: true}],
      '@typescript-eslint/promise-function-async': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', {considerDefaultExhaustiveForUnions: true}],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/consistent-type-assertions': ['error', {assertionStyle: 'never'}],
      '@typescript-eslint/restrict-template-expressions': ['error', {allowNumber: true}],
      'max-lines': ['error', {max: 250, skipBlankLines: true, skipComments: true}],
      'max-lines-per-function': ['error', {max: 60, skipBlankLines: true, skipComments: true}],
      'max-params': ['error', 4],
      complexity: ['error', 15],
    },
  },
  // A long table is easy to read.
  {files: ['scripts/documentation/error-examples.ts'], rules: {'max-lines': 'off'}},
  {
    // A long list of rows and test cases is easy to read.
    files: ['__tests__/**', 'testing/**'],
    rules: {
      'max-lines': 'off',
      'max-lines-per-function': 'off',
      '@typescript-eslint/consistent-type-assertions': 'off',
    },
  },
  {
    // testing/properties.ts sets the seed and the number of runs of all properties.
    files: ['__tests__/**', 'testing/**'],
    ignores: ['testing/properties.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {paths: [{name: 'fast-check', message: 'Import fc from testing/properties.ts.'}]},
      ],
    },
  },
  {files: ['*.mjs'], extends: [tseslint.configs.disableTypeChecked]},
)
