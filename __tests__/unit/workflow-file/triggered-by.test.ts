import {describe, expect, test} from '@jest/globals'
import {matchesFilter, passesFilters} from '../../../src/workflow-file/filter-pattern.ts'
import {readWorkflow} from '../../../src/workflow-file/read-workflow.ts'
import {triggeredBy} from '../../../src/workflow-file/triggered-by.ts'
import type {Triggers} from '../../../src/workflow-file/workflow.ts'

/** Examples of GitHub's documentation of filter patterns, and of what they exclude. */
describe('a filter pattern', () => {
  test.each([
    ['feature/*', ['feature/my-branch'], ['feature/beta-a/my-branch', 'feature']],
    ['feature/**', ['feature/beta-a/my-branch', 'feature/x'], ['feature', 'features/x']],
    ['*', ['main', 'v1.2.3'], ['a/b']],
    ['**', ['all/the/branches', 'main'], []],
    ['*feature', ['mona-feature', 'feature', 'ver-10-feature'], ['feature-1', 'a/feature']],
    ['v2*', ['v2', 'v2.0', 'v2.9'], ['v1']],
    ['v[12].[0-9]+.[0-9]+', ['v1.10.1', 'v2.0.0'], ['v3.0.0', 'v1..1']],
    ['*.jsx?', ['page.js', 'page.jsx'], ['page.jsxx']],
    ['**.js', ['index.js', 'src/js/app.js'], ['index.jsx']],
    ['**/README.md', ['README.md', 'js/README.md'], ['READMEs.md']],
    ['**/docs/**', ['docs/hello.md', 'dir/docs/my-file.txt'], ['docs']],
    ['**/*-post.md', ['my-post.md', 'path/their-post.md'], ['post.md.txt']],
    ['[CDF]at', ['Cat', 'Dat'], ['Rat']],
    ['[a-z0-9]+', ['abc1'], ['', 'A']],
    ['v1.0', ['v1.0'], ['v1x0']],
    ['\\*x', ['*x'], ['ax']],
  ])('%s matches as GitHub says', (pattern, included, excluded) => {
    expect(included.filter((name) => !matchesFilter(pattern, name))).toEqual([])
    expect(excluded.filter((name) => matchesFilter(pattern, name))).toEqual([])
  })

  test('the last pattern that matches decides', () => {
    expect(passesFilters(['releases/**', '!releases/**-alpha'], 'releases/10')).toBe(true)
    expect(passesFilters(['releases/**', '!releases/**-alpha'], 'releases/10-alpha')).toBe(false)
    expect(passesFilters(['*', '!a*', 'ab'], 'ab')).toBe(true)
    expect(passesFilters(['!a'], 'b')).toBe(false)
  })

  test('a pattern of many stars does not take long', () => {
    expect(matchesFilter(`${'**a'.repeat(40)}b`, 'a'.repeat(2000))).toBe(false)
  })
})

function triggersOf(on: string): Triggers {
  const result = readWorkflow(`on: ${on}\njobs: {}\n`)
  if ('problems' in result) throw new Error('invalid')
  return result.workflow.on
}

function answer(on: string, [event, ref, action, base]: readonly string[]): string {
  const environment = {GITHUB_EVENT_NAME: event, GITHUB_REF: ref, GITHUB_BASE_REF: base}
  const result = triggeredBy(triggersOf(on), {environment, payload: action === undefined ? {} : {action}})
  return result.runs ? `runs${result.assumed === undefined ? '' : ` (${result.assumed})`}` : result.reason
}

describe('the triggers of a workflow', () => {
  const main = ['push', 'refs/heads/main']
  const tag = ['push', 'refs/tags/v1.2.3']
  test.each([
    {on: 'push', event: main, expected: 'runs'},
    {on: 'push', event: tag, expected: 'runs'},
    {on: '[push, pull_request]', event: ['schedule'], expected: '`on` does not list schedule, only push, pull_request'},
    {on: '{push: {branches: [main]}}', event: main, expected: 'runs'},
    {
      on: '{push: {branches: [main]}}',
      event: tag,
      expected: 'for branches only',
    },
    {
      on: '{push: {tags: ["v*"]}}',
      event: main,
      expected: 'for tags only',
    },
    {on: '{push: {tags: ["v*"], branches: [main]}}', event: tag, expected: 'runs'},
    {
      on: '{push: {branches: ["release/*"]}}',
      event: main,
      expected: '`branches` (release/*) does not include main',
    },
    {on: '{push: {branches-ignore: [main]}}', event: main, expected: '`branches-ignore` (main) includes main'},
    {on: '{push: {tags-ignore: ["*-rc*"]}}', event: tag, expected: 'runs'},
    {on: '{push: {paths: [src/**]}}', event: main, expected: 'runs (paths)'},
    {on: '{push: {paths: [src/**]}}', event: tag, expected: 'runs'},
    {on: 'pull_request', event: ['pull_request', 'refs/pull/1/merge', 'opened', 'main'], expected: 'runs'},
    {
      on: 'pull_request',
      event: ['pull_request', 'refs/pull/1/merge', 'closed', 'main'],
      expected: 'without `types`, pull_request starts for opened, synchronize, reopened, and this is closed',
    },
    {
      on: '{pull_request: {branches: [release]}}',
      event: ['pull_request', 'refs/pull/1/merge', 'opened', 'main'],
      expected: '`branches` (release) does not include main',
    },
    {on: 'release', event: ['release', 'refs/tags/v1', 'published'], expected: 'runs'},
    {
      on: '{release: {types: [created]}}',
      event: ['release', 'refs/tags/v1', 'published'],
      expected: '`types` of release lists created, and this is published',
    },
  ])('$on and $event: $expected', ({on, event, expected}) => {
    expect(answer(on, event)).toContain(expected)
  })

  test.each([
    ['[main]', true],
    ['[release]', false],
  ])('branches %s of workflow_run are those of the run before: %j', (branches, runs) => {
    const read = readWorkflow(`on: {workflow_run: {workflows: [CI], branches: ${branches}}}\njobs: {}`)
    if ('problems' in read) throw new Error(JSON.stringify(read.problems))
    const environment = {GITHUB_EVENT_NAME: 'workflow_run', GITHUB_REF: 'refs/heads/trunk'}
    const payload = {action: 'completed', workflow_run: {head_branch: 'main'}}
    expect(triggeredBy(read.workflow.on, {environment, payload}).runs).toBe(runs)
  })

  test('a part of a workflow runs for all events', () => {
    expect(triggeredBy(new Map(), {environment: {}, payload: {}})).toEqual({runs: true})
  })
})
