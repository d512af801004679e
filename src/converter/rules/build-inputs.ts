import {
  inputPlace,
  inputText,
  Refusal,
  resolved,
  runsForReleasesOnly,
  type JobModel,
  type JobStep,
} from '../job-model.ts'
import type {Remarks} from '../remark-list.ts'
import {newEntry, type EntryText} from '../text/entry-text.ts'
import {ownEntry} from '../values/own-lines.ts'
import {referenceLine, tagLines} from './build-tags.ts'
import {summaryEntries} from '../differences/variables.ts'
import {keep, type Push} from './push.ts'
import {onlyOutput} from './references.ts'
import {requireValid} from '../metadata/valid-lines.ts'
import {possibleTexts} from '../values/matrix-texts.ts'

/** Inputs of docker/build-push-action, which Tagboat has under the same names. */
const buildInputNames: readonly string[] = [
  'add-hosts',
  'allow',
  'annotations',
  'attests',
  'build-args',
  'build-contexts',
  'builder',
  'cache-from',
  'cache-to',
  'call',
  'cgroup-parent',
  'context',
  'file',
  'github-token',
  'labels',
  'load',
  'network',
  'no-cache',
  'no-cache-filters',
  'outputs',
  'platforms',
  'provenance',
  'pull',
  'push',
  'sbom',
  'secret-envs',
  'secret-files',
  'secrets',
  'shm-size',
  'ssh',
  'tags',
  'target',
  'ulimit',
]

interface BuildQuestion {
  readonly meta: JobStep | undefined
  readonly push: Push
  readonly remarks: Remarks
  /** Lines of `tags` that are references. */
  readonly references: readonly string[]
  readonly keepsBuilder: boolean
  /** Whether the tags come from the metadata step. */
  readonly hasTags: boolean
  /** Whether expressions can replace outputs of the metadata step in labels, annotations and build arguments. */
  readonly hasExpressions: boolean
}

/** Inputs of the build for a step of Tagboat. */
export function buildEntries(model: JobModel, build: JobStep, question: BuildQuestion): readonly EntryText[] {
  const {push} = question
  const unknown = [...build.step.with.keys()].find((name) => !buildInputNames.includes(name))
  if (unknown !== undefined)
    throw new Refusal(
      'unknown-input',
      inputPlace(build, unknown),
      `\`${unknown}\` is not an input of docker/build-push-action that is known`,
      'Remove it, or convert this job by hand.',
    )
  const entries = build.source.inputs.flatMap((input) => inputEntry(model, build, {...question, input}))
  const tags =
    build.source.inputs.some(({name}) => name === 'tags') || question.hasTags ? [] : outputTags(model, build, question)
  const context = inputText(build, 'context') === '' ? [newEntry('context', 'git')] : []
  const written = entries.some(({name}) => name === 'push')
  const pushes = written || push.push === undefined || push.push === keep ? [] : [newEntry('push', push.push)]
  return [...tags, ...context, ...entries, ...pushes, ...summaryEntries(model, build)]
}

/** Tags that come from the name of an output alone. */
function outputTags(model: JobModel, build: JobStep, question: BuildQuestion): readonly EntryText[] {
  return question.push.names.length === 0 ? [] : [newEntry('tags', referenceLines(model, build, question))]
}

function inputEntry(
  model: JobModel,
  build: JobStep,
  question: BuildQuestion & {readonly input: EntryText},
): readonly EntryText[] {
  const {input} = question
  switch (input.name) {
    case 'tags':
      return question.hasTags ? [] : tagsEntry(model, build, question)
    case 'push':
    case 'outputs':
      return pushEntry(question)
    case 'labels':
    case 'annotations':
    case 'build-args':
      return ownEntry(model, build, {...question, name: input.name})
    default:
      return isTakenOver(build, question) ? [] : [input]
  }
}

function pushEntry({input, push}: BuildQuestion & {readonly input: EntryText}): readonly EntryText[] {
  if (input.name === 'outputs') {
    if (push.outputs === undefined) return [input]
    return push.outputs.length === 0 ? [] : [newEntry('outputs', push.outputs)]
  }
  if (push.push === undefined) return []
  return [push.push === keep ? input : {...newEntry('push', push.push), lead: input.lead}]
}

/** Reports whether an input is not needed: an empty context, or the builder of a step that goes. */
function isTakenOver(build: JobStep, {input, keepsBuilder}: BuildQuestion & {readonly input: EntryText}): boolean {
  if (input.name === 'context') return inputText(build, 'context') === ''
  return input.name === 'builder' && !keepsBuilder && onlyOutput(inputText(build, 'builder'))?.output === 'name'
}

function tagsEntry(
  model: JobModel,
  build: JobStep,
  question: BuildQuestion & {readonly input: EntryText},
): readonly EntryText[] {
  const lines = referenceLines(model, build, question)
  if (lines.length === 0) return []
  const before = tagLines(inputText(build, 'tags'))
  const isSame = before.length === lines.length && before.every((line, at) => line === lines[at])
  return [
    isSame && !question.input.after.includes(',')
      ? question.input
      : {...newEntry('tags', lines), lead: question.input.lead},
  ]
}

/** Lines of `tags` for references, with a tag each. */
export function referenceLines(
  model: JobModel,
  build: JobStep,
  {references, push, remarks}: Pick<BuildQuestion, 'references' | 'push' | 'remarks'>,
): readonly string[] {
  const isMovable = !runsForReleasesOnly(model)
  const place = inputPlace(build, 'tags')
  const lines = references.length > 0 ? references : push.names
  const converted = lines.map((line) => {
    const {text, unknown} = referenceLine(line, model.env)
    const possible = possibleTexts(resolved(line, model.env), model).map((one) => referenceLine(one, model.env))
    const exact = possible.some((one) => one.exact)
    const mayBeExact = possible.some((one) => one.mayBeExact)
    if (mayBeExact && isMovable && push.kind !== 'local')
      remarks.note(
        'exact-unknown',
        place,
        `if \`${line}\` has a full version that moves, the next commit fails`,
        'Add `,mutable=true` to the line then.',
      )
    if (unknown)
      remarks.note(
        'tags-expression',
        place,
        `it is not known whether \`${line}\` has a tag; without a colon, Tagboat reads it as a tag of the default image`,
        'Make sure that it is a whole reference, such as acme/app:latest.',
      )
    if (!exact || !isMovable || push.kind === 'local') return text
    remarks.note(
      'exact-moves',
      place,
      `\`${line}\` is a full version also when no release is made, so it got \`mutable=true\``,
      'Remove `mutable=true` if the version must never be replaced.',
    )
    return `${text},mutable=true`
  })
  requireValid({name: 'tags', lines: converted, placeOf: () => place})
  return converted
}

/** Entries of the same name become one: the lines of the second follow those of the first. */
export function joinedTexts(
  first: readonly EntryText[],
  second: readonly EntryText[],
  texts: (name: string) => readonly string[],
): readonly EntryText[] {
  const shared = second.filter(({name}) => first.some((one) => one.name === name)).map(({name}) => name)
  return [
    ...first.map((entry) => (shared.includes(entry.name) ? newEntry(entry.name, texts(entry.name)) : entry)),
    ...second.filter(({name}) => !shared.includes(name)),
  ]
}
