import {digestOf} from '../src/oci/digest.ts'
import type {TagPolicy} from '../src/inputs/inputs.ts'
import type {TargetTag} from '../src/promote/decide/tag-decision.ts'
import {floatingOf, versionsOf} from '../src/plan/version.ts'
import {imageOf, policy, type Publication} from './promotions.ts'
import {propose, pushOf, type ProposalOptions} from './plans.ts'
import {repository} from './states.ts'

/** Run with rules for tags. */
export interface RuleRun {
  /** Name of the run. */
  readonly client: string
  /** Git tag that starts the run. */
  readonly gitTag: string
  /** Lines of `tags`. */
  readonly rules: readonly string[]
  readonly options?: ProposalOptions
  /** Whether the image lacks the annotations for its version. Default: false. */
  readonly isUnstated?: boolean
  readonly policy?: Partial<TagPolicy>
}

/** Plans a run by its rules, with an image that has the same annotations as after a build. */
export function publicationOf(
  {client, gitTag, rules, options, isUnstated, policy: policyChanges}: RuleRun,
  image: string,
): Publication {
  const revision = `of-${gitTag}`
  const proposed = propose({...pushOf(`refs/tags/${gitTag}`), sha: shaOf(gitTag)}, rules, options)
  const target = repository(image)
  const named = proposed.tags.map(({tag, role, source}) => ({reference: {repository: target, tag}, role, source}))
  const tags = [
    ...named,
    ...proposed.references.filter(({reference}) => !named.some((one) => isSame(one, reference.tag))),
  ]
  const version = versionsOf(tags)
  const floating = floatingOf(tags, {...policy, ...policyChanges})
  const versionFacts = isUnstated === true ? {} : withoutEmpty({version, floating})
  return {client, tags, revision, image: imageOf(`built by ${client}`, {revision, ...versionFacts}), retries: 0}
}

/** Whether a whole reference has the tag of another rule. */
function isSame({reference}: TargetTag, tag: string): boolean {
  return reference.tag === tag
}

function withoutEmpty(facts: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(facts).filter(([, text]) => text !== ''))
}

/** Commit ID of a release. */
function shaOf(gitTag: string): string {
  return digestOf(Buffer.from(gitTag)).slice('sha256:'.length, 'sha256:'.length + 40)
}
