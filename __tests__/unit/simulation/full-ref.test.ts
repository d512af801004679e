import {expect, test} from '@jest/globals'
import {guessedRef} from '../../../src/simulation/events/full-ref.ts'

test.each([
  ['v1.2.3', 'refs/tags/v1.2.3'],
  ['1.2', 'refs/tags/1.2'],
  ['v1.3.0-rc.1', 'refs/tags/v1.3.0-rc.1'],
  ['api/v2.0.0', 'refs/tags/api/v2.0.0'],
  ['@scope/api@1.2.3', 'refs/tags/@scope/api@1.2.3'],
  ['my-api-v1.2.3-rc.1', 'refs/tags/my-api-v1.2.3-rc.1'],
  ['release/1.2.3', 'refs/heads/release/1.2.3'],
  ['release-2024', 'refs/heads/release-2024'],
  ['v1', 'refs/tags/v1'],
  ['42-fix-login', 'refs/heads/42-fix-login'],
  ['42', 'refs/heads/42'],
  ['2fa', 'refs/heads/2fa'],
  ['feature/login', 'refs/heads/feature/login'],
  ['refs/tags/nightly', 'refs/tags/nightly'],
])('the name %s means %s', (name, ref) => {
  expect(guessedRef(name)).toBe(ref)
})
