import {describe, expect, test} from '@jest/globals'
import {compareWorkspace} from '../../../../src/stage/workspace/compare-workspace.ts'
import {differences} from '../../../../src/stage/workspace/workspace-differences.ts'
import {fakeIo, scriptedProcesses, type FakeIo} from '../../../../testing/fake-io.ts'
import {planOf} from '../../../../testing/reports.ts'

const [head, other] = ['a', 'b'].map((letter) => letter.repeat(40))

describe('differences', () => {
  test.each([
    {name: 'none', files: [], directory: '', built: head, expected: undefined},
    {name: 'an unknown commit', files: [], directory: '', built: undefined, expected: undefined},
    {name: 'another commit', files: [], directory: '', built: other, expected: 'it has aaaaaaaaaaaa checked out.'},
    {
      name: 'five files',
      files: ['1', '2', '3', '4', '5'],
      directory: '',
      built: head,
      expected: 'files: 1, 2, 3, 4, 5.',
    },
    {
      name: 'more than five files',
      files: ['1', '2', '3', '4', '5', '6'],
      directory: '',
      built: head,
      expected: 'files: 1, 2, 3, 4, 5 and 1 more.',
    },
    {
      name: 'files of the built directory',
      files: ['app/x', 'x'],
      directory: 'app',
      built: head,
      expected: 'files: app/x.',
    },
    {name: 'files of other directories', files: ['apple/x', 'x'], directory: 'app', built: head, expected: undefined},
    {name: 'a new parent directory', files: ['a/'], directory: 'a/b', built: head, expected: 'files: a/.'},
    {
      name: 'files with an unknown commit',
      files: ['x'],
      directory: '',
      built: undefined,
      expected: 'the commit of this run',
    },
  ])('$name', ({files, directory, built, expected}) => {
    const text = differences({head, files}, directory, built)
    if (expected === undefined) expect(text).toBeUndefined()
    else expect(text).toContain(expected)
  })
})

async function run(event: string, given: Readonly<Record<string, string>>, prefersPullHead = false): Promise<FakeIo> {
  const planned = await planOf(event, {images: 'user/app', ...given})
  const io = fakeIo({
    environment: {GITHUB_WORKSPACE: '/checkout'},
    processes: scriptedProcesses(() => ({stdout: `# branch.oid ${head ?? ''}\0? new\0`})),
  })
  await compareWorkspace({...planned, prefersPullHead, notices: []}, io)
  return io
}

describe('compareWorkspace', () => {
  test.each([
    {context: 'git', asks: true},
    {context: '{{defaultContext}}', asks: true},
    {context: '{{ defaultContext }}:app', asks: true},
    {context: '.', asks: false},
    {context: 'https://github.com/o/r.git', asks: false},
  ])('context: $context', async ({context, asks}) => {
    const {processes, workflow} = await run('push-tag', {context})
    expect(processes.commands.map(({file, args}) => [file, ...args.slice(0, 3)])).toEqual(
      asks ? [['git', '-C', '/checkout', 'status']] : [],
    )
    expect(workflow.log.filter((line) => line.startsWith('warning: '))).toHaveLength(asks ? 1 : 0)
  })

  test.each([
    {name: 'the merge', prefersPullHead: false},
    {name: 'the tip of its branch if that is built', prefersPullHead: true},
  ])('compares a pull request with $name', async ({prefersPullHead}) => {
    const {context} = await planOf('pull-request', {images: 'user/app'})
    const built = prefersPullHead ? context.pull?.headSha : context.sha
    const {workflow} = await run('pull-request', {context: 'git'}, prefersPullHead)
    expect(built).toBeDefined()
    expect(workflow.log.join()).toContain(`the build reads ${built?.slice(0, 12) ?? ''} from Git`)
  })
})
