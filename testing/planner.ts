import type {GitContext} from '../src/context/git-context.ts'
import {Problems} from '../src/inputs/problem.ts'
import {tagPlanner, type TagPlanner} from '../src/plan/tag-planner.ts'
import {readStep} from '../src/prepare/read-step.ts'
import {fakeIo} from './fake-io.ts'
import {pushOf} from './plans.ts'

/** Computes each event once. */
function memoized(planner: TagPlanner): TagPlanner {
  const known = new Map<string, ReturnType<TagPlanner>>()
  return (event) => {
    const key = JSON.stringify(event)
    const names = known.get(key) ?? planner(event)
    known.set(key, names)
    return names
  }
}

/** Planner of the tags of a step with these inputs, in a repository with the default branch `main`. */
export async function testPlanner(
  inputs: Readonly<Record<string, string | undefined>> = {},
  changes: Partial<GitContext> = {},
): Promise<TagPlanner> {
  const given = Object.entries<string | undefined>({images: 'registry.example/acme/app', ...inputs})
  const io = fakeIo({inputs: new Map(given.filter((entry): entry is [string, string] => entry[1] !== undefined))})
  const problems = new Problems()
  const {inputs: read, ...step} = await readStep(io, 'publish', problems)
  problems.throwIfAny()
  const context = pushOf('refs/heads/main', changes)
  return memoized(tagPlanner({...step, image: read.image, now: io.now(), regex: io.regex}, context))
}
