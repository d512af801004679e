import {boundedRegex} from '../../src/io/bounded-regex.ts'
import type {SimulatedEvent} from '../../src/simulation/events/event-choice.ts'
import {simulate} from '../../src/simulation/simulate.ts'
import {corpusTime, labelsOf, type ExpectedImage} from './corpus.ts'
import type {StepOutputs} from './metadata-action.ts'

interface TagboatStep {
  readonly uses: string
  readonly inputs: Readonly<Record<string, string>>
  readonly env: Readonly<Record<string, string>>
  readonly event: SimulatedEvent
  /** Files of the checkout besides the Dockerfile. */
  readonly files: Readonly<Record<string, string>>
}

/** Runs a step of Tagboat. */
export type RunTagboat = (
  step: TagboatStep,
) => Promise<{readonly image: Omit<ExpectedImage, 'job' | 'matrix'>; readonly outputs: StepOutputs}>

interface Planned {
  readonly push: boolean
  readonly version: string | null
  readonly tags: readonly {readonly reference: string}[]
  readonly labels: readonly string[]
}

/** Step of Tagboat, planned by the code of a real run. @throws Error if the step would fail. */
export const simulatedTagboat: RunTagboat = async ({uses, inputs, env, event, files}) => {
  const [, name = 'publish'] = /^tagboat\/tagboat\/(\w+)@/.exec(uses) ?? []
  const action = name === 'stage' || name === 'promote' ? name : 'publish'
  const request = {
    action,
    inputs: new Map(Object.entries(withDigests(inputs))),
    event,
    env,
    files: {Dockerfile: 'FROM scratch\n', ...files},
  } as const
  const {plan, outputs, failure, skipped} = await simulate({...request, now: corpusTime, regex: boundedRegex()})
  if (failure !== undefined) {
    const evidence = [...failure.evidence, ...failure.problems.map((problem) => JSON.stringify(problem))]
    throw new Error([`${failure.message} [${failure.code}]`, ...evidence].join('\n'))
  }
  const {push, version, tags, labels} = plan as unknown as Planned
  const image = {
    tags: tags.map(({reference}) => reference),
    push: push && skipped === undefined,
    ...(version !== null && {version}),
    labels: labelsOf(labels.join('\n')),
  }
  return {image: action === 'stage' ? {...image, tags: [], byDigest: true} : image, outputs}
}

/** Inputs with digests in place of a folder that another job would have filled. */
function withDigests(inputs: TagboatStep['inputs']): TagboatStep['inputs'] {
  if (inputs['digests']?.startsWith('file:') !== true) return inputs
  const digests = ['a', 'b', 'c'].map((letter) => [letter, `sha256:${letter.repeat(64)}`])
  return {...inputs, digests: JSON.stringify(Object.fromEntries(digests))}
}
