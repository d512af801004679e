import {expect, test} from '@jest/globals'
import {boundedRegex} from '../../src/io/bounded-regex.ts'
import type {PruneInputs} from '../../src/inputs/prune/policy.ts'
import type {Repository} from '../../src/oci/reference.ts'
import {decideRetention} from '../../src/retention/decide/decide.ts'
import {lifecyclePolicy} from '../../src/retention/lifecycle/lifecycle-policy.ts'
import type {LifecycleText} from '../../src/retention/lifecycle/lifecycle-text.ts'
import {planDeletion} from '../../src/retention/plan-deletion.ts'
import type {RepositoryContent} from '../../src/retention/repository-content.ts'
import type {RetentionDecision} from '../../src/retention/tag-decision.ts'
import {ecrExpired, googleDeleted, type EvaluatedImage} from '../../testing/clouds/lifecycle.ts'
import {
  lifecycleScenes,
  lifecycleStep,
  sceneBranches,
  type LifecycleScene,
  type LifecycleStep,
} from '../../testing/clouds/lifecycle-scenes.ts'
import fc from '../../testing/properties.ts'
import {pruneInputs} from '../../testing/retention-policy.ts'
import {times} from '../../testing/rounds.ts'

const stepInputs: readonly Readonly<Record<string, string>>[] = [
  {},
  {tags: 'type=semver,pattern={{version}}\ntype=semver,pattern={{major}}.{{minor}}\ntype=ref,event=pr\ntype=sha'},
  {tags: "type=schedule,pattern=nightly-{{date 'YYYYMMDD'}}\ntype=ref,event=branch\ntype=ref,event=tag"},
  {
    tags: 'type=edge,branch=develop\ntype=sha\ntype=ref,event=pr\ntype=raw,value=build-{{run}},enable={{is_default_branch}}',
  },
  {tags: 'type=sha,prefix=\ntype=calver,pattern=YYYY.0M.0D\ntype=ref,event=branch,prefix=branch-\ntype=ref,event=pr'},
  {component: 'api', flavor: 'prefix=api-'},
]

const globs = fc.oneof(
  fc.constantFrom('pr-*', 'sha-*', 'feature-*'),
  fc.constantFrom(...'* nightly-* branch-* build-* api-* v* 1* mq-* sha-a* e* a*'.split(' ')),
)
const age = fc.nat({max: 20}).map((days) => (days === 0 ? '' : `,older-than=${days}d`))
const lines = fc.oneof(
  {weight: 3, arbitrary: fc.tuple(globs, age).map(([glob, old]) => `type=match,pattern=${glob}${old}`)},
  fc.tuple(fc.constantFrom('untagged', 'orphan'), age).map(([type, old]) => `type=${type}${old}`),
  fc.constantFrom('type=pr,gone=true', 'type=release,keep=2', 'type=match,pattern=pr-*,keep=2'),
)

const policies: fc.Arbitrary<PruneInputs> = fc
  .record({
    policy: fc.array(lines, {minLength: 1, maxLength: 4}),
    deleteTags: fc.array(globs, {maxLength: 2}),
    excludeTags: fc.array(fc.constantFrom('*-main', 'pr-7', 'v*'), {maxLength: 1}),
    olderThan: fc.constantFrom('0s', '3d', '36h'),
  })
  .map(({policy, deleteTags, excludeTags, olderThan}) =>
    pruneInputs({
      policy: ['type=keep,pattern=keep-me', ...policy].join('\n'),
      'delete-tags': deleteTags.join('\n'),
      'exclude-tags': ['excluded-1', ...excludeTags].join('\n'),
      'older-than': olderThan,
      'keep-deployed': 'false',
    }),
  )

const refs = {defaultBranch: 'main', branches: new Set(sceneBranches), openPulls: new Set([7])}
const regex = boundedRegex()

interface Situation {
  readonly step: LifecycleStep
  readonly scene: LifecycleScene
  readonly inputs: PruneInputs
}

function decided({
  step: {at, component},
  scene: {content, time: now},
  inputs,
}: Situation): readonly RetentionDecision[] {
  const request = {content, inputs, component, refs, deployed: new Set<string>(), source: undefined, regex, now}
  return decideRetention({...request, planner: at(now, 9_999)}).decisions
}

function evaluated({manifests, tags, pushedAt}: RepositoryContent): readonly EvaluatedImage[] {
  return [...manifests].flatMap(([digest, read]) => {
    if (read.kind !== 'read') return []
    const own = [...tags].flatMap(([tag, of]) => (of === digest ? [tag] : []))
    const {children, subject} = read.manifest
    return [{digest, tags: own, pushedAt: pushedAt.get(digest) ?? new Date(0), children, subject}]
  })
}

interface Vendor {
  readonly vendor: 'ecr' | 'google'
  readonly repository: Repository
  readonly evaluate: (text: string, images: readonly EvaluatedImage[], now: Date) => ReadonlySet<string>
}

const vendors: readonly Vendor[] = [
  {
    vendor: 'ecr',
    repository: {host: '123456789012.dkr.ecr.eu-west-1.amazonaws.com', path: 'app'},
    evaluate: ecrExpired,
  },
  {
    vendor: 'google',
    repository: {host: 'europe-docker.pkg.dev', path: 'acme/images/app'},
    evaluate: (text, images, now) => googleDeleted(text, images, {now, image: 'app'}),
  },
]

/** Reports whether a version begins like the tags of a rule, of which a notice says that the registry would take it. */
function hasUnknownVersion({notices}: LifecycleText, decisions: readonly RetentionDecision[]): boolean {
  const prefixes = notices.flatMap((notice) => (notice.code === 'version-prefix' ? notice.prefixes : []))
  return decisions.some(({tag = '', class: name}) => {
    return (name === 'release' || name === 'prerelease') && prefixes.some((prefix) => tag.startsWith(prefix))
  })
}

test('a written policy takes no image that stays', async () => {
  const steps = await Promise.all(stepInputs.map(lifecycleStep))
  const situations = fc
    .constantFrom(...steps)
    .chain((step) => fc.record({step: fc.constant(step), scene: lifecycleScenes(step), inputs: policies}))
  const taken = new Map(vendors.map(({vendor}) => [vendor, 0]))
  fc.assert(
    fc.property(situations, (situation) => {
      const {step, inputs, scene} = situation
      const images = evaluated(scene.content)
      const results = vendors.flatMap(({vendor, repository, evaluate}) => {
        const result = lifecyclePolicy(vendor, {...step, inputs, repository, refs})
        return result.text === undefined ? [] : [{vendor, result, expired: evaluate(result.text, images, scene.time)}]
      })
      if (results.every(({expired}) => expired.size === 0)) return
      const decisions = decided(situation)
      const {kept} = planDeletion({content: scene.content, decisions, keptBesides: new Set()})
      for (const {vendor, result, expired} of results) {
        if (hasUnknownVersion(result, decisions)) continue
        taken.set(vendor, (taken.get(vendor) ?? 0) + expired.size)
        expect([...expired].filter((digest) => kept.has(digest))).toEqual([])
      }
    }),
    {numRuns: times(400)},
  )
  expect([...taken.values()].every((count) => count > 20)).toBe(true)
})
