import type {Attribute} from '../../inputs/syntax/attributes.ts'
import {inputPlace, inputText, linesOf, Refusal, type JobModel, type JobStep} from '../job-model.ts'
import {isNotPullRequest} from './conditions.ts'
import {writtenAttributes} from '../metadata/written-attributes.ts'

/** Kind of publication, and the inputs for it. */
export interface Push {
  /** `stage` pushes by digest, without tags. */
  readonly kind: 'publish' | 'local' | 'stage'
  /** Value to write; undefined for the default, `keep` for the line as it is. */
  readonly push: string | undefined
  /** Lines of `outputs` to write; undefined for the lines as they are. */
  readonly outputs: readonly string[] | undefined
  /** Names that an output gives to the image, which are tags. */
  readonly names: readonly string[]
}

/** Value of `push` for the line as it is. */
export const keep = 'keep'

/**
 * Decides how the build publishes, by `push`, `load` and `outputs`. As in Buildx, a true `push` makes each image of
 * `outputs` pushed, and a false one changes none of them.
 */
export function pushOf(model: JobModel, build: JobStep): Push {
  const written = switchText(inputText(build, 'push'))
  const entries = linesOf(inputText(build, 'outputs')).map((line) => outputEntry(build, line))
  const pushing = entries.flatMap(({image}) => {
    const push = image && eitherPush(build, written, image.push)
    return image === undefined || push === undefined ? [] : [{...image, push}]
  })
  const [first] = pushing
  if (first === undefined) return {...plainPush(model, written), outputs: undefined, names: []}
  if (pushing.length > 1)
    throw new Refusal(
      'outputs-unknown',
      inputPlace(build, 'outputs'),
      'several outputs push the image',
      'Keep one of them, and name the other images in `tags`.',
    )
  const {push, names, byDigest} = first
  const lines = entries.flatMap(({line, image}) => (image === undefined ? [line] : (image.rest ?? [])))
  const isSame = entries.every(({line}, at) => line === lines[at])
  return {
    kind: byDigest ? 'stage' : 'publish',
    push: push === written ? plainPush(model, written).push : expressionPush(model, push),
    outputs: isSame ? undefined : lines,
    names,
  }
}

/** Value of the push if the input or the output asks for it; undefined if none does. */
function eitherPush(build: JobStep, input: string, output: string): string | undefined {
  if (input === '' || input === 'false' || input === output) return output === 'false' ? undefined : output
  if (output === 'false' || input === 'true') return input
  if (output === 'true') return output
  throw new Refusal(
    'outputs-unknown',
    inputPlace(build, 'outputs'),
    '`push` and `outputs` have different expressions, and Buildx pushes if one of them is true',
    'Write the whole condition in `push`, and remove it from `outputs`.',
  )
}

/** Text of a switch, in lower case if it is known. */
function switchText(text: string): string {
  return /^(?:true|false)$/i.test(text) ? text.toLowerCase() : text
}

function plainPush(model: JobModel, written: string): Pick<Push, 'kind' | 'push'> {
  if (written === '' || written === 'false') return {kind: 'local', push: written === '' ? 'false' : keep}
  if (written === 'true') return {kind: 'publish', push: keep}
  return {kind: 'publish', push: isAuto(model, written) ? undefined : keep}
}

function expressionPush(model: JobModel, value: string): string | undefined {
  return isAuto(model, value) ? undefined : value
}

/**
 * Events other than pull requests for which `push: auto` may not push: other people can cause them. A called workflow has
 * the event of its caller, which may be any of them.
 */
const eventsOfOthers: readonly string[] = ['workflow_run', 'issue_comment', 'workflow_call']

/** Reports whether an expression is what `push: auto` decides. */
function isAuto(model: JobModel, value: string): boolean {
  const inner = /^\$\{\{(?<inner>(?:(?!\}\}).)*)\}\}$/s.exec(value)?.groups?.['inner']
  if (inner === undefined || !isNotPullRequest(inner)) return false
  const {on, kind} = model.workflow
  if (kind === 'action' || eventsOfOthers.some((event) => on.has(event))) return false
  return !on.has('pull_request_target') || /startsWith\(\s*github\.event_name/.test(inner)
}

/** Line of `outputs`. */
interface OutputEntry {
  readonly line: string
  /** Image that it describes; undefined for anything else. */
  readonly image: OutputImage | undefined
}

interface OutputImage {
  /** Value of its push. */
  readonly push: string
  readonly byDigest: boolean
  readonly names: readonly string[]
  /** Line to write if it is pushed; undefined if nothing is left of it. */
  readonly rest: string | undefined
}

function outputEntry(build: JobStep, line: string): OutputEntry {
  const {all: attributes, value} = writtenAttributes(line) ?? {all: [], value: () => undefined}
  const type = value('type') ?? ''
  const byDigest = value('push-by-digest') ?? 'false'
  checkOutput(build, type, byDigest)
  if (!['registry', 'image'].includes(type)) return {line, image: undefined}
  const others = attributes.filter(({name = ''}) => !pushAttributes.includes(name.toLowerCase()))
  return {
    line,
    image: {
      // Buildx pushes an output of this type whatever its `push` is.
      push: type === 'registry' ? 'true' : switchText(value('push') ?? 'false'),
      byDigest: byDigest === 'true',
      names: (value('name') ?? '').split(',').filter((name) => name !== ''),
      rest: others.length === 0 ? undefined : ['type=image', ...others.map(attributeText)].join(','),
    },
  }
}

function checkOutput(build: JobStep, type: string, byDigest: string): void {
  const place = inputPlace(build, 'outputs')
  const remedy = 'Write the outputs without an expression, or convert this job by hand.'
  if (type.includes('${{') || (type === '' && inputText(build, 'outputs').includes('${{')))
    throw new Refusal('outputs-unknown', place, 'the outputs of the build are made by an expression', remedy)
  if (byDigest !== 'true' && byDigest !== 'false')
    throw new Refusal('outputs-unknown', place, '`push-by-digest` is an expression', remedy)
}

const pushAttributes = ['type', 'push', 'push-by-digest', 'name', 'name-canonical', 'store']

function attributeText({name, value}: Attribute): string {
  const text = name === undefined ? value : `${name}=${value}`
  return text.includes(',') || text.includes('"') ? `"${text.replaceAll('"', '""')}"` : text
}
