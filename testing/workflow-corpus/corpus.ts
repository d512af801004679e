import {existsSync, readdirSync, readFileSync} from 'node:fs'
import path from 'node:path'
import type {EventChoice, SimulatedEvent} from '../../src/simulation/events/event-choice.ts'
import {sampleEvents} from '../../src/simulation/events/sample-events.ts'
import {eventOf, simulatedEvent} from '../../src/simulation/events/simulated-event.ts'

/** Folder of the workflows. */
export const corpusFolder = path.join(import.meta.dirname, '..', '..', '__tests__', 'fixtures', 'workflows')

/** Result of the converter for a whole workflow. */
export type Outcome = 'converted' | 'partial' | 'refused' | 'nothing'

/** Difference between a converted workflow and the Docker actions that is documented in docs/migrating.md. */
export interface DocumentedDifference {
  readonly event: string
  /** Position of the image among those of the run. */
  readonly image: number
  /** Tags that Tagboat gives instead. */
  readonly tags?: readonly string[]
  /** Version as an output, and as a label. */
  readonly version?: string
  readonly push?: boolean
  /** Heading or number of the difference in docs/migrating.md. */
  readonly why: string
}

/** Content of `about.json`. */
export interface About {
  readonly construct: string
  readonly expected: Outcome
  /** Codes of the parts that stay or are refused. */
  readonly codes?: readonly string[]
  /** Sample events that start the workflow. */
  readonly events: readonly string[]
  /** Inputs of a manual run. */
  readonly inputs?: Readonly<Record<string, string>>
  /** Values that only a run knows, by name: `env.IMAGE`, `steps.prepare.outputs.tags`. */
  readonly values?: Readonly<Record<string, string>>
  /** Files of the checkout that a step reads. */
  readonly files?: Readonly<Record<string, string>>
  readonly differences?: readonly DocumentedDifference[]
}

/** Image that a job builds or joins, as the Docker actions would. */
export interface ExpectedImage {
  readonly job: string
  /** Values of the matrix of this run of the job. */
  readonly matrix?: Readonly<Record<string, unknown>>
  readonly tags: readonly string[]
  readonly push: boolean
  /** Output of the metadata step that gives the tags. */
  readonly version?: string
  readonly labels: Readonly<Record<string, string>>
  readonly buildArgs?: readonly string[]
  /** Whether the image has no tags yet, because another job joins its digest with others. */
  readonly byDigest?: true
}

/** Metadata step whose outputs were recorded. */
export interface ExpectedMetadata {
  readonly job: string
  readonly id: string
  readonly tags: readonly string[]
  readonly version: string
}

/** Run of a workflow with the Docker actions. */
export interface ExpectedRun {
  readonly images: readonly ExpectedImage[]
  readonly metadata: readonly ExpectedMetadata[]
}

/** Content of `expected.json`. */
export interface Expected {
  readonly recordedWith: string
  readonly events: Readonly<Record<string, ExpectedRun>>
}

/** Workflow of the corpus. */
export interface CorpusWorkflow {
  readonly name: string
  readonly text: string
  readonly about: About
  /** Recording, if there is one yet. */
  readonly expected: Expected | undefined
}

/** Workflows of the corpus, by name. */
export function corpus(): readonly CorpusWorkflow[] {
  return readdirSync(corpusFolder, {withFileTypes: true})
    .filter((entry) => entry.isDirectory())
    .map(({name}) => load(name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

function load(name: string): CorpusWorkflow {
  const file = (base: string): string => path.join(corpusFolder, name, base)
  const read = (base: string): string => readFileSync(file(base), 'utf8')
  return {
    name,
    text: read('before.yml'),
    about: JSON.parse(read('about.json')) as About,
    expected: existsSync(file('expected.json')) ? (JSON.parse(read('expected.json')) as Expected) : undefined,
  }
}

/** Time of all simulated runs of the corpus. */
export const corpusTime = new Date('2026-03-14T15:09:26.000Z')

/** Facts of the repository, so that standard labels have values. */
const repositoryFacts = {
  description: 'An application, for tests',
  license: {key: 'apache-2.0', name: 'Apache License 2.0', spdx_id: 'Apache-2.0'},
}

/** Sample event as both sides of the comparison see it. */
export function corpusEvent(id: string, about: Pick<About, 'inputs'> = {}): SimulatedEvent {
  const sample = sampleEvents.find((one) => one.id === id)
  if (sample === undefined) throw new Error(`There is no event ${id}`)
  const choice: EventChoice = {...sample.choice, ...(about.inputs && {inputs: about.inputs})}
  const {environment, payload} = simulatedEvent(choice, corpusTime)
  const repository = {...(payload['repository'] as Record<string, unknown>), ...repositoryFacts}
  return eventOf(environment, {...payload, repository})
}

/** Lines of a text that are not blank, without the space around them. */
export function lines(text = ''): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

/** Labels of lines such as `key=value`. */
export function labelsOf(text: string | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(
    lines(text).map((line) => {
      const at = line.indexOf('=')
      return [line.slice(0, at), line.slice(at + 1)]
    }),
  )
}
