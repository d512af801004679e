import type {GitContext} from '../context/git-context.ts'
import {movable, versionIn} from './evaluated.ts'
import type {Frame, Version} from './tag-role.ts'
import {formatRepository, type TagRef} from '../oci/reference.ts'
import {framesFitting, isNamed, namedLine, withNaming} from './named-tag-role.ts'
import {lineOfText} from './outcome.ts'
import type {ReferenceProposal} from './proposal.ts'
import type {TagRule} from './rules/rule.ts'

type ReferenceRule = Extract<TagRule, {kind: 'reference'}>

/** The references that the user wrote whole. */
export class WholeReferences {
  readonly #context: GitContext
  readonly #environmentSuffix: string
  readonly #rules: ReferenceRule[] = []

  constructor(context: GitContext, environmentSuffix: string) {
    this.#context = context
    this.#environmentSuffix = environmentSuffix
  }

  take(rule: ReferenceRule): void {
    this.#rules.push(rule)
  }

  get firstTag(): string | undefined {
    return this.#rules[0]?.reference.tag
  }

  /** Of those that are exact, or would be if they were not meant to move. */
  get versions(): readonly Version[] {
    return this.#rules.flatMap(({reference}) => versionIn(lineOfText(reference.tag)) ?? [])
  }

  /** Names that move follow the version of the run, where it has one. `frames`: how the exact tags of the run are written. */
  proposals(ofRun: Version | undefined, frames: readonly Frame[]): readonly ReferenceProposal[] {
    return this.#rules.map(({reference, source, mutable}) => {
      const written = withNaming(lineOfText(reference.tag), reference.tag, this.#context)
      const line = mutable === true ? movable(written) : written
      if (!isNamed(line) || ofRun === undefined) return {reference, line, source}
      const tag = `${reference.tag}${this.#environmentSuffix}`
      const exact = framesFitting(tag, this.#hasExact(reference) ? [] : frames)
      return {reference, line: namedLine({tag, name: reference.tag, named: line.named, exact}, ofRun), source}
    })
  }

  /** Whether another reference is a release in the same repository: there, versions are written as that one is. */
  #hasExact({repository}: TagRef): boolean {
    const name = formatRepository(repository)
    return this.#rules.some(
      ({reference, mutable}) =>
        mutable !== true &&
        formatRepository(reference.repository) === name &&
        lineOfText(reference.tag).kind === 'release',
    )
  }
}
