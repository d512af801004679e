import {existsSync, readFileSync} from 'node:fs'
import path from 'node:path'
import {describe, expect, test} from '@jest/globals'
import {parse} from 'yaml'
import {requireReproducible} from '../src/buildx/require-reproducible.ts'
import {parseBuilder} from '../src/buildx/inspect.ts'
import {remedies} from '../src/errors/remedies.ts'
import {Problems} from '../src/inputs/problem.ts'
import {readInputs} from '../src/inputs/read.ts'

const root = path.join(import.meta.dirname, '..')

function read(file: string): string {
  return readFileSync(path.join(root, file), 'utf8')
}

const page = read('docs/requirements.md')

/** Cells of the row of a table that begins with this text. */
function row(name: string): readonly string[] {
  const line = page.split('\n').find((one) => one.startsWith(`| ${name} `)) ?? ''
  return line.split('|').map((cell) => cell.trim())
}

/** First version in a text, such as `0.12`. */
function versionIn(text: string): string | undefined {
  return /\d+\.\d+(?:\.\d+)?/.exec(text)?.[0]
}

describe('the minimum versions of docs/requirements.md', () => {
  test('Buildx: as in the error for an older one', () => {
    expect(row('Buildx')[2]).toBe(versionIn(remedies['buildx-outdated']))
  })

  test('BuildKit: as in the error for an older one', async () => {
    const {build} = await readInputs(new Map([['reproducible', 'true']]), new Problems())
    const builder = parseBuilder(
      'Name: old\nDriver: remote\n\nNodes:\nName: old0\nStatus: running\nBuildKit version: v0.1.0\n',
    )
    let evidence = ''
    try {
      requireReproducible(builder, build)
    } catch (error) {
      evidence = String((error as {readonly evidence: readonly string[]}).evidence)
    }
    expect(versionIn(evidence.split('which needs ')[1] ?? '')).toBe(row('BuildKit')[2])
  })

  test.each(['action.yml', 'stage/action.yml', 'promote/action.yml', 'prune/action.yml'])(
    'Node.js: that of %s',
    (file) => {
      const {runs} = parse(read(file)) as {readonly runs: {readonly using: string}}
      expect(row('Actions Runner')[3]).toContain(`Node.js ${runs.using.replace('node', '')}`)
    },
  )
})

describe('the hosts of docs/requirements.md', () => {
  test.each([
    {name: '`scan: grype`', file: 'src/scanner/pinned.ts', hosts: ['github.com']},
    {name: '`scan: trivy`', file: 'src/scanner/pinned.ts', hosts: ['github.com']},
    {
      name: '`scan: trivy`',
      file: 'src/scanner/trivy.ts',
      hosts: ['mirror.gcr.io', 'ghcr.io', 'public.ecr.aws'],
    },
    {
      name: '`sign: keyless`',
      file: 'src/sigstore/services.ts',
      hosts: ['fulcio.sigstore.dev', 'rekor.sigstore.dev', 'timestamp.sigstore.dev'],
    },
  ])('$name: those of $file', ({name, file, hosts}) => {
    const source = read(file)
    expect(hosts.filter((host) => !source.includes(`${host}/`) && !source.includes(`${host}'`))).toEqual([])
    for (const host of hosts) expect(row(name)[2]).toContain(`\`${host}\``)
  })
})

describe('the states of docs/requirements.md', () => {
  const states = ['tested', 'plan only', 'expected to work', 'not tested', 'not supported']
  const rows = ['Runners', 'Engines and builders'].flatMap((title) => {
    const [, section = ''] = page.split(`\n## ${title}\n`)
    const table = section.split('\n## ')[0]?.match(/^\|.*$/gm) ?? []
    return table.slice(2).map((line) => line.split('|').map((cell) => cell.trim()))
  })

  test.each(rows.map(([, name = '', state = '', tests = '']) => ({name, state, tests})))(
    '$name: $state',
    ({state, tests}) => {
      const files = [...tests.matchAll(/`([^`]+)`/g)].map(([, file = '']) => file)
      expect(states).toContain(state)
      expect(files.filter((file) => !existsSync(path.join(root, file)))).toEqual([])
      const hasTests = files.length > 0
      expect({state, hasTests}).toEqual({
        state,
        hasTests: state === 'expected to work' ? hasTests : ['tested', 'plan only'].includes(state),
      })
    },
  )

  test('are found', () => {
    expect(rows.length).toBeGreaterThan(10)
  })
})
