import {expect, test} from '@jest/globals'
import {answerPlan} from '../../../playground/worker/plan.ts'
import {verdictTitle} from '../../../playground/plan/verdict-title.ts'
import type {EventAnswer, StepOutcome} from '../../../playground/worker/messages.ts'

/** Outcomes of the steps of a text for an event. */
async function outcomesOf(text: string, id: string): Promise<readonly StepOutcome[]> {
  const event = {id, ref: '', repository: '', defaultBranch: ''}
  const {events} = await answerPlan({kind: 'plan', text, registry: '', values: [], events: [event]})
  return events.flatMap(({steps}) => steps.map(({outcome}) => outcome))
}

test('problems have the remedy for a file, without the one for variables of a job', async () => {
  const [outcome] = await outcomesOf(
    '- uses: tagboat/tagboat@v1\n  with: {imagse: ghcr.io/acme/web, push: what}\n',
    'branch',
  )
  if (outcome?.kind !== 'failed') throw new Error(JSON.stringify(outcome))
  const {evidence, remedy} = outcome.failure
  expect(evidence.map(({text}) => text)).toEqual([
    expect.stringMatching(/^push: /),
    'imagse: unknown input. Did you mean "images"?',
  ])
  expect(remedy).toBe('')
})

test('problems of an input whose name has capitals are at its line', async () => {
  const text =
    '- uses: tagboat/tagboat@v1\n  with:\n    images: ghcr.io/acme/web\n    Tags: |\n      {{branch}}\n      {{nothing}}\n'
  const event = {id: 'branch', ref: '', repository: '', defaultBranch: ''}
  const {events} = await answerPlan({kind: 'plan', text, registry: '', values: [], events: [event]})
  const findings = events.flatMap(({steps}) => steps.flatMap((step) => step.findings))
  expect(findings.map(({from, to}) => text.slice(from, to))).toEqual(['{{nothing}}'])
})

test.each([
  {name: 'a tag of another component', text: 'component: web\n', event: 'version', ref: 'api/v1.2.3'},
  {name: 'a closed pull request', text: 'images: acme/web\n', event: 'closed', ref: ''},
])('$name has no tags and no version', async ({text, event, ref}) => {
  const settings = {id: event, ref, repository: '', defaultBranch: ''}
  const {events} = await answerPlan({kind: 'plan', text, registry: '', values: [], events: [settings]})
  const [outcome] = events.flatMap(({steps}) => steps.map((step) => step.outcome))
  expect(outcome).toMatchObject({kind: 'planned', plan: {pushes: false, tags: [], version: undefined, skipped: []}})
})

test('each step gives a sign of life', async () => {
  const text = [
    'on: push',
    'jobs:',
    '  image:',
    '    strategy:',
    '      matrix: {a: [1, 2], b: [1, 2, 3]}',
    '    steps:',
    '      - uses: tagboat/tagboat@v1',
    '        with: {images: ghcr.io/acme/web}',
    '',
  ].join('\n')
  const events = ['branch', 'version'].map((id) => ({id, ref: '', repository: '', defaultBranch: ''}))
  let signs = 0
  const plan = await answerPlan({kind: 'plan', text, registry: '', values: [], events}, () => {
    signs += 1
  })
  expect(signs).toBe(12)
  expect(plan.events.flatMap(({steps}) => steps)).toHaveLength(12)
})

test('a line of the registry that is not a tag does not hide the other lines', async () => {
  const text = 'images: ghcr.io/acme/web\ntags: latest'
  const event = {id: 'version', ref: '', repository: '', defaultBranch: ''}
  const heldBy = async (registry: string): Promise<readonly unknown[]> => {
    const {registryFindings, events} = await answerPlan(
      {kind: 'plan', text, registry, values: [], events: [event]},
      () => undefined,
    )
    const tags = events.flatMap(({steps}) =>
      steps.flatMap(({outcome}) => (outcome.kind === 'planned' ? outcome.plan.tags : [])),
    )
    return [tags, registryFindings.map(({message}) => message)]
  }
  const [tags] = await heldBy('latest 2.0.0')
  expect(await heldBy('latest 2.0.0\n1.0 what')).toEqual([tags, ['what is not a version, commit, digest or date']])
  expect(tags).not.toEqual((await heldBy(''))[0])
})

/** Answer of the page for an event. */
async function eventOf(text: string, id: string, ref = ''): Promise<EventAnswer> {
  const event = {id, ref, repository: '', defaultBranch: ''}
  const {events} = await answerPlan({kind: 'plan', text, registry: '', values: [], events: [event]})
  const [only] = events
  if (only === undefined) throw new Error('no event')
  return only
}

const titleOf = ({steps}: EventAnswer): readonly string[] =>
  steps.flatMap(({outcome}) => (outcome.kind === 'planned' ? [verdictTitle(outcome.plan)] : []))

test.each(['true', 'registry'])('dry-run: %s publishes nothing on the page', async (dryRun) => {
  const event = await eventOf(`dry-run: ${dryRun}\nimages: a/b\ntags: latest\n`, 'default-branch')
  expect(titleOf(event)).toEqual([expect.stringContaining('Dry run')])
  expect(event).toMatchObject({pushed: 'dry run', steps: [{outcome: {plan: {pushes: false}}}]})
})

test('whole references without images count as repositories', async () => {
  const one = await eventOf('tags: |\n  ghcr.io/a/b:1\n  ghcr.io/a/b:2\n', 'default-branch')
  expect(titleOf(one)).toEqual(['Publishes 2 tags to ghcr.io/a/b'])
  const two = await eventOf('tags: |\n  ghcr.io/a/b:1\n  ghcr.io/a/c:1\n', 'default-branch')
  expect(titleOf(two)).toEqual(['Publishes 1 tag to 2 repositories'])
})

test.each([
  {input: 'push: true', id: 'pull-request', pushed: 'yes'},
  {input: 'push: false', id: 'default-branch', pushed: 'no'},
  {input: 'platforms: linux/amd64', id: 'default-branch', pushed: 'yes'},
  {input: 'platforms: linux/amd64', id: 'pull-request', pushed: 'no'},
  {input: 'push: ${{ vars.PUSH }}', id: 'default-branch', pushed: 'not known'},
  {input: 'dry-run: true', id: 'default-branch', pushed: 'no'},
])('$input with tags that are not known is pushed on $id: $pushed', async ({input, id, pushed}) => {
  const text = `on: [push, pull_request]\njobs:\n  a:\n    steps:\n      - uses: tagboat/tagboat@v1\n        with:\n          images: a/b\n          tags: \${{ vars.TAGS }}\n          ${input}\n`
  expect((await eventOf(text, id)).pushed).toBe(pushed)
})

test.each([
  {id: 'version', ref: 'api/v1.2.3', title: 'Tag api/v1.2.3'},
  {id: 'version', ref: '', title: 'Tag v1.2.3'},
  {id: 'pull-request', ref: 'fix/a', title: 'Pull request'},
])('the row of $id with "$ref" is $title', async ({id, ref, title}) => {
  expect((await eventOf('images: a/b\n', id, ref)).title).toBe(title)
})

test('steps with one name have their numbers as titles', async () => {
  const step = '{uses: tagboat/tagboat@v1, with: {images: a/b}}'
  const {steps} = await eventOf(`on: push\njobs: {a: {steps: [${step}, ${step}]}}\n`, 'branch')
  expect(steps.map(({title}) => title)).toEqual([1, 2].map((number) => `a › tagboat/tagboat@v1 (step ${number})`))
})
