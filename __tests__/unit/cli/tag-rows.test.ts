import {describe, expect, test} from '@jest/globals'
import {tagLines, tagRows} from '../../../src/cli/tag-rows.ts'
import {convertWorkflow} from '../../../src/converter/convert-workflow.ts'
import {boundedRegex, type BoundedRegex} from '../../../src/io/bounded-regex.ts'
import {sampleEvents} from '../../../src/simulation/events/sample-events.ts'
import {cannotSimulate} from '../../../src/simulation/not-simulated.ts'
import {convertedJobs, tagboatAction} from '../../../testing/workflow-corpus/compare.ts'
import {corpus, corpusTime} from '../../../testing/workflow-corpus/corpus.ts'

const tools = {now: corpusTime, regex: boundedRegex()}
const text = `
on: {push: {}, pull_request: {}}
jobs:
  image:
    steps:
      - name: Publish
        uses: tagboat/tagboat@v1
        with:
          images: acme/app
          tags: |
            type=semver,pattern=v{{major}}.{{minor}}
            type=ref,event=branch
          registry-auth: |
            - {username: a, password: b}
`

test('each event has the tags, and those of docker/metadata-action if they differ', async () => {
  expect(tagLines(await tagRows(text, tools))).toEqual([
    '  image: Publish',
    '    Default branch   acme/app:main',
    '    Tag v1.2.3       acme/app:v1.2 acme/app:latest',
    '    Tag v1.3.0-rc.1  acme/app:v1.3.0-rc.1',
    '            before:  acme/app:1.3.0-rc.1',
    '    Pull request     no push, no tag',
  ])
})

test('a text that is not a workflow has no tags', async () => {
  expect(await tagRows('a: [', tools)).toEqual([])
})

test('a step that fails, is not valid or is not known is listed with the reason', async () => {
  const steps = [
    '      - {name: Skipped, if: false, uses: tagboat/tagboat@v1}',
    "      - {name: Open, uses: tagboat/tagboat@v1, with: {tags: '${{ secrets.TAG }}'}}",
    "      - {name: Invalid, uses: tagboat/tagboat@v1, with: {tags: '${{ gitub.ref }}'}}",
    '      - {name: Fails, uses: tagboat/tagboat@v1, with: {tags: type=sem}}',
  ]
  const rows = await tagRows(['on: push', 'jobs:', '  a:', '    steps:', ...steps].join('\n'), tools)
  const ofBranch = rows.filter(({event}) => event === 'Default branch')
  expect(ofBranch).toMatchObject([
    {step: 'Open', tags: [], unknown: ['secrets.TAG']},
    {step: 'Invalid', tags: [], problem: expect.stringMatching(/^tags: .*gitub/)},
    {step: 'Fails', tags: [], problem: expect.stringMatching(/^tags: .* \[input-invalid\]$/)},
  ])
  const lines = tagLines(ofBranch)
  expect(lines[1]).toBe('    Default branch  not known: secrets.TAG')
  expect(lines[3]).toMatch(/^ {4}Default branch {2}fails: tags: .*gitub/)
})

test('a step that cannot be simulated does not fail, and one without names of values has a reason', async () => {
  const regex: BoundedRegex = {
    ...tools.regex,
    match: () => {
      throw cannotSimulate('it uses a regular expression')
    },
  }
  const steps = [
    "      - {uses: tagboat/tagboat@v1, with: {images: acme/app, tags: 'type=match,pattern=v(.*),group=1'}}",
    '      - {if: always(), uses: tagboat/tagboat/prune@v1, with: {images: acme/app}}',
  ]
  const all = await tagRows(['on: push', 'jobs:', '  a:', '    steps:', ...steps].join('\n'), {...tools, regex})
  const rows = all.filter(({event}) => event === 'Tag v1.2.3')
  expect(rows.map(({problem}) => problem)).toEqual([undefined, undefined])
  expect(tagLines(rows)).toEqual([
    '  a: tagboat/tagboat@v1',
    expect.stringMatching(/not known: .* it uses a regular expression\.$/),
    '  a: tagboat/tagboat/prune@v1',
    expect.stringContaining('not known: it deletes'),
  ])
})

describe('the tags of before', () => {
  const titles = new Map(sampleEvents.map(({id, title}) => [title, id]))
  /** Workflows whose tags before and after are those of the rules alone. */
  const plain = corpus().filter(
    ({text: before, about}) =>
      about.values === undefined &&
      about.differences === undefined &&
      convertWorkflow(before, {action: tagboatAction}).changed,
  )
  const named = corpus().filter(({name}) => name === 'literal-pattern')

  test.each([...plain, ...named])(
    'of $name are those that docker/metadata-action gave',
    async ({text: before, expected}) => {
      const conversion = convertWorkflow(before, {action: tagboatAction})
      const jobs = convertedJobs(conversion)
      for (const {event, job, tags, before: old = tags, unknown} of await tagRows(conversion.text, tools)) {
        if (unknown !== undefined) continue
        const images = expected?.events[titles.get(event) ?? '']?.images ?? []
        const recorded = images.filter((image) => image.job === job && jobs.has(job)).map((image) => image.tags)
        expect(recorded).toContainEqual(old)
      }
    },
  )
})
