import {usesBuilder, usesEmulation} from '../actions.ts'
import {inputText, type JobModel, type JobStep} from '../job-model.ts'
import type {EntryText} from '../text/entry-text.ts'
import {outputReads} from './references.ts'

/** Input of docker/setup-buildx-action → input of Tagboat. */
const builderInputs: ReadonlyMap<string, string> = new Map([
  ['driver', 'driver'],
  ['driver-opts', 'driver-opts'],
  ['buildkitd-flags', 'buildkitd-flags'],
  ['buildkitd-config', 'buildkitd-config'],
  ['buildkitd-config-inline', 'buildkitd-config-inline'],
  ['config', 'buildkitd-config'],
  ['config-inline', 'buildkitd-config-inline'],
  ['endpoint', 'endpoint'],
  ['append', 'append'],
  ['keep-state', 'keep-state'],
])

/** Texts of the steps that stay, with what they may read. */
type Texts = (step: JobStep) => string

/** Reason to keep the step that creates a builder; undefined if Tagboat takes it over. */
export function reasonToKeepBuilder(model: JobModel, buildx: JobStep, texts: Texts): string | undefined {
  const {step} = buildx
  if (inputText(buildx, 'version') !== '') return 'it installs a version of Buildx'
  if (/^(?:cloud|kubernetes|remote)$/.test(inputText(buildx, 'driver')) && inputText(buildx, 'driver') === 'cloud')
    return 'its driver is `cloud`'
  if (buildx.source.entries?.some(({name}) => name === 'env') === true) return 'it has `env`'
  const id = step.id?.text
  const reader = model.steps.find(
    (one) =>
      one !== buildx && outputReads(readable(one, texts)).some((read) => read.id === id && read.output !== undefined),
  )
  if (id !== undefined && reader !== undefined) return `line ${reader.step.place.line} reads its outputs`
  if (id !== undefined && [...model.job.outputs.values()].some(({text}) => text.includes(`steps.${id}.`)))
    return 'an output of the job reads its outputs'
  const user = model.steps.find(({kind, step: one}) => kind === 'bake' || usesBuilder(one.run?.text ?? ''))
  return user === undefined ? undefined : `the step of line ${user.step.place.line} may use the builder`
}

/** Text of a step, without the input `builder`, which names the builder of an earlier step. */
function readable(step: JobStep, texts: Texts): string {
  const lines = texts(step).split('\n')
  return step.kind === 'build'
    ? lines.filter((line) => !line.trimStart().startsWith('builder:')).join('\n')
    : lines.join('\n')
}

/** Inputs of the builder for a build. */
export function builderEntries(buildx: JobStep | undefined): readonly EntryText[] {
  return (buildx?.source.inputs ?? []).flatMap((input) => {
    const name = builderInputs.get(input.name)
    const isDefault = name === 'driver' && /^:\s*["']?docker(?:-container)?["']?\s*(?:#.*)?$/.test(input.after)
    return name === undefined || isDefault ? [] : [{...input, name}]
  })
}

/** Inputs without a counterpart that a reader may miss. */
export function droppedBuilderInputs(buildx: JobStep): readonly string[] {
  return ['platforms', 'name', 'cleanup'].filter((name) => inputText(buildx, name) !== '')
}

/** Reason to keep the step that installs emulators; undefined if Tagboat takes it over. */
export function reasonToKeepEmulators(model: JobModel, qemu: JobStep, texts: Texts): string | undefined {
  const id = qemu.step.id?.text
  const reader = model.steps.find(
    (one) => one !== qemu && id !== undefined && outputReads(texts(one)).some((read) => read.id === id),
  )
  if (reader !== undefined) return `line ${reader.step.place.line} reads its outputs`
  const user = model.steps.find(({kind, step}) => kind === 'bake' || usesEmulation(step.run?.text ?? ''))
  return user === undefined ? undefined : `the step of line ${user.step.place.line} may need emulators`
}

/** Image of the emulators, if it is pinned. */
export function emulatorEntries(qemu: JobStep | undefined): readonly EntryText[] {
  return (qemu?.source.inputs ?? []).flatMap((input) =>
    input.name === 'image' && input.after.includes('@sha256:') ? [{...input, name: 'qemu-image'}] : [],
  )
}
