import {describe, expect, test} from '@jest/globals'
import type {GitContext} from '../../../src/context/git-context.ts'
import type {VersionInput} from '../../../src/inputs/inputs.ts'
import {versionConflict, looksForCommitTags} from '../../../src/plan/version.ts'
import {versionReader} from '../../../src/tags/versions/component.ts'
import {pushOf} from '../../../testing/plans.ts'

const auto: VersionInput = {kind: 'auto', given: false}
const written: VersionInput = {kind: 'auto', given: true}
const on = (event: GitContext['event'], ref = 'refs/heads/main'): GitContext => pushOf(ref, {event, eventName: event})

describe('Git tags', () => {
  test.each([
    {name: 'a push of a branch', input: auto, context: on('push'), expected: false},
    {name: 'a push of a branch, with version: auto', input: written, context: on('push'), expected: true},
    {name: 'a nightly build', input: auto, context: on('schedule'), expected: false},
    {name: 'a nightly build, with version: auto', input: written, context: on('schedule'), expected: true},
    {name: 'a manual run', input: auto, context: on('workflow_dispatch'), expected: false},
    {name: 'a manual run, with version: auto', input: written, context: on('workflow_dispatch'), expected: true},
    {name: 'a run after another one', input: auto, context: on('workflow_run'), expected: false},
    {name: 'a Git tag, which says it all', input: written, context: on('push', 'refs/tags/v1'), expected: false},
  ])('$name: $expected', ({input, context, expected}) => {
    expect(looksForCommitTags(input, context)).toBe(expected)
  })
})

describe('a version that differs from the Git tag', () => {
  const file = (text: string): {readonly text: string; readonly from: string} => ({text, from: 'package.json, version'})
  test.each([
    {tag: 'v1.5.0', version: '1.4.0'},
    {tag: '1.5.0-rc.1', version: '1.5.0'},
    {tag: 'v1.2.3rc1', version: '1.2.3'},
    {tag: 'api/v1.5.0', version: '1.4.0', component: 'api'},
    {tag: 'v1.5.0', version: 'nonsense'},
  ])('$tag, and $version in the file', ({tag, version, component}) => {
    expect(versionConflict(file(version), pushOf(`refs/tags/${tag}`), versionReader(component))).toEqual({
      code: 'version-conflict',
      version,
      from: 'package.json, version',
      tagged: `the Git tag ${tag}`,
    })
  })

  test.each([
    {name: 'the same', tag: 'v1.4.0', version: '1.4.0'},
    {name: 'the same, of other build metadata', tag: 'v1.4.0', version: '1.4.0+7'},
    {name: 'the same by PEP 440', tag: 'v1.4.0-rc.1', version: '1.4.0rc1'},
    {name: 'the same by the calendar', tag: 'v2026.01.7', version: '2026.1.7'},
    {name: 'another tag', tag: 'nightly', version: '1.4.0'},
    {name: 'a tag of no single release', tag: 'v1', version: '1.4.0'},
    {name: "another component's", tag: 'web/v9.0.0', version: '1.4.0', component: 'api'},
    {name: 'a branch', ref: 'refs/heads/v9.0.0', version: '1.4.0'},
  ])('is not reported for $name', ({tag, ref, version, component}) => {
    const context = pushOf(ref ?? `refs/tags/${tag}`)
    expect(versionConflict(file(version), context, versionReader(component))).toBeUndefined()
  })

  test('names a release whose ref is not a tag', () => {
    const context = pushOf('refs/heads/main', {release: {tag: 'v2.0.0', prerelease: false, draft: false}})
    expect(versionConflict(file('1.0.0'), context, versionReader(undefined))).toMatchObject({
      tagged: 'the release v2.0.0',
    })
  })
})
