import {describe, expect, test} from '@jest/globals'
import {simulatedText, tagsOfText as tags} from '../../../testing/simulated-tags.ts'

const pull = {event: 'pull_request'} as const
const tagboat = '- uses: tagboat/tagboat@v1'

describe('a field of the payload', () => {
  test.each([
    "contains(github.event.pull_request.labels.*.name, 'publish')",
    "github.event.pull_request.title == 'x'",
    "github.event.pull_request.milestone.title == 'x'",
  ])('that a simulated event cannot know is unknown: %s', async (condition) => {
    const {steps} = await simulatedText(`${tagboat}\n  if: ${condition}`, pull)
    expect(steps).toMatchObject([{state: 'unknown', unknown: [{input: 'if'}]}])
    expect(steps[0]?.unknown[0]?.names[0]).toMatch(/^github\.event\.pull_request\./)
  })

  test.each([
    {
      condition: 'github.event.pull_request.head.repo.fork == false && github.event.pull_request.draft == false',
      expected: ['pr-42'],
    },
    {condition: 'github.event.release.tag_name', expected: ['skipped']},
  ])('that the event determines is known: $condition', async ({condition, expected}) => {
    expect(await tags(`${tagboat}\n  if: ${condition}`, pull)).toEqual(expected)
  })

  test('has the value that is given, also as JSON', async () => {
    const text = `${tagboat}\n  if: contains(github.event.pull_request.labels.*.name, 'publish')`
    const given = (labels: string): {readonly values: Readonly<Record<string, string>>} => ({
      values: {'github.event.pull_request.labels': labels},
    })
    expect(await tags(text, pull, given('[{"name": "publish"}]'))).toEqual(['pr-42'])
    expect(await tags(text, pull, given('[]'))).toEqual(['skipped'])
  })
})

describe('the commit of actions/checkout', () => {
  const after = (lines: string): string =>
    `- uses: actions/checkout@v5\n  with: {${lines}}\n${tagboat}\n  with: {tags: type=sha}`
  test.each([
    {lines: 'ref: develop', names: ['the commit of develop']},
    {lines: 'ref: "${{ vars.REF }}"', names: ['vars.REF']},
    {lines: 'repository: someone/other', names: ['the commit of someone/other']},
  ])('is unknown: $lines', async ({lines, names}) => {
    const {steps} = await simulatedText(after(lines))
    expect(steps).toMatchObject([{state: 'unknown', unknown: [{names}]}])
  })

  test.each([
    {lines: 'fetch-depth: 0', expected: ['sha-860c190']},
    {lines: 'ref: "${{ github.ref }}"', expected: ['sha-860c190']},
    {lines: 'ref: main', expected: ['sha-860c190']},
    {lines: 'repository: someone/other, path: other', expected: ['sha-860c190']},
  ])('is that of the event: $lines', async ({lines, expected}) => {
    expect(await tags(after(lines))).toEqual(expected)
  })

  test('is the head of a pull request', async () => {
    for (const ref of ['${{ github.event.pull_request.head.sha }}', '${{ github.head_ref }}'])
      expect(await tags(after(`ref: "${ref}"`), pull)).toEqual(['sha-3f2a9d1'])
  })
})

describe('a matrix that is not known', () => {
  const job = (input: string): string =>
    `jobs:\n  a:\n    strategy: {matrix: {v: "\${{ fromJSON(needs.list.outputs.all) }}"}}\n    needs: list\n    steps:\n      ${tagboat}\n        with: {tags: "${input}"}`
  test('does not hide what does not depend on it', async () => {
    const {steps} = await simulatedText(job('one'))
    expect(steps).toMatchObject([{state: 'planned', unknown: [{input: 'matrix', names: ['needs.list.outputs.all']}]}])
    expect(await tags(job('one'))).toEqual(['one'])
  })

  test('is the reason for what depends on it', async () => {
    const {steps} = await simulatedText(job('x${{ matrix.v }}'))
    expect(steps).toMatchObject([
      {state: 'unknown', unknown: [{input: 'tags', names: ['needs.list.outputs.all']}, {input: 'matrix'}]},
    ])
  })

  test('can be given', async () => {
    const values = {'needs.list.outputs.all': '["a","b"]'}
    expect(await tags(job('x${{ matrix.v }}'), undefined, {values})).toEqual(['xa', 'xb'])
  })
})

test('a run that publishes nothing has no tags and no version in its plan', async () => {
  const {steps} = await simulatedText('component: web', {event: 'push', ref: 'refs/tags/api/v1.2.3'})
  expect(steps[0]?.result?.plan).toMatchObject({version: null, tags: [], code: 'other-component'})
  const closed = await simulatedText('images: acme/a', {event: 'pull_request', action: 'closed'})
  expect(closed.steps[0]?.result?.plan).toMatchObject({version: null, tags: []})
})

test('a step that prunes is mentioned', async () => {
  const {steps} = await simulatedText('- uses: tagboat/tagboat/prune@v1\n- uses: tagboat/tagboat/prune@v1\n  if: false')
  expect(steps).toMatchObject([
    {action: 'prune', state: 'unknown'},
    {action: 'prune', state: 'skipped'},
  ])
})

test.each([
  {event: 'repository_dispatch', text: 'github.event.action', expected: ['publish']},
  {event: 'issue_comment', text: 'github.event.issue.number', expected: ['42']},
  {event: 'create', text: 'github.event.ref', expected: ['feature']},
])('the payload of $event is that of GitHub', async ({event, text, expected}) => {
  expect(await tags(`tags: type=raw,value=\${{ ${text} }}`, {event})).toEqual(expected)
})
