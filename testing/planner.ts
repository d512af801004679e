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
export async function testPlanner(inputs: Readonly<Record<string, string>> = {}): Promise<TagPlanner> {
  const io = fakeIo({inputs: new Map(Object.entries({images: 'registry.example/acme/app', ...inputs}))})
  const problems = new Problems()
  const {inputs: read, ...step} = await readStep(io, 'publish', problems)
  problems.throwIfAny()
  const context = pushOf('refs/heads/main')
  return memoized(tagPlanner({...step, image: read.image, now: io.now(), regex: io.regex}, context))
}
