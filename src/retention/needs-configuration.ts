import {youngestDate} from './ages.ts'
import {factsOf} from './classes/image-statement.ts'
import type {RepositoryContent} from './repository-content.ts'

/**
 * Reports whether the configuration of an image may add what nothing else states: its age, or its commit, which labels
 * state for images without annotations.
 */
export function needsConfiguration(content: RepositoryContent, digest: string, now: Date): boolean {
  if (factsOf(content, digest).revision === undefined) return true
  return content.taggedAt.size === 0 && youngestDate(content, {digest}, now) === undefined
}
