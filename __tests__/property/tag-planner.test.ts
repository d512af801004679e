import {expect, test} from '@jest/globals'
import type {GitContext} from '../../src/context/git-context.ts'
import {TagboatError} from '../../src/errors/error.ts'
import {Problems} from '../../src/inputs/problem.ts'
import {tagPlanner, type PlannedEvent} from '../../src/plan/tag-planner.ts'
import {prepare} from '../../src/prepare/prepare.ts'
import {readStep} from '../../src/prepare/read-step.ts'
import {eventNames, loadEvent} from '../../testing/events.ts'
import {fakeIo, type FakeIo} from '../../testing/fake-io.ts'
import {contextOf} from '../../testing/reports.ts'
import fc from '../../testing/properties.ts'
import {times} from '../../testing/rounds.ts'

/** The recorded event as an event to plan. Undefined if the run depends on more than that event has. */
function plannedOf({event, ref, sha, baseRef, pull, release, gone}: GitContext): PlannedEvent | undefined {
  if (release?.prerelease === true || (ref.kind === 'tag' && gone)) return undefined
  const commit = sha === '' ? {} : {sha}
  if (event === 'schedule') return {kind: 'schedule', ...commit}
  if (event === 'merge_group')
    return baseRef === undefined ? undefined : {kind: 'merge-group', branch: baseRef, ...commit}
  switch (ref.kind) {
    case 'branch':
      // The run of a merge knows its pull request.
      return pull === undefined ? {kind: 'branch', branch: ref.name, ...commit} : undefined
    case 'tag':
      return {kind: 'tag', tag: ref.name, ...commit}
    case 'pull':
      return {kind: 'pull', number: Number(ref.name), ...(baseRef !== undefined && {baseRef}), ...commit}
    case 'none':
      return undefined
  }
}

const recorded = eventNames().flatMap((name) => {
  const event = plannedOf(contextOf(name))
  return event === undefined ? [] : [{name, event}]
})

/** Rules that give the same tags for each event with the same ref and commit. */
const rule = fc.constantFrom(
  'type=schedule',
  "type=schedule,pattern=nightly-{{date 'YYYYMMDD' tz='Europe/Berlin'}}",
  'type=semver,pattern={{version}}',
  'type=semver,pattern={{major}}.{{minor}}',
  'type=pep440,pattern={{version}}',
  'type=match,pattern=v(\\d+),group=1',
  'type=calver,pattern=YYYY.0M.0D',
  'type=edge',
  'type=edge,branch=changes,suffix=-next',
  'type=ref,event=tag',
  'type=ref,event=pr',
  'type=ref,event=pr,prefix=review/{{pr}}-',
  'type=raw,value=test',
  'type=raw,value=build-{{run}}',
  'type=raw,value=pr-{{pr}}-{{sha}}',
  'type=raw,value=of-{{tag}}',
  "type=raw,value={{commit_date 'YYYYMMDD'}}-x",
  'type=raw,value=main,enable={{is_default_branch}}',
  'type=sha',
  'type=sha,format=long,prefix=',
  'type=env',
  'latest',
  'ghcr.io/acme/other:whole',
)
/** Rules for the name of a branch, which that of a merge queue does not have in the planner. */
const branchRule = fc.constantFrom(
  'type=ref,event=branch',
  'type=ref,event=branch,suffix=-{{sha}}',
  'type=raw,value={{branch}}-{{short_ref_hash}}',
  'type=raw,value={{#if (eq branch "changes")}}c{{else}}o{{/if}}',
)
const optional = <T>(values: readonly [T, ...T[]]): fc.Arbitrary<T | undefined> =>
  fc.option(fc.constantFrom(...values), {nil: undefined})
const settings = fc.record({
  flavor: optional(['latest=true', 'latest=false', 'prefix=p-', 'suffix=-{{run}},onlatest=true']),
  variant: optional(['alpine']),
  'default-variant': optional(['true', 'false']),
  environment: optional(['staging']),
  'environment-style': optional(['suffix', 'repository']),
  component: optional(['api', 'simple']),
  'unique-branch-tags': optional(['true']),
  'max-tag-length': optional(['20']),
  version: optional(['1.4.0', 'auto']),
})
const step = fc.constantFrom(...recorded).chain(({name, event}) => {
  const rules =
    event.kind === 'merge-group' ? rule : fc.oneof({arbitrary: rule, weight: 3}, {arbitrary: branchRule, weight: 1})
  return fc.record({
    name: fc.constant(name),
    event: fc.constant(event),
    tags: fc.array(rules, {maxLength: 5}),
    settings,
  })
})

function ioOf(name: string, inputs: Readonly<Record<string, string | undefined>>): FakeIo {
  const {environment, payloadPath} = loadEvent(name)
  const given = Object.entries(inputs).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return fakeIo({environment: {...environment, GITHUB_EVENT_PATH: payloadPath}, inputs: new Map(given)})
}

/** Tags of a run for the recorded event, in order. Undefined if the run refuses its inputs. */
async function tagsOfRun(io: FakeIo): Promise<readonly string[] | undefined> {
  try {
    const {plan} = await prepare(io)
    if (plan.skip?.code === 'other-component') return []
    const ofImages = plan.tags.filter(({reference}) => reference.repository.path.startsWith('acme/app'))
    return ofImages.map(({reference}) => reference.tag)
  } catch (error) {
    if (error instanceof TagboatError && error.code === 'input-invalid') return undefined
    throw error
  }
}

test('recorded events have the planned tags', async () => {
  let compared = 0
  await fc.assert(
    fc.asyncProperty(step, async ({name, event, tags, settings: given}) => {
      const io = ioOf(name, {images: 'ghcr.io/acme/app', push: 'false', tags: tags.join('\n'), ...given})
      const expected = await tagsOfRun(io)
      if (expected === undefined) return
      const {inputs, ...read} = await readStep(io, 'publish', new Problems())
      const plan = tagPlanner({...read, image: inputs.image, now: io.now(), regex: io.regex}, contextOf(name))
      expect(plan(event).map(({tag}) => tag)).toEqual(expected)
      compared += expected.length > 0 ? 1 : 0
    }),
    {numRuns: times(600)},
  )
  expect(compared).toBeGreaterThan(times(100))
})
