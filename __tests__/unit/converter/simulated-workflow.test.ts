import {expect, test} from '@jest/globals'
import {convertWorkflow} from '../../../src/converter/convert-workflow.ts'
import {boundedRegex} from '../../../src/io/bounded-regex.ts'
import {simulateWorkflow} from '../../../src/simulation/workflow/simulate-workflow.ts'
import type {SimulatedStep} from '../../../src/simulation/workflow/simulated-workflow.ts'
import {readWorkflow} from '../../../src/workflow-file/read-workflow.ts'
import {convertedJobs, tagboatAction, withDifferences} from '../../../testing/workflow-corpus/compare.ts'
import {corpus, corpusEvent, corpusTime, type CorpusWorkflow} from '../../../testing/workflow-corpus/corpus.ts'

/** Steps of a converted workflow that are not dry runs. */
async function stepsOf({text, about}: CorpusWorkflow, event: string): Promise<readonly SimulatedStep[]> {
  const read = readWorkflow(convertWorkflow(text, {action: tagboatAction}).text)
  if (!('workflow' in read)) throw new Error(read.problems[0]?.message)
  const {workflow} = read
  const files = {Dockerfile: 'FROM scratch\n'}
  const inputs = about.inputs ?? {}
  const simulated = await simulateWorkflow(workflow, {
    // The time of a schedule is one of the workflow.
    event: {...corpusEvent(event, about), isSimulated: true},
    values: {'github.run_id': '1', 'github.run_number': '1'},
    ...{files, inputs, now: corpusTime, regex: boundedRegex()},
  })
  return simulated.steps.filter(({job, index, state}) => {
    const step = workflow.jobs.find(({id}) => id === job)?.steps[index ?? -1]
    return state !== 'skipped' && step?.with.get('dry-run')?.text !== 'true'
  })
}

/** Workflows whose tags need no value that only a run has, and that an event starts. */
const known = corpus().filter(
  ({text, about}) =>
    about.values === undefined &&
    !/^(?: {2}workflow_call|runs):/m.test(text) &&
    convertWorkflow(text, {action: tagboatAction}).changed,
)
const runs = known.flatMap((workflow) => workflow.about.events.map((event) => ({name: workflow.name, event, workflow})))

test.each(runs)('a simulation of $name for $event gives the recorded tags', async ({workflow, event}) => {
  const jobs = convertedJobs(convertWorkflow(workflow.text, {action: tagboatAction}))
  const images = workflow.expected?.events[event]?.images.filter(({job}) => jobs.has(job)) ?? []
  const expected = withDifferences(images, workflow, event).map(({job, tags, push}) => ({job, tags, push}))
  const steps = await stepsOf(workflow, event)
  const tagsOf = ({action, result}: SimulatedStep): readonly unknown[] =>
    action === 'stage' ? [] : (result?.plan?.tags ?? []).map((tag) => ('reference' in tag ? tag.reference : undefined))
  expect(
    steps.map((step) => ({job: step.job, tags: tagsOf(step), push: step.result?.plan?.['push'] === true})),
  ).toEqual(expected)
})
