import {runPlanners} from '../../src/commands/prune/run-planners.ts'
import {Problems} from '../../src/inputs/problem.ts'
import {tagPlanner, type PlannedEvent, type TagPlanner} from '../../src/plan/tag-planner.ts'
import {readStep} from '../../src/prepare/read-step.ts'
import type {RunPlanners} from '../../src/retention/lifecycle/event-forms.ts'
import {fakeIo} from '../fake-io.ts'
import {pushOf} from '../plans.ts'
import fc from '../properties.ts'
import {testContent, type TestManifest} from '../retention.ts'
import {now} from '../retention-policy.ts'
import type {RepositoryContent} from '../../src/retention/repository-content.ts'

/** Step that publishes images, and prunes them. */
export interface LifecycleStep {
  readonly planners: RunPlanners
  readonly component: string | undefined
  /** Planner of a run. */
  readonly at: (time: Date, number: number) => TagPlanner
}

/** Step with these inputs, in a repository with the default branch `main`. */
export async function lifecycleStep(inputs: Readonly<Record<string, string>>): Promise<LifecycleStep> {
  const io = fakeIo({inputs: new Map(Object.entries({images: 'registry.example/acme/app', ...inputs}))})
  const problems = new Problems()
  const {inputs: read, ...step} = await readStep(io, 'publish', problems)
  problems.throwIfAny()
  const planned = {...step, image: read.image, regex: io.regex, now: io.now()}
  const context = pushOf('refs/heads/main')
  const [first, second] = runPlanners(planned, context)
  return {
    planners: [memoized(first), memoized(second)],
    component: read.image.component,
    at: (time, number) => {
      const run = {...context.run, number: String(number)}
      return tagPlanner({...planned, now: time}, {...context, run, commitDate: time.toISOString()})
    },
  }
}

function memoized(planner: TagPlanner): TagPlanner {
  const known = new Map<string, ReturnType<TagPlanner>>()
  return (event) => {
    const key = JSON.stringify(event)
    const names = known.get(key) ?? planner(event)
    known.set(key, names)
    return names
  }
}

/** Branches of the repository. `pr-fix` looks like the tag of a pull request. */
export const sceneBranches = ['main', 'develop', 'feature-a', 'pr-fix', 'nightly-fix']

/** Tags of some images that are not of their event. */
export const stayingTags = ['keep-me', 'excluded-1']

const commits = ['860c1904a1ce19322e91ac35af1ab07466440c37', '12ab34cd56ef12ab34cd56ef12ab34cd56ef12ab', 'a'.repeat(40)]

/** Event of which an image has tags. */
const events: fc.Arbitrary<{readonly event: PlannedEvent; readonly ref: string}> = fc.oneof(
  fc
    .constantFrom(...sceneBranches, 'feature-gone')
    .map((branch) => ({event: {kind: 'branch', branch} as const, ref: `refs/heads/${branch}`})),
  {
    weight: 3,
    arbitrary: fc.constantFrom(7, 12, 13, 14, 15, 16).map((number) => {
      return {event: {kind: 'pull', number, headRef: 'feature-a'} as const, ref: `refs/pull/${number}/merge`}
    }),
  },
  fc
    .constantFrom(
      'v1.2.3',
      'v1.2.4',
      '1.3.0-rc.1',
      'v1.3.0-rc.2',
      'v2026.11.30',
      'api/v1.0.0',
      'build-7',
      'nightly-final',
    )
    .map((tag) => ({event: {kind: 'tag', tag} as const, ref: `refs/tags/${tag}`})),
  fc.constant({event: {kind: 'schedule'} as const, ref: 'refs/heads/main'}),
  fc.constantFrom('main', 'develop').map((branch) => ({event: {kind: 'merge-group', branch} as const, ref: ''})),
)

function sometimes<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof({weight: 4, arbitrary: fc.constant(undefined)}, arbitrary)
}

const images = fc.record({
  event: events,
  commit: fc.constantFrom(...commits),
  run: fc.nat({max: 9_000}),
  /** Whether it states where it comes from. */
  isStated: fc.boolean(),
  hours: fc.nat({max: 40 * 24}),
  /** Tags of the event that it does not have, by their position. */
  lost: fc.array(fc.nat({max: 4}), {maxLength: 4}),
  isUntagged: sometimes(fc.constant(true)),
  kept: sometimes(fc.constantFrom(...stayingTags)),
  children: fc.array(fc.nat({max: 20}), {maxLength: 2}),
  subject: sometimes(fc.nat({max: 20})),
  isOrphan: sometimes(fc.constant(true)),
})

type DrawnImage = typeof images extends fc.Arbitrary<infer T> ? T : never

/** Repository of a step. */
export interface LifecycleScene {
  readonly content: RepositoryContent
  /** Time at which the policies are applied. */
  readonly time: Date
}

/**
 * Generates repositories whose images have tags of one event each, with indexes, referrers and images without a tag. What an
 * image refers to was pushed before it.
 */
export function lifecycleScenes({at}: LifecycleStep): fc.Arbitrary<LifecycleScene> {
  return fc
    .record({drawn: fc.array(images, {minLength: 1, maxLength: 10}), days: fc.nat({max: 30})})
    .map(({drawn, days}) => {
      const sorted = drawn.toSorted((a, b) => b.hours - a.hours)
      const placed = sorted.map((image, index): PlacedImage => {
        const pushed = new Date(now.getTime() - image.hours * 3_600_000)
        const subject = index === 0 || image.subject === undefined ? undefined : image.subject % index
        return {...image, pushed, subject, name: `m${index}`}
      })
      const tagged = placed.filter(({subject, isUntagged}) => subject === undefined && isUntagged !== true)
      return {
        content: testContent({
          manifests: Object.fromEntries(
            placed.map((image, index) => [image.name, manifestOf(image, placed.slice(0, index))]),
          ),
          tags: Object.fromEntries(tagged.flatMap((image) => tagsOf(image, at).map((tag) => [tag, image.name]))),
          pushedAt: Object.fromEntries(placed.map(({name, pushed}) => [name, pushed])),
        }),
        time: new Date(now.getTime() + days * 86_400_000),
      }
    })
}

interface PlacedImage extends DrawnImage {
  readonly name: string
  readonly pushed: Date
  readonly subject: number | undefined
}

function manifestOf(
  {event: {ref}, commit, isStated, pushed, subject, isOrphan, children}: PlacedImage,
  earlier: readonly PlacedImage[],
): TestManifest {
  const parts = earlier.filter((one) => one.subject === undefined)
  const facts = isStated ? {ref, revision: commit, created: pushed.toISOString(), build: 'push=true'} : {}
  if (subject !== undefined) return {subject: isOrphan === true ? 'absent' : `m${subject}`, facts}
  return {children: [...new Set(children.flatMap((position) => parts[position % parts.length]?.name ?? []))], facts}
}

function tagsOf(
  {event: {event}, commit, pushed, run, lost, kept}: PlacedImage,
  at: LifecycleStep['at'],
): readonly string[] {
  const names = at(pushed, run)({...event, sha: commit, ...(event.kind === 'schedule' && {at: pushed})})
  const given = names.map(({tag}) => tag).filter((_, position) => !lost.includes(position))
  return kept === undefined ? given : [...given, kept]
}
