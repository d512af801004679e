import {count} from '../ui/count.ts'
import type {ShownPlan} from '../worker/messages.ts'

/** Sentence with the result of a plan. */
export function verdictTitle({action, pushes, isDryRun, pushFails, tags, repositories}: ShownPlan): string {
  if (pushFails !== undefined) return 'The push fails'
  if (isDryRun) return 'Dry run: publishes nothing'
  if (!pushes) {
    const builds = tags.length > 0 && action !== 'promote'
    return builds ? 'Builds the image and pushes nothing' : nothing[action]
  }
  const [first = ''] = repositories
  const place = repositories.length === 1 ? first : count(repositories.length, 'repository', 'repositories')
  const names = count(new Set(tags.map(({tag}) => tag)).size, 'tag')
  const titles = {
    publish: `Publishes ${names} to ${place}`,
    stage: `Pushes the image to ${place}, without a tag`,
    promote: `Points ${names} in ${place} to the image`,
  }
  return titles[action]
}

const nothing = {publish: 'Publishes nothing', stage: 'Stages nothing', promote: 'Promotes nothing'} as const
