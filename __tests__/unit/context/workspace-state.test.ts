import {execFileSync} from 'node:child_process'
import {mkdir, rm, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {describe, expect, test} from '@jest/globals'
import {gitRunner} from '../../../src/context/local-git.ts'
import {parseStatus, readWorkspace} from '../../../src/context/workspace-state.ts'
import {processes} from '../../../src/io/process.ts'
import {temporaryDirectory} from '../../../testing/fake-io.ts'

const env = {PATH: process.env['PATH'] ?? '', GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1'}

function git(directory: string, ...args: readonly string[]): string {
  const identity = ['-c', 'user.name=Mona', '-c', 'user.email=mona@example.org']
  return execFileSync('git', ['-C', directory, ...identity, ...args], {env, encoding: 'utf8'}).trim()
}

async function stateOf(directory: string): ReturnType<typeof readWorkspace> {
  return readWorkspace(gitRunner(processes(new AbortController().signal), directory, env))
}

describe('the state of a workspace', () => {
  test('is the commit and all that differs from it, but for what is ignored', async () => {
    await using folder = await temporaryDirectory()
    const at = (name: string): string => path.join(folder.path, name)
    git(folder.path, 'init', '--quiet')
    for (const name of ['kept', 'changed', 'deleted', 'moved']) await writeFile(at(name), `${name}\n`)
    await writeFile(at('.gitignore'), 'ignored\n')
    git(folder.path, 'add', '--all')
    git(folder.path, 'commit', '--quiet', '--message', 'x')
    const head = git(folder.path, 'rev-parse', 'HEAD')
    expect(await stateOf(folder.path)).toEqual({head, files: []})

    await Promise.all([writeFile(at('changed'), 'other'), rm(at('deleted')), writeFile(at('ignored'), '')])
    git(folder.path, 'mv', 'moved', 'to a "new" place')
    await mkdir(at('made'))
    await Promise.all([writeFile(at('made/one'), ''), writeFile(at('made/two'), ''), writeFile(at('grüße\nx'), '')])
    const state = await stateOf(folder.path)
    expect(state?.head).toBe(head)
    expect([...(state?.files ?? [])].sort()).toEqual(
      ['changed', 'deleted', 'grüße\nx', 'made/', 'moved', 'to a "new" place'].sort(),
    )
  })

  test('without a commit has files alone', async () => {
    await using folder = await temporaryDirectory()
    git(folder.path, 'init', '--quiet')
    await writeFile(path.join(folder.path, 'new'), '')
    expect(await stateOf(folder.path)).toEqual({head: undefined, files: ['new']})
  })

  test('is not known without a clone', async () => {
    await using folder = await temporaryDirectory()
    expect(await stateOf(folder.path)).toBeUndefined()
  })

  test('names a file that two sides have changed', () => {
    const hash = 'a'.repeat(40)
    const text = `# branch.oid ${hash}\0u UU N... 100644 100644 100644 100644 ${hash} ${hash} ${hash} in both\0`
    expect(parseStatus(text)).toEqual({head: hash, files: ['in both']})
  })
})
