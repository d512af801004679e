import type {GitContext} from '../../context/git-context.ts'
import {tagPlanner, type PlannerStep, type TagPlanner} from '../../plan/tag-planner.ts'
import {sampleCommits, sampleTimes} from '../../retention/classes/samples.ts'
import type {RunPlanners} from '../../retention/lifecycle/event-forms.ts'

/** Planners of a step for two runs of this workflow that have nothing in common but its repository. */
export function runPlanners(step: PlannerStep, context: GitContext): RunPlanners {
  const ofRun = (index: 0 | 1, number: string): TagPlanner => {
    const now = sampleTimes[index]
    const run = {...context.run, id: number, number, attempt: '1'}
    return tagPlanner({...step, now}, {...context, run, sha: sampleCommits[index], commitDate: now.toISOString()})
  }
  return [ofRun(0, '61349'), ofRun(1, '82757')]
}
