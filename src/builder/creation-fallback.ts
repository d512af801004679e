import type {Builder} from '../buildx/inspect.ts'
import type {TagboatError} from '../errors/error.ts'
import {formatLacks, type BuilderLack} from '../reasons/builder-reasons.ts'

/** Warning that the current builder builds, because a new one could not be created. */
export function fallbackWarning(
  {message, evidence, remedy}: TagboatError,
  found: Builder,
  optionalLoss: readonly BuilderLack[],
): string {
  const cause = [message.replace(/\.$/, ''), ...evidence.slice(0, 1)].join(': ')
  const isTagged = optionalLoss.some(({code}) => code === 'staging')
  const effect = isTagged ? ' Tags are pushed with the build, before anything is checked.' : ''
  const used = `The current builder "${found.name}" (${found.driver}) builds instead. It cannot ${formatLacks(optionalLoss)}.`
  return `${cause}. ${used}${effect} ${remedy}`
}
