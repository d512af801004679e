import type {WrittenMap} from '../../workflow-file/workflow.ts'
import {movesCommit} from '../differences/other-commit.ts'
import {Refusal, type JobModel, type JobStep} from '../job-model.ts'

/**
 * Requires that a metadata step and its build can be one step at the place of the build: what their inputs read is the
 * same as before.
 * @throws Refusal `variable-differs`, `variable-written`
 */
export function requireOneStep(model: JobModel, build: JobStep, meta: JobStep): void {
  requireSameVariables(model, build, meta)
  requireSameState(model, build, meta)
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
function requireSameState({steps}: JobModel, build: JobStep, meta: JobStep): void {
  const read = readVariables(meta)
  for (const {index, step} of steps) {
    const script = step.run?.text
    if (index <= meta.index || index >= build.index || script === undefined) continue
    const written = writtenVariables(script)
    const name = read.find((one) => !meta.step.env.has(one) && (written.length === 0 || written.includes(one)))
    if (script.includes('GITHUB_ENV') && name !== undefined)
      throw new Refusal(
        'variable-written',
        step.place,
        `this step may write \`env.${name}\`, which the metadata step before it reads`,
        'Move the metadata step directly before the build, or use another variable.',
      )
    if (readsCheckout(meta) && (movesCommit(script) || makesTag.test(script)))
      throw new Refusal(
        'variable-written',
        step.place,
        'this step changes the commit or its Git tags, which the metadata step before it reads',
        'Move the metadata step directly before the build.',
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

/** Variables that a script assigns. Empty if they are not known, such as those of a file. */
function writtenVariables(script: string): readonly string[] {
  return [...script.matchAll(/\b([A-Za-z_]\w*)(?:=|<<)/g)].map(([, name = '']) => name)
}

function readsCheckout({step}: JobStep): boolean {
  return step.with.get('context')?.text.trim() === 'git'
}

const makesTag = /\bgit\s+(?:-\S+\s+)*tag\b/
