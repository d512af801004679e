import {InputReader} from '../src/inputs/input-reader.ts'
import {Problems} from '../src/inputs/problem.ts'
import type {PruneInputs} from '../src/inputs/prune/policy.ts'
import {pruneSpec} from '../src/inputs/spec/all-inputs.ts'
import {readPruneInputs} from '../src/inputs/prune/prune-inputs.ts'
import {boundedRegex} from '../src/io/bounded-regex.ts'
import type {RepositoryContent} from '../src/retention/repository-content.ts'
import {decideRetention, type Retention, type RetentionRequest} from '../src/retention/decide/decide.ts'
import {testPlanner} from './planner.ts'

/** Time of all decisions in tests. */
export const now = new Date('2026-11-30T12:00:00Z')

/** Time a number of days before `now`. */
export function daysAgo(days: number): Date {
  return new Date(now.getTime() - days * 86_400_000)
}

/** Parses the inputs of retention. */
export function pruneInputs(given: Readonly<Record<string, string>>): PruneInputs {
  const problems = new Problems()
  const inputs = readPruneInputs(new InputReader(new Map(Object.entries(given)), problems, pruneSpec))
  problems.throwIfAny()
  return inputs
}

const regex = boundedRegex()
const planner = testPlanner()

/** Decides about a repository with the default rules, and no branch but `main`. */
export async function decideOn(
  content: RepositoryContent,
  inputs: Readonly<Record<string, string>> = {},
  changes: Partial<RetentionRequest> = {},
): Promise<Retention> {
  return decideRetention({
    content,
    inputs: pruneInputs(inputs),
    planner: await planner,
    component: undefined,
    refs: {defaultBranch: 'main', branches: new Set(['main']), openPulls: new Set()},
    source: 'https://github.com/acme/app',
    deployed: new Set(),
    regex,
    now,
    ...changes,
  })
}
