import {describe, expect, test} from '@jest/globals'
import {readContext} from '../../../src/context/event.ts'
import {loadEvent} from '../../support/events.ts'
import {propose, pushOf} from '../../support/plans.ts'
import {kindOfLine} from '../../../src/tags/line.ts'

describe('the default strategy', () => {
  test.each([
    {
      name: 'a version',
      ref: 'refs/tags/v1.2.3',
      expected: ['1.2.3', '1.2', '1', 'sha-860c190', 'latest'],
      version: '1.2.3',
    },
    {
      name: 'a version without v',
      ref: 'refs/tags/1.2.3',
      expected: ['1.2.3', '1.2', '1', 'sha-860c190', 'latest'],
      version: '1.2.3',
    },
    {
      name: 'a 0.x version moves no 0',
      ref: 'refs/tags/v0.4.1',
      expected: ['0.4.1', '0.4', 'sha-860c190', 'latest'],
      version: '0.4.1',
    },
    {
      name: 'a pre-release moves nothing',
      ref: 'refs/tags/v1.3.0-rc.1',
      expected: ['1.3.0-rc.1', 'sha-860c190'],
      version: '1.3.0-rc.1',
    },
    {
      name: 'a tag that is no version',
      ref: 'refs/tags/nightly/build',
      expected: ['nightly-build', 'sha-860c190'],
      version: 'nightly-build',
    },
    {
      name: 'two numbers are no semantic version',
      ref: 'refs/tags/v1.2',
      expected: ['v1.2', 'sha-860c190'],
      version: 'v1.2',
    },
    {name: 'a branch', ref: 'refs/heads/feature/a', expected: ['feature-a', 'sha-860c190'], version: 'feature-a'},
    {name: 'the default branch', ref: 'refs/heads/main', expected: ['main', 'edge', 'sha-860c190'], version: 'main'},
  ])('$name', ({ref, expected, version}) => {
    const proposed = propose(pushOf(ref), [])
    expect(proposed.problems.all).toEqual([])
    expect(proposed.names).toEqual(expected)
    expect(proposed.version).toBe(version)
  })

  test('a release that GitHub calls a pre-release moves nothing, whatever its version looks like', () => {
    const context = pushOf('refs/tags/v2.0.0', {
      event: 'release',
      eventName: 'release',
      release: {tag: 'v2.0.0', prerelease: true, draft: false},
    })
    expect(propose(context, []).names).toEqual(['2.0.0', 'sha-860c190'])
  })

  test('a merge queue gets a name of its own', () => {
    const {environment, payload} = loadEvent('merge-group')
    const context = readContext(environment, payload)
    expect(propose(context, []).names[0]).toBe(`mq-${context.baseRef ?? ''}`)
  })

  test.each([
    {event: 'schedule', expected: ['nightly']},
    {event: 'pull-request', expected: ['pr-2']},
    {event: 'pull-request-target', expected: ['pr-2']},
  ])('$event', ({event, expected}) => {
    const {environment, payload} = loadEvent(event)
    expect(propose(readContext(environment, payload), []).names).toEqual(expected)
  })

  test('every tag of a version names its rule and kind', () => {
    const {tags} = propose(pushOf('refs/tags/v1.2.3'), [])
    expect(tags.map(({tag, line, source}) => [tag, kindOfLine(line), source.origin, source.text])).toEqual([
      ['1.2.3', 'exact', 'default', 'type=semver,pattern={{version}}'],
      ['1.2', 'floating', 'default', 'type=semver,pattern={{major}}.{{minor}}'],
      ['1', 'floating', 'default', 'type=semver,pattern={{major}}'],
      ['sha-860c190', 'exact', 'default', 'type=sha'],
      ['latest', 'floating', 'default', 'type=semver,pattern={{version}}'],
    ])
  })
})
