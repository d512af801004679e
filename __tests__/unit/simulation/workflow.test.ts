import {describe, expect, test} from '@jest/globals'
import {simulatedText as simulated, tagsOfStep as tagsOf, tagsOfText as tags} from '../../../testing/simulated-tags.ts'

const release = {event: 'push', ref: 'refs/tags/v1.2.3'} as const

/** Workflow with these steps. */
function workflow(steps: string, on = 'push'): string {
  return `on: ${on}\njobs:\n  image:\n    runs-on: ubuntu-24.04\n    steps:\n${steps.replaceAll(/^/gm, '      ')}`
}

describe('a part of a workflow', () => {
  test.each([
    {name: 'inputs', text: 'tags: type=sha'},
    {name: 'a with block', text: 'with:\n  tags: type=sha'},
    {name: 'a step', text: 'uses: tagboat/tagboat@v1\nwith:\n  tags: type=sha'},
    {
      name: 'steps',
      text: '- uses: actions/checkout@v5\n- uses: someone/tagboat/stage@main\n  with:\n    tags: type=sha',
    },
    {name: 'a job', text: 'runs-on: x\nsteps:\n- uses: tagboat/tagboat@v1\n  with:\n    tags: type=sha'},
  ])('$name gives a plan', async ({text}) => {
    expect(await tags(text)).toEqual(['sha-860c190'])
  })

  test('of another action gives none', async () => {
    expect(await tags('- uses: docker/build-push-action@v6\n- uses: ./other\n- run: x')).toEqual([])
  })
})

describe('the triggers', () => {
  const text = workflow('- uses: tagboat/tagboat@v1', '{push: {branches: [main]}, pull_request: {}}')
  test.each([
    {choice: {event: 'push'}, runs: true},
    {choice: {event: 'push', ref: 'refs/heads/other'}, runs: false},
    {choice: release, runs: false},
    {choice: {event: 'schedule'}, runs: false},
    {choice: {event: 'pull_request'}, runs: true},
    {choice: {event: 'pull_request', action: 'closed'}, runs: false},
  ])('of $choice start it: $runs', async ({choice, runs}) => {
    const {runs: does, steps, reason} = await simulated(text, choice)
    expect({does, steps: steps.length, hasReason: reason !== undefined}).toEqual({
      does: runs,
      steps: runs ? 1 : 0,
      hasReason: !runs,
    })
  })
})

describe('expressions', () => {
  test('see variables of the workflow, the job and the step', async () => {
    const text = `on: push
env: {A: a, B: "\${{ github.ref_name }}"}
jobs:
  image:
    env: {C: "\${{ github.ref_name }}-c"}
    steps:
      - uses: tagboat/tagboat@v1
        env: {D: "\${{ env.A }}-\${{ env.B }}-\${{ env.C }}"}
        with:
          tags: "\${{ env.D }}"`
    expect(await tags(text)).toEqual(['a-main-main-c'])
  })

  test('of an input that decides about tags make the step unknown', async () => {
    const {steps} = await simulated('- uses: tagboat/tagboat@v1\n  with:\n    tags: ${{ vars.TAG }}')
    expect(steps).toMatchObject([{state: 'unknown', unknown: [{input: 'tags', names: ['vars.TAG']}]}])
  })

  test('of another input are listed, and the step has a plan', async () => {
    const text = '- uses: tagboat/tagboat@v1\n  with:\n    tags: a\n    build-args: X=${{ steps.x.outputs.y }}'
    const {steps} = await simulated(text)
    expect(steps).toMatchObject([{state: 'planned', unknown: [{input: 'build-args', names: ['steps.x.outputs.y']}]}])
    expect(steps.map(tagsOf)).toEqual(['a'])
  })

  test.each([
    'username: ${{ vars.USER }}',
    'labels: a=${{ steps.x.outputs.y }}',
    'secret-files: a=./a.ini',
    'ssh: default',
  ])('and files of %s do not matter', async (input) => {
    const {steps} = await simulated(`- uses: tagboat/tagboat@v1\n  with:\n    tags: a\n    ${input}`)
    expect(steps.map(tagsOf)).toEqual(['a'])
  })

  test('have the values that are given by name', async () => {
    const values = {'steps.x.outputs.y': 'one', 'secrets.A': 'two', 'needs.j.outputs.z': 'three'}
    const text =
      '- uses: tagboat/tagboat@v1\n  with:\n    tags: ${{ steps.x.outputs.y }}-${{ secrets.A }}-${{ needs.j.outputs.z }}-${{ env.B }}'
    expect(await tags(text, undefined, {values, env: {B: 'four'}})).toEqual(['one-two-three-four'])
  })

  test('have the variables that are given', async () => {
    expect(await tags('tags: ${{ vars.TAG }}', undefined, {vars: {TAG: 'given'}})).toEqual(['given'])
  })

  test('that are not valid have their place', async () => {
    const {steps} = await simulated('- uses: tagboat/tagboat@v1\n  with:\n    tags: ${{ gitub.ref }}')
    expect(steps).toMatchObject([{state: 'invalid', faults: [{key: 'tags', place: {line: 3, column: 11}}]}])
  })

  test('see secrets, but not in a pull request of a fork', async () => {
    const text = "tags: ${{ secrets.X != '' && 'with' || 'without' }}"
    expect(await tags(text)).toEqual(['with'])
    expect(await tags(text, {event: 'pull_request', fork: true})).toEqual(['without'])
  })

  test('see inputs of a manual run, with their defaults', async () => {
    const on = '{workflow_dispatch: {inputs: {tag: {default: one}, beta: {type: boolean}}}}'
    const text = workflow(
      "- uses: tagboat/tagboat@v1\n  with:\n    tags: ${{ inputs.tag }}${{ inputs.beta && '-beta' || '' }}",
      on,
    )
    expect(await tags(text, {event: 'workflow_dispatch'})).toEqual(['one'])
    expect(await tags(text, {event: 'workflow_dispatch', inputs: {tag: 'two', beta: 'true'}})).toEqual(['two-beta'])
  })

  test('see the outputs of a step before', async () => {
    const text = `- id: a
  uses: tagboat/tagboat@v1
  with: {tags: one}
- uses: tagboat/tagboat@v1
  with: {tags: "\${{ steps.a.outputs.version }}-again"}
- uses: tagboat/tagboat@v1
  with: {tags: "\${{ steps.a.outputs.digest }}"}`
    expect(await tags(text)).toEqual(['one', 'one-again', 'unknown'])
  })
})

describe('conditions', () => {
  test.each([
    {condition: "github.event_name == 'push'", expected: ['a']},
    {condition: "github.event_name == 'schedule'", expected: ['skipped']},
    {condition: "github.event_name == 'schedule' && steps.x.outputs.y", expected: ['skipped']},
    {condition: "steps.x.outputs.y == 'z'", expected: ['unknown']},
    {condition: 'failure()', expected: ['skipped']},
    {condition: '== 1', expected: ['invalid']},
  ])('of a step: $condition', async ({condition, expected}) => {
    expect(await tags(`- uses: tagboat/tagboat@v1\n  if: ${JSON.stringify(condition)}\n  with: {tags: a}`)).toEqual(
      expected,
    )
  })

  test('of a job, and of the jobs that it needs', async () => {
    const text = `on: push
jobs:
  second:
    needs: first
    steps: [{uses: tagboat/tagboat@v1, with: {tags: second}}]
  first:
    if: startsWith(github.ref, 'refs/tags/')
    steps: [{uses: tagboat/tagboat@v1, with: {tags: first}}]
  third:
    needs: [first]
    if: always()
    steps: [{uses: tagboat/tagboat@v1, with: {tags: third}}]`
    expect(await tags(text)).toEqual(['skipped', 'skipped', 'third'])
    expect(await tags(text, release)).toEqual(['second', 'first', 'third'])
  })

  test('a step after a failed one does not run', async () => {
    const text =
      '- uses: tagboat/tagboat@v1\n  with: {tags: "a:b:c d"}\n- uses: tagboat/tagboat@v1\n  with: {tags: b}\n- uses: tagboat/tagboat@v1\n  if: failure()\n  with: {tags: c}'
    expect(await tags(text)).toEqual(['input-invalid', 'skipped', 'c'])
  })
})

describe('a matrix', () => {
  const job = (matrix: string): string =>
    `on: push\njobs:\n  image:\n    strategy: {matrix: ${matrix}}\n    steps:\n      - uses: tagboat/tagboat@v1\n        with:\n          tags: \${{ matrix.name }}\${{ matrix.extra }}`
  test.each([
    {matrix: '{name: [a, b]}', expected: ['a', 'b']},
    {matrix: '{name: [a, b], extra: [x, y], exclude: [{name: a, extra: y}]}', expected: ['ax', 'bx', 'by']},
    {matrix: '{name: [a, b], include: [{name: a, extra: 1}, {name: c, extra: 2}]}', expected: ['a1', 'b', 'c2']},
    {matrix: '{include: [{name: a}, {name: b}]}', expected: ['a', 'b']},
    {matrix: `"\${{ fromJSON('{\\"name\\": [\\"x\\", \\"y\\"]}') }}"`, expected: ['x', 'y']},
    {matrix: `{name: "\${{ fromJSON(needs.x.outputs.names) }}"}`, expected: ['unknown']},
  ])('$matrix has a plan for each leg', async ({matrix, expected}) => {
    expect(await tags(job(matrix))).toEqual(expected)
  })
})

describe('stage and promote', () => {
  const text = `on: {push: {}, pull_request: {}}
jobs:
  stage:
    outputs: {digest: "\${{ steps.stage.outputs.digest }}", tags: "\${{ steps.stage.outputs.tag-names }}"}
    steps:
      - uses: actions/checkout@v5
      - {id: stage, uses: tagboat/tagboat/stage@v1, with: {images: ghcr.io/octocat/app}}
  promote:
    needs: stage
    steps:
      - uses: tagboat/tagboat/promote@v1
        with: {images: ghcr.io/octocat/app, digests: "\${{ needs.stage.outputs.digest }}", tags: "\${{ needs.stage.outputs.tags }}"}`

  test('with digests in files have plans', async () => {
    expect(await tags('with: {images: ghcr.io/octocat/app, tags: a, digests: "file:/tmp/digests"}')).toEqual(['a'])
  })

  test('have plans, although the digest is not known', async () => {
    const {steps} = await simulated(text, release)
    expect(steps.map(({action, state}) => `${action} ${state}`)).toEqual(['stage planned', 'promote planned'])
    expect(steps[1]?.unknown).toEqual([{input: 'digests', names: ['needs.stage.outputs.digest']}])
    expect(steps.map(tagsOf).at(1)).toContain('1.2.3')
  })
})

test('a job that calls the reusable workflow has a plan', async () => {
  const text = `on: push
jobs:
  image:
    uses: tagboat/tagboat/.github/workflows/publish.yml@v1
    with: {tags: called, platforms: linux/arm64=arm, timeout-minutes: 5}`
  expect(await tags(text)).toEqual(['called'])
})
