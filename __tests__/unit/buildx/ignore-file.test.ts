import {expect, test} from '@jest/globals'
import {isIgnored} from '../../../src/buildx/ignore-file.ts'
import {ignoreExamples} from '../../../testing/ignore-examples.ts'

const name = 'gha-creds-01ab.json'

// `__tests__/real/credential-files.test.ts` gives the same examples to BuildKit.
test.each(ignoreExamples)('$text', ({text, isExcluded}) => {
  expect(isIgnored(name, text)).toBe(isExcluded)
})

test.each(['[', 'gha-creds-[', 'gha-creds-01ab.json\\'])('%s is not valid, and excludes nothing', (text) => {
  expect(isIgnored(name, text)).toBe(false)
})

test('many asterisks take little time', () => {
  expect(isIgnored('a'.repeat(200), `${'*a'.repeat(2000)}b`)).toBe(false)
})
