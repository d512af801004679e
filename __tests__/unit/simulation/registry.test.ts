import {describe, expect, test} from '@jest/globals'
import {boundedRegex} from '../../../src/io/bounded-regex.ts'
import type {EventChoice} from '../../../src/simulation/events/event-choice.ts'
import {simulatedEvent} from '../../../src/simulation/events/simulated-event.ts'
import {parseRegistryTags} from '../../../src/simulation/registry/registry-contents.ts'
import {simulate} from '../../../src/simulation/simulate.ts'
import type {Simulated} from '../../../src/simulation/simulated.ts'

const now = new Date('2026-01-02T03:04:05Z')

async function withTags(choice: EventChoice, held: string, inputs: Record<string, string> = {}): Promise<Simulated> {
  const parsed = parseRegistryTags(held)
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems))
  return simulate({
    action: 'publish',
    inputs: new Map(Object.entries(inputs)),
    event: simulatedEvent(choice, now),
    files: {},
    registry: parsed.contents,
    now,
    regex: boundedRegex(),
  })
}

function outcomes({preview = []}: Simulated): Readonly<Record<string, string>> {
  return Object.fromEntries(
    preview.map(({reference, outcome, code, after}) => [
      reference.tag,
      outcome === 'kept' && after === undefined ? `absent ${code}` : `${outcome} ${code}`,
    ]),
  )
}

const release: EventChoice = {event: 'push', ref: 'refs/tags/v1.2.3'}

describe('the tags of a release', () => {
  test.each([
    {name: 'are new in an empty registry', held: '', expected: {'1.2.3': 'new new-tag', latest: 'new highest-version'}},
    {
      name: 'move away from a lower version',
      held: '1.2.2\nlatest 1.2.2 0123456\n1.2 1.2.2',
      expected: {'1.2.3': 'new new-tag', '1.2': 'moved highest-version', latest: 'moved highest-version'},
    },
    {
      name: 'do not move below a higher version',
      held: '2.0.0\nlatest 2.0.0\n1.2 1.2.2',
      expected: {'1.2': 'moved highest-version', latest: 'kept higher-version'},
    },
    {
      name: 'move up to the higher version that a stopped run has left',
      held: '2.0.0\nlatest 1.0.0\n1.0.0',
      expected: {latest: 'moved moved-to-highest'},
    },
    {
      name: 'stay if the release exists',
      held: '1.2.3 860c190\n1.2 1.2.3\n1 1.2.3\nlatest 1.2.3\nsha-860c190',
      expected: {'1.2.3': 'unchanged up-to-date', '1.2': 'unchanged up-to-date', latest: 'unchanged up-to-date'},
    },
    {
      name: 'of another repository do not count',
      held: 'docker.io/octocat/app:latest 9.0.0',
      expected: {latest: 'new highest-version'},
    },
  ])('$name', async ({held, expected}) => {
    const simulated = await withTags(release, held)
    expect(simulated.failure).toBeUndefined()
    expect(outcomes(simulated)).toMatchObject(expected)
  })

  test('are refused if the version belongs to another commit', async () => {
    const {failure, preview = []} = await withTags(release, '1.2.3 0123456')
    expect(failure?.code).toBe('tag-taken')
    expect(preview.map(({reference, outcome}) => `${reference.tag} ${outcome}`)).toContain('1.2.3 failed')
  })
})

describe('facts that are not given', () => {
  const own = '860c190'

  test.each(['1.2.3\n1.2\nlatest', '["1.2.3", "1.2", "latest"]', `1.2.3 sha256:${'1'.repeat(64)}\n1.2\nlatest`])(
    'missing commits are assumed: %j',
    async (held) => {
      const {failure, notices, plan, preview = []} = await withTags(release, held)
      expect(failure).toBeUndefined()
      expect(plan?.tags).toContainEqual(
        expect.objectContaining({tag: '1.2.3', outcome: 'kept', code: 'commit-unknown'}),
      )
      expect(preview[0]?.reason).toMatch(/not known$/)
      expect(preview.find(({reference}) => reference.tag === 'latest')?.reason).toMatch(/, unless /)
      expect(notices.join()).toMatch(/app:1\.2\.3 .*Otherwise.*`1\.2\.3 COMMIT`/)
    },
  )

  test('a commit after each tag means no assumption', async () => {
    const {notices, preview = []} = await withTags(
      release,
      `1.2.3 ${own}\n1.2 1.2.3\n1 1.2.3\nlatest 1.2.3\nsha-860c190`,
    )
    expect(notices.join()).not.toMatch(/assumes/)
    expect(preview.map(({reason}) => reason).join()).not.toMatch(/not known|unless/)
  })

  test('if-exists: fail shows unknown revisions', async () => {
    const {failure} = await withTags(release, '1.2.3', {'if-exists': 'fail'})
    expect(failure).toMatchObject({code: 'tag-exists', evidence: [expect.stringContaining('revision unknown')]})
  })

  test.each([`3.4.5 ${own}\n3.4.5-abc1234 ${own}`, `3.4.5 3.4.5 ${own}\n3.4.5-abc1234 3.4.5 ${own}`])(
    'names of one release share an image: %j',
    async (held) => {
      const tags = 'type=semver,pattern={{version}}\ntype=raw,value=3.4.5-abc1234'
      const simulated = await withTags({event: 'push', ref: 'refs/tags/v3.4.5'}, held, {tags})
      expect(simulated.failure).toBeUndefined()
      expect(outcomes(simulated)).toMatchObject({
        '3.4.5': 'unchanged up-to-date',
        '3.4.5-abc1234': 'unchanged up-to-date',
      })
    },
  )

  test.each([`1.2.3 1.2.3 ${own}`, `1.2.3 ${own}`])('completing %s names its assumption', async (held) => {
    const simulated = await withTags(release, held, {variant: 'alpine', 'default-variant': 'true'})
    expect(simulated.failure).toBeUndefined()
    expect(outcomes(simulated)).toMatchObject({
      '1.2.3': 'unchanged up-to-date',
      '1.2.3-alpine': 'new completes-release',
    })
    expect(simulated.notices).toContainEqual(expect.stringMatching(/assumes.*same inputs/))
  })

  test('refusals omit build definitions', async () => {
    const held = `1.2.3 0123456\n1.2.3-alpine ${own}`
    const {failure} = await withTags(release, held, {variant: 'alpine', 'default-variant': 'true'})
    expect(failure?.code).toBe('tag-taken')
    expect(failure?.evidence.join()).not.toMatch(/build definition/)
  })

  test('equal dates are not one image', async () => {
    const {plan} = await withTags({event: 'push'}, 'edge 2026-01-09\nmain 2026-01-09')
    expect(plan?.tags).toContainEqual(
      expect.objectContaining({tag: 'main', beforeImage: expect.stringMatching(/main$/)}),
    )
  })
})

test.each([
  {held: 'main 0123456 2026-01-01', expected: 'moved commit-dates'},
  {held: 'main 0123456 2026-01-09', expected: 'kept commit-dates'},
  {held: 'main 0123456', expected: 'moved commit-order-unknown'},
  {held: 'main 860c190', expected: 'moved same-commit'},
])('a branch tag $held is $expected', async ({held, expected}) => {
  expect(outcomes(await withTags({event: 'push'}, held))['main']).toBe(expected)
})

test('a run that does not push has no outcomes', async () => {
  expect((await withTags({event: 'pull_request', fork: true}, 'pr-42')).preview).toBeUndefined()
})

test('the plan and the log name the outcomes', async () => {
  const {plan, log} = await withTags(release, 'latest 1.0.0')
  expect(plan?.tags.at(-1)).toMatchObject({tag: 'latest', outcome: 'moved', code: 'highest-version'})
  expect(log?.tags.at(-1)).toMatch(/^would move +ghcr.io\/octocat\/app:latest from 1\.0\.0: 1\.2\.3 is /)
  expect(log?.last).toContain('move 1 tag')
})

const written = `sha256:${'0123456789ab'.repeat(5)}0123`

test.each([
  {held: 'latest 2.0.0', image: '2.0.0', line: 'at 2.0.0: '},
  {held: `2.0.0\nlatest version=2.0.0 ${written}`, before: written, line: 'at 2.0.0 (sha256:0123456789ab): '},
  {held: '2.0.0\nlatest version=3', image: '3', line: 'at 3: '},
  {held: '2.0.0 0123456\nlatest 0123456', image: '2.0.0', line: 'at 2.0.0: '},
])('$held is shown in the log $line', async ({held, before = null, image, line}) => {
  const {plan, log} = await withTags(release, held)
  const latest = plan?.tags.at(-1)
  expect(latest).toMatchObject({tag: 'latest', outcome: 'kept', before})
  expect(latest !== undefined && 'beforeImage' in latest ? latest.beforeImage : undefined).toBe(image)
  expect(log?.tags.at(-1)).toContain(`would keep   ghcr.io/octocat/app:latest ${line}`)
})

test.each([
  {held: '1.2.3 0123456', points: '1.2.3, revision 0123456'},
  {held: `1.2.3 0123456 ${written}`, points: `${written}, revision 0123456`},
])('a release that is taken by $held points to $points', async ({held, points}) => {
  expect((await withTags(release, held)).failure?.evidence[0]).toBe(`ghcr.io/octocat/app:1.2.3 points to ${points}`)
})

test.each([
  {held: 'main 0123456 2026-01-09', shown: 'commit 0123456'},
  {held: 'main 2026-01-09', shown: 'the image of main'},
  {held: 'main 2026-01-09\nedge 2026-01-09', shown: 'the image of main'},
])('the image of $held is shown as $shown', async ({held, shown}) => {
  const {plan, log} = await withTags({event: 'push'}, held)
  expect(plan?.tags).toContainEqual(
    expect.objectContaining({tag: 'main', outcome: 'kept', before: null, beforeImage: shown}),
  )
  expect(log?.tags.join()).toContain(`ghcr.io/octocat/app:main at ${shown}: `)
})

test('a tag that does not exist is not created in a run that is refused, and the others are kept', async () => {
  const {plan, log} = await withTags(release, '1.2.3 0123456\nlatest 1.2.2')
  const outcomeOf = (name: string): unknown => plan?.tags.find((one) => 'tag' in one && one.tag === name)
  expect(outcomeOf('1.2')).toMatchObject({outcome: 'not-created', before: null, code: 'others-failed'})
  expect(outcomeOf('latest')).toMatchObject({
    outcome: 'kept',
    before: null,
    beforeImage: '1.2.2',
    code: 'others-failed',
  })
  expect(log?.tags.join('\n')).toMatch(/would not create ghcr.io\/octocat\/app:1\.2: other tags would end a real run/)
})

describe('JSON', () => {
  const digest = `sha256:${'1'.repeat(64)}`

  test.each([
    {name: 'a list', json: ['1.2', 'latest 1.2.2'], expected: [{tag: '1.2'}, {tag: 'latest', version: '1.2.2'}]},
    {name: 'tags/list', json: {name: 'octocat/app', tags: ['1.2']}, expected: [{repository: undefined, tag: '1.2'}]},
    {name: 'tags/list of an empty repository', json: {name: 'octocat/app', tags: null}, expected: []},
    {
      name: 'skopeo list-tags',
      json: {Repository: 'ghcr.io/octocat/app', Tags: ['1.2']},
      expected: [{repository: 'ghcr.io/octocat/app', tag: '1.2'}],
    },
    {
      name: 'the versions of a package',
      json: [
        {name: digest, metadata: {package_type: 'container', container: {tags: ['1.2', 'latest']}}},
        {name: digest, metadata: {container: {tags: []}}},
      ],
      expected: [
        {tag: '1.2', digest},
        {tag: 'latest', digest},
      ],
    },
  ])('of $name is read', ({json, expected}) => {
    const parsed = parseRegistryTags(`\n${JSON.stringify(json, null, 2)}\n`)
    expect(parsed).toMatchObject({contents: {tags: expected}})
  })

  test.each([
    {json: '[\n"a"\n"b"]', line: 3, part: 'not valid JSON'},
    {json: '{"errors": []}', line: 1, part: 'no list'},
    {json: '{"tags": "a"}', line: 1, part: 'no list'},
    {json: '[\n"a",\n7\n]', line: 3, part: 'entry 2'},
    {json: '[{"name": "a"}]', line: 1, part: 'entry 1'},
    {json: '[\n"a",\n"b/c"\n]', line: 3, part: 'b/c'},
    {json: '{"name": "b/c",\n"tags": [\n"b/c"]}', line: 3, part: 'b/c'},
    {json: '{"child": [],\n"manifest": {"a": {"tag": ["b/c"]}},\n"tags": ["b/c"]}', line: 3, part: 'b/c'},
    {json: '[\n"a",\n"b"\n', line: 3, part: 'not valid JSON'},
    {json: '[\n"a",\n,\n"b",\n"c"]', line: 3, part: 'not valid JSON'},
    {json: '["a",\n"line 1",\nb,\n"c"]', line: 3, part: 'not valid JSON'},
  ])('$json is refused', ({json, line, part}) => {
    expect(parseRegistryTags(json)).toMatchObject({problems: [{line, message: expect.stringContaining(part)}]})
  })
})

describe('a line', () => {
  test.each([
    {line: 'latest', expected: {tag: 'latest'}},
    {line: 'latest 1.2.2 860c190 2026-01-01', expected: {version: '1.2.2', commit: '860c190', date: '2026-01-01'}},
    {line: 'latest version=20260102, commit=860c190', expected: {version: '20260102', commit: '860c190'}},
    {
      line: 'ghcr.io/a/b:1.2 1.2.3-rc.1 # comment',
      expected: {repository: 'ghcr.io/a/b', tag: '1.2', version: '1.2.3-rc.1'},
    },
    {line: `a sha256:${'0'.repeat(64)}`, expected: {digest: `sha256:${'0'.repeat(64)}`}},
    {line: 'localhost:5000/a:b created=2026-01-01T00:00:00Z', expected: {tag: 'b', date: '2026-01-01T00:00:00Z'}},
  ])('$line is read', ({line, expected}) => {
    expect(parseRegistryTags(`# tags\n\n${line}\n`)).toMatchObject({contents: {tags: [expected]}})
  })

  test.each([
    {line: 'la/test', part: 'la/test'},
    {line: 'latest what', part: 'what'},
    {line: 'latest 1.2.3 1.2.4', part: 'version'},
    {line: 'latest date=yesterday', part: 'yesterday'},
    {line: 'latest size=3', part: 'size=3'},
  ])('$line is refused', ({line, part}) => {
    expect(parseRegistryTags(`a\n${line}`)).toMatchObject({
      problems: [{line: 2, message: expect.stringContaining(part)}],
      others: {tags: [{tag: 'a'}]},
    })
  })
})
