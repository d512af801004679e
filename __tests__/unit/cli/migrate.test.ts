import {describe, expect, test} from '@jest/globals'
import {migrate, unifiedDiff, type MigrateOptions} from '../../../src/cli/migrate.ts'
import type {TagRow} from '../../../src/cli/tag-rows.ts'
import type {NamedFile, PathProblem} from '../../../src/cli/workflow-files.ts'
import type {Conversion, Remark} from '../../../src/converter/conversion.ts'

const options: MigrateOptions = {
  paths: ['ci.yml'],
  write: false,
  diff: false,
  check: false,
  json: false,
  tags: false,
  action: 'tagboat/tagboat@v1',
}

const place = {start: 0, end: 3, line: 2, column: 5}
const kept: Remark = {code: 'login-kept', level: 'kept', place, message: 'The login stays.', remedy: 'Move it.'}
const refused: Remark = {code: 'windows', level: 'refused', place, message: 'On Windows.'}

/** Converter that replaces `old` by `new`, and keeps or refuses what the text names. */
function convert(text: string): Conversion {
  const changed = text.includes('old')
  const remarks = [...(text.includes('kept') ? [kept] : []), ...(text.includes('refused') ? [refused] : [])]
  const verdict = text.includes('refused')
    ? 'refused'
    : text.includes('kept')
      ? 'partial'
      : changed
        ? 'converted'
        : 'nothing'
  return {text: text.replaceAll('old', 'new'), changed, jobs: new Map([['image', verdict]]), remarks}
}

const tagsOf = async (text: string): Promise<readonly TagRow[]> =>
  Promise.resolve([
    {job: 'image', step: 'Publish', event: 'push', push: true, tags: [`acme/app:${text}`]},
    ...(text.includes('twice')
      ? [{job: 'image', step: 'Publish', event: 'tag', push: false, tags: [], problem: 'taken'}]
      : []),
  ])

interface Ran {
  readonly stdout: string
  readonly stderr: readonly string[]
  readonly exitCode: number
  readonly written: readonly NamedFile[]
}

/** Runs the command on files in memory. */
async function run(files: Readonly<Record<string, string>>, given: Partial<MigrateOptions> = {}): Promise<Ran> {
  const written: NamedFile[] = []
  const missing: PathProblem = {name: 'gone.yml', message: 'does not exist', remedy: 'Name a file.'}
  const disk = {
    read: async (names: readonly string[]) =>
      Promise.resolve({
        files: Object.entries(files).map(([name, text]) => ({name, text})),
        problems: names.includes('gone.yml') ? [missing] : [],
      }),
    replace: async (name: string, text: string) => {
      if (text.includes('read-only')) return Promise.resolve({...missing, name, message: 'cannot be changed'})
      written.push({name, text})
      return Promise.resolve(undefined)
    },
  }
  const {stdout, stderr, exitCode} = await migrate({...options, ...given}, {disk, convert, tagsOf})
  return {stdout, stderr: stderr.split('\n').slice(0, -1), exitCode, written}
}

describe('output', () => {
  test('the converted text of a file is printed', async () => {
    const {stdout, stderr, exitCode, written} = await run({'ci.yml': 'a: old\n'})
    expect({stdout, stderr, exitCode}).toEqual({stdout: 'a: new\n', stderr: ['1 file: 1 converted'], exitCode: 0})
    expect(written).toEqual([])
  })

  test('a file with nothing to do is printed as it was', async () => {
    expect(await run({'ci.yml': 'a: x'})).toMatchObject({
      stdout: 'a: x',
      stderr: [expect.stringMatching(/^1 file: 1 without /)],
      exitCode: 0,
    })
  })

  test('several files need an option', async () => {
    const {stdout, stderr, exitCode} = await run({'a.yml': 'old', 'b.yml': 'old'})
    expect({stdout, exitCode}).toEqual({stdout: '', exitCode: 2})
    expect(stderr.at(-1)).toContain('--write, --diff')
  })

  test('remarks have their place, level, code and remedy', async () => {
    const {stderr, exitCode} = await run({'ci.yml': 'old kept'})
    expect(stderr).toEqual([
      'ci.yml:2:5: kept: The login stays. [login-kept]',
      '  Move it.',
      '1 file: 1 converted in part',
    ])
    expect(exitCode).toBe(1)
  })

  test('a file that is refused counts as not converted, or in part if another job was', async () => {
    const {stderr, exitCode} = await run({'a.yml': 'refused', 'b.yml': 'old refused'}, {check: true})
    expect(stderr.slice(-2)).toEqual([
      'b.yml: can be converted',
      '2 files: 1 can be converted in part, 1 cannot be converted',
    ])
    expect(exitCode).toBe(1)
  })

  test('a path that cannot be read is named, and the rest is converted', async () => {
    const {stdout, stderr, exitCode} = await run({'ci.yml': 'old'}, {paths: ['gone.yml', 'ci.yml']})
    expect(stdout).toBe('new')
    expect(stderr).toEqual(['gone.yml: error: does not exist', '  Name a file.', '1 file: 1 converted'])
    expect(exitCode).toBe(1)
  })
})

describe('--write', () => {
  test('only files with changes are written, and nothing is printed', async () => {
    const {stdout, exitCode, written} = await run({'a.yml': 'old', 'b.yml': 'x'}, {write: true})
    expect(written).toEqual([{name: 'a.yml', text: 'new'}])
    expect({stdout, exitCode}).toEqual({stdout: '', exitCode: 0})
  })

  test('what was converted is written even if something stays', async () => {
    const {exitCode, written} = await run({'a.yml': 'old kept'}, {write: true})
    expect(written).toEqual([{name: 'a.yml', text: 'new kept'}])
    expect(exitCode).toBe(1)
  })

  test('a file that cannot be written is an error', async () => {
    const {stderr, exitCode} = await run({'a.yml': 'old read-only', 'b.yml': 'old'}, {write: true})
    expect(stderr).toContain('a.yml: error: cannot be changed')
    expect(stderr.at(-1)).toBe('2 files: 1 converted, 1 not written')
    expect(exitCode).toBe(1)
  })
})

describe('--check', () => {
  test.each([
    {name: 'fails if something could be converted', text: 'old', exitCode: 1},
    {name: 'fails if something was refused', text: 'refused', exitCode: 1},
    {name: 'passes with nothing to do', text: 'x', exitCode: 0},
  ])('it $name', async ({text, exitCode}) => {
    expect(await run({'a.yml': text}, {check: true})).toMatchObject({stdout: '', exitCode, written: []})
  })
})

test('--diff prints a unified diff of the files with changes', async () => {
  const {stdout, exitCode} = await run({'a.yml': 'one\nold\n', 'b.yml': 'x\n', './c.yml': 'old'}, {diff: true})
  expect(stdout).toBe(
    '--- a/a.yml\n+++ b/a.yml\n@@ -1,2 +1,2 @@\n one\n-old\n+new\n' +
      '--- a/c.yml\n+++ b/c.yml\n@@ -1,1 +1,1 @@\n-old\n\\ No newline at end of file\n+new\n\\ No newline at end of file\n',
  )
  expect(exitCode).toBe(0)
})

test('a diff keeps the line breaks of Windows', () => {
  const before = 'one\r\nold\r\n'
  expect(unifiedDiff({name: 'a.yml', before, conversion: convert(before)})).toContain('-old\r\n+new\r\n')
})

describe('--tags', () => {
  test('the report has the tags of a file with changes', async () => {
    const {stderr} = await run({'a.yml': 'old', 'b.yml': 'x'}, {check: true, tags: true})
    expect(stderr.slice(0, -1)).toEqual([
      'a.yml: can be converted',
      'a.yml:',
      '  image: Publish',
      '    push  acme/app:new',
    ])
  })

  test('a step that fails is reported, and ends the command with 1', async () => {
    const {stderr, exitCode} = await run({'a.yml': 'old twice'}, {tags: true})
    expect({line: stderr.at(-2), exitCode}).toEqual({line: '    tag   fails: taken', exitCode: 1})
    expect((await run({'a.yml': 'old twice'})).exitCode).toBe(0)
  })

  test('they are part of the JSON', async () => {
    const {stdout} = await run({'a.yml': 'old'}, {json: true, tags: true})
    expect(JSON.parse(stdout)).toMatchObject({files: [{tags: [{event: 'push', push: true, tags: ['acme/app:new']}]}]})
  })
})

test('--json prints the report', async () => {
  const {stdout, stderr, exitCode} = await run({'a.yml': 'old kept'}, {json: true, paths: ['gone.yml', 'a.yml']})
  expect(JSON.parse(stdout)).toEqual({
    files: [
      {
        file: 'a.yml',
        verdict: 'partial',
        changed: true,
        jobs: {image: 'partial'},
        remarks: [
          {code: 'login-kept', level: 'kept', line: 2, column: 5, message: 'The login stays.', remedy: 'Move it.'},
        ],
      },
    ],
    problems: [{file: 'gone.yml', message: 'does not exist', remedy: 'Name a file.'}],
  })
  expect({stderr, exitCode}).toEqual({stderr: [], exitCode: 1})
})
