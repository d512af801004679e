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

/** Decides how the build publishes, by `push`, `load` and `outputs`. */
export function pushOf(model: JobModel, build: JobStep): Push {
  const entries = linesOf(inputText(build, 'outputs')).map((line) => outputEntry(build, line))
  const pushing = entries.filter(({pushes}) => pushes !== undefined)
  const written = inputText(build, 'push')
  if (pushing.length === 0) return {...plainPush(model, written), outputs: undefined, names: []}
  const [first] = pushing
  const value = first?.pushes ?? 'true'
  if (pushing.length > 1)
    throw new Refusal(
      'outputs-unknown',
      inputPlace(build, 'outputs'),
      'several outputs push the image',
      'Keep one of them, and name the other images in `tags`.',
    )
  const isStage = first?.byDigest === true
  return {
    kind: isStage ? 'stage' : 'publish',
    push: written !== '' && written !== 'false' ? keep : expressionPush(model, value),
    outputs: entries.flatMap(({rest}) => (rest === undefined ? [] : [rest])),
    names: first?.names ?? [],
  }
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

interface OutputEntry {
  /** Value of the push; undefined for an output that does not push. */
  readonly pushes: string | undefined
  readonly byDigest: boolean
  readonly names: readonly string[]
  /** Line to write; undefined if nothing is left of it. */
  readonly rest: string | undefined
}

function outputEntry(build: JobStep, line: string): OutputEntry {
  const {all: attributes, value} = writtenAttributes(line) ?? {all: [], value: () => undefined}
  const type = value('type') ?? ''
  const byDigest = value('push-by-digest') ?? 'false'
  checkOutput(build, type, byDigest)
  const push = value('push') ?? (type === 'registry' ? 'true' : 'false')
  if (!['registry', 'image'].includes(type) || push === 'false')
    return {pushes: undefined, byDigest: false, names: [], rest: line}
  const others = attributes.filter(({name = ''}) => !pushAttributes.includes(name.toLowerCase()))
  return {
    pushes: push,
    byDigest: byDigest === 'true',
    names: (value('name') ?? '').split(',').filter((name) => name !== ''),
    rest: others.length === 0 ? undefined : ['type=image', ...others.map(attributeText)].join(','),
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
