import type {PlannedEvent, PlannedName, TagPlanner} from '../../plan/tag-planner.ts'
import {eventSamples, sampledForm, versionTexts, type EventSample, type Pair} from '../classes/samples.ts'
import type {KnownText, TagForm} from '../classes/template.ts'

/** Two planners of a step, for runs that differ in everything, such as their times, numbers and commits. */
export type RunPlanners = Pair<TagPlanner>

/** Tags of one kind of event. */
export interface EventForms {
  readonly forms: readonly KnownForm[]
  /** Tags whose form is unknown, such as those with the time or the number of the run. */
  readonly others: readonly OtherTag[]
}

interface KnownForm extends Pick<PlannedName, 'tag'> {
  readonly form: TagForm
}

interface OtherTag extends Pick<PlannedName, 'rule'> {
  /** Text with which such tags begin; may be empty. */
  readonly start: string
}

/** Computes the tags of each kind of event, by planning it for two runs. */
export function eventForms(
  planners: RunPlanners,
  step: {readonly component: string | undefined; readonly defaultBranch: string},
): readonly EventForms[] {
  return eventSamples(step).map((sample) => {
    const [first, second] = [namesOf(planners[0], sample, 0), namesOf(planners[1], sample, 1)]
    const [known, again] = [formsIn(first), formsIn(second)]
    return {
      forms: first.flatMap(({tag, form}) => (form !== undefined && again.has(form.form) ? [{tag, form}] : [])),
      others: pairOthers(
        first.filter(({form}) => form === undefined || !again.has(form.form)),
        second.filter(({form}) => form === undefined || !known.has(form.form)),
      ),
    }
  })
}

interface SampledName extends Pick<PlannedName, 'tag' | 'rule'> {
  readonly form: TagForm | undefined
}

function namesOf(planner: TagPlanner, {events, textsOf}: EventSample, index: 0 | 1): readonly SampledName[] {
  const event = events[index]
  return planner(event).map((name) => {
    const versions = versionTexts(name)
    const texts = versions.length > 0 ? versions : [...(textsOf?.(name, index) ?? []), ...gitTagTexts(event)]
    return {tag: name.tag, rule: name.rule, form: sampledForm(name, index, texts)}
  })
}

/** Name of a Git tag, also without that of its component. */
function gitTagTexts(event: PlannedEvent): readonly KnownText[] {
  if (event.kind !== 'tag') return []
  return [event.tag, event.tag.replace(/^.*[/@]/, '')].map((text) => ({kind: 'ref', text}))
}

function formsIn(names: readonly SampledName[]): ReadonlySet<string> {
  return new Set(names.flatMap(({form}) => form?.form ?? []))
}

/** Tags of both runs. Those at one position are of one rule, if both runs have as many. */
function pairOthers(first: readonly SampledName[], second: readonly SampledName[]): readonly OtherTag[] {
  if (first.length !== second.length) return [...first, ...second].map(({rule}) => ({rule, start: ''}))
  return first.map(({tag, rule}, index) => ({rule, start: commonStart(tag, second[index]?.tag ?? '')}))
}

function commonStart(a: string, b: string): string {
  let length = 0
  while (length < a.length && a[length] === b[length]) length += 1
  return a.slice(0, length)
}
