/**
 * Unit, property and architecture tests need Node alone; `real` needs an engine and a registry and runs under
 * scripts/with-engine; `tools` needs act besides; `browser` needs the built site with the playground, and a Chromium (scripts/with-browser).
 */
const shared = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {jsc: {parser: {syntax: 'typescript'}, target: 'es2024'}, module: {type: 'es6', resolveFully: false}},
    ],
  },
  setupFilesAfterEnv: ['<rootDir>/testing/patience.ts'],
}

export default {
  projects: [
    {
      ...shared,
      displayName: 'pure',
      testMatch: ['<rootDir>/__tests__/**/*.test.ts'],
      testPathIgnorePatterns: ['/__tests__/real/', '/__tests__/tools/', '/__tests__/browser/'],
    },
    {...shared, displayName: 'real', testMatch: ['<rootDir>/__tests__/real/**/*.test.ts']},
    {...shared, displayName: 'browser', testMatch: ['<rootDir>/__tests__/browser/**/*.test.ts']},
    {...shared, displayName: 'tools', testMatch: ['<rootDir>/__tests__/tools/**/*.test.ts']},
  ],
}
