import {describe, expect, test} from '@jest/globals'
import {evaluateCondition, evaluateText} from '../../../src/workflow-file/expressions/evaluate-text.ts'
import {OpenContext, UnknownValue} from '../../../src/workflow-file/expressions/partial-data.ts'

const contexts = {
  github: {
    event_name: 'push',
    ref: 'refs/heads/main',
    ref_name: 'main',
    run_number: 7,
    ref_protected: false,
    event: {head_commit: null, labels: [{name: 'a'}, {name: 'b'}]},
    Actor: 'octocat',
  },
  env: {IMAGE: 'ghcr.io/octocat/app'},
  vars: new OpenContext({REGISTRY: 'ghcr.io'}),
  secrets: {TOKEN: 'token'},
  matrix: {platform: 'linux/amd64', gates: new UnknownValue('matrix.gates')},
  inputs: {},
  needs: new OpenContext(),
  steps: new OpenContext({meta: {outputs: {tags: 'a:1'}, outcome: 'success'}}),
}

const scope = {contexts, functions: ['always', 'cancelled', 'success', 'failure', 'hashFiles']} as const

describe('a text', () => {
  test.each([
    ['plain', 'plain'],
    ['${{ github.ref_name }}', 'main'],
    ['a ${{ github.ref_name }} and ${{github.run_number}}', 'a main and 7'],
    ['${{ github.ref_protected }}', 'false'],
    ['x${{ github.event.head_commit }}y', 'xy'],
    ['${{ github.event }}', 'Object'],
    ['${{ github.missing.deeper }}', ''],
    ["${{ 'it''s }}' }}", "it's }}"],
    ['${{ GITHUB.ACTOR }}', 'octocat'],
    ["${{ join(github.event.labels.*.name, ',') }}", 'a,b'],
    ["${{ format('{0}:{1}', env.IMAGE, github.ref_name) }}", 'ghcr.io/octocat/app:main'],
    ['${{ fromJSON(\'{"a": [1, 2.50]}\').a[1] }}', '2.5'],
    ["${{ github.event_name == 'PUSH' && 'yes' || 'no' }}", 'yes'],
    ['${{ steps.meta.outputs.tags }}', 'a:1'],
    ['${{ steps.meta.outputs.other }}', ''],
    ['${{ vars.registry }}', 'ghcr.io'],
  ])('%s is %j', (text, value) => {
    expect(evaluateText(text, scope)).toEqual({value})
  })

  test.each([
    ['${{ steps.build.outputs.digest }}', ['steps.build.outputs.digest']],
    ['${{ vars.NAME }}-${{ needs.a.result }}', ['vars.NAME', 'needs.a.result']],
    ["${{ hashFiles('**/go.sum') }}", ['hashFiles()']],
    ["${{ vars.NAME || 'app' }}", ['vars.NAME']],
    ["${{ format('{0}', vars.NAME) }}", ['vars.NAME']],
    ['${{ toJSON(steps) }}', ['steps']],
    ['${{ matrix.gates }}', ['matrix.gates']],
    ["${{ steps.x.outputs.y == 'z' && 'a' || 'b' }}", ['steps.x.outputs.y']],
  ])('%s is not known, for %j', (text, unknown) => {
    expect(evaluateText(text, scope)).toEqual({unknown})
  })

  test.each([
    ["${{ github.event_name != 'push' && steps.x.outputs.y || 'b' }}", 'b'],
    ["${{ github.event_name == 'push' || steps.x.outputs.y }}", 'true'],
    ["${{ (vars.NAME || 'app') && 'a' }}", 'a'],
  ])('%s does not depend on what is unknown', (text, value) => {
    expect(evaluateText(text, scope)).toEqual({value})
  })

  test('with many levels ends', () => {
    const nested = Array.from({length: 45}).reduce<string>((inner) => `format('{0}', ${inner})`, 'github.ref_name')
    expect(evaluateText(`\${{ ${nested} }}`, scope)).toEqual({value: 'main'})
  })

  test.each([
    {text: 'a ${{ gitub.ref }}', offset: 2, part: 'gitub'},
    {text: '${{ github.ref', offset: 0, part: '}}'},
    {text: '${{ github.ref == }}', offset: 0, part: 'expression'},
    {text: '${{ unknown() }}', offset: 0, part: 'unknown'},
    {text: "${{ fromJSON('{') }}", offset: 0, part: ''},
  ])('$text has a problem', ({text, offset, part}) => {
    expect(evaluateText(text, scope)).toEqual({problem: expect.stringContaining(part), offset})
  })
})

describe('a condition', () => {
  test.each([
    ["github.event_name == 'push'", true],
    ["${{ github.event_name == 'pull_request' }}", false],
    ['  ${{ github.ref_protected }}  ', false],
    ["startsWith(github.ref, 'refs/tags/')", false],
    ["github.event_name != 'push' && steps.x.outputs.y == 'z'", false],
    ["steps.x.outputs.y == 'z' && github.event_name != 'push'", false],
    ["always() || steps.x.outputs.y == 'z'", true],
    ['!cancelled()', true],
    ['failure()', false],
    // Text around an expression makes the whole a text, which counts as true.
    ["${{ github.event_name }} == 'pull_request'", true],
    ['', true],
  ])('%s is %j', (text, holds) => {
    expect(evaluateCondition(text, scope)).toEqual({holds})
  })

  test.each([
    ["steps.x.outputs.y == 'z'", ['steps.x.outputs.y']],
    ["github.event_name == 'push' && vars.DEPLOY", ['vars.DEPLOY']],
    ['!vars.DEPLOY', ['vars.DEPLOY']],
  ])('%s is not known, for %j', (text, unknown) => {
    expect(evaluateCondition(text, scope)).toEqual({unknown})
  })

  test.each([
    ["github.event_name == 'push'", false],
    ['', false],
    ['always()', true],
    ['failure()', true],
    ["${{ failure() && github.ref_name == 'main' }}", true],
    ["contains('always()', 'a')", false],
  ])('%s is %j after a failed step', (text, holds) => {
    expect(evaluateCondition(text, scope, 'failure')).toEqual({holds})
  })

  test.each(['gitub.ref', '${{ gitub.ref }} x', 'x ${{ hashFiles( }}'])(
    '%s is not valid after a failed step',
    (text) => {
      for (const status of ['failure', 'skipped', {unknown: ['vars.A'], isSkipped: true}] as const)
        expect(evaluateCondition(text, scope, status)).toMatchObject({problem: expect.any(String)})
    },
  )

  test('is not evaluated after a failed step', () => {
    expect(evaluateCondition("fromJSON('{')", scope, 'failure')).toEqual({holds: false})
  })
})
