import type {EventAnswer, Need, PlanAnswer} from '../worker/messages.ts'
import {count} from '../ui/count.ts'
import {unknownTitle} from './needs.ts'
import {verdictTitle} from './verdict-title.ts'

/** Sentence for screen readers about a new result. */
export function spokenResult({findings, events}: PlanAnswer, title: string): string {
  const errors = findings.filter(({level}) => level === 'error')
  if (events.length === 0) return `${count(errors.length, 'error')}: ${errors[0]?.message ?? ''}`
  const [first] = events
  if (first === undefined || events.length > 1) return `${title}: the table of ${events.length} events has changed.`
  return `${title}: ${spokenEvent(first)}`
}

function spokenEvent({notTriggered, steps}: EventAnswer): string {
  if (notTriggered !== undefined) return 'the workflow does not run.'
  if (steps.length === 0) return 'there is no step of Tagboat.'
  return steps.map(spokenStep).join(' ')
}

function spokenStep({outcome}: EventAnswer['steps'][number]): string {
  switch (outcome.kind) {
    case 'planned': {
      const {action, tags} = outcome.plan
      const names = action === 'stage' ? [] : [...new Set(tags.map(({tag}) => tag))]
      return `${verdictTitle(outcome.plan)}. ${names.length === 0 ? '' : `Tags: ${names.join(', ')}.`}`
    }
    case 'skipped':
      return 'The step is skipped.'
    case 'unknown':
      return spokenNeeds(outcome.needs)
    case 'failed':
      return `The run fails: ${outcome.failure.message}`
  }
}

function spokenNeeds(needs: readonly Need[]): string {
  const names = new Set(needs.flatMap((need) => need.names.map(({name}) => name)))
  return `${unknownTitle(needs)}${names.size === 0 ? '' : `: ${[...names].join(', ')}`}.`
}
