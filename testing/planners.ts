import {Problems} from '../src/inputs/problem.ts'
import {tagPlanner, type TagPlanner} from '../src/plan/tag-planner.ts'
import {readStep} from '../src/prepare/read-step.ts'
import {fakeIo} from './fake-io.ts'
import {pushOf} from './plans.ts'

/** Planner of a step with these inputs, in a repository with the default branch `main`. */
export async function plannerOf(inputs: Readonly<Record<string, string | undefined>> = {}): Promise<TagPlanner> {
  const given = Object.entries({images: 'ghcr.io/acme/app', ...inputs}).filter(isGiven)
  const io = fakeIo({inputs: new Map(given)})
  const {inputs: read, ...step} = await readStep(io, 'publish', new Problems())
  const context = pushOf('refs/heads/main', {commitDate: '2025-12-31T23:59:59Z'})
  return tagPlanner({...step, image: read.image, now: io.now(), regex: io.regex}, context)
}

function isGiven(entry: readonly [string, string | undefined]): entry is [string, string] {
  return entry[1] !== undefined
}
