import {readFileSync} from 'node:fs'
import path from 'node:path'
import {describe, expect, test} from '@jest/globals'
import {verdictOf} from '../../../src/cli/migration-report.ts'
import {convertWorkflow} from '../../../src/converter/convert-workflow.ts'
import {readWorkflow} from '../../../src/workflow-file/read-workflow.ts'
import {triggeredBy} from '../../../src/workflow-file/triggered-by.ts'
import {sampleEvents} from '../../../src/simulation/events/sample-events.ts'
import {compare, convertedJobs, tagboatAction, withDifferences} from '../../../testing/workflow-corpus/compare.ts'
import {corpus, corpusEvent, type CorpusWorkflow} from '../../../testing/workflow-corpus/corpus.ts'

const workflows = corpus()
const converted = workflows.filter(({text}) => convertWorkflow(text, {action: tagboatAction}).changed)
const runs = converted.flatMap((workflow) =>
  workflow.about.events.map((event) => ({name: workflow.name, event, workflow})),
)

describe('tags, order, version, labels and push are those of the Docker actions', () => {
  test.each(runs)('$name: $event', async ({workflow, event}) => {
    const {before, after, metadataBefore, metadataAfter, unexplainedLabels} = await compare(workflow, event)
    expect(after).toEqual(withDifferences(before, workflow, event))
    expect(metadataAfter).toEqual(metadataBefore)
    expect(unexplainedLabels).toEqual([])
  })
})

describe('a documented difference', () => {
  const documented = workflows.flatMap((workflow) =>
    (workflow.about.differences ?? []).map((difference) => ({name: workflow.name, workflow, difference})),
  )
  const page = readFileSync(path.join(import.meta.dirname, '..', '..', '..', 'docs', 'migrating.md'), 'utf8')

  test.each(documented)('of $name exists, and has a heading in the guide', async ({workflow, difference}) => {
    const {before} = await compare(workflow, difference.event)
    expect(withDifferences(before, workflow, difference.event)[difference.image]).not.toEqual(before[difference.image])
    expect(page).toMatch(new RegExp(String.raw`^#+ ${difference.why.replaceAll(/[.`]/g, String.raw`\$&`)}$`, 'm'))
  })
})

test.each(workflows)('$name has the expected verdict and codes', ({text, about}) => {
  const conversion = convertWorkflow(text, {action: tagboatAction})
  const codes = conversion.remarks.filter(({level}) => level !== 'note').map(({code}) => code)
  expect({verdict: verdictOf(conversion), codes: [...new Set(codes)].sort()}).toEqual({
    verdict: about.expected,
    codes: [...(about.codes ?? [])].sort(),
  })
})

/** Sample events that start a workflow. */
function startedBy({text, about}: CorpusWorkflow): readonly string[] {
  const read = readWorkflow(text)
  if (!('workflow' in read)) throw new Error(read.problems[0]?.message)
  const {on} = read.workflow
  const known = sampleEvents.filter(({id}) => id !== 'fork' && id !== 'closed')
  return known.map(({id}) => id).filter((id) => triggeredBy(on, corpusEvent(id, about)).runs)
}

// A called workflow and a composite action have the events of their callers.
test.each(workflows.filter(({text}) => !/^(?: {2}workflow_call|runs):/m.test(text)))(
  '$name runs for the events that are recorded',
  (workflow) => {
    expect(startedBy(workflow)).toEqual(workflow.about.events)
    expect(Object.keys(workflow.expected?.events ?? {})).toEqual(workflow.about.events)
  },
)

test('a run that is recorded has an image or metadata', () => {
  const empty = runs.filter(({workflow: {expected}, event}) => {
    const run = expected?.events[event]
    return run === undefined || run.images.length + run.metadata.length === 0
  })
  expect(empty.map(({name, event}) => `${name}: ${event}`)).toEqual([])
})

test('a job that was refused has its text of before', () => {
  for (const {name, text} of workflows) {
    const conversion = convertWorkflow(text, {action: tagboatAction})
    if (convertedJobs(conversion).size === 0) expect({name, text: conversion.text}).toEqual({name, text})
  }
})
