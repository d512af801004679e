import type {JobStep} from './job-model.ts'

/** Text of a step without the lines that are comments. */
export function stepText({source, step}: JobStep): string {
  const {entries} = source
  if (entries === undefined) return flowText(step)
  return entries
    .flatMap(({name, after, rest}) => [`${name}${after}`, ...rest])
    .filter((line) => !line.trimStart().startsWith('#'))
    .join('\n')
}

function flowText(step: JobStep['step']): string {
  const values = [step.name, step.uses, step.run, step.if, ...step.with.values(), ...step.env.values()]
  return values.map((value) => value?.text ?? '').join('\n')
}

/** Entries of a step that a step of Tagboat does not keep. */
export const replacedEntries: readonly string[] = ['with', 'run', 'working-directory', 'shell']

/** Entries of a script that a promote does not keep. */
export const scriptEntries: readonly string[] = ['working-directory', 'shell', 'env']
