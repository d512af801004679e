import {mkdirSync, writeFileSync} from 'node:fs'
import path from 'node:path'
import {expect, test} from '@jest/globals'
import {licences} from '../../../scripts/playground/licences.ts'
import {temporaryDirectory} from '../../../testing/fake-io.ts'

const output = {bytes: 1, imports: [], exports: [], inputs: {'node_modules/some/index.js': {bytesInOutput: 1}}}

test('a package gives its licence and its notice', async () => {
  await using directory = await temporaryDirectory()
  const folder = path.join(directory.path, 'node_modules', 'some')
  mkdirSync(folder, {recursive: true})
  const metafiles = [{inputs: {}, outputs: {'main.js': output}}]
  expect(() => licences(metafiles, directory.path)).toThrow('some has no file with its licence')
  writeFileSync(path.join(folder, 'NOTICE.txt'), 'Notice of some')
  writeFileSync(path.join(folder, 'LICENSE'), 'Licence of some')
  expect(licences(metafiles, directory.path)).toBe('some\n\nLicence of some\nNotice of some')
})
