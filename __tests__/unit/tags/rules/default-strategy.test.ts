import {describe, expect, test} from '@jest/globals'
import {readContext} from '../../../../src/context/event.ts'
import {loadEvent} from '../../../../testing/events.ts'
import {propose, pushOf} from '../../../../testing/plans.ts'
import {defaultStrategyNotice} from '../../../../src/tags/rules/default-strategy.ts'
import {tagKind} from '../../../../src/tags/tag-role.ts'

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
      name: 'a calendar version with zeros',
      ref: 'refs/tags/2026.02.0',
      expected: ['2026.02.0', 'sha-860c190', 'latest'],
      version: '2026.02.0',
    },
    {
      name: 'a calendar version with a v',
      ref: 'refs/tags/v24.04.1',
      expected: ['v24.04.1', 'sha-860c190', 'latest'],
      version: 'v24.04.1',
    },
    {
      name: 'a year and a month',
      ref: 'refs/tags/24.04',
      expected: ['24.04', 'sha-860c190', 'latest'],
      version: '24.04',
    },
    {
      name: 'a day',
      ref: 'refs/tags/2026-02-01',
      expected: ['2026-02-01', 'sha-860c190', 'latest'],
      version: '2026-02-01',
    },
    {
      name: 'four numbers',
      ref: 'refs/tags/v1.2.3.4',
      expected: ['v1.2.3.4', 'sha-860c190', 'latest'],
      version: 'v1.2.3.4',
    },
    {
      name: 'a pre-release of a calendar version moves nothing',
      ref: 'refs/tags/2026.02.0-rc1',
      expected: ['2026.02.0-rc1', 'sha-860c190'],
      version: '2026.02.0-rc1',
    },
    {
      name: 'a tag without a version',
      ref: 'refs/tags/nightly/build',
      expected: ['nightly-build', 'sha-860c190'],
      version: 'nightly-build',
    },
    {
      name: 'two numbers',
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

  test.each([
    {tag: 'v1.2.3', kind: 'exact'},
    {tag: '2026.02.0', kind: 'exact'},
    {tag: '2026.02.01', kind: 'exact'},
    {tag: 'v24.04.1', kind: 'exact'},
    {tag: '24.04', kind: 'exact'},
    {tag: '20260201', kind: 'exact'},
    {tag: '1.2.3.4', kind: 'exact'},
    {tag: '2026.02.0-rc1', kind: 'exact'},
    {tag: 'release-1.2.3', kind: 'exact'},
    {tag: 'api/v1.2.3', kind: 'exact'},
    {tag: 'release-2026.02.0', kind: 'exact'},
    {tag: 'app-v2026.02.0', kind: 'exact'},
    {tag: 'app-2026.02.0-rc1', kind: 'exact'},
    {tag: 'release/1.2.3.4', kind: 'exact'},
    {tag: 'release-24.04', kind: 'exact'},
    {tag: 'release-1.2', kind: 'floating'},
    {tag: 'release-1.2.3.x', kind: 'floating'},
    {tag: 'python3.24.04', kind: 'floating'},
    {tag: '1.2.3+fork.1', kind: 'exact'},
    {tag: 'v1', kind: 'floating'},
    {tag: 'v1.2', kind: 'floating'},
    {tag: '1.2.3.x', kind: 'floating'},
    {tag: 'nightly/build', kind: 'floating'},
    {tag: 'mkdocs#20250820', kind: 'floating'},
    {tag: 'release-candidate', kind: 'floating'},
    {tag: 'build-12', kind: 'floating'},
    {tag: '20269999', kind: 'floating'},
  ])('the Git tag $tag gives a tag that is $kind', ({tag, kind}) => {
    const [first] = propose(pushOf(`refs/tags/${tag}`), []).tags
    expect(first && tagKind(first.role)).toBe(kind)
    const [written] = propose(pushOf(`refs/tags/${tag}`), ['type=ref,event=tag']).tags
    expect(written && tagKind(written.role)).toBe(kind)
  })

  /** Git tags, and the texts in the notice about tags that they do not get. */
  test.each([
    {tag: 'v1.2.3', names: undefined},
    {tag: 'v1.2.3-rc.1', names: undefined},
    {tag: '2026.02.0', names: undefined},
    {tag: 'nightly', names: undefined},
    {tag: 'v1.2.3+fork.1', names: ['build of 1.2.3', 'latest']},
    {tag: 'v1.2', names: ['latest', 'type=pep440,pattern={{version}}']},
    {tag: 'release-1.2.3', names: ['1.2-like', 'latest', 'version 1.2.3', '`component`']},
    {tag: 'release-2026.02.0', names: ['latest', 'version 2026.02.0', '`component`']},
    {tag: 'app-v2026.02.0', names: ['latest', 'version 2026.02.0', '`component`']},
    {tag: 'release/1.2.3.4', names: ['latest', 'version 1.2.3.4', '`component`']},
    {tag: 'release-24.04', names: ['latest', 'version 24.04', '`component`']},
    {tag: 'v1.2.x', names: undefined},
    {tag: 'v1.2-x', names: undefined},
    {tag: 'v1.2-fork', names: ['latest']},
    {tag: 'api/2026.02.0', component: 'api', names: undefined},
    {tag: 'web/v1.2.3+fork.1', component: 'api', names: undefined},
    {tag: 'api/v1.2.3+fork.1', component: 'api', names: ['build of 1.2.3', 'latest']},
  ])('a notice about $tag, component $component: $names', ({tag, component, names}) => {
    const notice = defaultStrategyNotice(pushOf(`refs/tags/${tag}`), component)
    if (names === undefined) expect(notice).toBeUndefined()
    else for (const name of names) expect(notice).toContain(name)
  })

  test('a notice advises no rule that would give nothing', () => {
    expect(defaultStrategyNotice(pushOf('refs/tags/v1.2-fork'))).not.toContain('pep440')
  })

  test('a version after a name moves no other tag', () => {
    expect(propose(pushOf('refs/tags/release-2026.02.0'), []).names).toEqual(['release-2026.02.0', 'sha-860c190'])
  })

  test('a build gets no floating tag', () => {
    expect(propose(pushOf('refs/tags/v1.2.3+fork.1'), []).names).toEqual(['1.2.3-fork.1', 'sha-860c190'])
  })

  test('a component may have calendar versions', () => {
    const {names} = propose(pushOf('refs/tags/api/v2026.02.0'), [], {component: 'api'})
    expect(names).toEqual(['v2026.02.0', 'sha-860c190', 'latest'])
  })

  test('a release that GitHub marks as a pre-release gets no floating tag', () => {
    const context = pushOf('refs/tags/v2.0.0', {
      event: 'release',
      eventName: 'release',
      release: {tag: 'v2.0.0', prerelease: true, draft: false},
    })
    expect(propose(context, []).names).toEqual(['2.0.0', 'sha-860c190'])
  })

  test('a merge queue gives a tag with its target branch', () => {
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

  test('every tag of a version has its rule and kind', () => {
    const {tags} = propose(pushOf('refs/tags/v1.2.3'), [])
    const found = tags.map(({tag, role, source}) => ({tag, kind: tagKind(role), ...source}))
    expect(found).toMatchObject([
      {tag: '1.2.3', kind: 'exact', origin: 'default', text: 'type=semver,pattern={{version}}'},
      {tag: '1.2', kind: 'floating', origin: 'default', text: 'type=semver,pattern={{major}}.{{minor}}'},
      {tag: '1', kind: 'floating', origin: 'default', text: 'type=semver,pattern={{major}}'},
      {tag: 'sha-860c190', kind: 'exact', origin: 'default', text: 'type=sha'},
      {tag: 'latest', kind: 'floating', origin: 'default', text: 'type=semver,pattern={{version}}'},
    ])
  })
})
