import {readdirSync, readFileSync} from 'node:fs'
import path from 'node:path'
import {describe, expect, test} from '@jest/globals'
import {projectRoot} from '../testing/runner.ts'

const scripts = path.join(projectRoot, 'scripts')
/** Rows of the recipe that are built with a go.mod of this repository. */
const pinned = readFileSync(path.join(scripts, 'setup-tools'), 'utf8')
  .split('\n')
  .map((line) => line.trim().split(/\s+/))
  .filter(([, , kind]) => kind === 'gopin')
  .map(([, version = '', , module = '', programs = '']) => ({module, version, name: programs.split('=', 1)[0] ?? ''}))

describe('the pinned dependencies of tools', () => {
  test('exist', () => {
    expect(pinned.map(({name}) => name)).toContain('token-server')
  })

  test.each(pinned)('of $name are for its version, and each has its hash', ({name, module, version}) => {
    const folder = path.join(scripts, 'lib', name)
    expect(readdirSync(folder).sort()).toEqual(['go.mod', 'go.sum'])
    const required = [
      ...readFileSync(path.join(folder, 'go.mod'), 'utf8').matchAll(/^(?:require)?\s+?(\S+\.\S+\/\S+) v(\S+)/gm),
    ]
    const modules = required.map(([, found = '', of = '']) => `${found} v${of}`)
    expect(modules).toContain(`${module} v${version}`)
    expect(modules.length).toBeGreaterThan(1)
    const sums = readFileSync(path.join(folder, 'go.sum'), 'utf8').split('\n')
    expect(modules.filter((one) => !sums.some((line) => line.startsWith(`${one} h1:`)))).toEqual([])
  })
})
