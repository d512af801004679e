/** Image as a registry evaluates its lifecycle policy. */
export interface EvaluatedImage {
  readonly digest: string
  readonly tags: readonly string[]
  readonly pushedAt: Date
  readonly children: readonly string[]
  readonly subject: string | undefined
}

const dayMs = 86_400_000

interface EcrRule {
  readonly rulePriority: number
  readonly selection: {
    readonly tagStatus: 'tagged' | 'untagged' | 'any'
    readonly tagPatternList?: readonly string[]
    readonly tagPrefixList?: readonly string[]
    readonly countType: 'imageCountMoreThan' | 'sinceImagePushed'
    readonly countUnit?: 'days'
    readonly countNumber: number
  }
  readonly action: {readonly type: 'expire'}
}

/**
 * Images that a lifecycle policy of Amazon ECR deletes until nothing more goes, by its evaluation rules
 * (https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html#lp_evaluation_rules): an image belongs to the
 * first rule whose tag requirement it meets, all rules are evaluated as if nothing was deleted, what an index contains stays
 * while that exists, and referrers go with their subject.
 * @throws Error for a policy that Amazon ECR refuses.
 */
export function ecrExpired(text: string, all: readonly EvaluatedImage[], now: Date): ReadonlySet<string> {
  const {rules} = JSON.parse(text) as {readonly rules: readonly EcrRule[]}
  requireValid(text, rules)
  const sorted = rules.toSorted((a, b) => a.rulePriority - b.rulePriority)
  const expired = new Set<string>()
  for (;;) {
    const images = all.filter(({digest}) => !expired.has(digest))
    const subjects = new Set(images.map(({digest}) => digest))
    const contained = new Set(images.flatMap(({children}) => children))
    const evaluated = images.filter(({subject}) => subject === undefined || !subjects.has(subject))
    const marks = new Map(sorted.map((rule) => [rule, markedBy(rule, evaluated, now)]))
    const going = evaluated.filter((image) => {
      const rule = sorted.find((one) => meets(one, image))
      const isOrphan = image.subject !== undefined && expired.has(image.subject)
      return (
        isOrphan || (rule !== undefined && marks.get(rule)?.has(image.digest) === true && !contained.has(image.digest))
      )
    })
    if (going.length === 0) return expired
    for (const {digest} of going) expired.add(digest)
  }
}

/** https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html and …/service-quotas.html */
function requireValid(text: string, rules: readonly EcrRule[]): void {
  const patterns = rules.flatMap(({selection}) => selection.tagPatternList ?? [])
  const numbers = rules.map(({selection}) => selection.countNumber)
  const last = rules
    .toSorted((a, b) => a.rulePriority - b.rulePriority)
    .findIndex(({selection}) => selection.tagStatus === 'any')
  const problems = [
    text.length < 100 || text.length > 30_720,
    rules.length === 0 || rules.length > 50,
    new Set(rules.map(({rulePriority}) => rulePriority)).size < rules.length,
    new Set(patterns).size < patterns.length,
    patterns.some((pattern) => pattern.split('*').length > 5 || !/^[A-Za-z0-9._*-]+$/.test(pattern)),
    rules.filter(({selection}) => selection.tagStatus === 'untagged').length > 1,
    last !== -1 && last < rules.length - 1,
    numbers.some((number) => !Number.isInteger(number) || number < 1),
    rules.some(({selection: {tagStatus, tagPatternList, countType, countUnit}}) => {
      return (
        (tagStatus === 'tagged') !== (tagPatternList !== undefined) ||
        (countType === 'sinceImagePushed') !== (countUnit === 'days')
      )
    }),
  ]
  if (problems.includes(true)) throw new Error(`Amazon ECR refuses this policy (${problems.indexOf(true)}): ${text}`)
}

function meets({selection: {tagStatus, tagPatternList = []}}: EcrRule, {tags}: EvaluatedImage): boolean {
  if (tagStatus !== 'tagged') return tagStatus === 'any' || tags.length === 0
  return tags.length > 0 && tagPatternList.every((pattern) => tags.some((tag) => wildcard(pattern).test(tag)))
}

function wildcard(pattern: string): RegExp {
  return new RegExp(
    `^${pattern
      .split('*')
      .map((part) => part.replaceAll('.', '\\.'))
      .join('.*')}$`,
  )
}

function markedBy(rule: EcrRule, images: readonly EvaluatedImage[], now: Date): ReadonlySet<string> {
  const {countType, countNumber} = rule.selection
  const selected = images
    .filter((image) => meets(rule, image))
    .toSorted((a, b) => b.pushedAt.getTime() - a.pushedAt.getTime())
  const marked =
    countType === 'imageCountMoreThan'
      ? selected.slice(countNumber)
      : selected.filter(({pushedAt}) => now.getTime() - pushedAt.getTime() > countNumber * dayMs)
  return new Set(marked.map(({digest}) => digest))
}

interface GooglePolicy {
  readonly name: string
  readonly action: {readonly type: 'Keep' | 'Delete'}
  readonly condition: {
    readonly tagPrefixes?: readonly string[]
    readonly versionNamePrefixes?: readonly string[]
    readonly packageNamePrefixes?: readonly string[]
    readonly olderThan?: string
    readonly newerThan?: string
  }
}

/**
 * Images of a package that cleanup policies of Google Artifact Registry delete: what a policy with the action Keep selects
 * stays, all conditions of a policy hold together, and what an index contains stays while that exists
 * (https://cloud.google.com/artifact-registry/docs/repositories/cleanup-policy-overview,
 * google/devtools/artifactregistry/v1/repository.proto of https://github.com/googleapis/googleapis).
 * @throws Error for policies that Google refuses.
 */
export function googleDeleted(
  text: string,
  all: readonly EvaluatedImage[],
  {now, image}: {readonly now: Date; readonly image: string},
): ReadonlySet<string> {
  const policies = JSON.parse(text) as readonly GooglePolicy[]
  const names = policies.map(({name}) => name)
  if (policies.length === 0 || policies.length > 10 || new Set(names).size < names.length)
    throw new Error(`Google refuses these policies: ${text}`)
  const selected = (type: 'Keep' | 'Delete', one: EvaluatedImage): boolean =>
    policies.some(({action, condition}) => action.type === type && holds(condition, one, {now, image}))
  const deleted = new Set<string>()
  for (;;) {
    const images = all.filter(({digest}) => !deleted.has(digest))
    const contained = new Set(images.flatMap(({children}) => children))
    const going = images.filter(
      (one) => selected('Delete', one) && !selected('Keep', one) && !contained.has(one.digest),
    )
    if (going.length === 0) return deleted
    for (const {digest} of going) deleted.add(digest)
  }
}

function holds(
  condition: GooglePolicy['condition'],
  {digest, tags, pushedAt}: EvaluatedImage,
  {now, image}: {readonly now: Date; readonly image: string},
): boolean {
  const {tagPrefixes, versionNamePrefixes, packageNamePrefixes, olderThan, newerThan} = condition
  const age = now.getTime() - pushedAt.getTime()
  return (
    (tagPrefixes?.some((prefix) => tags.some((tag) => tag.startsWith(prefix))) ?? true) &&
    (versionNamePrefixes?.some((prefix) => digest.startsWith(prefix)) ?? true) &&
    (packageNamePrefixes?.some((prefix) => image.startsWith(prefix)) ?? true) &&
    (olderThan === undefined || age > msOf(olderThan)) &&
    (newerThan === undefined || age < msOf(newerThan))
  )
}

function msOf(duration: string): number {
  const [, number, unit] = /^(\d+)([ds])$/.exec(duration) ?? []
  if (number === undefined) throw new Error(`Google refuses the duration ${duration}`)
  return Number(number) * (unit === 'd' ? dayMs : 1000)
}
