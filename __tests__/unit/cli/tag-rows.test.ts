import {describe, expect, test} from '@jest/globals'
import {tagLines, tagRows} from '../../../src/cli/tag-rows.ts'
import {convertWorkflow} from '../../../src/converter/convert-workflow.ts'
import {boundedRegex} from '../../../src/io/bounded-regex.ts'
import {sampleEvents} from '../../../src/simulation/events/sample-events.ts'
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
      for (const {event, job, tags, before: old = tags} of await tagRows(conversion.text, tools)) {
        const images = expected?.events[titles.get(event) ?? '']?.images ?? []
        const recorded = images.filter((image) => image.job === job && jobs.has(job)).map((image) => image.tags)
        expect(recorded).toContainEqual(old)
      }
    },
  )
})
