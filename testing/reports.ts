import {readContext} from '../src/context/event.ts'
import type {GitContext} from '../src/context/git-context.ts'
import {Problems} from '../src/inputs/problem.ts'
import {readInputs} from '../src/inputs/read.ts'
import type {Inputs} from '../src/inputs/inputs.ts'
import type {PublishingAction} from '../src/inputs/spec/action-names.ts'
import {templatesOf} from '../src/plan/image-texts.ts'
import {makePlan, nothingToTag, rulesFor} from '../src/plan/make-plan.ts'
import type {Plan} from '../src/plan/plan.ts'
import {decidePush} from '../src/plan/push-decision.ts'
import {checkTemplates} from '../src/tags/templates/check-templates.ts'
import {handlebarsEngine} from '../src/tags/templates/handlebars.ts'
import {readCalver} from '../src/tags/rules/calver-rule.ts'
import {parseRules} from '../src/tags/rules/rule-reader.ts'
import {needsFullEngine, plainEngine} from '../src/tags/templates/template.ts'
import {boundedRegex} from '../src/io/bounded-regex.ts'
import type {Prepared} from '../src/prepare/prepare.ts'
import {loadEvent} from './events.ts'
import {tagVersion} from './plans.ts'

export interface PlannedRun {
  readonly action: PublishingAction
  readonly plan: Plan
  readonly inputs: Inputs
  readonly context: GitContext
  readonly sourceDateEpoch: undefined
  readonly prefersPullHead: false
  readonly around: readonly string[]
  readonly step: Prepared['step']
}

/** Plans a step with these inputs for an event (a fixture or a context), as a run does. */
export async function planOf(
  event: string | GitContext,
  inputValues: Readonly<Record<string, string>> = {},
  changes: Partial<GitContext> = {},
  action: PublishingAction = 'publish',
): Promise<PlannedRun> {
  const problems = new Problems()
  const inputs = await readInputs(new Map(Object.entries(inputValues)), problems, action)
  const written = parseRules(inputs.image.tags, {origin: 'tags', readCalver}, problems)
  const engine = templatesOf(inputs).some(needsFullEngine) ? handlebarsEngine : plainEngine
  checkTemplates(inputs, engine, problems)
  problems.throwIfAny()
  const context = {...(typeof event === 'string' ? contextOf(event) : event), ...changes}
  const {logins} = inputs.credentials
  const push = decidePush({push: inputs.publish.push, call: inputs.build.call, logins, hasJobToken: true, context})
  const rules = rulesFor(inputs, written, context, problems)
  const now = new Date('2026-01-02T03:04:05Z')
  const version = tagVersion(context, inputs.image.component)
  const sources = {engine, now, shortShaLength: 7, version, tagged: version, files: new Map(), regex: boundedRegex()}
  const plan = makePlan({inputs, rules, context, push, ...sources}, problems)
  const failure = nothingToTag(plan, inputs.publish.push, context)
  if (failure !== undefined) throw failure
  const step = {writtenRules: written, engine, shortShaLength: sources.shortShaLength}
  return {plan, inputs, context, sourceDateEpoch: undefined, prefersPullHead: false, around: [], action, step}
}

export function contextOf(event: string): GitContext {
  const {environment, payload} = loadEvent(event)
  return readContext(environment, payload)
}
