import {execFileSync} from 'node:child_process'
import {describe, expect, test} from '@jest/globals'
import {checkoutFacts, wholeCommit, type CheckoutFacts} from '../../../src/cli/plan/checkout-facts.ts'
import {realIo} from '../../../src/io/real-io.ts'
import {temporaryDirectory} from '../../../testing/fake-io.ts'

/** Repository with a commit that has Git tags, a commit on the branch `trunk`, and a branch with the name of a tag. */
async function facts(named: string | undefined, checkedOut = 'trunk'): Promise<CheckoutFacts & {readonly log: string}> {
  await using directory = await temporaryDirectory()
  const git = (...args: readonly string[]): string => {
    const user = ['-c', 'user.name=a', '-c', 'user.email=a@example.com']
    return execFileSync('git', [...user, ...args], {cwd: directory.path, encoding: 'utf8', stdio: 'pipe'}).trim()
  }
  git('init', '--quiet', '--initial-branch', 'trunk')
  git('commit', '--quiet', '--allow-empty', '--message', 'First')
  for (const tag of ['v1.0.0', 'v1.0.1', 'api/v2.0.0', 'release-2024', 'both']) git('tag', '--message', tag, tag)
  git('branch', 'both')
  git('commit', '--quiet', '--allow-empty', '--message', 'Second')
  git('commit', '--quiet', '--allow-empty', '--message', 'Third')
  git('checkout', '--quiet', checkedOut)
  const io = realIo(new AbortController().signal)
  const found = await checkoutFacts({...io, directory: directory.path}, named)
  const {sha = ''} = found
  const place = {...io, directory: directory.path}
  expect(await wholeCommit(place, sha.slice(0, 7))).toBe(sha)
  expect(await wholeCommit(place, '0000000')).toBeUndefined()
  git('branch', 'deadbeef')
  expect(await wholeCommit(place, 'deadbeef')).toBeUndefined()
  return {...found, log: found.sha === undefined ? '' : git('log', '-1', '--format=%s', found.sha)}
}

describe('the ref of a checkout', () => {
  test.each([
    {named: 'v1.0.0', ref: 'refs/tags/v1.0.0', log: 'First'},
    {named: 'api/v2.0.0', ref: 'refs/tags/api/v2.0.0', log: 'First'},
    {named: 'release-2024', ref: 'refs/tags/release-2024', log: 'First'},
    {named: 'refs/tags/v1.0.0', ref: 'refs/tags/v1.0.0', log: 'First'},
    {named: 'trunk', ref: 'refs/heads/trunk', log: 'Third'},
    {named: undefined, ref: 'refs/heads/trunk', log: 'Third'},
  ])('for --ref $named is $ref, with its commit', async ({named, ref, log}) => {
    expect(await facts(named)).toMatchObject({ref, log, notes: []})
  })

  test.each([
    {named: 'both', at: 'trunk', ref: 'refs/tags/both', log: 'First', note: /a Git tag and a branch/},
    {named: 'v9.0.0', at: 'trunk', ref: 'refs/tags/v9.0.0', log: 'Third', note: /no Git tag and no branch v9/},
    {named: undefined, at: 'v1.0.0', ref: 'refs/tags/v1.0.1', log: 'First', note: /several Git tags/},
    {named: undefined, at: 'trunk~1', ref: undefined, log: 'Second', note: /default branch is assumed/},
  ])('for --ref $named at $at is $ref, with a remark', async ({named, at, ref, log, note}) => {
    const {notes, ...found} = await facts(named, at)
    expect(found).toMatchObject({ref, log})
    expect(notes).toEqual([expect.stringMatching(note)])
  })

  test('has the Git tags of its commit', async () => {
    expect((await facts('v1.0.0')).tags).toContain('v1.0.1')
    expect((await facts(undefined)).tags).toEqual([])
  })
})
