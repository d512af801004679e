import {execFile} from 'node:child_process'
import {cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {promisify} from 'node:util'
import {afterAll, beforeAll, expect, test} from '@jest/globals'
import {convertWorkflow} from '../../src/converter/convert-workflow.ts'
import {corpus} from '../../testing/workflow-corpus/corpus.ts'

const root = path.join(import.meta.dirname, '..', '..')
/** actionlint knows the inputs and outputs of local actions, and not those of others. */
const action = './tagboat'
/** Actions of old versions are part of the corpus. */
const options = ['-shellcheck=', '-pyflakes=', '-ignore', 'too old to run', '-ignore', 'is potentially untrusted']

const written = corpus().flatMap(({name, text}) => {
  const result = convertWorkflow(text, {action: 'tagboat/tagboat@v1'}).text
  const local = result.replaceAll(/(?<=uses: )tagboat\/tagboat((?:\/[\w./-]+)?)@v1/g, `${action}$1`)
  // A composite action is not a workflow.
  return /^runs:/m.test(text) ? [] : [{name, text: local}]
})

let scratch: string

beforeAll(async () => {
  scratch = mkdtempSync(path.join(tmpdir(), 'tagboat-lint-'))
  mkdirSync(path.join(scratch, '.github', 'workflows'), {recursive: true})
  for (const part of ['action.yml', 'stage/action.yml', 'promote/action.yml', '.github/workflows/publish.yml'])
    cpSync(path.join(root, part), path.join(scratch, action, part))
  mkdirSync(path.join(scratch, action, 'dist'))
  for (const name of ['publish', 'stage', 'promote', 'post'])
    writeFileSync(path.join(scratch, action, 'dist', `${name}.js`), '')
  for (const {name, text} of written) writeFileSync(path.join(scratch, '.github', 'workflows', `${name}.yml`), text)
  await promisify(execFile)('git', ['init', '--quiet'], {cwd: scratch})
})

afterAll(() => {
  rmSync(scratch, {recursive: true, force: true})
})

interface Finding {
  readonly filepath: string
  readonly line: number
  readonly message: string
}

async function lint(): Promise<readonly Finding[]> {
  const {stdout} = await promisify(execFile)('actionlint', [...options, '-format', '{{json .}}'], {cwd: scratch}).catch(
    // It exits with 1 if it finds something.
    (error: unknown) => error as {stdout: string},
  )
  return JSON.parse(stdout) as readonly Finding[]
}

test('actionlint accepts all converted workflows, with their inputs and outputs of Tagboat', async () => {
  expect(await lint()).toEqual([])
})

test('it refuses an input and an output that do not exist', async () => {
  const file = path.join(scratch, '.github', 'workflows', 'wrong.yml')
  const text = written.find(({name}) => name === 'metadata-after')?.text ?? ''
  writeFileSync(file, text.replace('images:', 'image:').replaceAll('outputs.version', 'outputs.versions'))
  try {
    const names = (await lint()).map(({message}) => /"(.+?)"/.exec(message)?.[1])
    expect(names.toSorted()).toEqual(['image', 'versions', 'versions', 'versions'])
  } finally {
    rmSync(file)
  }
})
