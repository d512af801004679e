import {writtenVariables} from '../../workflow-file/step-effects.ts'
import type {WrittenMap} from '../../workflow-file/workflow.ts'
import {movesCommit} from '../differences/other-commit.ts'
import {inputText, Refusal, type JobModel, type JobStep} from '../job-model.ts'
import type {Remarks} from '../remark-list.ts'

/**
 * Requires that a metadata step and its build can be one step at the place of the build: what their inputs read is the
 * same as before.
 * @throws Refusal `variable-differs`, `variable-written`
 */
export function requireOneStep(model: JobModel, build: JobStep, moved: Moved): void {
  requireSameVariables(model, build, moved.meta)
  requireSameState(model, build, moved)
}

/** Metadata step that moves to the place of its build. */
interface Moved {
  readonly meta: JobStep
  readonly remarks: Remarks
}

/** Requires that the variables of both can be those of one step. */
function requireSameVariables(model: JobModel, build: JobStep, meta: JobStep): void {
  const [ofBuild, ofMeta] = [build.step.env, meta.step.env]
  for (const name of readVariables(meta)) {
    const before = ofMeta.get(name)?.text ?? model.env.get(name)
    if (ofBuild.has(name) && ofBuild.get(name)?.text !== before) refuse(meta, ofBuild, name)
  }
  for (const name of readVariables(build)) {
    if (ofBuild.has(name) || !ofMeta.has(name)) continue
    if (ofMeta.get(name)?.text !== model.env.get(name)) refuse(build, ofMeta, name)
  }
}

function refuse({step}: JobStep, other: WrittenMap, name: string): never {
  throw new Refusal(
    'variable-differs',
    other.get(name)?.key ?? step.place,
    `the metadata step and the build become one step, and \`env.${name}\` has another value in the other one`,
    'Give the variable another name in one of the two steps.',
  )
}

/** Requires that no step between them changes what the metadata reads. */
function requireSameState({steps}: JobModel, build: JobStep, {meta, remarks}: Moved): void {
  const read = readVariables(meta).filter((name) => !meta.step.env.has(name))
  for (const one of steps.filter(({index}) => meta.index < index && index < build.index)) {
    const {step, kind} = one
    const {names, others} = writtenVariables(step)
    // An action of the repository is made for this workflow, so it may well write what the workflow reads.
    const isOpen = names === 'unknown' || (others === 'any' && step.uses?.text.trim().startsWith('./') === true)
    const name = read.find((variable) => isOpen || names.includes(variable))
    if (name !== undefined)
      throw new Refusal(
        'variable-written',
        step.place,
        `this step may write \`env.${name}\`, which the metadata step before it reads`,
        'Move the metadata step directly before the build, or use another variable.',
      )
    if (readsCheckout(meta) && changesCheckout(one))
      throw new Refusal(
        'variable-written',
        step.place,
        'this step changes the commit or its Git tags, which the metadata step before it reads',
        'Move the metadata step directly before the build.',
      )
    const [first] = read
    if (first !== undefined && kind === undefined && step.uses !== undefined && others === 'any')
      remarks.note(
        'variable-written',
        step.place,
        `if this action writes \`env.${first}\`, the rules read the new value, and no longer that before it`,
        'Use another variable in this case.',
      )
  }
}

/** Variables that the inputs of a step read as `env.NAME`. */
function readVariables({step}: JobStep): readonly string[] {
  const texts = [...step.with.values()].map(({text}) => text).join('\n')
  return [...texts.matchAll(/\benv(?:\.([\w-]+)|\[\s*'([\w-]+)'\s*\])/g)].flatMap(([, dotted, quoted]) => [
    dotted ?? quoted ?? '',
  ])
}

function changesCheckout(one: JobStep): boolean {
  const script = one.step.run?.text ?? ''
  return one.kind === 'checkout' ? inputText(one, 'path') === '' : movesCommit(script) || makesTag.test(script)
}

function readsCheckout({step}: JobStep): boolean {
  return step.with.get('context')?.text.trim() === 'git'
}

const makesTag = /\bgit\s+(?:-\S+\s+)*tag\b/
