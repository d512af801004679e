import {execFileSync} from 'node:child_process'
import {describe, expect, test} from '@jest/globals'
import {repositoryProblem} from '../../../playground/plan/names.ts'
import {refProblem} from '../../../src/simulation/events/ref-name.ts'

describe('the name of a repository', () => {
  test.each(['', 'acme/web', 'acme_corp/web.js', 'a/.github', 'octo-cat/under_score'])('%j has no problem', (name) => {
    expect(repositoryProblem(name)).toBeUndefined()
  })

  test.each(['acme', 'acme/', '/web', 'acme/web/more', 'a b/c', 'https://github.com/acme/web'])(
    '%j has one',
    (name) => {
      expect(repositoryProblem(name)).toBe('Write the owner and the name: owner/name.')
    },
  )
})

describe('the name of a ref', () => {
  const names = [
    ...[
      'main',
      'feature/login',
      'v1.2.3',
      'api/v1.2.3',
      'refs/heads/main',
      'refs/tags/v1',
      'a.b',
      'a@b',
      'ä',
      'a-',
      '{a}',
    ],
    ...['bad ref', 'a..b', 'a~1', 'a^', 'a:b', 'a?', 'a*', '[a]', 'a\\b', 'a@{1}', '/a', 'a//b', 'a/', '.a', 'a/.b'],
    ...['a.lock', 'a.lock/b', 'a.', '@', '-a', 'a\tb', 'a\u0007b', 'refs/heads/-a'],
  ]

  test.each(names)('%j is judged as Git judges it', (name) => {
    expect(refProblem(name) === undefined).toBe(isBranch(name))
  })

  test('has a problem that says what is refused', () => {
    expect(refProblem('bad ref..name')).toBe('The name of a branch or Git tag contains no space.')
    expect(refProblem('a..b')).toBe('The name of a branch or Git tag does not contain two dots in a row.')
    expect(refProblem('')).toBeUndefined()
  })
})

/** Whether Git accepts a name for a branch. */
function isBranch(name: string): boolean {
  try {
    execFileSync('git', ['check-ref-format', '--branch', name.replace(/^refs\/(?:heads|tags)\//, '')], {
      stdio: 'ignore',
    })
    return true
  } catch {
    return false
  }
}
