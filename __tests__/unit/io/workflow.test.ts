import {spawnSync} from 'node:child_process'
import {readFile, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {pathToFileURL} from 'node:url'
import {describe, expect, test} from '@jest/globals'
import {temporaryDirectory} from '../../../testing/fake-io.ts'
import {executedCommands} from '../../../testing/runner-log.ts'

const source = pathToFileURL(path.join(import.meta.dirname, '..', '..', '..', 'src', 'io', 'workflow.ts')).href

interface Step {
  /** Lines of standard output; the token of stop-commands is written TOKEN. */
  readonly lines: readonly string[]
  readonly exitCode: number | null
  readonly summary: string
  readonly outputs: string
}

/** Runs code in a separate process, and returns its standard output and its command files. */
async function step(code: string, variables: Readonly<Record<string, string>> = {}): Promise<Step> {
  await using directory = await temporaryDirectory()
  const file = (name: string): string => path.join(directory.path, name)
  for (const name of ['summary', 'output']) await writeFile(file(name), '')
  const {stdout, status, stderr} = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', `const {workflow} = await import(${JSON.stringify(source)})\n${code}`],
    {
      encoding: 'utf8',
      env: {
        PATH: process.env['PATH'],
        GITHUB_STEP_SUMMARY: file('summary'),
        GITHUB_OUTPUT: file('output'),
        ...variables,
      },
    },
  )
  if (stderr !== '') throw new Error(stderr)
  const token = /::stop-commands::(\S+)/.exec(stdout)?.[1]
  return {
    lines: (token === undefined ? stdout : stdout.replaceAll(token, 'TOKEN')).trimEnd().split('\n'),
    exitCode: status,
    summary: await readFile(file('summary'), 'utf8'),
    outputs: await readFile(file('output'), 'utf8'),
  }
}

describe('inQuietGroup', () => {
  test('no line of a build is a workflow command', async () => {
    const {lines} = await step(`
      await workflow.inQuietGroup('docker buildx build', async (write) => {
        write('::set-env name=PATH::/evil\\n::stop-commands::guess\\n')
        write('::guess::\\n')
      })`)
    expect(lines).toEqual([
      '::group::docker buildx build',
      '::stop-commands::TOKEN',
      '::set-env name=PATH::/evil',
      '::stop-commands::guess',
      '::guess::',
      '::TOKEN::',
      '::endgroup::',
    ])
  })

  test('output without a line break at its end does not hide the end', async () => {
    const {lines} = await step("await workflow.inQuietGroup('t', async (write) => write('no break'))")
    expect(lines).toEqual(['::group::t', '::stop-commands::TOKEN', 'no break', '::TOKEN::', '::endgroup::'])
  })

  test('a secret that is learned meanwhile is masked, and our own annotations are annotations', async () => {
    const {lines} = await step(`
      await workflow.inQuietGroup('t', async (write) => {
        write('half a line')
        workflow.mask('canary')
        workflow.warning('careful')
        workflow.print(['::error::printed'])
        write('::error::written canary')
      })`)
    expect(lines.map((line) => line.replace(/[\da-f-]{36}/, 'TOKEN'))).toEqual([
      '::group::t',
      '::stop-commands::TOKEN',
      'half a line',
      '::TOKEN::',
      '::add-mask::canary',
      '::stop-commands::TOKEN',
      '::TOKEN::',
      '::warning::careful',
      '::stop-commands::TOKEN',
      '::error::printed',
      '::error::written ***',
      '::TOKEN::',
      '::endgroup::',
    ])
    expect(executedCommands(lines.join('\n')).map(({name}) => name)).not.toContain('error')
  })

  test('commands are obeyed again after a failure', async () => {
    const {lines} = await step(`
      await workflow.inQuietGroup('t', async () => { throw new Error('no') }).catch(() => undefined)
      workflow.warning('careful')`)
    expect(lines.slice(-3)).toEqual(['::TOKEN::', '::endgroup::', '::warning::careful'])
  })
})

describe('printGroup', () => {
  test('prints lines in a group, in which no line is a workflow command', async () => {
    const {lines} = await step("workflow.printGroup('2 labels', ['a=1', '::error::b'])")
    expect(lines).toEqual([
      '::group::2 labels',
      '::stop-commands::TOKEN',
      'a=1',
      '::error::b',
      '::TOKEN::',
      '::endgroup::',
    ])
  })

  test('prints no group without lines', async () => {
    const {lines} = await step("workflow.printGroup('0 labels', [])")
    expect(lines).toEqual([''])
  })
})

describe('annotations', () => {
  test('a warning has lines and a title', async () => {
    const {lines, exitCode} = await step(
      "workflow.warning('a, b\\nc', {file: 'app/Dockerfile', line: 3, endLine: 5, title: 'Rule: x'})",
    )
    expect(lines).toEqual(['::warning title=Rule%3A x,file=app/Dockerfile,line=3,endLine=5::a, b%0Ac'])
    expect(exitCode).toBe(0)
  })

  test('are shown once, unless they are about another place', async () => {
    const at = (line: number): string => `{file: 'Dockerfile', line: ${line}, endLine: ${line}}`
    const {lines} = await step(`
      workflow.notice('a')
      workflow.notice('a')
      workflow.warning('a')
      workflow.warning('b', ${at(1)})
      workflow.warning('b', ${at(2)})
      workflow.warning('b', ${at(1)})
      workflow.info(String(workflow.warnings().length))`)
    expect(lines).toEqual([
      '::notice::a',
      '::warning::a',
      ...[1, 2].map((line) => `::warning file=Dockerfile,line=${line},endLine=${line}::b`),
      '3',
    ])
  })

  test('warnings are kept for the summary, without secrets', async () => {
    const {lines} = await step(`
      workflow.mask('canary')
      workflow.warning('a canary')
      workflow.warning('b', {file: 'Dockerfile', line: 3, endLine: 3})
      workflow.info(JSON.stringify(workflow.warnings()))`)
    expect(JSON.parse(lines.at(-1) ?? '')).toEqual([
      {text: 'a ***'},
      {text: 'b', place: {file: 'Dockerfile', line: 3, endLine: 3}},
    ])
  })

  test('without a file there is no line, and without a line the file alone', async () => {
    const {lines} = await step(
      "workflow.warning('a', {file: '', line: 3, endLine: 3})\nworkflow.warning('b', {file: 'x', line: 0, endLine: 0})",
    )
    expect(lines).toEqual(['::warning::a', '::warning file=x::b'])
  })

  test('a failure has a line, and ends the step', async () => {
    const {lines, exitCode} = await step("workflow.fail('no', {file: 'Dockerfile', line: 7, endLine: 7})")
    expect({lines, exitCode}).toEqual({lines: ['::error file=Dockerfile,line=7,endLine=7::no'], exitCode: 1})
  })
})

describe('print', () => {
  test('no line is a workflow command', async () => {
    const {lines} = await step("workflow.print(['one', '::error::two'])")
    expect(lines).toEqual(['::stop-commands::TOKEN', 'one', '::error::two', '::TOKEN::'])
  })

  test('commands are not stopped for lines that cannot be one', async () => {
    const {lines} = await step("workflow.print(['one', 'two: a:b'])")
    expect(lines).toEqual(['one', 'two: a:b'])
  })
})

describe('info', () => {
  test.each([
    {given: 'Staged sha256:0'},
    {given: 'GitHub said \n::error::x'},
    {given: 'a\r  ::add-mask::a'},
    {given: '::set-output name=a::b'},
    {given: 'see ##[group]x'},
    {given: '\u2028::error::x'},
    {given: '\u0085::error::x'},
  ])('no text is a workflow command: $given', async ({given}) => {
    const {lines} = await step(`workflow.info(${JSON.stringify(given)})`)
    expect(lines.join('\n')).toContain(given)
    expect(executedCommands(lines.join('\n'))).toEqual([])
  })
})

describe('a known secret', () => {
  const secret = 'canary  "pass"\n  word'

  test('is in nothing that is shown, in no form', async () => {
    const {lines, summary} = await step(`
      const secret = ${JSON.stringify(secret)}
      workflow.mask(secret)
      for (const log of [workflow.info, workflow.notice, workflow.warning]) log('text ' + JSON.stringify(secret))
      workflow.print(['printed ' + secret, btoa(secret)])
      workflow.warning('at', {file: 'a', line: 1, endLine: 1, title: 'of ' + secret})
      await workflow.inQuietGroup('group of ' + secret, async (write) => write('written ' + encodeURIComponent(secret)))
      await workflow.writeSummary('in the summary: ' + secret)
      workflow.fail('failed: ' + secret)`)
    const shown = lines.filter((line) => !line.startsWith('::add-mask::')).join('\n')
    expect(shown.match(/\*\*\*/g)?.length).toBe(9)
    expect(summary).toBe('in the summary: ***\n')
    expect(shown).not.toMatch(/canary|pass|word|Y2FuYXJ5/)
  })

  test('stays in outputs, which hold names', async () => {
    const {outputs} = await step("workflow.mask('team'); workflow.setOutput('tags', 'r.example/team/app:1')")
    expect(outputs).toContain('r.example/team/app:1')
  })
})

describe('mask', () => {
  test.each([
    {name: 'one line', given: 's3cret', expected: ['::add-mask::s3cret']},
    {
      name: 'several lines, together and each',
      given: 'first\r\nsecond\n\nthird',
      expected: [
        '::add-mask::first%0D%0Asecond%0A%0Athird',
        '::add-mask::first',
        '::add-mask::second',
        '::add-mask::third',
      ],
    },
    {
      name: 'a key in JSON: no brace would be seen any more',
      given: '{\n"key": 1\n}',
      expected: ['::add-mask::{%0A"key": 1%0A}', '::add-mask::"key": 1'],
    },
    {name: 'blank lines alone: a mask of nothing would hide everything', given: ' \n ', expected: ['']},
  ])('$name', async ({given, expected}) => {
    expect((await step(`workflow.mask(${JSON.stringify(given)})`)).lines).toEqual(expected)
  })
})

describe('the rest of a step', () => {
  test('a failure is an annotation and the exit code', async () => {
    const {lines, exitCode} = await step("workflow.fail('line one\\nline two')")
    expect({lines, exitCode}).toEqual({lines: ['::error::line one%0Aline two'], exitCode: 1})
  })

  test('an output of several lines is whole', async () => {
    const {outputs} = await step("workflow.setOutput('tags', 'a\\nb')")
    expect(outputs).toMatch(/^tags<<(ghadelimiter_\S+)\na\nb\n\1\n$/)
  })

  test('the summary goes to its file', async () => {
    const {summary, lines} = await step("await workflow.writeSummary('### Done')")
    expect({summary, lines}).toEqual({summary: '### Done\n', lines: ['']})
  })

  test('an empty variable means no summary', async () => {
    const {exitCode, lines} = await step("await workflow.writeSummary('### Done')", {GITHUB_STEP_SUMMARY: ''})
    expect({exitCode, lines}).toEqual({exitCode: 0, lines: ['']})
  })
})
