import {isMap, visit, type Scalar} from 'yaml'
import type {WrittenMap} from '../workflow-file/workflow.ts'
import type {YamlTree} from '../workflow-file/yaml-tree.ts'
import type {JobModel, JobStep} from './job-model.ts'
import type {JobPlan, Rewrite} from './plan-job.ts'
import type {Edits} from './text/edits.ts'
import {entryLines, newEntry, quoted, type EntryText} from './text/entry-text.ts'
import {scriptEntries} from './step-text.ts'
import {indentOf, isBlank, isComment, type Lines} from './text/lines.ts'

interface Target {
  readonly tree: YamlTree
  readonly lines: Lines
  readonly edits: Edits
  /** Node of the job, or of the whole file. */
  readonly node: unknown
}

/** Writes the changes of a job. */
export function writeJob(model: JobModel, plan: JobPlan, {tree, lines, edits, node}: Target): void {
  const removed = new Set(plan.removed.map(({index}) => index))
  const written = new Set(plan.rewrites.map(({step}) => step.index))
  for (const rewrite of plan.rewrites)
    edits.replaceLines(lines, rewrite.step.source.block.body, stepLines(rewrite, plan))
  removeSteps(model, removed, {lines, edits})
  renameInScalars(model, plan, {tree, edits, node, skipped: new Set([...removed, ...written])})
}

/** Lines of a step of Tagboat. */
function stepLines({step, uses, id, inputs, exportsVariables}: Rewrite, plan: JobPlan): readonly string[] {
  const {source} = step
  const entries = withEntries(step, {uses, id, env: variablesOf(step, plan, exportsVariables)})
  const {unit, inputColumn = source.column + unit} = source
  const lines = entries.flatMap((entry, at) => {
    const own =
      entry.name === 'with'
        ? [`${' '.repeat(source.column)}with:`, ...inputs.flatMap((input) => entryLines(input, inputColumn, unit))]
        : entryLines(entry, source.column, unit)
    if (entry.name === 'with' && inputs.length === 0) return []
    const withLead =
      entry.name === 'with'
        ? [...entryLines({...entry, after: '', rest: [], name: ''}, source.column).slice(0, -1), ...own]
        : own
    return at === 0 ? firstLines(withLead, source) : withLead
  })
  return lines.map((line) => plan.references.rename(line, step.index))
}

function firstLines(lines: readonly string[], {prefix, column}: JobStep['source']): readonly string[] {
  const [first = '', ...rest] = lines.slice(lines.findIndex((line) => !isBlank(line)))
  return [...prefix.slice(0, -1), `${prefix.at(-1) ?? ''}${first.slice(column)}`, ...rest]
}

/** Entries of the step with the action, an ID, variables and a place for the inputs. */
function withEntries(
  {source: {entries: source = []}, step}: JobStep,
  {uses, id, env}: {readonly uses: string; readonly id: string | undefined; readonly env: readonly string[]},
): readonly EntryText[] {
  const isScript = source.some(({name}) => name === 'run')
  const entries = source.filter(({name}) => !isScript || !scriptEntries.includes(name))
  const replaced = entries.map((entry) => {
    if (entry.name === 'uses' || entry.name === 'run') return {...entry, name: 'uses', after: `: ${uses}`, rest: []}
    return entry.name === 'env' && env.length > 0 ? withVariables(entry, step.env, env) : entry
  })
  const at = replaced.findIndex(({name}) => name === 'uses')
  const idEntry = id === undefined ? [] : [newEntry('id', id)]
  const [before, after] = at === 0 ? [[], idEntry] : [idEntry, []]
  const hasWith = replaced.some(({name}) => name === 'with')
  const hasEnv = replaced.some(({name}) => name === 'env')
  return [
    ...replaced.slice(0, at),
    ...before,
    ...replaced.slice(at, at + 1),
    ...after,
    ...replaced.slice(at + 1),
    ...(hasWith ? [] : [newEntry('with', '')]),
    ...(hasEnv || env.length === 0 ? [] : [newMap('env', env)]),
  ]
}

/** Entry `env` with more variables, which are indented like those it has. */
function withVariables(entry: EntryText, variables: WrittenMap, more: readonly string[]): EntryText {
  const first = entry.rest.find((line) => !isBlank(line) && !isComment(line))
  const isBlock = first !== undefined && /^:\s*(?:#.*)?$/.test(entry.after)
  if (isBlock) return {...entry, rest: [...entry.rest, ...more.map((line) => `${' '.repeat(indentOf(first))}${line}`)]}
  const own = [...variables].map(([name, {text}]) => `${name}: ${quoted(text)}`)
  return {...newMap('env', [...own, ...more]), lead: entry.lead}
}

function newMap(name: string, lines: readonly string[]): EntryText {
  return {...newEntry(name, ''), after: ':', rest: lines.map((line) => `  ${line}`)}
}

/** Variables of the metadata step, and the one that exports the outputs. */
function variablesOf(step: JobStep, plan: JobPlan, exportsVariables: boolean): readonly string[] {
  const meta = plan.builds.find(({build}) => build === step)?.meta
  const env = [...(meta?.step.env ?? [])].filter(([name]) => !step.step.env.has(name))
  return [
    ...env.map(([name, {text}]) => `${name}: ${quoted(text)}`),
    ...(exportsVariables ? ['DOCKER_METADATA_SET_OUTPUT_ENV: true'] : []),
  ]
}

/** Removes steps with the comments directly before them. A comment with a blank line behind it is a heading, and stays. */
function removeSteps(
  {steps}: JobModel,
  removed: ReadonlySet<number>,
  {lines, edits}: {readonly lines: Lines; readonly edits: Edits},
): void {
  for (const {index, source} of steps) {
    const {lead, body} = source.block
    if (!removed.has(index)) continue
    const heading = headingOf(lines.slice(lead))
    const next = steps.find((one) => one.index > index && !removed.has(one.index))
    const isFirst = index > 0 && !removed.has(index - 1)
    const keepsBlank =
      isFirst && heading.length === 0 && next !== undefined && !isBlank(lines.line(next.source.block.lead.from))
    const blank = keepsBlank && isBlank(lines.line(lead.from)) ? [''] : []
    edits.replaceLines(lines, {from: lead.from, to: body.to}, [...blank, ...heading])
  }
  const first = steps.find(({index}) => !removed.has(index))
  if (first === undefined || first.index === 0) return
  const {lead} = first.source.block
  const kept = steps.slice(0, first.index).flatMap(({source}) => headingOf(lines.slice(source.block.lead)))
  const text = lines.slice(lead)
  const blanks = text.findIndex((line) => !isBlank(line))
  const to = lead.from + (blanks === -1 ? text.length : blanks)
  if (kept.length === 0 && to > lead.from) edits.replaceLines(lines, {from: lead.from, to}, [])
}

/** Comments before a step that a blank line separates from it. */
function headingOf(lead: readonly string[]): readonly string[] {
  const last = lead.findLastIndex((line, at) => isBlank(line) && lead.slice(0, at).some(isComment))
  return last === -1 ? [] : lead.slice(0, last)
}

/** Renames IDs in the scalars of the job that stay. */
function renameInScalars(
  model: JobModel,
  {references}: JobPlan,
  {
    tree,
    edits,
    node,
    skipped,
  }: {
    readonly tree: YamlTree
    readonly edits: Edits
    readonly node: unknown
    readonly skipped: ReadonlySet<number>
  },
): void {
  if (!isMap(node) && !isNodeList(node)) return
  visit(node, {
    Scalar: (_, scalar) => {
      const [start, end] = scalar.range ?? [0, 0]
      const index = stepIndexOf(model, scalar)
      if (index !== undefined && skipped.has(index)) return
      const text = tree.text.slice(start, end)
      const renamed = references.rename(text, index ?? Infinity)
      if (renamed !== text) edits.replace(start, end, renamed)
    },
  })
}

function isNodeList(node: unknown): node is Parameters<typeof visit>[0] {
  return typeof node === 'object' && node !== null && 'items' in node
}

/** Index of the step that a scalar belongs to. */
function stepIndexOf({steps}: JobModel, scalar: Scalar): number | undefined {
  const start = scalar.range?.[0] ?? 0
  return steps.find(({step}) => step.place.start <= start && start < step.place.end)?.index
}
