import {describe, expect, test} from '@jest/globals'
import {componentVersion, otherComponentReason} from '../../../../src/tags/versions/component.ts'

describe('a version of the component', () => {
  test.each([
    {component: 'api', tag: 'api/v1.2.3', version: 'v1.2.3', separator: '/'},
    {component: 'api', tag: 'api/1.2.3', version: '1.2.3', separator: '/'},
    {component: 'api', tag: 'api-v1.2.3', version: 'v1.2.3', separator: '-'},
    {component: 'api', tag: 'api-1.2.3', version: '1.2.3', separator: '-'},
    {component: 'api', tag: 'api@v1.2.3', version: 'v1.2.3', separator: '@'},
    {component: 'api', tag: 'api@1.2.3', version: '1.2.3', separator: '@'},
    {component: 'api', tag: '@scope/api@1.2.3', version: '1.2.3', separator: '@'},
    {component: 'api', tag: '@scope/api@v1.2.3', version: 'v1.2.3', separator: '@'},
    {component: '@scope/api', tag: '@scope/api@1.2.3', version: '1.2.3', separator: '@'},
    {component: 'api', tag: 'api-v1.2.3-rc.1', version: 'v1.2.3-rc.1', separator: '-'},
    {component: 'api', tag: 'api-1.2.3-rc.1+build.5', version: '1.2.3-rc.1+build.5', separator: '-'},
    {component: 'api', tag: 'api-1.2.3-20260102.1', version: '1.2.3-20260102.1', separator: '-'},
    {component: 'api', tag: 'api/2026.01', version: '2026.01', separator: '/'},
    {component: 'api', tag: 'api-1.2.3rc1', version: '1.2.3rc1', separator: '-'},
    {component: 'api', tag: 'api/v1', version: 'v1', separator: '/'},
    {component: 'my-api', tag: 'my-api-v1.0.0', version: 'v1.0.0', separator: '-'},
    {component: 'my-api', tag: 'my-api@1.0.0', version: '1.0.0', separator: '@'},
    {component: 'packages/api', tag: 'packages/api/v1.0.0', version: 'v1.0.0', separator: '/'},
    {component: 'packages/api', tag: 'packages/api-v1.0.0', version: 'v1.0.0', separator: '-'},
    {component: 'node.js', tag: 'node.js-v1.0.0', version: 'v1.0.0', separator: '-'},
    {component: 'python-3.12', tag: 'python-3.12-v1.0.0', version: 'v1.0.0', separator: '-'},
    {component: 'python-3.12', tag: 'python-3.12-1.0.0', version: '1.0.0', separator: '-'},
    {component: 'v2', tag: 'v2-1.0.0', version: '1.0.0', separator: '-'},
    {component: 'api/v2', tag: 'api/v2-1.0.0', version: '1.0.0', separator: '-'},
    {component: 'app-v2', tag: 'app-v2-1.0.0', version: '1.0.0', separator: '-'},
    {component: 'node-18.2.0', tag: 'node-18.2.0-v1.0.0', version: 'v1.0.0', separator: '-'},
    {component: 'node-18.2.0', tag: 'node-18.2.0/1.0.0', version: '1.0.0', separator: '/'},
    {component: 'a.*(b', tag: 'a.*(b/v1.0.0', version: 'v1.0.0', separator: '/'},
    {component: '$(id)', tag: '$(id)@1.0.0', version: '1.0.0', separator: '@'},
  ])('$tag for $component', ({component, tag, version, separator}) => {
    expect(componentVersion(component, tag)).toEqual({kind: 'version', version, separator})
    expect(otherComponentReason(component, tag)).toBeUndefined()
  })
})

describe('a version of something else', () => {
  test.each([
    {component: 'api', tag: 'web/v1.0.0', other: 'web', version: 'v1.0.0'},
    {component: 'api', tag: 'web-v1.0.0', other: 'web', version: 'v1.0.0'},
    {component: 'api', tag: 'web@1.0.0', other: 'web', version: '1.0.0'},
    {component: 'api', tag: '@scope/web@1.0.0', other: '@scope/web', version: '1.0.0'},
    {component: 'api', tag: 'my-api-v1.0.0', other: 'my-api', version: 'v1.0.0'},
    {component: 'my', tag: 'my-api-v1.0.0', other: 'my-api', version: 'v1.0.0'},
    {component: 'api', tag: 'api-client-1.0.0', other: 'api-client', version: '1.0.0'},
    {component: 'api', tag: 'packages/api/v1.0.0', other: 'packages/api', version: 'v1.0.0'},
    {component: 'packages', tag: 'packages/api/v1.0.0', other: 'packages/api', version: 'v1.0.0'},
    {component: 'api', tag: 'API/v1.0.0', other: 'API', version: 'v1.0.0'},
    {component: '@other/api', tag: '@scope/api@1.0.0', other: '@scope/api', version: '1.0.0'},
    {component: '@scope/api', tag: 'api@1.0.0', other: 'api', version: '1.0.0'},
    {component: 'python', tag: 'python-3.12-v1.0.0', other: 'python-3.12', version: 'v1.0.0'},
    {component: 'a.i', tag: 'api/v1.0.0', other: 'api', version: 'v1.0.0'},
    {component: '.*', tag: 'api/v1.0.0', other: 'api', version: 'v1.0.0'},
    {component: '', tag: 'api/v1.0.0', other: 'api', version: 'v1.0.0'},
    // Read as a pre-release of node 18.2.0: the name ends in a version, and there is no `v`.
    {component: 'node-18.2.0', tag: 'node-18.2.0-1.0.0', other: 'node', version: '18.2.0-1.0.0'},
  ])('$tag for $component', ({component, tag, other, version}) => {
    expect(componentVersion(component, tag)).toEqual({kind: 'other-component', component: other, version})
    expect(otherComponentReason(component, tag)).toEqual({
      code: 'other-component',
      tag,
      owner: other,
      component,
    })
  })

  test.each(['v1.2.3', '1.2.3', 'v1', 'v1.2.3-rc.1', '2026.01', '1.2.3-4.5.6', '1.2.3+a-v1.0.0'])(
    '%s is one of the whole repository',
    (tag) => {
      expect(componentVersion('api', tag)).toEqual({kind: 'other-component', component: undefined, version: tag})
      expect(otherComponentReason('api', tag)).toEqual({
        code: 'other-component',
        tag,
        owner: undefined,
        component: 'api',
      })
    },
  )
})

describe('no version', () => {
  test.each([
    'nightly',
    'api',
    'api/',
    'api-latest',
    'api/nightly',
    'api-2',
    'build-12',
    'backup-2026-01-02',
    '/v1.0.0',
    '-v1.0.0',
    '@1.0.0',
    'api@1.0.0/web',
    'api/v1.0.0 ',
    'api/v1.0.0\n',
    '',
  ])('%j', (tag) => {
    expect(componentVersion('api', tag)).toEqual({kind: 'none'})
    expect(otherComponentReason('api', tag)).toBeUndefined()
  })
})

/** An expression that backtracks would not come to an end here. */
test.each(['-1.2'.repeat(5_000), '-v1'.repeat(5_000), '1.'.repeat(5_000), `${'-1.2'.repeat(2_000)}/`])(
  'a long hostile tag is none (%#)',
  (tag) => {
    expect(componentVersion('api', tag).kind).not.toBe('version')
  },
)
