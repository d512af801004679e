import {readFile} from 'node:fs/promises'
import {expect, test} from '@jest/globals'
import {renderTrustedRoot, trustedRootFile} from '../../../scripts/trusted-root.ts'
import {certificateVerifier} from '../../../src/verifying/certificates.ts'
import {publicTrustedRoot} from '../../../src/verifying/public-trusted-root.ts'

test('the trusted root is that of the installed package: node scripts/trusted-root.ts writes it', async () => {
  expect(await readFile(trustedRootFile, 'utf8')).toBe(await renderTrustedRoot())
})

test('the trusted root can be used', () => {
  expect(() => certificateVerifier([JSON.parse(publicTrustedRoot)])).not.toThrow()
})
