import {digestOf} from '../src/oci/digest.ts'
import type {TagPolicy} from '../src/inputs/inputs.ts'
import type {TargetTag} from '../src/promote/decide/tag-decision.ts'
import {floatingOf, versionsOf} from '../src/plan/version.ts'
import {imageOf, policy, type Publication} from './promotions.ts'
import {propose, pushOf, type ProposalOptions} from './plans.ts'
import {repository} from './states.ts'

export interface RuleRun {
  readonly client: string
  /** The Git tag that starts it. */
  readonly gitTag: string
  /** Lines of `tags`. */
  readonly rules: readonly string[]
  readonly options?: ProposalOptions
  /** The image says nothing of its version. */
  readonly isSilent?: boolean
  readonly policy?: Partial<TagPolicy>
}

/** A run as its rules plan it: what it publishes to a repository, with an image that says what a build writes into it. */
export function publicationOf(
  {client, gitTag, rules, options, isSilent, policy: given}: RuleRun,
  image: string,
): Publication {
  const revision = `of-${gitTag}`
  const proposed = propose({...pushOf(`refs/tags/${gitTag}`), sha: shaOf(gitTag)}, rules, options)
  const place = repository(image)
  const named = proposed.tags.map(({tag, role, source}) => ({reference: {repository: place, tag}, role, source}))
  const tags = [
    ...named,
    ...proposed.references.filter(({reference}) => !named.some((one) => isSame(one, reference.tag))),
  ]
  const version = versionsOf(tags)
  const floating = floatingOf(tags, {...policy, ...given})
  const said = isSilent === true ? {} : saying({version, floating})
  return {client, tags, revision, image: imageOf(`built by ${client}`, {revision, ...said}), retries: 0}
}

/** A whole reference may name a tag that another rule gives too. */
function isSame({reference}: TargetTag, tag: string): boolean {
  return reference.tag === tag
}

function saying(facts: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(facts).filter(([, text]) => text !== ''))
}

/** Each release is of another commit. */
function shaOf(gitTag: string): string {
  return digestOf(Buffer.from(gitTag)).slice('sha256:'.length, 'sha256:'.length + 40)
}
