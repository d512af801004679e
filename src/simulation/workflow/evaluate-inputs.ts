import {hasInput, isInputName, specOf} from '../../inputs/spec/all-inputs.ts'
import {digestFilePrefix} from '../../inputs/promote-inputs.ts'
import type {PublishingAction} from '../../inputs/spec/action-names.ts'
import {evaluateText} from '../../workflow-file/expressions/evaluate-text.ts'
import type {Scope} from '../../workflow-file/expressions/evaluate-expression.ts'
import {secretText} from '../../workflow-file/expressions/secret-text.ts'
import type {Written, WrittenMap} from '../../workflow-file/workflow.ts'
import {unknownImage} from '../registry/invented-digests.ts'
import {fileFact, fileOf} from '../values/fact-names.ts'
import type {ExpressionFault, UnknownInput} from './simulated-workflow.ts'

/** Texts of a map, as far as they are known. */
export interface EvaluatedMap {
  readonly values: ReadonlyMap<string, string>
  readonly unknown: readonly UnknownInput[]
  readonly faults: readonly ExpressionFault[]
}

/** Evaluates the texts of a map, such as `with` or `env`. */
export function evaluateMap(map: WrittenMap, scope: Scope): EvaluatedMap {
  const values = new Map<string, string>()
  const unknown: UnknownInput[] = []
  const faults: ExpressionFault[] = []
  for (const [key, written] of map) {
    const evaluated = evaluateText(written.text, scope)
    if ('value' in evaluated) values.set(key, evaluated.value)
    else if ('unknown' in evaluated) unknown.push({input: key, names: evaluated.unknown})
    else faults.push(faultOf(key, written, evaluated.problem))
  }
  return {values, unknown, faults}
}

/** Fault of an expression, at the place of its text. */
export function faultOf(key: string, {place}: Pick<Written, 'place'>, message: string): ExpressionFault {
  return {key, place, message}
}

/** Inputs that tags and the decision to push depend on. */
const decisive: ReadonlySet<string> = new Set([
  ...['images', 'tags', 'flavor', 'environment', 'environment-style', 'component', 'version', 'variant'],
  ...['default-variant', 'unique-branch-tags', 'metadata-context', 'max-tag-length', 'push', 'floating', 'if-exists'],
  ...['on-stale', 'withdrawn', 'closed', 'from'],
])

/** Reports whether the plan depends on an input. Other inputs can be unknown. */
export function isDecisive(input: string): boolean {
  return decisive.has(input.toLowerCase())
}

/** Input of a promote whose digests an earlier step downloads as files, unless they are given. */
export function digestFiles(
  values: ReadonlyMap<string, string>,
  files: Readonly<Record<string, string>> = {},
): readonly UnknownInput[] {
  const text = values.get('digests')?.trim() ?? ''
  if (!text.startsWith(digestFilePrefix)) return []
  const fact = fileFact(text.slice(digestFilePrefix.length).trim())
  const isGiven = Object.keys(files).some((name) => fileFact(name) === fact)
  return isGiven ? [] : [{input: 'digests', names: [digestsIn(fact)]}]
}

/** Name of the digests of a file, or of a directory, which is what a path without an extension is in general. */
function digestsIn(fact: string): string {
  return /[^/]\.\w+$/.test(fact) ? fact : `the digests in ${fileOf(fact) ?? fact}`
}

/**
 * Values in place of those that only a run can give, for inputs that the plan does not depend on: a digest, and a text for
 * what must not be empty. Others are left out.
 */
export function standIns(unknown: readonly UnknownInput[], action: PublishingAction): ReadonlyMap<string, string> {
  const entries = unknown.flatMap(({input}): readonly (readonly [string, string])[] => {
    const name = input.toLowerCase()
    if (isDecisive(name) || !isInputName(name) || !hasInput(action, name)) return []
    if (name === 'digests') return [[name, unknownImage[0]]]
    const {secret, form} = specOf(name, action)
    const isNeeded = form === 'text' && (secret === true || name === 'username')
    return isNeeded ? [[name, secretText(name)]] : []
  })
  return new Map(entries)
}
