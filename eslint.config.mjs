import tseslint from 'typescript-eslint'

export default tseslint.config(
  {ignores: ['dist/', 'build/', 'coverage/', 'node_modules/']},
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
  // A table is not harder to read for its length.
  {files: ['src/errors/catalogue.ts', 'scripts/documentation/error-examples.ts'], rules: {'max-lines': 'off'}},
  {
    // A test file is a list of rows and cases: its length is no measure of how hard it is to read.
    files: ['__tests__/**', 'testing/**'],
    rules: {
      'max-lines': 'off',
      'max-lines-per-function': 'off',
      '@typescript-eslint/consistent-type-assertions': 'off',
    },
  },
  {
    // Every property has the number of runs and the seed that this file sets.
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
