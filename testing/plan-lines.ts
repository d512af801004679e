import {readContext} from '../src/context/event.ts'
import {parseVersionFile, readVersionFile} from '../src/context/version-files/version-file.ts'
import {Problems} from '../src/inputs/problem.ts'
import {readInputs} from '../src/inputs/read.ts'
import type {BoundedRegex} from '../src/io/bounded-regex.ts'
import {explainPlan} from '../src/plan/explain.ts'
import {templatesOf} from '../src/plan/image-texts.ts'
import {makePlan, rulesFor} from '../src/plan/make-plan.ts'
import {decidePush} from '../src/plan/push-decision.ts'
import {taggedVersion, versionOfRun} from '../src/plan/version.ts'
import {checkTemplates} from '../src/tags/templates/check-templates.ts'
import {handlebarsEngine} from '../src/tags/templates/handlebars.ts'
import {needsFullEngine, plainEngine} from '../src/tags/templates/template.ts'
import {readCalver} from '../src/tags/rules/calver-rule.ts'
import {parseRules} from '../src/tags/rules/rule-reader.ts'
import {versionReader} from '../src/tags/versions/component.ts'

export interface PlanSource {
  readonly inputs: Readonly<Record<string, string>>
  readonly environment: Readonly<Record<string, string>>
  readonly payload: unknown
  /** Texts of the files of the checkout, by path. */
  readonly files: Readonly<Record<string, string>>
  readonly now: Date
  readonly regex: BoundedRegex
}

/** Explains the plan of a run as the log does, without side effects, so that it runs in a browser. */
export async function planLines(source: PlanSource): Promise<readonly string[]> {
  const problems = new Problems()
  const inputs = await readInputs(new Map(Object.entries(source.inputs)), problems)
  const written = parseRules(inputs.image.tags, {origin: 'tags', readCalver}, problems)
  const engine = templatesOf(inputs).some(needsFullEngine) ? handlebarsEngine : plainEngine
  checkTemplates(inputs, engine, problems)
  problems.throwIfAny()
  const context = readContext(source.environment, source.payload)
  const rules = rulesFor(inputs, written, context, problems)
  const {version} = inputs.image
  const read = async (path: string): Promise<string | undefined> => Promise.resolve(source.files[path])
  const file =
    version.kind === 'file' ? await readVersionFile(parseVersionFile(version.path), read, source.regex) : undefined
  const versionOfTag = versionReader(inputs.image.component)
  const push = decidePush({
    push: inputs.publish.push,
    call: inputs.build.call,
    logins: inputs.credentials.logins,
    hasJobToken: true,
    context,
  })
  const plan = makePlan(
    {
      inputs,
      rules,
      context,
      push,
      engine,
      now: source.now,
      shortShaLength: 7,
      version: versionOfRun(version, context, file?.ok === true ? file : undefined, versionOfTag),
      tagged: taggedVersion(context, versionOfTag),
      files: new Map(),
      regex: source.regex,
    },
    problems,
  )
  return formatExplained(explainPlan(plan, context, {inputs, action: 'publish'}))
}

/** All parts of an explained plan as lines. */
export function formatExplained({title, tags, sections, labels}: ReturnType<typeof explainPlan>): readonly string[] {
  const part = (name: string, lines: readonly string[]): readonly string[] =>
    lines.length === 0 ? [] : [`  ${name}`, ...lines.map((line) => `    ${line}`)]
  return [title, ...part('tags', tags), ...sections, ...part('labels', labels)]
}
