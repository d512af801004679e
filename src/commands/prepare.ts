import {readContext} from '../context/event.ts'
import type {GitContext} from '../context/git-context.ts'
import {missingRepositoryFacts, parseRepositoryFacts, withRepositoryFacts} from '../context/repository-info.ts'
import {parsePayload} from '../context/payload.ts'
import type {Inputs} from '../inputs/inputs.ts'
import {formatNotice, Problems} from '../inputs/problem.ts'
import {readInputs} from '../inputs/read.ts'
import {makePlan, rulesFor, templatesOf} from '../plan/make-plan.ts'
import type {Plan} from '../plan/plan.ts'
import {decidePush} from '../plan/push-decision.ts'
import {parseRules} from '../tags/parse-rule.ts'
import {needsFullEngine, plainEngine, type TemplateEngine} from '../tags/template.ts'
import {readShortShaLength} from '../tags/values.ts'
import type {Edges} from './edges.ts'

export interface Prepared {
  readonly inputs: Inputs
  readonly context: GitContext
  readonly plan: Plan
  /** What the user should know of their inputs, though nothing is wrong with them. */
  readonly notices: readonly string[]
}

/** Reads inputs and event and makes the plan: nothing is changed, and no process is started. */
export async function prepare(edges: Edges): Promise<Prepared> {
  const problems = new Problems()
  const inputs = await readInputs(edges.inputs, problems)
  maskSecrets(inputs, edges)
  // Rules of the user need no event to be checked: what is wrong with them is told along with the other inputs.
  parseRules(inputs.image.tags, 'tags', problems)
  problems.throwIfAny()
  const context = await completeContext(edges, inputs)
  const push = decidePush({...inputs.publish, call: inputs.build.call, logins: inputs.credentials.logins, context})
  const rules = rulesFor(inputs.image, context, problems)
  const engine = await engineFor(templatesOf(inputs.image))
  const shortShaLength = readShortShaLength(edges.environment, problems)
  const plan = makePlan({inputs, rules, context, push, engine, now: edges.now(), shortShaLength}, problems)
  return {inputs, context, plan, notices: problems.notices.map(formatNotice)}
}

function maskSecrets({build, credentials}: Inputs, {workflow}: Edges): void {
  const passwords = credentials.logins.map(({password}) => password)
  for (const secret of [...passwords, ...build.secrets.map(({value}) => value), credentials.githubToken]) {
    if (secret !== undefined && !secret.isEmpty) workflow.mask(secret.reveal())
  }
}

/** The event says nearly always all that is needed; only where it does not, GitHub's API is asked. */
async function completeContext(edges: Edges, {credentials}: Inputs): Promise<GitContext> {
  const context = readContext(edges.environment, await readPayload(edges))
  const token = credentials.githubToken
  if (missingRepositoryFacts(context).length === 0 || token === undefined || token.isEmpty) return context
  try {
    const {owner, name} = context.repository
    const answer = await edges.gitHub(token, context.server.apiUrl).repository(owner, name)
    return withRepositoryFacts(context, parseRepositoryFacts(answer))
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    edges.workflow.warning(
      `The GitHub API did not say what the event leaves out (${reason}): the default branch, description and licence of the repository are unknown in this run.`,
    )
    return context
  }
}

async function readPayload({environment, files}: Edges): Promise<unknown> {
  const path = environment['GITHUB_EVENT_PATH']
  return parsePayload(path === undefined || path === '' ? undefined : await files.read(path))
}

/** The full engine is loaded only when an expression needs it. */
async function engineFor(templates: readonly string[]): Promise<TemplateEngine> {
  if (!templates.some(needsFullEngine)) return plainEngine
  const {handlebarsEngine} = await import('../tags/handlebars.ts')
  return handlebarsEngine
}
